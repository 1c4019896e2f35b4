"""Fitting the embedded reviewer: the mean of three members, calibrated by predictions of papers left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from metrics import balanced
from scipy.sparse import csr_matrix, diags
from sklearn.ensemble import ExtraTreesRegressor

from papers import Papers
from scientist.mind.embedded.terms import term_list

MEMBERS = ("linear", "forest", "terms")
LINEAR_ALPHA, TERM_ALPHA = 1500.0, 1.0
"""Penalties, fixed before measuring; choosing them and the weights by inner folds had gained nothing."""
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


class Guess(NamedTuple):
    """A member's predictions: ``inside`` of each training paper by the others, ``outside`` of each test paper."""

    inside: np.ndarray
    outside: np.ndarray


class Fit(NamedTuple):
    """``out``: prediction of each training paper by the others, on the rating scale; ``scale``, ``average``: rating =
    average + Σ scale × (member's prediction − average)."""

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


def members(x: Inputs, train: np.ndarray, test: np.ndarray, seed: int = 0) -> list[Guess]:
    """Each member's predictions, in the order of MEMBERS. Nothing is learned from the test papers, words neither."""
    target = x.papers.rating[train]
    dense = dense_inputs(x, common_words(x, train))
    dense = np.clip(dense, *bounds(dense[train]))
    scaled = (dense - dense[train].mean(axis=0)) / (dense[train].std(axis=0) + 1e-9)
    trees = forest(seed).fit(dense[train], target)
    weighted = weigh(x, train)[1]
    return [
        _ridge(scaled @ scaled.T, train, test, LINEAR_ALPHA, target),
        Guess(trees.oob_prediction_, trees.predict(dense[test])),
        _ridge((weighted @ weighted.T).toarray(), train, test, TERM_ALPHA, target),
    ]


def blended(guesses: Sequence[Guess], rating: np.ndarray, weights: Sequence[int] = (1, 1, 1)) -> Fit:
    """The mean of the members, each brought to the same spread, on the rating scale of the training papers."""
    average = float(rating.mean())
    outs = np.array([g.inside for g in guesses]) - average
    direction = np.array(weights) / outs.std(axis=1)
    mixed = direction @ outs
    slope = float(mixed @ (rating - average) / (mixed @ mixed))
    return Fit(slope * direction, average, average + slope * mixed)


def apply(fit: Fit, guesses: Sequence[Guess]) -> np.ndarray:
    """Blended predictions of the test papers on the rating scale."""
    return fit.average + fit.scale @ (np.array([g.outside for g in guesses]) - fit.average)


def threshold(fit: Fit, accepted: np.ndarray) -> float:
    """The score from which the training papers' out-of-fold scores are best balanced."""
    cuts = np.quantile(fit.out, np.linspace(0.2, 0.8, 61))
    return float(max(cuts, key=lambda c: balanced(fit.out >= c, accepted == 1)))


def forest(seed: int) -> ExtraTreesRegressor:
    """Each tree sees a bootstrap sample, so that the others' papers can be predicted by it."""
    return ExtraTreesRegressor(
        200, min_samples_leaf=4, max_features=0.2, bootstrap=True, oob_score=True, random_state=seed
    )


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


def _ridge(gram: np.ndarray, train: np.ndarray, test: np.ndarray, alpha: float, target: np.ndarray) -> Guess:
    """Ridge regression through the papers' Gram matrix; each training paper's prediction leaves it out."""
    inside = gram[np.ix_(train, train)]
    mean = inside.mean(axis=0)
    centred = inside - mean - mean[:, None] + mean.mean()
    across = gram[np.ix_(test, train)]
    across = across - across.mean(axis=1, keepdims=True) - mean + mean.mean()
    values, vectors = np.linalg.eigh(centred)
    average = target.mean()
    turned = vectors.T @ (target - average)
    fitted = vectors @ (turned * values / (values + alpha)) + average
    hat = (vectors**2) @ (values / (values + alpha)) + 1 / len(train)
    left_out = target - (target - fitted) / (1 - hat)
    return Guess(left_out, across @ (vectors @ (turned / (values + alpha))) + average)


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
