"""A copy of a PDF with the findings of its review as highlights and notes."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import Highlight, Text
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, FloatObject, NameObject, NumberObject, TextStringObject

from scientist.errors import ManuscriptError
from scientist.review.places import Box, Piece, boxes, pieces
from scientist.types import Review, Severity, Span
from scientist.workspace import write_bytes

COLOURS = {"error": "ff8a80", "warning": "ffd54f", "note": "90caf9", "weakness": "ce93d8"}
"""The colour of each kind of mark."""

AUTHOR = "scientist review"

_SIDE = 18.0
"""Width and height of a note's icon, in points."""
_PRINTED = 4


class _Mark(NamedTuple):
    kind: str
    text: str
    span: Span | None


def annotate(pdf: Path, copy: Path, review: Review) -> Path:
    """Write a copy of a PDF on which every finding is marked, and every weakness that quotes the paper.

    Words that are found on their page are highlighted, with the finding as the highlight's note; what names no words,
    or words that stand in a drawing, is a note in the margin of its page, or of the first. Raises ManuscriptError.
    """
    try:
        reader = PdfReader(pdf)
        if reader.is_encrypted:
            reader.decrypt("")
        writer = PdfWriter(clone_from=reader)
        _mark(writer, review)
        out = io.BytesIO()
        writer.write(out)
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OSError) as e:
        # pypdf raises all of these on damaged files, which it may read and still not be able to copy.
        raise ManuscriptError(
            f"{pdf.name} cannot be annotated: {type(e).__name__}: {e}", "export it again, or try: qpdf in.pdf out.pdf"
        ) from e
    write_bytes(copy, out.getvalue())
    return copy


def _mark(writer: PdfWriter, review: Review) -> None:
    counts = ", ".join(f"{n} {s.value}s" for s in Severity if (n := sum(f.severity is s for f in review.findings)))
    verdict = f"{review.decision}: overall {review.overall:g}. {counts or 'No findings'}. {review.reviewer}"
    margin: dict[int, list[_Mark]] = defaultdict(list)
    margin[0].append(_Mark("note", verdict, None))
    words = _Words(writer)
    for mark in _marks(review):
        place = words.find(mark.span)
        if place is None:
            page = mark.span.page - 1 if mark.span and mark.span.page else 0
            margin[min(page, len(writer.pages) - 1)].append(mark)
        else:
            writer.add_annotation(place[0], _highlight(mark, place[1]))
    for number, notes in margin.items():
        for note in _margin_notes(writer.pages[number], notes):
            writer.add_annotation(number, note)


def _marks(review: Review) -> Iterator[_Mark]:
    quoted = set()
    for f in review.findings:
        mend = f". To mend: {f.mend}." if f.mend else ""
        quoted.add(f.span.text if f.span else "")
        yield _Mark(f.severity.value, f"{f.severity.value} ({f.check}): {f.message}{mend}", f.span)
    for point in review.weaknesses:
        if point.span is not None and point.span.text not in quoted:
            yield _Mark("weakness", f"weakness: {point.text}", point.span)


class _Words:
    """Finds words on the pages of a PDF; a page is read when it is first asked for."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._pages: dict[int, list[Piece]] = {}

    def find(self, span: Span | None) -> tuple[int, list[Box]] | None:
        """The place of a page, from 0, and the boxes of the span there; the next page too where it may run on."""
        if span is None:
            return None
        count = len(self._writer.pages)
        wanted = range(span.page - 1, min(span.page + 1, count)) if span.page else range(count)
        for number in wanted:
            if number not in self._pages:
                self._pages[number] = pieces(self._writer.pages[number])
            if found := boxes(self._pages[number], span.text):
                return number, found
        return None


def _highlight(mark: _Mark, found: list[Box]) -> Highlight:
    corners = [c for x0, y0, x1, y1 in found for c in (x0, y1, x1, y1, x0, y0, x1, y0)]
    rect = (min(b[0] for b in found), min(b[1] for b in found), max(b[2] for b in found), max(b[3] for b in found))
    highlight = Highlight(
        rect=rect,
        quad_points=ArrayObject([FloatObject(round(c, 2)) for c in corners]),
        highlight_color=COLOURS[mark.kind],
        title_bar=AUTHOR,
    )
    highlight[NameObject("/Contents")] = TextStringObject(mark.text)
    highlight[NameObject("/F")] = NumberObject(_PRINTED)
    return highlight


def _margin_notes(page: PageObject, marks: list[_Mark]) -> Iterator[Text]:
    """Notes from the top of the left margin down, then in a column beside."""
    box = page.cropbox
    rows = max(1, int((float(box.height) - 2 * _SIDE) // (_SIDE + 4)))
    for place, mark in enumerate(marks):
        x = float(box.left) + 6 + (place // rows) * (_SIDE + 4)
        y = float(box.top) - 24 - (place % rows) * (_SIDE + 4)
        note = Text(rect=(x, y - _SIDE, x + _SIDE, y), text=mark.text, title_bar=AUTHOR)
        colour = COLOURS[mark.kind]
        note[NameObject("/C")] = ArrayObject([FloatObject(int(colour[i : i + 2], 16) / 255) for i in (0, 2, 4)])
        note[NameObject("/Name")] = NameObject("/Comment")
        note[NameObject("/F")] = NumberObject(_PRINTED)
        yield note
