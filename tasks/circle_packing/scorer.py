"""Trusted scorer: the sum of the radii of 26 circles in the unit square, none of which overlap in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from scientist.search.returned import real_array

CIRCLES = 26
SHRINK = 1e-9
"""Taken off each radius before the check, so that honest rounding passes. What is left must not overlap at all."""


def inputs(stage: str, seed: int) -> list[dict]:
    """One call. The sealed stage is the same instance: a packing is a certificate, there is nothing to overfit."""
    return [{"n": CIRCLES}]


def score(stage: str, seed: int, calls: list) -> dict:
    """The output is {"centres": 26 x 2} or {"centres": 26 x 2, "radii": 26}. Raises ValueError if it is no packing."""
    output = calls[0].output
    if not isinstance(output, dict) or not {"centres"} <= set(output) <= {"centres", "radii"}:
        raise ValueError('return a dict {"centres": 26 pairs} or {"centres": 26 pairs, "radii": 26 numbers}')
    centres = real_array(output["centres"], (CIRCLES, 2), "centres")
    if (centres < 0).any() or (centres > 1).any():
        raise ValueError("a centre lies outside of the unit square")
    given = "radii" in output
    radii = real_array(output["radii"], (CIRCLES,), "radii") if given else best_radii(centres)
    radii = radii - SHRINK if given else np.maximum(radii - SHRINK, 0.0)
    if (radii < 0).any():
        raise ValueError("a radius is negative")
    check_exactly(centres, radii)
    total = float(radii.sum())
    return {
        "score": total,
        "metrics": {"sum_radii": total, "smallest_radius": float(radii.min()), "largest_radius": float(radii.max())},
        "artefacts": {"radii": " ".join(f"{r:.4f}" for r in radii)},
    }


def best_radii(centres: np.ndarray) -> np.ndarray:
    """The radii with the largest sum at these centres: a linear programme over r_i + r_j <= d_ij and the distances to
    the walls.
    """
    first, second = np.triu_indices(len(centres), 1)
    distances = np.hypot(*(centres[first] - centres[second]).T)
    walls = np.minimum(centres, 1.0 - centres).min(axis=1)
    rows = np.zeros((len(first), len(centres)))
    rows[np.arange(len(first)), first] = rows[np.arange(len(first)), second] = 1.0
    solved = linprog(-np.ones(len(centres)), A_ub=rows, b_ub=distances, bounds=np.column_stack([0 * walls, walls]))
    if solved.x is None:
        raise ValueError(f"no radii could be found for these centres: {solved.message}")
    violated = max(0.0, float((rows @ solved.x - distances).max()))
    return np.minimum(solved.x, walls) - violated / 2


def check_exactly(centres: np.ndarray, radii: np.ndarray) -> None:
    """Rational arithmetic on the very numbers that floats stand for: no tolerance is needed and none is given."""
    points = [(Fraction(x), Fraction(y)) for x, y in centres.tolist()]
    sizes = [Fraction(r) for r in radii.tolist()]
    for i, ((x, y), r) in enumerate(zip(points, sizes, strict=True)):
        if min(x, y, 1 - x, 1 - y) < r:
            raise ValueError(f"circle {i} reaches out of the unit square")
    for (i, (p, r)), (j, (q, s)) in combinations(enumerate(zip(points, sizes, strict=True)), 2):
        if (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 < (r + s) ** 2:
            raise ValueError(f"circles {i} and {j} overlap")
