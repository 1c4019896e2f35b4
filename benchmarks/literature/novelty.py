"""Calibrate the novelty report: how near are ideas to the paper that they are, and to the nearest other paper?

    python benchmarks/literature/novelty.py [--corpus CORPUS.jsonl.gz] [--ideas N] [--seed N]

A *known* idea is made of a paper: its title and one sentence of its abstract, worded otherwise. Nobody has a corpus of
ideas paired with the papers that they repeat, so two ways of wording bound what may happen: ``left out`` drops a third
of the words and takes the sentence out of the abstract; ``replaced`` puts random words for 40 % of them. The idea is
held against its own paper, and against the nearest of the other 20 papers that the library finds for it, with
abstracts and by titles alone. Printed are quantiles of the overlap, the shares above the thresholds, the logistic
curves from overlap to probability (both kinds of idea equally likely) fitted to one half, and what became of the other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import re
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scientist.literature.library import Library
from scientist.literature.novelty import CLOSE, KNOWN, nearness
from scientist.literature.words import Rarity, title_rarity
from scientist.types import Paper

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "corpus.jsonl.gz"
FOUND = 20
Numbers = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=DATA)
    parser.add_argument("--ideas", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    records = [json.loads(line) for line in gzip.decompress(options.corpus.read_bytes()).splitlines()]
    facts = ("id", "title", "authors", "year", "abstract")
    papers = [Paper(**{k: r[k] for k in facts}, source="corpus") for r in records]
    stray = [w for p in papers[:3000] for w in p.abstract.split()]
    wordings: dict[str, Callable[[str], str]] = {
        "left out": lambda text: " ".join(w for w in text.split() if rng.random() > 1 / 3) or text,
        "replaced": lambda text: " ".join(w if rng.random() > 0.4 else rng.choice(stray) for w in text.split()),
    }
    with tempfile.TemporaryDirectory() as home:
        library = Library(home=Path(home), extra=[options.corpus])
        for name, wording in wordings.items():
            sample = rng.sample(papers, len(papers))
            table = np.array(measure(sample, options.ideas, library, wording, hide=name == "left out"))
            print(f"\n== {name}: {len(table)} ideas; the search found the paper for {np.mean(table[:, 4]):.3f} of them")
            describe("abstracts", table[:, 0], table[:, 1])
            describe("titles", table[:, 2], table[:, 3])


def measure(
    papers: list[Paper], wanted: int, library: Library, wording: Callable[[str], str], *, hide: bool
) -> list[tuple[float, ...]]:
    """For each idea: overlap with its own paper and the nearest other, with abstracts and by titles, and if found."""
    rarity, rows = title_rarity(), []
    for paper in papers:
        sentences = [s for s in re.split(r"(?<=\.)\s+", paper.abstract) if len(s.split()) > 10]
        if len(sentences) < 4:
            continue
        said = sentences[len(paper.title) % len(sentences)]
        idea = f"{wording(paper.title)}. {wording(said)}"
        hits = [h.paper for h in library.search(idea, FOUND)]
        others = [p for p in hits if p.title != paper.title and p.abstract]
        own = paper.model_copy(update={"abstract": paper.abstract.replace(said, "")}) if hide else paper
        if others:
            found = float(any(p.id == paper.id for p in hits))
            rows.append(
                (*both(idea, own, others, rarity, read=True), *both(idea, own, others, rarity, read=False), found)
            )
        if len(rows) == wanted:
            break
    return rows


def both(idea: str, own: Paper, others: list[Paper], rarity: Rarity, *, read: bool) -> tuple[float, float]:
    near = [nearness(idea, p.title, p.abstract if read else "", rarity) for p in (own, *others)]
    return near[0], max(near[1:])


def describe(name: str, own: Numbers, other: Numbers) -> None:
    wins = np.mean(own[:, None] > other[None, :]) + 0.5 * np.mean(own[:, None] == other[None, :])
    print(f"{name}: AUC {wins:.3f}")
    for kind, values in (("own", own), ("other", other)):
        quantiles = ", ".join(f"{q}%: {np.percentile(values, q):.2f}" for q in (5, 25, 50, 75, 95, 99))
        shares = ", ".join(f"≥ {t}: {np.mean(values >= t):.3f}" for t in (CLOSE, KNOWN))
        print(f"  {kind:6s} {quantiles}; {shares}")
    half = len(own) // 2
    slope, middle = fitted(own[:half], other[:half])
    print(f"  probability = 1 / (1 + exp(-{slope:.1f} * (overlap - {middle:.3f}))); on the other half:")
    told = [(1 / (1 + math.exp(-slope * (x - middle))), y) for y, xs in ((1, own), (0, other)) for x in xs[half:]]
    for low, high in pairwise((0, 0.2, 0.4, 0.6, 0.8, 1.01)):
        if inside := [(p, y) for p, y in told if low <= p < high]:
            said, true = np.mean([p for p, _ in inside]), np.mean([y for _, y in inside])
            print(f"    said {said:.2f}: {true:.2f} of {len(inside)}")


def fitted(own: Numbers, other: Numbers) -> tuple[float, float]:
    """Slope and middle of the logistic curve of greatest likelihood, by Newton's method."""
    x = np.concatenate([own, other])
    y = np.concatenate([np.ones(len(own)), np.zeros(len(other))])
    design = np.stack([x, np.ones(len(x))], axis=1)
    weights = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        weights = weights + np.linalg.solve(hessian, design.T @ (y - p))
    return float(weights[0]), float(-weights[1] / weights[0])


if __name__ == "__main__":
    main()
