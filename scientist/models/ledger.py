"""The record of calls, ``calls.sqlite``: every attempt at every reply, appended and synced, never changed.

Two tables. ``sent`` gets a row before an attempt leaves, with the most that it can cost; ``calls`` gets a row when it
is over. An attempt without the second row was lost to a killed process, and counts at its worst case, because the
provider may have charged for it. ``methods`` remembers which structured method works with which model.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scientist.errors import RunInterrupted, UsageError
from scientist.models.recording import Line, Recording, read_lines
from scientist.models.replies import decode
from scientist.types import Usage

SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, key TEXT NOT NULL, stage TEXT NOT NULL, purpose TEXT NOT NULL,
  label TEXT NOT NULL, sample INTEGER NOT NULL, ordinal INTEGER NOT NULL, model TEXT NOT NULL,
  worst_input INTEGER NOT NULL, worst_output INTEGER NOT NULL, worst_usd REAL);
CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, key TEXT NOT NULL, stage TEXT NOT NULL, purpose TEXT NOT NULL,
  label TEXT NOT NULL, sample INTEGER NOT NULL, ordinal INTEGER NOT NULL, model TEXT NOT NULL, method TEXT NOT NULL,
  request TEXT NOT NULL, reply TEXT NOT NULL, status TEXT NOT NULL, problem TEXT NOT NULL, last INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, usd REAL,
  seconds REAL NOT NULL, sent INTEGER NOT NULL UNIQUE REFERENCES sent (id));
CREATE TABLE IF NOT EXISTS methods (id INTEGER PRIMARY KEY, model TEXT NOT NULL, method TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sent_by_request ON sent (purpose, label, sample);
CREATE INDEX IF NOT EXISTS calls_by_key ON calls (key);
"""


@dataclass(frozen=True)
class Asked:
    """Which request this is: ``key`` is the hash of all that makes it the same, ``ordinal`` counts different requests
    of the same purpose, label and sample."""

    key: str
    stage: str
    purpose: str
    label: str
    sample: int
    ordinal: int


@dataclass(frozen=True)
class Call:
    """One attempt that is over. ``last`` marks the one that ended its request, well or not.

    ``status`` is "ok", what was wrong with the reply ("invalid", "truncated", "empty", "refused") or the fault
    ("rate_limit", ...), or "budget". ``method`` is "none" for a reply out of a recording and for a call that the budget
    did not allow. ``usd`` is None where the price is not known.
    """

    at: str
    key: str
    stage: str
    purpose: str
    label: str
    sample: int
    ordinal: int
    model: str
    method: str
    request: str
    reply: str
    status: str
    problem: str
    last: bool
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    usd: float | None
    seconds: float


_COLUMNS = ", ".join(field.name for field in fields(Call))


class Ledger:
    """Appends to ``calls.sqlite`` and answers from it; one process writes, any thread may."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, timeout=30, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as e:
            raise _unusable(path, e) from e
        self._path = path

    def asked(self, key: str, stage: str, purpose: str, label: str, sample: int) -> Asked:
        """The request with its ordinal: the one that it got when it was first sent, else the next."""
        request = (purpose, label, sample)
        row = self._one("SELECT ordinal FROM sent WHERE key = ?", (key,))
        if row is None:
            row = self._one(
                "SELECT count(DISTINCT key) FROM sent WHERE purpose = ? AND label = ? AND sample = ?", request
            )
        return Asked(key, stage, *request, ordinal=row[0] if row else 0)

    def attempts(self, asked: Asked) -> int:
        """How many attempts with this purpose, label and sample are over: a script goes on from there."""
        request = (asked.purpose, asked.label, asked.sample)
        query = "SELECT count(*) FROM calls WHERE purpose = ? AND label = ? AND sample = ? AND method != 'none'"
        row = self._one(query, request)
        return int(row[0]) if row else 0

    def answer(self, key: str) -> Call | None:
        """The attempt that ended this very request, if one did."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM calls WHERE key = ? AND last ORDER BY id DESC LIMIT 1", (key,))
        return _call(rows[0]) if rows else None

    def last_key(self) -> str | None:
        """The request of the newest attempt: what a run that stopped was doing."""
        row = self._one("SELECT key FROM calls ORDER BY id DESC LIMIT 1", ())
        return str(row[0]) if row else None

    def begin(self, asked: Asked, model: str, worst_input: int, worst_output: int, worst_usd: float | None) -> int:
        """Record that an attempt leaves now; the id is for ``end``."""
        values = (self._now(), *asdict(asked).values(), model, worst_input, worst_output, worst_usd)
        return self._insert(
            "INSERT INTO sent (at, key, stage, purpose, label, sample, ordinal, model, worst_input, worst_output, "
            "worst_usd) VALUES (?,?,?,?,?,?,?,?,?,?,?)", values,
        )  # fmt: skip

    def end(self, sent: int, asked: Asked, **outcome: Any) -> Call:
        """Record how an attempt ended; ``outcome`` holds the other fields of Call."""
        call = Call(at=self._now(), **asdict(asked), **outcome)
        values = (*asdict(call).values(), sent)
        self._insert(f"INSERT INTO calls ({_COLUMNS}, sent) VALUES ({','.join('?' * len(values))})", values)
        return call

    def method(self, model: str) -> str | None:
        row = self._one("SELECT method FROM methods WHERE model = ? ORDER BY id DESC LIMIT 1", (model,))
        return str(row[0]) if row else None

    def remember_method(self, model: str, method: str) -> None:
        self._insert("INSERT INTO methods (model, method) VALUES (?, ?)", (model, method))

    def spent(self) -> dict[str, Usage]:
        """What each stage's attempts cost so far; those that a killed process was waiting for at their worst."""
        return _spent(self._rows)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def _one(self, query: str, values: tuple[Any, ...]) -> Any:
        rows = self._rows(query, values)
        return rows[0] if rows else None

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _insert(self, query: str, values: tuple[Any, ...]) -> int:
        try:
            with self._lock:
                return int(self._db.execute(query, values).lastrowid or 0)
        except sqlite3.OperationalError as e:
            raise RunInterrupted(
                f"the record of calls {self._path} cannot be written: {e}", "make room, then: scientist resume"
            ) from e


