"""Base line: sequential quadratic programming (SLSQP) over centres and radii together, from one staggered start."""

import numpy as np
from scipy.optimize import minimize


def run(n):
    first, second = np.triu_indices(n, 1)
    pairs = np.arange(len(first))

    def gaps(z):
        """How far apart each pair of circles is, and each circle from the four walls; all must be >= 0."""
        x, y, r = z.reshape(3, n)
        apart = np.hypot(x[first] - x[second], y[first] - y[second]) - r[first] - r[second]
        return np.concatenate([apart, x - r, 1 - x - r, y - r, 1 - y - r])

    def slopes(z):
        x, y, _ = z.reshape(3, n)
        dx, dy = x[first] - x[second], y[first] - y[second]
        d = np.maximum(np.hypot(dx, dy), 1e-12)
        j = np.zeros((len(first) + 4 * n, 3 * n))
        j[pairs, first], j[pairs, second] = dx / d, -dx / d
        j[pairs, n + first], j[pairs, n + second] = dy / d, -dy / d
        j[pairs, 2 * n + first] = j[pairs, 2 * n + second] = -1
        for wall, (column, sign) in enumerate([(0, 1), (0, -1), (n, 1), (n, -1)]):
            rows = len(first) + wall * n + np.arange(n)
            j[rows, column + np.arange(n)] = sign
            j[rows, 2 * n + np.arange(n)] = -1
        return j

    weights = np.concatenate([np.zeros(2 * n), -np.ones(n)])
    solved = minimize(
        lambda z: weights @ z,
        start(n),
        jac=lambda z: weights,
        constraints={"type": "ineq", "fun": gaps, "jac": slopes},
        method="SLSQP",
        options={"maxiter": 100, "ftol": 1e-9},
    )
    centres = np.clip(solved.x[: 2 * n].reshape(2, n).T, 0.0, 1.0)
    return {"centres": centres}


def start(n):
    rng = np.random.default_rng(0)
    rows = [5, 6, 5, 6, 4]
    x = np.concatenate([np.linspace(0.1, 0.9, count) for count in rows])[:n]
    y = np.repeat(np.linspace(0.1, 0.9, len(rows)), rows)[:n]
    jitter = rng.normal(0, 0.03, (2, n))
    return np.concatenate([x + jitter[0], y + jitter[1], np.full(n, 0.05)])
