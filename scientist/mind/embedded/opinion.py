"""The embedded reviewer's opinion of a manuscript: rating with interval, probability, strongest reasons in words."""

from __future__ import annotations

from collections.abc import Iterator
from math import expm1
from typing import NamedTuple

from scientist.mind.embedded.marks import RATES
from scientist.mind.embedded.measures import SIZES, wording
from scientist.mind.embedded.model import Model, Prediction, load, predict
from scientist.mind.embedded.text import text_of
from scientist.types import Manuscript

LEAST_WORDS = 1000
"""Shorter texts are unlike every paper that the weights were trained on: no opinion is given."""
_SHOWN = 4


class Opinion(NamedTuple):
    """``rating`` on 1-10, ``low`` to ``high`` its 90 % interval; reasons with what they add to the rating."""

    rating: float
    low: float
    high: float
    probability: float
    accepted: bool
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]

    def sentence(self) -> str:
        """The rating and its reasons in one paragraph; the interval is told by who prints it."""
        said = f"Weights trained on 519 rated conference papers predict a mean rating of {self.rating:.1f}."
        if self.reasons_for:
            said += f" For: {'; '.join(self.reasons_for)}."
        if self.reasons_against:
            said += f" Against: {'; '.join(self.reasons_against)}."
        return said


def opinion_of(manuscript: Manuscript) -> Opinion | None:
    """What the trained weights say; None for a text of fewer than LEAST_WORDS words."""
    text = text_of(manuscript)
    if len(text.tokens) < LEAST_WORDS:
        return None
    model = load()
    said = predict(text, model)
    return Opinion(
        said.rating,
        said.low,
        said.high,
        said.probability,
        said.accepted,
        tuple(_reasons(said, model, 1)),
        tuple(_reasons(said, model, -1)),
    )


def _reasons(said: Prediction, model: Model, sign: int) -> Iterator[str]:
    """The measures that add (or take) most, each with its value and the accepted papers' median."""
    usual = dict(zip(model.names, map(float, model.arrays["accepted_median"]), strict=True))
    order = sorted(said.parts, key=lambda n: -sign * said.parts[n])[:_SHOWN]
    for name in order:
        part = said.parts[name]
        if sign * part < 0.02:
            return
        if name in usual:
            own, others = _shown(name, said.values[name]), _shown(name, usual[name])
            yield f"{wording(name)} {own}, accepted papers {others} at median ({part:+.2f})"
        elif name == "terms":
            yield f"{len(said.terms)} turns of phrase, taken together, such as {_examples(said, sign)} ({part:+.2f})"
        else:
            yield f"style, by how often common words occur ({part:+.2f})"


def _examples(said: Prediction, sign: int) -> str:
    """The terms that add (or take) most; one may do so by not standing in the text."""
    strongest = sorted(said.terms, key=lambda t: -sign * said.terms[t])[:_SHOWN]
    return ", ".join(f"“{t}” {'used' if t in said.used else 'not used'}" for t in strongest)


def _shown(name: str, value: float) -> str:
    if name in SIZES:
        return f"{expm1(value):.0f}"
    return f"{expm1(value):.1f} per thousand words" if name in RATES else f"{value:.2g}"
