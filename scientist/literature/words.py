"""Words for matching: folding to ASCII, content words, stems, and how rare a stem is in paper titles."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

STOP_WORDS = frozenset(
    """
    a about after all also an and any are as at be been being between but by can could did do does doing done each
    either every few for from had has have having how i if in into is it its itself let me more most much my no nor
    not of on one only onto or other our out over own per rather same should since so some such than that the their
    them then there these they this those through to too under until up upon us very via was we were what when where
    whether which while who whom whose why will with within without would yet you your
    affect affects affected affecting article articles compare compared depend depends differ differs different effect
    effects find give impact influence influences list literature number paper papers please publication publications
    recent research role show studies study tell toward towards two use used uses using work works
    """.split()
)
"""Function words, and the words in which a question about literature is put."""

RARE = 0.04
"""A stem in at most this share of titles says something about a paper's subject."""

_LETTERS = str.maketrans(
    {
        "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "đ": "d",
        "Đ": "D", "ð": "d", "Ð": "D", "ı": "i", "þ": "th", "Þ": "Th", "ŋ": "n", "ħ": "h",
    }
)  # fmt: skip


def ascii_fold(text: str) -> str:
    """``text`` in ASCII: accents dropped, special letters spelt out, everything else that is not ASCII left out."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return decomposed.encode("ascii", "ignore").decode()


def normal_title(title: str) -> str:
    """A key under which two spellings of one title are equal: letters and digits only, lower case, no LaTeX."""
    plain = re.sub(r"\\[a-zA-Z]+", "", title)
    return re.sub(r"[^a-z0-9]", "", ascii_fold(plain).lower()) or re.sub(r"\s", "", title.casefold())


def words(text: str) -> list[str]:
    """Lower-case ASCII words of letters and digits, in order; an apostrophe joins."""
    return re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", ascii_fold(text).lower()))


def content_words(text: str) -> list[str]:
    """``words`` without stop words and single letters."""
    return [w for w in words(text) if w not in STOP_WORDS and (len(w) > 1 or w.isdigit())]


def content_stems(text: str) -> frozenset[str]:
    return frozenset(stem(w) for w in content_words(text))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The English stem of one lower-case word, as the index makes it."""
    stems: list[str] = analyzer().analyze(word)
    return stems[0] if stems else word


@cache
def analyzer() -> Any:
    """The tokenizer of the index: alphanumeric runs, lower case, accents folded, English stems."""
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(60),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


class Rarity:
    """Inverse document frequencies of stems over a set of texts, for weighing shared words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._documents = 0
        self._holding: dict[str, int] = {}
        for text in texts:
            self._documents += 1
            for s in content_stems(text):
                self._holding[s] = self._holding.get(s, 0) + 1

    def weight(self, stem: str) -> float:
        """``ln((N + 1) / (n + 1))``: 0 for a stem in every text, largest for one never seen."""
        return math.log((self._documents + 1) / (self._holding.get(stem, 0) + 1))

    def total(self, stems: Iterable[str]) -> float:
        """The summed weight, in a fixed order so that the same stems give the same float."""
        return math.fsum(self.weight(s) for s in sorted(stems))

    def informative(self, stem: str) -> bool:
        return self._holding.get(stem, 0) <= RARE * max(self._documents, 1)


@cache
def title_rarity() -> Rarity:
    """Rarity over the titles of the packaged bibliography: the same on every machine."""
    from scientist.literature.records import packaged_papers

    return Rarity(p.title for p in packaged_papers())
