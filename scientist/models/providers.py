"""Models of any provider that LangChain knows, reached through ``init_chat_model`` with a hard limit on wall time."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scientist.errors import EnvironmentProblem, UsageError
from scientist.models.endpoint import Answer, Fault, FaultKind, Finish, Method, Request
from scientist.models.faults import fault_of

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

EXTRAS = {
    "openai": ("langchain_openai", "openai"),
    "azure_openai": ("langchain_openai", "openai"),
    "anthropic": ("langchain_anthropic", "anthropic"),
    "google_genai": ("langchain_google_genai", "google"),
    "ollama": ("langchain_ollama", "ollama"),
}
"""Provider: the package that it needs, and the extra that brings it."""
METHODS: dict[str, tuple[Method, ...]] = {"anthropic": ("tools", "json_schema", "json")}
"""The order in which structured methods are tried; the usual one where a provider is not named."""
USUAL: tuple[Method, ...] = ("json_schema", "tools", "json")
LENGTH_FIELD = {"ollama": "num_predict", "google_genai": "max_output_tokens"}
"""What a provider's client calls the most tokens of a reply, where it is not ``max_tokens``."""
CACHED_SYSTEM = 4000
"""From so many characters on, a provider that must be asked to cache the system part is asked."""
GRACE_S = 5.0
"""Seconds for letting go of a connection whose time is over."""


class LangChainModel:
    """One chat model of one provider."""

    context: int | None
    call_s: float | None

    def __init__(
        self, model: BaseChatModel, provider: str, *, context: int | None = None, call_s: float | None = None,
        seed: int | None = None,
    ) -> None:  # fmt: skip
        self.methods = METHODS.get(provider, USUAL)
        self.context = context
        self.call_s = call_s
        self._model = model
        self._provider = provider
        self._seed = seed

    def send(self, request: Request, seconds: float) -> Answer:
        """The answer; raises Fault. A silent, slow or dripping server is cut off after ``seconds``."""
        work = asyncio.run_coroutine_threadsafe(asyncio.wait_for(self._ask(request), seconds), _loop())
        try:
            return _answer(work.result(timeout=seconds + GRACE_S))
        except TimeoutError as e:
            raise Fault(FaultKind.TIMEOUT, f"no answer within {seconds:g} s") from e
        except Fault:
            raise
        except Exception as e:  # each provider's client raises its own kinds; fault_of tells them apart
            if (cut := _cut_off(e)) is not None:
                return cut
            raise fault_of(e) from e
        finally:
            work.cancel()

    def close(self) -> None:
        pass

    async def _ask(self, request: Request) -> AIMessage:
        model = self._prepared(request)
        messages = _messages(request, cached=self._provider == "anthropic")
        if request.method == "json":
            message: AIMessage = await model.ainvoke(messages)
            return message
        kind = {"json_schema": "json_schema", "tools": "function_calling"}[request.method]
        options: dict[str, Any] = {"strict": True} if self._provider == "openai" else {}
        try:
            structured = model.with_structured_output(request.schema, method=kind, include_raw=True, **options)
        except (NotImplementedError, TypeError, ValueError) as e:
            raise Fault(FaultKind.REJECTED, f"{request.method} is not there: {e}") from e
        result: Any = await structured.ainvoke(messages)
        raw: AIMessage = result["raw"]
        return raw

    def _prepared(self, request: Request) -> BaseChatModel:
        values: dict[str, Any] = {LENGTH_FIELD.get(self._provider, "max_tokens"): request.max_tokens}
        if self._seed is not None:
            values["seed"] = self._seed + request.sample + request.number
        if self._provider == "ollama" and self.context:
            values["num_ctx"] = self.context
        return self._model.model_copy(update=values)


def open_provider(
    spec: str, *, base_url: str | None, temperature: float | None, context: int | None = None,
    call_s: float | None = None, seed: int | None = None,
) -> LangChainModel:  # fmt: skip
    """The model ``provider:name``. Raises EnvironmentProblem for a missing package or key, else UsageError."""
    provider, _, name = spec.partition(":")
    if not name:
        hint = 'write provider:name, as in "openai:gpt-4.1" or "ollama:llama3.2"'
        raise UsageError(f"{spec!r} does not say whose model it is", hint)
    package, extra = EXTRAS.get(provider, (f"langchain_{provider}", ""))
    missing = next((p for p in ("langchain", package) if find_spec(p) is None), None)
    if missing:
        what = f'"scientist[{extra}]"' if extra else f"langchain {package.replace('_', '-')}"
        raise EnvironmentProblem(f"{spec} needs the package {missing}", f"pip install {what}")
    options: dict[str, Any] = {"max_retries": 0}
    if temperature is not None:
        options["temperature"] = temperature
    if base_url is not None:
        options["base_url"] = base_url
        _reach_loopback_directly(base_url)
        if provider == "openai" and not os.environ.get("OPENAI_API_KEY"):
            options["api_key"] = "none"  # a server of one's own asks for none, the client insists on one
    return LangChainModel(_init(spec, provider, name, options), provider, context=context, call_s=call_s, seed=seed)


