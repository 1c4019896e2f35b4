"""Drafts an author's answers to a review with a model; what an answer quotes and counts is looked up in the paper."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, create_model

from scientist.mind.llm.quoting import find_quote
from scientist.mind.reading import all_text, squeeze
from scientist.models.base import Asker
from scientist.prompts import Material, Prompt, render
from scientist.types import Frozen, Manuscript, Review, Span

MOST_POINTS = 12
"""Points of a review that are answered: its questions first, then its weaknesses."""

_REPLY_TOKENS = 3500
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

Stance = Literal["answered", "change", "granted"]


class Answer(Frozen):
    """The draft answer to one point. ``span`` is what it quotes, None where that does not stand in the manuscript;
    ``unknown`` are its numbers that stand neither in the manuscript nor in the point."""

    point: str
    stance: Stance
    answer: str
    change: str = ""
    span: Span | None = None
    unknown: tuple[str, ...] = ()


class Rebuttal(Frozen):
    answers: tuple[Answer, ...]
    model: str


def draft_rebuttal(asker: Asker, manuscript: Manuscript, review: Review, *, venue: str = "the venue") -> Rebuttal:
    """Draft answers to the questions and weaknesses of a review. Raises ReplyInvalid or BudgetSpent."""
    points = points_of(review)
    if not points:
        return Rebuttal(answers=(), model=asker.name("review"))
    reply: Any = asker.ask(
        rebuttal_prompt(manuscript, review, venue),
        _reply_type(len(points)),
        check=lambda r: _objection(r, len(points)),
        max_tokens=_REPLY_TOKENS,
    )
    known = set(_NUMBER.findall(all_text(manuscript)))
    given = sorted(reply.answers, key=lambda a: int(a.number))
    answers = (_answer(drafted, point, manuscript, known) for drafted, point in zip(given, points, strict=True))
    return Rebuttal(answers=tuple(answers), model=asker.name("review"))


def points_of(review: Review) -> tuple[str, ...]:
    """What is to be answered, each once."""
    said = (*review.questions, *(w.text for w in review.weaknesses))
    return tuple(dict.fromkeys(squeeze(s) for s in said if s.strip()))[:MOST_POINTS]


def rebuttal_prompt(manuscript: Manuscript, review: Review, venue: str) -> Prompt:
    points = points_of(review)
    captions = "\n".join(f"{f.label}: {squeeze(f.caption)}" for f in manuscript.floats)
    listed = "\n".join(f"{n}. {point}" for n, point in enumerate(points, 1))
    sections = tuple(f"{s.heading}\n{s.text}" for s in manuscript.sections if s.text.strip())
    return render(
        "review/rebuttal",
        materials=(
            Material(name="front", items=(f"{manuscript.title}\n\nAbstract\n{manuscript.abstract}",), essential=True),
            Material(name="points", items=(listed,), essential=True),
            Material(name="summary", items=(review.summary,), essential=True),
            Material(name="sections", items=sections),
            Material(name="captions", items=(captions,) if captions else ()),
        ),
        venue=venue,
        count=len(points),
        has_captions=bool(captions),
    )


def _reply_type(count: int) -> type[BaseModel]:
    number: Any = Literal[tuple(range(1, count + 1))]
    drafted = create_model(
        "DraftAnswer",
        number=(number, ...),
        stance=(Stance, ...),
        answer=(str, ...),
        quote=(str, ...),
        change=(str, ...),
    )
    listed: Any = list[drafted]  # type: ignore[valid-type]
    return create_model("DraftAnswers", answers=(listed, ...))


def _objection(reply: Any, count: int) -> str | None:
    numbers = sorted(a.number for a in reply.answers)
    if numbers != list(range(1, count + 1)):
        return f"answers: give exactly one for each of the points 1 to {count}; there are answers to {numbers}."
    empty = [a.number for a in reply.answers if not a.answer.strip()]
    return f"the answers to {empty} are empty." if empty else None


def _answer(drafted: Any, point: str, manuscript: Manuscript, known: set[str]) -> Answer:
    text, change = squeeze(drafted.answer), squeeze(drafted.change)
    given = known | set(_NUMBER.findall(point))
    unknown = (n for n in _NUMBER.findall(f"{text} {change}") if n not in given)
    return Answer(
        point=point,
        stance=drafted.stance,
        answer=text,
        change=change,
        span=find_quote(manuscript, drafted.quote),
        unknown=tuple(dict.fromkeys(unknown)),
    )
