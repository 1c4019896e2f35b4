"""Figures of what runs leave beside their metrics: learning curves and generated samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from scientist.analysis.captions import sentences
from scientist.analysis.panels import Scene, panel_title
from scientist.analysis.quantities import interval_level
from scientist.analysis.records import Curve, Points, average, read_samples, read_series
from scientist.analysis.style import FULL, GREY, PALE, Rows, canvas, grid, legend_above, look, plain, save, save_data
from scientist.types import Condition, CurveSpec, Figure

MOST_CURVE_PANELS = 6
MOST_SAMPLE_COLUMNS = 5
MOST_POINTS = 600

Series = dict[tuple[str, str, str], dict[int, Points]]


def draw_curves(scene: Scene, root: Path, folder: Path) -> Figure | None:
    """Learning curves by condition; None where no run left any."""
    series = read_series(scene.seen, root)
    shown = _shown(scene, series)
    if not shown:
        return None
    columns = 2 if len(shown) in (2, 4) else min(3, len(shown))
    rows: Rows = []
    geometric = False
    with canvas(FULL, 0.35 + -(-len(shown) // columns) * 1.95) as figure:
        axes = grid(figure, len(shown), columns)
        for k, (ax, (spec, dataset)) in enumerate(zip(axes, shown, strict=True)):
            curves, log = _averaged(scene, series, spec, dataset)
            geometric |= log
            _draw(ax, scene, curves)
            _label(ax, spec, log=log)
            ax.set_title(panel_title(scene, dataset, k, len(shown)))
            rows += [(dataset, spec.series, *row) for row in _rows(curves)]
        legend_above(figure, axes)
        save(figure, folder / "curves.pdf")
    save_data(folder / "curves.csv", ("dataset", "series", "condition", "x", "mean", "low", "high", "n"), rows)
    caption = sentences(
        r"Learning curves by condition: means over the completed runs with pointwise \val{plan.level} $t$ bands.",
        "Where the vertical axis is logarithmic, the means are geometric." if geometric else None,
    )
    return Figure(id="curves", file="curves.pdf", data_file="curves.csv", kind="curves", caption=caption)


def draw_samples(scene: Scene, root: Path, folder: Path) -> Figure | None:
    """Generated points over the reference, a column for each condition; None where no run left any."""
    samples = read_samples(scene.seen, root)
    conditions = _across([c for c in scene.seen.plan.conditions if any(k[1] == c.id for k in samples)])
    datasets = [d for d in scene.seen.datasets if any(k[0] == d for k in samples)]
    if not conditions or not datasets:
        return None
    rows: Rows = []
    size = min(2.0, FULL / len(conditions))
    with canvas(FULL, size * len(datasets) + 0.22) as figure:
        axes = grid(figure, len(conditions) * len(datasets), len(conditions))
        for k, ax in enumerate(axes):
            dataset, c = datasets[k // len(conditions)], conditions[k % len(conditions)]
            _bare(ax, [p for (d, _), (_, *both) in samples.items() if d == dataset for p in both])
            if k < len(conditions):
                ax.set_title(plain(c.label, 22), fontsize=8, linespacing=1.0)
            if k % len(conditions) == 0 and len(datasets) > 1:
                ax.set_ylabel(panel_title(scene, dataset, 0, 1))
            if (dataset, c.id) in samples:
                seed, points, reference = samples[dataset, c.id]
                _scatter(ax, reference, PALE, 3)
                _scatter(ax, points, look(0).colour, 2.4)
                for kind, drawn in (("reference", reference), ("generated", points)):
                    rows += [(dataset, c.id, seed, kind, float(x), float(y)) for x, y in drawn[:MOST_POINTS]]
        save(figure, folder / "samples.pdf")
    save_data(folder / "samples.csv", ("dataset", "condition", "seed", "kind", "x", "y"), rows)
    caption = sentences(
        "Generated points (dark) over points of the data (pale), from the first completed seed of each condition.",
        "Rows are data sets." if len(datasets) > 1 else None,
    )
    return Figure(id="samples", file="samples.pdf", data_file="samples.csv", kind="samples", caption=caption)


def _across(conditions: list[Condition]) -> list[Condition]:
    """All conditions if they fit; else the first, the last, and others evenly between them."""
    if len(conditions) <= MOST_SAMPLE_COLUMNS:
        return conditions
    return [conditions[round(i)] for i in np.linspace(0, len(conditions) - 1, MOST_SAMPLE_COLUMNS)]


def _shown(scene: Scene, series: Series) -> list[tuple[CurveSpec, str]]:
    """The declared series that were recorded; where none is declared, every recorded one on plain axes."""
    names = sorted({s for _, s, _ in series})
    declared = [c for c in scene.spec.curves if c.series in names]
    wanted = declared or [
        CurveSpec.model_construct(series=s, label=s.replace("_", " "), x_label="step", log_x=False, log_y=False)
        for s in names
    ]
    recorded = {k[:2] for k in series}
    shown = [(c, d) for c in wanted for d in scene.seen.datasets if (d, c.series) in recorded]
    return shown[:MOST_CURVE_PANELS]


def _averaged(scene: Scene, series: Series, spec: CurveSpec, dataset: str) -> tuple[dict[str, Curve], bool]:
    """The mean curve of each condition, and whether the means are geometric (a log axis and no value below zero)."""
    runs = {c.id: series.get((dataset, spec.series, c.id), {}) for c in scene.seen.plan.conditions}
    log = spec.log_y and all(bool((p[:, 1] > 0).all()) for r in runs.values() for p in r.values())
    level = interval_level(scene.seen.plan)
    averaged = {c: average(r, level, log=log) for c, r in runs.items() if r}
    return {c: curve for c, curve in averaged.items() if len(curve.x)}, log


def _draw(ax: Axes, scene: Scene, curves: dict[str, Curve]) -> None:
    for i, c in enumerate(scene.seen.plan.conditions):
        if c.id in curves:
            curve, style = curves[c.id], look(i)
            every = max(1, len(curve.x) // 5)
            marks: dict[str, Any] = {"marker": style.marker, "markevery": (i * every // 4, every), "markersize": 3.5}
            ax.plot(curve.x, curve.mean, color=style.colour, linestyle=style.dash, label=plain(c.label), **marks)
            ax.fill_between(curve.x, curve.low, curve.high, color=style.colour, alpha=0.18, linewidth=0)


def _label(ax: Axes, spec: CurveSpec, *, log: bool) -> None:
    ax.set_xlabel(plain(spec.x_label))
    ax.set_ylabel(plain(spec.label))
    if spec.log_x:
        # A curve may start at step zero, which a plain log axis would drop.
        starts_at_zero = any(np.min(line.get_xdata()) <= 0 for line in ax.get_lines())
        ax.set_xscale("symlog", linthresh=1) if starts_at_zero else ax.set_xscale("log")
    if log:
        ax.set_yscale("log")
    ax.grid(color=PALE, linewidth=0.5, zorder=0)


def _rows(curves: dict[str, Curve]) -> Rows:
    rows: Rows = []
    for condition, c in curves.items():
        columns: Sequence[NDArray[np.float64]] = (c.x, c.mean, c.low, c.high)
        for numbers in zip(*columns, strict=True):
            rows.append((condition, *(float(v) if np.isfinite(v) else None for v in numbers), c.n))
    return rows


def _scatter(ax: Axes, points: Points, colour: str, size: float) -> None:
    ax.plot(points[:MOST_POINTS, 0], points[:MOST_POINTS, 1], ".", color=colour, markersize=size, markeredgewidth=0)


def _bare(ax: Axes, points: Sequence[Points]) -> None:
    """Axes without scales, square, and the same for all panels of a data set: they hold all of its points."""
    every = np.concatenate([p[:MOST_POINTS] for p in points])
    centre, half = (every.max(axis=0) + every.min(axis=0)) / 2, 0.53 * float(np.ptp(every, axis=0).max())
    ax.set_xlim(centre[0] - half, centre[0] + half)
    ax.set_ylim(centre[1] - half, centre[1] + half)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(GREY)
