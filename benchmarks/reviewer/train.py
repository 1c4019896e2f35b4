"""Train the embedded reviewer on the 519 papers and write its weights: python benchmarks/reviewer/train.py"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from fitting import (
    LINEAR_ALPHA,
    TERM_ALPHA,
    Inputs,
    blended,
    bounds,
    common_words,
    dense_inputs,
    forest,
    inputs_of,
    members,
    threshold,
    weigh,
)
from sklearn.linear_model import LogisticRegression, Ridge

from papers import DATA, load

WEIGHTS = Path(__file__).resolve().parents[2] / "scientist" / "mind" / "embedded" / "weights.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--kept", type=Path, help="keep the measured papers in this file and read them from it")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    x = inputs_of(load(options.data, options.kept))
    np.savez_compressed(options.out, **arrays_of(x))
    print(f"{options.out.name}: {options.out.stat().st_size / 1e6:.2f} MB")


def arrays_of(x: Inputs) -> dict[str, np.ndarray]:
    """The weights fitted to all papers of ``x``, blended and calibrated by what the others say of each."""
    everyone = np.arange(len(x.papers.rating))
    rating = x.papers.rating
    fit = blended(members(x, everyone, everyone[:1]), rating)
    common = common_words(x, everyone)
    dense = dense_inputs(x, common)
    low, high = bounds(dense)
    clipped = np.clip(dense, low, high)
    mean, sd = clipped.mean(axis=0), clipped.std(axis=0) + 1e-9
    linear = Ridge(LINEAR_ALPHA).fit((clipped - mean) / sd, rating)
    kept, weighted, idf = weigh(x, everyone)
    terms = Ridge(TERM_ALPHA, solver="lsqr", tol=1e-8).fit(weighted, rating)
    logistic = LogisticRegression(C=1e6).fit(fit.out[:, None], x.papers.accepted)
    accepted = x.papers.accepted == 1
    return {
        "names": _text(x.papers.names),
        "common": _text([x.vocabulary[j] for j in common]),
        "vocabulary": _text([x.term_names[j] for j in kept]),
        "low": low.astype(np.float32),
        "high": high.astype(np.float32),
        "mean": mean.astype(np.float32),
        "sd": sd.astype(np.float32),
        "linear": linear.coef_.astype(np.float32),
        "idf": idf.astype(np.float32),
        "terms": terms.coef_.astype(np.float32),
        "terms_offset": np.float32(terms.intercept_ - fit.average),
        "blend": fit.scale.astype(np.float32),
        "average": np.float32(fit.average),
        "reach": np.float32(np.quantile(np.abs(rating - fit.out), 0.9)),
        "cut": np.float32(threshold(fit, x.papers.accepted)),
        "logistic": np.array([logistic.coef_[0, 0], logistic.intercept_[0]], dtype=np.float32),
        "accepted_median": np.median(x.papers.measured[accepted], axis=0).astype(np.float32),
        "medians": np.median(x.papers.measured, axis=0).astype(np.float32),
        **_trees(clipped, rating),
    }


def _trees(inputs: np.ndarray, rating: np.ndarray) -> dict[str, np.ndarray]:
    """The trees of the forest one after the other; a leaf asks the input -1."""
    trees = [e.tree_ for e in forest(0).fit(inputs, rating).estimators_]
    starts = np.cumsum([0, *(t.node_count for t in trees)])
    moved = list(zip(trees, starts[:-1], strict=True))
    return {
        "roots": starts[:-1].astype(np.int32),
        "feature": np.concatenate([np.maximum(t.feature, -1) for t in trees]).astype(np.int16),
        "threshold": np.concatenate([t.threshold for t in trees]).astype(np.float32),
        "left": np.concatenate([t.children_left + s for t, s in moved]).astype(np.int32),
        "right": np.concatenate([t.children_right + s for t, s in moved]).astype(np.int32),
        "value": np.concatenate([t.value.ravel() for t in trees]).astype(np.float32),
    }


def _text(words: list[str]) -> np.ndarray:
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)


if __name__ == "__main__":
    main()
