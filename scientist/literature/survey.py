"""The literature search of a run: every query on every source within a time budget, merged, cut, keyed and ordered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from scientist.literature.base import Dated, Finder, Keeper, Source
from scientist.literature.bibtex import assign_keys
from scientist.literature.lines import NOT_ASKED, Failure, Line, side_by_side
from scientist.literature.merge import Shelf, pick
from scientist.literature.relevance import relevance
from scientist.literature.screening import Judge, SurveyRow, screened, shared_words
from scientist.literature.snowball import Rolled, snowball
from scientist.literature.words import normal_title, title_rarity
from scientist.types import Frozen, Paper, Reference, RelatedSpec, SearchRecord

log = logging.getLogger(__name__)

PER_QUERY = 40
"""Hits asked of a source for one query; most fall to the cut."""
WHOLE = 4
"""The time of a whole survey, in budgets of one query, where it is not given."""
RELATED_SHARE = 0.25
"""The share of the whole time that looking up the template's related papers may take."""
SNOWBALL_SHARE = 0.25
"""The share of the whole time that the queries leave to snowballing."""


class SetAside(Frozen):
    """A paper that was found and is not offered for citing, because it was taken back."""

    paper: Paper
    reason: str


class Survey(Frozen):
    """What a search found. ``unresolved`` are the template's related papers that no source holds under that title.

    ``table`` has a row for each reference, in their order.
    """

    references: tuple[Reference, ...]
    searches: tuple[SearchRecord, ...]
    unresolved: tuple[RelatedSpec, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    table: tuple[SurveyRow, ...] = ()

    @property
    def answered(self) -> tuple[str, ...]:
        """The sources that answered at least once, or whose earlier answers were at hand."""
        return tuple(dict.fromkeys(s.source for s in self.searches if not s.error or s.cached))

    @property
    def silent(self) -> dict[str, str]:
        """The sources that answered nothing, each with its first reason, not that it was given up for that."""
        failed = [(s.source, s.error) for s in self.searches if s.error and s.source not in self.answered]
        first = {source: error for source, error in reversed(failed) if not error.startswith(NOT_ASKED)}
        return {source: first.get(source, error) for source, error in reversed(failed)}


def survey(
    queries: Sequence[str],
    *,
    sources: Sequence[Source],
    related: tuple[RelatedSpec, ...] = (),
    limit: int = 30,
    budget_s: float = 20.0,
    whole_s: float | None = None,
    snowballing: bool = True,
    question: str = "",
    judge: Judge | None = None,
    report: Callable[[SearchRecord], None] = lambda record: None,
) -> Survey:
    """Search ``sources``, side by side, for ``queries`` and look up ``related``.

    A source has ``budget_s`` seconds for each query, and all have ``whole_s`` (by default WHOLE budgets) for the
    survey. Never raises for a source: one that is dead, slow or wrong has its error in its search records, and is
    asked no more after two failures in a row, or one if it cannot be reached at all.

    Of the hits, those that bear on their query (``relevance``) are kept, and of the papers that the best hits cite or
    are cited by (``snowballing``) those that bear on any query: at most ``limit`` besides the related papers, and of
    those what ``judge`` keeps for ``question``. References come with the related papers first, in the template's
    order, then by relevance; the same answers give the same result. ``report`` is called for each search as it ends.
    """
    whole = whole_s if whole_s is not None else WHOLE * budget_s
    began = time.monotonic()
    end = began + whole
    clock = _Clock(budget_s, end)
    lines = [Line(source) for source in sources]
    asked = list(dict.fromkeys(queries))
    shelf = Shelf()
    try:
        resolved, failures = _find_related(lines, related, clock.until(began + RELATED_SHARE * whole))
        for record in failures:
            report(record)
        follow = snowballing and bool(asked)
        answers = _ask_all(lines, asked, clock.until(end - SNOWBALL_SHARE * whole) if follow else clock, report)
        named = {shelf.put(resolved[spec.id]): spec.id for spec in related if spec.id in resolved}
        found = _found(answers, shelf)
        seeds = [shelf[place] for place in _by_relevance(found, shelf)] if follow else []
        rolled = snowball(lines, seeds, budget_s=budget_s, deadline=end, report=report) if seeds else []
    finally:
        for line in lines:
            line.close()
    _add_rolled(rolled, asked, shelf, found)
    references, set_aside = _references(shelf, named, found, limit)
    references, table = screened(question, references, judge)
    cited = {r.related for r in references}
    return Survey(
        references=references,
        searches=(*(record for record, _ in answers), *failures, *(r.record for r in rolled)),
        unresolved=tuple(spec for spec in related if spec.id not in cited),
        set_aside=set_aside,
        table=table,
    )


class _Clock:
    """How long one call may take: ``budget_s``, but never past ``end`` (monotonic)."""

    def __init__(self, budget_s: float, end: float) -> None:
        self.budget_s = budget_s
        self.end = end

    def until(self, end: float) -> _Clock:
        return _Clock(self.budget_s, min(self.end, end))

    def deadline(self) -> float:
        return min(time.monotonic() + self.budget_s, self.end)


_Answer = tuple[SearchRecord, Dated]


def _ask_all(
    lines: Sequence[Line], queries: Sequence[str], clock: _Clock, report: Callable[[SearchRecord], None]
) -> list[_Answer]:
    """Every query on every source, sources side by side; in order of query, then source, whichever ended first."""

    def job(line: Line) -> Iterator[_Answer]:
        for query in queries:
            yield _search(line, query, clock.deadline())

    answers = side_by_side([job(line) for line in lines], lambda answer: report(answer[0]))
    return [of_line[number] for number in range(len(queries)) for of_line in answers]


def _search(line: Line, query: str, deadline: float) -> _Answer:
    started = time.monotonic()
    source, error = line.source, None
    try:
        answer = line.ask(partial(_dated, source, query), deadline)
    except Failure as e:
        error = str(e)
        answer = (source.kept_search(query, PER_QUERY) if isinstance(source, Keeper) else None) or Dated(hits=())
        if answer.day:
            error += f"; its answer of {answer.day} stands in"
    return _record(line, query, started, hits=len(answer.hits), error=error, cached=answer.day), answer


def _dated(source: Source, query: str) -> Dated:
    if isinstance(source, Keeper):
        return source.dated_search(query, PER_QUERY)
    return Dated(hits=tuple(source.search(query, PER_QUERY))[:PER_QUERY])


def _record(
    line: Line, query: str, started: float, *, hits: int = 0, error: str | None = None, cached: str | None = None
) -> SearchRecord:
    seconds = round(time.monotonic() - started, 3)
    return SearchRecord(source=line.source.name, query=query, hits=hits, seconds=seconds, error=error, cached=cached)


_Lookup = tuple[str, Paper | None, SearchRecord | None]


def _find_related(
    lines: Sequence[Line], related: Sequence[RelatedSpec], clock: _Clock
) -> tuple[dict[str, Paper], list[SearchRecord]]:
    """The related papers that a source holds, by related id, and the lookups that failed.

    The first source is asked alone, the others side by side for what it lacks; an earlier one's answer goes first.
    """
    resolved: dict[str, Paper] = {}
    failures: list[SearchRecord] = []
    for group, last in ((lines[:1], not lines[1:]), (lines[1:], True)):
        missing = [spec for spec in related if spec.id not in resolved]
        now = time.monotonic()
        share = clock if last else clock.until(now + (clock.end - now) / 2)
        for answers in side_by_side([_look_up(line, missing, share) for line in group]):
            for id, paper, failure in answers:
                if failure is not None:
                    failures.append(failure)
                if paper is not None:
                    resolved.setdefault(id, paper)
    return resolved, failures


def _look_up(line: Line, specs: Sequence[RelatedSpec], clock: _Clock) -> Iterator[_Lookup]:
    for spec in specs:
        started = time.monotonic()
        try:
            yield spec.id, line.ask(partial(_meant, line.source, spec), clock.deadline()), None
        except Failure as e:
            yield spec.id, None, _record(line, f"lookup: {spec.title}", started, error=str(e))


def _meant(source: Source, spec: RelatedSpec) -> Paper | None:
    """The paper that ``spec`` means. A record found by its identifier under another title is not that paper."""
    if not isinstance(source, Finder):
        return pick([hit.paper for hit in source.search(spec.title, 10)], spec.title)
    paper = source.find(arxiv_id=spec.arxiv_id, doi=spec.doi, title=spec.title)
    if paper is not None and normal_title(paper.title) != normal_title(spec.title):
        log.warning("related paper %s: %s holds %r under its identifier", spec.id, source.name, paper.title)
        return None
    return paper


class _Found(Frozen):
    """How one paper on the shelf was found: by the query that it bears on most. ``how`` begins its reason."""

    relevance: float
    rank: int
    query: str
    score: float
    how: str


def _found(answers: Iterable[_Answer], shelf: Shelf) -> dict[int, _Found]:
    rarity = title_rarity()
    found: dict[int, _Found] = {}
    for record, answer in answers:
        how = f"found by “{record.query}” in {record.source}"
        for rank, hit in enumerate(answer.hits):
            if bears := relevance(record.query, hit.paper, rarity):
                place = shelf.put(hit.paper)
                new = _Found(relevance=bears, rank=rank, query=record.query, score=hit.score, how=how)
                old = found.get(place)
                if old is None or (new.relevance, -new.rank) > (old.relevance, -old.rank):
                    found[place] = new
    return found


def _add_rolled(rolled: Sequence[Rolled], queries: Sequence[str], shelf: Shelf, found: dict[int, _Found]) -> None:
    """Put what snowballing found and bears on a query into ``found``, after what the queries themselves found."""
    rarity = title_rarity()
    for answer in rolled:
        for rank, paper in enumerate(answer.papers):
            bears, query = max(((relevance(q, paper, rarity), q) for q in queries), key=lambda pair: pair[0])
            if not bears:
                continue
            how = f"{answer.relation} “{answer.seed.title}”, says {answer.record.source}"
            place = shelf.put(paper)
            if place not in found:
                found[place] = _Found(relevance=bears, rank=PER_QUERY + rank, query=query, score=0.0, how=how)


def _by_relevance(found: dict[int, _Found], shelf: Shelf) -> list[int]:
    return sorted(found, key=lambda p: (-found[p].relevance, found[p].rank, shelf[p].id))


def _references(
    shelf: Shelf, named: dict[int, str], found: dict[int, _Found], limit: int
) -> tuple[tuple[Reference, ...], tuple[SetAside, ...]]:
    wanted = [*named, *(place for place in _by_relevance(found, shelf) if place not in named)]
    taken_back = {p: "retracted" if shelf[p].retracted else "withdrawn" for p in wanted
                  if shelf[p].retracted or shelf[p].withdrawn}  # fmt: skip
    sound = [p for p in wanted if p not in taken_back]
    places = [p for p in sound if p in named] + [p for p in sound if p not in named][: max(limit, 0)]
    keys = assign_keys([shelf[p] for p in places])
    references = tuple(
        _reference(key, shelf[p], named.get(p), found.get(p)) for key, p in zip(keys, places, strict=True)
    )
    return references, tuple(SetAside(paper=shelf[p], reason=reason) for p, reason in taken_back.items())


def _reference(key: str, paper: Paper, related: str | None, found: _Found | None) -> Reference:
    if related is not None or found is None:
        return Reference(key=key, paper=paper, related=related, reason="named by the template")
    shared = ", ".join(shared_words(found.query, paper, title_rarity()))
    return Reference(key=key, paper=paper, query=found.query, score=found.score, reason=f"{found.how}; shares {shared}")
