r"""A sentence as its checks read it: the quantities in it, in order, and the rows and metrics that its words name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scientist.types import Quantity
from scientist.writeup.meaning.names import Names
from scientist.writeup.scan import VALUE, Scan

TESTS = frozenset({"effect", "p", "padj", "g", "tost", "tostadj", "perm", "boot", "n"})
ROWS = frozenset({"mean", "sd", "censored"})


@dataclass(frozen=True)
class Print:
    """A printed quantity and where it stands in the prose."""

    id: str
    quantity: Quantity
    interval: bool
    at: int

    @property
    def family(self) -> str:
        return self.id.partition(".")[0]

    @property
    def contrast(self) -> str:
        """The contrast that a test or an estimate belongs to; empty for other quantities."""
        return self.id.partition(".")[2] if self.family in TESTS else ""


@dataclass(frozen=True)
class Mention:
    """Words that name one or several of the things that a quantity can belong to."""

    ids: frozenset[str]
    start: int
    end: int
    factor: str = ""


@dataclass(frozen=True)
class Reading:
    """``prose`` is in lower case and as long as the scan's, so that positions agree."""

    prose: str
    prints: tuple[Print, ...]
    conditions: tuple[Mention, ...]
    datasets: tuple[Mention, ...]
    metrics: tuple[Mention, ...]


def read(found: Scan, names: Names) -> Reading:
    prose = found.prose.lower()
    if len(prose) != len(found.prose):  # a character whose small letter is longer: positions would be wrong
        prose = found.prose
    places = [i for i, c in enumerate(prose) if c == VALUE]
    prints = tuple(
        Print(id, names.quantities[id], interval, at)
        for (id, interval), at in zip(found.printed, places, strict=False)
        if id in names.quantities
    )
    return Reading(
        prose=prose,
        prints=prints,
        conditions=tuple(_conditions(prose, prints, names)),
        datasets=tuple(_labelled(prose, names.datasets)),
        metrics=tuple(_labelled(prose, names.metrics)),
    )


def _labelled(prose: str, labels: dict[str, str]) -> Iterator[Mention]:
    """Longest labels first, each place of the text for one label only."""
    taken: list[Mention] = []
    for label in sorted(set(labels.values()), key=lambda x: (-len(x), x)):
        ids = frozenset(i for i, told in labels.items() if told == label)
        for match in re.finditer(rf"(?<![\w-]){re.escape(label)}(?![\w-])", prose):
            if not any(m.start < match.end() and match.start() < m.end for m in taken):
                taken.append(Mention(ids, match.start(), match.end()))
    return iter(sorted(taken, key=lambda m: m.start))


def _conditions(prose: str, prints: tuple[Print, ...], names: Names) -> Iterator[Mention]:
    levels = [m for p in prints if p.id.startswith("level.") for m in _level(p, names)]
    spoken = [
        m for m in _spoken(prose, names) if not any(abs(m.end - v.start) < 26 and v.start >= m.start for v in levels)
    ]
    mentions = sorted([*levels, *spoken], key=lambda m: m.start)
    merged: list[Mention] = []
    for mention in mentions:
        last = merged[-1] if merged else None
        if last and _one_cell(last, mention, prose):
            merged[-1] = Mention(last.ids & mention.ids, last.start, mention.end, f"{last.factor}+{mention.factor}")
        else:
            merged.append(mention)
    return iter(merged)


def _one_cell(first: Mention, second: Mention, prose: str) -> bool:
    """Whether two levels of different factors, one after the other, name one cell of a crossed design."""
    between = prose[first.end : second.start]
    different = bool(second.factor) and second.factor not in first.factor.split("+")
    return different and len(between) < 60 and VALUE not in between and not re.search(r"[;:]|\bto\b|\bfrom\b", between)


def _level(p: Print, names: Names) -> Iterator[Mention]:
    condition, _, factor = p.id.removeprefix("level.").rpartition(".")
    shown = names.levels[factor][condition]
    ids = frozenset(c for c, s in names.levels[factor].items() if s == shown)
    yield Mention(ids, p.at, p.at + 1, factor)


def _spoken(prose: str, names: Names) -> Iterator[Mention]:
    """Conditions that words name: without the factor, with it, the baseline, a level that is a word."""
    taken: list[Mention] = []
    for pattern, ids in names.spoken:
        for match in pattern.finditer(prose):
            if not any(m.start < match.end() and match.start() < m.end for m in taken):
                taken.append(Mention(ids, match.start(), match.end()))
    return iter(taken)
