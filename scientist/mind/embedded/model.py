"""The trained weights and what they say of a paper: a rating with its interval, a probability, and the reasons."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from scientist.mind.embedded.measures import measures
from scientist.mind.embedded.terms import frequencies, held_terms
from scientist.mind.embedded.text import PaperText

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = "weights.npz"


class Prediction(NamedTuple):
    """``rating``: predicted mean rating of the ICLR 2022 reviewers (1-10); ``low``, ``high``: 90 % of the training
    papers' ratings lie within when predicted out of fold. ``accepted``: above the cut that balances the errors on them.
    ``parts``: how many rating points each measure, the common words and the terms add to the average paper's rating;
    they sum to ``rating`` less that average. ``terms``: what each term adds by standing in the text or not,
    ``used`` those that do."""

    rating: float
    low: float
    high: float
    probability: float
    accepted: bool
    parts: dict[str, float]
    terms: dict[str, float]
    used: frozenset[str]
    values: dict[str, float]


class Model(NamedTuple):
    """Weights as arrays: one value an input (measures, then common words) or a term."""

    names: list[str]
    common: list[str]
    positions: dict[str, int]
    arrays: dict[str, np.ndarray]


def predict(paper: PaperText, model: Model | None = None) -> Prediction:
    """What the trained model says of a paper. Deterministic; no network, no model server."""
    import numpy as np

    model = model or load()
    a = model.arrays
    values = measures(paper)
    raw = np.concatenate([[values[n] for n in model.names], frequencies(paper.tokens, model.common)])
    x = np.clip(raw, a["low"], a["high"])
    parts = a["inputs"] * (x - a["mean"]) / a["sd"]
    held = held_terms(paper.tokens, model.positions)
    terms = a["terms"] * (held - a["term_means"])
    rating = float(a["average"]) + float(parts.sum()) + float(terms.sum())
    named = dict(zip(model.names, map(float, parts), strict=False))
    named["common words"] = float(parts[len(model.names) :].sum())
    named["terms"] = float(terms.sum())
    reach = float(a["reach"])
    slope, offset = a["logistic"]
    return Prediction(
        rating=min(10.0, max(1.0, rating)),
        low=max(1.0, rating - reach),
        high=min(10.0, rating + reach),
        probability=float(1 / (1 + np.exp(-(slope * rating + offset)))),
        accepted=rating >= float(a["cut"]),
        parts=named,
        terms=dict(zip(model.positions, map(float, terms), strict=True)),
        used=frozenset(t for t, i in model.positions.items() if held[i]),
        values=values,
    )


@lru_cache(maxsize=1)
def load() -> Model:
    """The weights shipped with the package."""
    import numpy as np

    with (files("scientist.mind.embedded") / WEIGHTS).open("rb") as f, np.load(f, allow_pickle=False) as data:
        return model_of({name: data[name] for name in data.files})


def model_of(arrays: dict[str, np.ndarray]) -> Model:
    """A model from its arrays; lists of words are stored as UTF-8 text."""
    lists = {name: arrays[name].tobytes().decode().split("\n") for name in ("names", "common", "vocabulary")}
    index = {term: i for i, term in enumerate(lists["vocabulary"])}
    return Model(lists["names"], lists["common"], index, {k: v for k, v in arrays.items() if k not in lists})
