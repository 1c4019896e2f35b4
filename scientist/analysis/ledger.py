"""Builds the ledger: from the plan and its runs to every quantity and claim that the paper may name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scientist.analysis import display
from scientist.analysis.design import shape
from scientist.analysis.observations import Observations, dataset_label, metric_spec, observe
from scientist.analysis.quantities import (
    CUT,
    alpha_look,
    cell_quantities,
    censored_seeds,
    count,
    cut,
    interval_level,
    metric_range,
    name_quantities,
    plan_quantities,
    run_budget,
    run_quantities,
    sesoi,
    shortfall_quantities,
)
from scientist.analysis.searched import search_quantities
from scientist.analysis.statistics import PairedTest, bootstrap_interval, contrast_by_seed, holm, paired_test
from scientist.errors import ScientistError
from scientist.types import (
    Amendment,
    Claim,
    Contrast,
    Evidence,
    Explored,
    MetricSpec,
    Plan,
    Quantity,
    RunResult,
    RunStatus,
    TemplateSpec,
    Verdict,
)

Sign = Literal["increase", "decrease", "none"]
TEST_NAMES = {"paired_t": "paired t-test over seeds", "sign_flip": "exact sign-flip test over seeds", "none": "no test"}


@dataclass(frozen=True)
class TestedContrast:
    """A contrast, what it was per seed, and its tests; ``adjusted`` are Holm-adjusted for confirmatory contrasts."""

    contrast: Contrast
    metric: MetricSpec
    by_seed: dict[int, float]
    test: PairedTest
    adjusted: float | None = None
    equivalence_adjusted: float | None = None

    @property
    def decisive(self) -> float | None:
        """The p-value that the verdict rests on."""
        return self.adjusted if self.contrast.confirmatory else self.test.p

    @property
    def decisive_equivalence(self) -> float | None:
        return self.equivalence_adjusted if self.contrast.confirmatory else self.test.p_equivalence


def build_evidence(
    *,
    plan: Plan,
    plan_sha256: str,
    spec: TemplateSpec,
    results: Sequence[RunResult],
    look: int,
    shortfall: Amendment | None = None,
    explored: Explored | None = None,
) -> Evidence:
    """The ledger of one look at the data; the same runs give the same ledger in whatever order they finished.

    ``shortfall`` is the amendment by which this look makes do with fewer seeds than planned, ``explored`` the search
    that came before the plan. Raises ScientistError for runs outside the plan.
    """
    seen = observe(plan, results, look)
    tested = test_contrasts(seen, spec)
    quantities = [*plan_quantities(seen, spec), *name_quantities(seen, spec)]
    quantities += [
        *run_quantities(seen),
        *(shortfall_quantities(seen, shortfall) if shortfall else ()),
        *cell_quantities(seen, spec),
    ]
    for t in tested:
        quantities.extend(_contrast_quantities(seen, spec, t))
    if explored is not None:
        quantities.extend(search_quantities(explored, plan, spec, quantities))
    known = _unique(quantities)
    claims = tuple(_claim(seen, spec, t, known) for t in tested)
    quantities.extend(_verdict_counts(claims))
    brought = {r.folder for r in results if r.run.brought}
    return Evidence(
        plan_sha256=plan_sha256,
        look=look,
        quantities=tuple(_marked(q, brought) for q in quantities),
        claims=claims,
        warnings=(*_warnings(seen, spec, tested), *((BROUGHT,) if brought else ())),
    )


BROUGHT = "the results were brought by the user and not run here: nothing is known of how they were made"
MARK = "from results that were brought, not run here"


def _marked(quantity: Quantity, brought: set[str]) -> Quantity:
    """A quantity that rests on brought results says so where it says how it was computed."""
    if not any(source.startswith(f"{folder}/") for source in quantity.sources for folder in brought):
        return quantity
    return quantity.model_copy(update={"method": f"{quantity.method}; {MARK}" if quantity.method else MARK})


def test_contrasts(seen: Observations, spec: TemplateSpec) -> tuple[TestedContrast, ...]:
    """Every contrast of the plan, tested, with Holm's correction over the confirmatory ones."""
    if seen.plan.test == "none":
        return ()
    tested = [_test(seen, spec, c) for c in seen.plan.contrasts]
    family = [i for i, t in enumerate(tested) if t.contrast.confirmatory]
    different = holm([tested[i].test.p for i in family])
    equivalent = holm([tested[i].test.p_equivalence for i in family])
    for i, p, q in zip(family, different, equivalent, strict=True):
        t = tested[i]
        tested[i] = TestedContrast(t.contrast, t.metric, t.by_seed, t.test, p, q)
    return tuple(tested)


