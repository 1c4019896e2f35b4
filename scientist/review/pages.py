"""Draws the pages of a PDF that hold figures and tables, for a reviewer that sees."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

from scientist.types import Manuscript, PagePicture

MOST_PAGES = 4
RESOLUTION = 100
"""Dots per inch: body text is legible, and a page costs a model about as much as a page of text."""

_LARGEST_SIDE = 1400
_TIMEOUT_S = 30.0


def with_pictures(manuscript: Manuscript, pdf: Path, folder: Path) -> Manuscript:
    """The manuscript with pictures, in ``folder``, of the pages that hold most floats.

    Unchanged where it is no PDF, has no floats with a page, or cannot be drawn (no ``pdftoppm``, a page that does not
    draw within its time); the review then says that nobody looked.
    """
    tool = shutil.which("pdftoppm")
    if tool is None or manuscript.format != "pdf":
        return manuscript
    folder.mkdir(parents=True, exist_ok=True)
    drawn = (_draw(tool, pdf, page, folder) for page in float_pages(manuscript))
    return manuscript.model_copy(update={"pictures": tuple(p for p in drawn if p is not None)})


def float_pages(manuscript: Manuscript) -> tuple[int, ...]:
    """The pages to draw, in order: those with most figures first, then with most tables, at most MOST_PAGES."""
    figures = Counter(f.page for f in manuscript.floats if f.page and f.kind == "figure")
    tables = Counter(f.page for f in manuscript.floats if f.page and f.kind == "table")
    ranked = sorted({*figures, *tables}, key=lambda p: (-figures[p], -tables[p], p))
    return tuple(sorted(ranked[:MOST_PAGES]))


def _draw(tool: str, pdf: Path, page: int, folder: Path) -> PagePicture | None:
    stem = f"{re.sub(r'[^A-Za-z0-9]+', '-', pdf.stem)[:40].strip('-') or 'page'}-{page}"
    command = [tool, "-png", "-singlefile", "-r", str(RESOLUTION), "-scale-to", str(_LARGEST_SIDE)]
    place = ["-f", str(page), "-l", str(page), str(pdf.resolve()), str(folder.resolve() / stem)]
    try:
        subprocess.run(command + place, check=True, capture_output=True, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError):
        return None
    picture = folder / f"{stem}.png"
    return PagePicture(page=page, file=str(picture)) if picture.is_file() else None
