"""Where words stand on a page of a PDF, so that they can be marked."""

from __future__ import annotations

from typing import Any, NamedTuple

from pypdf import PageObject
from pypdf.generic._font import Font

from scientist.mind.llm.quoting import bare

Box = tuple[float, float, float, float]

_SHORTEST = 6
"""Letters and digits below which words stand too often on a page to be the ones that are meant."""
_BEGINNINGS = (60, 30)
"""Letters of the beginning of words that are not there whole."""
_ABOVE, _BELOW = 0.78, 0.24
"""How far letters reach above and below their line, as shares of their size."""


class Piece(NamedTuple):
    """Text set in one go: where it begins, and how far each of its characters is from there, in points."""

    text: str
    x: float
    y: float
    size: float
    offsets: tuple[float, ...]


def pieces(page: PageObject) -> list[Piece]:
    """The level text of a page, seen or not, without that of drawings. Raises what pypdf raises on a broken page."""
    found: list[Piece] = []
    fonts: dict[int, Font] = {}
    drawing = [0]

    def before(operator: bytes, operands: Any, cm: Any, tm: Any) -> None:
        drawing[0] += operator == b"Do" and _is_drawing(page, operands)

    def after(operator: bytes, operands: Any, cm: Any, tm: Any) -> None:
        drawing[0] -= operator == b"Do" and _is_drawing(page, operands)

    def text(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        if font is None or drawing[0] or not text.strip():
            return
        along = tm[0] * cm[0] + tm[1] * cm[2]
        if abs(tm[0] * cm[1] + tm[1] * cm[3]) > abs(along):
            return
        if id(font) not in fonts:
            fonts[id(font)] = Font.from_font_resource(font)
        x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        for line in text.split("\n"):
            if line.strip():
                found.append(Piece(line, x, y, abs(size * along), _offsets(line, fonts[id(font)], abs(size * along))))

    page.extract_text(visitor_operand_before=before, visitor_operand_after=after, visitor_text=text)
    return found


def boxes(found: list[Piece], quote: str) -> list[Box]:
    """A box for each line of the words ``quote`` on a page; none where they do not stand there.

    Case, white space, hyphens and punctuation do not count, and an ellipsis stands for words left out. Of words that
    run on to another page, or around a figure, the beginning is enough.
    """
    letters, places = _letters(found)
    marked: list[Box] = []
    start = 0
    for part in quote.replace("...", "…").split("…"):
        run = _letters_of(part)
        if len(run) < _SHORTEST:
            continue
        at, length = _find(letters, run, start)
        if at < 0:
            return []
        marked += _lines(found, places[at : at + length])
        start = at + length
    return marked


def _find(letters: str, run: str, start: int) -> tuple[int, int]:
    for length in dict.fromkeys((len(run), *(n for n in _BEGINNINGS if n < len(run)))):
        for begin in dict.fromkeys((start, 0)):
            at = letters.find(run[:length], begin)
            if at >= 0:
                return at, length
    return -1, 0


def _letters(found: list[Piece]) -> tuple[str, list[tuple[int, int]]]:
    """The bare text of all pieces, and for each of its letters the piece and the character that it comes from."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    for number, piece in enumerate(found):
        for position, character in enumerate(piece.text):
            bared = _letters_of(character)
            letters.append(bared)
            places += [(number, position)] * len(bared)
    return "".join(letters), places


def _letters_of(text: str) -> str:
    return bare(text).replace("\x00", "")


def _lines(found: list[Piece], places: list[tuple[int, int]]) -> list[Box]:
    """One box for each line that the characters stand on."""
    lines: list[list[Box]] = []
    last = 0.0
    for number, position in places:
        piece = found[number]
        if not lines or abs(last - piece.y) > 0.5 * piece.size:
            lines.append([])
            last = piece.y
        left, right = piece.x + piece.offsets[position], piece.x + piece.offsets[position + 1]
        lines[-1].append((left, piece.y - _BELOW * piece.size, right, piece.y + _ABOVE * piece.size))
    return [_around(line) for line in lines]


def _around(parts: list[Box]) -> Box:
    return min(b[0] for b in parts), min(b[1] for b in parts), max(b[2] for b in parts), max(b[3] for b in parts)


def _offsets(text: str, font: Font, size: float) -> tuple[float, ...]:
    ends = [0.0]
    for character in text:
        ends.append(ends[-1] + font.get_text_width(character) * size / 1000)
    return tuple(ends)


def _is_drawing(page: PageObject, operands: Any) -> bool:
    resources = page.get("/Resources")
    things = resources.get_object().get("/XObject") if resources is not None else None
    thing = things.get_object().get(operands[0]) if things is not None and operands else None
    return thing is not None and thing.get_object().get("/Subtype") == "/Form"
