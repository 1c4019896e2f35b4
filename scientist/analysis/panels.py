"""Panels that compare conditions: means and single runs, pairs of one seed, and contrasts with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from scientist.analysis.design import contrast_name, pair_names
from scientist.analysis.observations import dataset_label
from scientist.analysis.sheet import AXIS_CHARACTERS as WHOLE_AXIS
from scientist.analysis.sheet import NOT_REACHED, Mark, Panel, cell, metric_axis, room, runs
from scientist.analysis.statistics import contrast_by_seed
from scientist.analysis.style import BAND, GREY, PALE, Look, look, plain
from scientist.types import Condition, Contrast

FOREST_WIDTH = 26
"""Characters of a contrast's name on a line."""
CONDITION_WIDTH = 20
SCALED = "in smallest effects of interest"
LINEAR_REACH = 6.0
"""Contrasts within so many smallest effects of interest share a linear axis."""


def cells(panel: Panel, metric: str) -> None:
    """Conditions one below the other: mean with interval, and the single runs as dots."""
    axes, scene = panel.axes, panel.scene
    conditions = scene.seen.plan.conditions
    for i, c in enumerate(conditions):
        _row_of_runs(axes, runs(panel, c, metric), i)
        mean = cell(panel, c, metric)
        if mean is not None:
            error_bar(axes, mean, i - 0.08, scene.look(c), horizontal=True, limits=_limits(panel, metric))
    _rows(axes, [plain(c.label, CONDITION_WIDTH) for c in conditions])
    axes.set_xlabel(metric_axis(axes, scene.metric(metric)))
    budget_line(panel, metric, horizontal=False)


def repeats(panel: Panel, metric: str) -> None:
    """Of a template that declares nothing: one metric on every data set, mean with interval and single repeats."""
    axes, scene = panel.axes, panel.scene
    c = scene.seen.plan.conditions[0]
    datasets = [d for d in scene.seen.datasets if scene.seen.values(c.id, d, metric)]
    for i, d in enumerate(datasets):
        own = Panel(axes, scene, panel.drawing, panel.title, d)
        _row_of_runs(axes, runs(own, c, metric), i)
        mean = cell(own, c, metric)
        if mean is not None:
            error_bar(axes, mean, i - 0.08, look(0), horizontal=True)
    _rows(axes, [plain(dataset_label(scene.spec, d), 18) for d in datasets])
    axes.set_xlabel(metric_axis(axes, scene.metric(metric)))


def slopes(panel: Panel, metric: str, pair: tuple[Condition, Condition], *, sparse: bool = False) -> None:
    """Two conditions side by side, a line for each seed, and the means with their intervals outside of the lines.

    ``sparse`` leaves the axis' name out, which another panel of the row has.
    """
    axes, scene = panel.axes, panel.scene
    points: dict[int, list[tuple[float, float]]] = {}
    for at, side, c in ((0.0, -0.16, pair[0]), (1.0, 0.16, pair[1])):
        for m in runs(panel, c, metric):
            points.setdefault(int(m.seed or 0), []).append((at, m.value))
            dot(axes, at, m)
        mean = cell(panel, c, metric)
        if mean is not None:
            error_bar(axes, mean, at + side, scene.look(c), horizontal=False, limits=_limits(panel, metric))
    for line in points.values():
        axes.plot([p[0] for p in line], [p[1] for p in line], color=GREY, linewidth=0.7, alpha=0.7, zorder=2)
    differ, ticks = pair_names(scene.seen.plan, scene.spec, pair)
    axes.set_xticks([0, 1], [plain(t, max(10, room(axes, 34))) for t in ticks], linespacing=1.0)
    axes.set_xlabel(plain(differ, room(axes, WHOLE_AXIS)))
    axes.set_xlim(-0.45, 1.45)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("" if sparse else metric_axis(axes, scene.metric(metric), up=True), linespacing=1.0)
    axes.grid(axis="y", color=PALE, linewidth=0.5, zorder=0)
    axes.locator_params(axis="y", nbins=6)
    budget_line(panel, metric, horizontal=True)


