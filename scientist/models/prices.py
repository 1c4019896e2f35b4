"""What models cost, how long their context is, whether they see, and how much freedom they can be given.

The packaged ``prices.toml`` is a starting point with a date. A user's own file comes first: the one that the
environment variable ``SCIENTIST_PRICES`` names, else ``prices.toml`` in the configuration folder.
"""

from __future__ import annotations

import fnmatch
import os
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from scientist.errors import UsageError
from scientist.models.base import Strength
from scientist.types import Frozen


class Price(Frozen):
    """USD per million tokens; ``context`` in tokens. None is "not known".

    ``cached`` is the price of input that the provider's cache held, ``written`` of input that went into the cache.
    """

    pattern: str
    input: float | None = Field(default=None, ge=0)
    output: float | None = Field(default=None, ge=0)
    cached: float | None = Field(default=None, ge=0)
    written: float | None = Field(default=None, ge=0)
    context: int | None = Field(default=None, gt=0)
    vision: bool = False
    strength: Strength = Strength.MEDIUM
    as_of: str = ""

    @property
    def known(self) -> bool:
        return self.input is not None and self.output is not None

    def cost(self, input_tokens: int, output_tokens: int, cached: int = 0, written: int = 0) -> float | None:
        """USD for one call; ``cached`` and ``written`` are parts of the input. None if the price is not known."""
        if self.input is None or self.output is None:
            return None
        of_cached = self.input if self.cached is None else self.cached
        of_written = self.input if self.written is None else self.written
        fresh = max(0, input_tokens - cached - written)
        return (fresh * self.input + cached * of_cached + written * of_written + output_tokens * self.output) / 1e6

    def worst(self, input_tokens: int, output_tokens: int) -> float | None:
        """The most that one call can cost: nothing cached, everything written into the cache if that costs more."""
        dearer = (self.written or 0.0) > (self.input or 0.0)
        return self.cost(input_tokens, output_tokens, written=input_tokens if dearer else 0)


class Prices:
    """The table; the first pattern that fits a model's name ("openai:gpt-4o*") counts."""

    def __init__(self, rows: tuple[Price, ...]) -> None:
        self.rows = rows

    def of(self, spec: str) -> Price:
        for row in self.rows:
            if fnmatch.fnmatchcase(spec.lower(), row.pattern.lower()):
                return row
        return Price(pattern=spec)


def load_prices(environ: Mapping[str, str] = os.environ) -> Prices:
    """The user's table before the packaged one. Raises UsageError for a table that cannot be read."""
    packaged = files("scientist.models").joinpath("prices.toml").read_text(encoding="utf-8")
    rows = _rows(packaged, "prices.toml of the package")
    if path := _own_file(environ):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as e:
            raise UsageError(f"{path} cannot be read: {e}", "SCIENTIST_PRICES names a table of prices") from e
        rows = _rows(text, str(path)) + rows
    return Prices(rows)


def _own_file(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("SCIENTIST_PRICES"):
        return Path(named)
    from platformdirs import user_config_path

    path = user_config_path("scientist") / "prices.toml"
    return path if path.exists() else None


def _rows(text: str, source: str) -> tuple[Price, ...]:
    try:
        table: dict[str, Any] = tomllib.loads(text)
        return tuple(Price(**{"as_of": table.get("as_of", ""), **row}) for row in table.get("models", ()))
    except (tomllib.TOMLDecodeError, ValidationError, TypeError) as e:
        hint = 'a row is [[models]] with pattern = "provider:name*", input and output'
        raise UsageError(f"{source} is not a table of prices: {e}", hint) from e
