"""What runs leave beside their metrics, learning curves and generated samples, and how curves are averaged."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scientist.analysis.observations import Observations, relative_folder
from scientist.errors import TemplateError

Points = NDArray[np.float64]
"""Shape (n, 2)."""


@dataclass(frozen=True)
class Curve:
    """Mean over ``n`` seeds at each x, with a pointwise t band (NaN below two seeds)."""

    x: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: int


def read_series(seen: Observations, root: Path) -> dict[tuple[str, str, str], dict[int, Points]]:
    """Every series of every completed run's ``curves.json``, by (data set, series, condition) and seed.

    Raises TemplateError for a file that is there and breaks its contract.
    """
    found: dict[tuple[str, str, str], dict[int, Points]] = {}
    for path, condition, seed, data in _files(seen, root, "curves.json"):
        try:
            for dataset, entry in data.items():
                for series, pairs in entry["series"].items():
                    points = _finite(pairs)
                    if len(points):
                        found.setdefault((dataset, series, condition), {})[seed] = points[np.argsort(points[:, 0])]
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            raise _broken(path, '{"<data set>": {"x": name, "series": {"<series>": [[x, y], …]}}}') from e
    return found


def read_samples(seen: Observations, root: Path) -> dict[tuple[str, str], tuple[int, Points, Points]]:
    """The points and the reference of the first seed of each (data set, condition) that left ``samples.json``."""
    found: dict[tuple[str, str], tuple[int, Points, Points]] = {}
    for path, condition, seed, data in _files(seen, root, "samples.json"):
        try:
            for dataset, entry in data.items():
                key = (dataset, condition)
                if key not in found:
                    found[key] = (seed, _finite(entry["points"]), _finite(entry["reference"]))
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            raise _broken(path, '{"<data set>": {"points": [[x, y], …], "reference": [[x, y], …]}}') from e
    return found


def average(runs: Mapping[int, Points], level: float, *, log: bool) -> Curve:
    """Average the seeds of a curve on the range that all of them cover; geometrically where ``log``.

    Seeds recorded at different x are interpolated linearly onto all their x.
    """
    curves: Sequence[Points] = list(runs.values())
    start, end = max(c[0, 0] for c in curves), min(c[-1, 0] for c in curves)
    x = np.unique(np.concatenate([c[:, 0] for c in curves]))
    x = x[(x >= start) & (x <= end)]
    y = np.stack([np.interp(x, c[:, 0], np.log(c[:, 1]) if log else c[:, 1]) for c in curves])
    n, mean = len(curves), y.mean(axis=0)
    half = np.full_like(mean, np.nan)
    if n > 1:
        half = stats.t.ppf(0.5 + level / 2, n - 1) * y.std(axis=0, ddof=1) / math.sqrt(n)
    low, high = mean - half, mean + half
    return Curve(x, np.exp(mean), np.exp(low), np.exp(high), n) if log else Curve(x, mean, low, high, n)


def _files(seen: Observations, root: Path, name: str) -> list[tuple[Path, str, int, Any]]:
    found = []
    for condition in seen.plan.conditions:
        for result in seen.completed(condition.id):
            path = root / relative_folder(result) / name
            if path.is_file():
                try:
                    found.append((path, condition.id, result.run.seed, json.loads(path.read_text(encoding="utf-8"))))
                except ValueError as e:
                    raise _broken(path, "JSON") from e
    return found


def _finite(pairs: Any) -> Points:
    points: Points = np.asarray(pairs, dtype=float)
    if points.size == 0:
        return np.empty((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points of shape {points.shape}, not (n, 2)")
    kept: Points = points[np.isfinite(points).all(axis=1)]
    return kept


def _broken(path: Path, shape: str) -> TemplateError:
    return TemplateError(f"{path} cannot be drawn", f"the template must write it as {shape}, or not at all")
