"""The literature search of a run: every query on every source within a time budget, merged, cut, keyed and ordered."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from scientist.literature.base import Finder, Source
from scientist.literature.bibtex import assign_keys
from scientist.literature.merge import Shelf
from scientist.literature.relevance import relevance
from scientist.literature.words import normal_title, title_rarity
from scientist.types import Frozen, Paper, Reference, RelatedSpec, SearchRecord

log = logging.getLogger(__name__)

PER_QUERY = 40
"""Hits asked of a source for one query; most fall to the cut."""
RELATED_SHARE = 0.4
"""The share of the budget that looking up the template's related papers may take."""
PATIENCE = 2
"""Failures in a row after which a source is asked no more."""


class Survey(Frozen):
    """What a search found. ``unresolved`` are the template's related papers that no source holds under that title."""

    references: tuple[Reference, ...]
    searches: tuple[SearchRecord, ...]
    unresolved: tuple[RelatedSpec, ...] = ()


def survey(
    queries: Sequence[str],
    *,
    sources: Sequence[Source],
    related: tuple[RelatedSpec, ...] = (),
    limit: int = 30,
    budget_s: float = 60.0,
    report: Callable[[SearchRecord], None] = lambda record: None,
) -> Survey:
    """Search ``sources`` (asked side by side) for ``queries`` and look up ``related``, within ``budget_s`` seconds.

    Never raises for a source: one that is dead, slow or wrong has its error in its search records. Of the hits, those
    that bear on their query (``relevance``) are kept, at most ``limit`` besides the related papers. References come
    with the related papers first, in the template's order, then by relevance; the same answers give the same result.
    ``report`` is called for each search as it ends.
    """
    started = time.monotonic()
    lines = [_Line(source) for source in sources]
    try:
        resolved, failures = _find_related(lines, related, started + RELATED_SHARE * budget_s)
        for record in failures:
            report(record)
        answers = _ask_all(lines, list(dict.fromkeys(queries)), started + budget_s, report)
    finally:
        for line in lines:
            line.close()
    shelf = Shelf()
    named = {shelf.put(resolved[spec.id]): spec.id for spec in related if spec.id in resolved}
    return Survey(
        references=_references(shelf, named, _found(answers, shelf), limit),
        searches=(*(record for record, _ in answers), *failures),
        unresolved=tuple(spec for spec in related if spec.id not in resolved),
    )


class _Failure(Exception):
    """A source did not answer; the message is for the search record."""


class _Task:
    """A call for a line's thread, the place for its answer, and whether anybody still waits for it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.answer: queue.Queue[Any] = queue.Queue(1)
        self.abandoned = False


class _Line:
    """A source and the thread that asks it, one call at a time. After PATIENCE failures in a row it asks no more."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._tasks: queue.Queue[_Task | None] = queue.Queue()
        self._failures = 0
        threading.Thread(target=self._work, daemon=True, name=f"survey-{source.name}").start()

    def ask(self, call: Callable[[], Any], deadline: float) -> Any:
        """What ``call`` returns. Raises _Failure when it raises, is not done by ``deadline``, or was not tried."""
        if self._failures >= PATIENCE:
            raise _Failure(f"not asked: failed {self._failures} times in a row")
        left = deadline - time.monotonic()
        if left <= 0:
            raise _Failure("not asked: the time for it was used up")
        task = _Task(call)
        self._tasks.put(task)
        try:
            answer = task.answer.get(timeout=left)
        except queue.Empty:
            task.abandoned = True
            answer = TimeoutError(f"no answer within {left:.1f} s")
        if isinstance(answer, Exception):
            self._failures += 1
            raise _Failure(str(answer).splitlines()[0] if str(answer) else type(answer).__name__)
        self._failures = 0
        return answer

    def close(self) -> None:
        """Let the thread end once it is done with what it is doing."""
        self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if task.abandoned:
                continue
            try:
                task.answer.put(task.call())
            except Exception as error:  # a source is foreign code; its failure is recorded by who waits
                log.debug("source %s failed", self.source.name, exc_info=True)
                task.answer.put(error)


_Answer = tuple[SearchRecord, list[Any]]


