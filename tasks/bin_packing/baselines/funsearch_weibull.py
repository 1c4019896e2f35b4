"""Base line: FunSearch's published heuristic for Weibull sizes (Romera-Paredes et al., Nature 2024), as a formula."""

import numpy as np

# EVOLVE-BLOCK-START


def priority(item, bins):
    """``bins``: room left in each bin that can take the item, in their order; a number for each comes back."""
    largest = bins.max()
    value = (bins - largest) ** 2 / item + bins**2 / item**2 + bins**2 / item**3
    value = np.where(bins > item, -value, value)
    return np.diff(value, prepend=0.0)


# EVOLVE-BLOCK-END

_room = []


def run(items, start):
    """The bin of each item, one item for each instance. ``start`` opens new instances, with as many bins as items to
    come.
    """
    if start is not None:
        _room[:] = [np.full(start["bins"], start["capacity"], dtype=float) for _ in items]
    return [_place(item, room) for item, room in zip(items, _room)]


def _place(item, room):
    fitting = np.flatnonzero(room >= item)
    chosen = fitting[np.argmax(priority(item, room[fitting]))]
    room[chosen] -= item
    return int(chosen)
