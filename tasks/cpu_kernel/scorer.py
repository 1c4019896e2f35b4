"""Trusted scorer: each output against float64, then speed-ups from calls of the reference and the candidate in turn.

The reference runs in the candidate's process, so a candidate could slow it down (patch NumPy, start threads, sleep).
What the reference may take is therefore bounded by what the scorer's own reference takes, here, on the same inputs,
times SLACK. Every call gets fresh inputs, so nothing that was computed for one call helps another. Of several times the
least is taken: what other programs on the machine do can only add to a time.
"""

from __future__ import annotations

import math
import time

import numpy as np

from scientist.search.returned import real_array

TOLERANCE = 1e-4
"""Largest relative error of any entry. An absolute tolerance would let zeros pass: entries may be as small as 1e-4."""
SLACK = 1.1
PACES = (0.8, 1.0, 1.5, 2.0)
"""fast_p: the share of shapes on which the candidate is correct and more than p times as fast as the reference."""
SHAPES = {
    "quick": ((128, 128, 8), (64, 512, 4)),
    "full": ((256, 256, 8), (128, 512, 4), (192, 320, 16), (512, 128, 6)),
    "sealed": ((240, 272, 8), (96, 600, 5), (320, 192, 12), (450, 160, 7)),
}
PAIRS = {"quick": 5, "full": 7, "sealed": 15}


def inputs(stage: str, seed: int) -> list[dict]:
    """Reference and candidate in turn, each on points of its own; the first pair of each shape warms up and is not
    timed.
    """
    rng = np.random.default_rng([seed, len(SHAPES[stage])])
    return [
        {"which": which, "x": _points(rng, n, d), "z": _points(rng, m, d)}
        for n, m, d in SHAPES[stage]
        for pair in range(PAIRS[stage] + 1)
        for which in (("reference", "candidate") if pair % 2 else ("candidate", "reference"))
    ]


def _points(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return (rng.normal(0.0, 1.0, (n, d)) * rng.uniform(0.3, 1.0) + rng.normal(0.0, 0.2, d)).astype(np.float32)


def score(stage: str, seed: int, calls: list) -> dict:
    """The geometric mean of the speed-ups over the shapes; 0 where any output of the candidate is wrong.

    Raises ValueError where an output is no array of the right shape, or the reference itself no longer tells the truth.
    """
    each = 2 * (PAIRS[stage] + 1)
    speedups, told, worst = [], [], 0.0
    for k, shape in enumerate(SHAPES[stage]):
        group = calls[k * each : (k + 1) * each]
        worst = max(worst, *(_error(call) for call in group))
        theirs = min(call.seconds for call in group[2:] if call.input["which"] == "candidate")
        said = min(call.seconds for call in group[2:] if call.input["which"] == "reference")
        bound = SLACK * _trusted_seconds(group[2:])
        speedups.append(min(said, bound) / max(theirs, 1e-9))
        told.append(f"{shape}: {speedups[-1]:.2f}" + (" (reference bounded)" if said > bound else ""))
    correct = worst <= TOLERANCE
    overall = math.exp(sum(map(math.log, speedups)) / len(speedups)) if correct else 0.0
    fast = {f"fast_{p:g}": sum(correct and s > p for s in speedups) / len(speedups) for p in PACES}
    metrics = {"speedup": overall, **fast, "correct": float(correct), "worst_relative_error": worst}
    wrong = "" if correct else f"wrong: relative error {worst:.3g}, at most {TOLERANCE:g} is allowed; "
    return {"score": overall, "metrics": metrics, "artefacts": {"speedups": wrong + "; ".join(told)}}


def _error(call: object) -> float:
    x, z = call.input["x"].astype(np.float64), call.input["z"].astype(np.float64)
    found = real_array(call.output, (len(x),), "the result")
    true = np.exp(-0.5 * ((x[:, None] - z[None]) ** 2).sum(axis=2)).mean(axis=1)
    error = float((np.abs(found - true) / true).max())
    if call.input["which"] == "reference" and error > TOLERANCE:
        raise ValueError("the reference gave a wrong result: the program must leave it alone")
    return error


def _trusted_seconds(group: list) -> float:
    """What the reference takes in this process on the inputs of the reference's calls: the least."""
    return min(_timed(call.input["x"], call.input["z"]) for call in group if call.input["which"] == "reference")


def _timed(x: np.ndarray, z: np.ndarray) -> float:
    started = time.perf_counter()
    reference(x, z)
    return time.perf_counter() - started


def reference(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The same text as in the locked part of program.py."""
    squares = ((x[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-0.5 * squares).mean(axis=1)
