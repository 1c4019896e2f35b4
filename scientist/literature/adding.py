"""Reading files into the store, batch by batch, each batch safe on disk with the place reached in its file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from scientist.literature import formats, records
from scientist.literature.formats.entry import Entry
from scientist.literature.index import digest
from scientist.literature.store import NAMED_PROBLEMS, FileProgress, Store, identity

BATCH = 2000
"""Records that are written together with the place reached in their file."""


def read_file(store: Store, path: Path, kind: str, *, replace: bool, again: bool) -> Iterator[FileProgress]:
    """Read a file on from where it was left; yields after each batch, and at least once.

    A file that was read to its end is not read again, unless ``again``.
    """
    name = identity(path)
    before = store.file(name)
    # A PDF that could not be identified may be by now: its record may have been added.
    retried = before is not None and kind == "pdf" and before.bad > 0
    if before is None or again or retried:
        before = FileProgress(identity=name, name=str(path), format=kind, added=datetime.now(UTC).isoformat()[:19])
    progress = before.model_copy(update={"name": str(path)})
    if progress.done:
        yield progress
        return
    entries = formats.read(path, start=progress.position, known=store.find)
    while not progress.done:
        with store.transaction():
            progress = _take_batch(store, entries, progress, replace)
        yield progress


def take_packaged(store: Store) -> None:
    """Put the packaged bibliography into the store, unless this edition of it is there."""
    edition = int(digest(records.packaged_bytes())[:12], 16)
    if store.state("packaged") != edition:
        with store.transaction():
            for paper in records.packaged_papers():
                store.put(paper)
            store.set_state("packaged", edition)


def _take_batch(store: Store, entries: Iterator[Entry], progress: FileProgress, replace: bool) -> FileProgress:
    count = {"new": progress.new, "merged": progress.merged, "held": progress.held, "bad": progress.bad}
    problems, position, read = list(progress.problems), progress.position, 0
    for entry in islice(entries, BATCH):
        read, position = read + 1, entry.position
        if entry.paper is None:
            count["bad"] += 1
            if len(problems) < NAMED_PROBLEMS:
                problems.append(f"{entry.place}: {entry.problem}")
        else:
            count[store.put(entry.paper, replace=replace)] += 1
    changes = {**count, "problems": tuple(problems), "position": position, "done": read < BATCH}
    progress = progress.model_copy(update=changes)
    store.set_file(progress)
    return progress
