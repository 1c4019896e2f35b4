"""Measure the citation verifier: faulty entries planted among right ones, held against the library, offline.

    python benchmarks/literature/citations.py [--data BIBLIOGRAPHY.jsonl.gz] [--seed N]

Right entries are records of the bibliography, half of them from the packaged part (tier 1), written as people write
them: initials, "Family, Given", folded accents, lower-case titles, LaTeX, the year of the preprint. Faulty ones are
invented, of a wrong year, with swapped authors, with one word of the title changed, or retracted (the library is told
so); half keep the identifiers of the work. A year counts as wrong only if no version of the work has it: on arXiv the
year of the preprint and the one after it are right too.

Two libraries are measured. ``whole`` holds every record: an entry is accepted if it is ``verified``, everything else is
flagged. ``packaged`` holds tier 1 only, as for a newcomer: works it lacks must come out as ``not_verified_online``,
neither accepted nor called wrong, and are left out of its precision and recall.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import tempfile
import time
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from scientist.literature.agreement import same_authors, same_title, same_year
from scientist.literature.library import Library
from scientist.literature.verify import Status, Verification, verify
from scientist.literature.words import ascii_fold
from scientist.types import Paper

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "bibliography.jsonl.gz"
FAULTS = ("invented", "wrong_year", "swapped_authors", "near_title", "retracted")
EACH = 200
REPORTED_SEED = 2026
"""Not the seed with which the rules were made (1): run both to see that they do not differ."""


class Planted(NamedTuple):
    """An entry, what is wrong with it ("right" for nothing), and whether the packaged library holds its work."""

    entry: Paper
    kind: str
    packaged: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=REPORTED_SEED)
    parser.add_argument("--show", action="store_true", help="print what was judged wrongly")
    options = parser.parse_args()
    records = [json.loads(line) for line in gzip.decompress(options.data.read_bytes()).splitlines()]
    planted = plant(records, random.Random(options.seed))
    retracted = {p.entry.id.removeprefix("entry:") for p in planted if p.kind == "retracted"}
    for name, tiers in (("whole", (1, 2)), ("packaged", (1,))):
        held = [{**r, "retracted": r["id"] in retracted} for r in records if r["tier"] in tiers]
        with tempfile.TemporaryDirectory() as home:
            file = Path(home) / "records.jsonl"
            file.write_text("".join(json.dumps(r) + "\n" for r in held), encoding="utf-8")
            library = Library(home=Path(home), extra=[file])
            library.count()
            began = time.perf_counter()
            verdicts = verify([p.entry for p in planted], [library], online=False)
            seconds = time.perf_counter() - began
        print(f"\n== {name} library, {len(held)} records, {1e3 * seconds / len(planted):.1f} ms an entry")
        report(planted, verdicts, whole=name == "whole", show=options.show)


def report(planted: list[Planted], verdicts: tuple[Verification, ...], *, whole: bool, show: bool) -> None:
    table: dict[str, Counter[str]] = {kind: Counter() for kind in ("right", *FAULTS)}
    true = false = missed = 0
    for case, verdict in zip(planted, verdicts, strict=True):
        row = case.kind + ("" if whole or case.packaged else " (not held)")
        table.setdefault(row, Counter())[verdict.status] += 1
        if not whole and (not case.packaged or case.kind == "invented"):
            continue
        flagged = verdict.status is not Status.VERIFIED
        true += flagged and case.kind != "right"
        false += flagged and case.kind == "right"
        missed += not flagged and case.kind != "right"
        if show and flagged == (case.kind == "right"):
            print(f"  {case.kind}: {case.entry.title} | {case.entry.authors} | {case.entry.year}\n    {verdict.reason}")
    for kind, row in table.items():
        print(f"{kind:28s} " + ", ".join(f"{status.value} {row[status]}" for status in Status if row[status]))
    print(f"flagged: precision {true / (true + false):.4f}, recall {true / (true + missed):.4f}")


def plant(records: list[dict[str, Any]], rng: random.Random) -> list[Planted]:
    """EACH right and EACH faulty entries, half of either from tier 1, in random order."""
    pool = {t: [r for r in records if r["tier"] == t and len(r["authors"]) >= 2] for t in (1, 2)}
    chosen = {t: rng.sample(pool[t], EACH) for t in (1, 2)}
    planted = []
    for tier in (1, 2):
        right, faulty = chosen[tier][: EACH // 2], chosen[tier][EACH // 2 :]
        planted += [Planted(varied(entry(r), rng), "right", tier == 1) for r in right]
        for number, record in enumerate(faulty):
            kind = FAULTS[number % len(FAULTS)]
            planted.append(Planted(spoilt(entry(record), kind, pool[tier], rng), kind, tier == 1))
    rng.shuffle(planted)
    return planted


def entry(record: dict[str, Any]) -> Paper:
    facts = {
        k: record[k]
        for k in ("title", "authors", "year", "venue", "authors_complete", "arxiv_id", "doi")
        if k in record
    }
    return Paper(**facts, id=f"entry:{record['id']}", source="entry")


def varied(paper: Paper, rng: random.Random) -> Paper:
    """The same work as another bibliography might print it: up to three harmless variations."""
    # In their order: initials are taken of "Given Family", before the family comes first.
    for number in sorted(rng.sample(range(len(VARIATIONS)), rng.randint(0, 3))):
        paper = paper.model_copy(update=VARIATIONS[number](paper))
    return paper


VARIATIONS = (
    lambda p: {"authors": tuple(initials(a) for a in p.authors)},
    lambda p: {"authors": tuple(family_first(a) for a in p.authors)},
    lambda p: {"authors": tuple(ascii_fold(a) or a for a in p.authors)},
    lambda p: {"authors": p.authors[:3], "authors_complete": p.authors_complete and len(p.authors) <= 3},
    lambda p: {"title": p.title.lower()},
    lambda p: {"title": "{" + p.title.replace(": ", ": {") + ("}" if ": " in p.title else "") + "}."},
    lambda p: {"title": p.title.replace(" and ", " \\& ")},
    lambda p: {"year": 2000 + int(p.arxiv_id[:2]) if re.match(r"\d{4}\.", p.arxiv_id or "") else p.year},
    lambda p: {"arxiv_id": None, "doi": None},
    lambda p: {"arxiv_id": p.arxiv_id and f"{p.arxiv_id}v2"},
)


def initials(name: str) -> str:
    *given, family = name.split()
    return " ".join([*(g[0] + "." for g in given), family])


def family_first(name: str) -> str:
    *given, family = name.split()
    return f"{family}, {' '.join(given)}" if given else name


def spoilt(whole: Paper, kind: str, others: list[dict[str, Any]], rng: random.Random) -> Paper:
    """A work with one thing wrong; half of the time without identifiers, so that only its text can betray it."""
    paper = whole if rng.random() < 0.5 else whole.model_copy(update={"arxiv_id": None, "doi": None})
    other, third = (entry(r) for r in rng.sample(others, 2))
    if kind == "invented":
        first, second = paper.title.split(), other.title.split()
        title = " ".join([*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]])
        people = tuple(rng.sample([*other.authors, *third.authors], k=min(3, len(other.authors) + len(third.authors))))
        return paper.model_copy(update={"title": title, "authors": people, "year": third.year})
    if kind == "wrong_year":
        years = [paper.year + d for d in (-5, -3, -2, -1, 1, 2, 3, 5) if paper.year]
        wrong = [y for y in years if not same_year(paper.model_copy(update={"year": y}), whole)]
        return paper.model_copy(update={"year": rng.choice(wrong)})
    if kind == "swapped_authors":
        return paper.model_copy(update={"authors": swapped(paper, other, rng)})
    if kind == "near_title":
        return paper.model_copy(update={"title": changed_word(paper.title, other.title, rng)})
    return paper


def swapped(paper: Paper, other: Paper, rng: random.Random) -> tuple[str, ...]:
    """Two authors in each other's place, or the authors of another work."""
    people = list(paper.authors)
    for i, j in rng.sample(list(combinations(range(len(people)), 2)), len(people) - 1):
        turned = [*people]
        turned[i], turned[j] = people[j], people[i]
        if rng.random() < 0.6 and not same_authors(paper.model_copy(update={"authors": tuple(turned)}), paper):
            return tuple(turned)
    return other.authors


def changed_word(title: str, other: str, rng: random.Random) -> str:
    """One word replaced by one of another title, or left out, or added."""
    words = title.split()
    for _ in range(20):
        at, new = rng.randrange(len(words)), rng.choice(other.split())
        how = rng.choice(("replace", "leave out", "add"))
        if how == "leave out" and len(words) > 3:
            changed = [*words[:at], *words[at + 1 :]]
        else:
            changed = [*words[:at], new, *words[at + (how != "add") :]]
        if not same_title(" ".join(changed), title):
            return " ".join(changed)
    return f"{title} revisited"


if __name__ == "__main__":
    main()
