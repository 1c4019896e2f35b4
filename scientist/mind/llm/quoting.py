"""Finds what a reviewer quotes in the manuscript; a quote that is not there is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from scientist.mind.reading import clip, page_of
from scientist.types import Manuscript, Span

_SHORTEST = 12
"""Letters and digits below which a quote could stand anywhere."""

_ELLIPSIS = re.compile(r"\s*(?:\[\s*)?(?:…|\.\.\.+)(?:\s*\])?\s*")
_POINT_IN_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")


def find_quote(manuscript: Manuscript, quote: str) -> Span | None:
    """The span that ``quote`` names, None where the manuscript does not hold it.

    Case, white space, hyphens, ligatures, quotation marks and other punctuation do not count; the digits and points of
    numbers do. An ellipsis stands for left-out words within one part of the manuscript. Text that a reader does not
    see is not quotable.
    """
    pieces = [bare(piece) for piece in _ELLIPSIS.split(quote)]
    pieces = [p for p in pieces if p]
    if not pieces or max(map(len, pieces)) < _SHORTEST:
        return None
    for part in _parts(manuscript):
        if _holds(bare(part), pieces):
            longest = max(_ELLIPSIS.split(quote), key=len)
            return Span(text=clip(quote.strip(" \"'“”‘’")), page=page_of(manuscript, longest))
    return None


def bare(text: str) -> str:
    """What a text says, without how it is set: letters and digits in lower case, and the points within numbers."""
    text = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    text = _POINT_IN_NUMBER.sub("\x00", text)
    return "".join(c for c in text.casefold() if c.isalnum() or c == "\x00")


def _parts(manuscript: Manuscript) -> Iterator[str]:
    yield manuscript.title
    yield manuscript.abstract
    for section in (*manuscript.sections, *manuscript.appendix):
        yield f"{section.heading}\n{section.text}"
    yield from (f"{f.label}: {f.caption}" for f in manuscript.floats)
    yield from (r.raw for r in manuscript.references)


def _holds(text: str, pieces: list[str]) -> bool:
    """Whether the pieces stand in the text, one after another."""
    place = 0
    for piece in pieces:
        place = text.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return True
