"""One request put to one model until there is a valid reply: retries, repair, shorter prompts, other methods."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic

from scientist.errors import ModelError, ModelUnavailable, ReplyInvalid
from scientist.models.base import Check, Strength, T
from scientist.models.budget import PER_IMAGE, Budget, Settlement, likely_tokens, most_tokens
from scientist.models.endpoint import CHARGED, RETRIED, Answer, Endpoint, Fault, FaultKind, Method, Request, Turn
from scientist.models.faults import Patience
from scientist.models.ledger import Asked, Call, Ledger
from scientist.models.prices import Price
from scientist.models.replies import Judged, complaint, judge, whole
from scientist.models.schemas import schema_of
from scientist.prompts import Prompt
from scientist.workspace import write_text

REPAIRS = 2
"""How often a reply that is not valid goes back."""
QUOTED = 8000
"""Characters of a bad reply that the model is shown again."""


@dataclass(frozen=True)
class Question(Generic[T]):
    """What a stage asked."""

    prompt: Prompt
    reply: type[T]
    check: Check[T] | None
    images: tuple[Path, ...]
    max_tokens: int


@dataclass(frozen=True)
class Model:
    """One model, ready to be asked. ``methods`` is the order to try; ``proven`` whether the first has worked."""

    spec: str
    endpoint: Endpoint
    price: Price
    context: int | None
    methods: tuple[Method, ...]
    proven: bool
    call_s: float


@dataclass(frozen=True)
class Desk:
    """What every exchange shares: the record, the budget, patience, where replies are saved, who is told."""

    ledger: Ledger
    budget: Budget
    patience: Patience
    replies: Path
    emit: Callable[..., object]
    pause: Callable[[float], None]
    seed: int


class Refused(ModelUnavailable):
    """The model is there, and does not want to: it will be asked other things still."""


class Exchange(Generic[T]):
    """The state of one request at one model; ``run`` once."""

    def __init__(self, desk: Desk, model: Model, asked: Asked, question: Question[T]) -> None:
        self._desk = desk
        self._model = model
        self._asked = asked
        self._question = question
        self._prompt = question.prompt
        self._schema = schema_of(question.reply)
        self._methods = list(model.methods)
        self._proven = model.proven
        self._max_tokens = self._allowed(question.max_tokens)
        self._corrections: list[Turn] = []
        self._note = ""
        self._repairs = 0
        self._waits = desk.patience.waits(f"{desk.seed}:{asked.key}:{model.spec}")
        self._waited = 0.0
        self._faults = 0

    def run(self) -> tuple[T, Method]:
        """The valid reply, and the method that got it.

        Raises ModelUnavailable (also when the model refuses), ReplyInvalid, BudgetSpent, or ModelError for a prompt
        that cannot be made to fit.
        """
        self._fit()
        while True:
            judged, answer, status = self._patiently()
            if judged.reply is not None:
                return judged.reply, self._methods[0]
            if self._ignores_method(answer, status):
                self._methods.pop(0)
                continue
            self._repairs += 1
            if self._repairs > REPAIRS:
                raise self._hopeless(judged.problem, answer, status)
            self._tell("model.repaired", problem=judged.problem, status=status)
            self._correct(judged.problem, answer, status)

    # ------------------------------------------------------------------------------------ sending

    def _patiently(self) -> tuple[Judged[T], Answer, str]:
        """One answer, asked for again after faults that may pass."""
        while True:
            try:
                return self._once()
            except Fault as fault:
                if fault.kind is FaultKind.CONTEXT:
                    self._shrink(fault.message)
                elif fault.kind is FaultKind.REJECTED and len(self._methods) > 1:
                    self._methods.pop(0)
                    self._proven = False
                elif fault.kind in RETRIED:
                    self._wait(fault)
                else:
                    raise self._unavailable(fault, "") from fault

    def _once(self) -> tuple[Judged[T], Answer, str]:
        """One attempt, reserved, recorded and settled. Raises Fault or BudgetSpent."""
        request = self._request()
        sent_text = request.text() + (json.dumps(self._schema) if request.method != "json" else "")
        most = most_tokens(sent_text) + PER_IMAGE * len(request.images)
        worst = self._model.price.worst(most, request.max_tokens)
        with self._desk.budget.reserved(most + request.max_tokens, worst) as settlement:
            sent = self._desk.ledger.begin(self._asked, self._model.spec, most, request.max_tokens, worst)
            started = time.monotonic()
            try:
                answer = self._model.endpoint.send(request, min(self._model.call_s, settlement.seconds))
            except Fault as fault:
                charged = fault.kind in CHARGED
                lost = Answer("", input_tokens=most if charged else 0, output_tokens=self._max_tokens * charged)
                self._end(sent, request, lost, fault.kind.value, fault.message, started, settlement, last=False)
                raise
            if answer.input_tokens is None:
                answer = replace(answer, input_tokens=most)
            if answer.output_tokens is None:
                answer = replace(answer, output_tokens=most_tokens(answer.text))
            judged, status = self._judge(answer)
            last = judged.reply is not None or (self._repairs == REPAIRS and status != "refused")
            call = self._end(sent, request, answer, status, judged.problem, started, settlement, last=last)
        self._tell(
            "model.called", status=status, input_tokens=call.input_tokens, output_tokens=call.output_tokens,
            cached_tokens=call.cached_tokens, usd=call.usd, seconds=call.seconds, from_record=False,
        )  # fmt: skip
        return judged, answer, status

    def _end(
        self, sent: int, request: Request, answer: Answer, status: str, problem: str, started: float,
        settlement: Settlement, *, last: bool,
    ) -> Call:  # fmt: skip
        used_input, used_output = answer.input_tokens or 0, answer.output_tokens or 0
        usd = self._model.price.cost(used_input, used_output, answer.cached_tokens, answer.written_tokens)
        settlement.settle(used_input + used_output, usd)
        return self._desk.ledger.end(
            sent, self._asked, model=self._model.spec, method=request.method, request=request.text(),
            reply=answer.text, status=status, problem=problem, last=last, input_tokens=used_input,
            output_tokens=used_output, cached_tokens=answer.cached_tokens, usd=usd,
            seconds=round(time.monotonic() - started, 3),
        )  # fmt: skip

    def _request(self) -> Request:
        method = self._methods[0]
        user = self._prompt.user
        if method == "json":
            schema = json.dumps(self._schema, ensure_ascii=False)
            user += f"\nReply with one JSON object that fits this JSON schema, and nothing else:\n{schema}\n"
        turns = (Turn("system", self._prompt.system), Turn("user", user + self._note), *self._corrections)
        return Request(
            turns=turns, schema=self._schema, method=method, max_tokens=self._max_tokens,
            images=self._question.images, purpose=self._asked.purpose, label=self._asked.label,
            sample=self._asked.sample, number=self._desk.ledger.attempts(self._asked),
        )  # fmt: skip

    def _wait(self, fault: Fault) -> None:
        self._faults += 1
        wait = next(self._waits, None)
        if wait is None:
            raise self._unavailable(fault, f", {self._faults} times")
        wait = max(wait, fault.retry_after or 0.0)
        if self._waited + wait > self._desk.patience.total_wait_s:
            raise self._unavailable(fault, f"; it would have to be waited for {wait:.0f} s")
        self._tell("model.retried", fault=fault.kind.value, problem=fault.message, wait=round(wait, 2))
        self._desk.pause(wait)
        self._waited += wait

    # ------------------------------------------------------------------------------------ judging and mending

    def _judge(self, answer: Answer) -> tuple[Judged[T], str]:
        if answer.finish == "refusal":
            return Judged(None, f"the model refused: {answer.text[:200]}"), "refused"
        if not answer.text.strip():
            return Judged(None, "the reply was empty"), "empty"
        if answer.finish == "length" and not whole(answer.text):
            return Judged(None, f"the reply was cut off at {self._max_tokens} tokens"), "truncated"
        judged = judge(answer.text, self._question.reply, self._question.check)
        return judged, "ok" if judged.reply is not None else "invalid"

    def _ignores_method(self, answer: Answer, status: str) -> bool:
        """Whether the model did not take up the structured method, and another one can be tried."""
        return status == "invalid" and not self._proven and len(self._methods) > 1 and "{" not in answer.text

    def _correct(self, problem: str, answer: Answer, status: str) -> None:
        if status == "truncated":
            if self._model.price.strength is not Strength.WEAK:  # a weak model was not short of room: it rambles
                self._max_tokens = self._allowed(2 * self._max_tokens)
            self._note = f"\nYour last reply was too long and was cut off. Stay below {self._max_tokens // 2} words.\n"
        elif status in ("empty", "refused"):
            self._note = "\n" + complaint(problem) + "\n"
        else:
            self._corrections += [Turn("assistant", answer.text[:QUOTED]), Turn("user", complaint(problem))]

    def _allowed(self, max_tokens: int) -> int:
        return min(max_tokens, self._model.context // 2) if self._model.context else max_tokens

    def _fit(self) -> None:
        """Shorten a prompt that plainly does not fit; what the estimate misses, the provider says."""
        context = self._model.context
        if context is None:
            return
        while likely_tokens(self._prompt.system + self._prompt.user) + self._max_tokens > context:
            shorter = self._prompt.shrunk()
            if shorter is None:
                return
            self._prompt = shorter
        if self._prompt is not self._question.prompt:
            self._tell("model.shrunk", left_out=dict(self._prompt.left_out or {}))

    def _shrink(self, said: str) -> None:
        shorter = self._prompt.shrunk()
        if shorter is not None:
            self._prompt = shorter
            self._tell("model.shrunk", left_out=dict(shorter.left_out or {}), problem=said)
        elif self._corrections:
            self._corrections = []
        else:
            raise ModelError(
                f"{self._model.spec}: the prompt {self._asked.purpose} does not fit its context, and nothing more may "
                f"be left out of it: {said}",
                "use a model with a longer context, then: scientist resume",
            )

    # ------------------------------------------------------------------------------------ giving up

    def _unavailable(self, fault: Fault, times: str) -> ModelUnavailable:
        hint = {
            FaultKind.DENIED: "mend the key, the model's name or the account",
            FaultKind.REJECTED: "see what the provider says; another model or --method may do",
        }.get(fault.kind, "wait, or name another model")
        return ModelUnavailable(
            f"{self._model.spec} gave no answer to {self._asked.purpose} ({fault.kind.value}{times}): {fault.message}",
            f"{hint}, then: scientist resume; what was answered so far is kept",
        )

    def _hopeless(self, problem: str, answer: Answer, status: str) -> ModelError:
        if status == "refused":
            self._tell("model.refused", problem=problem)
            return Refused(
                f"{self._model.spec} refused {self._asked.purpose} {REPAIRS + 1} times: {answer.text[:200]}",
                "name another model, then: scientist resume",
            )
        return invalid(self._desk.replies, self._model.spec, self._asked, answer.text, problem)

    def _tell(self, kind: str, **data: Any) -> None:
        asked = self._asked
        self._desk.emit(
            kind, stage=asked.stage, purpose=asked.purpose, label=asked.label, model=self._model.spec,
            method=self._methods[0], **data,
        )  # fmt: skip


def invalid(folder: Path, spec: str, asked: Asked, reply: str, problem: str) -> ReplyInvalid:
    """The error for a reply that stayed invalid; the reply itself is saved in ``folder``."""
    stem = "-".join((asked.purpose.replace("/", "-"), *filter(None, (_slug(asked.label),))))
    path = folder / f"{stem}-{asked.ordinal}.txt"
    write_text(path, f"{spec}\n{asked.purpose} {asked.label} sample {asked.sample}\n{problem}\n\n{reply}\n")
    return ReplyInvalid(
        f"{spec}: the reply to {asked.purpose} is not valid, {REPAIRS + 1} times: {problem}",
        f"the reply is in {path}; name another model or --method, then: scientist resume",
    )


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in text.lower())[:40].strip("-")
