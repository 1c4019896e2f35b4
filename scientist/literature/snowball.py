"""Snowballing: the papers that the best hits cite, and those that cite them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import zip_longest

from scientist.literature.base import Snowball
from scientist.literature.lines import Failure, Line, side_by_side
from scientist.types import Frozen, Paper, SearchRecord

SEEDS = 3
"""Hits whose references and citations are followed."""
EACH = 20
"""Papers taken from each list."""


class Rolled(Frozen):
    """What one source answered for one seed: papers, and how they stand to it ("cited by" or "citing")."""

    record: SearchRecord
    seed: Paper
    relation: str
    papers: tuple[Paper, ...]


def snowball(
    lines: Sequence[Line],
    seeds: Sequence[Paper],
    *,
    budget_s: float,
    deadline: float,
    report: Callable[[SearchRecord], None],
) -> list[Rolled]:
    """The papers around at most SEEDS ``seeds``, from every source that is a Snowball and still answers.

    Each list costs at most ``budget_s``, and none is asked for after ``deadline`` (monotonic). In order of seed, then
    source.
    """
    jobs = [
        _roll(line, line.source, seeds[:SEEDS], budget_s, deadline)
        for line in lines
        if isinstance(line.source, Snowball) and not line.out
    ]
    answers = side_by_side(jobs, lambda rolled: report(rolled.record))
    return [rolled for step in zip_longest(*answers) for rolled in step if rolled is not None]


def _roll(line: Line, source: Snowball, seeds: Sequence[Paper], budget_s: float, deadline: float) -> Iterator[Rolled]:
    """The lists around each seed, until the first that the source does not give."""
    for seed in seeds:
        for relation, what, ask in (
            ("cited by", "references of", source.references),
            ("citing", "citations of", source.citations),
        ):
            started = time.monotonic()
            if started >= deadline:
                return
            error: str | None = None
            papers: list[Paper] = []
            try:
                papers = line.ask(partial(ask, seed, EACH), min(started + budget_s, deadline))[:EACH]
            except Failure as e:
                error = str(e)
            record = SearchRecord(
                source=line.source.name,
                query=f"{what}: {seed.title}",
                hits=len(papers),
                seconds=round(time.monotonic() - started, 3),
                error=error,
            )
            yield Rolled(record=record, seed=seed, relation=relation, papers=tuple(papers))
            if error:
                return
