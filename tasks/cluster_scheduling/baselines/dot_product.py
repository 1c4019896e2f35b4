"""Base line: the machine whose free resources point most the way that the request does (Panigrahy et al., 2011)."""

import numpy as np

# EVOLVE-BLOCK-START


def score(required, free):
    size = free / np.array([96, 512])
    want = required / np.array([96, 512])
    return size @ want / np.hypot(size[:, 0], size[:, 1])


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
