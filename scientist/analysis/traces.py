"""Figures of what runs leave beside their metrics: learning curves and generated samples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from scientist.analysis.captions import sentences
from scientist.analysis.design import legend_names
from scientist.analysis.display import latex
from scientist.analysis.observations import dataset_label
from scientist.analysis.quantities import interval_level
from scientist.analysis.records import Curve, Points, average
from scientist.analysis.sheet import Drawing, Mark, Panel, Scene, lettered
from scientist.analysis.style import (
    COLUMN,
    FULL,
    GREY,
    INK,
    PALE,
    PALE_INK,
    canvas,
    grid,
    legend_above,
    log_ticks,
    look,
    plain,
)
from scientist.types import Condition, CurveSpec, Sentence

Series = Mapping[tuple[str, str, str], Mapping[int, Points]]
Samples = Mapping[tuple[str, str], tuple[int, Points, Points]]
BAND_SEEDS = 4
"""With fewer seeds a t band is many times as wide as what was seen: the single runs are drawn instead."""
FEW_BANDS = 3
OVERHANG = 0.35
"""How far, as a share of what was measured, a band may stretch the axis."""
MOST_SAMPLE_COLUMNS = 5
MOST_POINTS = 600
WIDEST = 1.7
"""Half the width of a frame of samples, in those of the data."""


class _Curves(NamedTuple):
    """What one panel shows."""

    spec: CurveSpec
    runs: dict[str, Mapping[int, Points]]
    means: dict[str, Curve]
    log: bool
    banded: bool


def draw_curves(scene: Scene, series: Series, shown: Sequence[tuple[str, str]], place: str) -> Drawing:
    """Learning curves by condition: a panel for each (series, data set) of ``shown``."""
    names = list(dict.fromkeys(s for s, _ in shown))
    datasets = list(dict.fromkeys(d for _, d in shown))
    places = [(s, d) for s in names for d in datasets]
    columns = len(datasets) if len(datasets) > 1 else min(3, len(names))
    rows = -(-len(places) // columns)
    drawing = Drawing(canvas(FULL if columns > 1 else COLUMN, 0.3 + rows * (1.85 if columns > 1 else 2.2)))
    seen = []
    axes = grid(drawing.canvas, len(places), columns)
    for k, (ax, (name, dataset)) in enumerate(zip(axes, places, strict=True)):
        spec = _spec(scene, name)
        title = plain(dataset_label(scene.spec, dataset) if len(datasets) > 1 else spec.label)
        panel = Panel(ax, scene, drawing, lettered(title, k, len(places)), dataset)
        if (name, dataset) not in shown:
            ax.set_axis_off()
            continue
        curves = _curves(scene, series, spec, dataset)
        seen.append(curves)
        _draw(panel, curves)
        _axes(ax, curves)
        ax.set_title(panel.title)
        if len(datasets) > 1 and k % columns == 0:
            ax.set_ylabel(plain(spec.label, 26), linespacing=1.0)
    if len(scene.seen.plan.conditions) > 1:
        legend_above(drawing.canvas, axes, legend_names(scene.seen.plan, scene.spec)[0])
    drawing.caption = _caption(scene, seen, place)
    return drawing


def draw_samples(scene: Scene, samples: Samples) -> Drawing:
    """The data in the first column, then the generated points of each condition over them; a row for each data set."""
    conditions = _across([c for c in scene.seen.plan.conditions if any(k[1] == c.id for k in samples)])
    datasets = [d for d in scene.seen.datasets if any(k[0] == d for k in samples)]
    columns = len(conditions) + 1
    width = COLUMN if columns <= 3 else FULL
    size = min(1.25, width / columns)
    drawing = Drawing(canvas(width, size * len(datasets) + 0.3))
    axes = grid(drawing.canvas, columns * len(datasets), columns)
    outside = 0
    for k, ax in enumerate(axes):
        dataset, c = datasets[k // columns], None if k % columns == 0 else conditions[k % columns - 1]
        panel = Panel(ax, scene, drawing, plain(dataset_label(scene.spec, dataset)), dataset)
        outside += _bare(ax, samples, dataset, c)
        if k < columns:
            ax.set_title("data" if c is None else plain(c.label, 20), fontsize=7.5, loc="center", linespacing=1.0)
        if c is None and len(datasets) > 1:
            ax.set_ylabel(plain(panel.title, 18), linespacing=1.0)
        _cloud(panel, samples, c)
    drawing.caption = sentences(
        "Points of the data, then points that the models generated (dark) over those of the data (pale): the first "
        f"completed of {scene.seeds} seeds of each condition.",
        "Rows are data sets." if len(datasets) > 1 else None,
        "Some generated points lie outside of the frames." if outside else None,
    )
    return drawing


def _caption(scene: Scene, seen: Sequence[_Curves], place: str) -> tuple[Sentence, ...]:
    """What is drawn; names with digits are left out, as text types none."""
    labels = list(dict.fromkeys(latex(c.spec.label) for c in seen if not re.search(r"\d", c.spec.label)))
    named = f" ({'; '.join(labels)})" if labels else ""
    band = r"pointwise \val{plan.level} $t$ bands" if any(c.banded for c in seen) else "single runs as thin lines"
    if place == "appendix":
        return sentences(
            f"Further series that were recorded during training{named}, drawn as in Figure~\\ref{{fig:curves}}."
        )
    return sentences(
        f"Learning curves by condition{named}: means over the completed runs of {scene.seeds} seeds, with {band}.",
        "Where the vertical axis is logarithmic, the means are geometric." if any(c.log for c in seen) else None,
    )


def _spec(scene: Scene, name: str) -> CurveSpec:
    """The declared series; of a template that declares none, a stand-in on plain axes."""
    for c in scene.spec.curves:
        if c.series == name:
            return c
    return CurveSpec.model_construct(
        series=name, label=name.replace("_", " "), x_label="step", log_x=False, log_y=False
    )


def _curves(scene: Scene, series: Series, spec: CurveSpec, dataset: str) -> _Curves:
    """The mean curve of each condition, geometric on a log axis that no value keeps from being one."""
    runs = {c.id: series.get((dataset, spec.series, c.id), {}) for c in scene.seen.plan.conditions}
    runs = {c: r for c, r in runs.items() if r}
    log = spec.log_y and all(bool((p[:, 1] > 0).all()) for r in runs.values() for p in r.values())
    level = interval_level(scene.seen.plan)
    means = {c: average(r, level, log=log) for c, r in runs.items()}
    means = {c: _within(curve, spec) for c, curve in means.items() if len(curve.x)}
    banded = bool(means) and min(c.n for c in means.values()) >= BAND_SEEDS
    return _Curves(spec, runs, means, log, banded)


def _within(curve: Curve, spec: CurveSpec) -> Curve:
    """The curve with its band cut at the range of the series."""
    low = curve.low if spec.minimum is None else np.maximum(curve.low, spec.minimum)
    high = curve.high if spec.maximum is None else np.minimum(curve.high, spec.maximum)
    return Curve(curve.x, curve.mean, low, high, curve.n)


def _draw(panel: Panel, curves: _Curves) -> None:
    names = legend_names(panel.scene.seen.plan, panel.scene.spec)[1]
    shade = 0.18 if len(curves.means) <= FEW_BANDS else 0.1
    for i, c in enumerate(panel.scene.seen.plan.conditions):
        if c.id not in curves.means:
            continue
        curve, style = curves.means[c.id], panel.scene.look(c)
        every = max(1, len(curve.x) // 5)
        marks: dict[str, Any] = {"marker": style.marker, "markevery": (i * every // 4, every), "markersize": 3.5}
        panel.axes.plot(
            curve.x, curve.mean, color=style.colour, linestyle=style.dash, label=plain(names[c.id]), **marks
        )
        if curves.banded:
            panel.axes.fill_between(curve.x, curve.low, curve.high, color=style.colour, alpha=shade, linewidth=0)
        for seed, points in () if curves.banded else sorted(curves.runs[c.id].items()):
            panel.axes.plot(points[:, 0], points[:, 1], color=style.colour, linewidth=0.5, alpha=0.55, zorder=1.5)
            panel.drawing.marks += [_row(panel, curves.spec, c, x, y, seed=seed) for x, y in points.tolist()]
        ends = zip(*(v.tolist() for v in (curve.x, curve.mean, curve.low, curve.high)), strict=True)
        level = interval_level(panel.scene.seen.plan) if curves.banded else None
        for x, y, low, high in ends:
            band = {"low": low, "high": high, "level": level} if curves.banded else {}
            panel.drawing.marks.append(_row(panel, curves.spec, c, x, y, n=curve.n, **band))


def _row(panel: Panel, spec: CurveSpec, c: Condition, x: float, y: float, **more: Any) -> Mark:
    part = "run" if "seed" in more else "curve"
    return Mark(panel.title, part, panel.dataset, c.id, c.label, spec.label, "", y, x_name=spec.x_label, x=x, **more)  # type: ignore[arg-type]


def _axes(ax: Axes, curves: _Curves) -> None:
    """Scales and limits; a wide band does not press what was measured flat."""
    spec = curves.spec
    ax.set_xlabel(plain(spec.x_label))
    if spec.log_x:
        # A curve may start at step zero, which a plain log axis would drop.
        steps = np.concatenate([c.x for c in curves.means.values()])
        first = float(steps[steps > 0].min(initial=np.inf))
        ax.set_xscale("symlog", linthresh=first, linscale=0.3) if steps.min() <= 0 else ax.set_xscale("log")
    if curves.log:
        ax.set_yscale("log")
    ax.grid(color=PALE, linewidth=0.5, zorder=0)
    bottom, top = _reach(curves)
    ax.set_ylim(bottom, top)
    if curves.log:
        log_ticks(ax.yaxis, bottom, top)


def _reach(curves: _Curves) -> tuple[float, float]:
    """The ends of the vertical axis: what was measured, and of the bands no more than a share of that beyond it."""
    scale, back = (np.log, np.exp) if curves.log else (np.asarray, np.asarray)
    measured = scale(np.concatenate([p[:, 1] for r in curves.runs.values() for p in r.values()]))
    low, high = float(measured.min()), float(measured.max())
    span = (high - low) or 1.0
    bottom, top = low, high
    for c in curves.means.values() if curves.banded else ():
        least, most = (c.low.clip(min=1e-300), c.high) if curves.log else (c.low, c.high)
        bottom = min(bottom, max(float(scale(least).min()), low - OVERHANG * span))
        top = max(top, min(float(scale(most).max()), high + OVERHANG * span))
    return float(back(bottom - 0.04 * span)), float(back(top + 0.04 * span))


def _cloud(panel: Panel, samples: Samples, c: Condition | None) -> None:
    """The points of the data alone, or those that a condition generated over them."""
    keys = sorted(k for k in samples if k[0] == panel.dataset and (c is None or k[1] == c.id))
    if not keys:
        return
    seed, points, reference = samples[keys[0]]
    _scatter(panel.axes, reference, INK if c is None else PALE_INK, 2.4 if c is None else 3)
    drawn = [("reference", reference)]
    if c is not None:
        _scatter(panel.axes, points, look(0).colour, 2.4)
        drawn.append(("point", points))
    series, label = ("data", "data") if c is None else (c.id, c.label)
    panel.drawing.marks += [
        Mark(panel.title, part, panel.dataset, series, label, "second coordinate", "", y,  # type: ignore[arg-type]
             seed=seed, x_name="first coordinate", x=x)
        for part, cloud in drawn for x, y in cloud[:MOST_POINTS].tolist()
    ]  # fmt: skip


def _across(conditions: list[Condition]) -> list[Condition]:
    """All conditions if they fit; else the first, the last, and others evenly between them."""
    if len(conditions) <= MOST_SAMPLE_COLUMNS:
        return conditions
    return [conditions[round(i)] for i in np.linspace(0, len(conditions) - 1, MOST_SAMPLE_COLUMNS)]


def _scatter(ax: Axes, points: Points, colour: str, size: float) -> None:
    ax.plot(points[:MOST_POINTS, 0], points[:MOST_POINTS, 1], ".", color=colour, markersize=size, markeredgewidth=0)


def _bare(ax: Axes, samples: Samples, dataset: str, c: Condition | None) -> int:
    """Square axes without scales, the same for all panels of a data set, wide enough for its data and most of what was
    generated; returns how many of a condition's points lie outside."""
    own = {k[1]: v for k, v in samples.items() if k[0] == dataset}
    real = np.concatenate([reference[:MOST_POINTS] for _, _, reference in own.values()])
    every = np.concatenate([real, *(points[:MOST_POINTS] for _, points, _ in own.values())])
    centre, half = (real.max(axis=0) + real.min(axis=0)) / 2, 0.53 * float(np.ptp(real, axis=0).max())
    half = min(WIDEST * half, 1.03 * float(np.abs(every - centre).max()))
    ax.set_xlim(centre[0] - half, centre[0] + half)
    ax.set_ylim(centre[1] - half, centre[1] + half)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(GREY)
    if c is None or c.id not in own:
        return 0
    return int((np.abs(own[c.id][1][:MOST_POINTS] - centre) > half).any(axis=1).sum())
