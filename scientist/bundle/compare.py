"""Published against reproduced: every quantity, claim and run, and whether the paper stands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from scientist.types import Claim, Evidence, Frozen, Plan, Quantity, RunResult, Verdict

SHARE = 0.95
"""The level of the tolerance of quantities that have no interval of their own."""


class Agreement(StrEnum):
    IDENTICAL = "identical"
    WITHIN = "within tolerance"
    DIFFERENT = "different"


class Row(Frozen):
    """One quantity. ``tolerance`` says what the reproduced value lies within, or why it is different."""

    id: str
    label: str
    published: str
    reproduced: str
    agreement: Agreement
    tolerance: str = ""


class Measured(Frozen):
    """A quantity that decides nothing, such as a time or the memory used."""

    id: str
    label: str
    published: str
    reproduced: str


class ClaimRow(Frozen):
    id: str
    statement: str
    confirmatory: bool
    published: Verdict | None
    reproduced: Verdict | None
    agreement: Agreement


class RunRow(Frozen):
    """One run at one seed: how many of its ``values`` came out the same, and the largest relative deviation."""

    condition: str
    seed: int
    published: str
    reproduced: str
    values: int
    identical: int
    largest_deviation: float
    agreement: Agreement


class Comparison(Frozen):
    """``added`` are quantities that the analysis of today gives and the published one did not: they decide nothing,
    since the paper cannot name them. A claim that was not published does: the plan asks for it."""

    quantities: tuple[Row, ...]
    volatile: tuple[Measured, ...]
    added: tuple[Measured, ...]
    claims: tuple[ClaimRow, ...]

    @property
    def agreement(self) -> Agreement:
        """The worst of all quantities and claims."""
        return worst([*(r.agreement for r in self.quantities), *(c.agreement for c in self.claims)])

    def count(self, agreement: Agreement) -> int:
        return sum(r.agreement is agreement for r in self.quantities)


def worst(agreements: Sequence[Agreement]) -> Agreement:
    order = list(Agreement)
    return max(agreements, key=order.index, default=Agreement.IDENTICAL)


def compare(published: Evidence, reproduced: Evidence, plan: Plan) -> Comparison:
    """Hold two ledgers of the same plan against each other, in the order of the published one."""
    there = {q.id: q for q in reproduced.quantities}
    steady = [q for q in published.quantities if not q.volatile]
    known = {q.id for q in published.quantities}
    claims = {c.id: c for c in reproduced.claims}
    told = {c.id for c in published.claims}
    return Comparison(
        quantities=tuple(_row(q, there.get(q.id), plan.alpha / plan.looks) for q in steady),
        volatile=tuple(_measured(q, there.get(q.id)) for q in published.quantities if q.volatile),
        added=tuple(_added(q) for q in reproduced.quantities if q.id not in known),
        claims=(
            *(_claim(c, claims.get(c.id)) for c in published.claims),
            *(_withheld(c) for c in reproduced.claims if c.id not in told),
        ),
    )


def compare_runs(published: Sequence[RunResult], reproduced: Sequence[RunResult]) -> tuple[RunRow, ...]:
    """The runs that were made again, each against its published one, by the values that the analysis reads."""
    before = {(r.run.condition, r.run.seed): r for r in published}
    return tuple(_run(before[r.run.condition, r.run.seed], r) for r in reproduced)


# ------------------------------------------------------------------------------------------- a quantity


class _Bound(NamedTuple):
    low: float
    high: float
    reason: str


def _row(published: Quantity, found: Quantity | None, threshold: float) -> Row:
    fields = {"id": published.id, "label": published.label, "published": _shown(published)}
    if found is None:
        return Row(**fields, reproduced="", agreement=Agreement.DIFFERENT, tolerance="not there any more")
    agreement, reason = _judge(published, found, threshold)
    return Row(**fields, reproduced=_shown(found), agreement=agreement, tolerance=reason)


def _added(found: Quantity) -> Measured:
    return Measured(id=found.id, label=found.label, published="", reproduced=_shown(found))


def _judge(published: Quantity, found: Quantity, threshold: float) -> tuple[Agreement, str]:
    if (published.value, published.low, published.high) == (found.value, found.low, found.high):
        return Agreement.IDENTICAL, ""
    if isinstance(published.value, str) or isinstance(found.value, str):
        return Agreement.DIFFERENT, "another value"
    if published.kind == "p_value":
        same = (published.value <= threshold) == (found.value <= threshold)
        side = f"same side of the level {threshold:g}" if same else f"the other side of the level {threshold:g}"
        return (Agreement.WITHIN if same else Agreement.DIFFERENT), side
    bound = _bound(published)
    if bound is None:
        return Agreement.DIFFERENT, "must be the same"
    inside = bound.low <= found.value <= bound.high
    return (Agreement.WITHIN, f"inside {bound.reason}") if inside else (
        Agreement.DIFFERENT, f"outside {bound.reason}"
    )  # fmt: skip


def _bound(q: Quantity) -> _Bound | None:
    """What a repetition of a published quantity may give by chance; None where it must be the same."""
    assert not isinstance(q.value, str)
    if q.low is not None and q.high is not None:
        return _Bound(q.low, q.high, "the published interval")
    if q.n is None or q.kind in ("setting", "mean", "contrast"):
        return None
    if q.kind == "sd" and q.n > 1:
        return _sd_bound(q.value, q.n)
    if q.kind == "effect_size":
        half = _normal(SHARE) * math.sqrt(1 / q.n + q.value**2 / (2 * q.n))
        return _Bound(q.value - half, q.value + half, f"its {SHARE:.0%} sampling interval")
    if q.kind == "count" and q.id.startswith("censored."):
        return _count_bound(int(q.value), q.n)
    return None


def _sd_bound(sd: float, n: int) -> _Bound:
    """The interval of the standard deviation of normal values."""
    from scipy import stats

    high, low = (stats.chi2.ppf(p, n - 1) for p in ((1 - SHARE) / 2, (1 + SHARE) / 2))
    factor = math.sqrt(n - 1)
    return _Bound(sd * factor / math.sqrt(low), sd * factor / math.sqrt(high), f"its {SHARE:.0%} sampling interval")


def _count_bound(k: int, n: int) -> _Bound:
    """The counts that the exact binomial interval of ``k`` out of ``n`` allows."""
    from scipy import stats

    interval = stats.binomtest(k, n).proportion_ci(SHARE, method="exact")
    return _Bound(interval.low * n, interval.high * n, f"its {SHARE:.0%} binomial interval")


def _normal(share: float) -> float:
    from scipy import stats

    return float(stats.norm.ppf(0.5 + share / 2))


def _measured(published: Quantity, found: Quantity | None) -> Measured:
    shown = _shown(found) if found is not None else ""
    return Measured(id=published.id, label=published.label, published=_shown(published), reproduced=shown)


def _shown(q: Quantity) -> str:
    interval = f" {q.display_interval}" if q.display_interval else ""
    unit = f" {q.unit}" if q.unit and q.unit != "fraction" else ""
    return _plain(f"{q.display}{interval}{unit}")


def _plain(latex: str) -> str:
    """What the paper prints, as plain text."""
    return latex.replace("$-$", "-").replace("\\%", "%")


# ------------------------------------------------------------------------------------------- claims and runs


def _claim(published: Claim, found: Claim | None) -> ClaimRow:
    same = found is not None and found.verdict is published.verdict
    turned = found is not None and published.significant and found.observed != published.observed
    return ClaimRow(
        id=published.id,
        statement=published.statement,
        confirmatory=published.confirmatory,
        published=published.verdict,
        reproduced=found.verdict if found is not None else None,
        agreement=Agreement.IDENTICAL if same and not turned else Agreement.DIFFERENT,
    )


def _withheld(found: Claim) -> ClaimRow:
    return ClaimRow(
        id=found.id,
        statement=found.statement,
        confirmatory=found.confirmatory,
        published=None,
        reproduced=found.verdict,
        agreement=Agreement.DIFFERENT,
    )


def _run(published: RunResult, found: RunResult) -> RunRow:
    pairs = list(_pairs(published, found))
    same = sum(a == b for a, b in pairs)
    status = (published.run.status, found.run.status)
    complete = status[0] is status[1] and all(b is not None for _, b in pairs)
    return RunRow(
        condition=found.run.condition,
        seed=found.run.seed,
        published=status[0].value,
        reproduced=status[1].value,
        values=len(pairs),
        identical=same,
        largest_deviation=max((_deviation(a, b) for a, b in pairs if b is not None), default=0.0),
        agreement=Agreement.IDENTICAL if complete and same == len(pairs)
        else Agreement.WITHIN if complete
        else Agreement.DIFFERENT,
    )  # fmt: skip


def _pairs(published: RunResult, found: RunResult) -> Iterator[tuple[float, float | None]]:
    for dataset, result in published.results.items():
        there = found.results[dataset].means if dataset in found.results else {}
        yield from ((value, there.get(metric)) for metric, value in result.means.items())


def _deviation(a: float, b: float) -> float:
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0
