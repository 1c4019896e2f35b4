"""What went wrong with a provider, from whatever its client raised, and how long to wait before asking again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scientist.models.endpoint import Fault, FaultKind
from scientist.retry_after import seconds_to_wait

TOO_LONG = (
    "context_length_exceeded", "exceed_context_size", "maximum context length", "context window", "context size",
    "prompt is too long", "input is too long", "too many input tokens", "input token count",
)  # fmt: skip
"""What providers say of a prompt that does not fit; each its own way."""
SPENT = ("insufficient_quota", "credit balance", "billing")
"""What providers say of an account without money, with a status that says "busy"."""


@dataclass(frozen=True)
class Patience:
    """How often one request is tried and how long it may wait in all; seconds.

    ``call_s`` is the wall time of one attempt, however slowly its bytes come.
    """

    attempts: int = 6
    call_s: float = 300.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    total_wait_s: float = 300.0

    def waits(self, seed: str) -> Iterator[float]:
        """The pause after each failed attempt: doubling, with jitter that the same seed repeats."""
        jitter = random.Random(seed)
        for attempt in range(self.attempts - 1):
            yield min(self.longest_wait_s, self.first_wait_s * 2**attempt) * jitter.uniform(0.5, 1.0)


def fault_of(error: BaseException) -> Fault:
    """The fault behind an exception of a provider's client, judged by status, by type and by its causes' types."""
    status = _status(error)
    said = _said(error)
    lower = _everything(error).lower()
    names = _names(error)
    if "ContextOverflowError" in names or (status in (400, 413, 422, 500) and any(t in lower for t in TOO_LONG)):
        return Fault(FaultKind.CONTEXT, said)
    if status in (401, 402, 403, 404) or (status == 429 and any(t in lower for t in SPENT)):
        return Fault(FaultKind.DENIED, said)
    if status == 429:
        return Fault(FaultKind.RATE_LIMIT, said, _retry_after(error))
    if status in (408, 409, 425) or (status is not None and status >= 500):
        return Fault(FaultKind.SERVER_ERROR, said, _retry_after(error))
    if status is not None and status >= 400:
        return Fault(FaultKind.REJECTED, said)
    if names & _UNOPENED:
        return Fault(FaultKind.UNREACHED, said)
    if any("Timeout" in name for name in names):
        return Fault(FaultKind.TIMEOUT, said)
    if any(("Connect" in name or "Protocol" in name or name in _BROKEN) for name in names):
        return Fault(FaultKind.DROPPED, said)
    if "NotImplementedError" in names:
        return Fault(FaultKind.REJECTED, said)
    return Fault(FaultKind.SERVER_ERROR, f"what came back cannot be read ({type(error).__name__}: {said})")


_UNOPENED = frozenset({"ConnectError", "ConnectTimeout", "ProxyError", "ConnectionRefusedError", "gaierror"})
_BROKEN = frozenset({"ReadError", "WriteError", "TransportError", "OSError", "JSONDecodeError", "DecodingError"})


def _status(error: BaseException) -> int | None:
    for cause in _chain(error):
        for holder in (cause, getattr(cause, "response", None)):
            for field in ("status_code", "code"):
                value = getattr(holder, field, None)
                if isinstance(value, int) and 100 <= value < 600:
                    return value
    return None


def _retry_after(error: BaseException) -> float | None:
    for cause in _chain(error):
        headers: Any = getattr(getattr(cause, "response", None), "headers", None)
        if headers is not None and (seconds := seconds_to_wait(headers.get("retry-after"))) is not None:
            return seconds
    return None


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 400 else text[:397] + "..."


def _everything(error: BaseException) -> str:
    """What the error says, with the provider's own words and code where its client keeps them apart."""
    parts = [str(error), *(str(getattr(cause, "body", "")) for cause in _chain(error))]
    return " ".join((*parts, *(str(getattr(cause, "code", "")) for cause in _chain(error))))


def _names(error: BaseException) -> set[str]:
    return {base.__name__ for cause in _chain(error) for base in type(cause).__mro__}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error = error.__cause__ or error.__context__
        seen += 1
