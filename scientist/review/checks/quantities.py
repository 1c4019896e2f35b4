"""The small grammar of numbers in prose that the checks of sentences share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import sentences
from scientist.review.checks.context import Context

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: i for i, word in enumerate(_UNITS)} | {
    ten + (f"-{_UNITS[i]}" if i else ""): 20 + 10 * t + i for t, ten in enumerate(_TENS) for i in range(10)
}

NUMBER = r"(?<![\w.,/^–-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w/^]|[.,]\d)"
WHOLE = r"(?<![\w.,/^–-])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\w/^]|[.,]\d)"
COUNT = rf"(?:{WHOLE}|\b(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b(?!-))"
"""A whole number in digits, or in words up to ninety-nine."""


def value_of(written: str) -> float:
    word = _WORDS.get(written.lower())
    return float(word) if word is not None else float(written.replace(",", ""))


def unit_of(written: str) -> float:
    """One step of the last printed digit."""
    return 10.0 ** -len(written.partition(".")[2])


def prose_of(context: Context) -> Iterator[str]:
    """The sentences of abstract, sections and captions, without the signs of TeX and without table rows."""
    return map(plain, written_sentences(context))


def written_sentences(context: Context) -> Iterator[str]:
    """The same sentences as they are written."""
    m = context.manuscript
    for text in (m.abstract, *(s.text for s in m.sections), *(f.caption for f in m.floats)):
        yield from (s for s in sentences(text) if "|" not in s)


def plain(sentence: str) -> str:
    sentence = sentence.replace("\\%", "%").replace("\\,", " ").replace("$", "").replace("−", "-")
    return re.sub(r"(?<=\d)\s+(?=%)", "", sentence)
