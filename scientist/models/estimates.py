"""What a run's model calls will take, in tokens and USD, before the first of them: a table times the price."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from scientist.models.prices import Prices
from scientist.types import Frozen


class Estimate(Frozen):
    """``usd`` is None where a price is not known."""

    calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None

    @property
    def text(self) -> str:
        sent, got = _round(self.input_tokens), _round(self.output_tokens)
        tokens = f"about {self.calls} model calls, {sent} tokens in, {got} out"
        if self.usd is None:
            return f"{tokens}; the price is not known"
        return f"{tokens}; about {self.usd:.2f} USD at the listed prices" if self.usd else f"{tokens}; free of charge"


def estimate(calls: Mapping[str, int], models: Mapping[str, str], prices: Prices) -> Estimate:
    """The expected cost of so many ``calls`` by purpose ("write/section") or stage ("write"), without any discount.

    ``models`` names a model by stage, "default" for the others.
    """
    table = tomllib.loads(files("scientist.models").joinpath("estimates.toml").read_text(encoding="utf-8"))
    total_input, total_output = 0, 0
    usd: float | None = 0.0
    for purpose, count in calls.items():
        stage = purpose.partition("/")[0]
        row = table.get(purpose) or table[stage]
        sent, got = count * row["input"], count * row["output"]
        cost = prices.of(models.get(stage) or models["default"]).cost(sent, got)
        usd = None if usd is None or cost is None else usd + cost
        total_input, total_output = total_input + sent, total_output + got
    return Estimate(calls=sum(calls.values()), input_tokens=total_input, output_tokens=total_output, usd=usd)


def _round(tokens: int) -> str:
    return f"{round(tokens, -3):,}" if tokens >= 1000 else f"{tokens:,}"
