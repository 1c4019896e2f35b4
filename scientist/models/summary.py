"""A run's model calls in a table: by purpose, what was asked, what had to be mended or tried again, and the cost."""

from __future__ import annotations

from collections.abc import Iterable

from scientist.models.ledger import Call
from scientist.types import Frozen

MENDED = frozenset({"invalid", "truncated", "empty", "refused"})
"""Statuses of replies that came and could not be used."""


class PurposeSummary(Frozen):
    """Attempts of one purpose. ``answered`` requests ended well, ``unanswered`` ones with no usable reply.

    ``faults`` are attempts that brought no reply. ``usd`` is None where a price is not known.
    """

    purpose: str
    models: tuple[str, ...]
    attempts: int
    answered: int
    unanswered: int
    invalid: int
    truncated: int
    empty: int
    refused: int
    faults: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: float | None
    seconds: float


def by_purpose(calls: Iterable[Call]) -> tuple[PurposeSummary, ...]:
    """One row a purpose, in the order of the first call."""
    groups: dict[str, list[Call]] = {}
    for call in calls:
        groups.setdefault(call.purpose, []).append(call)
    return tuple(_summary(purpose, group) for purpose, group in groups.items())


def total(rows: Iterable[PurposeSummary]) -> PurposeSummary:
    """The sum of the rows, called "total"."""
    rows = tuple(rows)
    counted = {
        name: sum(getattr(row, name) for row in rows)
        for name in PurposeSummary.model_fields
        if name not in ("purpose", "models", "usd")
    }
    known = [row.usd for row in rows if row.usd is not None]
    return PurposeSummary(
        purpose="total",
        models=tuple(dict.fromkeys(model for row in rows for model in row.models)),
        usd=sum(known) if len(known) == len(rows) else None,
        **counted,
    )


def _summary(purpose: str, calls: list[Call]) -> PurposeSummary:
    statuses = [call.status for call in calls]
    costs = [call.usd for call in calls if call.usd is not None]
    answered = {call.key for call in calls if call.status == "ok"}
    return PurposeSummary(
        purpose=purpose,
        models=tuple(dict.fromkeys(call.model for call in calls)),
        attempts=len(calls),
        answered=len(answered),
        unanswered=len({call.key for call in calls} - answered),
        **{status: statuses.count(status) for status in sorted(MENDED)},
        faults=sum(status != "ok" and status not in MENDED for status in statuses),
        input_tokens=sum(call.input_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        usd=sum(costs) if len(costs) == len(calls) else None,
        seconds=round(sum(call.seconds for call in calls), 3),
    )
