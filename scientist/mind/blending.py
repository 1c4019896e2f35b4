"""Blends a model's overall score with the embedded reviewer's predicted rating into one expected mean rating."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from math import exp

from scientist.types import Expected, Frozen, Review, Severity

FILE = "blend.json"
_Z90 = 1.645


class Blend(Frozen):
    """How much each weighs: rating = intercept + model · overall + embedded · predicted.

    ``error`` is the standard deviation of what is left; ``bar`` is where one paper in two is accepted, and
    ``steepness`` how fast the odds change there. ``papers`` on which the weights were fitted, with reviews by
    ``judge``: with none they are assumed, from published correlations. ``better`` says that the blend was measured to
    be better than the model and than the embedded reviewer alone.
    """

    intercept: float
    model: float
    embedded: float
    error: float
    bar: float
    steepness: float
    papers: int
    judge: str
    better: bool


@cache
def shipped_blend() -> Blend:
    """The blend that the package uses."""
    text = (files("scientist.mind") / FILE).read_text(encoding="utf-8")
    return Blend.model_validate(json.loads(text))


def with_prediction(review: Review, predicted: float, blend: Blend | None = None) -> Review:
    """A model's review with what human reviewers are expected to rate, given the embedded reviewer's prediction.

    Only a blend that was measured to be better, with this model, takes the place of the model's overall score and of
    its decision; the scores on the form stay as they were given. An error found by a check rejects, whatever is rated.
    """
    blend = blend or shipped_blend()
    rating = _rating(review.overall, predicted, blend)
    told = _told(review, predicted, rating, blend)
    expected = Expected(
        rating=round(_on_scale(rating), 2),
        low=round(_on_scale(rating - _Z90 * blend.error), 2),
        high=round(_on_scale(rating + _Z90 * blend.error), 2),
        told=told,
    )
    likely = 0.0 if _errors(review) else probability(rating, blend)
    shown = review.model_copy(update={"expected": expected, "accept_probability": likely})
    return _replaced(shown, expected.rating, blend) if _holds(review, blend) else shown


def probability(rating: float, blend: Blend) -> float:
    """Of acceptance, where ``rating`` is expected."""
    return round(1 / (1 + exp(-blend.steepness * (rating - blend.bar))), 3)


def _rating(overall: float, predicted: float, blend: Blend) -> float:
    return blend.intercept + blend.model * overall + blend.embedded * predicted


def _holds(review: Review, blend: Blend) -> bool:
    """Whether the blend was measured to be better, with the model that wrote this review."""
    return blend.better and review.reviewer.startswith(f"{blend.judge} ")


def _errors(review: Review) -> bool:
    return any(f.severity is Severity.ERROR for f in review.findings)


def _replaced(review: Review, rating: float, blend: Blend) -> Review:
    errors = _errors(review)
    accept = rating >= blend.bar and not errors
    relation = "reaches" if rating >= blend.bar else "does not reach"
    said = f"The blended rating {rating:.2f} {relation} {blend.bar:.2f}, where one paper in two is accepted."
    return review.model_copy(
        update={
            "overall": rating,
            "decision": "accept" if accept else "reject",
            "rationale": review.rationale if errors else {**review.rationale, "decision": said},
        }
    )


def _told(review: Review, predicted: float, rating: float, blend: Blend) -> str:
    """What the expectation rests on, and what is known of its weights."""
    text = (
        f"From the model's overall score ({review.overall:g} of 10) and the embedded reviewer's prediction "
        f"({predicted:.1f}), human reviewers are expected to rate the manuscript {_on_scale(rating):.1f} on average."
    )
    if not blend.papers:
        return f"{text} The weights are assumed, from published correlations; this blend was not measured."
    fitted = f"{text} The weights were fitted on {blend.papers} papers reviewed by {blend.judge}"
    if not review.reviewer.startswith(f"{blend.judge} "):
        return f"{fitted}, which is not the model that reviewed here."
    return f"{fitted}; the blend was {'' if blend.better else 'not shown to be '}better than either alone."


def _on_scale(x: float) -> float:
    return min(10.0, max(1.0, x))
