"""How well scores agree with ratings and decisions; numpy only, so that thousands of bootstrap draws take seconds."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata


def auc(score: np.ndarray, accepted: np.ndarray) -> float:
    """The chance that an accepted paper has the higher score than a rejected one; ``accepted`` is boolean."""
    ranks = rankdata(score)
    n = accepted.sum()
    return float((ranks[accepted].sum() - n * (n + 1) / 2) / (n * (len(score) - n)))


def balanced(passes: np.ndarray, accepted: np.ndarray) -> float:
    """The mean of the shares of accepted and of rejected papers that are told right."""
    return float((passes[accepted].mean() + (~passes[~accepted]).mean()) / 2)


def f1(passes: np.ndarray, accepted: np.ndarray) -> float:
    right = (passes & accepted).sum()
    return float(2 * right / (passes.sum() + accepted.sum())) if right else 0.0


def pearson(score: np.ndarray, rating: np.ndarray) -> float:
    """0 for a constant."""
    return float(np.corrcoef(score, rating)[0, 1]) if min(np.ptp(score), np.ptp(rating)) > 0 else 0.0


def spearman(score: np.ndarray, rating: np.ndarray) -> float:
    return pearson(rankdata(score), rankdata(rating))
