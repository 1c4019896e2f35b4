"""The replies that the writer's prompts ask for: schemas made from the claims at hand, and what may be wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from scientist.mind.words import stems
from scientist.models.base import Check
from scientist.types import Evidence, Section

LEAST_WORDS = {
    "abstract": 60,
    "introduction": 80,
    "related_work": 40,
    "method": 60,
    "setup": 40,
    "results": 60,
    "discussion": 30,
    "limitations": 30,
    "conclusion": 20,
}
"""A section of fewer words is no section; the prompts ask for several times as many."""
MOST_TITLE_WORDS = 25

ECHO_WORDS, ECHO_SHARE = 6, 0.3
"""A text of which this share, counted in runs of so many words, stands in its instructions, says them back."""


class TitleReply(BaseModel):
    """The title of a paper."""

    title: str = Field(description="plain text, at most fifteen words")


def section_reply(evidence: Evidence) -> type[BaseModel]:
    written = create_model("WrittenSentence", **_sentence_fields(_claim_ids(evidence)))
    paragraph = create_model("WrittenParagraph", sentences=(list[written], ...))  # type: ignore[valid-type]
    return create_model(
        "WrittenSection",
        outline=(str, Field(description="the point of each paragraph, in order; not printed")),
        paragraphs=(list[paragraph], ...),  # type: ignore[valid-type]
    )


def mended_reply(evidence: Evidence) -> type[BaseModel]:
    number = (int, Field(description="the number of the sentence that is replaced"))
    written = create_model("MendedSentence", number=number, **_sentence_fields(_claim_ids(evidence)))
    return create_model("MendedSection", sentences=(list[written], ...))  # type: ignore[valid-type]


def changes_reply(evidence: Evidence, *, judged: bool) -> type[BaseModel]:
    change = create_model(
        "Change",
        sentence=(str, Field(description='the section and number before the sentence, such as "results 3"')),
        principle=(int, Field(description="the number of the principle that it breaks")),
        problem=(str, ...),
        **_sentence_fields(_claim_ids(evidence)),
    )
    judgement: dict[str, Any] = {"judgement": (str, ...)} if judged else {}
    return create_model("Reading", **judgement, changes=(list[change], ...))  # type: ignore[valid-type]


@cache
def _sentence_fields_of(ids: tuple[str, ...]) -> dict[str, Any]:
    claim: Any = Literal[ids] if ids else str
    return {
        "text": (str, Field(description="LaTeX text of one sentence")),
        "claims": (list[claim], Field(description="ids of the claims that the sentence rests on; often none")),
    }


def _sentence_fields(ids: tuple[str, ...]) -> dict[str, Any]:
    return dict(_sentence_fields_of(ids))


def _claim_ids(evidence: Evidence) -> tuple[str, ...]:
    return tuple(c.id for c in evidence.claims)


def own_text(name: str, instructions: str) -> Check[Any]:
    """A check that a section has more than a token length, and is not the ``instructions`` for it said back."""
    told = _runs(instructions)

    def check(reply: Any) -> str | None:
        texts = [s.text for p in reply.paragraphs for s in p.sentences]
        words, least = sum(len(text.split()) for text in texts), LEAST_WORDS[name]
        if words < least:
            return f"the section has {words} words: write it out, {least} at the very least"
        runs = [run for text in texts for run in _runs(text)]
        said_back = [run for run in runs if run in told]
        if len(said_back) > ECHO_SHARE * len(runs):
            return f'it says back what you were told to do ("{" ".join(min(said_back))}"): write the section itself'
        return None

    return check


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of ECHO_WORDS words in a text."""
    words = re.findall(r"[a-z]+", text.lower())
    return frozenset(tuple(words[i : i + ECHO_WORDS]) for i in range(len(words) - ECHO_WORDS + 1))


def some_change(reply: Any) -> str | None:
    return None if reply.sentences else "sentences is empty: give each refused sentence anew, or with an empty text"


def title_of(about: str) -> Check[TitleReply]:
    """A check that a title has a word of what the study is about, and can be printed as one."""

    def check(reply: TitleReply) -> str | None:
        if not set(stems(reply.title)) & set(stems(about)):
            return f"the title names nothing that the study is about ({about})"
        return "the title is too long" if len(reply.title.split()) > MOST_TITLE_WORDS else None

    return check


def known_places(sections: Sequence[Section]) -> Check[Any]:
    known = {f"{s.name} {i}" for s in sections for i in range(1, sum(len(p) for p in s.paragraphs) + 1)}

    def check(reply: Any) -> str | None:
        wrong = sorted({c.sentence for c in reply.changes if c.sentence.strip() not in known})
        told = "no sentence that you may change has the number"
        return f"{told} {', '.join(map(repr, wrong))}; write it as in the draft" if wrong else None

    return check
