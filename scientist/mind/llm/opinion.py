"""One reviewer's filled form: the schema that a model replies in, what is wrong with a reply, and the reply read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from scientist.mind.llm.quoting import find_quote
from scientist.mind.reading import squeeze, words
from scientist.mind.scales import allowed
from scientist.types import FormField, Frozen, Manuscript, Point, ReviewForm

MOST_POINTS = 8
"""Strengths, weaknesses or questions that are kept; more of them say less."""

_FEW: dict[str, Any] = {"maxItems": 6}
"""Told to constrained decoding, which weak models would else never leave; a longer list of others is no fault."""

_SHORTEST_SUMMARY = 12


class QuotedPoint(BaseModel):
    text: str
    quote: str


class Opinion(Frozen):
    """A form as one reviewer filled it. ``lost`` are the quotes that do not stand in the manuscript."""

    summary: str
    strengths: tuple[Point, ...]
    weaknesses: tuple[Point, ...]
    questions: tuple[str, ...]
    limitations: str
    ethical_concerns: bool
    scores: dict[str, int]
    reasons: dict[str, str]
    lost: tuple[str, ...]


def opinion_type(form: ReviewForm, bounds: Mapping[str, tuple[int, int]] | None = None) -> type[BaseModel]:
    """The reply's schema: text first, then each score after its reason; ``bounds`` narrow the scores."""
    points: Any = (list[QuotedPoint], Field(json_schema_extra=_FEW))
    scored: dict[str, Any] = {}
    for field in form.fields:
        low, high = (bounds or {}).get(field.name, (field.low, field.high))
        scored[f"{field.name}_reason"] = (str, ...)
        scored[field.name] = (Literal[tuple(score for score in allowed(field) if low <= score <= high)], ...)
    return create_model(
        "FilledForm",
        summary=(str, ...),
        strengths=points,
        weaknesses=points,
        questions=(list[str], Field(json_schema_extra=_FEW)),
        limitations=(str, ...),
        ethical_concerns=(bool, ...),
        **scored,
    )


def objection(reply: Any, form: ReviewForm) -> str | None:
    """What makes a filled form useless, in words for the reviewer; None if nothing does."""
    if len(words(reply.summary)) < _SHORTEST_SUMMARY:
        return "summary: say in whole sentences what the manuscript does and finds."
    if not reply.strengths and not reply.weaknesses:
        return "strengths and weaknesses are both empty: give at least one point, with the words that it rests on."
    if any(not p.text.strip() for p in (*reply.strengths, *reply.weaknesses)):
        return "a strength or weakness has no text."
    missing = [f.name for f in form.fields if not getattr(reply, f"{f.name}_reason").strip()]
    if missing:
        return f"no reason is given for: {', '.join(missing)}."
    if reply.overall < form.accept_at and not reply.weaknesses:
        return f"overall {reply.overall} rejects the manuscript, but no weakness says why."
    return None


def read_opinion(reply: Any, form: ReviewForm, manuscript: Manuscript) -> Opinion:
    """The reply with its quotes looked up: points whose quote is not in the manuscript are left out and told."""
    lost: list[str] = []

    def points(given: list[QuotedPoint]) -> tuple[Point, ...]:
        kept: dict[str, Point] = {}
        for point in given:
            span = find_quote(manuscript, point.quote)
            if span is None:
                lost.append(squeeze(point.quote))
            else:
                kept.setdefault(squeeze(point.text).casefold(), Point(text=squeeze(point.text), span=span))
        return tuple(kept.values())[:MOST_POINTS]

    return Opinion(
        summary=squeeze(reply.summary),
        strengths=points(reply.strengths),
        weaknesses=points(reply.weaknesses),
        questions=tuple(dict.fromkeys(q for q in map(squeeze, reply.questions) if q))[:MOST_POINTS],
        limitations=squeeze(reply.limitations),
        ethical_concerns=reply.ethical_concerns,
        scores={f.name: getattr(reply, f.name) for f in form.fields},
        reasons={f.name: squeeze(getattr(reply, f"{f.name}_reason")) for f in form.fields},
        lost=tuple(lost),
    )


def scales(form: ReviewForm) -> tuple[str, ...]:
    """One line a scored field: its scale, and what the scores mean."""
    return tuple(_scale(field) for field in form.fields)


def _scale(field: FormField) -> str:
    grades = {score: meaning.partition(": ") for score, meaning in sorted(field.meaning.items())}
    questions = {question for _, _, question in grades.values()}
    span = f"{field.name} ({field.low} to {field.high})"
    if len(questions) == 1 and (question := questions.pop()):
        return f"{span}: {question}? " + ", ".join(f"{score} {grade}" for score, (grade, _, _) in grades.items())
    return f"{span}: " + "; ".join(f"{score} = {meaning}" for score, meaning in sorted(field.meaning.items()))
