"""The panels of a figure: each draws one comparison into given axes from the ledger and the single runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scientist.analysis.design import contrast_name, factor_spec, level, value_text
from scientist.analysis.observations import Observations, dataset_label, metric_spec
from scientist.analysis.quantities import cell_id
from scientist.analysis.style import GREY, PALE, look, plain
from scientist.types import Condition, Contrast, Evidence, MetricSpec, Quantity, Setting, TemplateSpec

AXIS_CHARACTERS = 92
"""Characters of an axis' name that a panel as wide as the page can hold."""
FOREST_WIDTH = 28
TICK_CHARACTERS = 75
"""Characters that the tick labels of a panel as wide as the page can hold."""
CLOSEST = 0.13
"""Levels nearer than this share of the axis are drawn evenly spaced instead."""


@dataclass(frozen=True)
class Scene:
    """What every panel may draw from."""

    seen: Observations
    spec: TemplateSpec
    evidence: Evidence
    ledger: dict[str, Quantity]

    def mean(self, condition: Condition, dataset: str, metric: str) -> Quantity | None:
        return self.ledger.get(cell_id("mean", condition.id, dataset, metric))

    def metric(self, name: str) -> MetricSpec:
        return metric_spec(self.spec, self.seen.plan, name)

    def level(self, condition: Condition, factor: str) -> Setting | None:
        return level(self.seen.plan, self.spec, condition, factor)


def metric_axis(axes: Axes, metric: MetricSpec) -> str:
    unit = f" ({metric.unit})" if metric.unit and metric.unit not in metric.label else ""
    return plain(metric.label + unit, _room(axes, AXIS_CHARACTERS))


def panel_title(scene: Scene, dataset: str | None, index: int, count: int) -> str:
    """ "(a) data set" where there are several panels; the letter alone without a data set."""
    letter = f"({chr(ord('a') + index)}) " if count > 1 else ""
    return letter + (plain(dataset_label(scene.spec, dataset)) if dataset is not None else "")


def cells(axes: Axes, scene: Scene, dataset: str, metric: str) -> None:
    """Conditions one below the other: mean with interval, and the single seeds as dots."""
    conditions = scene.seen.plan.conditions
    for i, c in enumerate(conditions):
        values = scene.seen.values(c.id, dataset, metric)
        offsets = np.linspace(0.12, 0.32, len(values)) if len(values) > 1 else [0.2]
        axes.plot(list(values.values()), [i + o for o in offsets], ".", color=GREY, markersize=3.5, zorder=2)
        mean = scene.mean(c, dataset, metric)
        if mean is not None:
            error_bar(
                axes, float(mean.value), i - 0.08, mean, horizontal=True, colour=look(i).colour, fmt=look(i).marker
            )
    axes.set_yticks(range(len(conditions)), [plain(c.label, 20) for c in conditions], linespacing=1.0)
    axes.set_ylim(len(conditions) - 0.45, -0.55)
    axes.set_xlabel(metric_axis(axes, scene.metric(metric)))
    axes.grid(axis="x", color=PALE, linewidth=0.5, zorder=0)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=5)


def forest(axes: Axes, scene: Scene, contrasts: Sequence[Contrast], metric: str) -> None:
    """Contrasts one below the other: filled where significant, with the band of the smallest effect of interest."""
    bound = scene.ledger.get(f"sesoi.{metric}")
    if bound is not None:
        axes.axvspan(-float(bound.value), float(bound.value), color="#ececec", zorder=0, linewidth=0)
    axes.axvline(0, color="black", linewidth=0.6, zorder=1)
    for i, c in enumerate(contrasts):
        effect = scene.ledger.get(f"effect.{c.id}")
        if effect is not None:
            fill = "black" if scene.evidence.claim(f"claim.{c.id}").significant else "white"
            error_bar(axes, float(effect.value), i, effect, horizontal=True, colour="black", fmt="o", fill=fill)
    labels = [plain(t, FOREST_WIDTH) for t in forest_labels(scene, contrasts)]
    axes.set_yticks(range(len(contrasts)), labels, linespacing=1.0)
    axes.set_ylim(len(contrasts) - 0.45, -0.55)
    axes.set_xlabel(plain(f"contrast in {scene.metric(metric).label}", _room(axes, AXIS_CHARACTERS)), linespacing=1.0)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=5)


def forest_labels(scene: Scene, contrasts: Sequence[Contrast]) -> list[str]:
    """Each contrast's name, its data set, or both, whichever tells the contrasts apart."""
    datasets = [dataset_label(scene.spec, c.dataset) for c in contrasts]
    names = [contrast_name(scene.seen.plan, scene.spec, c) for c in contrasts]
    if len(set(names)) == 1 and len(set(datasets)) == len(contrasts) > 1:
        return datasets
    several = len(set(datasets)) > 1
    return [f"{n} ({d})" if several else n for n, d in zip(names, datasets, strict=True)]


