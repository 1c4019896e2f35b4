"""Which manuscripts a user means: files, LaTeX folders, folders of many manuscripts, arXiv ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from scientist.errors import ManuscriptError
from scientist.review.manuscript import FORMATS

SUFFIXES = (".pdf", ".docx", ".md", ".markdown", ".txt", ".zip")
"""What is taken from a folder of manuscripts; a folder of LaTeX is taken whole."""

MOST = 20_000

_NO_PAPER = re.compile(
    r"(?:readme|license|copying|changelog|contributing|requirements|authors|notice)\b|.*\.(?:review|rebuttal)\.md$|"
    r".*\.annotated\.pdf$",
    re.IGNORECASE,
)


def manuscripts(paths: Iterable[Path]) -> list[Path]:
    """Every manuscript named: a folder with LaTeX in it is one, any other folder stands for all that it holds.

    What this program wrote beside a manuscript, read-me files and hidden files are no manuscripts. Raises
    ManuscriptError for a folder that holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir() or is_latex(path):
            found.append(path)
            continue
        inside = list(_inside(path))
        if not inside:
            raise ManuscriptError(f"the folder {path} holds no manuscript", f"give {FORMATS}")
        found += inside
    if len(found) > MOST:
        raise ManuscriptError(f"{len(found)} manuscripts were named", f"give at most {MOST} at once")
    return found


def is_latex(folder: Path) -> bool:
    return any(p.suffix.lower() == ".tex" for p in folder.iterdir() if p.is_file())


def names(paths: Iterable[Path]) -> list[str]:
    """A name for each manuscript's files: its own without the suffix, with a counter where that is taken."""
    given: dict[str, None] = {}
    for path in paths:
        stem = path.stem if path.suffix.lower() in (*SUFFIXES, ".tex") else path.name
        numbered = (stem if i == 1 else f"{stem}-{i}" for i in range(1, len(given) + 2))
        given[next(n for n in numbered if n not in given)] = None
    return list(given)


def _inside(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__")) or path.is_symlink():
            continue
        if path.is_dir():
            if is_latex(path):
                yield path
            else:
                yield from _inside(path)
        elif path.suffix.lower() in SUFFIXES and not _NO_PAPER.match(path.name):
            yield path
