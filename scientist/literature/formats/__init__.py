"""Readers of the files in which people and services keep bibliographic records, chosen by what a file holds.

``read`` is the one function: it streams the entries of a file from a given place on, so that a long reading can be
taken up where it stopped. A record that cannot be used is an entry with a ``problem``; only a file that cannot be
used at all raises.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from scientist.errors import UsageError
from scientist.literature.formats.entry import Entry, open_binary
from scientist.types import Paper

Known = Callable[..., Paper | None]
"""Looks a record up by ``arxiv_id``, ``doi`` or ``title`` among those already held."""

READERS = {
    "bibtex": "scientist.literature.formats.bibtex",
    "ris": "scientist.literature.formats.ris",
    "csl-json": "scientist.literature.formats.csl",
    "json-lines": "scientist.literature.formats.lines",
    "pdf": "scientist.literature.formats.pdf",
}
"""Each module has ``read(path, start, known)``."""

FORMATS = "BibTeX, RIS, CSL-JSON, JSON lines (ours, arXiv, OpenAlex, Semantic Scholar; gzipped or not), PDF"


def read(path: Path, *, start: int = 0, known: Known) -> Iterator[Entry]:
    """The entries of ``path`` from position ``start`` on. Raises UsageError for a file that no reader takes."""
    reader = import_module(READERS[format_of(path)])
    entries: Iterator[Entry] = reader.read(path, start, known)
    return entries


def format_of(path: Path) -> str:
    """The name of the reader for a file, by its first characters. Raises UsageError."""
    head = _head(path)
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if head.startswith(b"%PDF-"):
        return "pdf"
    if text.startswith("{"):
        return "json-lines"
    if text.startswith("["):
        return "csl-json"
    if text.startswith("TY  -") or "\nTY  -" in text.replace("\r", "\n"):
        return "ris"
    if text.startswith("<") or path.suffix == ".rdf":
        raise UsageError(
            f"{path} is XML, which is not read",
            "export it as CSL-JSON or BibTeX instead (Zotero: File, Export Library, Better BibTeX or CSL JSON)",
        )
    if any(line.lstrip().startswith("@") for line in text.splitlines()) or path.suffix == ".bib":
        return "bibtex"
    raise UsageError(f"{path} is in no format that is read", f"read are: {FORMATS}")


def files_in(paths: list[Path]) -> list[Path]:
    """The files meant by ``paths``: themselves, and for a folder the PDFs in and below it, in order of name.

    Raises UsageError for a path that is not there and for a folder without a PDF.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".pdf" and p.is_file())
            if not inside:
                raise UsageError(f"the folder {path} holds no PDF", "name record files one by one: folder/*.jsonl.gz")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(f"there is no file {path}")
    return list(dict.fromkeys(p.resolve() for p in found))


def _head(path: Path) -> bytes:
    try:
        with open_binary(path) as stream:
            return stream.read(4096)
    except (OSError, EOFError, zlib.error) as e:
        raise UsageError(f"cannot read {path}: {e}", "is it a whole file, and yours to read?") from e
