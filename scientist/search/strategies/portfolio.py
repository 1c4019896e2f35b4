"""Portfolio: exploit while it pays, look elsewhere when it stops. The default of ``evolve``."""

from __future__ import annotations

from random import Random

from scientist.search.step import Choice
from scientist.search.strategies.base import Scope
from scientist.search.strategies.greedy import Greedy
from scientist.search.strategies.power_law import PowerLaw
from scientist.search.view import View

PATIENCE = 12
"""Steps without a better score after which half of the steps look elsewhere."""
MOST_ELSEWHERE = 0.9


class Portfolio:
    """Greedy, and the more by the power law, the longer the best has stood.

    After t steps without progress the share of the power law is t / (t + 12): a smooth climb stays a climb, and a trap
    is left by the many other lines, whatever the operator.
    """

    def __init__(self, scope: Scope) -> None:
        self.climb = Greedy(scope)
        self.spread = PowerLaw(scope)

    def select(self, view: View, rng: Random) -> Choice:
        best = view.best
        still = 0 if best is None else len(view) - 1 - best.number
        elsewhere = min(MOST_ELSEWHERE, still / (still + PATIENCE))
        return (self.spread if rng.random() < elsewhere else self.climb).select(view, rng)
