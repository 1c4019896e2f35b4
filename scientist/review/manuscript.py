"""One manuscript from any file that a paper comes in: PDF, Word, LaTeX (file, folder or zip), Markdown, text."""

from __future__ import annotations

import zipfile
from pathlib import Path

from scientist.errors import ManuscriptError
from scientist.types import Manuscript

FORMATS = "a PDF, a .docx, a .tex file, a folder or .zip of LaTeX, a .md or a .txt file"
MAX_BYTES = 100_000_000


def read_manuscript(path: Path) -> Manuscript:
    """Read a paper. Raises ManuscriptError, which says what is wrong with the file and what to do."""
    if not path.exists():
        raise ManuscriptError(f"there is no file {path}", f"give the path of {FORMATS}")
    if path.is_dir():
        from scientist.review.latex_source import read_latex_folder

        return read_latex_folder(path)
    if not path.is_file():
        raise ManuscriptError(f"{path} is not a regular file", f"give the path of {FORMATS}")
    size = path.stat().st_size
    if size == 0:
        raise ManuscriptError(f"{path.name} is empty", "export or download it again")
    if size > MAX_BYTES:
        raise ManuscriptError(
            f"{path.name} has {size / 1e6:.0f} MB", f"give a file of at most {MAX_BYTES / 1e6:.0f} MB"
        )
    return _read_file(path)


def _read_file(path: Path) -> Manuscript:
    suffix = path.suffix.lower()
    if suffix == ".pdf" or _begins_with(path, b"%PDF-"):
        from scientist.review.pdf import read_pdf

        return read_pdf(path)
    if suffix in (".doc", ".odt", ".rtf"):
        raise ManuscriptError(
            f"{path.name}: files of type {suffix} cannot be read", "save it as .docx or PDF, then review that"
        )
    if suffix == ".docx" or _is_word(path):
        from scientist.review.docx import read_docx

        return read_docx(path)
    if zipfile.is_zipfile(path):
        from scientist.review.latex_source import read_latex_zip

        return read_latex_zip(path)
    if suffix == ".tex":
        from scientist.review.latex_source import read_latex_file

        return read_latex_file(path)
    if suffix in (".md", ".markdown", ".txt", ".text", ""):
        from scientist.review.markdown import read_markdown

        return read_markdown(path, plain=suffix not in (".md", ".markdown"))
    raise ManuscriptError(f"{path.name}: files of type {suffix} cannot be read", f"give {FORMATS}")


def _is_word(path: Path) -> bool:
    from scientist.review.docx import is_docx

    return zipfile.is_zipfile(path) and is_docx(path)


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as f:
        return f.read(len(mark)) == mark


def read_text(path: Path) -> str:
    """A text file in UTF-8, or in Latin-1 where it is not; binary files are refused."""
    data = path.read_bytes()
    return decode(data, path.name)


def decode(data: bytes, name: str) -> str:
    if b"\x00" in data[:4096]:
        raise ManuscriptError(f"{name} is not a text file", f"give {FORMATS}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
