"""Which figures a study needs: read from the design of the experiment and from what was measured, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from scientist.analysis.design import factor_spec, shape, varied
from scientist.analysis.observations import metric_spec, observe
from scientist.analysis.quantities import censored_seeds, sesoi
from scientist.types import Contrast, IdeaKind, Plan, RunResult, TemplateSpec

Kind = Literal["effect", "paired", "dose", "interaction", "trade_off", "curves", "samples", "runs", "reached",
               "contrasts"]  # fmt: skip
FEW_SEEDS = 12
"""Up to this many seeds each of them can be followed from condition to condition as a line of its own."""
MAIN_CURVES = 3
"""Panels of learning curves that the main part holds: one row."""
MOST_CURVES = 9
DRAWN_RUNS = 6
"""Metrics of a template that declares none that are drawn."""


class Left(NamedTuple):
    """What the runs left beside their metrics: recorded series as (series, data set), and data sets with samples."""

    curves: frozenset[tuple[str, str]] = frozenset()
    samples: frozenset[str] = frozenset()


class FigureRequest(NamedTuple):
    """A figure to draw, where it belongs, and why; ``id`` names it in the text, ``kind`` its form."""

    id: str
    kind: Kind
    place: Literal["main", "appendix"]
    why: str
    metrics: tuple[str, ...] = ()
    contrasts: tuple[str, ...] = ()
    curves: tuple[tuple[str, str], ...] = ()
    factors: tuple[str, ...] = ()


def choose(
    plan: Plan, spec: TemplateSpec, results: Sequence[RunResult], look: int, left: Left
) -> tuple[FigureRequest, ...]:
    """The figures of one look at the data: the answer first, then how the runs got there, then what backs it up."""
    seen = observe(plan, results, look)
    measured = [m for m in seen.metrics if any(seen.values(c.id, d, m) for c in plan.conditions for d in seen.datasets)]
    chosen: list[FigureRequest] = []
    if plan.test == "none" and measured:
        chosen.append(FigureRequest("runs", "runs", "main", "nothing is compared", tuple(measured[:DRAWN_RUNS])))
    elif plan.metric in measured:
        chosen.append(_primary(plan, spec, len(seen.seeds)))
    chosen += _curves(spec, seen.datasets, left.curves)
    if left.samples:
        chosen.append(FigureRequest("samples", "samples", "main", "the template generates"))
    if plan.test == "none" or plan.metric not in measured:
        return tuple(chosen)
    chosen += _behind(plan, spec, chosen[0], len(seen.seeds))
    missed = [
        m
        for m in dict.fromkeys((plan.metric, *(c.metric for c in plan.contrasts if c.confirmatory)))
        if any(censored_seeds(seen, c, d, metric_spec(spec, plan, m)) for c in plan.conditions for d in plan.datasets)
    ]
    if missed:
        why = "runs did not reach the mark, so a mean alone misleads"
        chosen.append(FigureRequest("reached", "reached", "appendix", why, (missed[0],)))
    return tuple(chosen)


def _primary(plan: Plan, spec: TemplateSpec, seeds: int) -> FigureRequest:
    """The form of the primary result."""
    factors = varied(plan, spec)
    contrasts = tuple(c.id for c in _confirmatory(plan) if c.metric == plan.metric)
    second = next((c.metric for c in _confirmatory(plan) if c.metric != plan.metric), None)
    if plan.kind is IdeaKind.TRADE_OFF and second is not None:
        why = "two metrics are set against each other"
        return FigureRequest("trade_off", "trade_off", "main", why, (plan.metric, second))
    if plan.kind is IdeaKind.INTERACTION and len(factors) == 2:
        why = "whether lines are parallel is the question"
        return FigureRequest("interaction", "interaction", "main", why, (plan.metric,), contrasts, (), factors)
    if len(factors) == 1 and (plan.kind is IdeaKind.DOSE_RESPONSE or _ladder(plan, spec, factors[0])):
        why = "the levels of the factor are ordered"
        return FigureRequest("dose", "dose", "main", why, (plan.metric,), contrasts, (), factors)
    if len(plan.conditions) == 2 and seeds <= FEW_SEEDS:
        why = "two conditions share few seeds, so each pair can be seen"
        return FigureRequest("effect", "paired", "main", why, (plan.metric,), contrasts)
    why = "conditions without an order, or more seeds than lines can show"
    return FigureRequest("effect", "effect", "main", why, (plan.metric,), contrasts)


def _curves(spec: TemplateSpec, datasets: Sequence[str], recorded: frozenset[tuple[str, str]]) -> list[FigureRequest]:
    """All recorded curves where one row holds them; else the first series in the main part, the others behind it."""
    names = [c.series for c in spec.curves if any(s == c.series for s, _ in recorded)]
    names = names or sorted({s for s, _ in recorded})
    panels = [(s, d) for s in names for d in datasets if (s, d) in recorded]
    main = panels if len(panels) <= MAIN_CURVES else [p for p in panels if p[0] == names[0]]
    rest = [p for p in panels if p not in main][:MOST_CURVES]
    found = []
    if main:
        why = "the runs left learning curves"
        found.append(FigureRequest("curves", "curves", "main", why, curves=tuple(main[:MOST_CURVES])))
    if rest:
        why = "further series do not fit the row"
        found.append(FigureRequest("more_curves", "curves", "appendix", why, curves=tuple(rest)))
    return found


def _behind(plan: Plan, spec: TemplateSpec, primary: FigureRequest, seeds: int) -> list[FigureRequest]:
    """Figures that back the primary one up: single seeds, the dose behind a trade-off, the other contrasts."""
    found = []
    factors = varied(plan, spec)
    if primary.kind == "trade_off" and len(factors) == 1 and _ladder(plan, spec, factors[0]):
        why = "the trade-off moves along an ordered factor"
        found.append(FigureRequest("dose", "dose", "appendix", why, (plan.metric,), (), (), factors))
    pairs = [c for c in _confirmatory(plan) if c.metric == plan.metric and shape(plan, spec, c) == "difference"]
    if primary.kind in ("interaction", "effect") and len(pairs) > 1 and seeds <= FEW_SEEDS:
        why = "the comparisons are paired by seed"
        found.append(FigureRequest("seeds", "paired", "appendix", why, (plan.metric,), tuple(c.id for c in pairs)))
    metrics = {m: sesoi(plan, metric_spec(spec, plan, m)) for m in plan.metrics}
    others = tuple(c.id for c in plan.contrasts if c.id not in primary.contrasts and metrics[c.metric] is not None)
    if len({next(c.metric for c in plan.contrasts if c.id == i) for i in others}) > 1:
        why = "contrasts of several metrics share one axis in units of what matters"
        found.append(FigureRequest("contrasts", "contrasts", "appendix", why, (), others))
    return found


def _confirmatory(plan: Plan) -> list[Contrast]:
    return [c for c in plan.contrasts if c.confirmatory]


def _ladder(plan: Plan, spec: TemplateSpec, factor: str) -> bool:
    """Whether the conditions are three or more levels of an ordered factor."""
    return len(plan.conditions) > 2 and factor_spec(spec, plan, factor).ordered
