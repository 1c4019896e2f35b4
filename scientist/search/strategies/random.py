"""Random: any sound program, whatever its score. The honest base line of every other strategy."""

from __future__ import annotations

from random import Random as Generator

from scientist.search.step import Choice
from scientist.search.strategies.base import Scope, after_root, vary
from scientist.search.view import View


class Random:
    """Every scored step is as likely as any other."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def select(self, view: View, rng: Generator) -> Choice:
        if not view.scored_count:
            return after_root(self.scope)
        return Choice(vary(self.scope, rng), (view.at_rank(rng.randrange(view.scored_count)).number,))
