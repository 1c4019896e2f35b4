"""Fitting the embedded reviewer: one ridge regression on measures and on which terms a paper has, calibrated by what it
predicts of papers left out."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from metrics import balanced
from scipy.sparse import csr_matrix, diags

from papers import Papers
from scientist.mind.embedded.terms import terms_of

MEASURE_WEIGHT = 1 / 3000
"""Of a standardised measure beside the terms, which have length 1 together; the penalty is 1."""
SHARES = {"measures and terms": (MEASURE_WEIGHT, 1.0), "measures": (2 * MEASURE_WEIGHT, 0.0), "terms": (0.0, 1.0)}
"""By variant the weights of measures and terms; the first is what is shipped."""
COMMON_SHARE = 0.75
"""A word that more than this share of the papers have is a common word: its frequency counts."""
TERM_SHARES = 0.15, 0.97
"""A term counts if between these shares of the papers have it: rarer ones say what a paper is about, not how good."""


class Inputs(NamedTuple):
    """``words``: counts of single words, papers × words; ``terms``: 1 where a paper has the term; ``length``: words a
    paper."""

    papers: Papers
    words: csr_matrix
    vocabulary: list[str]
    terms: csr_matrix
    term_names: list[str]
    length: np.ndarray


class Fit(NamedTuple):
    """``inside``: prediction of each training paper by the others, on the rating scale; ``outside``: of each test
    paper. A prediction is the training papers' average and ``slope`` times what the regression adds to it."""

    inside: np.ndarray
    outside: np.ndarray
    slope: float


def inputs_of(papers: Papers) -> Inputs:
    least = TERM_SHARES[0] * len(papers.texts) / 2
    counts = [Counter(terms_of(t.tokens)) for t in papers.texts]
    held = Counter(term for c in counts for term in c)
    terms = sorted(t for t, n in held.items() if n >= least)
    words = [t for t in terms if " " not in t and (len(t) > 1 or t == "a")]
    lengths = np.array([max(1, len(t.tokens)) for t in papers.texts])
    return Inputs(papers, _matrix(counts, words), words, _matrix(counts, terms).sign(), terms, lengths)


def fit(x: Inputs, train: np.ndarray, test: np.ndarray, variant: str) -> Fit:
    """Ridge regression through the papers' Gram matrix. Nothing is learned from the test papers, words neither."""
    measured, termed = SHARES[variant]
    dense = standardised(dense_inputs(x, common_words(x, train)), train)
    held = unit_terms(x, shared_terms(x, train))
    gram = measured * dense @ dense.T + termed * (held @ held.T).toarray()
    rating = x.papers.rating[train]
    average = rating.mean()
    inside, outside = (p - average for p in _ridge(gram, train, test, rating))
    slope = float(inside @ (rating - average) / (inside @ inside))
    return Fit(average + slope * inside, average + slope * outside, slope)


def threshold(scores: np.ndarray, accepted: np.ndarray) -> float:
    """The score from which the training papers' out-of-fold scores are best balanced."""
    cuts = np.quantile(scores, np.linspace(0.2, 0.8, 61))
    return float(max(cuts, key=lambda c: balanced(scores >= c, accepted == 1)))


def common_words(x: Inputs, train: np.ndarray) -> list[int]:
    held = np.asarray((x.words[train] > 0).sum(axis=0)).ravel()
    return [int(j) for j in np.flatnonzero(held > COMMON_SHARE * len(train))]


def shared_terms(x: Inputs, train: np.ndarray) -> np.ndarray:
    """Places of the terms that neither too few nor nearly all of the training papers have."""
    held = np.asarray(x.terms[train].sum(axis=0)).ravel() / len(train)
    return np.flatnonzero((held >= TERM_SHARES[0]) & (held <= TERM_SHARES[1]))


def dense_inputs(x: Inputs, common: list[int]) -> np.ndarray:
    """Measures, then square roots of the shares of the common words."""
    shares = np.sqrt(x.words[:, common].toarray() / x.length[:, None])
    return np.hstack([x.papers.measured, shares])


def bounds(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The range within which an input counts: beyond it nothing is gained."""
    low, high = np.percentile(dense, [1, 99], axis=0)
    return low, high


def standardised(dense: np.ndarray, train: np.ndarray) -> np.ndarray:
    clipped = np.clip(dense, *bounds(dense[train]))
    mean, sd = spread(clipped[train])
    return (clipped - mean) / sd


def spread(clipped: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each input."""
    return clipped.mean(axis=0), clipped.std(axis=0) + 1e-9


def unit_terms(x: Inputs, kept: np.ndarray) -> csr_matrix:
    """The kept terms that each paper has, brought to length 1 a paper: a term that stands for more says less."""
    held = x.terms[:, kept]
    norm = np.sqrt(np.asarray(held.sum(axis=1)).ravel())
    return csr_matrix(diags(1 / np.maximum(norm, 1.0)) @ held)


def _ridge(gram: np.ndarray, train: np.ndarray, test: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of the training papers, each of them left out, and of the test papers; the penalty is 1."""
    inside = gram[np.ix_(train, train)]
    mean = inside.mean(axis=0)
    centred = inside - mean - mean[:, None] + mean.mean()
    across = gram[np.ix_(test, train)]
    across = across - across.mean(axis=1, keepdims=True) - mean + mean.mean()
    values, vectors = np.linalg.eigh(centred)
    average = target.mean()
    turned = vectors.T @ (target - average)
    fitted = vectors @ (turned * values / (values + 1)) + average
    hat = (vectors**2) @ (values / (values + 1)) + 1 / len(train)
    left_out = target - (target - fitted) / (1 - hat)
    return left_out, across @ (vectors @ (turned / (values + 1))) + average


def _matrix(counts: list[Counter[str]], terms: list[str]) -> csr_matrix:
    index = {t: j for j, t in enumerate(terms)}
    rows, columns, values = [], [], []
    for i, c in enumerate(counts):
        for term, n in c.items():
            if term in index:
                rows.append(i)
                columns.append(index[term])
                values.append(float(n))
    return csr_matrix((values, (rows, columns)), shape=(len(counts), len(terms)))
