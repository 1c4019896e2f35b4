"""A full-text index of papers on disk: built whole, checked by hash when opened, never changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from scientist.literature.base import Hit
from scientist.literature.words import STOP_WORDS, analyzer, normal_title, stem, words
from scientist.types import Paper
from scientist.workspace import sync_folder, write_json

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1
"""Raise when the fields or the tokenizer change: every index is then rebuilt."""
MANIFEST = "manifest.json"
TOKENIZER = "scientist_en"
WEIGHTS = {"text": 1.0, "title": 0.3, "authors": 0.2, "venue": 0.1}
PHRASE_WEIGHT = 0.3
YEAR_WEIGHT = 0.5
WRITER_BYTES = 128_000_000


class Index:
    """An opened index. Not safe for use by two threads at once."""

    def __init__(self, handle: Any, count: int) -> None:
        self._schema = handle.schema
        self._searcher = handle.searcher()
        self.count = count

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` papers, best first by BM25 over the weighted fields; equal scores in order of id."""
        parsed = self._query(query)
        if parsed is None or limit < 1:
            return []
        # More than asked for, so that a tie at the cut is broken by id and not by where a document lies on disk.
        found = self._searcher.search(parsed, min(2 * limit + 10, max(self.count, 1)), count=False).hits
        hits = [Hit(paper=self._paper(address), score=round(score, 4)) for score, address in found]
        return sorted(hits, key=lambda h: (-h.score, h.paper.id))[:limit]

    def exact(self, field: str, value: str) -> Paper | None:
        """The paper whose ``field`` (arxiv_id, doi, title_key) is ``value``; of several, the first by id."""
        import tantivy

        found = self._searcher.search(tantivy.Query.term_query(self._schema, field, value), 10, count=False).hits
        return min((self._paper(address) for _, address in found), key=lambda p: p.id, default=None)

    def _paper(self, address: Any) -> Paper:
        return Paper.model_validate_json(bytes(self._searcher.doc(address).get_first("record")))

    def _query(self, text: str) -> Any:
        """An OR of the content words over all fields, and of neighbouring pairs as phrases in the title.

        Built term by term, so no character of ``text`` has a meaning as query syntax.
        """
        import tantivy

        ranked = words(text)
        terms = list(dict.fromkeys(stem(w) for w in ranked if w not in STOP_WORDS))
        if not terms:
            return None
        q, should = tantivy.Query, tantivy.Occur.Should
        parts = [
            (should, q.boost_query(q.term_query(self._schema, field, term), weight))
            for term in terms
            for field, weight in WEIGHTS.items()
        ]
        for first, second in _pairs(ranked):
            parts.append((should, q.boost_query(q.phrase_query(self._schema, "title", [first, second]), PHRASE_WEIGHT)))
        for word in ranked:
            if word.isdigit() and len(word) == 4 and word[:2] in ("19", "20"):
                parts.append((should, q.boost_query(q.term_query(self._schema, "year", int(word)), YEAR_WEIGHT)))
        return q.boolean_query(parts)


def key(files: Sequence[bytes]) -> str:
    """The folder name of the index of these record files: anything that changes the index changes it."""
    whole = hashlib.sha256(f"{SCHEMA_VERSION}|{version('tantivy')}".encode())
    for data in files:
        whole.update(digest(data).encode())
    return f"index-{whole.hexdigest()[:20]}"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def build(folder: Path, papers: Sequence[Paper]) -> Index:
    """Index ``papers`` into ``folder``: made beside it and renamed, so that nobody sees half an index."""
    import tantivy

    temporary = Path(tempfile.mkdtemp(prefix=".build-", dir=folder.parent))
    try:
        handle = tantivy.Index(schema(), path=str(temporary))
        handle.register_tokenizer(TOKENIZER, analyzer())
        # One thread and one writer: documents lie in the order of their ids, whichever machine builds.
        writer = handle.writer(heap_size=WRITER_BYTES, num_threads=1)
        for paper in papers:
            writer.add_document(_document(paper))
        writer.commit()
        writer.wait_merging_threads()
        write_json(temporary / MANIFEST, {"count": len(papers), "files": _file_hashes(temporary)})
        if folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    log.info("indexed %d papers in %s", len(papers), folder)
    return _open(folder, len(papers))


def open_if_sound(folder: Path) -> Index | None:
    """The index in ``folder``; None if there is none, or if its files are not those that were written (a warning)."""
    if not folder.exists():
        return None
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["files"] != _file_hashes(folder):
            raise ValueError("its files changed since they were written")
        opened = _open(folder, int(manifest["count"]))
        os.utime(folder)
    except (OSError, ValueError, KeyError, TypeError) as e:
        log.warning("the literature index in %s is damaged (%s) and is built again", folder, e)
        return None
    return opened


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
        builder.add_text_field(field, tokenizer_name=TOKENIZER)
    for field in ("arxiv_id", "doi", "title_key"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("year", indexed=True)
    builder.add_bytes_field("record", stored=True)
    return builder.build()


def _document(paper: Paper) -> Any:
    import tantivy

    document = tantivy.Document()
    document.add_text("title", paper.title)
    document.add_text("text", f"{paper.title}\n{paper.abstract}")
    document.add_text("authors", " ".join(paper.authors))
    document.add_text("venue", paper.venue)
    document.add_text("title_key", normal_title(paper.title))
    if paper.arxiv_id:
        document.add_text("arxiv_id", paper.arxiv_id)
    if paper.doi:
        document.add_text("doi", paper.doi.lower())
    if paper.year is not None:
        document.add_integer("year", paper.year)
    document.add_bytes("record", paper.model_dump_json(exclude_defaults=True).encode())
    return document


def _open(folder: Path, count: int) -> Index:
    import tantivy

    handle = tantivy.Index.open(str(folder))
    handle.register_tokenizer(TOKENIZER, analyzer())
    # An index never changes once built: no thread needs to watch its folder.
    handle.config_reader(reload_policy="manual")
    return Index(handle, count)


def _file_hashes(folder: Path) -> dict[str, str]:
    """The hash of every file of an index but its manifest and locks; one pass over some megabytes."""
    hashes = {}
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST and not path.name.endswith(".lock"):
            with path.open("rb") as f:
                hashes[path.name] = hashlib.file_digest(f, "sha256").hexdigest()
    return hashes


def _pairs(ranked: Sequence[str]) -> list[tuple[str, str]]:
    """Stems of neighbouring content words, as they would stand in a title."""
    pairs = []
    for first, second in pairwise(ranked):
        if first not in STOP_WORDS and second not in STOP_WORDS:
            pairs.append((stem(first), stem(second)))
    return list(dict.fromkeys(pairs))
