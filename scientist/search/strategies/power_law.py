"""Power law: ShinkaEvolve's way. Good parents are likely, worn-out ones less; near copies are turned down unrun."""

from __future__ import annotations

from random import Random

from scientist.search.step import Choice
from scientist.search.strategies.base import Scope, after_root, vary
from scientist.search.view import View

EXPONENT = 1.5
CROSSOVER = 0.1
POOL = 40
"""Ranks below this one have a share that would not be drawn in a lifetime."""


class PowerLaw:
    """The parent of rank r (from 1) has weight r to the power of -1.5, over one plus its children."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def select(self, view: View, rng: Random) -> Choice:
        count = min(view.scored_count, POOL)
        if not count:
            return after_root(self.scope)
        pool = [view.at_rank(r) for r in range(count)]
        weights = [(r + 1) ** -EXPONENT / (1 + len(view.children(s.number))) ** 0.5 for r, s in enumerate(pool)]
        parent = rng.choices(pool, weights)[0]
        others = tuple(s.number for s in pool[:3] if s is not parent)[:2]
        if others and "crossover" in self.scope.operators and rng.random() < CROSSOVER:
            return Choice("crossover", (parent.number, others[0]), others)
        return Choice(vary(self.scope, rng), (parent.number,), others)
