"""Passages of papers with their pages, and how far each bears on a question."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from scientist.literature.words import content_words, stem
from scientist.types import Frozen, Paper

WORDS = 120
"""About how long a passage is: two or three sentences with their context, as a reader would quote them."""
LEAST_WORDS = 12
SATURATION, LENGTH = 1.2, 0.5
"""k1 and b of BM25; passages are of nearly one length, so length counts less than for whole papers."""
PER_PAPER = 3
"""Passages of one paper that may be among the best, so that one long paper does not fill the list."""

_END = re.compile(r"(?<=[.!?])(?<!\bal\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bFig\.)(?<!\bEq\.)(?<!\bSec\.)\s+(?=[A-Z(\[“])")
_REFERENCES = re.compile(r"^\s*(?:\d+\.?\s*)?(?:references|bibliography|literature cited)\s*$", re.IGNORECASE)


class Passage(Frozen):
    """Some sentences of a paper. ``page`` counts from 1 and is None for an abstract, which a record carries.

    ``id`` is the paper's id with the passage's number; ``score`` is in units of one ``score`` call only.
    """

    id: str
    paper: str
    page: int | None
    text: str
    score: float = 0.0


def split(paper_id: str, pages: Sequence[str]) -> tuple[Passage, ...]:
    """Passages of about WORDS words in order, none across a page break; the list of references is left out."""
    texts = [(page, text) for page, lines in _body(pages) for text in _pieces(_paragraph(lines))]
    return tuple(
        Passage(id=f"{paper_id}#{number}", paper=paper_id, page=page, text=text)
        for number, (page, text) in enumerate(texts, start=1)
    )


def of_record(paper: Paper) -> tuple[Passage, ...]:
    """The abstract of a record as its one passage; none where it has no abstract."""
    text = " ".join(paper.abstract.split())
    return (Passage(id=f"{paper.id}#0", paper=paper.id, page=None, text=text),) if text else ()


def score(
    question: str, passages: Sequence[Passage], *, limit: int = 40, per_paper: int = PER_PAPER
) -> tuple[Passage, ...]:
    """The passages that share words with ``question``, best first by BM25 over these passages; ties by id."""
    stems = [_stems(p.text) for p in passages]
    asked = sorted(set(_stems(question)))
    holding = {s: sum(s in counted for counted in stems) for s in asked}
    mean = sum(c.total() for c in stems) / len(stems) if stems else 1.0
    scored = []
    for passage, counted in zip(passages, stems, strict=True):
        room = SATURATION * (1 - LENGTH + LENGTH * counted.total() / max(mean, 1.0))
        value = math.fsum(
            _rarity(holding[s], len(passages)) * counted[s] * (SATURATION + 1) / (counted[s] + room)
            for s in asked
            if counted[s]
        )
        if value > 0:
            scored.append(passage.model_copy(update={"score": round(value, 4)}))
    return tuple(_varied(sorted(scored, key=lambda p: (-p.score, p.id)), per_paper))[:limit]


def _varied(ranked: Iterable[Passage], per_paper: int) -> Iterator[Passage]:
    seen: Counter[str] = Counter()
    for passage in ranked:
        seen[passage.paper] += 1
        if seen[passage.paper] <= per_paper:
            yield passage


def _rarity(holding: int, total: int) -> float:
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def _stems(text: str) -> Counter[str]:
    return Counter(stem(w) for w in content_words(text))


def _body(pages: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The lines of each page up to the list of references, which must begin in the second half to be believed."""
    for number, text in enumerate(pages, start=1):
        lines = text.splitlines()
        end = next((i for i, line in enumerate(lines) if _REFERENCES.match(line)), None)
        if end is not None and 2 * number > len(pages):
            yield number, lines[:end]
            return
        yield number, lines


def _paragraph(lines: Sequence[str]) -> str:
    """Lines as running text: a word divided at a line's end is joined, lines without words (figures) are left out."""
    kept = [line.strip() for line in lines if len(re.findall(r"[^\W\d_]{2,}", line)) >= 2]
    joined = re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", "\n".join(kept))
    # Printed ligatures ("signiﬁcant") are one letter in a PDF.
    return " ".join(unicodedata.normalize("NFKC", joined).split())


def _pieces(text: str) -> Iterator[str]:
    piece: list[str] = []
    for sentence in _END.split(text):
        words = sentence.split()
        # What has no full stop for very long is a table or a formula; it is cut so that a passage stays one.
        for start in range(0, len(words), 2 * WORDS):
            if piece and len(piece) + len(words[start:]) > WORDS:
                yield from _long_enough(piece)
                piece = []
            piece += words[start : start + 2 * WORDS]
    yield from _long_enough(piece)


def _long_enough(words: list[str]) -> Iterator[str]:
    if len(words) >= LEAST_WORDS:
        yield " ".join(words)
