"""Types made at run time for reply schemas: one of some names, or a list of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

Score = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
"""A score as a list of choices: not every server that holds a model to a schema holds it to the bounds of a number."""
Tenths = Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def one_of(names: Iterable[str]) -> Any:
    """The type of one of ``names``; any text where there is none to choose from."""
    known = tuple(names)
    return Literal[known] if known else str


def many(kind: Any) -> Any:
    """The type of a list of ``kind``."""
    return list[kind]