def forest(panel: Panel, contrasts: Sequence[Contrast], metric: str) -> None:
    """Contrasts one below the other: filled where significant, with the band of the smallest effect of interest."""
    axes, scene = panel.axes, panel.scene
    spec = scene.metric(metric)
    bound = scene.ledger.get(f"sesoi.{metric}")
    if bound is not None:
        half = panel.mark("bound", "", spec, float(bound.value), label="smallest effect of interest").value
        axes.axvspan(-half, half, color=BAND, zorder=0, linewidth=0)
    axes.axvline(0, color="black", linewidth=0.6, zorder=1)
    for i, c in enumerate(contrasts):
        _effect(panel, c, i, 1.0)
    _rows(axes, [plain(t, FOREST_WIDTH) for t in forest_labels(panel, contrasts)])
    axes.grid(visible=False)
    unit = f" ({spec.unit})" if spec.unit and spec.unit not in spec.label else ""
    axes.set_xlabel(plain(f"change in {spec.label}{unit}", room(axes, WHOLE_AXIS)), linespacing=1.0)


def scaled_forest(panel: Panel, contrasts: Sequence[Contrast]) -> None:
    """Contrasts of several metrics, each in units of its metric's smallest effect of interest."""
    axes, scene = panel.axes, panel.scene
    axes.axvspan(-1, 1, color=BAND, zorder=0, linewidth=0)
    axes.axvline(0, color="black", linewidth=0.6, zorder=1)
    for i, c in enumerate(contrasts):
        bound = float(scene.ledger[f"sesoi.{c.metric}"].value)
        panel.mark("bound", c.id, scene.metric(c.metric), bound, label="smallest effect of interest")
        _effect(panel, c, i, bound)
    names = forest_labels(panel, contrasts)
    metrics = [scene.metric(c.metric).label for c in contrasts]
    shared = len(set(names)) == 1
    labels = metrics if shared else [f"{m}\n{n}" for m, n in zip(metrics, names, strict=True)]
    _rows(axes, ["\n".join(plain(line, 44) for line in label.split("\n")) for label in labels])
    what = f"change, {names[0]}," if shared else "change"
    axes.set_xlabel(plain(f"{what} in units of the metric's smallest effect of interest", 72), linespacing=1.0)
    drawn = [abs(v) for m in panel.drawing.marks if m.part == "contrast" for v in (m.x_low, m.x_high, m.x)
             if isinstance(v, int | float)]  # fmt: skip
    reach = 1.15 * max([2.0, *drawn])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))
    if reach > LINEAR_REACH:
        # Over few seeds some intervals are a hundred times as wide as others.
        axes.set_xscale("symlog", linthresh=1, linscale=0.6)
        ends = [t for k in range(9) for t in (10**k, 3 * 10**k) if t <= reach]
        axes.set_xticks([-t for t in reversed(ends)] + [0] + ends)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
        axes.minorticks_off()
    axes.grid(axis="x", color=PALE, linewidth=0.5, zorder=0)
    axes.set_xlim(-reach, reach)


def forest_labels(panel: Panel, contrasts: Sequence[Contrast]) -> list[str]:
    """Each contrast's name, its data set, or both, whichever tells the contrasts apart."""
    scene = panel.scene
    datasets = [dataset_label(scene.spec, c.dataset) for c in contrasts]
    names = [contrast_name(scene.seen.plan, scene.spec, c) for c in contrasts]
    if len(set(names)) == 1 and len(set(datasets)) == len(contrasts) > 1:
        return datasets
    several = len(set(datasets)) > 1
    return [f"{n} ({d})" if several else n for n, d in zip(names, datasets, strict=True)]


def error_bar(
    axes: Axes,
    mark: Mark,
    at: float,
    style: Look,
    *,
    horizontal: bool,
    limits: tuple[float | None, float | None] = (None, None),
    fill: str | None = None,
    along_x: bool = False,
) -> None:
    """The mean of ``mark`` at ``at`` across, with its interval; an end that the metric's range cut off has no cap.

    ``along_x`` draws the interval of the mark's x instead.
    """
    value, low, high = (mark.x, mark.x_low, mark.x_high) if along_x else (mark.value, mark.low, mark.high)
    options: dict[str, Any] = {"color": style.colour, "linestyle": "none", "zorder": 3}
    if low is not None and high is not None:
        _line(axes, [low, high], [at, at], horizontal, color=style.colour, linewidth=1.1, zorder=3)
        ends = [e for e, limit in ((low, limits[0]), (high, limits[1])) if limit is None or e != limit]
        cap = "|" if horizontal else "_"
        _line(axes, ends, [at] * len(ends), horizontal, marker=cap, markersize=5, markeredgewidth=1.1, **options)
    _line(axes, [value], [at], horizontal, marker=style.marker, markersize=5, markerfacecolor=fill or style.colour,
          **options)  # fmt: skip


