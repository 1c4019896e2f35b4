"""Data, splits and metrics of the digits template; locked, so that an edited experiment cannot change what is measured.

The images are scikit-learn's copy of the UCI handwritten digits. Everything random here hangs on the run's seed
alone: two conditions at one seed see the same split, the same corrupted labels and the same few labelled images.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

CLASSES = 10
SIDE = 8
DATASETS = ("digits", "digits_noisy", "digits_small")
CONTENT_SHA256 = "e10b10289c0d9d8a1b3e6b7dfe998949029a89056e0e06dfb989924a36d75a3c"


class Split(NamedTuple):
    """Images (n, 1, 8, 8), float32 in [0, 1], and their labels (n,), int64."""

    images: Tensor
    labels: Tensor


class Data(NamedTuple):
    """What a run may see. ``held_out`` is the test split in phase "confirmatory", else the validation split again."""

    train: Split
    validation: Split
    held_out: Split


def make_data(
    name: str,
    *,
    seed: int,
    phase: str,
    test_fraction: float,
    validation_fraction: float,
    noise_rate: float,
    labels_per_class: int,
) -> Data:
    """Split the digits for one run. Only training labels are ever corrupted or withheld.

    ``digits_noisy`` moves a share ``noise_rate`` of the training labels to another class, drawn uniformly;
    ``digits_small`` keeps ``labels_per_class`` training images of each class. Raises ValueError on an unknown name
    or phase.
    """
    if name not in DATASETS or phase not in ("pilot", "confirmatory"):
        raise ValueError(f"unknown data set or phase: {name!r}, {phase!r}")
    images, labels = load_digits()
    train, validation, test = split_indices(labels, seed, test_fraction, validation_fraction)
    targets = labels.copy()
    if name == "digits_noisy":
        targets[train] = corrupt(labels[train], noise_rate, seed)
    elif name == "digits_small":
        train = first_of_each_class(train, labels, labels_per_class)
    held_out = test if phase == "confirmatory" else validation
    return Data(*(_split(images, targets, index) for index in (train, validation, held_out)))


def evaluate(logits: Tensor, labels: Tensor, bins: int) -> dict[str, float]:
    """The metrics of one set of predictions: logits (n, 10), labels (n,).

    error: share of wrong labels. nll: mean negative log-likelihood, nats. brier: squared distance between the
    predicted and the one-hot distribution, summed over classes, in [0, 2]. ece: expected calibration error.
    """
    log_probabilities = logits.double().log_softmax(dim=1)
    probabilities = log_probabilities.exp()
    confidence, prediction = probabilities.max(dim=1)
    correct = (prediction == labels).double()
    one_hot = torch.nn.functional.one_hot(labels, CLASSES).double()
    return {
        "error": 1.0 - correct.mean().item(),
        "nll": -log_probabilities.gather(1, labels[:, None]).mean().item(),
        "brier": (probabilities - one_hot).square().sum(dim=1).mean().item(),
        "ece": calibration_error(confidence, correct, bins),
    }


def calibration_error(confidence: Tensor, correct: Tensor, bins: int) -> float:
    """Expected calibration error: |accuracy - mean confidence| in bins of equal width on (0, 1], weighted by size."""
    bin_of = (confidence * bins).ceil().long().clamp(1, bins) - 1
    gap = torch.zeros(bins, dtype=torch.float64, device=confidence.device)
    # The sum of (correct - confidence) in a bin is its size times its gap, so the weights come by themselves.
    gap.index_add_(0, bin_of, correct.double() - confidence.double())
    return (gap.abs().sum() / len(confidence)).item()


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """All images (1797, 8, 8), float32 in [0, 1], and labels (1797,), int64, in the order of the file.

    The file inside scikit-learn is read directly: importing the library would take longer than a training run.
    Raises RuntimeError where the content is not the one that this template was written for.
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise RuntimeError("scikit-learn is not installed: pip install scikit-learn")
    with gzip.open(Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.int64)
    if hashlib.sha256(table.astype("<i8").tobytes()).hexdigest() != CONTENT_SHA256:
        raise RuntimeError("scikit-learn's digits differ from the data that this template was written for")
    return (table[:, :-1] / 16.0).astype(np.float32).reshape(-1, SIDE, SIDE), table[:, -1]


def split_indices(labels: np.ndarray, seed: int, test_fraction: float, validation_fraction: float) -> list[np.ndarray]:
    """Disjoint train, validation and test indices with each class in equal proportion, in random order."""
    rng = _rng(seed, "split")
    parts: list[list[np.ndarray]] = [[], [], []]
    for label in range(CLASSES):
        index = rng.permutation(np.flatnonzero(labels == label))
        n_test, n_validation = round(test_fraction * len(index)), round(validation_fraction * len(index))
        pieces = np.split(index, [len(index) - n_test - n_validation, len(index) - n_test])
        for part, piece in zip(parts, pieces, strict=True):
            part.append(piece)
    return [rng.permutation(np.concatenate(part)) for part in parts]


def corrupt(labels: np.ndarray, rate: float, seed: int) -> np.ndarray:
    """Labels of which exactly round(rate * n) are moved to another class, each other class equally likely."""
    rng = _rng(seed, "noise")
    wrong = rng.permutation(len(labels))[: round(rate * len(labels))]
    noisy = labels.copy()
    noisy[wrong] = (noisy[wrong] + rng.integers(1, CLASSES, size=len(wrong))) % CLASSES
    return noisy


def first_of_each_class(index: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """The first ``count`` entries of each class in ``index`` (already in random order), in that order."""
    keep = np.concatenate([np.flatnonzero(labels[index] == label)[:count] for label in range(CLASSES)])
    return index[np.sort(keep)]


def _split(images: np.ndarray, labels: np.ndarray, index: np.ndarray) -> Split:
    return Split(torch.from_numpy(images[index])[:, None], torch.from_numpy(labels[index]))


def _rng(seed: int, purpose: str) -> np.random.Generator:
    """An independent stream for each purpose, so that drawing more for one leaves the others as they were."""
    return np.random.default_rng([seed, *purpose.encode()])
