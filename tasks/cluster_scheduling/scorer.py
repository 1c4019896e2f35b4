"""Trusted scorer: replays arrivals and departures, and measures how much of the demand was placed and what stood
stranded.

Online by construction: a call holds the next request of several clusters, and which earlier requests have left; nothing
that comes later is sent before the answer is back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scientist.search.returned import integer_array

MACHINES = np.array([[32.0, 128.0], [64.0, 256.0], [64.0, 512.0], [96.0, 384.0]])
"""Cores and gigabytes of the kinds of machine."""
MACHINE_SHARES = (0.35, 0.3, 0.2, 0.15)
CORES = np.array([1, 2, 4, 8, 16])
CORE_SHARES = (0.3, 0.3, 0.2, 0.14, 0.06)
LOAD = 1.1
"""Offered load of the scarcer resource: more is asked for than there is, so that what is stranded is missed."""

WARM_UP = 3
"""The first third of a trace fills the cluster and is not counted."""


class Trace(NamedTuple):
    """``machines`` (clusters, machines, 2); ``requests`` (clusters, steps, 2); ``lives`` in steps (clusters, steps)."""

    machines: np.ndarray
    requests: np.ndarray
    lives: np.ndarray

    def departures(self) -> list[list[list[int]]]:
        """[step][cluster]: the numbers of the requests whose time is up just before the step."""
        clusters, steps = self.lives.shape
        gone: list[list[list[int]]] = [[[] for _ in range(clusters)] for _ in range(steps)]
        for cluster, row in enumerate((np.arange(steps) + self.lives).tolist()):
            for request, end in enumerate(row):
                if end < steps:
                    gone[end][cluster].append(request)
        return gone


def trace(stage: str) -> Trace:
    """Fixed traces; "sealed" has others of the same distributions. Lives are geometric, memory per core log-normal."""
    clusters, machines, steps = {"quick": (3, 10, 400), "full": (6, 20, 1000), "sealed": (6, 20, 1000)}[stage]
    rng = np.random.default_rng([20250514, {"quick": 0, "full": 1, "sealed": 2}[stage]])
    kinds = rng.choice(len(MACHINES), (clusters, machines), p=MACHINE_SHARES)
    cores = rng.choice(CORES, (clusters, steps), p=CORE_SHARES).astype(float)
    memory = np.clip(np.rint(cores * 4 * rng.lognormal(0.0, 0.8, cores.shape)), 1, 256)
    requests = np.stack([cores, memory], axis=2)
    fleet = MACHINES[kinds]
    # Little's law: as many requests are present as arrive during one life.
    life = LOAD * (fleet.sum(axis=1) / requests.mean(axis=1)).min(axis=1)
    return Trace(fleet, requests, rng.geometric(1 / life[:, None], cores.shape))


def inputs(stage: str, seed: int) -> list[dict]:
    """Per call: ``requests`` (clusters, 2), ``left`` (numbers of requests for each cluster), ``machines`` at the start
    only.
    """
    given = trace(stage)
    return [
        {"requests": given.requests[:, t], "left": left, "machines": given.machines if t == 0 else None}
        for t, left in enumerate(given.departures())
    ]


def score(stage: str, seed: int, calls: list) -> dict:
    """Each output is a machine's number for each cluster, or -1 where none has room; ValueError for others."""
    given = trace(stage)
    clusters, steps = given.lives.shape
    free = given.machines.copy()
    at = np.full((clusters, steps), -1)
    every = np.arange(clusters)
    stranded = []
    for t, left in enumerate(given.departures()):
        _depart(given, free, at, left)
        chosen = integer_array(calls[t].output if t < len(calls) else None, (clusters,), "the machines")
        _check(t, chosen, free, given.requests[:, t])
        placed = chosen >= 0
        at[placed, t] = chosen[placed]
        free[every[placed], chosen[placed]] -= given.requests[placed, t]
        if t >= steps // WARM_UP:
            stranded.append(_stranded(free, given))
    placed = at[:, steps // WARM_UP :] >= 0
    counted = given.requests[:, steps // WARM_UP :]
    # Cores and gigabytes count alike, each as a share of all that were asked for.
    weight = (counted / counted.sum(axis=1, keepdims=True)).mean(axis=2)
    percent = float(100 * (weight * placed).sum(axis=1).mean())
    metrics = {
        "placed_percent": percent,
        "placed_requests_percent": float(100 * placed.mean()),
        "stranded_percent": float(100 * np.mean(stranded)),
    }
    per_cluster = " ".join(f"{100 * x:.2f}" for x in (weight * placed).sum(axis=1))
    return {"score": percent, "metrics": metrics, "artefacts": {"placed": f"per cluster: {per_cluster} %"}}


def _depart(given: Trace, free: np.ndarray, at: np.ndarray, left: list[list[int]]) -> None:
    for cluster, gone in enumerate(left):
        for request in gone:
            if at[cluster, request] >= 0:
                free[cluster, at[cluster, request]] += given.requests[cluster, request]


def _check(step: int, chosen: np.ndarray, free: np.ndarray, requests: np.ndarray) -> None:
    """A machine is named that has room; none is named only where none has."""
    if (chosen < -1).any() or (chosen >= free.shape[1]).any():
        raise ValueError(
            f"request {step} went to a machine that does not exist; they are 0 to {free.shape[1] - 1}, or -1"
        )
    fits = (free >= requests[:, None]).all(axis=2)
    if ((chosen == -1) & fits.any(axis=1)).any():
        raise ValueError(f"request {step} was turned away although a machine has room for it")
    if not fits[np.arange(len(chosen)), chosen][chosen >= 0].all():
        raise ValueError(f"request {step} went to a machine that has no room for it")


def _stranded(free: np.ndarray, given: Trace) -> float:
    """Share of the fleet's capacity that is free, but on machines that could not take the cluster's mean request."""
    typical = given.requests.mean(axis=1)[:, None]
    stuck = ~(free >= typical).all(axis=2)
    return float(((free * stuck[..., None]).sum(axis=1) / given.machines.sum(axis=1)).mean())
