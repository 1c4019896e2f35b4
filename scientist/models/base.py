"""What a mind asks of a language model: one structured reply to one prompt, however many tries it takes."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel

from scientist.prompts import Prompt

T = TypeVar("T", bound=BaseModel)

Check = Callable[[T], str | None]
"""What is wrong with a reply that fits its schema, in words for the model; None if nothing is."""


class Strength(StrEnum):
    """How much freedom a model can be given, from what it has been seen to do."""

    WEAK = "weak"
    """Chooses from lists."""
    MEDIUM = "medium"
    """Fills in a named function."""
    STRONG = "strong"
    """Edits files."""


class Asker(Protocol):
    """Whoever gets replies from models: with a budget, a record of calls, retries and repair."""

    def ask(
        self,
        prompt: Prompt,
        reply: type[T],
        *,
        check: Check[T] | None = None,
        sample: int = 0,
        images: tuple[Path, ...] = (),
        max_tokens: int = 2048,
    ) -> T:
        """The model's reply to ``prompt``, valid under ``reply`` and ``check``.

        ``prompt.stage`` chooses the model. A reply that is not valid goes back with what is wrong, at most twice.
        ``sample`` tells repeated draws of one prompt apart; the same prompt and sample is answered from the record of
        calls. ``images`` are paths of PNG files. Raises ModelUnavailable, ReplyInvalid, BudgetSpent or RecordingEnds.
        """

    def sees(self, stage: str) -> bool:
        """Whether the stage's model reads images."""

    def strength(self, stage: str) -> Strength:
        """How much freedom the stage's model can be given."""

    def name(self, stage: str) -> str:
        """The stage's model, as the user named it."""
