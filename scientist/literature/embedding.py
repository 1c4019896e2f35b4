"""Search by meaning beside search by words: an encoder's nearest records, fused with the text hits by their ranks.

Off unless an encoder is named. The weights below were chosen on one half of public query sets and are reported on the
other (``benchmarks/literature/measure_search.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from scientist.literature.base import Hit
from scientist.registry import Registry

if TYPE_CHECKING:
    from scientist.literature.index import Index
    from scientist.types import Paper

ENCODER_VARIABLE = "SCIENTIST_EMBED"
"""Names the encoder of a library that is opened without one; unset or empty for none."""
DEPTH = 50
"""Places of each ranking that take part."""
CONSTANT = 10
"""Added to a place before it is inverted: the larger, the less the first places stand out."""
VECTOR_WEIGHT = 0.2
"""What a place among the nearest records is worth beside the same place among the text hits."""


class Encoder(Protocol):
    """A model that turns texts into vectors. ``identity`` names it and its weights: with it, kept vectors change."""

    identity: str

    def encode(self, texts: Sequence[str]) -> Any:
        """A float32 array with one unit vector a text; zeros for a text that says nothing to the model."""


ENCODERS = Registry(
    "encoder",
    {
        "static": "scientist.literature.encoders:StaticEncoder",
        "sentence-transformers": "scientist.literature.encoders:TransformerEncoder",
    },
)
"""Each entry makes an Encoder when called without arguments; EnvironmentProblem where its package is missing."""


class Blended:
    """An index that is searched by words and by meaning. Not safe for use by two threads at once.

    The vectors lie beside the index, and are brought up to date when this is made.
    """

    def __init__(self, words: Index, encoder: Encoder) -> None:
        from scientist.literature import vectors

        self.words = words
        self._encoder = encoder
        self._vectors = vectors.up_to_date(vectors.folder_of(words.folder), words, encoder)

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` papers, by the sum of what their places in both rankings are worth; ties by id."""
        if limit < 1 or not query.strip():
            return []
        depth = max(limit, DEPTH)
        hits = {h.paper.id: h.paper for h in self.words.search(query, depth)}
        near = self._vectors.nearest(self._encoder.encode([query])[0], depth)
        ranked = fused(list(hits), near)[:limit]
        papers = [(hits.get(i) or self.words.exact("id", i), score) for i, score in ranked]
        return [Hit(paper=paper, score=score) for paper, score in papers if paper]

    def exact(self, field: str, value: str) -> Paper | None:
        """As the index's own."""
        return self.words.exact(field, value)


def fused(
    by_words: Sequence[str], by_meaning: Sequence[str], *, weight: float = VECTOR_WEIGHT
) -> list[tuple[str, float]]:
    """Ids of both rankings with their reciprocal-rank scores, best first, ties by id."""
    scores: dict[str, float] = {}
    for ranking, worth in ((by_words, 1.0), (by_meaning, weight)):
        for place, paper_id in enumerate(ranking, start=1):
            scores[paper_id] = scores.get(paper_id, 0.0) + worth / (CONSTANT + place)
    return sorted(((i, round(s, 6)) for i, s in scores.items()), key=lambda pair: (-pair[1], pair[0]))