def read_calls(path: Path) -> tuple[Call, ...]:
    """Every attempt in a ``calls.sqlite``, oldest first; nothing if there is no file."""
    return tuple(map(_call, _read(path, lambda rows: rows(f"SELECT {_COLUMNS} FROM calls ORDER BY id"))))


def usage_by_stage(path: Path) -> dict[str, Usage]:
    """What each stage cost, from a ``calls.sqlite``; nothing if there is no file."""
    return dict(_read(path, lambda rows: _spent(rows).items()))


def open_recording(path: Path) -> Recording:
    """A recording to replay: a run's folder, its ``calls.sqlite``, or a JSON-lines file."""
    if path.is_dir():
        path = path / "calls.sqlite"
    if not path.exists():
        raise UsageError(f"there is no recording {path}", "name a run's folder, its calls.sqlite, or a JSON-lines file")
    with path.open("rb") as f:
        is_database = f.read(16) == b"SQLite format 3\x00"
    return Recording(recorded_lines(path), str(path)) if is_database else read_lines(path)


def export_recording(calls: Path) -> str:
    """A run's replies as JSON lines that people can read and edit; what was asked and then mended is left out."""
    lines = (line.model_dump(exclude_none=True, exclude={"repeat"}) for line in recorded_lines(calls))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def recorded_lines(calls: Path) -> Iterator[Line]:
    """The attempt that ended each request, by order of asking."""
    ended = {call.key: call for call in read_calls(calls) if call.last}
    for call in sorted(ended.values(), key=lambda c: c.at):
        yield Line(
            purpose=call.purpose, label=call.label, sample=call.sample, ordinal=call.ordinal, key=call.key,
            model=call.model, reply=_readable(call.reply), status=call.status,
        )  # fmt: skip


def _readable(reply: str) -> Any:
    try:
        return decode(reply)
    except ValueError:
        return reply


def _spent(rows: Callable[[str], list[Any]]) -> dict[str, Usage]:
    done = rows(
        "SELECT stage, count(*), sum(input_tokens), sum(output_tokens), total(usd), sum(seconds) FROM calls "
        "GROUP BY stage ORDER BY min(id)"
    )
    lost = rows(
        "SELECT stage, count(*), sum(worst_input), sum(worst_output), total(worst_usd), 0.0 FROM sent "
        "WHERE id NOT IN (SELECT sent FROM calls) GROUP BY stage"
    )
    spent: dict[str, Usage] = {}
    for stage, *numbers in (*done, *lost):
        names = ("calls", "input_tokens", "output_tokens", "usd", "seconds")
        spent[stage] = add([spent.get(stage, Usage()), Usage(**dict(zip(names, numbers, strict=True)))])
    return spent


def add(usages: Iterable[Usage]) -> Usage:
    """The sum of what several things cost."""
    total = Usage()
    for u in usages:
        total = Usage(
            calls=total.calls + u.calls, input_tokens=total.input_tokens + u.input_tokens,
            output_tokens=total.output_tokens + u.output_tokens, usd=total.usd + u.usd,
            seconds=total.seconds + u.seconds,
        )  # fmt: skip
    return total


def _read(path: Path, read: Callable[[Callable[[str], list[Any]]], Iterable[Any]]) -> list[Any]:
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            return list(read(lambda query: db.execute(query).fetchall()))
    except sqlite3.Error as e:
        raise _unusable(path, e) from e


def _call(row: tuple[Any, ...]) -> Call:
    values = dict(zip((field.name for field in fields(Call)), row, strict=True))
    return Call(**{**values, "last": bool(values["last"])})


def _unusable(path: Path, error: sqlite3.Error) -> UsageError:
    return UsageError(f"{path} is not a record of calls: {error}", "move it away to begin a new one")
