"""Asks a model whether the works that a paper cites say what it claims of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from scientist.literature.support import Judgement, Question
from scientist.models.base import Asker, Strength
from scientist.prompts import Material, render


class Judged(BaseModel):
    """The model's verdict on one sentence."""

    verdict: Literal["supports", "partly", "not"]
    reason: str


class Verdicts(BaseModel):
    sentences: list[Judged]


def judge_citations(asker: Asker, asked: Sequence[Question]) -> tuple[Judgement, ...]:
    """A verdict on each question, in one request; none from a weak model."""
    if not asked or asker.strength("write") is Strength.WEAK:
        return ()
    numbered = list(enumerate(asked, 1))
    materials = [
        material
        for n, q in numbered
        for material in (
            Material(name=f"sentence {n}", items=(q.sentence,), essential=True),
            Material(name=f"passages {n}", items=tuple(p.text for p in q.passages)),
        )
    ]
    prompt = render(
        "write/citations",
        materials=tuple(materials),
        numbers=[n for n, _ in numbered],
        keys=[q.key for q in asked],
    )

    def all_judged(reply: Verdicts) -> str | None:
        if len(reply.sentences) == len(asked):
            return None
        return f"{len(asked)} sentences are to be judged, the reply judges {len(reply.sentences)}"

    reply = asker.ask(prompt, Verdicts, check=all_judged, max_tokens=80 * len(asked) + 200)
    return tuple(Judgement(verdict=j.verdict, reason=" ".join(j.reason.split())) for j in reply.sentences)