test_contrasts.__test__ = False  # type: ignore[attr-defined]


def _test(seen: Observations, spec: TemplateSpec, contrast: Contrast) -> TestedContrast:
    metric = metric_spec(spec, seen.plan, contrast.metric)
    values = {c: seen.values(c, contrast.dataset, contrast.metric) for c in contrast.weights}
    by_seed = contrast_by_seed(contrast, values)
    scale = max((abs(contrast.weights[c] * v) for c, y in values.items() for v in y.values()), default=0.0)
    bound = sesoi(seen.plan, metric)
    test = paired_test(list(by_seed.values()), sesoi=bound, level=interval_level(seen.plan), scale=scale)
    reached = _censored_shares(seen, contrast, metric)
    if test.n >= 2 and reached and min(reached) == 1:
        reason = "no run of the compared conditions reached the mark within its budget, so they cannot be told apart"
        test = PairedTest(test.n, test.estimate, test.sd, None, None, "none", None, None, None, None, reason)
    elif test.p_equivalence is not None and reached and max(reached) > 0.5:
        reason = "most runs of a compared condition did not reach the mark, so that equivalence cannot be tested"
        test = replace(test, p_equivalence=None, reason=reason)
    return TestedContrast(contrast, metric, by_seed, test)


def _censored_shares(seen: Observations, contrast: Contrast, metric: MetricSpec) -> list[float]:
    """The share of runs at their budget in each compared condition: equal budgets are no sign of equal times."""
    if not metric.censored:
        return []
    used = [c for c in seen.plan.conditions if contrast.weights.get(c.id, 0) != 0]
    made = [len(seen.values(c.id, contrast.dataset, metric.name)) for c in used]
    missed = [len(censored_seeds(seen, c, contrast.dataset, metric)) for c in used]
    return [k / n if n else 0.0 for k, n in zip(missed, made, strict=True)]


def _contrast_quantities(seen: Observations, spec: TemplateSpec, t: TestedContrast) -> Iterator[Quantity]:
    """The estimate, and each test that is defined for it."""
    if t.test.estimate is None:
        return
    c, test, threshold = t.contrast, t.test, alpha_look(seen.plan)
    yield _estimate(seen, spec, t)

    def derived(prefix: str, label: str, value: float, shown: str, kind: str, method: str) -> Quantity:
        return Quantity.model_validate(
            {"id": f"{prefix}.{c.id}", "label": f"{label}: {c.label}", "value": value, "display": shown, "kind": kind,
             "n": test.n, "metric": c.metric, "dataset": c.dataset, "seeds": tuple(t.by_seed),
             "sources": _sources(seen, t), "method": method}
        )  # fmt: skip

    yield derived("n", "complete seeds", test.n, str(test.n), "count", "seeds complete in all compared conditions")
    p_values = (
        ("p", "p-value", test.p, f"two-sided {TEST_NAMES[test.test]}, not adjusted"),
        ("padj", "adjusted p-value", t.adjusted, "Holm's correction over the confirmatory tests of the plan"),
        ("perm", "sign-flip p-value", test.p_sign_flip, "exact two-sided test over all sign flips of the seeds"),
        ("tost", "equivalence p-value", test.p_equivalence, _equivalence_method(test)),
        ("tostadj", "adjusted equivalence p-value", t.equivalence_adjusted, "Holm's correction of the equivalence p"),
    )
    for prefix, label, p, method in p_values:
        if p is not None:
            yield derived(prefix, label, p, display.p_value(p, threshold), "p_value", method)
    if test.g is not None:
        method = "mean over standard deviation of the per-seed contrast, with Hedges' small-sample factor"
        yield derived("g", "standardised paired effect", test.g, display.number(test.g, 2, signed=True),
                      "effect_size", method)  # fmt: skip
    boot = bootstrap_interval(list(t.by_seed.values()), interval_level(seen.plan)) if test.p is not None else None
    if boot is not None:
        yield _estimate(seen, spec, t).model_copy(update=_bootstrap_fields(t, boot))