def dot(axes: Axes, at: float, mark: Mark, *, horizontal: bool = False, size: float = 3.0, colour: str = GREY) -> None:
    """A single run; open where it did not reach the mark."""
    face = "white" if mark.note == NOT_REACHED else colour
    _line(axes, [mark.value], [at], horizontal, marker="o", markersize=size, color=colour, markerfacecolor=face,
          markeredgewidth=0.6, linestyle="none", zorder=2.5)  # fmt: skip


def budget_line(panel: Panel, metric: str, *, horizontal: bool) -> None:
    """A dotted line at the budget of a run, where some run of this panel spent it without reaching the mark."""
    missed = any(m.note == NOT_REACHED and m.panel == panel.title for m in panel.drawing.marks)
    budget = panel.scene.budget(metric)
    if missed and budget is not None:
        panel.mark("budget", "", panel.scene.metric(metric), budget, label="budget of a run")
        draw = panel.axes.axhline if horizontal else panel.axes.axvline
        draw(budget, color=GREY, linewidth=0.8, linestyle=(0, (1, 1.5)), zorder=1)


def pair_of(contrast: Contrast, conditions: Sequence[Condition]) -> tuple[Condition, Condition]:
    """The two conditions of a difference, the one that is subtracted first."""
    by_id = {c.id: c for c in conditions}
    down = next(by_id[c] for c, w in contrast.weights.items() if w < 0)
    return down, next(by_id[c] for c, w in contrast.weights.items() if w > 0)


def _effect(panel: Panel, c: Contrast, row: int, unit: float) -> None:
    """The contrast of each seed as a dot, and the estimate with its interval, all in ``unit``."""
    axes, scene = panel.axes, panel.scene
    spec, seen = scene.metric(c.metric), scene.seen
    here = Panel(axes, scene, panel.drawing, panel.title, c.dataset)
    values = {k: seen.values(k, c.dataset, c.metric) for k in c.weights}
    for seed, value in contrast_by_seed(c, values).items():
        scaled = {"x_name": SCALED, "x": value / unit} if unit != 1.0 else {}
        mark = here.mark("difference", c.id, spec, value, label=c.label, seed=seed, **scaled)
        dot(axes, row + 0.24, mark._replace(value=value / unit), horizontal=True, size=2.4)
    q = scene.ledger.get(f"effect.{c.id}")
    if q is None:
        return
    significant = scene.evidence.claim(f"claim.{c.id}").significant
    note = "significant" if significant else "not significant"
    scaled = {
        "x_name": SCALED,
        "x": float(q.value) / unit,
        "x_low": None if q.low is None else q.low / unit,
        "x_high": None if q.high is None else q.high / unit,
    }
    mark = here.mark("contrast", c.id, spec, float(q.value), label=c.label, low=q.low, high=q.high, level=q.level,
                     n=q.n, note=note, **(scaled if unit != 1.0 else {}))  # fmt: skip
    style = Look("black", "o" if c.confirmatory else "D", "-")
    fill = "black" if significant else "white"
    error_bar(axes, mark, row - 0.04, style, horizontal=True, along_x=unit != 1.0, fill=fill)


def _limits(panel: Panel, metric: str) -> tuple[float | None, float | None]:
    return panel.scene.limits(metric)


def _row_of_runs(axes: Axes, marks: Sequence[Mark], row: int) -> None:
    offsets = np.linspace(0.12, 0.32, len(marks)) if len(marks) > 1 else [0.2]
    for m, offset in zip(marks, offsets, strict=True):
        dot(axes, row + float(offset), m, horizontal=True, size=2.6)


def _rows(axes: Axes, labels: Sequence[str]) -> None:
    """Names down the left side, the first on top, and a quiet scale below."""
    axes.set_yticks(range(len(labels)), labels, linespacing=1.05)
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=PALE, linewidth=0.5, zorder=0)
    axes.locator_params(axis="x", nbins=5)


def _line(axes: Axes, along: Sequence[Any], across: Sequence[float], horizontal: bool, **options: Any) -> None:
    """Plot with the values along x where ``horizontal``, else along y."""
    axes.plot(*((along, across) if horizontal else (across, along)), **options)
