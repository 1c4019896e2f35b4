"""The quantities and the table of a search over experiments: what it tried, what it found, and how far that held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scientist.analysis import display
from scientist.analysis.captions import capital, metric_text, sentences
from scientist.analysis.design import name_text
from scientist.analysis.observations import dataset_label, metric_spec
from scientist.types import Explored, MetricSpec, Piloted, Plan, Quantity, Setting, Table, TemplateSpec

SOURCE = "search/search.json"
COUNTS = {
    "asked": "steps that the search was given",
    "nodes": "steps that the search made",
    "candidates": "distinct configurations that the search ran",
    "failed": "steps of the search whose pilot runs failed",
    "refused": "steps of the search without a usable change",
    "duplicates": "steps of the search that repeat a configuration",
    "replications": "steps of the search that repeat a pilot at another seed",
}


def search_quantities(
    explored: Explored, plan: Plan, spec: TemplateSpec, effects: Sequence[Quantity]
) -> Iterator[Quantity]:
    """Counts, pilot scores, settings, and by how much the pilots flattered; ``effects`` are the study's estimates."""
    for name, label in COUNTS.items():
        value = getattr(explored, name)
        yield Quantity(
            id=f"search.{name}", label=label, value=value, display=display.integer(value), kind="count",
            sources=(f"{SOURCE}#/{name}",), method="counted over the steps of the search",
        )  # fmt: skip
    yield _runs(explored.best)
    metric = metric_spec(spec, plan, explored.metric)
    for dataset in explored.datasets:
        yield from _pilots(explored, spec, metric, dataset)
        if explored.found_id is not None:
            yield from _optimism(explored, spec, metric, dataset, effects)
    for moved in explored.moved:
        place = f"{SOURCE}#/moved/{explored.moved.index(moved)}"
        label = next((f.label for f in spec.factors if f.name == moved.factor), moved.factor)
        if re.search(r"\d", label):
            yield Quantity(
                id=f"name.factor.{display.safe_id(moved.factor)}", label="name of the factor", value=label,
                display=display.latex(label), kind="other", method="declared by the template",
            )  # fmt: skip
        yield _level(f"search.level.baseline.{moved.factor}", f"{label} at the baseline", moved.baseline, place)
        yield _level(f"search.level.found.{moved.factor}", f"{label} as found by the search", moved.found, place)


def search_table(explored: Explored, plan: Plan, spec: TemplateSpec) -> Table | None:
    """The settings of the baseline and of the found configuration, and their pilot means."""
    if explored.found_id is None:
        return None
    rows = []
    labels = {f.name: f.label for f in spec.factors}
    for m in explored.moved:
        name = capital(name_text("factor", m.factor, labels[m.factor]))
        rows.append((name, *(rf"\val{{search.level.{side}.{m.factor}}}" for side in ("baseline", "found"))))
    if explored.code_files:
        rows.append(("Code", "the template's", "changed"))
    for d in explored.datasets:
        where = "" if len(explored.datasets) == 1 else f", {name_text('dataset', d, dataset_label(spec, d))}"
        id = display.safe_id(d)
        name = f"{capital(metric_text(plan, spec, explored.metric))}{where} (pilot)"
        rows.append((name, rf"\val{{search.pilot.baseline.{id}}}", rf"\val{{search.pilot.best.{id}}}"))
    caption = sentences(
        "What the search found: the settings in which the found configuration differs from the baseline, and the means "
        "of their pilot runs on validation data.",
        "The pilot means are exploratory: the search chose by them.",
    )
    return Table(id="search", caption=caption, align="lll", header=("", "Baseline", "Found"), rows=tuple(rows))


def _pilots(explored: Explored, spec: TemplateSpec, metric: MetricSpec, dataset: str) -> Iterator[Quantity]:
    where, id = f"{metric.label}, {dataset_label(spec, dataset)}", display.safe_id(dataset)
    for side, piloted, told in (("baseline", explored.baseline, "the baseline"), ("best", explored.best, "the best")):
        value = piloted.values[dataset]
        yield Quantity(
            id=f"search.pilot.{side}.{id}", label=f"pilot mean of {told}: {where}", value=value,
            display=display.number(value, metric.decimals), unit=metric.unit, kind="mean", n=len(piloted.seeds),
            seeds=piloted.seeds, sources=(f"{SOURCE}#/{side}/values/{dataset}",),
            method="mean over pilot runs on validation data; exploratory",
        )  # fmt: skip
    yield _gain(explored, metric, dataset, where)


def _runs(piloted: Piloted) -> Quantity:
    value = len(piloted.seeds)
    return Quantity(
        id="search.runs", label="pilot runs of the best configuration", value=value, display=display.integer(value),
        kind="count", sources=(f"{SOURCE}#/best/seeds",), method="counted",
    )  # fmt: skip


def _gain(explored: Explored, metric: MetricSpec, dataset: str, where: str) -> Quantity:
    value = explored.best.values[dataset] - explored.baseline.values[dataset]
    return Quantity(
        id=f"search.gain.{display.safe_id(dataset)}", label=f"pilot difference of the best from the baseline: {where}",
        value=value, display=display.number(value, metric.decimals), unit=metric.unit, kind="other",
        sources=tuple(f"{SOURCE}#/{side}/values/{dataset}" for side in ("best", "baseline")),
        method="best minus baseline, over pilot runs; exploratory",
    )  # fmt: skip


def _optimism(
    explored: Explored, spec: TemplateSpec, metric: MetricSpec, dataset: str, effects: Sequence[Quantity]
) -> Iterator[Quantity]:
    """By how much the pilots promised more than the confirmatory runs gave, in the direction that is better."""
    main = [q for q in effects if q.id.startswith("effect.main") and q.dataset == dataset]
    if not main:
        return
    sign = 1.0 if metric.goal == "max" else -1.0
    gain = explored.best.values[dataset] - explored.baseline.values[dataset]
    value = sign * (gain - float(main[0].value))
    yield Quantity(
        id=f"search.optimism.{display.safe_id(dataset)}",
        label=f"pilot gain beyond the confirmatory gain: {metric.label}, {dataset_label(spec, dataset)}",
        value=value, display=display.number(value, metric.decimals), unit=metric.unit, kind="other",
        sources=(*(f"{SOURCE}#/{side}/values/{dataset}" for side in ("best", "baseline")), *main[0].sources),
        method="pilot gain minus confirmatory gain, a gain being larger where the metric is better",
    )  # fmt: skip


def _level(id: str, label: str, value: Setting, source: str) -> Quantity:
    kept: float | int | str = display.setting(value) if isinstance(value, bool) else value
    return Quantity(
        id=id, label=label, value=kept, display=display.setting(value), kind="setting", sources=(source,),
        method="chosen by the search",
    )  # fmt: skip
