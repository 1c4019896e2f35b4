"""Recorded replies: what a script or a replayed run answers, found by purpose, label, sample and number.

A recording is JSON lines, written by hand or exported from a run. A line is ``{"purpose": "write/section", "label":
"results", "sample": 0, "reply": {...}}``. Where ``label`` or ``sample`` is absent, the line answers every one. Lines
that answer the same request are used in their order, each once; ``"repeat": true`` lets a line answer from then on.
``reply`` is the JSON value, or the model's text as it came. In place of ``reply``, ``"fault"`` names a misbehaviour.
The first line may instead say what was asked: ``{"topic": ..., "config": {...}}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import ValidationError

from scientist.errors import RecordingEnds, UsageError
from scientist.prompts import Prompt
from scientist.types import Frozen

FaultName = Literal[
    "rate_limit", "server_error", "timeout", "dropped", "truncated", "empty", "refusal", "wrong_language",
    "not_json", "invalid", "context", "denied",
]  # fmt: skip
FAULTS: frozenset[str] = frozenset(get_args(FaultName))


class Line(Frozen):
    """One recorded reply, or one recorded misbehaviour. In memory, ``reply`` may be a function of the prompt.

    ``retry_after`` goes with a fault, in seconds. The last four say where the line came from, for a replay.
    """

    purpose: str
    label: str | None = None
    sample: int | None = None
    reply: Any = None
    fault: FaultName | None = None
    retry_after: float | None = None
    repeat: bool = False
    key: str | None = None
    model: str | None = None
    ordinal: int | None = None
    status: str | None = None

    def text(self, prompt: Prompt | None) -> str:
        """The reply as a model would have sent it."""
        reply: Callable[[Prompt | None], Any] | Any = self.reply
        value = reply(prompt) if callable(reply) else reply
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def answers(self, purpose: str, label: str, sample: int) -> bool:
        return self.purpose == purpose and self.label in (None, label) and self.sample in (None, sample)


class Recording:
    """Lines, and which of them answers a request. It keeps no position: the asker says how many came before."""

    def __init__(self, lines: Iterable[Line | Mapping[str, Any]], name: str = "script") -> None:
        self.name = name
        self.lines = tuple(_line(line, f"{name}, line {n}") for n, line in enumerate(lines, 1))
        self._by_key = {line.key: line for line in self.lines if line.key}

    def exact(self, key: str) -> Line | None:
        """The line that answered the very same request."""
        return self._by_key.get(key)

    def model(self, stage: str) -> str:
        """The model that answered for a stage; for a recording that does not say, its own name as a script."""
        models = (line.model for line in self.lines if line.model and line.purpose.partition("/")[0] == stage)
        return next(models, f"scripted:{self.name}")

    def nth(self, purpose: str, label: str, sample: int, number: int) -> Line:
        """The line for the request's ``number``-th time, from 0. Raises RecordingEnds."""
        lines = [line for line in self.lines if line.answers(purpose, label, sample)]
        for place, line in enumerate(lines):
            if place == number or line.repeat:
                return line
        which = f"{purpose}{f' ({label})' if label else ''}, sample {sample}"
        raise RecordingEnds(
            f"{self.name} has {len(lines)} {'reply' if len(lines) == 1 else 'replies'} for {which}; "
            f"number {number + 1} was asked for",
            "add a line to the recording, or run without it: what was answered so far is kept",
        )


def read_lines(path: Path) -> Recording:
    """The recording in a JSON-lines file. Raises UsageError naming the line that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"{path} cannot be read as a recording: {e}", "name a JSON-lines file of replies") from e
    lines = []
    for number, row in enumerate(text.splitlines(), 1):
        if row.strip():
            try:
                value = json.loads(row)
                if number > 1 or not is_header(value):
                    lines.append(_line(value, f"{path}, line {number}"))
            except json.JSONDecodeError as e:
                raise UsageError(f"{path}, line {number}: not JSON: {e}", "a line is one JSON object") from e
    return Recording(lines, str(path))


def is_header(value: Any) -> bool:
    """Whether a recording's first line is no reply but says what was asked: ``{"topic": ..., "config": {...}}``."""
    return isinstance(value, dict) and "topic" in value and "purpose" not in value


def _line(line: Line | Mapping[str, Any], where: str) -> Line:
    if isinstance(line, Line):
        return line
    try:
        read = Line.model_validate(line)
    except ValidationError as e:
        first = e.errors()[0]
        raise UsageError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from e
    if (read.fault is None) == ("reply" not in line):
        raise UsageError(f"{where}: a line has either a reply or a fault")
    return read
