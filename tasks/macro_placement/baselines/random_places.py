"""Base line: every macro at a random place, overlap or not."""

import numpy as np

# EVOLVE-BLOCK-START


def place(netlist):
    low = netlist["sizes"] / 2
    return low + np.random.default_rng(0).random(low.shape) * (netlist["canvas"] - 2 * low)


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
