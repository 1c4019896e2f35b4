"""Base line: simulated annealing over moves and exchanges, from shelves."""

import numpy as np

# EVOLVE-BLOCK-START
STEPS = 1000
HOT, COLD = 0.05, 0.0003


def place(netlist):
    """Simulated annealing from shelves: a macro moves, by ever smaller steps, or two macros change places."""
    rng = np.random.default_rng(0)
    sizes, canvas = netlist["sizes"], netlist["canvas"]
    centres = shelves(sizes, canvas)
    now = cost(netlist, centres)
    best, lowest = centres, now
    for step in range(STEPS):
        left = 1 - step / STEPS
        heat = COLD * (HOT / COLD) ** left
        moved = centres.copy()
        i, j = rng.integers(len(sizes), size=2)
        if rng.random() < 0.3:
            moved[[i, j]] = moved[[j, i]]
        else:
            moved[i] += rng.normal(0, 0.02 + 0.3 * left**2, 2) * canvas
        moved = np.clip(moved, sizes / 2, canvas - sizes / 2)
        then = cost(netlist, moved)
        if then <= now or rng.random() < np.exp((now - then) / heat):
            centres, now = moved, then
            if now < lowest:
                best, lowest = centres, now
    return best


def shelves(sizes, canvas):
    centres = np.zeros_like(sizes)
    x = y = shelf = 0.0
    for i in np.argsort(-sizes[:, 1]):
        if x + sizes[i, 0] > canvas[0]:
            x, y, shelf = 0.0, y + shelf, 0.0
        centres[i] = (x + sizes[i, 0] / 2, y + sizes[i, 1] / 2)
        x += sizes[i, 0]
        shelf = max(shelf, sizes[i, 1])
    return np.clip(centres, sizes / 2, canvas - sizes / 2)


# EVOLVE-BLOCK-END

GRID = 16


def cost(netlist, centres):
    """What is scored, the smaller the better: wire length, half the density of the fullest cells, twice the overlap."""
    pins = np.concatenate([centres, netlist["ports"]])[netlist["owner"]] + netlist["offset"]
    starts, sizes, canvas = netlist["starts"], netlist["sizes"], netlist["canvas"]
    wires = (np.maximum.reduceat(pins, starts) - np.minimum.reduceat(pins, starts)).sum() / (canvas.sum() * len(starts))
    cell = canvas / GRID
    edges = np.arange(GRID)[None, :, None] * cell
    low, high = (centres - sizes / 2)[:, None], (centres + sizes / 2)[:, None]
    covered = np.clip(np.minimum(high, edges + cell) - np.maximum(low, edges), 0.0, None)
    cells = np.sort((covered[:, :, 0].T @ covered[:, :, 1]).ravel()) / cell.prod()
    first, second = np.triu_indices(len(sizes), 1)
    reach = (sizes[first] + sizes[second]) / 2 - np.abs(centres[first] - centres[second])
    shared = np.minimum(np.clip(reach, 0.0, None), np.minimum(sizes[first], sizes[second]))
    return (
        wires + 0.5 * cells[-(GRID * GRID // 10) :].mean() + 2.0 * shared.prod(axis=1).sum() / sizes.prod(axis=1).sum()
    )


def run(**netlist):
    return place(netlist)
