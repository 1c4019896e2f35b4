"""Sentences that stand twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scientist.mind.reading import counted, prose_sentences
from scientist.review.checks.context import Context, note, warning
from scientist.types import Finding

_LEAST_WORDS = 10
_PASSAGE_WORDS = 18
_SHARED = 0.5
"""Share of the runs of four words that two passages must have in common."""
_CAPTION = re.compile(r"\W{0,4}(?:fig(?:ure|\.)|table|algorithm|listing)\s*\W{0,4}[A-Z]?\d+\W{0,3}[:.|]", re.IGNORECASE)
"""How a caption opens; what it says of marks and axes may well stand under several figures."""
_POINTER = re.compile(
    r"\||\b(?:appendix|supplement\w*|table|fig(?:ure|\.)|section|algorithm|error bars?|percentiles)\b", re.IGNORECASE
)
"""Sentences that only say where something stands, or what a figure's marks mean, may well stand twice."""
_PREMISE = re.compile(r"\W*(?:suppose|let|assume|consider|given|under|if|for (?:all|any|every|each))\b", re.IGNORECASE)
"""How the premises of a theorem open; two theorems may well share theirs."""
_FORMULA = re.compile(r"[_^{}\\*]|\b[a-z]\d\b")
_CITATION = re.compile(r"\[[^\[\]]*\]")
"""What formulas leave in a text: such a sentence cannot be compared word for word."""
_FUNCTION = re.compile(
    r"\b(?:the|a|an|of|is|are|was|to|and|in|on|for|with|that|we|by|at|from|as|this|these|which|not|than|it|our)\b"
)


def repeated_sentences(context: Context) -> Iterator[Finding]:
    """The same sentence, numbers included, more than once in the main part."""
    seen: dict[str, str] = {}
    repeated: dict[str, tuple[str, str, str]] = {}
    for section in context.manuscript.sections:
        for sentence in _prose(section.text):
            key = _key(sentence)
            if len(key.split()) < _LEAST_WORDS or not _is_sentence(sentence) or _excused(sentence):
                continue
            if key in seen:
                repeated.setdefault(key, (sentence, seen[key], section.heading))
            seen.setdefault(key, section.heading)
    if repeated:
        sentence, first, second = next(iter(repeated.values()))
        told = counted(len(repeated), "sentence stands", "sentences stand")
        where = f"in “{first}” and “{second}”" if first != second else f"in “{first}”"
        yield warning(
            context,
            "repeated_sentences",
            f"{told} more than once{', the first' if len(repeated) > 1 else ''} {where}",
            sentence,
            "say it once",
        )


def repeated_passages(context: Context) -> Iterator[Finding]:
    """Three sentences in a row that come again nearly word for word, elsewhere in the main part."""
    windows = [w for s in context.manuscript.sections for w in _windows(s.heading, _prose(s.text))]
    places: dict[str, list[int]] = {}
    for i, window in enumerate(windows):
        shared = Counter(
            j
            for gram in window.grams
            for j in places.get(gram, ())
            if j < i - 2 or windows[j].heading != window.heading
        )
        for gram in window.grams:
            places.setdefault(gram, []).append(i)
        best, common = max(shared.items(), key=lambda item: item[1], default=(0, 0))
        if common >= _SHARED * min(len(window.grams), len(windows[best].grams) or 1):
            yield warning(
                context,
                "repeated_passages",
                f"a passage of “{windows[best].heading}” comes again, nearly word for word, in “{window.heading}”",
                window.text,
                "say it once",
            )
            return


class _Window(NamedTuple):
    heading: str
    text: str
    grams: frozenset[str]


def _windows(heading: str, found: Sequence[str]) -> Iterator[_Window]:
    for i in range(len(found) - 2):
        text = " ".join(found[i : i + 3])
        words = _key(text).split()
        whole = all(s.rstrip('”")').endswith((".", "!", "?")) for s in found[i : i + 3])
        told = _is_sentence(text) and len(_FUNCTION.findall(text)) >= 5
        if len(words) >= _PASSAGE_WORDS and whole and told and not _has_formula(text):
            yield _Window(heading, text, frozenset(" ".join(words[k : k + 4]) for k in range(len(words) - 3)))


def copied_abstract(context: Context) -> Iterator[Finding]:
    """Sentences of the abstract that the text repeats word for word."""
    abstract = {_key(s): s for s in prose_sentences(context.manuscript.abstract)}
    body = {_key(s) for section in context.manuscript.sections for s in prose_sentences(section.text)}
    copied = [s for key, s in abstract.items() if key in body and len(key.split()) >= _LEAST_WORDS]
    if len(copied) >= 2:
        yield note(
            context,
            "copied_abstract",
            f"{len(copied)} sentences of the abstract stand word for word in the text",
            copied[0],
            "write the abstract in its own words",
        )


def _prose(text: str) -> list[str]:
    """The sentences of the paragraphs that are no captions."""
    return [s for p in re.split(r"\n\s*\n", text) if not _CAPTION.match(p) for s in prose_sentences(p)]


def _key(sentence: str) -> str:
    return re.sub(r"[^a-z0-9.%]+", " ", sentence.lower()).strip(" .")


def _excused(sentence: str) -> bool:
    """A premise, a formula, or the second half of a sentence that a page or a table cut."""
    return bool(_PREMISE.match(sentence) or _has_formula(sentence)) or not sentence[:1].isupper()


def _has_formula(text: str) -> bool:
    return _FORMULA.search(_CITATION.sub(" ", text)) is not None


def _is_sentence(text: str) -> bool:
    """Whole, with the small words that legends of figures and rows of tables lack."""
    return (
        text.rstrip('”")').endswith((".", "!", "?")) and len(_FUNCTION.findall(text)) >= 2 and not _POINTER.search(text)
    )
