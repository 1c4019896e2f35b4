"""The memory of a search: an append-only SQLite file of steps and of the texts that they are about.

Two searches of the same seed and replies have the same archive, byte for byte: it holds nothing that depends on time.
What does (seconds, memory, and work that is finished but whose turn has not come) is kept beside it, in
``work.sqlite``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from scientist.errors import UsageError
from scientist.search.candidate import Candidate
from scientist.search.step import Step, step_from_json

KEPT_CANDIDATES = 64

SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE texts (sha TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE candidates (id TEXT PRIMARY KEY, files TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE steps (number INTEGER PRIMARY KEY, score REAL, status TEXT NOT NULL, candidate TEXT, step TEXT NOT NULL);
"""
TABLES = ("facts", "texts", "candidates", "steps")
GUARD = (
    "CREATE TRIGGER {table}_{what} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'the archive only grows'); END;"
)


class Archive:
    """Steps in order, and candidates by id. Written by one thread; ``candidate`` may be called from any."""

    def __init__(self, path: Path, facts: dict[str, Any]) -> None:
        """Open or make the archive. ``facts`` (task, seed, strategy, …) must be those it was begun with.

        Raises UsageError if they are not, or if the file is no archive.
        """
        self.path = path
        self._lock = threading.Lock()
        self._candidates: OrderedDict[str, Candidate] = OrderedDict()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._open(facts)
        except BaseException:
            self._db.close()
            raise

    def _open(self, facts: dict[str, Any]) -> None:
        wanted = {name: json.dumps(value, sort_keys=True) for name, value in facts.items()}
        try:
            self._db.execute("PRAGMA journal_mode = WAL")  # no wait for the disk at each step, and whole after a kill
            self._db.execute("PRAGMA synchronous = NORMAL")
            if not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                guards = "".join(GUARD.format(table=t, what=w) for t in TABLES for w in ("UPDATE", "DELETE"))
                self._db.executescript(f"BEGIN; {SCHEMA} {guards} COMMIT;")
            found = dict(self._db.execute("SELECT name, value FROM facts"))
        except sqlite3.DatabaseError as e:
            raise UsageError(f"{self.path} is not the archive of a search: {e}", "choose another folder") from e
        if not found:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO facts VALUES (?, ?)", sorted(wanted.items()))
            self._db.execute("COMMIT")
        elif found != wanted:
            differing = sorted(n for n in {*found, *wanted} if found.get(n) != wanted.get(n))
            told = "; ".join(f"{n}: {found.get(n)} there, {wanted.get(n)} now" for n in differing)
            raise UsageError(
                f"{self.path.parent} holds another search ({told})", "use the same settings, or another folder"
            )

    def append(self, step: Step, candidate: Candidate | None) -> None:
        """Add the next step and, if it is new, its candidate; both or neither are there after a kill."""
        rows = [] if candidate is None else [(sha(t), t) for t in candidate.files.values()]
        with self._lock:
            self._db.execute("BEGIN")
            if candidate is not None:
                files = json.dumps({p: sha(t) for p, t in sorted(candidate.files.items())}, separators=(",", ":"))
                self._db.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?)", rows)
                self._db.execute("INSERT OR IGNORE INTO candidates VALUES (?, ?)", (candidate.id, files))
            values = (step.number, step.score, step.status, step.candidate, step.as_json())
            self._db.execute("INSERT INTO steps VALUES (?, ?, ?, ?, ?)", values)
            self._db.execute("COMMIT")
            if candidate is not None:
                self._remember(candidate.id, candidate)

    def steps(self) -> list[Step]:
        """All steps in order."""
        with self._lock:
            return [step_from_json(text) for (text,) in self._db.execute("SELECT step FROM steps ORDER BY number")]

    def candidate(self, id: str) -> Candidate:
        """The candidate of that id. Raises KeyError."""
        with self._lock:
            if id not in self._candidates:
                row = self._db.execute("SELECT files FROM candidates WHERE id = ?", (id,)).fetchone()
                if row is None:
                    raise KeyError(id)
                files = {path: self._text(digest) for path, digest in json.loads(row[0]).items()}
                self._remember(id, Candidate(files=files))
            self._candidates.move_to_end(id)
            return self._candidates[id]

    def _text(self, digest: str) -> str:
        return str(self._db.execute("SELECT text FROM texts WHERE sha = ?", (digest,)).fetchone()[0])

    def _remember(self, id: str, candidate: Candidate) -> None:
        self._candidates[id] = candidate
        if len(self._candidates) > KEPT_CANDIDATES:
            self._candidates.popitem(last=False)

    def close(self) -> None:
        """Leave one file, written anew: SQLite counts in it how often it was opened and written to."""
        fresh = self.path.with_suffix(".tmp")
        fresh.unlink(missing_ok=True)
        self._db.execute("VACUUM INTO ?", (str(fresh),))
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()
        fresh.replace(self.path)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_archive(path: Path) -> tuple[dict[str, Any], list[Step]]:
    """The facts and the steps of an archive that may be in use. Raises UsageError if there is none."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            facts = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM facts")}
            return facts, [step_from_json(t) for (t,) in db.execute("SELECT step FROM steps ORDER BY number")]
    except sqlite3.DatabaseError as e:
        raise UsageError(f"{path} cannot be read as the archive of a search: {e}") from e


def read_files(path: Path, candidate: str) -> dict[str, str]:
    """The files of a candidate of an archive that may be in use. Raises KeyError, UsageError."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT files FROM candidates WHERE id = ?", (candidate,)).fetchone()
            if row is None:
                raise KeyError(candidate)
            query = "SELECT text FROM texts WHERE sha = ?"
            return {p: str(db.execute(query, (digest,)).fetchone()[0]) for p, digest in json.loads(row[0]).items()}
    except sqlite3.DatabaseError as e:
        raise UsageError(f"{path} cannot be read as the archive of a search: {e}") from e


class Work:
    """What is finished but not yet in the archive, and what each step cost; any thread may write."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS done (step INTEGER PRIMARY KEY, key TEXT, record TEXT)")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS costs (step INTEGER PRIMARY KEY, cpu_s REAL, wall_s REAL, mb REAL)"
        )

    def put(self, step: int, key: str, record: dict[str, Any]) -> None:
        """Keep what was made for a step; ``key`` says from what, so that it is only used for the same again."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", (step, key, json.dumps(record)))

    def get(self, step: int, key: str) -> dict[str, Any] | None:
        with self._lock:
            row = self._db.execute("SELECT record FROM done WHERE step = ? AND key = ?", (step, key)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def settle(self, step: int, cpu_s: float, wall_s: float, peak_mb: float) -> None:
        """The step is in the archive: keep its cost only."""
        with self._lock:
            self._db.execute("BEGIN")
            self._db.execute("INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?)", (step, cpu_s, wall_s, peak_mb))
            self._db.execute("DELETE FROM done WHERE step = ?", (step,))
            self._db.execute("COMMIT")

    def costs(self) -> Iterator[tuple[int, float, float, float]]:
        with self._lock:
            yield from self._db.execute("SELECT step, cpu_s, wall_s, mb FROM costs ORDER BY step").fetchall()

    def close(self) -> None:
        self._db.close()
