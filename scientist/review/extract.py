"""PDF pages to lines of text with size, weight and place; text that a reader would not see is kept apart."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream, NameObject, NumberObject

TINY_POINTS = 2.0
"""Text below this size cannot be read on paper."""

_WHITE = 0.94
_SHOW = (b"Tj", b"TJ", b"'", b'"')
_FILL = (b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*")
_STATE = (b"g", b"rg", b"k", b"sc", b"scn", b"cs", b"Tr", b"gs")
Box = tuple[float, float, float, float]


class Fragment(NamedTuple):
    text: str
    x: float
    y: float
    size: float
    bold: bool
    rotated: bool
    in_form: bool
    hidden: str
    """Why a reader would not see it ("white", "invisible", "tiny", "off the page"), or empty."""


class Line(NamedTuple):
    """One line of a page. ``x``, ``y`` and ``size`` are in points (0 where the format has none)."""

    text: str
    page: int
    size: float = 0.0
    top: float = 0.0
    """The largest size on the line; small capitals mix two."""
    bold: bool = False
    x: float = 0.0
    y: float = 0.0
    drawn: bool = False
    """The text belongs to a figure that was included as a drawing."""


@dataclass(frozen=True)
class PageText:
    lines: tuple[Line, ...]
    hidden: tuple[str, ...]
    width: float
    height: float


def read_pages(reader: PdfReader) -> list[PageText]:
    """Every page in reading order. Raises what pypdf raises on a broken page."""
    return [_read_page(page, number) for number, page in enumerate(reader.pages, start=1)]


def _read_page(page: PageObject, number: int) -> PageText:
    watcher = _run(page)
    if watcher.mixed:
        _split_at_state_changes(page)
        watcher = _run(page)
    fragments = _reveal_ocr(watcher.fragments)
    shown = _without_line_numbers([f for f in fragments if not f.hidden])
    upright = [f for f in shown if not f.rotated]
    if _length(upright) >= 0.5 * _length(shown):
        shown = upright
    if _length([f for f in shown if f.in_form]) > 0.7 * _length(shown):
        shown = [f._replace(in_form=False) for f in shown]
    box = page.mediabox
    return PageText(
        lines=tuple(_lines(shown, number)),
        hidden=tuple(_hidden_runs(fragments)),
        width=float(box.width),
        height=float(box.height),
    )


def _run(page: PageObject) -> _Watcher:
    watcher = _Watcher(page)
    page.extract_text(
        visitor_operand_before=watcher.before, visitor_operand_after=watcher.after, visitor_text=watcher.text
    )
    return watcher


def _split_at_state_changes(page: PageObject) -> None:
    """Repeat the font operator after each change of colour or mode, so that a piece of text ends there."""
    content = page.get_contents()
    if content is None:
        return
    operations: list[Any] = []
    font: Any = None
    for operands, operator in content.operations:
        if operator == b"Tf":
            font = list(operands)
        if operator in _STATE and font is not None:
            operations.append((font, b"Tf"))
        operations.append((operands, operator))
    stream = ContentStream(None, page.pdf)
    stream.operations = operations
    page[NameObject("/Contents")] = stream


def _without_line_numbers(fragments: list[Fragment]) -> list[Fragment]:
    """Review styles print a number beside each line: pieces of digits alone, of one size, that count up."""
    sizes: dict[float, list[int]] = {}
    for i, f in enumerate(fragments):
        if re.fullmatch(r"\s*\d{1,4}\s*", f.text):
            sizes.setdefault(f.size, []).append(i)
    drop: set[int] = set()
    for indices in sizes.values():
        numbers = [int(fragments[i].text) for i in indices]
        if counts_up(numbers):
            drop.update(indices)
    ends = {i for i in drop if "\n" in fragments[i].text}
    return [f._replace(text="\n") if i in ends else f for i, f in enumerate(fragments) if i not in drop or i in ends]


def counts_up(numbers: Sequence[int]) -> bool:
    """Ten numbers or more of which nearly each is one (or five) more than the one before."""
    steps = [b - a for a, b in pairwise(numbers)]
    return len(numbers) >= 10 and sum(s in (1, 5) for s in steps) >= 0.8 * len(steps)


def _reveal_ocr(fragments: list[Fragment]) -> list[Fragment]:
    """A scanned page with a recognised text layer has all its text in invisible mode over the image: no trick."""
    invisible = _length([f for f in fragments if f.hidden == "invisible"])
    if invisible > 200 and invisible > 0.8 * _length(fragments):
        return [f._replace(hidden="") if f.hidden == "invisible" else f for f in fragments]
    return fragments


def _length(fragments: Sequence[Fragment]) -> int:
    return sum(len(f.text.strip()) for f in fragments)


def _hidden_runs(fragments: list[Fragment]) -> Iterator[str]:
    run: list[str] = []
    for f in [*fragments, None]:
        if f is not None and (f.hidden or (run and not f.text.strip())):
            run.append(f.text)
        elif run:
            text = " ".join("".join(run).split())
            if text:
                yield text
            run = []


def _lines(fragments: list[Fragment], page: int) -> Iterator[Line]:
    parts: list[Fragment] = []
    for fragment in fragments:
        pieces = fragment.text.split("\n")
        for index, piece in enumerate(pieces):
            if index and parts:
                yield from _line(parts, page)
                parts = []
            if piece:
                parts.append(fragment._replace(text=piece))
    yield from _line(parts, page)


def _line(parts: list[Fragment], page: int) -> Iterator[Line]:
    text = "".join(p.text for p in parts)
    inked = [p for p in parts if p.text.strip()]
    if not inked:
        return
    weights: dict[float, int] = {}
    for p in inked:
        weights[p.size] = weights.get(p.size, 0) + len(p.text.strip())
    total = sum(weights.values())
    yield Line(
        text=text.strip(),
        page=page,
        size=max(weights, key=lambda s: weights[s]),
        top=max(weights),
        bold=sum(len(p.text.strip()) for p in inked if p.bold) > 0.6 * total,
        x=inked[0].x,
        y=inked[0].y,
        drawn=sum(len(p.text.strip()) for p in inked if p.in_form) > 0.5 * total,
    )


@dataclass
class _Level:
    """Resources and painted areas of the page or of one form drawn on it."""

    resources: Any
    scale: float
    areas: list[Box] = field(default_factory=list)
    path: list[tuple[float, float]] = field(default_factory=list)


class _Watcher:
    """Follows the graphics state beside pypdf's extractor and labels each piece of text with it."""

    def __init__(self, page: PageObject) -> None:
        self.fragments: list[Fragment] = []
        self.mixed = False
        self._white = False
        self._mode = 0
        self._clear = False
        self._stack: list[tuple[bool, int, bool]] = []
        self._levels = [_Level(_get(page, "/Resources"), 1.0)]
        self._pushed: list[bool] = []
        self._shown_seen = self._shown_hidden = 0
        self._reason = ""
        box = page.cropbox
        self._page: Box = (float(box.left), float(box.bottom), float(box.right), float(box.top))

    # ---- what pypdf calls

    def before(self, operator: bytes, operands: Any, cm: Any, tm: Any) -> None:
        if operator in _SHOW:
            self._show(cm, tm)
        elif operator in _STATE:
            self._state(operator, operands)
        elif operator == b"q":
            self._stack.append((self._white, self._mode, self._clear))
        elif operator == b"Q":
            if self._stack:
                self._white, self._mode, self._clear = self._stack.pop()
        elif operator == b"Do":
            self._enter(operands, cm)
        else:
            self._draw(operator, operands, cm)

    def after(self, operator: bytes, operands: Any, cm: Any, tm: Any) -> None:
        if operator == b"Do" and self._pushed and self._pushed.pop():
            self._levels.pop()

    def text(self, text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        if text:
            self.fragments.append(self._fragment(text, cm, tm, font, size))
        if text.strip():
            self.mixed = self.mixed or bool(self._shown_seen and self._shown_hidden)
            self._shown_seen = self._shown_hidden = 0
            self._reason = ""

    # ---- pieces of text

    def _fragment(self, text: str, cm: Any, tm: Any, font: Any, size: float) -> Fragment:
        x, y = _place(cm, tm)
        level = self._levels[-1]
        a, b = _apply(tm[0], tm[1], cm)
        c, d = _apply(tm[2], tm[3], cm)
        height = abs(size) * level.scale * max((c * c + d * d) ** 0.5, 0.0)
        name = str(font.get("/BaseFont", "")) if font else ""
        hidden = self._reason if self._shown_hidden and not self._shown_seen else ""
        if not hidden and 0 < height < TINY_POINTS and len(text.strip()) > 1:
            hidden = "tiny"
        if not hidden and len(self._levels) == 1 and not _inside(self._page, x, y, slack=20):
            hidden = "off the page"
        return Fragment(
            text=text,
            x=x,
            y=y,
            size=round(height, 1),
            bold=any(mark in name for mark in ("Bold", "bold", "CMBX", "Medi", "Black", "Heavy", "SFBX", "Demi")),
            rotated=abs(b) > abs(a),
            in_form=len(self._levels) > 1,
            hidden=hidden if text.strip() else "",
        )

    def _show(self, cm: Any, tm: Any) -> None:
        reason = ""
        if self._mode in (3, 7) or self._clear:
            reason = "invisible"
        elif self._white and self._mode in (0, 4):
            x, y = _place(cm, tm)
            if not any(_inside(area, x, y, slack=2) for area in self._levels[-1].areas):
                reason = "white"
        if reason:
            self._shown_hidden += 1
            self._reason = reason
        else:
            self._shown_seen += 1

    # ---- graphics state

    def _state(self, operator: bytes, operands: Any) -> None:
        if operator == b"Tr":
            self._mode = int(operands[0]) if operands and isinstance(operands[0], (int, NumberObject)) else 0
        elif operator == b"gs":
            self._clear = self._is_clear(operands)
        elif operator == b"cs":
            self._white = False
        else:
            self._white = _is_white([float(o) for o in operands if isinstance(o, (int, float))])

    def _is_clear(self, operands: Any) -> bool:
        states = _get(self._levels[-1].resources, "/ExtGState")
        state = _get(states, operands[0]) if operands else None
        alpha = _get(state, "/ca")
        return float(alpha) < 0.05 if isinstance(alpha, (int, float)) else self._clear

    # ---- painted areas, on which white text is seen

    def _enter(self, operands: Any, cm: Any) -> None:
        level = self._levels[-1]
        thing = _get(_get(level.resources, "/XObject"), operands[0]) if operands else None
        form = _get(thing, "/Subtype") == "/Form"
        if form:
            a, b = _apply(1.0, 0.0, cm)
            matrix = _get(thing, "/Matrix")
            own = abs(float(matrix[0])) if isinstance(matrix, list) and len(matrix) == 6 else 1.0
            resources = _get(thing, "/Resources") or level.resources
            self._levels.append(_Level(resources, level.scale * (own or 1.0) * ((a * a + b * b) ** 0.5 or 1.0)))
        elif thing is not None:
            level.areas.append(_bounds([_point(u, v, cm) for u in (0.0, 1.0) for v in (0.0, 1.0)]))
        self._pushed.append(form)

    def _draw(self, operator: bytes, operands: Any, cm: Any) -> None:
        level = self._levels[-1]
        if operator == b"re" and len(operands) == 4:
            x, y, w, h = (float(o) for o in operands)
            level.path += [_point(x + u * w, y + v * h, cm) for u in (0, 1) for v in (0, 1)]
        elif operator in (b"m", b"l", b"c", b"v", b"y") and len(operands) >= 2:
            level.path.append(_point(float(operands[-2]), float(operands[-1]), cm))
        elif operator in _FILL:
            if level.path and not self._white:
                level.areas.append(_bounds(level.path))
            level.path = []
        elif operator in (b"S", b"s", b"n"):
            level.path = []


def _get(thing: Any, key: Any) -> Any:
    if not hasattr(thing, "get"):
        return None
    with contextlib.suppress(KeyError, TypeError):
        value = thing.get(key)
        return value.get_object() if hasattr(value, "get_object") else value
    return None


def _is_white(parts: list[float]) -> bool:
    if len(parts) == 4:
        return max(parts) < 1 - _WHITE
    return len(parts) in (1, 3) and min(parts) > _WHITE


def _apply(x: float, y: float, m: Any) -> tuple[float, float]:
    return x * m[0] + y * m[2], x * m[1] + y * m[3]


def _point(x: float, y: float, m: Any) -> tuple[float, float]:
    u, v = _apply(x, y, m)
    return u + m[4], v + m[5]


def _place(cm: Any, tm: Any) -> tuple[float, float]:
    return _point(tm[4], tm[5], cm)


def _bounds(points: list[tuple[float, float]]) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def _inside(box: Box, x: float, y: float, slack: float) -> bool:
    return box[0] - slack <= x <= box[2] + slack and box[1] - slack <= y <= box[3] + slack


logging.getLogger("pypdf").setLevel(logging.ERROR)
