"""The adapters against a loopback fake that behaves as the services do on a bad day."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from scientist.errors import UsageError
from scientist.literature.arxiv import ArxivSource
from scientist.literature.base import OUT, Finder, Snowball, SourceError
from scientist.literature.crossref import CrossrefSource
from scientist.literature.openalex import OpenAlexSource
from scientist.literature.opensearch import OpenSearchSource
from scientist.literature.patience import Patience, check_reachable, within
from scientist.literature.semantic_scholar import SemanticScholarSource
from scientist.retry_after import seconds_to_wait
from scientist.types import Paper

Make = Callable[..., Any]


def quick(**changes: float) -> Patience:
    return Patience(**{"call_s": 3.0, "request_s": 1.5, "attempts": 3, "first_wait_s": 0.01, **changes})  # type: ignore[arg-type]


def make_arxiv(service: Any, **changes: float) -> ArxivSource:
    return ArxivSource(base_url=f"{service.address}/api/query", patience=quick(**changes))


def make_s2(service: Any, **changes: float) -> SemanticScholarSource:
    return SemanticScholarSource(base_url=service.address, patience=quick(**changes))


def make_openalex(service: Any, **changes: float) -> OpenAlexSource:
    return OpenAlexSource(base_url=f"{service.address}/openalex", patience=quick(**changes))


def make_crossref(service: Any, **changes: float) -> CrossrefSource:
    return CrossrefSource(base_url=f"{service.address}/crossref", patience=quick(**changes))


def make_opensearch(service: Any, **changes: float) -> OpenSearchSource:
    return OpenSearchSource(url=f"{service.address}/search/papers", patience=quick(**changes))


MAKERS = {
    "arxiv": make_arxiv,
    "s2": make_s2,
    "openalex": make_openalex,
    "crossref": make_crossref,
    "opensearch": make_opensearch,
}
EACH = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@EACH
def test_search_gives_records_best_first(service: Any, make: Make) -> None:
    hits = make(service).search('grokking & "weight decay" +100%', 2)
    assert [h.paper.title[-6:] for h in hits] == ["part 0", "part 1"]
    if make is not make_crossref:  # which does not know arXiv ids
        assert [h.paper.arxiv_id for h in hits] == ["2201.02170", "2201.02171"]
    assert hits[0].score > hits[1].score > 0
    assert hits[0].paper.title.lower() == "grokking: generalization beyond overfitting, part 0"
    assert hits[0].paper.authors == ("Alethea Power",)
    assert (hits[0].paper.year, hits[0].paper.doi) == (2022, "10.1000/g.0")
    assert len(service.requests) == 1, "one page is one request"
    assert "%26" not in service.requests[0] and "&+" not in service.requests[0]


@EACH
def test_nothing_found_is_an_answer_and_an_empty_query_asks_nothing(service: Any, make: Make) -> None:
    service.script = ["zero"]
    assert make(service).search("grokking", 5) == []
    assert len(service.requests) == 1
    assert make(service).search("how does the", 5) == []
    assert len(service.requests) == 1


@EACH
def test_a_busy_service_is_asked_again_when_it_says(service: Any, make: Make) -> None:
    service.script = [(429, 1), 503, "ok"]
    assert len(make(service).search("grokking", 2)) == 2
    assert len(service.requests) == 3
    assert service.times[1] - service.times[0] >= 1.0


@EACH
@pytest.mark.parametrize("mode", [429, 500, 502, 503, "html"])
def test_attempts_are_capped(service: Any, make: Make, mode: Any) -> None:
    service.script = [mode]
    with pytest.raises(SourceError):
        make(service).search("grokking", 2)
    assert len(service.requests) == 3


@EACH
@pytest.mark.parametrize("mode", [400, 401, 403])
def test_a_refusal_is_not_asked_again(service: Any, make: Make, mode: int) -> None:
    service.script = [mode]
    with pytest.raises(SourceError, match=str(mode)):
        make(service).search("grokking", 2)
    assert len(service.requests) == 1


@EACH
def test_a_long_wait_is_not_waited_for(service: Any, make: Make) -> None:
    service.script = [(429, 3600), "ok"]
    started = time.monotonic()
    with pytest.raises(SourceError, match="3600"):
        make(service).search("grokking", 2)
    assert time.monotonic() - started < 1.5
    assert len(service.requests) == 1


@EACH
def test_a_hanging_service_costs_no_more_than_its_time(service: Any, make: Make) -> None:
    service.script = ["hang"]
    started = time.monotonic()
    with pytest.raises(SourceError):
        make(service, call_s=0.7, request_s=0.3, attempts=9).search("grokking", 2)
    assert time.monotonic() - started < 1.5


@EACH
def test_a_dead_service_is_an_error(service: Any, make: Make) -> None:
    source = make(service, attempts=1)
    service.shutdown()
    service.server_close()
    with pytest.raises(SourceError):
        source.search("grokking", 2)


def test_half_a_feed_is_not_a_feed(service: Any) -> None:
    service.script = ["truncated", "empty", "ok"]
    assert len(make_arxiv(service).search("grokking", 3)) == 3
    assert len(service.requests) == 3


@pytest.mark.parametrize("mode", ["malformed", "error200"])
def test_half_an_object_is_not_an_answer(service: Any, mode: str) -> None:
    service.script = [mode, "ok"]
    assert len(make_s2(service).search("grokking", 3)) == 3
    assert len(service.requests) == 2


@EACH
def test_one_paper_is_looked_up(service: Any, make: Make) -> None:
    source = make(service)
    assert isinstance(source, Finder)
    if make is not make_arxiv:  # which cannot be asked for a DOI
        found = source.find(doi="10.1000/G.0")
        assert found is not None and found.doi == "10.1000/g.0"
    if make is not make_crossref:  # which does not know arXiv ids
        found = source.find(arxiv_id="2201.02170v3")
        assert found is not None and found.arxiv_id == "2201.02170"
    title = "Grokking: generalization beyond overfitting, Part 1"
    found = source.find(title=title)
    assert found is not None and found.title.endswith("part 1")
    assert source.find(title="Another title of grokking") is None


@EACH
def test_an_unknown_paper_is_none_and_no_error(service: Any, make: Make) -> None:
    service.script = [404] if make is make_s2 else ["zero"]
    assert make(service).find(arxiv_id="1234.56789", doi="10.1/none", title="Nothing") is None


@EACH
def test_records_without_authors_year_and_abstract_are_records(service: Any, make: Make) -> None:
    service.script = ["bare"]
    papers = [h.paper for h in make(service).search("grokking", 3)]
    assert len(papers) == 3
    assert {(p.authors, p.abstract) for p in papers} == {((), "")}
    assert make is make_arxiv or {p.year for p in papers} == {None}


@pytest.mark.parametrize("make", [make_arxiv, make_openalex, make_crossref, make_opensearch])
def test_a_paper_that_was_taken_back_is_marked(service: Any, make: Make) -> None:
    assert not any(h.paper.retracted or h.paper.withdrawn for h in make(service).search("grokking", 3))
    service.script = ["withdrawn"]
    papers = [h.paper for h in make(service).search("grokking", 3)]
    assert papers and all(p.retracted or p.withdrawn for p in papers)


@pytest.mark.parametrize("make", [make_s2, make_openalex])
def test_what_a_paper_cites_and_who_cites_it(service: Any, make: Make) -> None:
    source = make(service)
    assert isinstance(source, Snowball)
    known = Paper(id="library:1", title="Grokking", arxiv_id="2201.02170", source="library")
    for papers in (source.references(known, 2), source.citations(known, 2)):
        assert [p.title[-6:] for p in papers] == ["part 4", "part 5"]
    unknown = Paper(id="library:2", title="A book", source="library")
    asked = len(service.requests)
    assert source.references(unknown, 2) == source.citations(unknown, 2) == []
    assert len(service.requests) == asked, "a paper without an identifier cannot be asked for"


def test_abstracts_of_openalex_are_put_together(service: Any) -> None:
    paper = make_openalex(service).search("grokking", 1)[0].paper
    assert paper.abstract == "We study grokking and grokking"
    assert (paper.venue, paper.pdf_url) == ("NeurIPS", "https://arxiv.org/pdf/2201.02170")


def test_keys_and_addresses_come_from_the_environment(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "S2_API_KEY": "s2-secret", "OPENALEX_API_KEY": "oa-secret", "SCIENTIST_MAILTO": "me@example.org",
        "SCIENTIST_S2_URL": service.address, "SCIENTIST_OPENALEX_URL": f"{service.address}/openalex/",
        "SCIENTIST_CROSSREF_URL": f"{service.address}/crossref", "SCIENTIST_ARXIV_URL": f"{service.address}/api/query",
        "SCIENTIST_OPENSEARCH_URL": service.address.replace("//", "//me:pass%20word@") + "/search/papers",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    for kind in (ArxivSource, SemanticScholarSource, OpenAlexSource, CrossrefSource, OpenSearchSource):
        assert kind().search("grokking", 2), kind
    cited = Paper(id="x", title="Grokking", doi="10.1000/g.0", source="test")
    assert SemanticScholarSource().references(cited, 2)
    sent = dict(zip((r.partition("?")[0] for r in service.requests), service.headers, strict=True))
    assert sent["/graph/v1/paper/search"]["x-api-key"] == "s2-secret"
    assert sent["/graph/v1/paper/DOI:10.1000/g.0/references"]["x-api-key"] == "s2-secret"
    assert "mailto:me@example.org" in sent["/crossref/works"]["User-Agent"]
    assert sent["/search/papers/_search"]["Authorization"] == "Basic bWU6cGFzcyB3b3Jk"
    openalex = next(r for r in service.requests if r.startswith("/openalex"))
    assert "api_key=oa-secret" in openalex and "mailto=me%40example.org" in openalex


def test_opensearch_is_asked_with_boosted_fields_and_by_exact_identifiers(service: Any) -> None:
    source = make_opensearch(service)
    source.search("does weight decay matter", 5)
    source.find(doi=" 10.1000/G.0 ")
    asked, found = service.bodies
    assert asked["query"]["multi_match"]["query"] == "weight decay matter"
    assert "title^3" in asked["query"]["multi_match"]["fields"] and asked["size"] == 5
    assert found["query"] == {"term": {"doi": {"value": "10.1000/g.0"}}}


def test_opensearch_without_an_address_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCIENTIST_OPENSEARCH_URL", raising=False)
    with pytest.raises(UsageError) as error:
        OpenSearchSource()
    assert "SCIENTIST_OPENSEARCH_URL" in error.value.hint


def test_what_cannot_be_reached_is_out_at_once(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service.shutdown()
    service.server_close()
    for address in (service.address, "ftp:nowhere", "http://[broken"):
        with pytest.raises(SourceError) as error:
            check_reachable("it", address, 5.0)
        assert error.value.strikes == OUT, address
    monkeypatch.setenv("http_proxy", service.address)
    with pytest.raises(SourceError, match="refused"):
        check_reachable("it", "http://example.org", 5.0)


def test_requests_keep_their_distance(service: Any) -> None:
    source = make_arxiv(service, apart_s=0.3)
    for _ in range(3):
        source.search("grokking", 1)
    gaps = [b - a for a, b in zip(service.times, service.times[1:], strict=False)]
    assert min(gaps) >= 0.29


def test_retry_after_in_seconds_and_as_a_date() -> None:
    now = datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC)
    assert seconds_to_wait("7") == 7
    assert seconds_to_wait("Thu, 01 Jan 2026 00:00:30 GMT", now) == 30
    assert seconds_to_wait("Wed, 31 Dec 2025 00:00:00 GMT", now) == 0
    assert seconds_to_wait("soon") is None and seconds_to_wait(None) is None


def test_within_hands_on_values_and_errors() -> None:
    assert within(1.0, lambda: 3, "x") == 3
    with pytest.raises(ZeroDivisionError):
        within(1.0, lambda: 1 // 0, "x")
    with pytest.raises(SourceError, match="no answer within"):
        within(0.05, lambda: time.sleep(0.5), "x")


def test_a_connection_that_nobody_takes_is_waited_for_no_longer_than_said() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:  # a full queue: the system drops who else calls
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        with pytest.raises(SourceError, match="cannot be reached") as error:
            check_reachable("it", f"http://127.0.0.1:{deaf.getsockname()[1]}", 0.3)
        for caller in callers:
            caller.close()
    assert error.value.strikes == OUT
