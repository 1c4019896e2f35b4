"""Tables as rows and columns, where the text keeps their bars: Markdown, and LaTeX as the reader writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from scientist.types import Manuscript

_RULE = re.compile(r"\|(?:\s*(?::?-{2,}:?|:-:)\s*\|)+")
_VALUE = re.compile(
    r"\s*[*_$(]*(?P<sign>[-−–+]?)\s*(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<part>\.\d+)?\s*(?P<percent>\\?%?)"
    r"(?!\s*(?:/|of\b|[:xX×–-]\s*\d|\d))"
)
_MOST_ROWS = 200


class Value(NamedTuple):
    """A number in a cell; ``slack`` is half of its last digit's worth."""

    number: float
    slack: float
    text: str


class Row(NamedTuple):
    label: str
    values: tuple[Value | None, ...]
    """One for each column after the first; None where the cell holds no number."""


class Table(NamedTuple):
    header: tuple[str, ...]
    """The names of the columns after the first."""
    rows: tuple[Row, ...]
    text: str


def tables_of(manuscript: Manuscript) -> list[Table]:
    """Every table whose bars the reader kept, in order."""
    parts = [s.text for s in (*manuscript.sections, *manuscript.appendix)]
    return [table for part in parts if "|" in part for table in _tables(part)]


def value_of(cell: str) -> Value | None:
    """The number with which a cell begins; a spread behind it does not count."""
    match = _VALUE.match(cell)
    if match is None:
        return None
    decimals = len(match["part"] or ".") - 1
    number = float(match["digits"].replace(",", "") + (match["part"] or ""))
    return Value(-number if match["sign"] in ("-", "−", "–") else number, 0.5 * 10.0**-decimals, match.group().strip())


def plain(text: str) -> str:
    """A label without the marks of its markup, in lower case."""
    return " ".join(re.sub(r"[*_`$\\{}]|\[[^\]]*\]|\([^)]*\)|[†‡↑↓]", " ", text).lower().split())


def _tables(text: str) -> Iterator[Table]:
    for rule in _RULE.finditer(text):
        width = rule.group().count("|") - 1
        head = text[: rule.start()].rstrip().rstrip("|").rsplit("|", width)
        if width < 2 or len(head) < width:
            continue
        rows, end = _rows(text, rule.end(), width)
        names = [plain(cell) for cell in head[-width:]]
        if rows:
            yield Table(tuple(names[1:]), rows, text[rule.end() : end])


def _rows(text: str, at: int, width: int) -> tuple[tuple[Row, ...], int]:
    rows: list[Row] = []
    line = re.compile(rf"\s*\|((?:[^|\n]*\|){{{width}}})")
    while len(rows) < _MOST_ROWS and (match := line.match(text, at)):
        cells = match[1].split("|")[:width]
        rows.append(Row(plain(cells[0]), tuple(value_of(cell) for cell in cells[1:])))
        at = match.end()
    return tuple(rows), at
