"""Which of several proposers (models) to ask next, by what their proposals were worth so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from scientist.search.step import Step
from scientist.search.view import View

EXPLORATION = 1.0


def choose_proposer(names: Sequence[str], view: View, rng: Random, costs: Sequence[float] | None = None) -> str:
    """UCB1 over the proposers, the reward of a step being whether it beat its parent; ties are broken by ``rng``.

    ``costs`` (relative, larger than 0) divide the reward, so that of two models that improve as often the cheaper is
    asked. A duplicate or refused proposal is a failure: it was asked for, and paid.
    """
    if len(names) == 1:
        return names[0]
    weights = costs or [1.0] * len(names)
    steps = {name: [s for s in view.steps if s.proposer == name] for name in names}
    total = sum(map(len, steps.values()))

    def bound(position: int) -> tuple[float, float]:
        tried = steps[names[position]]
        if not tried:
            return math.inf, rng.random()
        mean = sum(improved(s, view) for s in tried) / len(tried) / weights[position] * min(weights)
        return mean + EXPLORATION * math.sqrt(2 * math.log(max(2, total)) / len(tried)), rng.random()

    return names[max(range(len(names)), key=bound)]


def improved(step: Step, view: View) -> bool:
    """Whether a step is better than the one that it was made from; anything is better than a failure."""
    if not step.scored or step.score is None or not step.parents:
        return False
    parent = view.steps[step.parents[0]].score
    return parent is None or step.score > parent