def _estimate(seen: Observations, spec: TemplateSpec, t: TestedContrast) -> Quantity:
    c, test, decimals = t.contrast, t.test, t.metric.decimals
    assert test.estimate is not None
    low, high, text = test.low, test.high, ""
    if low is not None and high is not None:
        low, high = cut((low, high), _contrast_range(seen, t))
        decimals = display.decimals_for(decimals, low, high)
        text = display.interval(low, high, decimals, signed=True)
    method = "mean over seeds of the weighted sum of the conditions' values of that seed"
    interval = "Student t interval over seeds, not adjusted for multiplicity" if low is not None else test.reason
    interval += CUT if (low, high) != (test.low, test.high) else ""
    return Quantity(
        id=f"effect.{c.id}", label=f"{c.label}: {t.metric.label}, {dataset_label(spec, c.dataset)}",
        value=test.estimate, display=display.number(test.estimate, decimals, signed=True), unit=t.metric.unit,
        kind="contrast", n=test.n, low=low, high=high,
        level=interval_level(seen.plan) if low is not None else None, display_interval=text, metric=c.metric,
        dataset=c.dataset, seeds=tuple(t.by_seed), sources=_sources(seen, t), method=f"{method}; {interval}",
    )  # fmt: skip


def _contrast_range(seen: Observations, t: TestedContrast) -> tuple[float | None, float | None]:
    """Between which a contrast can lie at all, from the ranges of its conditions; None where one is open."""
    ends: list[tuple[float | None, float | None]] = []
    for c in seen.plan.conditions:
        weight = t.contrast.weights.get(c.id, 0.0)
        if weight:
            low, high = (None if x is None else weight * x for x in metric_range(seen.plan, c, t.metric))
            ends.append((low, high) if weight > 0 else (high, low))
    lows, highs = zip(*ends, strict=True)
    return None if None in lows else sum(lows), None if None in highs else sum(highs)


def _bootstrap_fields(t: TestedContrast, boot: tuple[float, float, str]) -> dict[str, object]:
    low, high, method = boot
    decimals = display.decimals_for(t.metric.decimals, low, high)
    return {
        "id": f"boot.{t.contrast.id}", "label": f"bootstrap interval: {t.contrast.label}", "low": low, "high": high,
        "display_interval": display.interval(low, high, decimals, signed=True),
        "method": f"{method} bootstrap of the mean over seeds with a fixed resampling seed; secondary",
    }  # fmt: skip


def _sources(seen: Observations, t: TestedContrast) -> tuple[str, ...]:
    c = t.contrast
    order = [k.id for k in seen.plan.conditions if c.weights.get(k.id, 0) != 0]
    return tuple(seen.source(k, s, c.dataset, c.metric) for k in order for s in t.by_seed)


def _equivalence_method(test: PairedTest) -> str:
    kind = "one-sided t tests" if test.test == "paired_t" else "one-sided exact sign-flip tests"
    return f"the larger p of two {kind} against the smallest effect of interest"


# ------------------------------------------------------------------------------------------- claims


def _claim(seen: Observations, spec: TemplateSpec, t: TestedContrast, known: frozenset[str]) -> Claim:
    c, threshold = t.contrast, alpha_look(seen.plan)
    significant = t.decisive is not None and t.decisive <= threshold
    equivalent = t.decisive_equivalence is not None and t.decisive_equivalence <= threshold
    observed = _sign(t.test.estimate)
    verdict = _verdict(c.direction, observed, significant, equivalent)
    prefixes = ("effect", "n", "p", "padj", "perm", "tost", "tostadj", "g", "boot")
    ids = [f"{prefix}.{c.id}" for prefix in prefixes] + [f"sesoi.{c.metric}"]
    better = None
    if observed != "none" and shape(seen.plan, spec, c) != "interaction":
        better = (observed == "increase") == (t.metric.goal == "max")
    return Claim(
        id=f"claim.{c.id}", contrast=c.id, statement=_statement(spec, t, observed, verdict, equivalent),
        metric=c.metric, dataset=c.dataset, hypothesised=c.direction, observed=observed, verdict=verdict,
        significant=significant, confirmatory=c.confirmatory, better=better, test=TEST_NAMES[t.test.test],
        quantities=tuple(i for i in ids if i in known), weights=c.weights,
    )  # fmt: skip


