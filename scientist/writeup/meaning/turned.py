"""Comparisons that are turned round: which condition a word of direction is said of, and against which."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scientist.types import Claim
from scientist.writeup.meaning.reading import Mention, Reading
from scientist.writeup.meaning.rows import ends_of

CLAUSE = re.compile(r"[;:]\s|,\s(?:but|while|whereas|though|although)\b|\b(?:but|while|whereas)\b")

TRANSITIVE = re.compile(
    r"(?:beat\w*|outperform\w*|surpass\w*|exceed\w*|outdo\w*|outdid|outpac\w+|outstrip\w*|eclips\w+|overtak\w+"
    r"|overtook|trump\w*|top(?:s|ped)|edged out)$"
)


def turned(seen: Reading, start: int, end: int, claim: Claim) -> bool:
    """Whether the word of direction at ``start`` speaks of the claim's control, or of its treatment as the reference.

    A claim's direction is that of its treatment against its control; words that name only the control as what rose
    say the opposite of it.
    """
    low = frozenset(c for c, weight in claim.weights.items() if weight < 0)
    high = frozenset(c for c, weight in claim.weights.items() if weight > 0)
    if not low or not high:
        return False
    before, after = _clause(seen, start, end)
    reference = _reference(seen, end, after)
    if reference is not None:
        if _of(reference, high, low):
            return True
        if _of(reference, low, high):
            return False
    if any(_reversed(first, second, low, high) for first, second in ends_of(seen)):
        return True
    subjects = [m for m in before if _of(m, low, high) or _of(m, high, low)]
    if ends_of(seen) or not subjects or _against(seen, before, after):
        return False
    return all(_of(m, low, high) for m in subjects) and not any(_of(m, high, low) for m in after)


def between(seen: Reading, claims: Sequence[Claim]) -> Sequence[Claim]:
    """Of several claims, those that compare the conditions from and to which the words lead; all where none does."""
    named = [a.ids | b.ids for a, b in ends_of(seen)]
    compared = [c for c in claims if any(len(c.weights) == 2 and set(c.weights) <= ids for ids in named)]
    return compared or claims


def _clause(seen: Reading, start: int, end: int) -> tuple[list[Mention], list[Mention]]:
    """The conditions named before and after the word within its clause."""
    cuts = [0, *(m.end() for m in CLAUSE.finditer(seen.prose)), len(seen.prose)]
    first = max(c for c in cuts if c <= start)
    last = min(c for c in cuts if c >= end)
    before = [m for m in seen.conditions if first <= m.start < start]
    return before, [m for m in seen.conditions if end <= m.start < last]


def _reference(seen: Reading, end: int, after: Sequence[Mention]) -> Mention | None:
    """The condition behind "than", "over", "below", "compared with" or "by" after the word."""
    for mention in after:
        between = seen.prose[end : mention.start]
        if re.search(
            r"\b(?:than|over|above|below|beyond|against|versus|vs|relative to|compared (?:with|to)|by)\b", between
        ):
            return mention
        if not between.strip() and TRANSITIVE.search(seen.prose[:end]):
            return mention
    return None


def _against(seen: Reading, before: Sequence[Mention], after: Sequence[Mention]) -> bool:
    """Whether the clause sets the named condition against the other one: "without it …, against", "instead of none"."""
    return any(
        re.search(r"\b(?:against|instead of|rather than|compared (?:with|to)|over|versus|relative to|from|minus"
            r"|between|beside)\W+(?:\w+\W+){0,3}$",
                  seen.prose[: m.start])
        for m in (*before, *after)
    )  # fmt: skip


def _of(mention: Mention, side: frozenset[str], other: frozenset[str]) -> bool:
    return bool(mention.ids & side) and not mention.ids & other


def _reversed(first: Mention, second: Mention, low: frozenset[str], high: frozenset[str]) -> bool:
    return bool(first.ids & high and second.ids & low) and not (first.ids & low and second.ids & high)
