"""The append-only journal of the experiments, ``journal.jsonl``: one line for each change of a node's state."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from scientist.events import append_line, read_lines
from scientist.types import Frozen

Transition = Literal[
    "code_written", "piloted", "started", "halved", "finished", "cancelled", "discarded", "set_aside", "explored"
]
"""``piloted``: a short run of the node's code went well. ``halved``: a run lacked memory and is made again with half
the batch. ``cancelled``: ended without a result, by the time budget or the user. ``discarded``: the leftover of a
killed run was removed. ``set_aside``: a failed run is kept, and run once more. ``explored``: a step of the search
entered its archive; its node is ``search.<number>``."""


class Entry(Frozen):
    """One line: at ``at`` (ISO 8601, UTC) the node, or its run at ``seed``, made a transition."""

    at: str
    node: str
    transition: Transition
    seed: int | None = None
    data: dict[str, Any]


class Journal:
    """Appends entries, each synced to disk before ``record`` returns."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._clock = clock

    def record(self, node: str, transition: Transition, *, seed: int | None = None, **data: Any) -> Entry:
        at = self._clock().isoformat(timespec="milliseconds")
        entry = Entry(at=at, node=node, transition=transition, seed=seed, data=data)
        append_line(self.path, json.dumps(entry.model_dump(mode="json"), ensure_ascii=False))
        return entry

    def entries(self) -> tuple[Entry, ...]:
        """Every whole line, in the order of writing; a torn last line of a killed process is left out."""
        return tuple(Entry.model_validate(line) for line in read_lines(self.path))
