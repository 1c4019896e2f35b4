"""The vectors of an index's records on disk, beside it: only new and changed records are encoded."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scientist.literature.index import build_lock
from scientist.types import Paper
from scientist.workspace import sync_folder, write_json

if TYPE_CHECKING:
    from scientist.literature.embedding import Encoder
    from scientist.literature.index import Index

log = logging.getLogger(__name__)

VERSION = 1
"""Raise when the text of a record that is encoded changes, or the files do."""
PREFIX = "vectors-"
MANIFEST, ROWS, TABLE = "manifest.json", "rows.json", "vectors.npy"
BATCH = 512
CHECKED_BYTES = 64 * 2**20
"""A table up to this size is checked by hash when it is opened; of a larger one only the size."""

Row = tuple[str, str]
"""The id of a record and the digest of its text."""


class Vectors:
    """Opened vectors, a row for each record. Nothing is held in memory but what a search reads."""

    def __init__(self, rows: list[Row], table: Any) -> None:
        self.rows = rows
        self.table = table

    def nearest(self, vector: Any, limit: int) -> list[str]:
        """At most ``limit`` ids by cosine, best first, ties by id; none whose cosine is 0 or less."""
        import numpy as np

        scores = np.round(self.table @ vector, 5)
        if limit < len(scores):
            least = np.partition(scores, -limit)[-limit]
            chosen = np.flatnonzero((scores >= least) & (scores > 0))
        else:
            chosen = np.flatnonzero(scores > 0)
        ranked = sorted((-float(scores[i]), self.rows[i][0]) for i in chosen)
        return [paper_id for _, paper_id in ranked[:limit]]


def folder_of(index_folder: Path) -> Path:
    """Where the vectors of that index lie: beside it."""
    return index_folder.with_name(PREFIX + index_folder.name)


def up_to_date(folder: Path, index: Index, encoder: Encoder) -> Vectors:
    """The vectors of the index as it is opened; encodes what is new or changed, all if the model is another.

    Killed at any point, the vectors that were there stay as they were, or are made again.
    """
    found = _opened(folder, encoder)
    if found and found[0] == index.stamp:
        return found[1]
    with build_lock(folder.parent):
        # Another process may have made them while this one waited.
        found = _opened(folder, encoder)
        if not found or found[0] != index.stamp:
            _remove_stale(folder.parent)
            _make(folder, index, encoder, known=found[1] if found else None)
            found = _opened(folder, encoder)
    if found is None:
        raise OSError(f"the vectors in {folder} cannot be read back")
    return found[1]


def text_of(paper: Paper) -> str:
    """What of a record is encoded."""
    return f"{paper.title}\n{paper.abstract}"


def _opened(folder: Path, encoder: Encoder) -> tuple[str, Vectors] | None:
    """The state of the index that they are of, and the vectors; None if there are none, damaged or of another model."""
    import numpy as np

    if not folder.exists():
        return None
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["version"] != VERSION or manifest["encoder"] != encoder.identity:
            log.info("the vectors in %s are of another model and are made again", folder)
            return None
        for name, file in manifest["files"].items():
            _check(folder / name, file)
        rows = [(str(paper_id), str(digest)) for paper_id, digest in json.loads((folder / ROWS).read_text())]
        table = np.load(folder / TABLE, mmap_mode="r")
        if len(rows) != len(table):
            raise ValueError("it has another number of rows than of records")
        return str(manifest["index"]), Vectors(rows, table)
    except (OSError, ValueError, KeyError, TypeError) as e:
        log.warning("the vectors in %s are damaged (%s) and are made again", folder, e)
        return None


def _make(folder: Path, index: Index, encoder: Encoder, *, known: Vectors | None) -> None:
    """Write the vectors of every record: made beside and renamed, so that nobody sees half of them."""
    temporary = Path(tempfile.mkdtemp(prefix=".build-", dir=folder.parent))
    try:
        rows, encoded = _write(temporary / TABLE, index, encoder, known)
        write_json(temporary / ROWS, rows)
        files = {name: _told(temporary / name) for name in (ROWS, TABLE)}
        manifest = {"version": VERSION, "encoder": encoder.identity, "index": index.stamp, "files": files}
        write_json(temporary / MANIFEST, manifest)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.replace(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    log.info("encoded %d of %d records in %s", encoded, len(rows), folder)


def _write(path: Path, index: Index, encoder: Encoder, known: Vectors | None) -> tuple[list[Row], int]:
    """Fill the table at ``path``, taking over what ``known`` holds; its rows, and how many of them were encoded."""
    import numpy as np

    at = {row: number for number, row in enumerate(known.rows)} if known else {}
    width = encoder.encode([""]).shape[1]
    rows: list[Row] = []
    if index.count == 0:
        np.save(path, np.zeros((0, width), dtype=np.float32))
        return rows, 0
    table = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(index.count, width))
    encoded = 0
    for papers in _batches(index.papers()):
        new: list[tuple[int, str]] = []
        for paper in papers:
            text = text_of(paper)
            row = (paper.id, _digest(text))
            if known and row in at:
                table[len(rows)] = known.table[at[row]]
            else:
                new.append((len(rows), text))
            rows.append(row)
        if new:
            table[[number for number, _ in new]] = encoder.encode([text for _, text in new])
        encoded += len(new)
    table.flush()
    return rows, encoded


def _remove_stale(parent: Path) -> None:
    """Vectors whose index is gone, and what a killed process left. The caller holds the lock of those who build."""
    for path in parent.glob(f"{PREFIX}*"):
        if not path.with_name(path.name.removeprefix(PREFIX)).exists():
            shutil.rmtree(path, ignore_errors=True)
    for path in parent.glob(".build-*"):
        shutil.rmtree(path, ignore_errors=True)


def _batches(papers: Iterator[Paper]) -> Iterator[list[Paper]]:
    batch: list[Paper] = []
    for paper in papers:
        batch.append(paper)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _told(path: Path) -> dict[str, Any]:
    with path.open("rb") as f:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(f, "sha256").hexdigest()}


def _check(path: Path, told: dict[str, Any]) -> None:
    size = path.stat().st_size
    if size != told["size"] or (size <= CHECKED_BYTES and _told(path) != told):
        raise ValueError(f"{path.name} is not what was written")
