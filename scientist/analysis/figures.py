"""Draws the paper's figures: the primary result in the form that the question asks for, curves, and samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from scientist.analysis import panels
from scientist.analysis.captions import INTERVAL, capital, metric_text, outcomes, sentences
from scientist.analysis.design import factor_text, varied
from scientist.analysis.observations import observe
from scientist.analysis.panels import Scene, panel_title
from scientist.analysis.style import FULL, Rows, canvas, grid, legend_above, save, save_data
from scientist.analysis.traces import draw_curves, draw_samples
from scientist.types import Contrast, Evidence, Figure, IdeaKind, Plan, RunResult, Sentence, TemplateSpec

CELL_HEADER = ("panel", "condition", "metric", "seed", "value", "low", "high")
MOST_RUN_PANELS = 6
TALLEST = 7.2
"""Inches that leave room for a caption on a page."""


def draw_figures(
    *, plan: Plan, spec: TemplateSpec, results: Sequence[RunResult], evidence: Evidence, run_root: Path, folder: Path
) -> tuple[Figure, ...]:
    """Write each figure as PDF and its data as CSV into ``folder``; paths are relative to ``run_root``.

    A figure for which nothing was measured is not drawn. Raises TemplateError where a run left broken records.
    """
    seen = observe(plan, results, evidence.look)
    scene = Scene(seen, spec, evidence, {q.id: q for q in evidence.quantities})
    drawn = [_result_figure(scene, folder), draw_curves(scene, run_root, folder), draw_samples(scene, run_root, folder)]
    base = run_root.resolve()

    def relative(name: str) -> str:
        path = (folder / name).resolve()
        return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()

    return tuple(
        f.model_copy(update={"file": relative(f.file), "data_file": relative(f.data_file)})
        for f in drawn
        if f is not None
    )


def _result_figure(scene: Scene, folder: Path) -> Figure | None:
    """The primary result, in the form of the plan's kind."""
    plan = scene.seen.plan
    if not any(q.kind == "mean" for q in scene.evidence.quantities):
        return None
    factors = varied(plan, scene.spec)
    if plan.test == "none":
        return _runs(scene, folder)
    second = next((c.metric for c in plan.contrasts if c.confirmatory and c.metric != plan.metric), None)
    if plan.kind is IdeaKind.TRADE_OFF and second is not None:
        return _trade_off(scene, folder, second)
    if plan.kind is IdeaKind.INTERACTION and len(factors) == 2:
        return _levels(scene, folder, "interaction", factors)
    if plan.kind is IdeaKind.DOSE_RESPONSE and len(factors) == 1:
        return _levels(scene, folder, "dose", factors)
    return _effect(scene, folder)


def _effect(scene: Scene, folder: Path) -> Figure:
    plan = scene.seen.plan
    contrasts = _drawn_contrasts(scene)
    row = 0.75 + 0.36 * max(len(plan.conditions), 2)
    with canvas(FULL, _height(scene, row, contrasts)) as figure:
        axes, last, columns = _stage(figure, scene, row, contrasts)
        for k, ax in enumerate(axes):
            panels.cells(ax, scene, plan.datasets[k], plan.metric)
            if k % columns:
                ax.set_yticklabels([])
        if last is not None:
            panels.forest(last, scene, contrasts, plan.metric)
        save(figure, folder / "effect.pdf")
    save_data(
        folder / "effect.csv", CELL_HEADER, [*_cell_rows(scene, (plan.metric,)), *_contrast_rows(scene, contrasts)]
    )
    name = capital(metric_text(plan, scene.spec, plan.metric))
    what = f"{name} by condition: means with {INTERVAL}, and single runs as dots."
    return _figure("effect", sentences(what, _forest_caption(contrasts), *_seen(scene, 2)))


def _levels(scene: Scene, folder: Path, kind: str, factors: Sequence[str]) -> Figure:
    """The metric against the levels of a factor ("dose"), by the levels of another ("interaction")."""
    plan = scene.seen.plan
    contrasts = _drawn_contrasts(scene)
    row = 2.35
    with canvas(FULL, _height(scene, row, contrasts) + 0.25 * (len(factors) - 1)) as figure:
        axes, last, columns = _stage(figure, scene, row, contrasts)
        for k, ax in enumerate(axes):
            panels.against_level(ax, scene, plan.datasets[k], plan.metric, factors)
            if k % columns:
                ax.set_ylabel("")
        if len(factors) > 1:
            legend_above(figure, axes[:1])
        if last is not None:
            panels.forest(last, scene, contrasts, plan.metric)
        save(figure, folder / f"{kind}.pdf")
    rows = [*_cell_rows(scene, (plan.metric,)), *_contrast_rows(scene, contrasts)]
    save_data(folder / f"{kind}.csv", CELL_HEADER, rows)
    labels = [factor_text(plan, scene.spec, f) for f in factors]
    by = f", by {labels[1]}" if len(labels) > 1 else ""
    lines = ", and single seeds as thin lines" if not by else ""
    name = capital(metric_text(plan, scene.spec, plan.metric))
    what = f"{name} against {labels[0]}{by}: means with {INTERVAL}{lines}."
    return _figure(kind, sentences(what, _forest_caption(contrasts), *_seen(scene, 2)))


