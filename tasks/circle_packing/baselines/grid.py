"""Base line: a five by five grid of radius 0.1, and one circle in a gap of the grid."""

import numpy as np


def run(n):
    grid = [(0.1 + 0.2 * i, 0.1 + 0.2 * j) for i in range(5) for j in range(5)]
    return {"centres": np.array([*grid, (0.2, 0.2)])[:n]}
