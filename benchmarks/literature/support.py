"""Measure the deterministic support check: sentences of abstracts as claims, held against the right and a wrong paper.

    python benchmarks/literature/support.py [--corpus CORPUS.jsonl.gz] [--papers N] [--seed N]

The claim is a sentence of a paper's abstract that reports a finding, with a third of its words left out, so that it is
not a quotation. "carried" holds it against that paper's abstract; "hidden" against title and abstract without the
sentence; "other" against the nearest other paper that the library finds for the claim; "title" against the bare title.
Printed is the share of claims that the check refuses: few where carried, as many as can be for the others.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import tempfile
from pathlib import Path

from scientist.literature.library import Library
from scientist.literature.support import check
from scientist.types import Paper, Reference

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "corpus.jsonl.gz"
REPORTS = re.compile(r"\b(?:show|demonstrate|prove|outperforms?|achieves?|find) that\b|\b(?:outperforms|achieves)\b")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=DATA)
    parser.add_argument("--papers", type=int, default=400)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    records = [json.loads(line) for line in gzip.decompress(options.corpus.read_bytes()).splitlines()]
    papers = [
        Paper(**{k: r[k] for k in ("id", "title", "authors", "year", "abstract")}, source="corpus") for r in records
    ]
    with tempfile.TemporaryDirectory() as home:
        library = Library(home=Path(home), extra=[options.corpus])
        refused = measure(rng.sample(papers, len(papers)), options.papers, library, rng)
    for name, outcomes in refused.items():
        print(f"{name:8s} refused {sum(outcomes) / len(outcomes):.3f} of {len(outcomes)}")


def measure(papers: list[Paper], wanted: int, library: Library, rng: random.Random) -> dict[str, list[bool]]:
    refused: dict[str, list[bool]] = {"carried": [], "hidden": [], "other": [], "title": []}
    for paper in papers:
        sentences = [s for s in re.split(r"(?<=\.)\s+", paper.abstract) if REPORTS.search(s) and len(s.split()) > 8]
        if not sentences or not paper.authors:
            continue
        said = rng.choice(sentences)
        claim = paraphrase(said, rng)
        near = next(
            (h.paper for h in library.search(claim, 5) if h.paper.title != paper.title and h.paper.abstract), None
        )
        if near is None:
            continue
        held = {
            "carried": paper,
            "hidden": paper.model_copy(update={"abstract": paper.abstract.replace(said, "")}),
            "other": near,
            "title": paper.model_copy(update={"abstract": ""}),
        }
        for name, record in held.items():
            refused[name].append(bool(check(claim, [Reference(key="k", paper=record)])))
        if len(refused["other"]) == wanted:
            break
    return refused


def paraphrase(sentence: str, rng: random.Random) -> str:
    """The sentence as a report on its paper: no first person, a third of its words left out."""
    words = [
        w for w in re.sub(r"\b(?:we|our|ours|us)\b", "", sentence, flags=re.I).rstrip(". ").split() if "\\" not in w
    ]
    kept = [w for w in words if rng.random() > 1 / 3 or REPORTS.search(w)]
    return rf"\citet{{k}} show that {' '.join(kept)}."


if __name__ == "__main__":
    main()
