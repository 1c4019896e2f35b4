"""The quantities that are read rather than tested: settings, counts, cell means, costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median
from typing import Any

from scientist.analysis import display
from scientist.analysis.design import factor_spec, level, varied
from scientist.analysis.observations import Observations, dataset_label, metric_spec, relative_folder
from scientist.analysis.statistics import mean_interval
from scientist.types import Amendment, Condition, MetricSpec, Plan, Quantity, RunStatus, Setting, TemplateSpec

CUT = ", cut at the range of the metric"


def plan_quantities(seen: Observations, spec: TemplateSpec) -> Iterator[Quantity]:
    """What was fixed before the runs."""
    plan = seen.plan
    for name, value in sorted(plan.settings.items()):
        if not isinstance(value, tuple):
            yield _setting(f"cfg.{name}", name.replace("_", " "), value, f"plan.json#/settings/{name}")
    yield from _kept_at_baseline(plan, spec)
    yield count("plan.seeds", "seeds per condition", len(seen.seeds), "plan.json#/seeds")
    yield count("plan.conditions", "conditions", len(plan.conditions), "plan.json#/conditions")
    yield count("plan.looks", "planned analyses", plan.looks, "plan.json#/looks")
    tests = sum(c.confirmatory for c in plan.contrasts) if plan.test != "none" else 0
    yield count("plan.tests", "confirmatory tests", tests, "plan.json#/contrasts")
    yield _setting("plan.alpha", "family-wise significance level", plan.alpha, "plan.json#/alpha")
    yield _setting("plan.alpha_look", "significance level of one analysis", alpha_look(plan), "plan.json#/alpha")
    share = interval_level(plan)
    yield Quantity(
        id="plan.level", label="level of the intervals", value=share, display=display.percent(share), kind="setting",
        sources=("plan.json#/alpha", "plan.json#/looks"), method="one minus the significance level of one analysis",
    )  # fmt: skip
    yield _setting("plan.timeout", "time limit of one run", plan.timeout_s, "plan.json#/timeout_s", "s")
    yield from _level_quantities(plan, spec)
    if plan.test != "none":
        yield from _sesois(plan, spec)


def _kept_at_baseline(plan: Plan, spec: TemplateSpec) -> Iterator[Quantity]:
    """The template's factors that the study does not vary and the preset does not set."""
    changed = {name for c in plan.conditions for name in c.settings}
    for factor in spec.factors:
        if factor.name not in plan.settings and factor.name not in changed:
            source = f"nodes/{plan.baseline.id}/config.json#/config/{factor.name}"
            yield _setting(f"cfg.{factor.name}", factor.label, factor.baseline, source)


def name_quantities(seen: Observations, spec: TemplateSpec) -> Iterator[Quantity]:
    """Names that hold digits: they are printed from the ledger, so that no text types a digit."""
    plan = seen.plan
    names = [("dataset", d, dataset_label(spec, d)) for d in seen.datasets]
    names += [("metric", m, metric_spec(spec, plan, m).label) for m in seen.metrics]
    names += [("factor", f, factor_spec(spec, plan, f).label) for f in varied(plan, spec)]
    for kind, name, label in names:
        if re.search(r"\d", label):
            id = f"name.{kind}.{display.safe_id(name)}"
            yield Quantity(id=id, label=f"name of the {kind}", value=label, display=display.latex(label), kind="other",
                           method="declared by the template")  # fmt: skip


def run_quantities(seen: Observations) -> Iterator[Quantity]:
    """How the runs went and what they cost."""
    runs = seen.runs
    ok = [r for r in runs if r.run.status is RunStatus.OK]
    records = tuple(f"{relative_folder(r)}/run.json#/status" for r in runs)
    planned = len(seen.plan.conditions) * len(seen.seeds)
    yield count("runs.planned", "planned runs", planned, "plan.json#/seeds", "plan.json#/conditions")
    yield count("runs.ok", "completed runs", len(ok), *records)
    yield count("runs.failed", "failed runs", len(runs) - len(ok), *records)
    for c in seen.plan.conditions:
        own = (f"{relative_folder(r)}/run.json#/status" for r in runs if r.run.condition == c.id)
        label = f"completed runs of {c.label}"
        yield count(f"runs.ok.{c.id}", label, len(seen.completed(c.id)), *own, condition=c.id)
    if runs:
        walls = [r.run.wall_s for r in runs]
        sources = tuple(f"{relative_folder(r)}/run.json#/wall_s" for r in runs)
        yield _cost("time.total", "wall time of all runs", sum(walls), "s", "time", sources)
        yield _cost("time.run", "median wall time of a run", median(walls), "s", "time", sources)
        peaks = [r.run.peak_rss_mb for r in runs]
        sources = tuple(f"{relative_folder(r)}/run.json#/peak_rss_mb" for r in runs)
        yield _cost("rss.peak", "largest resident memory of a run", max(peaks), "MB", "other", sources)
    known = [(r.run.peak_gpu_mb, r) for r in runs if r.run.peak_gpu_mb is not None]
    if known:
        sources = tuple(f"{relative_folder(r)}/run.json#/peak_gpu_mb" for _, r in known)
        largest = max(mb for mb, _ in known)
        yield _cost("gpu.peak", "largest GPU memory of a run, as sampled", largest, "MB", "other", sources)


