"""The training papers as manuscripts, their ratings, and what the embedded reviewer measures in each."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scientist.mind import reading
from scientist.mind.embedded.measures import measures
from scientist.mind.embedded.text import PaperText, text_of
from scientist.review import references
from scientist.review.extract import Line
from scientist.review.references import parse_references
from scientist.types import Manuscript, ManuscriptSection

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "iclr2022" / "train.jsonl.gz"
SOURCES = Path(__file__).resolve().parents[2] / "scientist" / "mind" / "embedded"


class Papers(NamedTuple):
    """What a model is fitted to. ``measured``: papers × measures; ``rating``, ``accepted``: one a paper."""

    texts: list[PaperText]
    names: list[str]
    measured: np.ndarray
    rating: np.ndarray
    accepted: np.ndarray


def records_of(path: Path = DATA) -> list[dict[str, Any]]:
    """The records of a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def load(path: Path = DATA, kept: Path | None = None) -> Papers:
    """Read and measure the papers of a file (two minutes for 500). What was measured is written to ``kept``, or read
    from there if that file is newer than all that it depends on."""
    records = records_of(path)
    texts, measured = _kept(kept, path) or ([], [])
    if not texts:
        texts = [text_of(as_manuscript(r)) for r in records]
        measured = [measures(t) for t in texts]
        if kept:
            lines = (json.dumps([t.model_dump(), m]) for t, m in zip(texts, measured, strict=True))
            with gzip.open(kept, "wt", encoding="utf-8") as f:
                f.write("\n".join(lines))
    return Papers(
        texts,
        list(measured[0]),
        np.array([list(m.values()) for m in measured]),
        np.array([r["mean_rating"] for r in records], dtype=float),
        np.array([r["accept"] for r in records], dtype=float),
    )


def _kept(kept: Path | None, path: Path) -> tuple[list[PaperText], list[dict[str, float]]] | None:
    sources = [*SOURCES.rglob("*.py"), Path(references.__file__), Path(reading.__file__), path]
    if kept is None or not kept.exists() or kept.stat().st_mtime < max(s.stat().st_mtime for s in sources):
        return None
    with gzip.open(kept, "rt", encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return [PaperText.model_validate(t) for t, _ in rows], [m for _, m in rows]


def as_manuscript(record: dict[str, Any]) -> Manuscript:
    """A record as the readers would give it: its main part is one section, its appendix and statements left out."""
    return Manuscript(
        file=record["id"],
        format="text",
        title=record["title"],
        abstract=record["abstract"],
        sections=(ManuscriptSection(heading="Main", text=record["main"]),),
        references=tuple(parse_references(_lines(record["references"]))),
    )


def _lines(text: str) -> Sequence[Line]:
    return [Line(text=line.strip(" _*"), page=1) for line in text.splitlines()]
