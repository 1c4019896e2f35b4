"""Why a paper was kept, and what it did and leaves open as far as its abstract says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from scientist.literature.words import Rarity, content_stems, content_words, stem
from scientist.types import Frozen, Paper, Reference


class Judgement(Frozen):
    """What a mind says of a reference: whether it bears on the question and why, what it did, what it leaves open."""

    keep: bool
    reason: str
    did: str = ""
    open: str = ""


Judge = Callable[[str, Sequence[Reference]], Mapping[str, Judgement]]
"""Judges references by their keys for a research question; a key that is missing is kept as it is."""


class SurveyRow(Frozen):
    """One paper of the survey table. ``did`` and ``open`` are empty where nobody said."""

    key: str
    title: str
    year: int | None
    reason: str
    did: str = ""
    open: str = ""


DID = re.compile(
    r"\b(we|our)\b|\b(this|the) (present )?(paper|work|article|study|survey|report|thesis)\b|\bhere\b|"
    r"\b(is|are) (proposed|presented|introduced|studied|shown)\b",
    re.IGNORECASE,
)
OPEN = re.compile(
    r"\bfuture (work|research|studies)\b|\bopen (problem|question|challenge|issue)s?\b|\bwe leave\b|"
    r"\bleft (open|for)\b|\bfurther (research|work|study|investigation)\b|\bremains? (an )?open\b|\blimitations?\b",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d“\"(])")
LONGEST = 400
SHARED = 4


def screened(
    question: str, references: Sequence[Reference], judge: Judge | None
) -> tuple[tuple[Reference, ...], tuple[SurveyRow, ...]]:
    """The references that ``judge`` keeps, with its reasons, and the survey table of them.

    Without a judge all are kept. A paper that the template names is kept whatever a judge says.
    """
    judged = judge(question, references) if judge and references else {}
    kept, rows = [], []
    for reference in references:
        verdict = judged.get(reference.key)
        if verdict is not None and not verdict.keep and not reference.related:
            continue
        if verdict is not None and verdict.keep and verdict.reason:
            reference = reference.model_copy(update={"reason": verdict.reason})
        kept.append(reference)
        rows.append(_row(reference, verdict))
    return tuple(kept), tuple(rows)


def shared_words(question: str, paper: Paper, rarity: Rarity) -> tuple[str, ...]:
    """The words of ``question`` whose stems the title or abstract holds, the rarest first."""
    theirs = content_stems(f"{paper.title} {paper.abstract}")
    words = {stem(w): w for w in reversed(content_words(question)) if stem(w) in theirs}
    return tuple(words[s] for s in sorted(words, key=lambda s: (-rarity.weight(s), s))[:SHARED])


def sentence_with(text: str, cue: re.Pattern[str]) -> str:
    """The first sentence of ``text`` that holds ``cue``; empty if there is none, or if it is too long to be one."""
    found = next((s for s in SENTENCE_END.split(text) if cue.search(s)), "")
    return found if len(found) <= LONGEST else ""


def _row(reference: Reference, verdict: Judgement | None) -> SurveyRow:
    paper = reference.paper
    return SurveyRow(
        key=reference.key,
        title=paper.title,
        year=paper.year,
        reason=reference.reason,
        did=(verdict.did if verdict else "") or sentence_with(paper.abstract, DID),
        open=(verdict.open if verdict else "") or sentence_with(paper.abstract, OPEN),
    )
