"""How a query in plain words becomes a weighted OR of terms: one configuration for every question and every library.

The weights and limits were chosen on one half of public query sets and are reported on the other
(``benchmarks/literature/measure_search.py``).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from scientist.literature.words import STOP_WORDS, content_words, stem, words

FIELDS = {"text": 1.0, "title": 0.5}
"""``text`` holds title and abstract, so a title word counts in both."""
SHORT_FIELDS = {"authors": 0.2, "venue": 0.1}
"""Searched too when the query is short enough to be a name."""
PAIR_WEIGHT = 0.4
YEAR_WEIGHT = 0.5
SHORT = 6
"""Stems up to which a query may name people and places."""
LONG = 30
"""Stems beyond which a query is read as a title with an abstract."""
LEAD_WORDS, LEAD_WEIGHT = 15, 1.5
"""What stands first in a long query is its title."""
MOST_TERMS, MOST_PAIRS = 40, 24
"""Of a long query only the weightiest terms and the first pairs are looked up, which bounds the time."""
RARITY_CAP = 4.0
"""Rarer than this makes no term of a long query more worth looking up: very rare words name accidents."""


def ranked_query(searcher: Any, schema: Any, text: str) -> Any:
    """A tantivy query; None where ``text`` has no content word that the index holds.

    Built term by term, so no character of ``text`` has a meaning as query syntax; a flat OR of terms, which is what
    the engine can prune.
    """
    weights = term_weights(searcher, text)
    clauses: list[tuple[str, str | int, float]] = [
        (field, term, weight * share) for term, weight in weights for field, share in FIELDS.items()
    ]
    if len(weights) <= SHORT:
        clauses += [
            (field, term, weight * share)
            for field, share in SHORT_FIELDS.items()
            for term, weight in weights
            if searcher.doc_freq(field, term)
        ]
        clauses += [("year", int(w), YEAR_WEIGHT) for w in set(words(text)) if _is_year(w)]
    clauses += [("pairs", pair, PAIR_WEIGHT) for pair in list(dict.fromkeys(pair_terms(text)))[:MOST_PAIRS]]
    return _any_of(schema, clauses) if weights else None


def term_weights(searcher: Any, text: str) -> list[tuple[str, float]]:
    """The stems to look up and their weights: more for what the query says often, and for its title if it is long."""
    ranked = content_words(text) or [w for w in words(text) if w not in STOP_WORDS]
    stems = [stem(w) for w in ranked]
    said = Counter(stems)
    lead = set(stems[:LEAD_WORDS]) if len(said) > LONG else set()
    weights = {s: math.sqrt(n) * (LEAD_WEIGHT if s in lead else 1.0) for s, n in said.items()}
    if len(weights) > MOST_TERMS:
        worth = {s: w * math.sqrt(said[s]) * min(rarity(searcher, "text", s), RARITY_CAP) for s, w in weights.items()}
        chosen = sorted(weights, key=lambda s: (-worth[s], s))[:MOST_TERMS]
        weights = {s: weights[s] for s in chosen}
    return list(weights.items())


def rarity(searcher: Any, field: str, term: str) -> float:
    """The inverse document frequency of a term as BM25 weighs it; 0 for one that no document holds."""
    holding = searcher.doc_freq(field, term)
    return math.log(1 + (searcher.num_docs - holding + 0.5) / (holding + 0.5)) if holding else 0.0


def pair_terms(text: str) -> list[str]:
    """Neighbouring content words as one term each, ``weight_decay``: what a phrase is looked up by."""
    ranked = words(text)
    return [f"{stem(a)}_{stem(b)}" for a, b in pairwise(ranked) if a not in STOP_WORDS and b not in STOP_WORDS]


def _is_year(word: str) -> bool:
    return word.isdigit() and len(word) == 4 and word[:2] in ("19", "20")


def _any_of(schema: Any, clauses: Sequence[tuple[str, str | int, float]]) -> Any:
    import tantivy

    q, should = tantivy.Query, tantivy.Occur.Should
    return q.boolean_query(
        [(should, q.boost_query(q.term_query(schema, field, value), weight)) for field, value, weight in clauses]
    )
