"""Cluster scheduling: which of the machines that have room does a request go to? The one with the largest score."""

import numpy as np

# EVOLVE-BLOCK-START
CORES = 0.0
MEMORY = 0.0
BALANCE = 0.0


def score(required, free):
    """``required``: (cores, gigabytes); ``free``: the same for each machine with room, (machines, 2). A number for
    each.
    """
    c = required[0] / free[:, 0]
    m = required[1] / free[:, 1]
    return CORES * c + MEMORY * m + BALANCE * abs(c - m)


# EVOLVE-BLOCK-END

_free = []
_placed = []


def run(requests, left, machines):
    """The machine of each cluster's next request, or -1; ``left`` are numbers of requests that went before it."""
    if machines is not None:
        _free[:] = [np.array(fleet, dtype=float) for fleet in machines]
        _placed[:] = [{} for _ in machines]
        run.step = 0
    answer = [_one(np.asarray(r), gone, free, placed) for r, gone, free, placed in zip(requests, left, _free, _placed)]
    run.step += 1
    return answer


def _one(required, gone, free, placed):
    for number in gone:
        if number in placed:
            machine, size = placed.pop(number)
            free[machine] += size
    fitting = np.flatnonzero((free >= required).all(axis=1))
    if not len(fitting):
        return -1
    machine = int(fitting[np.argmax(score(required, free[fitting]))])
    free[machine] -= required
    placed[run.step] = (machine, required)
    return machine
