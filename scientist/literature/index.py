"""A full-text index of papers on disk: its schema, its search, and one that is built whole and never changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scientist.literature.base import Hit
from scientist.literature.ranking import pair_terms, ranked_query
from scientist.literature.words import analyzer, normal_title
from scientist.types import Paper
from scientist.workspace import sync_folder, write_json

log = logging.getLogger(__name__)

SCHEMA_VERSION = 2
"""Raise when the fields or the tokenizer change: every index is then rebuilt."""
MANIFEST = "manifest.json"
TOKENIZER = "scientist_en"
TIES = 10
"""Fetched beyond what is asked for, so that a tie at the cut is broken by id and not by place on disk."""
WRITER_BYTES = 128_000_000


class Index:
    """An opened index. Not safe for use by two threads at once. ``stamp`` changes whenever records come or go."""

    def __init__(self, handle: Any, folder: Path, stamp: str) -> None:
        self.folder = folder
        self.stamp = stamp
        self._schema = handle.schema
        self._searcher = handle.searcher()
        self.count = int(self._searcher.num_docs)

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` papers, best first by BM25 over the weighted fields; equal scores in order of id."""
        parsed = ranked_query(self._searcher, self._schema, query)
        if parsed is None or limit < 1:
            return []
        found = self._searcher.search(parsed, min(limit + TIES, max(self.count, 1)), count=False).hits
        scored = [(round(score, 4), address) for score, address in found]
        cut = scored[:limit][-1][0] if scored else 0.0
        hits = [Hit(paper=self._paper(address), score=score) for score, address in scored if score >= cut]
        return sorted(hits, key=lambda h: (-h.score, h.paper.id))[:limit]

    def exact(self, field: str, value: str) -> Paper | None:
        """The paper whose ``field`` (id, arxiv_id, doi, title_key) is ``value``; of several, the first by id."""
        import tantivy

        found = self._searcher.search(tantivy.Query.term_query(self._schema, field, value), 10, count=False).hits
        return min((self._paper(address) for _, address in found), key=lambda p: p.id, default=None)

    def papers(self) -> Iterator[Paper]:
        """Every record, in the order on disk."""
        import tantivy

        found = self._searcher.search(tantivy.Query.all_query(), max(self.count, 1), count=False).hits
        for address in sorted((a for _, a in found), key=lambda a: (a.segment_ord, a.doc)):
            yield self._paper(address)

    def _paper(self, address: Any) -> Paper:
        return Paper.model_validate_json(bytes(self._searcher.doc(address).get_first("record")))


def key(files: Sequence[bytes]) -> str:
    """The folder name of the index of these record files: anything that changes the index changes it."""
    whole = hashlib.sha256(f"{SCHEMA_VERSION}|{version('tantivy')}".encode())
    for data in files:
        whole.update(digest(data).encode())
    return f"index-{whole.hexdigest()[:20]}"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def build(folder: Path, papers: Iterable[Paper]) -> Index:
    """Index ``papers`` into ``folder``: made beside it and renamed, so that nobody sees half an index."""
    import tantivy

    temporary = Path(tempfile.mkdtemp(prefix=".build-", dir=folder.parent))
    try:
        handle = tantivy.Index(schema(), path=str(temporary))
        handle.register_tokenizer(TOKENIZER, analyzer())
        # One thread and one writer: documents lie in the order of their ids, whichever machine builds.
        writer = handle.writer(heap_size=WRITER_BYTES, num_threads=1)
        for paper in papers:
            writer.add_document(document(paper))
        writer.commit()
        writer.wait_merging_threads()
        write_json(temporary / MANIFEST, {"files": file_hashes(temporary)})
        if folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    found = opened(folder)
    log.info("indexed %d papers in %s", found.count, folder)
    return found


def open_if_sound(folder: Path) -> Index | None:
    """The index in ``folder``; None if there is none, or if its files are not those that were written (a warning)."""
    if not folder.exists():
        return None
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["files"] != file_hashes(folder):
            raise ValueError("its files changed since they were written")
        found = opened(folder)
        os.utime(folder)
    except (OSError, ValueError, KeyError, TypeError) as e:
        log.warning("the literature index in %s is damaged (%s) and is built again", folder, e)
        return None
    return found


@contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Hold the folder for building; a second process waits, then finds the index built."""
    with (folder / ".lock").open("a") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for field in ("title", "text", "authors", "venue"):
        builder.add_text_field(field, tokenizer_name=TOKENIZER, index_option="freq")
    builder.add_text_field("pairs", tokenizer_name="whitespace", index_option="freq")
    for field in ("id", "arxiv_id", "doi", "title_key"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("year", indexed=True)
    builder.add_bytes_field("record", stored=True)
    return builder.build()


def document(paper: Paper) -> Any:
    """What the index holds of one paper; its record is stored whole."""
    import tantivy

    made = tantivy.Document()
    made.add_text("title", paper.title)
    made.add_text("text", f"{paper.title}\n{paper.abstract}")
    made.add_text("pairs", " ".join(pair_terms(f"{paper.title}. {paper.abstract}")))
    made.add_text("authors", " ".join(paper.authors))
    made.add_text("venue", paper.venue)
    made.add_text("id", paper.id)
    made.add_text("title_key", normal_title(paper.title))
    if paper.arxiv_id:
        made.add_text("arxiv_id", paper.arxiv_id)
    if paper.doi:
        made.add_text("doi", paper.doi.lower())
    if paper.year is not None:
        made.add_integer("year", paper.year)
    made.add_bytes("record", paper.model_dump_json(exclude_defaults=True).encode())
    return made


def opened(folder: Path) -> Index:
    """The index in ``folder`` as it is now; what is written later is not seen. Raises ValueError or OSError."""
    import tantivy

    # Read first: should another process write meanwhile, the stamp is too old, never too new.
    stamp = digest((folder / "meta.json").read_bytes())
    handle = tantivy.Index.open(str(folder))
    handle.register_tokenizer(TOKENIZER, analyzer())
    # Nobody waits for changes: no thread needs to watch the folder.
    handle.config_reader(reload_policy="manual")
    return Index(handle, folder, stamp)


def file_hashes(folder: Path) -> dict[str, str]:
    """The hash of every file of an index but its manifest and locks; one pass over some megabytes."""
    hashes = {}
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST and not path.name.endswith(".lock"):
            with path.open("rb") as f:
                hashes[path.name] = hashlib.file_digest(f, "sha256").hexdigest()
    return hashes
