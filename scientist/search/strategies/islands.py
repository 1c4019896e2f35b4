"""Islands: AlphaEvolve's and openevolve's way. Populations that rarely meet, each with its elites."""

from __future__ import annotations

from random import Random

from scientist.search.step import Choice
from scientist.search.strategies.base import Scope, after_root, vary
from scientist.search.view import View

ISLANDS = 4
ELITES = 6
EXPLOIT = 0.7
CROSSOVER = 0.15
FAR = 0.1
"""How often a parent is any member of the island instead of an elite."""
MIGRATE_EVERY = 40
"""Steps after which the best of each island is a member of the next one, too."""


class Islands:
    """Islands take turns. A parent is the island's best, one of its elites, or, rarely, any; the others inspire."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.islands = max(1, min(ISLANDS, scope.steps // 20))

    def select(self, view: View, rng: Random) -> Choice:
        place = len(view) % self.islands
        members = self._members(view, place)
        if not members:
            return after_root(self.scope, place)
        elites = members[:ELITES]
        draw = rng.random()
        parent = elites[0] if draw < EXPLOIT else rng.choice(members if draw > 1 - FAR else elites)
        others = tuple(n for n in elites if n != parent)
        if others and "crossover" in self.scope.operators and rng.random() < CROSSOVER:
            return Choice("crossover", (parent, rng.choice(others)), others[:2], place)
        return Choice(vary(self.scope, rng), (parent,), others[:2], place)

    def _members(self, view: View, place: int) -> list[int]:
        members = view.island(place)
        if self.islands == 1 or len(view) < MIGRATE_EVERY:
            return members
        before = len(view) // MIGRATE_EVERY * MIGRATE_EVERY
        source = (place - 1) % self.islands
        guest = next((n for n in view.island(source) if n < before), None)
        if guest is None or guest in members:
            return members
        return sorted([*members, guest], key=lambda n: (-(view.steps[n].score or 0.0), n))
