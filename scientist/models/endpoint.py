"""What lies between asking and a provider: one request, one answer, or a fault that says what may be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Protocol

Method = Literal["json_schema", "tools", "json"]
"""How the schema reaches the model: constrained decoding, a tool's parameters, or text in the prompt."""

Finish = Literal["stop", "length", "refusal"]
"""Why a model stopped."""


@dataclass(frozen=True)
class Turn:
    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Request:
    """One attempt at one reply. ``schema`` is JSON schema; ``images`` belong to the first user turn.

    ``purpose``, ``label``, ``sample`` and ``number`` (how many attempts came before) are for scripts; providers do not
    see them.
    """

    turns: tuple[Turn, ...]
    schema: dict[str, Any]
    method: Method
    max_tokens: int
    images: tuple[Path, ...] = ()
    purpose: str = ""
    label: str = ""
    sample: int = 0
    number: int = 0

    def text(self) -> str:
        """All that is sent, for people."""
        return "\n\n".join(f"[{turn.role}]\n{turn.text}" for turn in self.turns)


@dataclass(frozen=True)
class Answer:
    """A model's text, why it stopped, and what it counted; None where the provider does not say.

    ``cached_tokens`` of the input came from the provider's cache, ``written_tokens`` went into it.
    """

    text: str
    finish: Finish = "stop"
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    written_tokens: int = 0


class FaultKind(StrEnum):
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    UNREACHED = "unreached"
    """No connection opened: the provider has seen nothing."""
    CONTEXT = "context"
    """The prompt does not fit the model's context."""
    REJECTED = "rejected"
    """The request is not one that this model takes (a structured method that it lacks, for instance)."""
    DENIED = "denied"
    """No key, no such model, no money: asking again changes nothing."""


RETRIED = frozenset(
    {FaultKind.RATE_LIMIT, FaultKind.SERVER_ERROR, FaultKind.TIMEOUT, FaultKind.DROPPED, FaultKind.UNREACHED}
)
CHARGED = frozenset({FaultKind.TIMEOUT, FaultKind.DROPPED})
"""After these, the provider may have worked, and may charge for it."""


class Fault(Exception):
    """No answer came. ``retry_after`` is what the provider asked for, in seconds."""

    def __init__(self, kind: FaultKind, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry_after = retry_after


class Endpoint(Protocol):
    """One model, reached. Raises Fault, and no other exception that a provider can cause."""

    methods: tuple[Method, ...]
    """The structured methods to try, most promising first."""
    context: int | None
    """Tokens of prompt and reply together, where the endpoint knows better than the table of prices."""
    call_s: float | None
    """Wall time of one attempt, where this endpoint needs another limit than usual."""

    def send(self, request: Request, seconds: float) -> Answer:
        """The answer, within ``seconds`` of wall time."""

    def close(self) -> None:
        """Let go of connections and processes."""
