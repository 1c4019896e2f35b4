"""Opens the models of a run: what each stage asks, within one budget, on one record of calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast, get_args

from scientist.config import RunConfig
from scientist.errors import UsageError
from scientist.models.budget import Budget
from scientist.models.chat import Chat
from scientist.models.endpoint import Endpoint, Method
from scientist.models.exchange import Desk
from scientist.models.faults import Patience
from scientist.models.ledger import Ledger, add, open_recording
from scientist.models.prices import Prices, load_prices
from scientist.models.recording import read_lines

SCRIPTED, LOCAL = "scripted:", "local:"


def open_models(
    models: Mapping[str, str],
    *,
    folder: Path,
    base_url: str | None = None,
    fallback: str | None = None,
    method: str | None = None,
    budget_usd: float | None = None,
    budget_tokens: int | None = None,
    budget_model_minutes: float | None = None,
    replay: Path | None = None,
    temperature: float | None = None,
    emit: Callable[..., object],
    seed: int = 0,
    patience: Patience | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Chat:
    """The Asker for a run: ``models`` names one by stage, "default" for the rest; close it when the run ends.

    A name is ``provider:name``, ``local:<file.gguf>`` or ``scripted:<file.jsonl>``; ``base_url`` is the server of
    ``openai:`` models. ``folder`` gets ``calls.sqlite`` and ``replies/``. With ``replay``, a run's folder, its
    ``calls.sqlite`` or a JSON-lines file answers everything, and no model is opened. Models are opened at first need.
    """
    prices = load_prices()
    specs = (*models.values(), *((fallback,) if fallback else ()))
    if replay is None:
        if not models:
            raise UsageError("no model is named", "name one with --model provider:name")
        _check_prices(specs, prices, budget_usd, budget_tokens, emit)
    recording = open_recording(replay) if replay else None
    ledger = Ledger(folder / "calls.sqlite")
    desk = Desk(
        ledger=ledger,
        budget=Budget(
            budget_usd, budget_tokens, budget_model_minutes and 60 * budget_model_minutes, add(ledger.spent().values())
        ),
        patience=patience or Patience(), replies=folder / "replies", emit=emit, pause=pause, seed=seed,
    )  # fmt: skip

    def reach(spec: str) -> Endpoint:
        context = prices.of(spec).context
        return open_endpoint(spec, base_url=base_url, temperature=temperature, seed=seed, context=context)

    return Chat(
        models, desk, reach, prices, fallback=fallback, method=known_method(method), temperature=temperature,
        recording=recording,
    )  # fmt: skip


def open_configured(config: RunConfig, models: Mapping[str, str], folder: Path, emit: Callable[..., object]) -> Chat:
    """``open_models`` with what a configuration says of servers, budgets, methods and replay."""
    return open_models(
        models,
        folder=folder,
        base_url=config.base_url,
        fallback=config.fallback_model,
        method=config.method,
        budget_usd=config.budget_usd,
        budget_tokens=config.budget_tokens,
        budget_model_minutes=config.budget_model_minutes,
        replay=Path(config.replay) if config.replay else None,
        temperature=config.temperature,
        emit=emit,
        seed=config.seed,
    )


def open_endpoint(
    spec: str, *, base_url: str | None = None, temperature: float | None = None, seed: int = 0,
    context: int | None = None,
) -> Endpoint:  # fmt: skip
    """The one model behind a name."""
    if spec.startswith(SCRIPTED):
        from scientist.models.scripted import ScriptedModel

        return ScriptedModel(read_lines(Path(spec.removeprefix(SCRIPTED))))
    if spec.startswith(LOCAL):
        from scientist.models.local import LocalModel

        return LocalModel(Path(spec.removeprefix(LOCAL)).expanduser(), temperature=temperature, seed=seed)
    from scientist.models.providers import open_provider

    own_server = base_url if spec.startswith("openai:") else None
    return open_provider(spec, base_url=own_server, temperature=temperature, context=context)


def known_method(name: str | None) -> Method | None:
    """A structured method by its name. Raises UsageError."""
    if name is None or name == "auto":
        return None
    if name not in get_args(Method):
        raise UsageError(f"unknown structured method {name!r}", f"known: auto, {', '.join(get_args(Method))}")
    return cast(Method, name)


def _check_prices(
    specs: tuple[str, ...], prices: Prices, usd: float | None, tokens: int | None, emit: Callable[..., object]
) -> None:
    """A budget in USD means nothing where a price is not known: it needs one in tokens beside it."""
    for spec in dict.fromkeys(specs):
        if prices.of(spec).known:
            continue
        if usd is not None and tokens is None:
            raise UsageError(
                f"the price of {spec} is not known, so a budget of {usd:g} USD cannot be kept",
                "give --budget-tokens, or the price in a table that SCIENTIST_PRICES names",
            )
        emit("model.price_unknown", model=spec, problem="its price is not known: only tokens are counted")
