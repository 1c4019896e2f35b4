"""The local library: a full-text index over the packaged bibliography and the user's own records, no network."""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from scientist.errors import EnvironmentProblem
from scientist.literature import formats, growing, index, records
from scientist.literature.adding import read_file, take_packaged
from scientist.literature.base import Hit
from scientist.literature.embedding import ENCODER_VARIABLE, ENCODERS, Blended, Encoder
from scientist.literature.store import FileProgress, Store, readable
from scientist.literature.words import normal_title
from scientist.types import Frozen, Paper

log = logging.getLogger(__name__)

HOME_VARIABLE = "SCIENTIST_HOME"
FOLDER_VARIABLE = "SCIENTIST_LIBRARY_DIR"
EXTRA_VARIABLE = "SCIENTIST_LIBRARY"
ARXIV_ID = re.compile(r"(?:arXiv:)?(?P<id>\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
KEPT_INDEXES = 4
"""Indexes of other versions or record files that stay on disk, the last used first."""
RECORDS, INDEX = "records.sqlite", "records-index"
INDEXED_EVERY = 100_000
"""Records after which the index takes in what came, so that a killed process has little to catch up on."""

Told = Callable[[FileProgress | None], None]
"""Hears how far the reading of a file is; None while records are indexed."""


class LibraryBusy(EnvironmentProblem):
    """Another process is adding to the library."""


class LibraryStatus(Frozen):
    """What the library holds and where. ``fault`` is what is wrong with its index."""

    folder: str
    papers: int
    packaged: int
    bytes_on_disk: int
    files: tuple[FileProgress, ...] = ()
    fault: str | None = None


class Library:
    """A Source and Finder over the packaged bibliography, files taken in with ``add``, and ``$SCIENTIST_LIBRARY``.

    It lies under ``home``/library (default: ``$SCIENTIST_LIBRARY_DIR``, else ``$SCIENTIST_HOME``/library, else the
    user's data folder). Until something is added there is an index of the packaged bibliography alone; from then on
    a store of records and an index that grows with it. An index is built on first use, and again when the schema or
    the engine changes; a damaged one is rebuilt with a warning. A record of ``extra`` replaces one with the same id.
    ``embed`` names an encoder (default: ``$SCIENTIST_EMBED``) whose vectors take part in a search; "" for none.
    """

    name = "library"

    def __init__(
        self, *, home: Path | None = None, extra: Sequence[Path] | None = None, embed: str | None = None
    ) -> None:
        self.folder = home / "library" if home else library_folder()
        self._extra = tuple(extra) if extra is not None else _extra_from_environment()
        self._embed = embed if embed is not None else os.environ.get(ENCODER_VARIABLE, "")
        self._opened: tuple[index.Index, ...] = ()
        self._blended: tuple[Blended, ...] = ()
        self._guard = threading.Lock()

    def prepare(self) -> None:
        """Load the encoder, if one is named. Raises UsageError (unknown name), EnvironmentProblem (not installed)."""
        if self._embed:
            _ = self._encoder

    def search(self, query: str, limit: int) -> list[Hit]:
        """Papers that share content words with ``query``, best first; ties by id. An arXiv id finds its paper.

        Raises EnvironmentProblem (a folder that cannot be written), UsageError (a broken record file).
        """
        if ARXIV_ID.fullmatch(query.strip()):
            paper = self.find(arxiv_id=query)
            return [Hit(paper=paper, score=1.0)] if paper and limit > 0 else []
        with self._guard:
            first, *others = self._searched()
            hits = first.search(query, limit)
            for other in others:
                hits += [h for h in other.search(query, limit) if not first.exact("id", h.paper.id)]
        return sorted(hits, key=lambda h: (-h.score, h.paper.id))[:limit]

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The record with that arXiv id, else that DOI, else exactly that title."""
        keys = (
            ("arxiv_id", arxiv_id and bare_arxiv_id(arxiv_id)),
            ("doi", doi and doi.strip().lower()),
            ("title_key", title and normal_title(title)),
        )
        with self._guard:
            for field, value in keys:
                for opened in self._indexes() if value else ():
                    if paper := opened.exact(field, value or ""):
                        return paper
        return None

    def add(
        self, paths: Sequence[Path], *, replace: bool = False, again: bool = False, told: Told = lambda _: None
    ) -> list[FileProgress]:
        """Take files into the library, for good; a folder stands for the PDFs in it. Returns what each file gave.

        A paper that is held already only gains missing facts, unless ``replace``. A file that was read before is not
        read again, unless ``again``; one that was read in part is read on. Raises UsageError for a file in no
        format that is read, before anything is written, and LibraryBusy if another process is adding.
        """
        files = [(path, formats.format_of(path)) for path in formats.files_in(list(paths))]
        with self._guard, _writable(self.folder), self._sole_use(), readable(self._records), self._store() as store:
            take_packaged(store)
            results = []
            for path, kind in files:
                for progress in read_file(store, path, kind, replace=replace, again=again):
                    told(progress)
                    if store.last() - store.state("indexed") >= INDEXED_EVERY:
                        told(None)
                        growing.up_to_date(store, self._index_folder)
                results.append(progress)
            told(None)
            growing.up_to_date(store, self._index_folder)
            self._opened, self._blended = (), ()
        return results

    def papers(self) -> Iterator[Paper]:
        """Every record, as it came; those of ``extra`` last."""
        if self._records.exists():
            self.count()  # a store that a killed process left behind is brought up to date first
            with readable(self._records), self._store() as store:
                yield from store.papers()
        else:
            yield from records.packaged_papers()
        for path in self._extra:
            yield from records.parse_papers(_read(path), str(path))

    def count(self) -> int:
        """The number of papers in the index."""
        with self._guard:
            *first, last = self._indexes()
            replaced = (
                sum(1 for p in _merged([_read(x) for x in self._extra]) if last.exact("id", p.id)) if first else 0
            )
            return last.count + sum(opened.count for opened in first) - replaced

    def status(self, *, thorough: bool = False) -> LibraryStatus:
        """What is held, read and wrong; ``thorough`` reads the whole index to find damage. Mends nothing."""
        fault, files, papers = None, [], 0
        packaged = sum(1 for _ in records.packaged_papers())
        if self._records.exists():
            with readable(self._records), self._store() as store:
                fault = growing.fault_of(store, self._index_folder, thorough=thorough)
                files, papers = store.files(), store.count()
        return LibraryStatus(
            folder=str(self.folder),
            papers=papers or packaged,
            packaged=packaged,
            bytes_on_disk=sum(p.stat().st_size for p in self.folder.rglob("*") if p.is_file()),
            files=tuple(files),
            fault=fault,
        )

    @property
    def _records(self) -> Path:
        return self.folder / RECORDS

    @property
    def _index_folder(self) -> Path:
        return self.folder / INDEX

    @contextmanager
    def _store(self) -> Iterator[Store]:
        store = Store(self._records)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def _sole_use(self) -> Iterator[None]:
        """Hold the store for writing. Raises LibraryBusy while another process does."""
        with (self.folder / ".adding.lock").open("a") as f:
            try:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LibraryBusy(
                    f"another process is adding to the library in {self.folder}", "wait until it is done"
                ) from None
            yield

    def _indexes(self) -> tuple[index.Index, ...]:
        """The indexes to ask, first the one whose records replace those of the others."""
        if not self._opened:
            self._opened = self._open()
        return self._opened

    @cached_property
    def _encoder(self) -> Encoder:
        made: Encoder = ENCODERS.load(self._embed)()
        return made

    def _searched(self) -> tuple[index.Index, ...] | tuple[Blended, ...]:
        """The indexes by words, or with an encoder by words and meaning."""
        if self._embed and not self._blended:
            indexes = self._indexes()
            with _writable(self.folder):
                self._blended = tuple(Blended(opened, self._encoder) for opened in indexes)
        return self._blended or self._indexes()

    def _open(self) -> tuple[index.Index, ...]:
        extra = [_read(path) for path in self._extra]
        grown = self._grown() if self._records.exists() else None
        if grown is None:
            return (self._built([records.packaged_bytes(), *extra]),)
        return (self._built(extra), grown) if extra else (grown,)

    def _grown(self) -> index.Index | None:
        """The index of the store, with what a killed process left out; as it is while another process adds."""
        with _writable(self.folder), readable(self._records), self._store() as store:
            try:
                with self._sole_use():
                    take_packaged(store)
                    return growing.up_to_date(store, self._index_folder)
            except LibraryBusy:
                if store.state("indexed"):
                    return index.opened(self._index_folder)
        log.warning("the library is being made by another process; only the packaged bibliography is searched")
        return None

    def _built(self, files: Sequence[bytes]) -> index.Index:
        folder = self.folder / index.key(files)
        opened = index.open_if_sound(folder)
        if opened is None:
            with _writable(self.folder), index.build_lock(self.folder):
                # Another process may have built it while this one waited.
                opened = index.open_if_sound(folder) or index.build(folder, _merged(files))
                prune(self.folder, keep=folder)
        return opened


def library_folder() -> Path:
    """Where the library lies: ``$SCIENTIST_LIBRARY_DIR``, else below ``data_home``."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        return Path(folder).expanduser()
    return data_home() / "library"


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
            f"set {FOLDER_VARIABLE} or {HOME_VARIABLE} to a folder that you can write, with some megabytes of room",
        )
