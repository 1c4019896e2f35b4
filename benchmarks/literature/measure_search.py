"""Measure the local library's search beside bm25s in the same run: ranking quality, time a query, time to build.

    pip install bm25s PyStemmer
    python benchmarks/literature/measure_search.py DATA [--embed static] [--copies 20] [--limit N]

DATA holds ``corpus.jsonl.gz`` (records with abstracts) and ``retrieval/`` with ``<name>_queries.jsonl`` (``qid``,
``query``, ``set``, perhaps ``exclude``) and ``<name>_qrels.tsv`` (``query-id, corpus-id, score``, with a header).
Queries are halved by the hash of their id: the configuration was chosen on the first half, ``tune``, and is
reported on the other, ``test``. With ``--copies`` the corpus is indexed that many times over, for time alone.
Times are of this thread's CPU, the best of three a query, for both engines.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scientist.literature import index
from scientist.literature.embedding import ENCODERS, Blended
from scientist.literature.records import read_papers
from scientist.literature.vectors import folder_of
from scientist.types import Paper

Search = Callable[[str, int], list[str]]
DEPTH = 20
ANSWERS = 10
"""How many records a person asks for, which is what is timed."""
REPEATS = 3
"""A query counts with its quickest time, so that what else the machine does weighs less."""
QUESTION = frozenset(
    """
    a an and are as at be but by for if in into is it no not of on or such that the their then there these they this
    to was will with what which who how do does did can could would should any some have has had i me my you your we
    our papers paper research studies study works work please list find give show tell about using use used
    """.split()
)
"""What the base line strips from a query; ours strips its own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--copies", type=int, default=0, help="index the corpus so many times over, and time queries")
    parser.add_argument("--limit", type=int, help="use the first so many queries of each file")
    parser.add_argument("--embed", help="measure the library with this encoder too, instead of bm25s")
    options = parser.parse_args()
    papers = sorted(read_papers(options.data / "corpus.jsonl.gz"), key=lambda p: p.id)
    queries = load_queries(options.data / "retrieval", options.limit)
    with tempfile.TemporaryDirectory() as folder:
        if options.copies:
            built = build(Path(folder) / "many", copies(papers, options.copies))
            timed("library", queries, lambda q, k: [h.paper.id for h in built.search(q, k)])
            return
        built = build(Path(folder) / "index", iter(papers))
        measured("library", queries, lambda q, k: [h.paper.id for h in built.search(q, k)])
        if options.embed:
            blended = blend(built, options.embed)
            measured(f"library with {options.embed}", queries, lambda q, k: [h.paper.id for h in blended.search(q, k)])
            return
    measured("bm25s", queries, bm25s_search(papers))


def build(folder: Path, papers: Iterator[Paper]) -> index.Index:
    started = time.perf_counter()
    built = index.build(folder, papers)
    size = sum(p.stat().st_size for p in folder.iterdir()) / 2**20
    print(f"library: {built.count} papers indexed in {time.perf_counter() - started:.1f} s, {size:.0f} MiB", flush=True)
    return built


def blend(built: index.Index, encoder: str) -> Blended:
    started = time.perf_counter()
    blended = Blended(built, ENCODERS.load(encoder)())
    size = sum(p.stat().st_size for p in folder_of(built.folder).iterdir()) / 2**20
    print(f"vectors: {built.count} papers encoded in {time.perf_counter() - started:.1f} s, {size:.0f} MiB", flush=True)
    return blended


def copies(papers: list[Paper], times: int) -> Iterator[Paper]:
    for number in range(times):
        for paper in papers:
            yield paper.model_copy(update={"id": f"{paper.id}#{number}", "title": f"{paper.title} {number}"})


def load_queries(folder: Path, limit: int | None) -> list[dict[str, Any]]:
    """All queries with the ids of their ``relevant`` papers, their ``half`` and the ``file`` they stand in."""
    found = []
    for path in sorted(folder.glob("*_queries.jsonl")):
        relevant: dict[str, set[str]] = defaultdict(set)
        judgements = path.with_name(path.name.replace("_queries.jsonl", "_qrels.tsv"))
        for line in judgements.read_text(encoding="utf-8").splitlines()[1:]:
            query, paper, _ = line.split("\t")
            relevant[query].add(paper)
        for line in path.read_text(encoding="utf-8").splitlines()[:limit]:
            query = json.loads(line)
            half = "tune" if hashlib.sha256(query["qid"].encode()).digest()[0] % 2 == 0 else "test"
            found.append({**query, "half": half, "relevant": relevant[query["qid"]]})
    return found


def measured(name: str, queries: list[dict[str, Any]], search: Search) -> None:
    """Print nDCG@10 and recall@20 of each set, whole and by half, and the time a query takes."""
    scores: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for q in queries:
        ranking = [i for i in search(q["query"], DEPTH) if i not in q.get("exclude", ())]
        score = (ndcg(ranking[:10], q["relevant"]), len(q["relevant"] & set(ranking)) / len(q["relevant"]))
        scores[q["set"], q["half"]].append(score)
        scores[q["set"], "all"].append(score)
    for (which, half), values in sorted(scores.items()):
        gain, recall = (statistics.fmean(column) for column in zip(*values, strict=True))
        print(f"{name}: {which:10} {half:4} {len(values):5} queries  nDCG@10 {gain:.4f}  recall@20 {recall:.4f}")
    timed(name, queries, search)


def timed(name: str, queries: list[dict[str, Any]], search: Search) -> None:
    times: dict[str, list[float]] = defaultdict(list)
    for q in queries:
        spent = min(once(search, q["query"]) for _ in range(REPEATS))
        times[f"set {q['set']}"].append(spent)
        times["all queries"].append(spent)
    for which, spent_s in times.items():
        ordered = sorted(spent_s)
        middle, high = ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3
        print(f"{name}: {which:15} p50 {middle:5.2f} ms  p95 {high:5.2f} ms", flush=True)


def once(search: Search, query: str) -> float:
    started = time.thread_time()
    search(query, ANSWERS)
    return time.thread_time() - started


def ndcg(ranking: list[str], relevant: set[str]) -> float:
    gain = sum(1 / math.log2(i + 2) for i, paper in enumerate(ranking) if paper in relevant)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(10, len(relevant))))


def bm25s_search(papers: list[Paper]) -> Search:
    """The base line: bm25s over title and abstract, stemmed, k1 = 1.2, b = 0.75."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    engine.index(tokens([f"{p.title} {p.abstract}" for p in papers]), show_progress=False)

    def search(query: str, limit: int) -> list[str]:
        plain = " ".join(w for w in re.findall(r"[A-Za-z0-9]+", query.lower()) if w not in QUESTION) or query
        found = engine.retrieve(tokens([plain]), k=limit, show_progress=False)[0][0]
        return [papers[int(i)].id for i in found]

    return search


if __name__ == "__main__":
    main()
