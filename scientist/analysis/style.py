"""The look of figures, and how they are written: reproducible vector files with the data beside them."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.figure import FigureBase

from scientist.types import Setting
from scientist.workspace import write_bytes, write_text

FULL, COLUMN = 6.5, 3.2
"""Widths in inches at which figures are set, so that type keeps its size."""
RC: dict[str, Any] = {
    "pdf.fonttype": 42,
    "svg.hashsalt": "scientist",
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.3,
    "lines.markersize": 4.5,
    "axes.unicode_minus": True,
}
Rows = list[tuple[Setting | None, ...]]
"""Rows of a figure's data file; None is an empty cell."""
GREY = "#7f7f7f"
PALE = "#d9d9d9"
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8B6914")
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
DASHES: tuple[Any, ...] = (
    "-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)),
    (0, (2, 2)), (0, (8, 1.5, 1.2, 1.5)),
)  # fmt: skip


class Look(NamedTuple):
    """Colour, marker and dash: any one of them alone tells the lines apart."""

    colour: str
    marker: str
    dash: Any


def look(index: int) -> Look:
    """The look of the ``index``-th line; from the ninth on the combinations shift, so that none comes back soon."""
    turn, i = divmod(index, len(OKABE_ITO))
    return Look(OKABE_ITO[i], MARKERS[(i + turn) % len(MARKERS)], DASHES[(i + 3 * turn) % len(DASHES)])


@contextmanager
def canvas(width: float, height: float) -> Iterator[Canvas]:
    """A figure of ``width`` by ``height`` inches under this style."""
    with matplotlib.rc_context():
        defaults: dict[Any, Any] = {k: v for k, v in matplotlib.rcParamsDefault.items() if "backend" not in k}
        matplotlib.rcParams.update(defaults | RC)
        yield Canvas(figsize=(width, height), layout="constrained")


def save(figure: Canvas, path: Path) -> None:
    """Write a PDF that depends on nothing but what is drawn."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})
    write_bytes(path, buffer.getvalue())


def save_data(path: Path, header: Sequence[str], rows: Rows) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if v is None else v for v in row] for row in rows)
    write_text(path, buffer.getvalue())


def grid(figure: FigureBase, panels: int, columns: int, **options: Any) -> list[Axes]:
    """``panels`` axes in rows of ``columns``; the empty places of the last row are left blank."""
    rows = -(-panels // columns)
    axes = figure.subplots(rows, min(columns, panels), squeeze=False, **options)
    flat = list(axes.flat)
    for extra in flat[panels:]:
        extra.set_axis_off()
    return flat[:panels]


def legend_above(figure: Canvas, axes: Sequence[Axes]) -> None:
    """One legend for all panels, in as many columns as the width of the page holds."""
    labels = {t: h for ax in axes for h, t in zip(*ax.get_legend_handles_labels(), strict=True)}
    columns = max(1, min(len(labels), int(17 * figure.get_size_inches()[0]) // (max(map(len, labels), default=1) + 9)))
    figure.legend(list(labels.values()), list(labels), loc="outside upper center", ncols=columns)


def plain(text: str, width: int = 0) -> str:
    """A name for an axis: its dollar signs are no mathematics, and it is broken at ``width`` characters."""
    text = text.removeprefix("the ").replace("$", r"\$")
    return "\n".join(textwrap.wrap(text, width, break_long_words=False)) if width else text