def shortfall_quantities(seen: Observations, amendment: Amendment) -> Iterator[Quantity]:
    """How far the time budget went: what was planned is under ``plan.`` and ``runs.planned``."""
    short = amendment.shortfall
    assert short is not None
    records = tuple(f"{relative_folder(r)}/run.json#/status" for r in seen.runs)
    yield count("runs.made", "runs that are analysed", len(seen.runs), *records)
    yield count("runs.unused", "finished runs at seeds that are not complete", short.runs_finished - len(seen.runs),
                "amendments.json")  # fmt: skip
    yield count("runs.seeds", "seeds that were run under every condition", len(amendment.seeds), "amendments.json")
    for id, label, value in (
        ("time.budget", "time budget of the experiments", short.budget_minutes),
        ("time.spent", "wall time of the experiments when the budget ended them", short.spent_minutes),
    ):
        yield Quantity(
            id=id, label=label, value=value, display=display.number(value, 2 if value < 10 else 1), unit="minutes",
            kind="time", sources=("amendments.json",), method="recorded in the amendment of the plan",
        )  # fmt: skip


def cell_quantities(seen: Observations, spec: TemplateSpec) -> Iterator[Quantity]:
    """Mean, spread and censoring of each condition, data set and metric that was measured."""
    for c in seen.plan.conditions:
        for dataset in seen.datasets:
            for name in seen.metrics:
                values = seen.values(c.id, dataset, name)
                if values:
                    yield from _cell(seen, spec, c, dataset, metric_spec(spec, seen.plan, name), values)


def alpha_look(plan: Plan) -> float:
    return plan.alpha / plan.looks


def interval_level(plan: Plan) -> float:
    """The level of every interval: 1 - alpha / looks, so that two looks give 97.5 % at alpha = 0.05."""
    return 1 - alpha_look(plan)


def sesoi(plan: Plan, metric: MetricSpec) -> float | None:
    """The bound of equivalence: pre-registered for the primary metric, declared by the template for the others."""
    return plan.sesoi if metric.name == plan.metric else metric.sesoi


def cell_id(prefix: str, condition: str, dataset: str, metric: str) -> str:
    return f"{prefix}.{condition}.{display.safe_id(dataset)}.{display.safe_id(metric)}"


def censored_seeds(seen: Observations, condition: Condition, dataset: str, metric: MetricSpec) -> tuple[int, ...]:
    """Seeds whose value is the run's budget, which says "not reached"."""
    budget = run_budget(seen.plan, condition, metric)
    if not metric.censored or budget is None:
        return ()
    return tuple(s for s, v in seen.values(condition.id, dataset, metric.name).items() if v >= budget)


def run_budget(plan: Plan, condition: Condition, metric: MetricSpec) -> float | None:
    """The value of a censored metric that says "not reached": the setting that the metric names as its budget."""
    value = {**plan.settings, **condition.settings}.get(metric.budget or "")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def metric_range(plan: Plan, condition: Condition, metric: MetricSpec) -> tuple[float | None, float | None]:
    """Between which a run of a condition can lie at all; a censored metric cannot exceed the run's budget."""
    budget = run_budget(plan, condition, metric) if metric.censored else None
    return metric.minimum, min((x for x in (metric.maximum, budget) if x is not None), default=None)


def cut(interval: tuple[float, float], limits: tuple[float | None, float | None]) -> tuple[float, float]:
    """An interval without what lies outside of the possible, which covers the truth exactly as often."""
    low, high = interval
    least, most = limits
    return low if least is None else max(low, least), high if most is None else min(high, most)


