"""The user's records in SQLite: each paper once, what has been read of each file, and what the index still lacks.

A batch of records and the place reached in their file are one transaction, so a killed process loses nothing and
doubles nothing. The full-text index is made from here and can always be made again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from scientist.errors import EnvironmentProblem
from scientist.literature.merge import joined, same
from scientist.literature.words import normal_title
from scientist.types import Frozen, Paper

VERSION = 1
SHORTEST_TITLE = 10
"""Letters below which a title without authors ("Editorial") is not taken for a paper's name."""
NAMED_PROBLEMS = 5
"""Of the records that a file spoilt, how many are named; the others are counted."""
ENGINE_SETTINGS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
TABLES = """
CREATE TABLE IF NOT EXISTS papers (number INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS keys (key INTEGER, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changed (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS removed (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS files (identity TEXT PRIMARY KEY, progress TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""

Outcome = Literal["new", "merged", "held"]


class FileProgress(Frozen):
    """What has been read of one file. ``position`` is its reader's; ``problems`` names the first bad records."""

    identity: str
    name: str
    format: str
    added: str
    position: int = 0
    new: int = 0
    merged: int = 0
    held: int = 0
    bad: int = 0
    problems: tuple[str, ...] = ()
    done: bool = False

    @property
    def read(self) -> int:
        return self.new + self.merged + self.held + self.bad


