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
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_hex
from matplotlib.figure import Figure as Canvas
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from scientist.types import Setting
from scientist.workspace import write_bytes, write_text

FULL, COLUMN = 6.5, 3.5
"""Widths in inches at which figures are drawn: about those of a page and of one of two columns, so that type, scaled by
less than a fifth either way, stays between 7 and 9 points."""
RC: dict[str, Any] = {
    "pdf.fonttype": 42,
    "svg.hashsalt": "scientist",
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
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
    "axes.axisbelow": True,
}
Rows = Sequence[tuple[Setting | None, ...]]
"""Rows of a figure's data file; None is an empty cell."""
GREY = "#7f7f7f"
PALE = "#d9d9d9"
INK, PALE_INK = "#404040", "#c8c8c8"
BAND = "#ececec"
OKABE_ITO = ("#0072B2", "#E69F00", "#000000", "#CC79A7", "#009E73", "#56B4E9", "#D55E00")
"""Okabe and Ito's colours without yellow, in an order in which the first three differ most in grey."""
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
DASHES: tuple[Any, ...] = (
    "-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (2, 2)),
)  # fmt: skip
MANY_DECADES = 300.0
DARK, LIGHT = 0.02, 0.84
"""The part of viridis that is seen on white."""


class Look(NamedTuple):
    """Colour, marker and dash: any one of them alone tells the lines apart."""

    colour: str
    marker: str
    dash: Any


def look(index: int) -> Look:
    """The look of the ``index``-th line; from the eighth on the combinations shift, so that none comes back soon."""
    turn, i = divmod(index, len(OKABE_ITO))
    return Look(OKABE_ITO[i], MARKERS[(i + turn) % len(MARKERS)], DASHES[(i + 3 * turn) % len(DASHES)])


def ranked(index: int, count: int) -> Look:
    """The look of the ``index``-th of ``count`` ordered levels: darker to lighter, in grey too."""
    share = DARK + (LIGHT - DARK) * index / max(1, count - 1)
    return look(index)._replace(colour=to_hex(colormaps["viridis"](share)))


@contextmanager
def styled() -> Iterator[None]:
    """This style, whatever the user's own settings of matplotlib are."""
    with matplotlib.rc_context():
        defaults: dict[Any, Any] = {k: v for k, v in matplotlib.rcParamsDefault.items() if "backend" not in k}
        matplotlib.rcParams.update(defaults | RC)
        yield


def canvas(width: float, height: float) -> Canvas:
    """A figure of ``width`` by ``height`` inches, whose parts make room for each other."""
    return Canvas(figsize=(width, height), layout="constrained")


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


def legend_above(figure: Canvas, axes: Sequence[Axes], name: str = "") -> None:
    """One legend for all panels, led by ``name``, in as many columns as the width of the page holds."""
    labels = {t: h for ax in axes for h, t in zip(*ax.get_legend_handles_labels(), strict=True)}
    if name:
        labels = {name: Line2D([], [], linestyle="none"), **labels}
    widest = max(map(len, labels), default=1) + 9
    columns = max(1, min(len(labels), int(20 * figure.get_size_inches()[0]) // widest))
    if name and len(labels) > columns and sum(len(t) + 9 for t in labels) < 20 * figure.get_size_inches()[0]:
        columns = len(labels)
    figure.legend(list(labels.values()), list(labels), loc="outside upper center", ncols=columns)


def log_ticks(axis: Axis, low: float, high: float) -> None:
    """Plain numbers along a logarithmic axis that spans few decades, powers of ten along a longer one."""
    if high / low > MANY_DECADES:
        return
    steps = (1.0, 2.0, 5.0) if high / low > 4 else (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
    axis.set_major_locator(LogLocator(10, subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axis.set_minor_formatter(NullFormatter())


def plain(text: str, width: int = 0) -> str:
    """A name for an axis: its dollar signs are no mathematics, and it is broken at ``width`` characters."""
    text = text.removeprefix("the ").replace("$", r"\$")
    return "\n".join(textwrap.wrap(text, width, break_long_words=False)) if width else text
