"""Base line: FunSearch's published heuristic for uniform sizes (Romera-Paredes et al., Nature 2024), as a formula."""

import numpy as np

# EVOLVE-BLOCK-START


def priority(item, bins):
    """``bins``: room left in each bin that can take the item, in their order; a number for each comes back."""
    gap = bins - item
    value = 1000 - bins * gap
    fullest = np.argmin(bins)
    value[fullest] = value[fullest] * item - gap[fullest] ** 4
    return value


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
