"""Portfolio: climb while it pays, look elsewhere the more, the longer it has not. The default of ``evolve``."""

from __future__ import annotations

from random import Random

from scientist.search.step import Choice, Step
from scientist.search.strategies.base import Scope, vary
from scientist.search.strategies.greedy import Greedy
from scientist.search.strategies.power_law import PowerLaw
from scientist.search.view import View

PATIENCE = 30
"""Steps without a better score after which half of the steps look elsewhere, at the least."""
USUAL_WAITS = 2.0
"""Where better scores come seldom, it takes so many of the longest wait for one so far."""
MOST_ELSEWHERE = 0.9
WALK = 1
"""The place of steps that belong to a walk."""
WALK_STEPS = 40
"""Steps of a walk, after which the next one begins at the best."""


class Portfolio:
    """Greedy; after t steps without progress, a share t / (t + patience) of the steps is made otherwise, half of them
    by the power law and half as a walk, which goes on from its own last step whatever that scored.

    A smooth climb stays a climb. What worse programs than the best lead to is found by the power law; what lies behind
    a valley, by the walk.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.climb = Greedy(scope)
        self.spread = PowerLaw(scope)

    def select(self, view: View, rng: Random) -> Choice:
        best = view.best
        if best is None:
            return self.climb.select(view, rng)
        still = len(view) - 1 - best.number
        patience = max(PATIENCE, USUAL_WAITS * view.longest_wait)
        if rng.random() >= min(MOST_ELSEWHERE, still / (still + patience)):
            return self.climb.select(view, rng)
        if rng.random() < 0.5:
            return self.spread.select(view, rng)
        return Choice(vary(self.scope, rng), (self._walker(view, best).number,), place=WALK)

    def _walker(self, view: View, best: Step) -> Step:
        """Where the walk stands: its last sound step, or the best if it has gone far enough or has not begun."""
        last = next((s for s in reversed(view.steps) if s.place == WALK and s.scored), None)
        if last is None or last.number < best.number:
            return best
        length = next(i for i, s in enumerate(view.lineage(last.number)) if s.place != WALK)
        return best if length >= WALK_STEPS else last
