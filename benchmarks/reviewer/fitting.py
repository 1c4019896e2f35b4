"""Fitting the embedded reviewer: three members, blended as the inner folds of the training papers say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.stats import pearsonr
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from papers import Papers
from scientist.mind.embedded.terms import term_list

MEMBERS = ("linear", "forest", "terms")
LINEAR_ALPHAS = (600.0, 1500.0, 4000.0)
TERM_ALPHAS = (1.0, 2.0)
BLENDS = ((1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 1, 1), (2, 1, 1), (1, 2, 1))
COMMON_SHARE = 0.75
"""A word that more than this share of the papers have is a common word."""


class Inputs(NamedTuple):
    """``words``: counts of single words, papers × words; ``terms``: of words and pairs; ``length``: words a paper."""

    papers: Papers
    words: csr_matrix
    vocabulary: list[str]
    terms: csr_matrix
    term_names: list[str]
    length: np.ndarray


class Choice(NamedTuple):
    linear_alpha: float
    term_alpha: float
    weights: tuple[int, int, int]


class Fit(NamedTuple):
    """``out``: out-of-fold prediction of each training paper on the rating scale; ``scale``, ``average``: rating =
    average + Σ scale × (member's prediction − average)."""

    choice: Choice
    scale: np.ndarray
    average: float
    out: np.ndarray


def inputs_of(papers: Papers) -> Inputs:
    counts = [Counter(term_list(t.tokens)) for t in papers.texts]
    held = Counter(term for c in counts for term in c)
    terms = sorted(t for t, n in held.items() if n >= 8)
    words = [t for t in terms if " " not in t and (len(t) > 1 or t == "a")]
    lengths = np.array([max(1, len(t.tokens)) for t in papers.texts])
    return Inputs(papers, _matrix(counts, words), words, _matrix(counts, terms), terms, lengths)


def members(x: Inputs, train: np.ndarray, test: np.ndarray, seed: int = 0) -> dict[tuple[str, float], np.ndarray]:
    """Predictions of each member (and setting) for the test papers. Nothing is learned from them, words neither."""
    target = x.papers.rating[train]
    dense = dense_inputs(x, common_words(x, train))
    dense = np.clip(dense, *bounds(dense[train]))
    scaled = (dense - dense[train].mean(axis=0)) / (dense[train].std(axis=0) + 1e-9)
    found = {
        ("linear", a): p for a, p in zip(LINEAR_ALPHAS, _ridge(scaled, train, test, LINEAR_ALPHAS, target), strict=True)
    }
    found[("forest", 0.0)] = forest(seed).fit(dense[train], target).predict(dense[test])
    weighted = weigh(x, train)[1]
    terms = _ridge(weighted, train, test, TERM_ALPHAS, target)
    return found | {("terms", a): p for a, p in zip(TERM_ALPHAS, terms, strict=True)}


def choose(x: Inputs, train: np.ndarray, seed: int = 0, folds: int = 5) -> tuple[Fit, dict[str, Fit]]:
    """The blend that the inner folds of the training papers favour (AUC + Pearson), and each member alone."""
    rating, accepted = x.papers.rating[train], x.papers.accepted[train]
    inner: dict[tuple[str, float], np.ndarray] = {}
    for a, b in StratifiedKFold(folds, shuffle=True, random_state=seed).split(train, accepted):
        for key, p in members(x, train[a], train[b], seed).items():
            inner.setdefault(key, np.zeros(len(train)))[b] = p

    def fit(choice: Choice) -> Fit:
        average = float(rating.mean())
        outs = np.array([inner[k] for k in keys(choice)]) - average
        direction = np.array(choice.weights) / outs.std(axis=1)
        mixed = direction @ outs
        slope = float(mixed @ (rating - average) / (mixed @ mixed))
        return Fit(choice, slope * direction, average, average + slope * mixed)

    def merit(f: Fit) -> float:
        return float(roc_auc_score(accepted, f.out) + pearsonr(rating, f.out)[0])

    def best(blends: Sequence[tuple[int, int, int]]) -> Fit:
        return max((fit(Choice(*c)) for c in product(LINEAR_ALPHAS, TERM_ALPHAS, blends)), key=merit)

    alone = {name: best([tuple(int(name == m) for m in MEMBERS)]) for name in MEMBERS}  # type: ignore[list-item]
    return best(BLENDS), alone


def keys(choice: Choice) -> list[tuple[str, float]]:
    return [("linear", choice.linear_alpha), ("forest", 0.0), ("terms", choice.term_alpha)]


def apply(fit: Fit, found: dict[tuple[str, float], np.ndarray]) -> np.ndarray:
    """Blended predictions on the rating scale."""
    return fit.average + fit.scale @ (np.array([found[k] for k in keys(fit.choice)]) - fit.average)


def threshold(fit: Fit, accepted: np.ndarray) -> float:
    """The score from which the training papers' out-of-fold scores are best balanced."""
    cuts = np.quantile(fit.out, np.linspace(0.2, 0.8, 61))
    return float(max(cuts, key=lambda c: balanced_accuracy_score(accepted, fit.out >= c)))


def forest(seed: int) -> ExtraTreesRegressor:
    return ExtraTreesRegressor(200, min_samples_leaf=4, max_features=0.2, random_state=seed)


def common_words(x: Inputs, train: np.ndarray) -> list[int]:
    held = np.asarray((x.words[train] > 0).sum(axis=0)).ravel()
    return [int(j) for j in np.flatnonzero(held > COMMON_SHARE * len(train))]


def dense_inputs(x: Inputs, common: list[int]) -> np.ndarray:
    """Measures, then square roots of the shares of the common words."""
    shares = np.sqrt(x.words[:, common].toarray() / x.length[:, None])
    return np.hstack([x.papers.measured, shares])


def bounds(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The range within which an input counts: beyond it nothing is gained."""
    low, high = np.percentile(dense, [1, 99], axis=0)
    return low, high


def weigh(x: Inputs, train: np.ndarray) -> tuple[np.ndarray, csr_matrix, np.ndarray]:
    """Terms that at least 8 and at most 97 % of the training papers have, all papers' weights, and the idf."""
    held = np.asarray((x.terms[train] > 0).sum(axis=0)).ravel()
    kept = np.flatnonzero((held >= 8) & (held <= 0.97 * len(train)))
    idf = np.log((1 + len(train)) / (1 + held[kept])) + 1
    weights = x.terms[:, kept].copy()
    weights.data = 1 + np.log(weights.data)
    weights = weights @ diags(idf)
    norm = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    return kept, csr_matrix(diags(1 / np.maximum(norm, 1e-9)) @ weights), idf


def _ridge(
    a: np.ndarray | csr_matrix, train: np.ndarray, test: np.ndarray, alphas: Sequence[float], target: np.ndarray
) -> list[np.ndarray]:
    """Ridge predictions for several penalties at once, through the papers' Gram matrix."""
    product_ = a @ a.T
    gram = product_ if isinstance(product_, np.ndarray) else product_.toarray()
    inside = gram[np.ix_(train, train)]
    mean = inside.mean(axis=0)
    centred = inside - mean - mean[:, None] + mean.mean()
    across = gram[np.ix_(test, train)]
    across = across - across.mean(axis=1, keepdims=True) - mean + mean.mean()
    values, vectors = np.linalg.eigh(centred)
    turned = vectors.T @ (target - target.mean())
    return [across @ (vectors @ (turned / (values + alpha))) + target.mean() for alpha in alphas]


def _matrix(counts: Sequence[Counter[str]], terms: Sequence[str]) -> csr_matrix:
    index = {t: j for j, t in enumerate(terms)}
    rows, columns, values = [], [], []
    for i, c in enumerate(counts):
        for term, n in c.items():
            if term in index:
                rows.append(i)
                columns.append(index[term])
                values.append(float(n))
    return csr_matrix((values, (rows, columns)), shape=(len(counts), len(terms)))