def _cell(
    seen: Observations, spec: TemplateSpec, c: Condition, dataset: str, metric: MetricSpec, values: dict[int, float]
) -> Iterator[Quantity]:
    share = interval_level(seen.plan)
    got = mean_interval(list(values.values()), share)
    low, high = got.low, got.high
    if low is not None and high is not None:
        low, high = cut((low, high), metric_range(seen.plan, c, metric))
    seeds = tuple(values)
    where = f"{metric.label}, {dataset_label(spec, dataset)}, {c.label}"
    censored = censored_seeds(seen, c, dataset, metric)
    sources = tuple(seen.source(c.id, s, dataset, metric.name) for s in seeds)
    decimals, text = metric.decimals, ""
    if low is not None and high is not None:
        decimals = display.decimals_for(metric.decimals, low, high)
        text = display.interval(low, high, decimals)
    name = "restricted mean" if censored else "mean"
    common: dict[str, Any] = {"n": got.n, "metric": metric.name, "dataset": dataset, "condition": c.id}
    yield Quantity(
        id=cell_id("mean", c.id, dataset, metric.name), label=f"{name} {where}", value=got.mean, kind="mean",
        display=display.number(got.mean, decimals), unit=metric.unit, low=low, high=high,
        level=share if low is not None else None, display_interval=text, seeds=seeds, sources=sources,
        method=_mean_method(name, low is not None, got.n) + (CUT if (low, high) != (got.low, got.high) else ""),
        **common,
    )  # fmt: skip
    if got.sd is not None:
        yield Quantity(
            id=cell_id("sd", c.id, dataset, metric.name), label=f"standard deviation of {where}", value=got.sd,
            display=display.number(got.sd, display.two_digits(got.sd, metric.decimals)), kind="sd", seeds=seeds,
            unit=metric.unit, sources=sources, method="standard deviation over seeds, n - 1 denominator", **common,
        )  # fmt: skip
    if metric.censored and seen.plan.test != "none" and run_budget(seen.plan, c, metric) is not None:
        yield Quantity(
            id=cell_id("censored", c.id, dataset, metric.name), label=f"runs that did not reach the mark: {where}",
            value=len(censored), display=display.integer(len(censored)), kind="count", seeds=censored, sources=sources,
            method="runs whose value equals the budget of the run", **common,
        )  # fmt: skip


def _mean_method(name: str, has_interval: bool, n: int) -> str:
    what = f"{name} over seeds" + (" (runs that did not reach the mark count with their budget)" if " " in name else "")
    if has_interval:
        return f"{what}; Student t interval over seeds"
    return f"{what}; no interval, {'one seed only' if n < 2 else 'as all seeds gave the same value'}"


def _level_quantities(plan: Plan, spec: TemplateSpec) -> Iterator[Quantity]:
    for c in plan.conditions:
        for name in varied(plan, spec):
            value, factor = level(plan, spec, c, name), factor_spec(spec, plan, name)
            if value is None:
                continue
            index = plan.conditions.index(c)
            own = name in c.settings
            source = f"plan.json#/conditions/{index}/settings/{name}" if own else f"plan.json#/settings/{name}"
            quantity = _setting(f"level.{c.id}.{name}", f"{factor.label} in {c.label}", value, source, factor.unit)
            yield quantity.model_copy(update={"condition": c.id})


def _sesois(plan: Plan, spec: TemplateSpec) -> Iterator[Quantity]:
    for name in plan.metrics:
        metric = metric_spec(spec, plan, name)
        value, primary = sesoi(plan, metric), name == plan.metric
        if value is not None:
            yield Quantity(
                id=f"sesoi.{name}", label=f"smallest effect of interest, {metric.label}", value=value,
                display=display.setting(value), unit=metric.unit, kind="setting", metric=name,
                sources=("plan.json#/sesoi",) if primary else (),
                method="fixed in the plan" if primary else "declared by the template",
            )  # fmt: skip


def _setting(id: str, label: str, value: Setting, source: str, unit: str = "") -> Quantity:
    kept: float | int | str = display.setting(value) if isinstance(value, bool) else value
    return Quantity(
        id=id, label=label, value=kept, display=display.setting(value), unit=unit, kind="setting",
        sources=(source,), method="fixed in the plan",
    )  # fmt: skip


def count(id: str, label: str, value: int, *sources: str, condition: str | None = None) -> Quantity:
    return Quantity(
        id=id, label=label, value=value, display=display.integer(value), kind="count", sources=sources,
        condition=condition, method="counted",
    )  # fmt: skip


def _cost(id: str, label: str, value: float, unit: str, kind: str, sources: tuple[str, ...]) -> Quantity:
    shown = display.number(value, 1 if value < 100 else 0)
    return Quantity.model_validate(
        {"id": id, "label": label, "value": value, "display": shown, "unit": unit, "kind": kind,
         "sources": sources, "method": "measured by the harness", "volatile": True}
    )  # fmt: skip
