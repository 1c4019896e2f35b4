"""A model's text as the reply that was asked for, or what is wrong with it, in words that the model can use."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic

from pydantic import ValidationError

from scientist.models.base import Check, T

FOREIGN_SHARE = 0.3
"""A reply whose letters are non-Latin beyond this share is not English."""
LETTERS_NEEDED = 30
"""With fewer letters than this, the language is not judged."""
PROBLEMS_TOLD = 8
"""So many problems of one reply are told to the model at once."""


@dataclass(frozen=True)
class Judged(Generic[T]):
    """A reply that can be used, or the problem with it; exactly one of the two is there."""

    reply: T | None
    problem: str = ""


def judge(text: str, model: type[T], check: Check[T] | None = None) -> Judged[T]:
    """Read ``text`` as ``model``: JSON, then the language, then the schema, then what only the stage knows."""
    if not text.strip():
        return Judged(None, "the reply was empty")
    try:
        value = decode(text)
        if problem := damaged_text(value) or foreign(value):
            return Judged(None, problem)
        reply = model.model_validate(value)
    except ValidationError as e:
        return Judged(None, _told(e))
    except ValueError as e:
        return Judged(None, str(e))
    problem = check(reply) if check else None
    return Judged(None, problem) if problem else Judged(reply)


def decode(text: str) -> Any:
    """The first JSON object in ``text``, whatever stands around it. Raises ValueError that says what is wrong."""
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    first: json.JSONDecodeError | None = None
    while start >= 0:
        try:
            return decoder.raw_decode(text, start)[0]
        except json.JSONDecodeError as e:
            first = first or e
            start = text.find("{", start + 1) if e.pos <= start + 1 else -1
    if first is None:
        raise ValueError("the reply holds no JSON object")
    told = " (in a JSON string a backslash is written twice: \\\\ref)" if "escape" in first.msg else ""
    raise ValueError(f"the reply is not valid JSON: {first.msg} at line {first.lineno}, column {first.colno}{told}")


def whole(text: str) -> bool:
    """Whether ``text`` is one complete JSON object: a reply cut off by a limit can still be complete."""
    try:
        json.loads(text, strict=False)
    except ValueError:
        return False
    return True


def damaged_text(value: Any) -> str | None:
    r"""The problem of a single backslash that JSON read as a control character (``\ref`` as a return and "ef")."""
    for string in _strings(value):
        for character in string:
            if unicodedata.category(character) == "Cc" and character not in "\n\t":
                place = string[max(0, string.index(character) - 20) :][:40]
                return (
                    f"the text {place!r} holds a control character: "
                    "in a JSON string a backslash is written twice (\\\\ref, \\\\beta)"
                )
    return None


def foreign(value: Any) -> str | None:
    """The problem of a reply that is not in English, judged by its letters alone."""
    letters = [c for string in _strings(value) for c in string if c.isalpha()]
    if len(letters) < LETTERS_NEEDED:
        return None
    others = sum(not c.isascii() and not unicodedata.name(c, "").startswith("LATIN") for c in letters)
    if others / len(letters) <= FOREIGN_SHARE:
        return None
    return "the reply is not in English; write all text in English"


def complaint(problem: str) -> str:
    """What is said to the model about its last reply."""
    return (
        f"Your reply cannot be used: {problem}\nReply again with all of the requested fields, mended, and nothing else."
    )


def _told(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=True)
    lines = [f"{_place(p['loc'])}: {p['msg']}{_given(p)}" for p in problems[:PROBLEMS_TOLD]]
    if len(problems) > PROBLEMS_TOLD:
        lines.append(f"and {len(problems) - PROBLEMS_TOLD} more problems")
    return "it does not fit the schema: " + "; ".join(lines)


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "the reply"


def _given(problem: Any) -> str:
    if problem["type"] == "missing":
        return ""
    given = json.dumps(problem["input"], ensure_ascii=False, default=str)
    return f" (got {given if len(given) <= 80 else given[:77] + '...'})"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
