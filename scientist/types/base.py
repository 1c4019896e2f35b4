"""What all shared types are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Setting = bool | int | float | str
"""One value of a template's configuration, as JSON can hold it."""

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.\-]*$")]
"""A lower-case id, safe in file names, JSON pointers and LaTeX ``\\csname``."""


class Frozen(BaseModel):
    """Base of every domain type: immutable, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
