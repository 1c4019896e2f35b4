"""Statistics of a seeded design: intervals, paired tests of contrasts, equivalence, multiplicity.

The unit of analysis is the seed. A contrast is computed within each seed and then tested over seeds, so that what the
conditions of a seed share (initialisation, data order) cancels.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from scientist.types import Contrast

Values = Mapping[int, float]
"""What one condition measured, by seed."""

TestName = Literal["paired_t", "sign_flip", "none"]
RELATIVE_ROUNDING = 1e-12
"""Differences smaller than this share of the compared values are rounding of the subtraction, not spread."""
MOST_EXACT_PAIRS = 36
"""Above this the exact sign-flip distribution (two halves of ``2**(n/2)`` sums) costs too much memory."""
BOOTSTRAP_SEED = 20_240_607


@dataclass(frozen=True)
class MeanInterval:
    """A mean over ``n`` seeds. ``sd`` and the Student t interval are None where they are not defined."""

    n: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class PairedTest:
    """A contrast tested over seeds. What is not defined for these data is None, and ``reason`` says why.

    ``p`` is two-sided. ``p_equivalence`` is that of two one-sided tests against plus and minus the smallest effect of
    interest. ``g`` is the mean over the standard deviation of the per-seed contrast, with Hedges' correction.
    """

    n: int
    estimate: float | None
    sd: float | None
    low: float | None
    high: float | None
    test: TestName
    p: float | None
    p_sign_flip: float | None
    p_equivalence: float | None
    g: float | None
    reason: str = ""


def mean_interval(values: Sequence[float], level: float) -> MeanInterval:
    """Mean, standard deviation and Student t interval at ``level`` of at least one value."""
    x = np.asarray(values, dtype=float)
    mean = float(x.mean())
    if len(x) < 2:
        return MeanInterval(len(x), mean, None, None, None)
    if _constant(x, float(np.abs(x).max())):
        return MeanInterval(len(x), mean, 0.0, None, None)
    low, high = _t_interval(x, level)
    return MeanInterval(len(x), mean, float(x.std(ddof=1)), low, high)


def contrast_by_seed(contrast: Contrast, values: Mapping[str, Values]) -> dict[int, float]:
    """The contrast ``sum_c w_c y[c, seed]`` of every seed that all its conditions have, by ascending seed.

    Raises ValueError where the weights do not sum to zero, as the result would not be a comparison.
    """
    weights = {c: w for c, w in contrast.weights.items() if w != 0}
    if not weights or abs(sum(weights.values())) > 1e-9 * max(map(abs, weights.values())):
        raise ValueError(f"the weights of contrast {contrast.id} do not sum to zero: {contrast.weights}")
    measured = [values.get(c, {}) for c in weights]
    complete = sorted(set(measured[0]).intersection(*measured[1:]))
    return {s: sum(w * y[s] for w, y in zip(weights.values(), measured, strict=True)) for s in complete}


def paired_test(differences: Sequence[float], *, sesoi: float | None, level: float, scale: float = 0.0) -> PairedTest:
    """Test per-seed contrasts against zero, and against plus and minus ``sesoi``.

    ``scale`` is the size of the compared values: spread below the rounding of their subtraction counts as none.
    Where all contrasts are equal t is not defined, and the exact sign-flip test takes its place.
    """
    d = np.asarray(differences, dtype=float)
    n = len(d)
    estimate = float(d.mean()) if n else None
    if n < 2:
        reason = "fewer than two seeds are complete in all conditions of the contrast"
        return PairedTest(n, estimate, None, None, None, "none", None, None, None, None, reason)
    if _constant(d, max(scale, float(np.abs(d).max()))):
        return _constant_test(d, sesoi=sesoi, scale=scale)
    low, high = _t_interval(d, level)
    return PairedTest(
        n=n,
        estimate=estimate,
        sd=float(d.std(ddof=1)),
        low=low,
        high=high,
        test="paired_t",
        p=_t_test_p(d),
        p_sign_flip=sign_flip_p(d),
        p_equivalence=None if sesoi is None else equivalence_p(d, sesoi),
        g=hedges_g(d),
    )


def equivalence_p(differences: NDArray[np.float64], sesoi: float) -> float:
    """The larger p-value of the two one-sided t tests of a mean within plus and minus ``sesoi`` (TOST)."""
    n = len(differences)
    error = float(differences.std(ddof=1)) / math.sqrt(n)
    nearer = sesoi - abs(float(differences.mean()))
    return float(special.stdtr(n - 1, -nearer / error))


def sign_flip_p(differences: NDArray[np.float64]) -> float | None:
    """Exact two-sided p of the mean under all ``2**n`` sign flips; None where there are too many seeds to be exact.

    The flips are split into two halves whose sums are sorted, which makes the count exact in ``2**(n/2)`` memory.
    """
    n = len(differences)
    if n > MOST_EXACT_PAIRS:
        return None
    left, right = (_signed_sums(half) for half in np.array_split(np.asarray(differences, dtype=float), 2))
    right.sort()
    # Sums that tie with the observed one in exact arithmetic must count, whatever the order of addition did to them.
    bar = abs(float(differences.sum())) - 1e-9 * float(np.abs(differences).sum())
    if bar <= 0:
        return 1.0
    above = len(right) - np.searchsorted(right, bar - left, side="left")
    below = np.searchsorted(right, -bar - left, side="right")
    return float((above.sum() + below.sum()) / 2.0**n)


def hedges_g(differences: NDArray[np.float64]) -> float | None:
    """Mean over standard deviation of the differences (d_z) with Hedges' exact small-sample factor; None if n < 3."""
    df = len(differences) - 1
    if df < 2:
        return None
    factor = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
    return factor * float(differences.mean()) / float(differences.std(ddof=1))


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm-adjusted p-values. A test that could not be made stays None, yet counts in the family (as p = 1)."""
    filled = [1.0 if p is None else p for p in p_values]
    adjusted: list[float | None] = [None] * len(filled)
    reached = 0.0
    for rank, i in enumerate(sorted(range(len(filled)), key=filled.__getitem__)):
        reached = min(1.0, max(reached, (len(filled) - rank) * filled[i]))
        adjusted[i] = None if p_values[i] is None else reached
    return tuple(adjusted)


def bootstrap_interval(differences: Sequence[float], level: float) -> tuple[float, float, str] | None:
    """Bootstrap interval of the mean over seeds: bias-corrected and accelerated, percentile where that fails.

    The resampling seed is fixed. None below three values or without spread.
    """
    d = np.asarray(differences, dtype=float)
    if len(d) < 3 or _constant(d, float(np.abs(d).max())):
        return None
    for method in ("BCa", "percentile"):
        rng = np.random.default_rng(BOOTSTRAP_SEED)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", stats.DegenerateDataWarning)
            found = stats.bootstrap((d,), np.mean, confidence_level=level, method=method, n_resamples=9999, rng=rng)
        low, high = map(float, found.confidence_interval)
        if math.isfinite(low) and math.isfinite(high):
            return low, high, method
    return None


def _constant_test(d: NDArray[np.float64], *, sesoi: float | None, scale: float) -> PairedTest:
    """All seeds agree to the last digit: no spread to scale by, so only the sign-flip argument is left."""
    n, estimate = len(d), float(d.mean())
    one_sided = 0.5**n
    if abs(estimate) <= RELATIVE_ROUNDING * max(scale, 1e-300):
        estimate, p, reason = 0.0, 1.0, "every seed gave a contrast of exactly zero"
    else:
        p, reason = 2 * one_sided, "every seed gave the same contrast, so the exact sign-flip test replaces the t test"
    p_equivalence = None if sesoi is None else one_sided if abs(estimate) < sesoi else 1.0
    return PairedTest(n, estimate, 0.0, None, None, "sign_flip", p, p, p_equivalence, None, reason)


def _t_test_p(d: NDArray[np.float64]) -> float:
    t = float(d.mean()) / (float(d.std(ddof=1)) / math.sqrt(len(d)))
    return float(2 * special.stdtr(len(d) - 1, -abs(t)))


def _t_interval(x: NDArray[np.float64], level: float) -> tuple[float, float]:
    half = float(special.stdtrit(len(x) - 1, 0.5 + level / 2)) * float(x.std(ddof=1)) / math.sqrt(len(x))
    return float(x.mean()) - half, float(x.mean()) + half


def _constant(x: NDArray[np.float64], scale: float) -> bool:
    return float(np.ptp(x)) <= RELATIVE_ROUNDING * scale


def _signed_sums(x: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.zeros(1)
    for value in x:
        sums = np.concatenate([sums - value, sums + value])
    return sums
