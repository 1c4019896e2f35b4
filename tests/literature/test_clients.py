"""The adapters against a loopback fake that behaves as the services do on a bad day."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from scientist.literature.arxiv import ArxivSource
from scientist.literature.base import Finder, SourceError
from scientist.literature.patience import Patience, seconds_to_wait, within
from scientist.literature.semantic_scholar import SemanticScholarSource

Make = Callable[..., Any]


def quick(**changes: float) -> Patience:
    return Patience(**{"call_s": 3.0, "request_s": 1.5, "attempts": 3, "first_wait_s": 0.01, **changes})  # type: ignore[arg-type]


def make_arxiv(service: Any, **changes: float) -> ArxivSource:
    return ArxivSource(base_url=f"{service.address}/api/query", patience=quick(**changes))


def make_s2(service: Any, **changes: float) -> SemanticScholarSource:
    return SemanticScholarSource(base_url=service.address, patience=quick(**changes))


BOTH = pytest.mark.parametrize("make", [make_arxiv, make_s2], ids=["arxiv", "s2"])


@BOTH
def test_search_gives_records_best_first(service: Any, make: Make) -> None:
    hits = make(service).search('grokking & "weight decay" +100%', 2)
    assert [h.paper.arxiv_id for h in hits] == ["2201.02170", "2201.02171"]
    assert hits[0].score > hits[1].score > 0
    assert hits[0].paper.title.lower() == "grokking: generalization beyond overfitting, part 0"
    assert hits[0].paper.authors == ("Alethea Power",)
    assert (hits[0].paper.year, hits[0].paper.doi) == (2022, "10.1000/g.0")
    assert len(service.requests) == 1, "one page is one request"
    assert "%26" not in service.requests[0] and "&+" not in service.requests[0]


@BOTH
def test_nothing_found_is_an_answer_and_an_empty_query_asks_nothing(service: Any, make: Make) -> None:
    service.script = ["zero"]
    assert make(service).search("grokking", 5) == []
    assert len(service.requests) == 1
    assert make(service).search("how does the", 5) == []
    assert len(service.requests) == 1


@BOTH
def test_a_busy_service_is_asked_again_when_it_says(service: Any, make: Make) -> None:
    service.script = [(429, 1), 503, "ok"]
    assert len(make(service).search("grokking", 2)) == 2
    assert len(service.requests) == 3
    assert service.times[1] - service.times[0] >= 1.0


@BOTH
@pytest.mark.parametrize("mode", [429, 500, 502, 503, "html"])
def test_attempts_are_capped(service: Any, make: Make, mode: Any) -> None:
    service.script = [mode]
    with pytest.raises(SourceError):
        make(service).search("grokking", 2)
    assert len(service.requests) == 3


@BOTH
@pytest.mark.parametrize("mode", [400, 401, 403])
def test_a_refusal_is_not_asked_again(service: Any, make: Make, mode: int) -> None:
    service.script = [mode]
    with pytest.raises(SourceError, match=str(mode)):
        make(service).search("grokking", 2)
    assert len(service.requests) == 1


@BOTH
def test_a_long_wait_is_not_waited_for(service: Any, make: Make) -> None:
    service.script = [(429, 3600), "ok"]
    started = time.monotonic()
    with pytest.raises(SourceError, match="3600"):
        make(service).search("grokking", 2)
    assert time.monotonic() - started < 1.5
    assert len(service.requests) == 1


@BOTH
def test_a_hanging_service_costs_no_more_than_its_time(service: Any, make: Make) -> None:
    service.script = ["hang"]
    started = time.monotonic()
    with pytest.raises(SourceError):
        make(service, call_s=0.7, request_s=0.3, attempts=9).search("grokking", 2)
    assert time.monotonic() - started < 1.5


@BOTH
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


@BOTH
def test_one_paper_is_looked_up(service: Any, make: Make) -> None:
    source = make(service)
    assert isinstance(source, Finder)
    found = source.find(arxiv_id="2201.02170v3")
    assert found is not None and found.arxiv_id == "2201.02170"
    title = "Grokking: generalization beyond overfitting, Part 1"
    found = source.find(title=title)
    assert found is not None and found.arxiv_id == "2201.02171"
    assert source.find(title="Another title of grokking") is None


def test_an_unknown_paper_is_none_and_no_error(service: Any) -> None:
    service.script = [404]
    assert make_s2(service).find(arxiv_id="1234.56789", title="Nothing") is None
    service.script = ["zero"]
    assert make_arxiv(service).find(arxiv_id="1234.56789", title="Nothing") is None


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
