"""Measure the local library: time to build, time a query, and ranking quality where judgements are at hand.

    python benchmarks/literature/measure_search.py [--library FILE]
    python benchmarks/literature/measure_search.py --corpus CORPUS.jsonl.gz --queries Q.jsonl --qrels QRELS.tsv

Without judgements, every hundredth title of the library is a query. Queries are JSON lines with ``qid``, ``query``,
``set`` and perhaps ``exclude``; qrels are tab-separated ``query-id, corpus-id, score`` with a header.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from scientist.literature import index
from scientist.literature.records import packaged_papers, read_papers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--queries", type=Path)
    parser.add_argument("--qrels", type=Path)
    parser.add_argument("--limit", type=int, help="use the first so many queries")
    options = parser.parse_args()
    source = options.corpus or options.library
    papers = sorted(read_papers(source) if source else packaged_papers(), key=lambda p: p.id)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        built = index.build(Path(folder) / "index", papers)
        print(f"{len(papers)} papers, index built in {time.perf_counter() - started:.2f} s")
        if options.queries:
            judged(built, options.queries, options.qrels, options.limit)
        else:
            known_titles(built, [p.title for p in papers[::100]])


def known_titles(built: index.Index, titles: list[str]) -> None:
    times, first = [], 0
    for title in titles:
        started = time.perf_counter()
        hits = built.search(title, 10)
        times.append(time.perf_counter() - started)
        first += bool(hits) and hits[0].paper.title == title
    print(f"{len(titles)} titles as queries: {first} first; {timing(times)}")


def judged(built: index.Index, queries: Path, qrels: Path, limit: int | None) -> None:
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in qrels.read_text().splitlines()[1:]:
        query, paper, _ = line.split("\t")
        relevant[query].add(paper)
    gains: dict[str, list[float]] = defaultdict(list)
    times = []
    for q in [json.loads(line) for line in read(queries).splitlines()][:limit]:
        started = time.perf_counter()
        hits = built.search(q["query"], 20)
        times.append(time.perf_counter() - started)
        ranking = [h.paper.id for h in hits if h.paper.id not in q.get("exclude", ())]
        gains[q["set"]].append(ndcg(ranking[:10], relevant[q["qid"]]))
    for name, values in sorted(gains.items()):
        print(f"{name}: {len(values)} queries, nDCG@10 {statistics.fmean(values):.4f}")
    print(timing(times))


def ndcg(ranking: list[str], relevant: set[str]) -> float:
    gain = sum(1 / math.log2(i + 2) for i, paper in enumerate(ranking) if paper in relevant)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(10, len(relevant))))


def timing(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"median {ordered[len(ordered) // 2] * 1e3:.1f} ms, 95 % {ordered[int(len(ordered) * 0.95)] * 1e3:.1f} ms"


def read(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


if __name__ == "__main__":
    main()