def against_level(axes: Axes, scene: Scene, dataset: str, metric: str, factors: Sequence[str]) -> None:
    """The metric against the levels of the first factor, one line for each level of the second, if there is one."""
    conditions = scene.seen.plan.conditions
    factor = factors[0]
    spec = factor_spec(scene.spec, scene.seen.plan, factor)
    levels = _levels(scene, factor, spec.ordered)
    log = spec.ordered and spec.log_scale
    places = _places(levels, ordered=spec.ordered, log=log)
    even = spec.ordered and _crowded(places, log)
    if even:
        places, log = _places(levels, ordered=False, log=False), False
    lines = _levels(scene, factors[1], True) if len(factors) > 1 else [None]
    for k, other in enumerate(lines):
        mine = [c for c in conditions if other is None or scene.level(c, factors[1]) == other]
        mine.sort(key=lambda c: places[_key(scene.level(c, factor))])
        dodge = _dodge(k, len(lines), places, log)
        x = [dodge(places[_key(scene.level(c, factor))]) for c in mine]
        style = look(k)
        if len(lines) == 1:
            _seed_lines(axes, scene, mine, x, dataset, metric)
        name = None
        if other is not None:
            label = factor_spec(scene.spec, scene.seen.plan, factors[1]).label
            name = plain(f"{label} {value_text(other)}")
        means = [(at, m) for at, c in zip(x, mine, strict=True) if (m := scene.mean(c, dataset, metric)) is not None]
        axes.plot([p for p, _ in means], [float(m.value) for _, m in means], color=style.colour, linestyle=style.dash,
                  marker=style.marker, label=name, zorder=3)  # fmt: skip
        for at, m in means:
            error_bar(axes, at, float(m.value), m, horizontal=False, colour=style.colour, fmt="none")
    _level_axis(axes, levels, places, log=log)
    unit = f" ({spec.unit})" if spec.unit and spec.unit not in spec.label else ""
    axes.set_xlabel(
        plain(spec.label + unit + (", levels evenly spaced" if even else ""), _room(axes, AXIS_CHARACTERS)),
        linespacing=1.0,
    )
    axes.set_ylabel(metric_axis(axes, scene.metric(metric)))
    axes.grid(axis="y", color=PALE, linewidth=0.5, zorder=0)
    axes.locator_params(axis="y", nbins=6)


def crosses(axes: Axes, scene: Scene, dataset: str, metric: str, second: str) -> None:
    """Two metrics against each other: each condition's means as a cross of intervals, its runs as small marks."""
    for i, c in enumerate(scene.seen.plan.conditions):
        style = look(i)
        x, y = scene.seen.values(c.id, dataset, metric), scene.seen.values(c.id, dataset, second)
        both = sorted(set(x) & set(y))
        runs = ([x[s] for s in both], [y[s] for s in both])
        axes.plot(*runs, style.marker, color=style.colour, markersize=2.8, alpha=0.45, markeredgewidth=0, zorder=2)
        across, up = scene.mean(c, dataset, metric), scene.mean(c, dataset, second)
        if across is None or up is None:
            continue
        error_bar(axes, float(across.value), float(up.value), across, horizontal=True, colour=style.colour, fmt="none")
        error_bar(axes, float(across.value), float(up.value), up, horizontal=False, colour=style.colour, fmt="none")
        axes.plot([float(across.value)], [float(up.value)], style.marker, color=style.colour, markeredgecolor="black",
                  markeredgewidth=0.5, markersize=6, label=plain(c.label), linestyle="none", zorder=4)  # fmt: skip
    axes.set_xlabel(metric_axis(axes, scene.metric(metric)))
    axes.set_ylabel(metric_axis(axes, scene.metric(second)))
    axes.grid(color=PALE, linewidth=0.5, zorder=0)
    axes.locator_params(nbins=6)


def repeats(axes: Axes, scene: Scene, metric: str) -> None:
    """Of a template that declares nothing: one metric on every data set, mean with interval and single repeats."""
    c = scene.seen.plan.conditions[0]
    datasets = [d for d in scene.seen.datasets if scene.seen.values(c.id, d, metric)]
    for i, d in enumerate(datasets):
        values = list(scene.seen.values(c.id, d, metric).values())
        axes.plot(values, [i + 0.2] * len(values), ".", color=GREY, markersize=3.5)
        mean = scene.mean(c, d, metric)
        if mean is not None:
            error_bar(axes, float(mean.value), i - 0.05, mean, horizontal=True, colour=look(0).colour, fmt="o")
    axes.set_yticks(range(len(datasets)), [plain(dataset_label(scene.spec, d), 18) for d in datasets])
    axes.set_ylim(len(datasets) - 0.45, -0.55)
    axes.set_xlabel(metric_axis(axes, scene.metric(metric)))
    axes.grid(axis="x", color=PALE, linewidth=0.5, zorder=0)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=5)


