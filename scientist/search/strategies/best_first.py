"""Best first: the tree search of AIDE and AI Scientist v2. Draft, mend, improve, tune, ablate, replicate, by stage."""

from __future__ import annotations

from random import Random

from scientist.search.step import Choice
from scientist.search.strategies.base import Scope, after_root
from scientist.search.view import View

DRAFTS = 3
DEBUG_PROBABILITY = 0.5
DEEPEST_DEBUG = 3
EXPLORE = 0.2
"""How often another than the best is worked on: a tree that only follows its best leaf is a line."""
REPEATED = 3
"""How many of the best take turns in being repeated."""

STAGES = (("improve", 0.6), ("tune", 0.8), ("ablate", 0.9), ("replicate", 1.0))
"""What the tree is grown by, and the share of all steps at which that stage ends."""


class BestFirst:
    """Drafts from the root first; then, of what failed, now and then one is mended; else the best is worked on.

    Where replications are asked for, the programs with the best means are repeated in turn, each at another seed.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def select(self, view: View, rng: Random) -> Choice:
        drafts = min(DRAFTS, max(1, self.scope.steps // 4))
        if view.count("draft") < drafts and "draft" in self.scope.operators:
            return after_root(self.scope)
        broken = view.failed_leaves(DEEPEST_DEBUG) if "debug" in self.scope.operators else []
        if broken and rng.random() < DEBUG_PROBABILITY:
            return Choice("debug", (rng.choice(broken).number,))
        if not view.scored_count:
            return after_root(self.scope)
        operator = self._stage(view)
        if operator == "replicate":
            leaders = view.leaders(REPEATED)
            return Choice(operator, (leaders[view.count(operator) % len(leaders)].number,))
        rank = 0
        if rng.random() < EXPLORE:
            rank = rng.randrange(min(view.scored_count, 5))
        return Choice(operator, (view.at_rank(rank).number,))

    def _stage(self, view: View) -> str:
        done = len(view) / max(1, self.scope.steps)
        operator = next((name for name, end in STAGES if done < end), "replicate")
        return self.scope.known(operator, "improve", "tune")
