"""Base line: worst fit among the opened bins. Opens a new bin only if none can take the item."""

import numpy as np

# EVOLVE-BLOCK-START


def priority(item, bins):
    """``bins``: room left in each bin that can take the item, in their order; a number for each comes back."""
    opened = bins < bins.max()
    return np.where(opened, bins, 0.0)


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
