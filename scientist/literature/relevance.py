"""The documented cut between papers that bear on a query and papers that merely share a word with it.

A content word is *informative* if at most one title in twenty-five of the packaged bibliography holds its stem.
*Coverage* is the share of the query's inverse-document-frequency weight whose stems are in the paper's title, or, at
half the weight, only in its abstract; of a long query, the ``QUERY_STEMS`` rarest stems make the whole. A paper bears
on a query if it shares

* two content words, one of them informative and in the title, with coverage of at least ``COVERAGE``, or
* any informative title word, with coverage of at least ``HIGH_COVERAGE``.
"""

from __future__ import annotations

from scientist.literature.words import Rarity, content_stems
from scientist.types import Paper

COVERAGE = 0.40
HIGH_COVERAGE = 0.60
ABSTRACT_WEIGHT = 0.5
QUERY_STEMS = 5


def relevance(query: str, paper: Paper, rarity: Rarity) -> float:
    """Coverage in [0, 1] of a paper that bears on ``query``; 0 for one that does not."""
    asked = content_stems(query)
    title = asked & content_stems(paper.title)
    abstract = (asked & content_stems(paper.abstract)) - title
    if not any(rarity.informative(s) for s in title):
        return 0.0
    whole = sorted(asked, key=lambda s: (-rarity.weight(s), s))[:QUERY_STEMS]
    covered = min(1.0, (rarity.total(title) + ABSTRACT_WEIGHT * rarity.total(abstract)) / rarity.total(whole))
    enough = COVERAGE if len(title) + len(abstract) >= 2 else HIGH_COVERAGE
    return round(covered, 4) if covered >= enough else 0.0
