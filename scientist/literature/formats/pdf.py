"""A paper's own PDF: identified by what its metadata and first page prove, or not at all."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scientist.literature.formats.entry import DOI, Entry, make_paper, one_line, plain_doi
from scientist.literature.words import normal_title, words
from scientist.types import Paper

STAMP = re.compile(r"arXiv:\s*(\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\s*\[", re.IGNORECASE)
"""What arXiv prints in the margin of its PDFs; a reference has no subject in brackets."""
TITLE_LINES = 12
TITLE_WORDS = 3
"""A title of fewer words names too many papers."""


def read(path: Path, start: int, known: Callable[..., Paper | None]) -> Iterator[Entry]:
    """One entry. A PDF is identified, in this order, by

    * an arXiv stamp or one DOI on the first page or in the metadata, and a record held under that identifier,
    * the same, and a title in the metadata that the first page prints,
    * a title on the first page that a held record has, together with its first author,
    * a title and authors in the metadata that the first page prints.
    """
    if start:
        return
    try:
        information, page = _first_page(path)
        yield Entry(place="first page", position=1, paper=_identified(information, page, known))
    except ValueError as e:
        yield Entry(place="first page", position=1, problem=str(e))


def _identified(information: dict[str, str], page: str, known: Callable[..., Paper | None]) -> Paper:
    arxiv_id, doi = _identifiers(information, page)
    named = arxiv_id or doi
    held = known(arxiv_id=arxiv_id, doi=doi) if named else None
    if held and normal_title(held.title) in normal_title(page):
        return held.model_copy(update={"arxiv_id": held.arxiv_id or arxiv_id, "doi": held.doi or doi})
    title = one_line(information.get("/Title"))
    printed = len(words(title)) >= TITLE_WORDS and normal_title(title) in normal_title(page)
    authors = [a for a in re.split(r"\s*[;,]\s*|\s+and\s+", one_line(information.get("/Author"))) if a]
    authors = [a for a in authors if normal_title(a) in normal_title(page)]
    if printed and named:
        return make_paper(title=title, authors=authors, arxiv_id=arxiv_id, doi=doi)
    if held := _held_title(page, known):
        return held
    if printed and authors:
        return make_paper(title=title, authors=authors)
    raise ValueError(_missing(arxiv_id, doi))


def _identifiers(information: dict[str, str], page: str) -> tuple[str | None, str | None]:
    """The arXiv id and DOI that the file proves to be its own: of several different ones, none."""
    stamps = {m[1] for m in STAMP.finditer(page)}
    values = " ".join(information.values())
    dois = {plain_doi(m[0]) for m in DOI.finditer(values)} or {plain_doi(m[0]) for m in DOI.finditer(page)}
    return (stamps.pop() if len(stamps) == 1 else None), (dois.pop() if len(dois) == 1 else None)


def _held_title(page: str, known: Callable[..., Paper | None]) -> Paper | None:
    """A held record whose title is one to four neighbouring lines near the top and whose first author is printed."""
    lines = [line.strip() for line in page.splitlines() if line.strip()][:TITLE_LINES]
    for begin in range(len(lines)):
        for end in range(begin + 1, min(begin + 5, len(lines) + 1)):
            title = " ".join(lines[begin:end])
            if len(words(title)) < TITLE_WORDS:
                continue
            held = known(title=title)
            if held and held.authors and normal_title(held.authors[0].split()[-1]) in normal_title(page):
                return held
    return None


def _missing(arxiv_id: str | None, doi: str | None) -> str:
    if arxiv_id or doi:
        return f"it is {f'arXiv:{arxiv_id}' if arxiv_id else doi}, but no record held and no metadata give its title"
    return "not identified: no arXiv stamp, no DOI of its own, and no title that a record or its metadata confirms"


def _first_page(path: Path) -> tuple[dict[str, str], str]:
    """The metadata and the text of the first page. Raises ValueError for what cannot be read."""
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("encrypted")
        information: dict[Any, Any] = dict(reader.metadata or {})
        page = reader.pages[0].extract_text() if len(reader.pages) else ""
    except (PyPdfError, OSError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as e:
        raise ValueError(f"not a PDF that can be read ({type(e).__name__})") from e
    return {str(k): str(v) for k, v in information.items()}, page
