"""Words of a paper as numbers: how often common words stand in it, and which other words and pairs of words do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def frequencies(tokens: Sequence[str], common: Sequence[str]) -> np.ndarray:
    """Square roots of the shares that the common words have among all words. Shape: one a common word."""
    import numpy as np

    counts = Counter(tokens)
    return np.sqrt(np.array([counts[w] for w in common], dtype=float) / max(1, len(tokens)))


def weighted_terms(tokens: Sequence[str], index: dict[str, int], idf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions and weights (1 + log count, times idf, of length 1) of the terms of the index that the text has."""
    import numpy as np

    counts = Counter(t for t in term_list(tokens) if t in index)
    where = np.array([index[t] for t in counts], dtype=int)
    weights = (1 + np.log(np.array(list(counts.values()), dtype=float))) * idf[where]
    return where, weights / max(1e-9, float(np.sqrt((weights**2).sum())))


def term_list(tokens: Sequence[str]) -> chain[str]:
    """Words and pairs of words."""
    return chain(tokens, (f"{a} {b}" for a, b in pairwise(tokens)))
