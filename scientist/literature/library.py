"""The local library: a full-text index over the packaged bibliography and the user's own records, no network."""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scientist.errors import EnvironmentProblem
from scientist.literature import index, records
from scientist.literature.base import Hit
from scientist.literature.words import normal_title
from scientist.types import Paper
from scientist.workspace import write_bytes

log = logging.getLogger(__name__)

HOME_VARIABLE = "SCIENTIST_HOME"
EXTRA_VARIABLE = "SCIENTIST_LIBRARY"
ARXIV_ID = re.compile(r"(?:arXiv:)?(?P<id>\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
KEPT_INDEXES = 4
"""Indexes of other versions or record files that stay on disk, the last used first."""


class Library:
    """A Source and Finder over the packaged bibliography, files added with ``add``, and ``$SCIENTIST_LIBRARY``.

    The index lies under ``home`` (default: ``$SCIENTIST_HOME``, else the user's data folder). It is built on first
    use, and again when a record file, the schema or the engine changes; a damaged one is rebuilt with a warning.
    A record of a later file replaces an earlier one with the same id.
    """

    name = "library"

    def __init__(self, *, home: Path | None = None, extra: Sequence[Path] | None = None) -> None:
        self.folder = (home or data_home()) / "library"
        self._extra = tuple(extra) if extra is not None else _extra_from_environment()
        self._opened: index.Index | None = None
        self._guard = threading.Lock()

    def search(self, query: str, limit: int) -> list[Hit]:
        """Papers that share content words with ``query``, best first; ties by id. An arXiv id finds its paper.

        Raises EnvironmentProblem (a folder that cannot be written), UsageError (a broken record file).
        """
        if ARXIV_ID.fullmatch(query.strip()):
            paper = self.find(arxiv_id=query)
            return [Hit(paper=paper, score=1.0)] if paper and limit > 0 else []
        with self._guard:
            return self._index().search(query, limit)

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The record with that arXiv id, else that DOI, else exactly that title."""
        keys = (
            ("arxiv_id", arxiv_id and bare_arxiv_id(arxiv_id)),
            ("doi", doi and doi.strip().lower()),
            ("title_key", title and normal_title(title)),
        )
        with self._guard:
            for field, value in keys:
                if value and (paper := self._index().exact(field, value)):
                    return paper
        return None

    def add(self, path: Path) -> int:
        """Take a JSON-lines file (plain or gzipped) into the library, for good; returns how many records it holds.

        The whole file is checked first. Raises UsageError for a file that is not bibliographic records.
        """
        count = sum(1 for _ in records.read_papers(path))
        data = path.read_bytes()
        with self._guard, _writable(self.folder):
            write_bytes(self.folder / "added" / f"{index.digest(data)[:16]}.jsonl", data)
            self._opened = None
        return count

    def count(self) -> int:
        """The number of papers in the index."""
        with self._guard:
            return self._index().count

    def _index(self) -> index.Index:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> index.Index:
        files = [records.packaged_bytes(), *(_read(p) for p in (*self._added(), *self._extra))]
        folder = self.folder / index.key(files)
        opened = index.open_if_sound(folder)
        if opened is None:
            with _writable(self.folder), index.build_lock(self.folder):
                # Another process may have built it while this one waited.
                opened = index.open_if_sound(folder) or index.build(folder, _merged(files))
                prune(self.folder, keep=folder)
        return opened

    def _added(self) -> list[Path]:
        return sorted((self.folder / "added").glob("*.jsonl"))


def data_home() -> Path:
    """Where the package keeps what it may rebuild: ``$SCIENTIST_HOME``, else the platform's user data folder."""
    if home := os.environ.get(HOME_VARIABLE):
        return Path(home).expanduser()
    import platformdirs

    return platformdirs.user_data_path("scientist")


def bare_arxiv_id(text: str) -> str:
    """An arXiv id without its prefix and version; other text as it is."""
    match = ARXIV_ID.fullmatch(text.strip())
    return match["id"] if match else text.strip()


def prune(folder: Path, *, keep: Path) -> None:
    """Remove the least recently used indexes beyond KEPT_INDEXES, and builds that a killed process left."""
    others = [p for p in folder.glob("index-*") if p.is_dir() and p != keep]
    others.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    for stale in [*others[KEPT_INDEXES - 1 :], *folder.glob(".build-*")]:
        shutil.rmtree(stale, ignore_errors=True)


def _merged(files: Sequence[bytes]) -> list[Paper]:
    papers: dict[str, Paper] = {}
    for number, data in enumerate(files):
        name = "the packaged bibliography" if number == 0 else f"literature file {number}"
        papers.update((p.id, p) for p in records.parse_papers(data, name))
    return [papers[i] for i in sorted(papers)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise EnvironmentProblem(
            f"cannot read the literature file {path}: {e.strerror}",
            f"mend ${EXTRA_VARIABLE}, or unset it to search the packaged bibliography alone",
        ) from e


def _extra_from_environment() -> tuple[Path, ...]:
    value = os.environ.get(EXTRA_VARIABLE, "")
    return tuple(Path(p).expanduser() for p in value.split(os.pathsep) if p)


class _writable:
    """Turn a library folder that cannot be written into an error that says what to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise self._problem(e) from e

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError):
            raise self._problem(error) from error

    def _problem(self, error: OSError) -> EnvironmentProblem:
        return EnvironmentProblem(
            f"cannot write the literature index in {self.folder}: {error.strerror or error}",
            f"set {HOME_VARIABLE} to a folder that you can write, with some megabytes of room",
        )
