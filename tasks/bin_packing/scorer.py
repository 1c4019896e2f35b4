"""Trusted scorer: keeps the bins itself, reveals one item of each instance a call, and counts the bins that were used.

Online by construction. A call holds the t-th item of several instances and nothing that comes later; the next call is
sent after the answer came back. A program may therefore keep what state it likes: there is nothing to look ahead into.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scientist.search.returned import integer_array


class Family(NamedTuple):
    """Instances that are played side by side: ``sizes`` is (instances, items), integers."""

    name: str
    capacity: int
    sizes: np.ndarray


def families(stage: str) -> list[Family]:
    """Fixed instances, so that scores compare across runs; "sealed" has others of the same two distributions."""
    uniform, weibull = {"quick": (120, 250), "full": (500, 1000), "sealed": (500, 5000)}[stage]
    rng = np.random.default_rng([20240118, {"quick": 0, "full": 1, "sealed": 2}[stage]])
    drawn = np.clip(np.rint(45 * rng.weibull(3, (5, weibull))), 1, 100).astype(np.int64)
    return [
        Family("uniform", 150, rng.integers(20, 100, (20, uniform), endpoint=True)),
        Family("weibull", 100, drawn),
    ]


def inputs(stage: str, seed: int) -> list[dict]:
    """Per call: ``items``, one for each instance of a family; ``start`` with the capacity and the number of bins, or
    None.
    """
    calls = []
    for family in families(stage):
        bins = family.sizes.shape[1]
        for t in range(bins):
            start = {"capacity": family.capacity, "bins": bins} if t == 0 else None
            calls.append({"items": family.sizes[:, t].tolist(), "start": start})
    return calls


def score(stage: str, seed: int, calls: list) -> dict:
    """Each output is a bin number for each instance. Raises ValueError where a bin does not exist or an item does not
    fit.
    """
    metrics: dict[str, float] = {}
    told = []
    outputs = iter([call.output for call in calls])
    for family in families(stage):
        used = bins_used(family, outputs)
        bound = np.ceil(family.sizes.sum(axis=1) / family.capacity)
        metrics[f"excess_{family.name}_percent"] = float(100 * (used.mean() / bound.mean() - 1))
        told.append(
            f"{family.name}: {' '.join(map(str, used))} bins; at least {' '.join(f'{b:.0f}' for b in bound)} are needed"
        )
    excess = float(np.mean(list(metrics.values())))
    return {
        "score": -excess,
        "metrics": {"excess_percent": excess, **metrics},
        "artefacts": {"bins": "; ".join(told)},
    }


def bins_used(family: Family, outputs: object) -> np.ndarray:
    """How many bins each instance opened, by replaying the placements."""
    instances, items = family.sizes.shape
    room = np.full((instances, items), family.capacity)
    every = np.arange(instances)
    for t in range(items):
        chosen = integer_array(next(outputs, None), (instances,), "the bins")
        if (chosen < 0).any() or (chosen >= items).any():
            raise ValueError(f"item {t} went into a bin that does not exist; bins are 0 to {items - 1}")
        room[every, chosen] -= family.sizes[:, t]
        if (room[every, chosen] < 0).any():
            raise ValueError(f"item {t} went into a bin that has no room for it")
    return (room < family.capacity).sum(axis=1)
