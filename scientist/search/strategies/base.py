"""What a strategy is, and what it is told about the search that it serves."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol

from scientist.search.step import Choice
from scientist.search.view import View


@dataclass(frozen=True, slots=True)
class Scope:
    """``steps`` is the whole budget of steps, ``operators`` those that the proposers know."""

    steps: int
    operators: tuple[str, ...] = ("draft", "debug", "improve", "tune", "crossover")

    def known(self, *wanted: str) -> str:
        """The first of the wanted operators that the proposers know, else the first that they know at all."""
        return next((o for o in wanted if o in self.operators), self.operators[0])


class Strategy(Protocol):
    """Made with a Scope. ``select`` may use nothing but the view and the generator: it must give the same answer again.

    The view holds at least the root.
    """

    def __init__(self, scope: Scope) -> None: ...

    def select(self, view: View, rng: Random) -> Choice: ...


def after_root(scope: Scope, place: int = 0) -> Choice:
    """A new attempt from the first program."""
    return Choice(scope.known("draft", "improve"), (0,), place=place)


def vary(scope: Scope, rng: Random) -> str:
    """How to work on a sound program: mostly improve, sometimes only tune its constants."""
    return scope.known("tune", "improve") if rng.random() < 0.3 else scope.known("improve", "tune")
