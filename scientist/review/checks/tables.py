"""Tables as rows and columns: from the bars of Markdown (as which LaTeX is read too), or the printed lines of a PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scientist.types import Float, Manuscript

_RULE = re.compile(r"\|(?:\s*(?::?-{2,}:?|:-:)\s*\|)+")
_VALUE = re.compile(
    r"\s*[*_$(]*(?P<sign>[-−–+]?)\s*(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<part>\.\d+)?\s*(?P<percent>\\?%?)"
    r"(?!\s*(?:/|of\b|[:xX×–-]\s*\d|\d))"
)
_MOST_ROWS = 200
_CELL = (
    r"(?:[-−–+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s?%?[*†‡]{0,2}(?:\s?±\s?\d+(?:\.\d+)?%?|\s?\(±?\d+(?:\.\d+)?%?\))?"
    r"|[–—-])"
)
_PRINTED = re.compile(rf"(?P<label>\S.*?)\s+(?P<cells>{_CELL}(?:\s+{_CELL})*)")
_LAST_NAME = re.compile(r"(?:total|sum|avg\.?|average|mean|all|overall)", re.IGNORECASE)


class Value(NamedTuple):
    """A number in a cell; ``slack`` is half of its last digit's worth."""

    number: float
    slack: float
    text: str


class Row(NamedTuple):
    label: str
    values: tuple[Value | None, ...]
    """One for each column after the first; None where the cell holds no number."""
    cells: tuple[str, ...] = ()
    """The row as it stands, label first."""


class Table(NamedTuple):
    header: tuple[str, ...]
    """The names of the columns after the first."""
    rows: tuple[Row, ...]
    text: str
    head: tuple[str, ...] = ()
    """The names of the columns after the first as they stand; empty strings where they could not be told."""
    caption: str = ""


def tables_of(manuscript: Manuscript) -> list[Table]:
    """Every table whose bars the reader kept, in order; with captions where there are as many as tables."""
    parts = [s.text for s in (*manuscript.sections, *manuscript.appendix)]
    found = [table for part in parts if "|" in part for table in _tables(part)]
    captions = [f.caption for f in manuscript.floats if f.kind == "table"]
    if len(captions) != len(found):
        return found
    return [table._replace(caption=caption) for table, caption in zip(found, captions, strict=True)]


def printed_tables(manuscript: Manuscript) -> list[Table]:
    """Tables read from the printed lines beside their captions; those whose rows differ in width are left out."""
    return [table for f in manuscript.floats if f.lines and (table := _printed(f))]


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
        names = tuple(cell.strip() for cell in head[-width:])[1:]
        if rows:
            yield Table(tuple(plain(n) for n in names), rows, text[rule.end() : end], names)


def _rows(text: str, at: int, width: int) -> tuple[tuple[Row, ...], int]:
    rows: list[Row] = []
    line = re.compile(rf"\s*\|((?:[^|\n]*\|){{{width}}})")
    while len(rows) < _MOST_ROWS and (match := line.match(text, at)):
        rows.append(_row(match[1].split("|")[:width]))
        at = match.end()
    return tuple(rows), at


def _row(cells: Sequence[str]) -> Row:
    return Row(plain(cells[0]), tuple(value_of(cell) for cell in cells[1:]), tuple(c.strip() for c in cells))


# ------------------------------------------------------------------------------------------- printed lines


def _printed(table: Float) -> Table | None:
    """Three lines or more "label v1 … vk" of one k. A line without numbers between them parts two groups of rows."""
    read = [_PRINTED.fullmatch(line) for line in table.lines]
    first = next((i for i, m in enumerate(read) if m and not _is_head(table.lines[i])), None)
    if first is None:
        return None
    cells = [[m["label"], *re.findall(_CELL, m["cells"])] for m in read[first:] if m]
    widths = Counter(len(c) for c in cells)
    if len(cells) < 3 or len(widths) != 1 or _numbers_lost(table.lines[first:], read[first:]):
        return None
    width = len(cells[0]) - 1
    rows = [
        _row([m["label"], *re.findall(_CELL, m["cells"])]) if m else Row(plain(line), (None,) * width, (line,))
        for m, line in zip(read[first:], table.lines[first:], strict=True)
    ]
    head = _names(table.lines[first - 1] if first else "", width)
    text = "\n".join(table.lines[first:])
    return Table(tuple(plain(n) for n in head), tuple(rows), text, head, table.caption)


def _is_head(line: str) -> bool:
    return bool(re.search(r"\b[nN]\s*=\s*\d", line))


def _numbers_lost(lines: Sequence[str], read: Sequence[re.Match[str] | None]) -> bool:
    """Whether a line inside the table holds numbers that were not understood."""
    return any(m is None and re.search(r"(?<![\w.])\d", line) for m, line in zip(read, lines, strict=True))


def _names(line: str, width: int) -> tuple[str, ...]:
    """The names of the columns, where the words of the head can be told apart; else only the last, if it sums up."""
    sized = re.findall(r"\S[^()]*\([nN]\s*=\s*\d+\)", line)
    if len(sized) == width:
        return tuple(s.strip() for s in sized)
    words = line.split()
    if len(words) == width + 1:
        return tuple(words[1:])
    if len(words) == width:
        return tuple(words)
    last = words[-1] if words and _LAST_NAME.fullmatch(words[-1]) else ""
    return ("",) * (width - 1) + (last,)
