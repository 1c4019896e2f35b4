"""PDF manuscripts: opening them safely, and saying what is wrong with those that cannot be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from scientist.errors import ManuscriptError
from scientist.review.extract import PageText, read_pages
from scientist.review.images import pdf_images
from scientist.review.lines import clean, drop_furniture, invisible_characters, join, leading, vocabulary_of
from scientist.review.structure import structure
from scientist.review.unseen import orders_in_pdf
from scientist.types import Manuscript, ManuscriptImage, Span

MAX_PAGES = 400
_LEAST_CHARACTERS = 200


class _Opened(NamedTuple):
    pages: list[PageText]
    metadata: dict[str, str]
    images: tuple[ManuscriptImage, ...]
    orders: tuple[Span, ...]


def read_pdf(path: Path) -> Manuscript:
    """Read a PDF. Raises ManuscriptError when it is encrypted, scanned, broken, too long or no PDF."""
    pages, metadata, images, orders = _open(path)
    raw = "".join(line.text for page in pages for line in page.lines)
    if len(raw.split()) * 5 < _LEAST_CHARACTERS and len(raw) < _LEAST_CHARACTERS:
        raise ManuscriptError(
            f"{path.name} holds no text (a scan, or only images: {len(pages)} pages, {len(raw)} characters)",
            "run text recognition first, for example: ocrmypdf in.pdf out.pdf; or give the LaTeX or Markdown source",
        )
    kept = drop_furniture([[line._replace(text=clean(line.text)) for line in page.lines] for page in pages])
    lines = [line for page in kept for line in page]
    parts = structure(lines)
    usual, vocabulary = leading(lines), vocabulary_of(lines)
    return Manuscript(
        file=path.name,
        format="pdf",
        title=parts.title or metadata.get("/Title", ""),
        abstract=parts.abstract,
        sections=parts.sections,
        appendix=parts.appendix,
        floats=parts.floats,
        references=parts.references,
        equations=parts.equations,
        pages=len(pages),
        page_texts=tuple(join(page, vocabulary, usual) for page in kept),
        hidden=(*_hidden(pages, metadata), *orders),
        images=images,
    )


def _open(path: Path) -> _Opened:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

    with path.open("rb") as f:
        if b"%PDF-" not in f.read(1024):
            raise ManuscriptError(
                f"{path.name} is not a PDF file", "it may be a web page saved under this name: download the PDF itself"
            )
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError("a password is needed")
        if len(reader.pages) > MAX_PAGES:
            raise ManuscriptError(
                f"{path.name} has {len(reader.pages)} pages", f"give a paper of at most {MAX_PAGES} pages"
            )
        metadata, images = _metadata(reader), pdf_images(reader)
        orders = tuple(orders_in_pdf(reader, {k: v for k, v in metadata.items() if k in _OWN_KEYS}))
        return _Opened(read_pages(reader), metadata, images, orders)
    except (FileNotDecryptedError, DependencyError) as e:
        raise ManuscriptError(
            f"{path.name} is encrypted: {e}", "save a copy without a password (qpdf --decrypt)"
        ) from e
    except ManuscriptError:
        raise
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
            AssertionError, ZeroDivisionError, NotImplementedError, OSError, EOFError, UnicodeError) as e:  # fmt: skip
        # pypdf raises all of these on damaged files; what is wrong is the file, not this program.
        raise ManuscriptError(
            f"{path.name} cannot be read as a PDF: {type(e).__name__}: {e}",
            "the file is damaged or cut short: export it again, or try: qpdf in.pdf out.pdf",
        ) from e


def _metadata(reader: object) -> dict[str, str]:
    """The document information as text; values that are no text are left out."""
    found = getattr(reader, "metadata", None) or {}
    return {str(k): v.strip() for k in found if isinstance(v := found.get(k), str) and v.strip()}


def _hidden(pages: list[PageText], metadata: dict[str, str]) -> list[Span]:
    """Unseen text by page, unseen characters, and long metadata (whose page is None)."""
    spans = [
        Span(text=text, page=n) for n, page in enumerate(pages, 1) for text in page.hidden if _says_something(text)
    ]
    for n, page in enumerate(pages, 1):
        characters = invisible_characters("".join(line.text for line in page.lines))
        if len(characters) == 1 and len(characters[0]) > 1:
            spans.append(Span(text=characters[0], page=n))
    spans += [Span(text=text) for key, text in metadata.items() if key not in _OWN_KEYS and len(text.split()) >= 4]
    return spans


def _says_something(text: str) -> bool:
    """Labels of figures are white on colours that cannot always be made out; a message has words."""
    return len(re.findall(r"[^\W\d_]{3,}", text)) >= 2


_OWN_KEYS = frozenset({"/Producer", "/Creator", "/PTEX.Fullbanner", "/Author", "/Editors"})
