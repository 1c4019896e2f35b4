"""Online bin packing: which of the bins that can take it does an item go to? The one with the largest priority."""

import numpy as np

# EVOLVE-BLOCK-START
LEFT = [0.0, 0.0, 0.0, 0.0]
SIZE = 0.0


def priority(item, bins):
    """``bins``: room left in each bin that can take the item, in their order; a number for each comes back."""
    left = (bins - item) / bins.max()
    value = SIZE * item
    for weight in LEFT:
        value = (value + weight) * left
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
