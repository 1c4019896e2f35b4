"""Judges which of two manuscripts is the better one, twice with the order swapped, and ranks several by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import sqrt
from typing import Any, Literal

from pydantic import BaseModel, Field

from scientist.errors import ReplyInvalid
from scientist.mind.llm.quoting import find_quote
from scientist.mind.reading import squeeze
from scientist.models.base import Asker
from scientist.prompts import Material, Prompt, render
from scientist.types import Finding, Frozen, Manuscript, Span

PRINCIPLES = 12
"""How many principles the constitution has."""

_MOST_REASONS = 8
_REPLY_TOKENS = 2000
_SIDES = ("first", "second")

Side = Literal["first", "second"]


class Entry(Frozen):
    """A manuscript in a comparison, by a name of its own, with what the checks found in it."""

    name: str
    manuscript: Manuscript
    findings: tuple[Finding, ...] = ()


class Reason(Frozen):
    """A merit or fault of one manuscript, under a principle of the constitution, with the words that it rests on."""

    entry: str
    kind: Literal["merit", "fault"]
    principle: int
    text: str
    span: Span


class PairVerdict(Frozen):
    """Which of two entries is better. ``given`` are the answers in both orders, an entry's name or None for equal.

    ``winner`` is None where they are equal, and where the answers disagree: what the order decides is no judgement.
    """

    pair: tuple[str, str]
    given: tuple[str | None, str | None]
    reasons: tuple[Reason, ...]
    comparisons: tuple[str, str]
    dropped: int = 0
    """Reasons left out because what they quoted does not stand in the manuscript."""

    @property
    def agreed(self) -> bool:
        return self.given[0] == self.given[1]

    @property
    def winner(self) -> str | None:
        return self.given[0] if self.agreed else None


class Agreement(Frozen):
    """How far judgements survive a swap of the order. ``low`` and ``high`` bound the rate at 95 % (Wilson).

    ``first`` is the share of the answers that name one at all which name the manuscript shown first; a judge without
    a liking for a place has one half.
    """

    pairs: int
    agreed: int
    rate: float | None
    low: float
    high: float
    first: float | None


class Ranking(Frozen):
    """Entries by their points, the best first: one for a comparison won in both orders, a half for one undecided."""

    points: dict[str, float]
    verdicts: tuple[PairVerdict, ...]
    agreement: Agreement
    missed: tuple[str, ...] = ()
    """Pairs without a verdict, and why."""


def rank(asker: Asker, entries: Sequence[Entry], *, venue: str) -> Ranking:
    """Compare each with each, and rank. A pair whose replies stay invalid is missed, and counts for neither.

    Raises BudgetSpent; what was answered until then is on the record of calls.
    """
    verdicts: list[PairVerdict] = []
    missed: list[str] = []
    for a, b in combinations(entries, 2):
        try:
            verdicts.append(judge_pair(asker, a, b, venue=venue))
        except ReplyInvalid as e:
            missed.append(f"{a.name} and {b.name}: {e.message}")
    points = dict.fromkeys((e.name for e in entries), 0.0)
    for verdict in verdicts:
        for name in verdict.pair:
            points[name] += 1.0 if verdict.winner == name else 0.5 if verdict.winner is None else 0.0
    ordered = dict(sorted(points.items(), key=lambda item: -item[1]))
    return Ranking(points=ordered, verdicts=tuple(verdicts), agreement=agreement(verdicts), missed=tuple(missed))


def judge_pair(asker: Asker, a: Entry, b: Entry, *, venue: str) -> PairVerdict:
    """Ask twice, once with each manuscript first. Raises ReplyInvalid or BudgetSpent."""
    asked = [(order, _asked(asker, *order, venue=venue)) for order in ((a, b), (b, a))]
    reasons: dict[str, Reason] = {}
    dropped = 0
    for order, reply in asked:
        for told in reply.reasons[:_MOST_REASONS]:
            reason = _reason(told, order)
            if reason is None:
                dropped += 1
            else:
                reasons.setdefault(f"{reason.entry} {reason.span.text}", reason)
    given = [None if r.better == "equal" else order[_SIDES.index(r.better)].name for order, r in asked]
    return PairVerdict(
        pair=(a.name, b.name),
        given=(given[0], given[1]),
        reasons=tuple(reasons.values()),
        comparisons=(squeeze(asked[0][1].comparison), squeeze(asked[1][1].comparison)),
        dropped=dropped,
    )


def agreement(verdicts: Sequence[PairVerdict]) -> Agreement:
    """What the verdicts say of the judge."""
    pairs, agreed = len(verdicts), sum(v.agreed for v in verdicts)
    low, high = _wilson(agreed, pairs)
    named = [given == shown for v in verdicts for given, shown in zip(v.given, v.pair, strict=True) if given]
    return Agreement(
        pairs=pairs,
        agreed=agreed,
        rate=agreed / pairs if pairs else None,
        low=low,
        high=high,
        first=sum(named) / len(named) if named else None,
    )


def pair_prompt(first: Entry, second: Entry, *, venue: str) -> Prompt:
    """The prompt of one order. Sections of both are left out by turns where a context is short."""
    entries: Mapping[str, Entry] = {"first": first, "second": second}
    sections = {side: _sections(side, entry.manuscript) for side, entry in entries.items()}
    longest = max(len(s) for s in sections.values())
    by_turns = [s[i] for i in range(longest) for s in sections.values() if i < len(s)]
    fronts = [_front(side, entry.manuscript) for side, entry in entries.items()]
    found = [_found(side, entry.findings) for side, entry in entries.items()]
    return render(
        "review/pair",
        materials=(*fronts, *found, *by_turns),
        label=f"{first.name} before {second.name}",
        venue=venue,
        shown={side: [m.name for m in s] for side, s in sections.items()},
    )


# ------------------------------------------------------------------------------------------- replies


class _Given(BaseModel):
    manuscript: Side
    kind: Literal["merit", "fault"]
    principle: int = Field(ge=1, le=PRINCIPLES)
    text: str
    quote: str


class PairReply(BaseModel):
    reasons: list[_Given] = Field(json_schema_extra={"maxItems": _MOST_REASONS})
    comparison: str
    better: Literal["first", "second", "equal"]


def _asked(asker: Asker, first: Entry, second: Entry, *, venue: str) -> PairReply:
    def objection(reply: PairReply) -> str | None:
        if not any(_reason(given, (first, second)) for given in reply.reasons):
            return "no reason has a quote that stands in its manuscript: copy the words exactly."
        return None if reply.comparison.strip() else "comparison is empty."

    return asker.ask(pair_prompt(first, second, venue=venue), PairReply, check=objection, max_tokens=_REPLY_TOKENS)


def _reason(given: _Given, order: tuple[Entry, Entry]) -> Reason | None:
    """A reason as it stands; None where its quote does not stand in its manuscript, or it says nothing."""
    entry = order[_SIDES.index(given.manuscript)]
    span = find_quote(entry.manuscript, given.quote)
    text = squeeze(given.text)
    if span is None or not text:
        return None
    return Reason(entry=entry.name, kind=given.kind, principle=given.principle, text=text, span=span)


# ------------------------------------------------------------------------------------------- material


def _front(side: str, manuscript: Manuscript) -> Material:
    abstract = manuscript.abstract or "(no abstract could be read)"
    return Material(name=side, items=(f"{manuscript.title}\n\nAbstract\n{abstract}",), essential=True)


def _found(side: str, findings: tuple[Finding, ...]) -> Material:
    lines: list[Any] = [f"{f.severity}: {f.message}" for f in findings]
    return Material(name=f"{side}_findings", items=("\n".join(lines) or "nothing",), essential=True)


def _sections(side: str, manuscript: Manuscript) -> list[Material]:
    shown = [s for s in manuscript.sections if s.text.strip()]
    return [Material(name=f"{side}_{i}", items=(f"{s.heading}\n{s.text}",)) for i, s in enumerate(shown, 1)]


def _wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson, 1927); everything is possible where nothing was counted."""
    if n == 0:
        return 0.0, 1.0
    z, p = 1.96, successes / n
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))
