"""Manuscripts that we read."""

from __future__ import annotations

from typing import Literal

from scientist.types.base import Frozen


class Span(Frozen):
    """A quoted piece of a manuscript; ``page`` counts from 1, None where the format has no pages."""

    text: str
    page: int | None = None


class ManuscriptSection(Frozen):
    heading: str
    text: str
    page: int | None = None


class Float(Frozen):
    """A figure or table of a manuscript, by its caption."""

    kind: Literal["figure", "table"]
    label: str
    caption: str
    page: int | None = None
    lines: tuple[str, ...] = ()
    """The printed lines of a table of a PDF, as far as they could be told from the text."""


class CitedWork(Frozen):
    """An entry of a manuscript's reference list; fields that could not be read are None or empty."""

    raw: str
    label: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None


class PagePicture(Frozen):
    """A page of a manuscript as a PNG file, for a reviewer that sees; ``page`` counts from 1."""

    page: int
    file: str


class ManuscriptImage(Frozen):
    """An image that a manuscript shows: a digest of its content (of its name where there is no file to read).

    ``found`` says whether its file was there; None where that was not, or cannot be, looked up.
    """

    digest: str
    name: str = ""
    page: int | None = None
    found: bool | None = None


class Manuscript(Frozen):
    """A paper as it was read from a file, with the page of each part where the format has pages."""

    file: str
    format: Literal["pdf", "latex", "markdown", "docx", "text"]
    title: str
    abstract: str
    sections: tuple[ManuscriptSection, ...]
    appendix: tuple[ManuscriptSection, ...] = ()
    floats: tuple[Float, ...] = ()
    references: tuple[CitedWork, ...] = ()
    equations: int = 0
    pages: int | None = None
    page_texts: tuple[str, ...] = ()
    hidden: tuple[Span, ...] = ()
    """Text that a reader would not see (white, tiny, invisible, zero-width)."""
    images: tuple[ManuscriptImage, ...] = ()
    pictures: tuple[PagePicture, ...] = ()
    """Pages with figures, drawn; empty unless somebody is to look at them."""

    @property
    def body(self) -> str:
        return "\n\n".join(f"{s.heading}\n{s.text}" for s in self.sections)
