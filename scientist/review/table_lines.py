"""The printed lines of a table: in a PDF its rows are lines of text beside the caption."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scientist.review.extract import Line

_MOST = 60
_NUMBER = re.compile(r"(?<![\w.])[-−–+]?\d")
_FEW_WORDS = 12


def table_lines(lines: Sequence[Line], start: int, end: int) -> tuple[str, ...]:
    """The rows below the caption at ``lines[start:end]``, or those above it where none stand below.

    Empty where lines have no place (Markdown and LaTeX keep the bars of their tables)."""
    if not lines[start].size:
        return ()
    below = _run(lines[end : end + _MOST], lines[start].page)
    if below:
        # The head of a table close below a short caption is read as its end.
        swallowed = end - start > 1 and not lines[end - 1].text.rstrip().endswith(".") and _is_row(below[0])
        return (lines[end - 1].text.strip(), *below) if swallowed else below
    return tuple(reversed(_run(lines[max(0, start - _MOST) : start][::-1], lines[start].page)))


def _run(lines: Sequence[Line], page: int) -> tuple[str, ...]:
    """Lines from the caption on, as far as they look like rows; up to three may hold no number (the head)."""
    found: list[str] = []
    rows = heads = 0
    for line in lines:
        text = line.text.strip()
        if line.page != page or len(text.split()) > 40 or text[-1:] in (".", ",", ";"):
            break
        if _is_row(text):
            rows += 1
        elif rows == 0 and heads < 3:
            heads += 1
        elif len(text.split()) > _FEW_WORDS or rows == 0:
            break
        found.append(text)
    return tuple(found) if rows >= 2 else ()


def _is_row(text: str) -> bool:
    """At least as many numbers as a third of the words, the last word being one (or a dash)."""
    return len(_NUMBER.findall(text)) * 4 >= len(text.split()) and bool(re.search(r"[\d%)–—-]$", text))
