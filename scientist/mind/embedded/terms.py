"""Words of a paper as numbers: how often common words stand in it, and which other words and turns of phrase do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LONGEST = 3
"""Words of the longest term."""


def frequencies(tokens: Sequence[str], common: Sequence[str]) -> np.ndarray:
    """Square roots of the shares that the common words have among all words. Shape: one a common word."""
    import numpy as np

    counts = Counter(tokens)
    return np.sqrt(np.array([counts[w] for w in common], dtype=float) / max(1, len(tokens)))


def held_terms(tokens: Sequence[str], index: dict[str, int]) -> np.ndarray:
    """The same positive value for each term of the index that the text has, 0 for the others; of length 1 together."""
    import numpy as np

    held = np.zeros(len(index))
    held[[index[t] for t in set(terms_of(tokens)) if t in index]] = 1.0
    held /= max(1.0, float(held.sum()) ** 0.5)
    return held


def terms_of(tokens: Sequence[str]) -> Iterator[str]:
    """Words, and runs of up to LONGEST words."""
    for size in range(1, LONGEST + 1):
        yield from map(" ".join, zip(*(tokens[i:] for i in range(size)), strict=False))
