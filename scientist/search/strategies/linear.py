"""Linear: AI Scientist v1's way. A few planned runs one after the other, each built on the last that worked."""

from __future__ import annotations

from random import Random

from scientist.search.step import FAILED, Choice, Step
from scientist.search.strategies.base import Scope
from scientist.search.view import View

MOST_TRIES = 4
"""Attempts at one planned run, the first included (v1: 4)."""


class Linear:
    """The next run starts from the last sound one; a failed run is mended up to three times, then given up."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def select(self, view: View, rng: Random) -> Choice:
        last = view.steps[-1]
        if last.status in FAILED and "debug" in self.scope.operators and view.debug_depth(last) < MOST_TRIES - 1:
            return Choice("debug", (last.number,))
        return Choice(self.scope.known("improve", "draft"), (_last_sound(view).number,))


def _last_sound(view: View) -> Step:
    return next((s for s in reversed(view.steps) if s.scored), view.root)
