"""The pages with figures are drawn, few of them, and what cannot be drawn is left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from paper_maker import make_pdf, paper_pages

from scientist.review.manuscript import read_manuscript
from scientist.review.pages import MOST_PAGES, float_pages, with_pictures
from scientist.types import Float, Manuscript

needs_pdftoppm = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")


def paper(*floats: tuple[str, int]) -> Manuscript:
    found = tuple(
        Float(kind="figure" if kind == "figure" else "table", label=f"{kind} {i}", caption="c", page=page)
        for i, (kind, page) in enumerate(floats)
    )
    return Manuscript(file="p.pdf", format="pdf", title="t", abstract="", sections=(), floats=found)


def test_pages_with_most_figures_come_first_and_few_are_taken() -> None:
    m = paper(("table", 1), ("figure", 3), ("figure", 5), ("figure", 5), ("table", 7), ("table", 7), ("figure", 9))
    assert float_pages(m) == (3, 5, 7, 9) and len(float_pages(m)) == MOST_PAGES
    assert float_pages(paper()) == ()


@needs_pdftoppm
def test_a_page_with_a_figure_is_drawn(tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "my paper (1).pdf", paper_pages())
    m = with_pictures(read_manuscript(pdf), pdf, tmp_path / "pictures")
    assert [p.page for p in m.pictures] == [2]
    data = Path(m.pictures[0].file).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert max(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) <= 1400


@needs_pdftoppm
def test_a_page_that_does_not_draw_is_left_out(tmp_path: Path) -> None:
    pdf = tmp_path / "broken.pdf"
    pdf.write_bytes(b"%PDF-1.4\nbroken")
    assert with_pictures(paper(("figure", 1)), pdf, tmp_path / "pictures").pictures == ()


def test_other_formats_are_left_alone(tmp_path: Path) -> None:
    m = paper(("figure", 1)).model_copy(update={"format": "markdown"})
    assert with_pictures(m, tmp_path / "p.md", tmp_path / "pictures") is m
