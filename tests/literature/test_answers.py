"""Answers kept on disk: their date, their age, offline, and a store that is damaged or cannot be written."""

from __future__ import annotations

import logging
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scientist.literature.answers import Answers, Kept, remembered
from scientist.literature.base import OUT, Finder, Hit, Keeper, Snowball, SourceError
from scientist.literature.library import Library
from scientist.literature.openalex import OpenAlexSource
from scientist.literature.survey import survey
from scientist.types import Paper

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Counting:
    """A source that counts what it is asked, and fails when told to."""

    name = "counting"
    address = "http://one"

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    def search(self, query: str, limit: int) -> list[Hit]:
        self.asked += 1
        if self.error:
            raise self.error
        paper = Paper(id="c:1", title="Dropout and overfitting", authors=("Ann Lee",), year=2020, source=self.name)
        return [Hit(paper=paper, score=0.5)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(tmp_path: Path, clock: Clock) -> Answers:
    return Answers(tmp_path / "cache", clock=clock)


def keeper(source: Any, answers: Answers, **options: bool) -> Any:
    return remembered([source], answers=answers, **options)[0]


def test_a_fresh_answer_stands_for_asking_and_says_its_day(answers: Answers, clock: Clock) -> None:
    source = Counting()
    kept = keeper(source, answers)
    assert isinstance(kept, Keeper)
    first, second = kept.dated_search("dropout", 5), kept.dated_search("dropout", 5)
    assert (first.day, second.day) == (None, "2026-03-01")
    assert first.hits == second.hits and source.asked == 1
    kept.search("dropout", 6)
    clock.now += timedelta(days=8)
    assert kept.dated_search("dropout", 5).day is None
    assert source.asked == 3, "another limit is another question, and an old answer is asked for again"
    source.address = "http://two"
    assert kept.dated_search("dropout", 5).day is None, "another address is another service"


def test_offline_any_kept_answer_is_used_and_nothing_is_asked(answers: Answers, clock: Clock, library: Library) -> None:
    source = Counting()
    keeper(source, answers).search("dropout overfitting", 40)
    clock.now += timedelta(days=400)
    sources = remembered([library, source], offline=True, answers=answers)
    result = survey(["dropout overfitting", "pruning", "dropout nets", "early stopping"], sources=sources)
    assert source.asked == 1
    told = {s.query: (s.hits, s.cached, s.error) for s in result.searches if s.source == "counting"}
    assert told["dropout overfitting"] == (1, "2026-03-01", None)
    assert told["pruning"] == (0, None, "counting was not asked: offline, and no answer of it is kept")
    assert told["early stopping"] == told["pruning"], "what is not kept is no failure of the source"
    assert all(s.error is None for s in result.searches if s.source == "library")


def test_when_a_source_fails_its_earlier_answer_stands_in_and_the_record_says_so(
    answers: Answers, clock: Clock
) -> None:
    source = Counting()
    kept = keeper(source, answers)
    kept.search("dropout overfitting", 40)
    clock.now += timedelta(days=30)
    source.error = SourceError("no route", strikes=OUT)
    result = survey(["pruning", "dropout overfitting"], sources=[kept])
    assert [r.paper.id for r in result.references] == ["c:1"]
    assert [(s.hits, s.cached) for s in result.searches] == [(0, None), (1, "2026-03-01")]
    assert (result.searches[1].error or "").endswith("; its answer of 2026-03-01 stands in")
    assert source.asked == 2


def test_a_failure_is_not_kept(answers: Answers) -> None:
    source = Counting()
    source.error = SourceError("busy")
    kept = keeper(source, answers)
    with pytest.raises(SourceError):
        kept.search("dropout", 5)
    source.error = None
    assert len(kept.search("dropout", 5)) == 1


def test_lookups_and_links_are_kept_too(service: Any, answers: Answers) -> None:
    online = keeper(OpenAlexSource(base_url=f"{service.address}/openalex"), answers)
    paper = online.find(arxiv_id="2201.02170")
    assert isinstance(online, Finder) and isinstance(online, Snowball)
    links = online.references(paper, 2), online.citations(paper, 2)
    service.script = ["zero"]
    assert online.find(doi="10.1/none") is None
    asked = len(service.requests)
    offline = keeper(OpenAlexSource(base_url=f"{service.address}/openalex"), answers, offline=True)
    assert offline.find(arxiv_id="2201.02170") == paper
    assert (offline.references(paper, 2), offline.citations(paper, 2)) == links
    assert offline.find(doi="10.1/none") is None, "that there is none is an answer"
    with pytest.raises(SourceError, match="offline"):
        offline.find(doi="10.1/other")
    assert len(service.requests) == asked


def test_a_source_that_only_searches_finds_by_title(answers: Answers) -> None:
    kept = keeper(Counting(), answers)
    assert not isinstance(kept, Snowball)
    assert kept.find(title="Dropout — and Overfitting").id == "c:1"
    assert kept.find(title="Another") is None and kept.find(doi="10.1/x") is None


def test_the_library_is_not_kept(library: Library, answers: Answers) -> None:
    assert remembered([library], offline=True, answers=answers) == (library,)


@pytest.mark.parametrize(
    "damage",
    [b"", b"\xff\xfe\x00", b"[]", b'{"key": ', b"other body"],
    ids=["empty", "bytes", "shape", "half", "body"],
)
def test_a_damaged_answer_is_asked_for_again_with_a_message(
    answers: Answers, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    source = Counting()
    kept = keeper(source, answers)
    kept.search("dropout", 5)
    (file,) = answers.folder.rglob("*.json")
    if damage == b"other body":
        damage = (
            Kept.model_validate_json(file.read_bytes()).model_copy(update={"body": "[3]"}).model_dump_json().encode()
        )
    file.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        assert len(kept.search("dropout", 5)) == 1
    assert "damaged" in caplog.text
    assert kept.dated_search("dropout", 5).day == "2026-03-01"
    assert source.asked == 2


def test_a_folder_that_cannot_be_written_costs_nothing_but_a_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    blocked.chmod(stat.S_IRUSR)
    source = Counting()
    kept = keeper(source, Answers(blocked / "cache"))
    assert len(kept.search("dropout", 5)) == len(kept.search("dropout", 5)) == 1
    assert source.asked == 2
    assert len([r for r in caplog.records if "cannot be kept" in r.message]) == 1, "said once"


def _write_many(folder: Path, name: str) -> None:
    store = Answers(folder)
    for i in range(50):
        store.put(f"{name}-{i}", "[]")


def test_processes_share_the_store(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_write_many, args=(tmp_path, name)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    store = Answers(tmp_path)
    assert all(store.get(f"{name}-{i}") for name in "abc" for i in range(50))
