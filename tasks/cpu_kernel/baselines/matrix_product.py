"""Base line: the distances by a matrix product, |x|^2 + |z|^2 - 2 x z, and the exponential in place."""

import numpy as np

# EVOLVE-BLOCK-START


def density(x, z):
    exponent = x @ z.T
    exponent -= 0.5 * np.einsum("ij,ij->i", x, x)[:, None]
    exponent -= 0.5 * np.einsum("ij,ij->i", z, z)
    return np.exp(exponent, out=exponent).mean(axis=1)


# EVOLVE-BLOCK-END


def reference(x, z):
    squares = ((x[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-0.5 * squares).mean(axis=1)


def run(which, x, z):
    return density(x, z) if which == "candidate" else reference(x, z)
