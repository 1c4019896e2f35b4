"""Budgets in USD, tokens and seconds: reserved at the worst case before a call, settled at what it cost."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from scientist.errors import BudgetSpent
from scientist.types import Usage

_PIECE = re.compile(r"[A-Za-z]{1,2}|[^\sA-Za-z]| {2,}|[^\S ]")
_RANDOM = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
"""Hashes, keys, encoded data: no tokenizer has words for them."""
PER_MESSAGE = 16
"""Tokens that a chat format adds to a message, at most."""
PER_IMAGE = 2000
"""Tokens of one picture, at most, at the sizes that we send."""


class Budget:
    """What may still be spent; None is no limit. ``spent`` is what the run cost before, in this process or another.

    ``seconds`` are wall time of calls: none is begun when they are over, and none may take longer than is left. Calls
    at the same time share what is left, and each counts its own time.
    """

    def __init__(
        self,
        usd: float | None = None,
        tokens: int | None = None,
        seconds: float | None = None,
        spent: Usage | None = None,
    ) -> None:
        spent = spent or Usage()
        self._usd = usd
        self._tokens = tokens
        self._seconds = seconds
        self._spent_usd = spent.usd
        self._spent_tokens = spent.input_tokens + spent.output_tokens
        self._spent_seconds = spent.seconds
        self._lock = threading.Lock()

    @contextmanager
    def reserved(self, tokens: int, usd: float | None) -> Iterator[Settlement]:
        """Hold the worst case for the time of one call. Raises BudgetSpent before it if that is more than is left."""
        with self._lock:
            self._refuse(tokens, usd or 0.0)
            self._spent_tokens += tokens
            self._spent_usd += usd or 0.0
            left = math.inf if self._seconds is None else self._seconds - self._spent_seconds
        settlement = Settlement(tokens, usd or 0.0, left)
        began = time.monotonic()
        try:
            yield settlement
        finally:
            with self._lock:
                self._spent_tokens += settlement.tokens - tokens
                self._spent_usd += settlement.usd - (usd or 0.0)
                self._spent_seconds += time.monotonic() - began

    def _refuse(self, tokens: int, usd: float) -> None:
        hint = "give a larger budget, then: scientist resume"
        if self._seconds is not None and self._spent_seconds >= self._seconds:
            raise BudgetSpent(
                f"model calls have taken {self._spent_seconds / 60:.1f} minutes, of {self._seconds / 60:g} that they "
                "may", hint,
            )  # fmt: skip
        if self._usd is not None and self._spent_usd + usd > self._usd:
            raise BudgetSpent(
                f"the next call may cost {usd:.4f} USD, and {max(0.0, self._usd - self._spent_usd):.4f} USD are left "
                f"of {self._usd:g}", hint,
            )  # fmt: skip
        if self._tokens is not None and self._spent_tokens + tokens > self._tokens:
            raise BudgetSpent(
                f"the next call may take {tokens:,} tokens, and {max(0, self._tokens - self._spent_tokens):,} are left "
                f"of {self._tokens:,}", hint,
            )  # fmt: skip


class Settlement:
    """What a call cost in the end; the worst case until ``settle``. It may take ``seconds`` of wall time at most."""

    def __init__(self, tokens: int, usd: float, seconds: float = math.inf) -> None:
        self.tokens = tokens
        self.usd = usd
        self.seconds = seconds

    def settle(self, tokens: int, usd: float | None) -> None:
        self.tokens = tokens
        self.usd = usd or 0.0


def most_tokens(text: str) -> int:
    """More tokens than ``text`` has: one for two letters, a digit, a mark, a blank run, and each byte beyond ASCII.

    For English, code and LaTeX, that is about twice of what tokenizers make of it; long runs without a blank, which
    may be random, count a token a character.
    """
    ascii_text = text if text.isascii() else text.encode("ascii", "ignore").decode()
    other_bytes = len(text.encode()) - len(ascii_text)
    random = sum(map(len, _RANDOM.findall(ascii_text)))
    return len(_PIECE.findall(ascii_text)) + random + other_bytes + PER_MESSAGE


def likely_tokens(text: str) -> int:
    """About as many tokens as ``text`` has: English takes some four bytes for one."""
    return len(text.encode()) // 4 + 1
