"""26 centres in the unit square: the sum of the largest radii that they allow, by linear programming."""

import itertools
import math

import numpy as np
from scipy.optimize import linprog

COUNT = 26
PAIRS = list(itertools.combinations(range(COUNT), 2))
ROWS = np.zeros((len(PAIRS), COUNT))
for _row, (_i, _j) in enumerate(PAIRS):
    ROWS[_row, _i] = ROWS[_row, _j] = 1.0


def judge(centres):
    points = np.asarray(centres, float)
    if points.shape != (COUNT, 2) or not np.isfinite(points).all() or (points < 0).any() or (points > 1).any():
        raise ValueError("run() returns 26 points of the unit square")
    distances = [math.dist(points[i], points[j]) for i, j in PAIRS]
    walls = np.minimum(points, 1 - points).min(axis=1)
    solved = linprog(-np.ones(COUNT), A_ub=ROWS, b_ub=distances, bounds=[(0, w) for w in walls], method="highs")
    if solved.status != 0:
        raise ValueError("no radii")
    radii = np.maximum(solved.x - 1e-9, 0)
    if (ROWS @ radii > distances).any() or (radii > walls).any():
        raise ValueError("circles overlap")
    return float(radii.sum())
