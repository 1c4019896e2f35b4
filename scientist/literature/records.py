"""Bibliographic records on disk: JSON lines, plain or gzipped, one paper a line."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scientist.errors import UsageError
from scientist.types import Paper

FIELDS = (
    "id", "title", "authors", "year", "venue", "abstract", "arxiv_id", "doi", "url", "authors_complete", "pdf_url",
    "retracted", "withdrawn",
)  # fmt: skip
"""What is read of a record; a file may hold more."""


def packaged_bytes() -> bytes:
    """The bibliography that travels with the package, as it is on disk (gzipped JSON lines)."""
    return files("scientist.literature").joinpath("data", "bibliography.jsonl.gz").read_bytes()


def packaged_papers() -> Iterator[Paper]:
    return parse_papers(packaged_bytes(), "the packaged bibliography")


def read_papers(path: Path) -> Iterator[Paper]:
    """The papers of a JSON-lines file. Raises UsageError, naming the line, for a file that is not one."""
    try:
        data = path.read_bytes()
    except OSError as e:
        raise UsageError(f"cannot read the literature file {path}: {e.strerror}") from e
    return parse_papers(data, str(path))


def parse_papers(data: bytes, name: str) -> Iterator[Paper]:
    """The papers in JSON lines, gzipped or not; ``name`` is for the error."""
    number = 1
    try:
        for line in _lines(data):
            if line.strip():
                yield _paper(json.loads(line))
            number += 1
    except (OSError, EOFError, ValueError, TypeError, ValidationError) as e:
        raise UsageError(
            f"{name}, line {number}: not a bibliographic record ({_short(e)})",
            'each line is a JSON object with at least "id" and "title"; authors is a list of names',
        ) from e


def _lines(data: bytes) -> Iterator[str]:
    raw = io.BytesIO(data)
    stream: Any = gzip.GzipFile(fileobj=raw) if data[:2] == b"\x1f\x8b" else raw
    return iter(io.TextIOWrapper(stream, encoding="utf-8"))


def _paper(record: dict[str, Any]) -> Paper:
    if not isinstance(record, dict):
        raise TypeError("not an object")
    known = {k: record[k] for k in FIELDS if record.get(k) is not None}
    paper = Paper(**known, source="library")
    if not paper.id or not paper.title.strip():
        raise ValueError("id or title is empty")
    return paper


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}"
    return str(error)
