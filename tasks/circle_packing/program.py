"""Where the 26 circles stand. The best radii for these centres follow by linear programming."""

import numpy as np

# EVOLVE-BLOCK-START
ROWS = [5, 6, 5, 6, 4]
MARGIN = 0.1
SHIFT = 0.02
# fmt: off
NUDGE = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
]
# fmt: on


def place(n):
    """An array (n, 2) of centres in the unit square: staggered rows, each circle then moved by its two numbers of
    NUDGE.
    """
    points = []
    for row, count in enumerate(ROWS):
        y = MARGIN + (1 - 2 * MARGIN) * row / (len(ROWS) - 1)
        for k in range(count):
            x = MARGIN + (1 - 2 * MARGIN) * k / (count - 1)
            points.append((x + SHIFT * (row % 2), y))
    return np.clip(np.array(points[:n]) + np.array(NUDGE).reshape(n, 2), 0.0, 1.0)


# EVOLVE-BLOCK-END


def run(n):
    return {"centres": place(n)}
