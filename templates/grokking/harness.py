"""Data, splits and measures of the grokking template. Locked: a run always gets the template's own copy of it.

The validation split says when a run has generalised. The test split is made only in phase "confirmatory"; in phase
"pilot" its pairs exist in nobody's hands, and the validation split is reported in its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

OPERATIONS: dict[str, Callable[[Tensor, Tensor, int], Tensor]] = {
    "mod_add": lambda a, b, p: (a + b) % p,
    "mod_sub": lambda a, b, p: (a - b) % p,
    "mod_mul": lambda a, b, p: (a * b) % p,
    "mod_div": lambda a, b, p: (a * _inverses(p)[b]) % p,
}


class Split(NamedTuple):
    """``pairs`` is (n, 2), the operands; ``answers`` is (n,). All are integers in [0, modulus)."""

    pairs: Tensor
    answers: Tensor


class Task(NamedTuple):
    """``held_out`` is the test split in phase "confirmatory" and the validation split in phase "pilot"."""

    train: Split
    validation: Split
    held_out: Split


class Reading(NamedTuple):
    """What was measured after ``step`` updates."""

    step: int
    train_loss: float
    train_accuracy: float
    validation_accuracy: float


def make_task(name: str, config: dict[str, Any], seed: int) -> Task:
    """All equations ``a op b = c (mod p)``, split at random by ``seed``.

    The order of the pairs depends on the seed alone. Test pairs are taken from the front, validation pairs after them,
    training pairs from the back: for one seed, whatever the training fraction, the runs are measured on the same pairs.
    With ``mirrored_together`` the pairs (a, b) and (b, a) always share a split.
    """
    modulus, phase = config["modulus"], config["phase"]
    if name not in OPERATIONS:
        raise ValueError(f"unknown operation {name!r}; known: {', '.join(OPERATIONS)}")
    if modulus < 3 or any(modulus % k == 0 for k in range(2, math.isqrt(modulus) + 1)):
        raise ValueError(f"modulus must be an odd prime, not {modulus}: division needs inverses")
    if phase not in ("pilot", "confirmatory"):
        raise ValueError(f"unknown phase {phase!r}")
    fractions = (config["test_fraction"], config["validation_fraction"], config["train_fraction"])
    if min(fractions) <= 0 or sum(fractions) > 1 + 1e-9:
        raise ValueError(f"test, validation and training fractions must be positive and sum to 1 at most: {fractions}")

    first = 1 if name == "mod_div" else 0  # nothing is divided by zero
    pairs = torch.cartesian_prod(torch.arange(modulus), torch.arange(first, modulus))
    place = _shuffled_places(pairs, modulus, config["mirrored_together"], seed)
    n_test, n_validation, n_train = (round(f * (int(place.max()) + 1)) for f in fractions)
    n = int(place.max()) + 1

    def split(low: int, high: int) -> Split:
        chosen = pairs[(place >= low) & (place < high)]
        return Split(chosen, OPERATIONS[name](chosen[:, 0], chosen[:, 1], modulus))

    validation = split(n_test, n_test + n_validation)
    held_out = split(0, n_test) if phase == "confirmatory" else validation
    return Task(split(max(n_test + n_validation, n - n_train), n), validation, held_out)


def accuracy(logits: Tensor, answers: Tensor) -> float:
    """Share of rows of ``logits`` (n, modulus) whose largest entry is at the answer."""
    return int((logits.argmax(dim=-1) == answers).sum()) / len(answers)


def weight_norm(model: torch.nn.Module) -> float:
    """Euclidean norm of all parameters together."""
    return math.sqrt(sum(float(p.detach().square().sum()) for p in model.parameters()))


def measure(
    history: Sequence[Reading], held_out_accuracy: float, norm: float, config: dict[str, Any]
) -> dict[str, float]:
    """The metrics of one run.

    A run generalised at the first reading whose validation accuracy is at least ``threshold``, and fitted at the first
    whose training accuracy is. Where that never happened the step is ``max_steps``: right-censored, never dropped. The
    grokking gap of a run that did not generalise is the rest of the budget after fitting, a lower bound.
    """
    fitted = first_step(history, "train_accuracy", config["threshold"])
    generalised = first_step(history, "validation_accuracy", config["threshold"])
    budget = config["max_steps"]
    steps_to_generalise = budget if generalised is None else generalised
    steps_to_fit = budget if fitted is None else fitted
    return {
        "steps_to_generalise": float(steps_to_generalise),
        "steps_to_fit": float(steps_to_fit),
        "grokking_gap": float(max(0, steps_to_generalise - steps_to_fit)),
        "heldout_acc": held_out_accuracy,
        "weight_norm": norm,
    }


def censored(means: dict[str, float], config: dict[str, Any]) -> list[str]:
    """The metrics of ``measure`` that were not observed within the budget."""
    missing = [name for name in ("steps_to_generalise", "steps_to_fit") if means[name] >= config["max_steps"]]
    return [*missing, "grokking_gap"] if missing else []


def first_step(history: Sequence[Reading], field: str, threshold: float) -> int | None:
    """The step of the first reading whose ``field`` is at least ``threshold``; None if there is none in the budget.

    A threshold first reached at the very last reading counts as not reached, for it cannot be told from a run that was
    cut off: this keeps "the value equals the budget" and "censored" one and the same.
    """
    return next((r.step for r in history[:-1] if getattr(r, field) >= threshold), None)


def _shuffled_places(pairs: Tensor, modulus: int, mirrored_together: bool, seed: int) -> Tensor:
    """A place in a random order for each row of ``pairs``; with ``mirrored_together``, one place for both orders."""
    low, high = (pairs.min(dim=1).values, pairs.max(dim=1).values) if mirrored_together else pairs.unbind(dim=1)
    _, group = torch.unique(low * modulus + high, return_inverse=True)
    order = torch.randperm(int(group.max()) + 1, generator=torch.Generator().manual_seed(seed))
    return order[group]


def _inverses(modulus: int) -> Tensor:
    """``_inverses(p)[b] * b = 1 (mod p)`` for b > 0; the entry at zero is zero and never used."""
    return torch.tensor([0] + [pow(b, -1, modulus) for b in range(1, modulus)])
