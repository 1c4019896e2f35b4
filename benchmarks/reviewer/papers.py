"""The training papers as manuscripts, their ratings, and what the embedded reviewer measures in each."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scientist.mind.embedded.measures import measures
from scientist.mind.embedded.text import PaperText, text_of
from scientist.review.extract import Line
from scientist.review.references import parse_references
from scientist.types import Manuscript, ManuscriptSection

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "iclr2022" / "train.jsonl.gz"


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


def load(path: Path = DATA) -> Papers:
    """Read and measure the papers of a file (one to two minutes for 500)."""
    records = records_of(path)
    texts = [text_of(as_manuscript(r)) for r in records]
    measured = [measures(t) for t in texts]
    return Papers(
        texts,
        list(measured[0]),
        np.array([list(m.values()) for m in measured]),
        np.array([r["mean_rating"] for r in records], dtype=float),
        np.array([r["accept"] for r in records], dtype=float),
    )


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