def _stage(
    figure: Canvas, scene: Scene, row: float, contrasts: Sequence[Contrast]
) -> tuple[list[Axes], Axes | None, int]:
    """A panel for each data set; one for the contrasts, beside them or below where they fill a row; the columns."""
    datasets = scene.seen.plan.datasets
    count = len(datasets) + bool(contrasts)
    if count <= 3 or not contrasts:
        columns = _rows_columns(count)[1]
        axes = grid(figure, count, columns)
    else:
        rows, columns = _rows_columns(len(datasets))
        stacked = figure.subfigures(2, 1, squeeze=False, height_ratios=[rows * row, _forest_height(contrasts)])
        axes = [*grid(stacked[0, 0], len(datasets), columns), *grid(stacked[1, 0], 1, 1)]
    for k, (ax, dataset) in enumerate(zip(axes, datasets, strict=False)):
        ax.set_title(panel_title(scene, dataset, k, count))
    if not contrasts:
        return axes, None, columns
    axes[-1].set_title(panel_title(scene, None, count - 1, count) + "contrasts")
    return axes[:-1], axes[-1], columns


def _height(scene: Scene, row: float, contrasts: Sequence[Contrast]) -> float:
    """Inches for the panels of ``_stage`` when those of data sets are ``row`` inches high."""
    count = len(scene.seen.plan.datasets)
    rows = _rows_columns(count)[0]
    if not contrasts:
        return rows * row
    below = _forest_height(contrasts)
    return max(row, below) if count < 3 else min(TALLEST, rows * row + below)


def _rows_columns(count: int) -> tuple[int, int]:
    columns = 2 if count in (2, 4) else min(3, count)
    return -(-count // columns), columns


def _forest_height(contrasts: Sequence[Contrast]) -> float:
    return 0.75 + 0.33 * max(len(contrasts), 2)


def _trade_off(scene: Scene, folder: Path, second: str) -> Figure:
    plan = scene.seen.plan
    count = len(plan.datasets)
    columns = min(3, count)
    with canvas(FULL, 0.35 + -(-count // columns) * 2.4) as figure:
        axes = grid(figure, count, columns)
        for k, (ax, dataset) in enumerate(zip(axes, plan.datasets, strict=True)):
            panels.crosses(ax, scene, dataset, plan.metric, second)
            if count > 1:
                ax.set_title(panel_title(scene, dataset, k, count))
        legend_above(figure, axes)
        save(figure, folder / "trade_off.pdf")
    save_data(folder / "trade_off.csv", CELL_HEADER, _cell_rows(scene, (plan.metric, second)))
    first_name, second_name = (metric_text(plan, scene.spec, m) for m in (plan.metric, second))
    what = (
        f"{capital(second_name)} against {first_name}: means with {INTERVAL} in both, and single runs as small marks."
    )
    return _figure("trade_off", sentences(what, *_seen(scene, 2)))


def _runs(scene: Scene, folder: Path) -> Figure:
    metrics = scene.seen.metrics[:MOST_RUN_PANELS]
    columns = min(3, len(metrics))
    rows = -(-len(metrics) // columns)
    with canvas(FULL, rows * (0.75 + 0.33 * max(2, len(scene.seen.datasets)))) as figure:
        for k, (ax, metric) in enumerate(zip(grid(figure, len(metrics), columns), metrics, strict=True)):
            panels.repeats(ax, scene, metric)
            if k % columns:
                ax.set_yticklabels([])
        save(figure, folder / "runs.pdf")
    save_data(folder / "runs.csv", CELL_HEADER, _cell_rows(scene, metrics))
    return _figure("runs", sentences(f"What the template measured: means with {INTERVAL}, and single repeats as dots."))


def _drawn_contrasts(scene: Scene) -> list[Contrast]:
    """The confirmatory contrasts of the primary metric, which share one axis."""
    plan = scene.seen.plan
    return [c for c in plan.contrasts if c.confirmatory and c.metric == plan.metric and plan.test != "none"]


def _seen(scene: Scene, limit: int) -> tuple[Sentence, ...]:
    return outcomes(scene.seen.plan, scene.spec, scene.evidence, limit)


def _forest_caption(contrasts: Sequence[Contrast]) -> str | None:
    if not contrasts:
        return None
    return (
        "The last panel shows the confirmatory contrasts with their intervals, filled where the corrected test passes "
        "its level; the band spans the smallest effect of interest."
    )


def _cell_rows(scene: Scene, metrics: Sequence[str]) -> Rows:
    """Single values, then the mean with its interval, of every cell that is drawn."""
    rows: Rows = []
    for dataset in scene.seen.datasets:
        for c in scene.seen.plan.conditions:
            for metric in metrics:
                values = scene.seen.values(c.id, dataset, metric)
                rows += [(dataset, c.id, metric, seed, v, None, None) for seed, v in values.items()]
                mean = scene.mean(c, dataset, metric)
                if mean is not None:
                    rows.append((dataset, c.id, metric, "mean", mean.value, mean.low, mean.high))
    return rows


def _contrast_rows(scene: Scene, contrasts: Sequence[Contrast]) -> Rows:
    effects = [(c, scene.ledger[f"effect.{c.id}"]) for c in contrasts if f"effect.{c.id}" in scene.ledger]
    return [(f"contrast on {c.dataset}", c.id, c.metric, "estimate", q.value, q.low, q.high) for c, q in effects]


def _figure(kind: str, caption: tuple[Sentence, ...]) -> Figure:
    return Figure.model_validate(
        {
            "id": kind,
            "file": f"{kind}.pdf",
            "data_file": f"{kind}.csv",
            "kind": kind,
            "caption": caption,
            "width": "full",
        }
    )
