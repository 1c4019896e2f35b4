"""Data, splits and metrics of the two-dimensional diffusion template; locked, so that no edit changes the measure.

Every data set is a distribution whose noise-free support is known exactly. So besides the distance between two
clouds of points the harness can say which generated points lie where no data can, and whether each part of the
support received its share. Training, validation and test points are independent draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

PARTS = 8
"""Every support is divided into this many parts of equal probability."""
FAR = 4.0
"""A point is stray when it lies farther from the support than this many standard deviations of the data's noise."""
ANGLES = 64
"""Directions, evenly spaced over the half circle, on which the sliced distance projects."""

Array = np.ndarray


class Data(NamedTuple):
    """What a run may see: points (n, 2), float32. ``reference`` is the test split in phase "confirmatory", else the
    validation split; ``twin`` is one more draw of the reference's size, which tells how small a distance can get."""

    train: Tensor
    validation: Tensor
    reference: Tensor
    twin: Tensor


def make_data(name: str, *, seed: int, phase: str, train_points: int, held_out_points: int) -> Data:
    """Independent draws for one run. Raises ValueError on an unknown name or phase."""
    if name not in DATASETS or phase not in ("pilot", "confirmatory"):
        raise ValueError(f"unknown data set or phase: {name!r}, {phase!r}")
    validation = draw(name, held_out_points, seed, "validation")
    reference = draw(name, held_out_points, seed, "test") if phase == "confirmatory" else validation
    twin = draw(name, held_out_points, seed, "twin")
    return Data(draw(name, train_points, seed, "train"), validation, reference, twin)


def draw(name: str, n: int, seed: int, purpose: str) -> Tensor:
    """n points (n, 2), float32, scaled by a fixed number to unit size; each purpose has its own random stream."""
    shape = DATASETS[name]
    rng = np.random.default_rng([seed, *purpose.encode()])
    points, _ = shape.place(rng.random(n), rng.random(n))
    points = points + shape.noise * rng.standard_normal((n, 2))
    return torch.from_numpy(((points - shape.centre) / shape.scale).astype(np.float32))


def evaluate(points: Tensor, data: Data, name: str) -> dict[str, float]:
    """The metrics of generated points (n, 2), n being the size of the reference. Raises ValueError otherwise."""
    return {
        "sliced_wasserstein": sliced_wasserstein(points, data.reference),
        "energy_distance": energy_distance(points, data.reference),
        **support_metrics(points, name),
    }


def noise_floor(data: Data, name: str) -> dict[str, float]:
    """What a perfect model would score on average: the metrics of a second draw of the data."""
    return evaluate(data.twin, data, name)


def sliced_wasserstein(x: Tensor, y: Tensor) -> float:
    """Order-one Wasserstein distance of the projections of two clouds (n, 2), averaged over evenly spaced directions.

    In the plane the evenly spaced directions are a quadrature, so there is no Monte Carlo error to seed.
    """
    if x.shape != y.shape:
        raise ValueError(f"clouds differ in shape: {tuple(x.shape)}, {tuple(y.shape)}")
    angle = math.pi * torch.arange(ANGLES, dtype=torch.float64, device=x.device) / ANGLES
    directions = torch.stack([angle.cos(), angle.sin()])
    a, b = ((cloud.double() @ directions).sort(dim=0).values for cloud in (x, y))
    return (a - b).abs().mean().item()


def energy_distance(x: Tensor, y: Tensor) -> float:
    """Squared energy distance 2 E|X-Y| - E|X-X'| - E|Y-Y'| of two clouds, as a V-statistic (never negative)."""

    def mean_distance(a: Tensor, b: Tensor) -> Tensor:
        return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist").double().mean()

    return (2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y)).item()


def support_metrics(points: Tensor, name: str) -> dict[str, float]:
    """stray: share of points where no data can be. imbalance: total variation distance between the shares of the
    support's parts among the points, each counted to its nearest part, and the equal shares of the data."""
    distance, part = nearest_part(points, name)
    shares = np.bincount(part, minlength=PARTS) / len(part)
    limit = FAR * DATASETS[name].noise + 1e-5  # the margin is for rounding at sharp edges
    return {"stray": float((distance > limit).mean()), "imbalance": float(0.5 * np.abs(shares - 1 / PARTS).sum())}


def nearest_part(points: Tensor, name: str) -> tuple[Array, Array]:
    """Distance (n,) of each point to the noise-free support, in the support's own unit, and its part's index (n,)."""
    shape = DATASETS[name]
    natural = points.double().cpu().numpy() * shape.scale + shape.centre
    return shape.locate(natural)


# ------------------------------------------------------------------------------------------------- the shapes


class Shape(NamedTuple):
    """A distribution: uniform draws to points of the support and their part, plus isotropic Gaussian noise."""

    place: Callable[[Array, Array], tuple[Array, Array]]
    locate: Callable[[Array], tuple[Array, Array]]
    noise: float
    centre: Array
    scale: float


def _curve(at: Callable[[Array], Array], density: int = 2000) -> Shape:
    """A curve given at u in [0, 1), with the parts as equal pieces of u; centre and scale make it of unit size."""
    grid = (np.arange(density) + 0.5) / density
    skeleton = at(grid)
    centre = skeleton.mean(axis=0)
    scale = math.sqrt(float(((skeleton - centre) ** 2).sum(axis=1).mean()) / 2)

    def locate(points: Array) -> tuple[Array, Array]:
        to_all = torch.cdist(torch.from_numpy(points), torch.from_numpy(skeleton))
        distance, index = (answer.numpy() for answer in to_all.min(dim=1))
        return distance, (grid[index] * PARTS).astype(np.int64)

    def place(u: Array, _: Array) -> tuple[Array, Array]:
        return at(u), (u * PARTS).astype(np.int64)

    return Shape(place, locate, 0.05 * scale, centre, scale)


def _circle_of_blobs(u: Array) -> Array:
    angle = 2 * np.pi * np.floor(u * PARTS) / PARTS
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _two_moons(u: Array) -> Array:
    upper, along = u < 0.5, np.pi * ((2 * u) % 1)
    x = np.where(upper, np.cos(along), 1 - np.cos(along))
    return np.stack([x, np.where(upper, np.sin(along), 0.5 - np.sin(along))], axis=1)


def _spiral(u: Array) -> Array:
    # Equal pieces of u are nearly equal pieces of length: the square root makes up for the growing radius.
    angle = np.pi * np.sqrt(1 + 15 * u)
    return np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1)


def _checkerboard() -> Shape:
    """Eight filled unit squares of a four by four board, without noise: its edges are sharp."""
    corners = np.array([(i, j) for i in range(4) for j in range(4) if (i + j) % 2 == 0], dtype=float)

    def place(u: Array, v: Array) -> tuple[Array, Array]:
        part = (u * PARTS).astype(np.int64)
        return corners[part] + np.stack([(u * PARTS) % 1, v], axis=1), part

    def locate(points: Array) -> tuple[Array, Array]:
        beyond = np.abs(points[:, None] - corners - 0.5) - 0.5  # per square and axis; negative inside
        distance = np.linalg.norm(beyond.clip(min=0), axis=2)
        return distance.min(axis=1), distance.argmin(axis=1)

    return Shape(place, locate, 0.0, np.array([2.0, 2.0]), 4 / math.sqrt(12))


DATASETS: dict[str, Shape] = {
    "ring": _curve(_circle_of_blobs),
    "moons": _curve(_two_moons),
    "spiral": _curve(_spiral),
    "checkerboard": _checkerboard(),
}
