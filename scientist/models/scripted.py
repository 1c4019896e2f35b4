"""A fake model that plays a script: deterministic, able to play a competent run and every kind of bad reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scientist.errors import ModelUnavailable, ReplyInvalid
from scientist.models.base import Check, Strength, T
from scientist.models.budget import likely_tokens
from scientist.models.endpoint import Answer, Fault, FaultKind, Finish, Method, Request
from scientist.models.recording import Line, Recording, read_lines
from scientist.models.replies import judge
from scientist.prompts import Prompt

MISBEHAVED: dict[str, str] = {
    "truncated": '{"text": "and then it was cut o',
    "empty": "",
    "refusal": "I cannot help with that.",
    "wrong_language": '{"text": "Эта модель отвечает на другом языке, хотя её просили писать по-английски."}',
    "not_json": "Sure! Here is what you asked for: it is very good.",
    "invalid": '{"unheard_of": 1}',
}
"""What the faults that are replies look like."""
ERRORS: dict[str | None, FaultKind] = {
    "rate_limit": FaultKind.RATE_LIMIT,
    "server_error": FaultKind.SERVER_ERROR,
    "timeout": FaultKind.TIMEOUT,
    "dropped": FaultKind.DROPPED,
    "context": FaultKind.CONTEXT,
    "denied": FaultKind.DENIED,
}
"""The faults that come in place of a reply."""


class Script:
    """An Asker that plays a recording without a record of calls or a budget: for tests of what asks.

    ``lines`` are the recording's (see ``recording``), or its file; a reply may be a function of the prompt. A reply
    that is not valid is followed by the next line for the same request, at most twice, as a model is asked again.
    ``asked`` holds every prompt that was sent, one entry an attempt, and ``problems`` what was wrong with replies.
    """

    def __init__(
        self,
        lines: Iterable[Line | Mapping[str, Any]] | Path,
        *,
        strength: Strength = Strength.STRONG,
        sees: bool = False,
        name: str = "scripted",
    ) -> None:
        self.recording = read_lines(lines) if isinstance(lines, Path) else Recording(lines)
        self.asked: list[Prompt] = []
        self.problems: list[str] = []
        self._taken: Counter[tuple[str, str, int]] = Counter()
        self._strength = strength
        self._sees = sees
        self._name = name

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
        for _ in range(3):
            judged = judge(self._next(prompt, sample), reply, check)
            if judged.reply is not None:
                return judged.reply
            self.problems.append(judged.problem)
        raise ReplyInvalid(f"{self._name}: three invalid replies to {prompt.name}: {self.problems[-1]}")

    def sees(self, stage: str) -> bool:
        return self._sees

    def strength(self, stage: str) -> Strength:
        return self._strength

    def name(self, stage: str) -> str:
        return self._name

    def _next(self, prompt: Prompt, sample: int) -> str:
        request = (prompt.name, prompt.label, sample)
        line = self.recording.nth(*request, self._taken[request])
        self._taken[request] += 1
        self.asked.append(prompt)
        if line.fault is None:
            return line.text(prompt)
        if line.fault not in MISBEHAVED:
            raise ModelUnavailable(f"{self._name}: {line.fault} at {prompt.name}")
        return MISBEHAVED[line.fault]


class ScriptedModel:
    """The endpoint behind ``scripted:<file>``: its faults meet the same retries and repair as a provider's."""

    methods: tuple[Method, ...] = ("json_schema", "json")
    context: int | None = None
    call_s: float | None = None

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def send(self, request: Request, seconds: float) -> Answer:
        line = self._recording.nth(request.purpose, request.label, request.sample, request.number)
        tokens = likely_tokens(request.text())
        if line.fault in ERRORS:
            raise Fault(ERRORS[line.fault], f"scripted {line.fault}", line.retry_after)
        if line.fault is not None:
            text = MISBEHAVED[line.fault]
            finish: Finish = "length" if line.fault == "truncated" else "stop"
            finish = "refusal" if line.fault == "refusal" else finish
            return Answer(text, finish, tokens, likely_tokens(text))
        text = line.text(None)
        return Answer(text, "stop", tokens, likely_tokens(text))

    def close(self) -> None:
        pass
