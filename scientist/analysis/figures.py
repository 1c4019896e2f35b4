"""Draws the figures that the design of a study asks for, each as a PDF with its data beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from scientist.analysis import panels, scatter
from scientist.analysis.captions import caption
from scientist.analysis.choice import FigureRequest, Left, choose
from scientist.analysis.design import contrast_name, legend_names
from scientist.analysis.levels import against_level
from scientist.analysis.observations import observe
from scientist.analysis.records import read_samples, read_series
from scientist.analysis.sheet import Drawing, Mark, Panel, Scene, lettered, panel_title
from scientist.analysis.style import COLUMN, FULL, canvas, grid, legend_above, save, save_data, styled
from scientist.analysis.traces import draw_curves, draw_samples
from scientist.types import Contrast, Evidence, Figure, Plan, RunResult, Sentence, TemplateSpec

TALLEST = 7.2
"""Inches that leave room for a caption on a page."""


def draw_figures(
    *, plan: Plan, spec: TemplateSpec, results: Sequence[RunResult], evidence: Evidence, run_root: Path, folder: Path
) -> tuple[Figure, ...]:
    """Write each figure as PDF and its data as CSV into ``folder``; paths are relative to ``run_root``.

    A figure for which nothing was measured is not drawn. Raises TemplateError where a run left broken records.
    """
    with styled():
        found = drawings(plan=plan, spec=spec, results=results, evidence=evidence, run_root=run_root)
        return write_figures(found, run_root, folder)


def write_figures(found: Iterable[tuple[FigureRequest, Drawing]], run_root: Path, folder: Path) -> tuple[Figure, ...]:
    """Write what was drawn, to be used within ``styled()``; paths are relative to ``run_root`` where they lie in it."""
    base = run_root.resolve()

    def relative(name: str) -> str:
        path = (folder / name).resolve()
        return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()

    figures = []
    for wanted, drawing in found:
        save(drawing.canvas, folder / f"{wanted.id}.pdf")
        save_data(folder / f"{wanted.id}.csv", Mark._fields, drawing.marks)
        figures.append(
            Figure(
                id=wanted.id, kind=wanted.kind, place=wanted.place, caption=drawing.caption,
                file=relative(f"{wanted.id}.pdf"), data_file=relative(f"{wanted.id}.csv"),
                width="column" if drawing.canvas.get_size_inches()[0] == COLUMN else "full",
                pointer=Sentence(text=POINTERS[wanted.id]) if wanted.place == "appendix" else None,
            )
        )  # fmt: skip
    return tuple(figures)


def drawings(
    *, plan: Plan, spec: TemplateSpec, results: Sequence[RunResult], evidence: Evidence, run_root: Path
) -> Iterator[tuple[FigureRequest, Drawing]]:
    """Each figure that the study needs, drawn and not yet written; to be used within ``styled()``."""
    seen = observe(plan, results, evidence.look)
    scene = Scene(seen, spec, evidence, {q.id: q for q in evidence.quantities})
    series, samples = read_series(seen, run_root), read_samples(seen, run_root)
    left = Left(frozenset((s, d) for d, s, _ in series), frozenset(d for d, _ in samples))
    for wanted in choose(plan, spec, results, evidence.look, left):
        if wanted.kind == "curves":
            drawing = draw_curves(scene, series, wanted.curves, wanted.place)
        elif wanted.kind == "samples":
            drawing = draw_samples(scene, samples)
        else:
            drawing = FORMS[wanted.kind](scene, wanted)
            drawing.caption = caption(scene, wanted, drawing.marks)
        yield wanted, drawing


def _effect(scene: Scene, wanted: FigureRequest) -> Drawing:
    row = 0.7 + 0.36 * max(len(scene.seen.plan.conditions), 2)

    def draw(panel: Panel, first: bool) -> None:
        panels.cells(panel, wanted.metrics[0])
        if not first:
            panel.axes.set_yticklabels([])

    return _by_dataset(scene, wanted, row, draw)


def _paired(scene: Scene, wanted: FigureRequest) -> Drawing:
    if wanted.place == "appendix":
        return _pairs(scene, wanted)
    conditions = scene.seen.plan.conditions
    known = [c for c in scene.seen.plan.contrasts if c.id in wanted.contrasts]
    pair = panels.pair_of(known[0], conditions) if known else (conditions[0], conditions[1])

    def draw(panel: Panel, first: bool) -> None:
        panels.slopes(panel, wanted.metrics[0], pair, sparse=not first)

    return _by_dataset(scene, wanted, 2.1, draw)


def _pairs(scene: Scene, wanted: FigureRequest) -> Drawing:
    """A panel for each comparison of two conditions."""
    contrasts = _contrasts(scene, wanted)
    columns = min(3, len(contrasts))
    drawing = Drawing(canvas(FULL, -(-len(contrasts) // columns) * 2.25))
    axes = grid(drawing.canvas, len(contrasts), columns, sharey=True)
    for k, (ax, c) in enumerate(zip(axes, contrasts, strict=True)):
        name = contrast_name(scene.seen.plan, scene.spec, c)
        panel = Panel(ax, scene, drawing, lettered(name.split(", at ")[-1], k, len(contrasts)), c.dataset)
        panels.slopes(panel, wanted.metrics[0], panels.pair_of(c, scene.seen.plan.conditions), sparse=k % columns > 0)
        ax.set_title(panel.title)
    return drawing


def _levels(scene: Scene, wanted: FigureRequest) -> Drawing:
    """The metric against the levels of a factor, by the levels of another if there are two."""

    def draw(panel: Panel, first: bool) -> None:
        against_level(panel, wanted.metrics[0], wanted.factors)
        if not first:
            panel.axes.set_ylabel("")

    drawing = _by_dataset(scene, wanted, 2.2, draw)
    if len(wanted.factors) > 1:
        legend_above(drawing.canvas, drawing.canvas.axes[:1])
    return drawing


def _trade_off(scene: Scene, wanted: FigureRequest) -> Drawing:
    first, second = wanted.metrics

    def draw(panel: Panel, _: bool) -> None:
        scatter.trade_off(panel, first, second)

    drawing = _by_dataset(scene, wanted, 2.6, draw)
    legend_above(drawing.canvas, drawing.canvas.axes, legend_names(scene.seen.plan, scene.spec)[0])
    return drawing


def _reached(scene: Scene, wanted: FigureRequest) -> Drawing:
    def draw(panel: Panel, first: bool) -> None:
        scatter.reached(panel, wanted.metrics[0])
        if not first:
            panel.axes.set_ylabel("")

    drawing = _by_dataset(scene, wanted, 2.1, draw)
    legend_above(drawing.canvas, drawing.canvas.axes, legend_names(scene.seen.plan, scene.spec)[0])
    return drawing


def _other_contrasts(scene: Scene, wanted: FigureRequest) -> Drawing:
    contrasts = _contrasts(scene, wanted)
    drawing = Drawing(canvas(FULL, 0.55 + 0.36 * len(contrasts)))
    (ax,) = grid(drawing.canvas, 1, 1)
    panels.scaled_forest(Panel(ax, scene, drawing, "", ""), contrasts)
    return drawing


def _runs(scene: Scene, wanted: FigureRequest) -> Drawing:
    count = len(wanted.metrics)
    columns = min(3, count)
    height = -(-count // columns) * (0.75 + 0.33 * max(2, len(scene.seen.datasets)))
    drawing = Drawing(canvas(FULL, height))
    for k, (ax, metric) in enumerate(zip(grid(drawing.canvas, count, columns), wanted.metrics, strict=True)):
        panel = Panel(ax, scene, drawing, lettered("", k, count), "")
        panels.repeats(panel, metric)
        ax.set_title(panel.title)
        if k % columns:
            ax.set_yticklabels([])
    return drawing


FORMS: dict[str, Callable[[Scene, FigureRequest], Drawing]] = {
    "effect": _effect, "paired": _paired, "dose": _levels, "interaction": _levels, "trade_off": _trade_off,
    "reached": _reached, "contrasts": _other_contrasts, "runs": _runs,
}  # fmt: skip
POINTERS = {
    "dose": r"Figure~\ref{fig:dose} shows the primary metric level by level.",
    "seeds": r"Figure~\ref{fig:seeds} follows each seed from one condition to the other.",
    "contrasts": r"Figure~\ref{fig:contrasts} sets the contrasts on further metrics on one axis.",
    "reached": r"Figure~\ref{fig:reached} shows when the runs reached the mark, and which did not.",
    "more_curves": r"Figure~\ref{fig:more_curves} shows the other series that were recorded during training.",
}


def _by_dataset(scene: Scene, wanted: FigureRequest, row: float, draw: Callable[[Panel, bool], None]) -> Drawing:
    """A panel of ``row`` inches for each data set, and one for the contrasts beside them, or below where they fill a
    row; ``draw`` is told whether its panel is the first of a row."""
    datasets, contrasts = scene.seen.plan.datasets, _contrasts(scene, wanted)
    count = len(datasets) + bool(contrasts)
    rows, columns = _rows_columns(len(datasets) if contrasts and count > 3 else count)
    below = 0.75 + 0.36 * max(len(contrasts), 2)
    beside = count <= 3 or not contrasts
    height = max(row, below) if beside and contrasts else rows * row + (0.0 if beside else below)
    drawing = Drawing(canvas(FULL if count > 1 else COLUMN, min(TALLEST, height)))
    axes: list[Axes]
    if beside:
        axes = grid(drawing.canvas, count, columns)
    else:
        stacked = drawing.canvas.subfigures(2, 1, squeeze=False, height_ratios=[rows * row, below])
        axes = [*grid(stacked[0, 0], len(datasets), columns), *grid(stacked[1, 0], 1, 1)]
    for k, (ax, dataset) in enumerate(zip(axes, datasets, strict=False)):
        panel = Panel(ax, scene, drawing, panel_title(scene, dataset, k, count), dataset)
        draw(panel, k % columns == 0)
        ax.set_title(panel.title if count > 1 else "")
    if contrasts:
        name = "contrasts" if len(contrasts) > 1 else "contrast"
        panel = Panel(axes[-1], scene, drawing, lettered(name, count - 1, count), "")
        panels.forest(panel, contrasts, wanted.metrics[0])
        axes[-1].set_title(panel.title)
    return drawing


def _contrasts(scene: Scene, wanted: FigureRequest) -> list[Contrast]:
    return [c for c in scene.seen.plan.contrasts if c.id in wanted.contrasts]


def _rows_columns(count: int) -> tuple[int, int]:
    columns = 2 if count in (2, 4) else min(3, count)
    return -(-count // columns), columns
