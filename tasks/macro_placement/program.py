"""Macro placement: the centres of a chip's macros. ``cost(netlist, centres)`` is at hand to search with."""

import numpy as np

# EVOLVE-BLOCK-START
HEIGHT = 1.0
WIDTH = 0.0
GAP = 0.0


def place(netlist):
    """Centres (macros, 2) on the canvas, for ``sizes`` (macros, 2): shelves filled from the left, the tallest first."""
    sizes, canvas = netlist["sizes"], netlist["canvas"]
    centres = np.zeros_like(sizes)
    x = y = shelf = 0.0
    for i in np.argsort(-(HEIGHT * sizes[:, 1] + WIDTH * sizes[:, 0])):
        if x + sizes[i, 0] > canvas[0]:
            x, y, shelf = 0.0, y + shelf, 0.0
        centres[i] = (x + sizes[i, 0] / 2, y + sizes[i, 1] / 2)
        x = x + sizes[i, 0] + GAP
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
