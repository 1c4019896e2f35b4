"""Train the embedded reviewer on the 519 papers and write its weights: python benchmarks/reviewer/train.py"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from fitting import (
    SHARES,
    Inputs,
    bounds,
    common_words,
    dense_inputs,
    fit,
    inputs_of,
    shared_terms,
    spread,
    standardised,
    threshold,
    unit_terms,
)
from scipy.sparse import csr_matrix, hstack
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
    """The weights fitted to all papers of ``x`` and calibrated by what the others say of each."""
    everyone = np.arange(len(x.papers.rating))
    rating, accepted = x.papers.rating, x.papers.accepted == 1
    shipped, (measured, _) = next(iter(SHARES.items()))
    said = fit(x, everyone, everyone[:1], shipped)
    common, kept = common_words(x, everyone), shared_terms(x, everyone)
    dense, held = dense_inputs(x, common), unit_terms(x, kept)
    low, high = bounds(dense)
    mean, sd = spread(np.clip(dense, low, high))
    scale = measured**0.5
    both = csr_matrix(hstack([scale * standardised(dense, everyone), held]))
    weights = said.slope * Ridge(1.0, solver="lsqr", tol=1e-10).fit(both, rating).coef_
    inputs, terms = scale * weights[: dense.shape[1]], weights[dense.shape[1] :]
    logistic = LogisticRegression(C=1e6).fit(said.inside[:, None], x.papers.accepted)
    return {
        "names": _text(x.papers.names),
        "common": _text([x.vocabulary[j] for j in common]),
        "vocabulary": _text([x.term_names[j] for j in kept]),
        "low": low.astype(np.float32),
        "high": high.astype(np.float32),
        "mean": mean.astype(np.float32),
        "sd": sd.astype(np.float32),
        "inputs": inputs.astype(np.float32),
        "terms": terms.astype(np.float32),
        "term_means": np.asarray(held.mean(axis=0)).ravel().astype(np.float32),
        "average": np.float32(rating.mean()),
        "reach": np.float32(np.quantile(np.abs(rating - said.inside), 0.9)),
        "cut": np.float32(threshold(said.inside, x.papers.accepted)),
        "logistic": np.array([logistic.coef_[0, 0], logistic.intercept_[0]], dtype=np.float32),
        "accepted_median": np.median(x.papers.measured[accepted], axis=0).astype(np.float32),
    }


def _text(words: list[str]) -> np.ndarray:
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)


if __name__ == "__main__":
    main()