class Store:
    """An open database. Not safe for use by two threads at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.executescript(ENGINE_SETTINGS + TABLES)
            if self.state("version", VERSION) != VERSION:
                raise EnvironmentProblem(
                    f"{path} was written by another version of scientist",
                    "install that version, or move the file away and add your files again",
                )
            self.set_state("version", VERSION)
        except sqlite3.DatabaseError as e:
            raise _unreadable(path, e) from e

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is kept, or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def put(self, paper: Paper, *, replace: bool = False) -> Outcome:
        """Take a record in. One that is held already takes over missing facts, or with ``replace`` all facts.

        Two records are one paper if they share id, DOI or arXiv id, or title and first author.
        """
        alike = self._like(paper)
        if not alike:
            row = self._db.execute("INSERT INTO papers (record) VALUES (?)", (_packed(paper),))
            self._put_keys(paper, int(row.lastrowid or 0))
            return "new"
        (number, held), *others = alike
        merged = _replaced(held, paper) if replace else joined(held, paper)
        for other_number, other in others:
            # Held apart until this record said that they are one.
            merged = joined(merged, other)
            self._remove(other_number, other)
        all_records = (held, paper, *(other for _, other in others))
        merged = merged.model_copy(
            update={
                "id": held.id,
                "retracted": any(p.retracted for p in all_records),
                "withdrawn": any(p.withdrawn for p in all_records),
            }
        )
        if merged == held and not others:
            return "held"
        self._db.execute("UPDATE papers SET record = ? WHERE number = ?", (_packed(merged), number))
        self._db.execute("INSERT OR IGNORE INTO changed VALUES (?)", (number,))
        self._put_keys(merged, number)
        return "merged"

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The record with that arXiv id, else that DOI, else exactly that title."""
        wanted = (("arxiv", arxiv_id), ("doi", doi and doi.lower()), ("title", title and normal_title(title)))
        for kind, value in wanted:
            for _, paper in self._under([f"{kind}:{value}"] if value else []):
                if f"{kind}:{value}" in _names(paper):
                    return paper
        return None

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM papers").fetchone()[0])

    def last(self) -> int:
        """The highest number of a record; 0 for none."""
        return int(self._db.execute("SELECT coalesce(max(number), 0) FROM papers").fetchone()[0])

    def papers(self, *, after: int = 0) -> Iterator[Paper]:
        """The records in the order in which they came, from number ``after`` (not included) on."""
        for (record,) in self._db.execute("SELECT record FROM papers WHERE number > ? ORDER BY number", (after,)):
            yield _unpacked(record)

    def changed(self, *, until: int) -> Iterator[Paper]:
        """Records with a number of at most ``until`` that changed since the index took them in."""
        query = "SELECT record FROM papers JOIN changed USING (number) WHERE number <= ? ORDER BY number"
        for (record,) in self._db.execute(query, (until,)):
            yield _unpacked(record)

    def has_changes(self) -> bool:
        query = "SELECT 1 FROM changed UNION ALL SELECT 1 FROM removed LIMIT 1"
        return self._db.execute(query).fetchone() is not None

    def removed(self) -> list[str]:
        """Ids of records that were merged into another since the index took them in."""
        return [row[0] for row in self._db.execute("SELECT id FROM removed ORDER BY id")]

    def forget_changes(self) -> None:
        self._db.execute("DELETE FROM changed")
        self._db.execute("DELETE FROM removed")

    def files(self) -> list[FileProgress]:
        """The files read so far, in the order in which they were first added."""
        rows = self._db.execute("SELECT progress FROM files ORDER BY rowid").fetchall()
        return [FileProgress.model_validate_json(row[0]) for row in rows]

    def file(self, identity: str) -> FileProgress | None:
        row = self._db.execute("SELECT progress FROM files WHERE identity = ?", (identity,)).fetchone()
        return FileProgress.model_validate_json(row[0]) if row else None

    def set_file(self, progress: FileProgress) -> None:
        query = "INSERT INTO files VALUES (?, ?) ON CONFLICT (identity) DO UPDATE SET progress = excluded.progress"
        self._db.execute(query, (progress.identity, progress.model_dump_json()))

    def state(self, name: str, default: int = 0) -> int:
        row = self._db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else default

    def set_state(self, name: str, value: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def _like(self, paper: Paper) -> list[tuple[int, Paper]]:
        return [
            (number, held)
            for number, held in self._under(_names(paper))
            if held.id == paper.id or (same(held, paper) and not _empty_name(held, paper))
        ]

    def _remove(self, number: int, paper: Paper) -> None:
        self._db.execute("DELETE FROM papers WHERE number = ?", (number,))
        self._db.execute("DELETE FROM changed WHERE number = ?", (number,))
        rows = [(_key(name), number) for name in _names(paper)]
        self._db.executemany("DELETE FROM keys WHERE key = ? AND number = ?", rows)
        self._db.execute("INSERT OR IGNORE INTO removed VALUES (?)", (paper.id,))

    def _under(self, names: list[str]) -> list[tuple[int, Paper]]:
        marks = ",".join("?" * len(names))
        query = f"SELECT DISTINCT number FROM keys WHERE key IN ({marks}) ORDER BY number"
        numbers = [n for (n,) in self._db.execute(query, [_key(name) for name in names])]
        return [(n, self._paper(n)) for n in numbers]

    def _paper(self, number: int) -> Paper:
        return _unpacked(self._db.execute("SELECT record FROM papers WHERE number = ?", (number,)).fetchone()[0])

    def _put_keys(self, paper: Paper, number: int) -> None:
        rows = [(_key(name), number) for name in _names(paper)]
        self._db.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", rows)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn a damaged database into an error that says what to do."""
    try:
        yield
    except (sqlite3.DatabaseError, zlib.error, json.JSONDecodeError) as e:
        raise _unreadable(path, e) from e


def identity(path: Path) -> str:
    """What a file is, wherever it lies: the hash of its size and of its first and last megabyte."""
    size = path.stat().st_size
    whole = hashlib.sha256(str(size).encode())
    with path.open("rb") as f:
        whole.update(f.read(2**20))
        f.seek(max(0, size - 2**20))
        whole.update(f.read(2**20))
    return whole.hexdigest()[:32]


def _replaced(held: Paper, paper: Paper) -> Paper:
    """``held`` with every fact that ``paper`` states."""
    stated = {name: value for name in Paper.model_fields if (value := getattr(paper, name)) not in (None, "", ())}
    return held.model_copy(update=stated)


def _names(paper: Paper) -> list[str]:
    names = [f"id:{paper.id}", f"title:{normal_title(paper.title)}"]
    if paper.doi:
        names.append(f"doi:{paper.doi.lower()}")
    if paper.arxiv_id:
        names.append(f"arxiv:{paper.arxiv_id}")
    return names


def _empty_name(a: Paper, b: Paper) -> bool:
    """Whether nothing but a short title, without authors on both sides, speaks for one paper."""
    shared_id = (a.doi and b.doi) or (a.arxiv_id and b.arxiv_id)
    return not shared_id and not (a.authors and b.authors) and len(normal_title(a.title)) < SHORTEST_TITLE


def _key(name: str) -> int:
    """64 bits for a name; who looks up by it compares the records too, so a collision costs time only."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def _packed(paper: Paper) -> bytes:
    return zlib.compress(paper.model_dump_json(exclude_defaults=True).encode(), 1)


def _unpacked(record: bytes) -> Paper:
    return Paper.model_validate_json(zlib.decompress(record))


def _unreadable(path: Path, error: Exception) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"the library's records in {path} cannot be read: {error}",
        "make room if the disk is full; else move the file away and add your files again (scientist library add)",
    )
