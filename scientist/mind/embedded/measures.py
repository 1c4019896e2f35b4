"""The numbers that the embedded reviewer takes from a paper's text, each with the words that name it to an author."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import log1p

from scientist.mind.embedded.marks import COMPILED, RATES
from scientist.mind.embedded.text import PaperText

SIZES: dict[str, str] = {
    "words": "words of main text",
    "vocabulary": "distinct words",
    "abstract_words": "words of abstract",
    "title_words": "words of title",
    "references": "references",
    "reference_words": "words per reference",
    "figures": "figures",
    "tables": "tables",
    "equations": "numbered equations",
    "decimals": "decimal numbers",
    "percents": "percentages",
    "works_cited": "works cited in the text",
    "citations": "citations in the text",
    "reference_characters": "characters of reference list",
}
"""Counts on a log scale: name and wording."""

SHAPES: dict[str, str] = {
    "sentence_mean": "mean length of sentences",
    "sentence_spread": "variety in the length of sentences",
    "sentence_long": "share of very long sentences",
    "sentence_short": "share of short sentences",
    "word_length": "mean length of words",
    "variety": "variety of words",
    "symbols": "mathematical symbols",
    "title_colon": "colon in the title",
    "reference_arxiv": "share of references to preprints",
    "reference_ml": "share of references to machine-learning conferences",
    "reference_journal": "share of references to journals",
    "reference_applied": "share of references to vision and language venues",
    "abstract_numbers": "numbers in the abstract",
}
"""Other measures: name and wording."""

SHARED = 4
"""Different marks for which one sentence counts in full: nine in ten of the training papers' sentences have no more."""
_ABSTRACT = (
    "sota novel first outperform theoretical empirical robust show propose experiment question however bound "
    "generalise improve simple large realworld analysis framework"
).split()
_LETTERS = re.compile(r"[A-Za-z][A-Za-z'’-]+")
_VENUES = {
    "arxiv": r"arxiv",
    "ml": r"NeurIPS|NIPS|Neural Information|ICML|International Conference on Machine|ICLR|Learning Representations",
    "journal": r"Journal|Annals|Transactions|Nature|Science",
    "applied": r"Computational Linguistics|\bACL|EMNLP|CVPR|ICCV|Computer Vision",
}


def measures(paper: PaperText) -> dict[str, float]:
    """Every measure by name, in a fixed order."""
    return dict((*_sizes(paper), *_shapes(paper), *_rates(paper)))


def wording(name: str) -> str:
    """A measure in an author's words."""
    if name.startswith("abstract:"):
        return f"{RATES[name.removeprefix('abstract:')][1]} in the abstract"
    if name in RATES:
        return RATES[name][1]
    return SIZES.get(name) or SHAPES[name]


def _sizes(paper: PaperText) -> Iterator[tuple[str, float]]:
    main = paper.main
    words = _LETTERS.findall(main)
    listed, length = _listed(paper)
    values = {
        "words": len(words),
        "vocabulary": len({w.lower() for w in words}),
        "abstract_words": len(_LETTERS.findall(paper.abstract)),
        "title_words": len(paper.title.split()),
        "references": listed,
        "reference_words": length,
        "figures": _pointed(r"\bFig(?:ure|\.)s?\s*(\d{1,2})\b", main),
        "tables": _pointed(r"\bTables?\s*(\d{1,2})\b", main),
        "equations": _run(main),
        "decimals": len(set(re.findall(r"\d+\.\d+", main))),
        "percents": main.count("%"),
        "works_cited": paper.cited,
        "citations": paper.citations,
        "reference_characters": sum(len(r) for r in paper.references),
    }
    return ((name, log1p(values[name])) for name in SIZES)


def _listed(paper: PaperText) -> tuple[float, float]:
    """References, and words a reference; entries that ran together are told apart by their length."""
    words = sum(len(r.split()) for r in paper.references)
    listed = max(len(paper.references), words / 60)
    return listed, words / max(1.0, listed)


def _shapes(paper: PaperText) -> Iterator[tuple[str, float]]:
    lengths = [n for s in paper.sentences if (n := len(s.split())) > 3]
    words = [w.lower() for w in _LETTERS.findall(paper.main)]
    mean = _mean(lengths)
    spread = _mean([(n - mean) ** 2 for n in lengths]) ** 0.5
    head = words[:3000]
    listed = max(1, len(paper.references))
    values = {
        "sentence_mean": min(mean, 60.0),
        "sentence_spread": min(spread, 60.0),
        "sentence_long": _mean([float(n > 40) for n in lengths]),
        "sentence_short": _mean([float(n < 10) for n in lengths]),
        "word_length": _mean([len(w) for w in words]),
        "variety": len(set(head)) / max(1, len(head)),
        "symbols": log1p(1000 * len(re.findall(r"[=∈≤≥∑∀∥αβγδεθλμπσφω∇]", paper.main)) / max(1, len(words))),
        "title_colon": float(":" in paper.title),
        "abstract_numbers": log1p(len(re.findall(r"\d+(?:\.\d+)?", paper.abstract))),
    }
    for name, pattern in _VENUES.items():
        found = sum(re.search(pattern, r, re.IGNORECASE) is not None for r in paper.references)
        values[f"reference_{name}"] = found / listed
    return ((name, values[name]) for name in SHAPES)


def _rates(paper: PaperText) -> Iterator[tuple[str, float]]:
    thousands = max(0.3, len(_LETTERS.findall(paper.main)) / 1000)
    hits = _hits(paper.marks)
    for name in RATES:
        yield name, log1p(hits[name] / thousands)
    for name in _ABSTRACT:
        yield f"abstract:{name}", float(min(3, len(COMPILED[name].findall(paper.abstract))))


def _hits(marks: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Occurrences of each mark; a sentence with more than SHARED different marks counts as SHARED, shared by all."""
    held = Counter(s for places in marks.values() for s in set(places))
    return {n: sum(min(1.0, SHARED / held[s]) for s in places) for n, places in marks.items()}


def _mean(values: list[float] | list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _pointed(pattern: str, text: str) -> int:
    """How far the numbers that a text points to go."""
    return _last({int(m[1]) for m in re.finditer(pattern, text, re.IGNORECASE)})


def _run(text: str) -> int:
    """How far the run (1), (2), (3), … goes."""
    return _last({int(n) for n in re.findall(r"\((\d{1,2})\)", text)})


def _last(found: set[int]) -> int:
    """The end of the run from 1 that has gaps of two at most: one high number alone gains nothing."""
    last = 0
    for n in range(1, 100):
        if n in found:
            last = n
        elif n - last > 2:
            break
    return last
