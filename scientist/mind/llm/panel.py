"""What several filled forms say together: their spread, and the middle of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from statistics import median_low, stdev

from scientist.mind.llm.opinion import MOST_POINTS, Opinion
from scientist.types import Point


def dispersion(opinions: Sequence[Opinion]) -> dict[str, float]:
    """The standard deviation of each score over the panel, of at least two."""
    if len(opinions) < 2:
        return {}
    return {name: round(stdev(o.scores[name] for o in opinions), 2) for name in opinions[0].scores}


def spread(opinions: Sequence[Opinion]) -> dict[str, tuple[int, int]]:
    """The lowest and the highest of each score."""
    given = {name: [o.scores[name] for o in opinions] for name in opinions[0].scores}
    return {name: (min(scores), max(scores)) for name, scores in given.items()}


def told_scores(opinions: Sequence[Opinion]) -> tuple[str, ...]:
    """One line a score: what each member gave."""
    return tuple(f"{name}: {', '.join(str(o.scores[name]) for o in opinions)}" for name in opinions[0].scores)


def median_opinion(opinions: Sequence[Opinion]) -> Opinion:
    """The member in the middle by its overall score, with the panel's median scores (the lower of two) and the points
    of all members taken in turn."""
    by_score = sorted(opinions, key=lambda o: o.scores["overall"])
    middle = by_score[(len(by_score) - 1) // 2]
    scores = {name: median_low(o.scores[name] for o in opinions) for name in middle.scores}
    return middle.model_copy(
        update={
            "scores": scores,
            "reasons": {name: _reason(opinions, middle, name, score) for name, score in scores.items()},
            "strengths": _in_turn([o.strengths for o in opinions]),
            "weaknesses": _in_turn([o.weaknesses for o in opinions]),
            "ethical_concerns": any(o.ethical_concerns for o in opinions),
        }
    )


def _reason(opinions: Sequence[Opinion], middle: Opinion, name: str, score: int) -> str:
    """Why a score was given, in the words of a member who gave it."""
    return next(o.reasons[name] for o in (middle, *opinions) if o.scores[name] == score)


def _in_turn(points: Sequence[tuple[Point, ...]]) -> tuple[Point, ...]:
    """The first point of each, then the second of each; one quote is used once."""
    kept: dict[str, Point] = {}
    for point in chain.from_iterable(zip_longest(*points)):
        if point is not None:
            kept.setdefault(point.span.text if point.span else point.text, point)
    return tuple(kept.values())[:MOST_POINTS]
