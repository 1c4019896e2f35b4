"""Every fault of every source: a survey is told, is not held up, and loses nothing of the other sources."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from fake_services import FAULTS, Service

from scientist.literature.arxiv import ArxivSource
from scientist.literature.base import Hit, Source
from scientist.literature.crossref import CrossrefSource
from scientist.literature.openalex import OpenAlexSource
from scientist.literature.opensearch import OpenSearchSource
from scientist.literature.patience import Patience
from scientist.literature.semantic_scholar import SemanticScholarSource
from scientist.literature.survey import Survey, survey
from scientist.literature.words import title_rarity
from scientist.types import Paper, RelatedSpec

BUDGET = 1.0
QUERY = "grokking overfitting"
AT_ONCE = 12


def patience() -> Patience:
    """The sources' own limits, which are far beyond the budget; only the pauses between tries are short."""
    return Patience(first_wait_s=0.02)


SOURCES: dict[str, Callable[[str], Source]] = {
    "arxiv": lambda address: ArxivSource(base_url=f"{address}/api/query", patience=patience()),
    "semantic_scholar": lambda address: SemanticScholarSource(base_url=address, patience=patience()),
    "openalex": lambda address: OpenAlexSource(base_url=f"{address}/openalex", patience=patience()),
    "crossref": lambda address: CrossrefSource(base_url=f"{address}/crossref", patience=patience()),
    "opensearch": lambda address: OpenSearchSource(url=f"{address}/search/papers", patience=patience()),
}
CASES = [(name, fault) for name in SOURCES for fault in (*FAULTS, "dead")]


class Steady:
    """A source that always answers."""

    name = "steady"

    def search(self, query: str, limit: int) -> list[Hit]:
        return [Hit(paper=Paper(id="steady:1", title="Grokking without overfitting", source="steady"), score=1.0)]


@pytest.fixture(scope="module")
def surveys() -> Iterator[dict[tuple[str, Any], Future[Survey]]]:
    """A survey for each source and fault, many at the same time."""
    title_rarity()  # what every survey needs, made before their time runs
    patch = pytest.MonkeyPatch()
    patch.setenv("NO_PROXY", "127.0.0.1")
    patch.setenv("no_proxy", "127.0.0.1")
    services: list[Service] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {}
        for name, fault in CASES:
            service = Service()
            services.append(service)
            service.script = [fault]
            if fault == "dead":
                service.server_close()
            else:
                threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            futures[name, fault] = pool.submit(_survey, SOURCES[name](service.address))
        yield futures
    for (_, fault), service in zip(CASES, services, strict=True):
        service.stopped.set()
        if fault != "dead":
            service.shutdown()
            service.server_close()
    patch.undo()


def _survey(source: Source) -> Survey:
    wanted = RelatedSpec(id="wanted", title="A paper that nobody holds", arxiv_id="0000.00000", claim="It {cite}.")
    return survey([QUERY, "grokking"], sources=[Steady(), source], related=(wanted,), budget_s=BUDGET)


@pytest.mark.parametrize(("name", "fault"), CASES, ids=str)
def test_a_fault_is_recorded_bounded_and_ends_nothing(
    surveys: dict[tuple[str, Any], Future[Survey]], name: str, fault: Any
) -> None:
    found = surveys[name, fault].result(timeout=60)
    records = [s for s in found.searches if s.source == name and not s.query.startswith("lookup")]
    assert [s.query for s in records] == [QUERY, "grokking"]
    assert all(s.error and s.hits == 0 for s in records), records
    assert max(s.seconds for s in found.searches) <= BUDGET + 1.0
    assert sum(s.seconds for s in found.searches if s.source == name) <= 4 * BUDGET + 1.0
    assert list(found.silent) == [name]
    assert [r.paper.id for r in found.references] == ["steady:1"], "the other source's answer is kept"
    assert [s.id for s in found.unresolved] == ["wanted"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_cannot_be_reached_is_asked_once(
    surveys: dict[tuple[str, Any], Future[Survey]], name: str
) -> None:
    records = [s for s in surveys[name, "dead"].result(timeout=60).searches if s.source == name]
    assert "cannot be reached" in (records[-1].error or ""), records
    errors = [s.error or "" for s in records]
    assert sum(not e.startswith("not asked any more") for e in errors) == 1, errors