def _ask_all(
    lines: Sequence[_Line], queries: Sequence[str], deadline: float, report: Callable[[SearchRecord], None]
) -> list[_Answer]:
    """Every query on every source, sources side by side; in order of query, then source, whichever ended first."""
    ended: queue.Queue[tuple[int, int, _Answer]] = queue.Queue()

    def run(place: int, line: _Line) -> None:
        for number, query in enumerate(queries):
            ended.put((number, place, _search(line, query, deadline)))

    for place, line in enumerate(lines):
        threading.Thread(target=run, args=(place, line), daemon=True).start()
    answers = {}
    for _ in range(len(lines) * len(queries)):
        number, place, answer = ended.get()
        answers[number, place] = answer
        report(answer[0])
    return [answers[k] for k in sorted(answers)]


def _search(line: _Line, query: str, deadline: float) -> _Answer:
    started = time.monotonic()
    error, hits = None, []
    try:
        hits = line.ask(lambda: list(line.source.search(query, PER_QUERY))[:PER_QUERY], deadline)
    except _Failure as e:
        error = str(e)
    return _record(line, query, started, hits=len(hits), error=error), hits


def _record(line: _Line, query: str, started: float, *, hits: int = 0, error: str | None = None) -> SearchRecord:
    seconds = round(time.monotonic() - started, 3)
    return SearchRecord(source=line.source.name, query=query, hits=hits, seconds=seconds, error=error)


def _find_related(
    lines: Sequence[_Line], related: Sequence[RelatedSpec], deadline: float
) -> tuple[dict[str, Paper], list[SearchRecord]]:
    """The related papers that a source holds, by related id, and the lookups that failed.

    Sources are asked in turn for what is still missing, each within its share of the time.
    """
    resolved: dict[str, Paper] = {}
    failures = []
    for number, line in enumerate(lines):
        share = time.monotonic() + (deadline - time.monotonic()) / (len(lines) - number)
        for spec in related:
            started = time.monotonic()
            if spec.id in resolved:
                continue
            try:
                paper = line.ask(partial(_lookup, line.source, spec), share)
            except _Failure as e:
                failures.append(_record(line, f"lookup: {spec.title}", started, error=str(e)))
                continue
            if paper is not None:
                resolved[spec.id] = paper
    return resolved, failures


def _lookup(source: Source, spec: RelatedSpec) -> Paper | None:
    """The paper that ``spec`` means. A record found by its identifier under another title is not that paper."""
    if isinstance(source, Finder):
        papers = [source.find(arxiv_id=spec.arxiv_id, doi=spec.doi, title=spec.title)]
    else:
        papers = [hit.paper for hit in source.search(spec.title, 10)]
    found = [p for p in papers if p is not None]
    for paper in found:
        if normal_title(paper.title) == normal_title(spec.title):
            return paper
    if isinstance(source, Finder) and found:
        log.warning("related paper %s: %s holds %r under its identifier", spec.id, source.name, found[0].title)
    return None


class _Found(Frozen):
    """How one paper on the shelf was found: by the query that it bears on most."""

    relevance: float
    rank: int
    query: str
    score: float


def _found(answers: Iterable[_Answer], shelf: Shelf) -> dict[int, _Found]:
    rarity = title_rarity()
    found: dict[int, _Found] = {}
    for record, hits in answers:
        for rank, hit in enumerate(hits):
            if bears := relevance(record.query, hit.paper, rarity):
                place = shelf.put(hit.paper)
                new = _Found(relevance=bears, rank=rank, query=record.query, score=hit.score)
                old = found.get(place)
                if old is None or (new.relevance, -new.rank) > (old.relevance, -old.rank):
                    found[place] = new
    return found


def _references(shelf: Shelf, named: dict[int, str], found: dict[int, _Found], limit: int) -> tuple[Reference, ...]:
    others = sorted(
        (place for place in found if place not in named),
        key=lambda p: (-found[p].relevance, found[p].rank, shelf[p].id),
    )
    places = [*named, *others[: max(limit, 0)]]
    keys = assign_keys([shelf[p] for p in places])
    return tuple(
        Reference(key=key, paper=shelf[place], related=named[place])
        if place in named
        else Reference(key=key, paper=shelf[place], query=found[place].query, score=found[place].score)
        for key, place in zip(keys, places, strict=True)
    )
