"""Greedy: always the best so far."""

from __future__ import annotations

from random import Random

from scientist.search.step import Choice
from scientist.search.strategies.base import Scope, after_root, vary
from scientist.search.view import View


class Greedy:
    """A hill climb. Hard to beat on a smooth landscape, and caught by the first local optimum of any other."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def select(self, view: View, rng: Random) -> Choice:
        best = view.best
        return after_root(self.scope) if best is None else Choice(vary(self.scope, rng), (best.number,))