def error_bar(
    axes: Axes, x: float, y: float, q: Quantity, *, horizontal: bool, colour: str, fmt: str, fill: str | None = None
) -> None:
    """A marker with the interval of ``q``, if it has one; ``fmt`` "none" draws the interval alone."""
    bars: dict[str, Any] = {}
    if q.low is not None and q.high is not None:
        ends = [[float(q.value) - q.low], [q.high - float(q.value)]]
        bars = {"xerr" if horizontal else "yerr": ends}
    axes.errorbar([x], [y], fmt=fmt, color=colour, ecolor=colour, elinewidth=1.1, capsize=2.2, capthick=1.1,
                  markerfacecolor=fill or colour, markersize=5, zorder=3, **bars)  # fmt: skip


def _room(axes: Axes, characters: int) -> int:
    """How many of the ``characters`` that a full-width panel holds fit this one."""
    place = axes.get_subplotspec()
    return characters // (place.get_gridspec().ncols if place is not None else 1)


def _seed_lines(
    axes: Axes, scene: Scene, conditions: Sequence[Condition], x: Sequence[float], dataset: str, metric: str
) -> None:
    """A thin line for each seed, over the conditions that it completed."""
    values = [scene.seen.values(c.id, dataset, metric) for c in conditions]
    for seed in scene.seen.seeds:
        points = [(at, v[seed]) for at, v in zip(x, values, strict=True) if seed in v]
        axes.plot([p[0] for p in points], [p[1] for p in points], color=GREY, linewidth=0.5, alpha=0.6, marker=".",
                  markersize=2.5, zorder=2)  # fmt: skip


def _levels(scene: Scene, factor: str, ordered: bool) -> list[Setting]:
    """The levels of a factor that the plan's conditions have; ascending where they are numbers."""
    found = {_key(v): v for c in scene.seen.plan.conditions if (v := scene.level(c, factor)) is not None}
    levels = list(found.values())
    if ordered and all(isinstance(v, int | float) for v in levels):
        levels.sort(key=float)
    return levels


def _key(value: Setting | None) -> str:
    return repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def _places(levels: Sequence[Setting], *, ordered: bool, log: bool) -> dict[str, float]:
    """Where each level stands. On a log axis zero gets a place of its own, one step left of the smallest level."""
    if not ordered:
        return {_key(v): float(i) for i, v in enumerate(levels)}
    places = {_key(v): float(v) for v in levels}
    positive = sorted(v for v in places.values() if v > 0)
    if log and positive and min(places.values()) == 0:
        steps = [b / a for a, b in pairwise(positive)]
        places[_key(0.0)] = positive[0] / (float(np.exp(np.mean(np.log(steps)))) if steps else 10.0)
    return places


def _crowded(places: dict[str, float], log: bool) -> bool:
    """Whether levels stand so close that their labels would run into each other."""
    x = sorted(math.log(v) if log else v for v in places.values() if v > 0 or not log)
    return any(b - a < CLOSEST * (x[-1] - x[0]) for a, b in pairwise(x))


def _dodge(k: int, lines: int, places: dict[str, float], log: bool) -> Any:
    """Shift the ``k``-th line a little, so that intervals at the same level do not hide each other."""
    shift = 0.05 * (k - (lines - 1) / 2)
    values = sorted(places.values())
    if log:
        width = math.log(values[-1] / values[0]) if values[0] > 0 else 1.0
        return lambda x: x * math.exp(shift * width)
    width = values[-1] - values[0]
    return lambda x: x + shift * width


def _level_axis(axes: Axes, levels: Sequence[Setting], places: dict[str, float], *, log: bool) -> None:
    positions = [places[_key(v)] for v in levels]
    if log:
        axes.set_xscale("log")
        axes.minorticks_off()
    labels = [value_text(v) for v in levels]
    axes.set_xticks(positions, labels)
    if sum(map(len, labels)) + len(labels) > _room(axes, TICK_CHARACTERS):
        for text in axes.get_xticklabels():
            text.set(rotation=40, ha="right", rotation_mode="anchor")
    low, high = min(positions), max(positions)
    if log:
        pad = (high / low) ** 0.12
        axes.set_xlim(low / pad, high * pad)
    else:
        pad = 0.15 * (high - low)
        axes.set_xlim(low - pad, high + pad)
    if log and _key(0.0) in places:
        _axis_break(axes, low, sorted(positions)[1])


def _axis_break(axes: Axes, low: float, following: float) -> None:
    """Two strokes through a log axis between the place of zero and the first positive level."""
    gap = math.sqrt(low * following)
    for x in (gap, gap * (following / low) ** 0.06):
        axes.plot(
            [x], [0], marker=[(-0.6, -1), (0.0, 1)], markersize=7, color="black", markeredgewidth=0.7,
            transform=axes.get_xaxis_transform(), clip_on=False, linestyle="none",
        )  # fmt: skip
