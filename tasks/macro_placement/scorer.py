"""Trusted scorer: the proxy cost of placements (wire length, density, overlap) on synthetic netlists of the size of
MCNC's.
"""

from __future__ import annotations

import numpy as np

from scientist.search.returned import real_array

MACROS = {"quick": (11,), "full": (11, 33, 49), "sealed": (12, 33, 49)}
"""MCNC's hp, ami33 and ami49 have as many. The netlists are drawn, with a fixed seed; theirs are not in this
repository.
"""
UTILISATION = 0.55
GRID = 16
DENSITY_WEIGHT = 0.5
OVERLAP_WEIGHT = 2.0
MARGIN = 1e-9
"""By what share of the canvas a macro may stick out of it: rounding only."""


def netlist(macros: int, rng: np.random.Generator) -> dict:
    """A netlist with locality: pins are wired to near ones of a hidden random placement, which nobody is told.

    ``sizes`` (macros, 2), ``ports`` (ports, 2) on the border, ``owner`` of each pin (a macro, or macros + port),
    ``offset`` of each pin from its owner's centre (pins, 2), ``starts`` of the nets among the pins (nets,), ``canvas``
    (2,).
    """
    sizes = np.exp(rng.normal(0.0, 0.5, (macros, 2))) * np.exp(rng.normal(0.0, 0.3, (macros, 1)))
    side = float(np.sqrt(sizes.prod(axis=1).sum() / UTILISATION))
    count = 2 * macros // 3
    along, edge = rng.uniform(0.0, side, count), rng.integers(0, 4, count)
    ports = np.where(
        edge[:, None] % 2, np.stack([along, side * (edge // 2)], 1), np.stack([side * (edge // 2), along], 1)
    )
    hidden = np.concatenate([rng.uniform(0.0, side, (macros, 2)), ports])
    owner: list[int] = []
    starts: list[int] = []
    for net in range(4 * macros):
        near = np.argsort(np.hypot(*(hidden - hidden[net % len(hidden)]).T) + rng.exponential(0.15 * side, len(hidden)))
        starts.append(len(owner))
        owner += near[: 2 + min(4, int(rng.geometric(0.6)) - 1)].tolist()
    owners = np.array(owner)
    reach = np.concatenate([sizes / 2, np.zeros((count, 2))])[owners]
    return {
        "canvas": np.array([side, side]),
        "sizes": sizes,
        "ports": ports,
        "owner": owners,
        "offset": rng.uniform(-1.0, 1.0, (len(owners), 2)) * reach,
        "starts": np.array(starts),
    }


def inputs(stage: str, seed: int) -> list[dict]:
    """One netlist a call. They are fixed, so that costs compare; "sealed" has others."""
    rng = np.random.default_rng([20210609, {"quick": 0, "full": 1, "sealed": 2}[stage]])
    return [netlist(macros, rng) for macros in MACROS[stage]]


def score(stage: str, seed: int, calls: list) -> dict:
    """Each output is the centres (macros, 2). Raises ValueError where a macro is not on the canvas. Larger is better:
    -cost.
    """
    parts = []
    for call in calls:
        centres = real_array(call.output, call.input["sizes"].shape, "the centres")
        out = np.abs(centres - call.input["canvas"] / 2) + call.input["sizes"] / 2 - call.input["canvas"] / 2
        if (out > MARGIN * call.input["canvas"]).any():
            raise ValueError(f"macro {int(np.argmax(out.max(axis=1)))} is not inside the canvas")
        parts.append(costs(call.input, centres))
    mean = {name: float(np.mean([p[name] for p in parts])) for name in parts[0]}
    told = "; ".join(" ".join(f"{name} {value:.4f}" for name, value in p.items()) for p in parts)
    return {"score": -mean["proxy_cost"], "metrics": mean, "artefacts": {"costs": f"per netlist: {told}"}}


def costs(given: dict, centres: np.ndarray) -> dict[str, float]:
    """The proxy cost and its parts, none of which has a unit."""
    wires = wire_length(given, centres) / (given["canvas"].sum() * len(given["starts"]))
    dense = density(given, centres)
    over = overlap(given["sizes"], centres)
    total = wires + DENSITY_WEIGHT * dense + OVERLAP_WEIGHT * over
    return {"proxy_cost": float(total), "wirelength": float(wires), "density": float(dense), "overlap": float(over)}


def wire_length(given: dict, centres: np.ndarray) -> float:
    """The sum over the nets of half the perimeter of the smallest box around the net's pins."""
    pins = np.concatenate([centres, given["ports"]])[given["owner"]] + given["offset"]
    return float((np.maximum.reduceat(pins, given["starts"]) - np.minimum.reduceat(pins, given["starts"])).sum())


def density(given: dict, centres: np.ndarray) -> float:
    """The mean cover of the fullest tenth of GRID x GRID cells, as a share of a cell; above 1 where macros overlap."""
    cell = given["canvas"] / GRID
    edges = np.arange(GRID)[None, :, None] * cell
    low, high = (centres - given["sizes"] / 2)[:, None], (centres + given["sizes"] / 2)[:, None]
    covered = np.clip(np.minimum(high, edges + cell) - np.maximum(low, edges), 0.0, None)
    cells = np.sort((covered[:, :, 0].T @ covered[:, :, 1]).ravel()) / cell.prod()
    return float(cells[-max(1, GRID * GRID // 10) :].mean())


def overlap(sizes: np.ndarray, centres: np.ndarray) -> float:
    """The area that pairs of macros share, as a share of the macros' area."""
    first, second = np.triu_indices(len(sizes), 1)
    reach = (sizes[first] + sizes[second]) / 2 - np.abs(centres[first] - centres[second])
    shared = np.minimum(np.clip(reach, 0.0, None), np.minimum(sizes[first], sizes[second]))
    return float(shared.prod(axis=1).sum() / sizes.prod(axis=1).sum())
