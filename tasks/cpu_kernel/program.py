"""A kernel density estimate, to be made fast: the mean over centres z of exp(-|x - z|^2 / 2), for each point x."""

import numpy as np

# EVOLVE-BLOCK-START


def density(x, z):
    """``x`` (n, d) and ``z`` (m, d), float32; returns n numbers."""
    squares = ((x[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-0.5 * squares).mean(axis=1)


# EVOLVE-BLOCK-END


def reference(x, z):
    squares = ((x[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-0.5 * squares).mean(axis=1)


def run(which, x, z):
    return density(x, z) if which == "candidate" else reference(x, z)
