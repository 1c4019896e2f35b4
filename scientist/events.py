"""The append-only account of a run, ``events.jsonl``: what happened, when, and what it cost.

Every progress display reads events; nothing else reports progress.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Listener = Callable[[dict[str, Any]], None]


class EventLog:
    """Appends one JSON object a line, synced to disk, and tells listeners.

    An event is ``{"at": ISO-8601 UTC, "kind": str, ...}``. A torn last line, left by a killed process, is ignored
    by readers and ended with a newline before the next append.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def emit(self, kind: str, **data: Any) -> None:
        event = {"at": self._clock().isoformat(timespec="milliseconds"), "kind": kind, **data}
        with self._lock:  # a search asks for proposals, and so reports model calls, from several threads
            append_line(self.path, json.dumps(event, ensure_ascii=False))
            for listener in self._listeners:
                listener(event)


def append_line(path: Path, line: str) -> None:
    """Append ``line`` and sync it; a torn last line is closed first, so that it cannot swallow this one."""
    with path.open("ab+") as f:
        if f.tell() > 0:
            f.seek(-1, os.SEEK_END)
            if f.read(1) != b"\n":
                f.write(b"\n")
        f.write(line.encode() + b"\n")
        f.flush()
        os.fsync(f.fileno())


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file, without torn lines; nothing if there is no file."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as f:
        for line in f:
            try:
                value = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(value, dict):
                yield value
