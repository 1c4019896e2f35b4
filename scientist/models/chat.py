"""The Asker that runs use: models by stage, one record of all calls, one budget, a fallback, or a recording alone."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from scientist.errors import BudgetSpent, ModelUnavailable, RecordingEnds, UsageError
from scientist.models.base import Check, Strength, T
from scientist.models.endpoint import Endpoint, Method
from scientist.models.exchange import Desk, Exchange, Model, Question, Refused, invalid
from scientist.models.ledger import Asked, add
from scientist.models.prices import Price, Prices
from scientist.models.recording import Recording
from scientist.models.replies import judge
from scientist.models.schemas import schema_of
from scientist.prompts import Prompt
from scientist.types import Usage

DEFAULT = "default"


class Chat:
    """Implements Asker. ``reach`` opens a model by its name at first need; with a ``recording`` none is opened.

    ``models`` names a model for each stage, "default" for the others.
    """

    def __init__(
        self,
        models: Mapping[str, str],
        desk: Desk,
        reach: Callable[[str], Endpoint],
        prices: Prices,
        *,
        fallback: str | None = None,
        method: Method | None = None,
        temperature: float | None = None,
        recording: Recording | None = None,
    ) -> None:
        self._models = dict(models)
        self._desk = desk
        self._reach = reach
        self._prices = prices
        self._fallback = fallback
        self._method = method
        self._temperature = temperature
        self._recording = recording
        self._endpoints: dict[str, Endpoint] = {}
        self._down: set[str] = set()
        self._lock = threading.Lock()
        self._one_at_a_time: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._stopped_at = desk.ledger.last_key()

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
        question = Question(prompt, reply, check, images, max_tokens)
        key = self._key(question, sample)
        with self._lock:
            own = self._one_at_a_time[key]
        with own:
            asked = self._desk.ledger.asked(key, prompt.stage, prompt.name, prompt.label, sample)
            recorded = self._from_record(asked, question)
            if recorded is not None:
                return recorded
            if self._recording is not None:
                return self._replayed(asked, question, self._recording)
            return self._from_models(asked, question)

    def sees(self, stage: str) -> bool:
        return self.price(stage).vision

    def strength(self, stage: str) -> Strength:
        return self.price(stage).strength

    def name(self, stage: str) -> str:
        if stage in self._models:
            return self._models[stage]
        if DEFAULT in self._models:
            return self._models[DEFAULT]
        if self._recording is not None:
            return self._recording.model(stage)
        raise UsageError(f"no model is named for the stage {stage}", "name one with --model provider:name")

    def price(self, stage: str) -> Price:
        """What is known of the stage's model."""
        return self._prices.of(self.name(stage))

    def context(self, stage: str) -> int | None:
        """Tokens that the stage's model takes, prompt and reply together; opens the model."""
        return self._model(self.name(stage)).context

    def spent(self) -> dict[str, Usage]:
        """What each stage's calls cost so far, in this process and before."""
        return self._desk.ledger.spent()

    def total(self) -> Usage:
        return add(self.spent().values())

    def other(self, spec: str) -> Chat:
        """The same record, budget and settings with another model for every stage; it is closed with this one."""
        also = copy.copy(self)
        also._models = {DEFAULT: spec}
        return also

    def close(self) -> None:
        """Stop what was started and close the record."""
        for endpoint in self._endpoints.values():
            endpoint.close()
        self._endpoints.clear()
        self._desk.ledger.close()

    def __enter__(self) -> Chat:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------ from the record

    def _from_record(self, asked: Asked, question: Question[T]) -> T | None:
        """The reply that this very request got in this run. Raises ReplyInvalid if it got none that was valid.

        A run that stopped at an invalid reply is resumed in the hope of a better one: that request is asked again.
        """
        call = self._desk.ledger.answer(asked.key)
        if call is None or call.status == "budget":
            return None
        judged = judge(call.reply, question.reply, question.check)
        if judged.reply is not None:
            self._tell_recorded(asked, call.model)
            return judged.reply
        if call.status == "ok" or asked.key == self._stopped_at:
            self._stopped_at = None
            return None
        self._tell_recorded(asked, call.model)
        raise invalid(self._desk.replies, call.model, asked, call.reply, judged.problem)

    def _replayed(self, asked: Asked, question: Question[T], recording: Recording) -> T:
        line = recording.exact(asked.key)
        exact = line is not None
        if line is None:
            line = recording.nth(asked.purpose, asked.label, asked.sample, asked.ordinal)
        if line.fault is not None:
            raise RecordingEnds(f"{recording.name} holds a fault for {asked.purpose}", "faults play as scripted:<file>")
        spec = line.model or self.name(asked.stage)
        if line.status == "budget":
            self._end_unsent(asked, question, spec, "budget", "", "as recorded")
            raise BudgetSpent(f"the budget of the recorded run {recording.name} ended at {asked.purpose}")
        text = line.text(question.prompt)
        judged = judge(text, question.reply, question.check)
        self._end_unsent(asked, question, spec, "ok" if judged.reply is not None else "invalid", text, judged.problem)
        self._tell_recorded(asked, spec, exact=exact)
        if judged.reply is None:
            raise invalid(self._desk.replies, f"{recording.name} ({spec})", asked, text, judged.problem)
        return judged.reply

    def _end_unsent(
        self, asked: Asked, question: Question[T], spec: str, status: str, reply: str, problem: str
    ) -> None:
        """Record how a request ended that no provider saw."""
        prompt = question.prompt
        self._desk.ledger.end(
            self._desk.ledger.begin(asked, spec, 0, 0, None), asked, model=spec, method="none",
            request=f"[system]\n{prompt.system}\n\n[user]\n{prompt.user}", reply=reply, status=status, problem=problem,
            last=True, input_tokens=0, output_tokens=0, cached_tokens=0, usd=0.0, seconds=0.0,
        )  # fmt: skip

    def _tell_recorded(self, asked: Asked, model: str, *, exact: bool = True) -> None:
        self._desk.emit(
            "model.called", stage=asked.stage, purpose=asked.purpose, label=asked.label, model=model, status="ok",
            input_tokens=0, output_tokens=0, cached_tokens=0, usd=0.0, seconds=0.0, from_record=True, exact=exact,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------ from models

    def _from_models(self, asked: Asked, question: Question[T]) -> T:
        first = self.name(asked.stage)
        if self._fallback is None or self._fallback == first:
            return self._exchange(first, asked, question)
        if first not in self._down:
            try:
                return self._exchange(first, asked, question)
            except ModelUnavailable as e:
                self._desk.emit(
                    "model.fell_back", stage=asked.stage, purpose=asked.purpose, label=asked.label, model=first,
                    to=self._fallback, problem=e.message,
                )  # fmt: skip
                if not isinstance(e, Refused):
                    self._down.add(first)
        return self._exchange(self._fallback, asked, question)

    def _exchange(self, spec: str, asked: Asked, question: Question[T]) -> T:
        model = self._model(spec)
        try:
            reply, method = Exchange(self._desk, model, asked, question).run()
        except BudgetSpent as e:
            self._end_unsent(asked, question, spec, "budget", "", e.message)
            raise
        if not model.proven or method != model.methods[0]:
            self._desk.ledger.remember_method(spec, method)
        return reply

    def _model(self, spec: str) -> Model:
        with self._lock:
            if spec not in self._endpoints:
                self._endpoints[spec] = self._reach(spec)
            endpoint = self._endpoints[spec]
        price = self._prices.of(spec)
        known = self._desk.ledger.method(spec)
        methods = endpoint.methods
        if self._method is not None:
            methods = (self._method,)
        elif known is not None:
            methods = tuple(sorted(methods, key=lambda m: m != known))
        return Model(
            spec=spec, endpoint=endpoint, price=price, methods=methods,
            proven=known == methods[0] or self._method is not None,
            context=endpoint.context or price.context,
            call_s=endpoint.call_s or self._desk.patience.call_s,
        )  # fmt: skip

    def _key(self, question: Question[T], sample: int) -> str:
        """The hash of all that makes a request the same: model, prompt, schema, sample, images, parameters."""
        prompt = question.prompt
        return request_key(
            model=self.name(prompt.stage), system=prompt.system, user=prompt.user, purpose=prompt.name,
            label=prompt.label, schema=schema_of(question.reply), sample=sample, max_tokens=question.max_tokens,
            temperature=self._temperature,
            images=[hashlib.sha256(image.read_bytes()).hexdigest() for image in question.images],
        )  # fmt: skip


def request_key(**parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