def _verdict_counts(claims: Sequence[Claim]) -> Iterator[Quantity]:
    """How many confirmatory contrasts came to each verdict; none where nothing is tested."""
    for verdict in Verdict if claims else ():
        found = sum(c.verdict is verdict for c in claims if c.confirmatory)
        yield count(f"verdicts.{verdict}", f"confirmatory contrasts found {verdict}", found)


def _verdict(hypothesised: Sign, observed: Sign, significant: bool, equivalent: bool) -> Verdict:
    """A contrast without a hypothesised direction asks whether there is a difference: any significant one supports."""
    if significant:
        return Verdict.SUPPORTED if hypothesised in ("none", observed) else Verdict.REFUTED
    return Verdict.EQUIVALENT if equivalent else Verdict.INCONCLUSIVE


def _sign(estimate: float | None) -> Sign:
    if estimate is None or estimate == 0:
        return "none"
    return "increase" if estimate > 0 else "decrease"


def _statement(spec: TemplateSpec, t: TestedContrast, observed: Sign, verdict: Verdict, equivalent: bool) -> str:
    """The claim in plain words; the numbers are in its quantities."""
    where = f"{t.metric.label} on {dataset_label(spec, t.contrast.dataset)}"
    said = {
        Verdict.SUPPORTED: f"a significant {observed} of {where}"
        + (", as hypothesised" if t.contrast.direction != "none" else ""),
        Verdict.REFUTED: f"a significant {observed} of {where}, opposite to the hypothesis",
        Verdict.EQUIVALENT: f"the difference in {where} lies within the smallest effect of interest",
        Verdict.INCONCLUSIVE: f"neither a difference in {where} nor its absence within the smallest effect of interest "
        "is shown",
    }[verdict]
    if equivalent and verdict in (Verdict.SUPPORTED, Verdict.REFUTED):
        said += ", though it lies within the smallest effect of interest"
    reason = f" ({t.test.reason})" if t.test.reason else ""
    exploratory = "" if t.contrast.confirmatory else "exploratory: "
    return f"{t.contrast.label}: {exploratory}{said}{reason}."


# ------------------------------------------------------------------------------------------- warnings


def _warnings(seen: Observations, spec: TemplateSpec, tested: Sequence[TestedContrast]) -> Iterator[str]:
    """What a reader must know about the data, in words; the counts are in the ledger."""
    plan = seen.plan
    for c in plan.conditions:
        failed = [r for r in seen.runs if r.run.condition == c.id and r.run.status is not RunStatus.OK]
        if failed:
            kinds = ", ".join(sorted({r.run.status.value.replace("_", " ") for r in failed}))
            yield f"Some runs of the condition “{c.label}” failed ({kinds}) and are not in its means."
        if any(r.run.adjusted for r in seen.runs if r.run.condition == c.id and r.run.status is RunStatus.OK):
            yield f"Some runs of the condition “{c.label}” ran out of memory and were made again with half the batch."
    if len(seen.runs) < len(plan.conditions) * len(seen.seeds):
        yield "Some planned runs were not made."
    for name in plan.metrics if plan.test != "none" else ():
        metric = metric_spec(spec, plan, name)
        if metric.censored:
            yield from _censoring(seen, spec, metric)
    for t in tested:
        if t.test.n < len(seen.seeds):
            yield f"The contrast “{t.contrast.label}” leaves out seeds that are not complete in all its conditions."
        if t.test.reason:
            yield f"The contrast “{t.contrast.label}” ({t.metric.label}): {t.test.reason}."


def _censoring(seen: Observations, spec: TemplateSpec, metric: MetricSpec) -> Iterator[str]:
    for c in seen.plan.conditions:
        if run_budget(seen.plan, c, metric) is None:
            yield f"The budget of a run is not among the settings, so censored {metric.label} is not counted."
            return
        for dataset in seen.datasets:
            if censored_seeds(seen, c, dataset, metric):
                where = f"{metric.label} on {dataset_label(spec, dataset)}"
                yield f"Some runs of the condition “{c.label}” did not reach the mark of {where} within their budget."


def _unique(quantities: Sequence[Quantity]) -> frozenset[str]:
    ids = [q.id for q in quantities]
    if len(set(ids)) != len(ids):
        twice = sorted({i for i in ids if ids.count(i) > 1})
        raise ScientistError(f"two quantities share an id: {', '.join(twice)}", "rename metrics or data sets")
    return frozenset(ids)
