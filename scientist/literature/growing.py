"""The full-text index of a store: takes in what is new, and is made again from the store when it is damaged."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from pathlib import Path
from typing import Any

from scientist.literature import index
from scientist.literature.index import MANIFEST, TOKENIZER, WRITER_BYTES, Index
from scientist.literature.store import Store
from scientist.literature.words import analyzer
from scientist.workspace import write_json

log = logging.getLogger(__name__)

CHECKED_BYTES = 64 * 2**20
"""An index up to this size is checked by hash whenever it is opened; of a larger one only the files' sizes."""


def up_to_date(store: Store, folder: Path) -> Index:
    """The index with everything that the store holds. The caller holds the library's lock."""
    if fault := fault_of(store, folder, thorough=False):
        log.warning("the library's index is %s; it is built again from its %d records", fault, store.count())
        start_again(store, folder)
    take_in(store, folder)
    return index.opened(folder)


def fault_of(store: Store, folder: Path, *, thorough: bool) -> str | None:
    """What is wrong with the index; None if nothing is, or if there is none to be wrong. ``thorough`` reads it all."""
    if store.state("indexed") == 0 and not folder.exists():
        return None
    try:
        if not store.state("writing"):
            _compare(json.loads((folder / MANIFEST).read_text()), folder, thorough)
        index.opened(folder)
    except (OSError, ValueError, KeyError, TypeError) as e:
        return f"damaged or of another version ({e})"
    return None


def start_again(store: Store, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with store.transaction():
        store.set_state("indexed", 0)
        store.forget_changes()


def take_in(store: Store, folder: Path) -> None:
    """Index the records that came or changed since the last time. Killed at any point, it is simply run again."""
    done, last = store.state("indexed"), store.last()
    if folder.exists() and done >= last and not store.has_changes() and not store.state("writing"):
        return
    # A taking-in that was killed may have reached the index without a note of it here.
    unsure = bool(store.state("writing"))
    store.set_state("writing", 1)
    handle = _handle(folder)
    # One thread and one writer: documents lie in the order in which they came.
    writer = handle.writer(heap_size=WRITER_BYTES, num_threads=1)
    for paper_id in store.removed():
        writer.delete_documents_by_term("id", paper_id)
    for paper in store.papers(after=done):
        if unsure:
            writer.delete_documents_by_term("id", paper.id)
        writer.add_document(index.document(paper))
    for paper in store.changed(until=done):
        writer.delete_documents_by_term("id", paper.id)
        writer.add_document(index.document(paper))
    writer.commit()
    writer.wait_merging_threads()
    write_json(folder / MANIFEST, _manifest(folder))
    with store.transaction():
        store.set_state("indexed", last)
        store.set_state("writing", 0)
        store.forget_changes()


def _handle(folder: Path) -> Any:
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    handle = tantivy.Index(index.schema(), path=str(folder))
    handle.register_tokenizer(TOKENIZER, analyzer())
    return handle


def _manifest(folder: Path) -> dict[str, Any]:
    """Sizes and hashes of the files. Files of a segment are written once: a known one is not hashed again."""
    try:
        known = json.loads((folder / MANIFEST).read_text())["files"]
    except (OSError, ValueError, KeyError):
        known = {}
    files = {}
    for name, size in _sizes(folder).items():
        if name in known and known[name]["size"] == size and not name.endswith(".json"):
            files[name] = known[name]
        else:
            files[name] = {"size": size, "sha256": _sha256(folder / name)}
    return {"key": index.key([]), "files": files}


def _compare(manifest: dict[str, Any], folder: Path, thorough: bool) -> None:
    if manifest["key"] != index.key([]):
        raise ValueError("made by another version")
    sizes = _sizes(folder)
    if sizes != {name: f["size"] for name, f in manifest["files"].items()}:
        raise ValueError("its files are not those that were written")
    if thorough or sum(sizes.values()) <= CHECKED_BYTES:
        for name, f in manifest["files"].items():
            if _sha256(folder / name) != f["sha256"]:
                raise ValueError(f"{name} is not what was written")


def _sizes(folder: Path) -> dict[str, int]:
    return {
        p.name: p.stat().st_size
        for p in sorted(folder.iterdir())
        if p.name != MANIFEST and not p.name.endswith(".lock")
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