def _init(spec: str, provider: str, name: str, options: dict[str, Any]) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(name, model_provider=provider, **options)
    except ImportError as e:
        raise EnvironmentProblem(f"{spec}: {e}", f"install what LangChain needs for {provider}") from e
    except Exception as e:  # a key that is not there is an error of each client's own kind
        hint = f"set the provider's key, as in {provider.upper()}_API_KEY, or --base-url for a server of your own"
        raise EnvironmentProblem(f"{spec} cannot be opened: {str(e).splitlines()[0]}", hint) from e
    return model


def _messages(request: Request, *, cached: bool) -> list[Any]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    messages: list[Any] = []
    for turn in request.turns:
        if turn.role == "assistant":
            messages.append(AIMessage(turn.text))
        elif turn.role == "system" and cached and len(turn.text) >= CACHED_SYSTEM:
            part = {"type": "text", "text": turn.text, "cache_control": {"type": "ephemeral"}}
            messages.append(SystemMessage([part]))
        elif turn.role == "system":
            messages.append(SystemMessage(turn.text))
        elif request.images and not any(isinstance(m, HumanMessage) for m in messages):
            parts: list[Any] = [{"type": "text", "text": turn.text}, *map(_picture, request.images)]
            messages.append(HumanMessage(parts))
        else:
            messages.append(HumanMessage(turn.text))
    return messages


def _picture(path: Path) -> dict[str, Any]:
    data = base64.b64encode(path.read_bytes()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


LENGTH = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
REFUSAL = frozenset({"content_filter", "refusal", "safety", "prohibited_content", "recitation", "blocklist"})


def _answer(message: AIMessage) -> Answer:
    details = message.response_metadata
    reason = str(next((details[k] for k in ("finish_reason", "stop_reason", "done_reason") if details.get(k)), ""))
    reason = str((details.get("incomplete_details") or {}).get("reason") or reason)
    finish: Finish = "length" if reason.lower() in LENGTH else "refusal" if reason.lower() in REFUSAL else "stop"
    text = str(message.text)
    if message.tool_calls:
        text = json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    elif message.invalid_tool_calls:
        text = message.invalid_tool_calls[0]["args"] or ""
    if refusal := message.additional_kwargs.get("refusal"):
        text, finish = str(refusal), "refusal"
    usage = message.usage_metadata
    if usage is None or not usage["input_tokens"]:
        return Answer(text, finish)
    split = usage.get("input_token_details") or {}
    return Answer(
        text, finish, usage["input_tokens"], usage["output_tokens"], split.get("cache_read") or 0,
        split.get("cache_creation") or 0,
    )  # fmt: skip


def _cut_off(error: BaseException) -> Answer | None:
    """The answer inside the error that a client raises for a reply that stopped at its limit, or was filtered."""
    kinds: dict[str, Finish] = {"LengthFinishReasonError": "length", "ContentFilterFinishReasonError": "refusal"}
    finish = kinds.get(type(error).__name__)
    if finish is None:
        return None
    completion: Any = getattr(error, "completion", None)
    if completion is None:
        return Answer("", finish)
    message, usage = completion.choices[0].message, completion.usage
    calls = message.tool_calls or ()
    text = calls[0].function.arguments if calls else message.content or ""
    return Answer(text, finish, usage.prompt_tokens, usage.completion_tokens) if usage else Answer(text, finish)


def _reach_loopback_directly(base_url: str) -> None:
    """A proxy cannot reach this machine's own loopback: it is left out for such an address."""
    host = urlsplit(base_url).hostname or ""
    if host in ("localhost", "::1") or host.startswith("127."):
        for name in ("NO_PROXY", "no_proxy"):
            hosts = [h for h in os.environ.get(name, "").split(",") if h]
            if host not in hosts:
                os.environ[name] = ",".join([*hosts, host])


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One event loop for the process: clients keep connections, which belong to the loop that opened them."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="models").start()
    return loop
