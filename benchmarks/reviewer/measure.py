"""Cross-validation of the embedded reviewer, and with measures or terms alone: python benchmarks/reviewer/measure.py

With --held-out FILE the shipped weights are measured on papers that they were not trained on; with --rubric it is the
rubric's overall score, which is not trained, that is measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from fitting import SHARES, Inputs, fit, inputs_of, threshold
from joblib import Parallel, delayed
from metrics import auc, balanced, f1, pearson, spearman
from sklearn.model_selection import StratifiedKFold

from papers import DATA, Papers, as_manuscript, load, records_of
from scientist.mind.embedded.model import predict
from scientist.mind.rubric import judge
from scientist.review.form import NEURIPS

Report = dict[str, dict[str, list[float]]]
Metric = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], float]
METRICS: dict[str, Metric] = {
    "AUC": lambda r, y, s, d: auc(s, y),
    "balanced accuracy": lambda r, y, s, d: balanced(d, y),
    "F1": lambda r, y, s, d: f1(d, y),
    "Pearson": lambda r, y, s, d: pearson(s, r),
    "Spearman": lambda r, y, s, d: spearman(s, r),
    "Spearman in rejects": lambda r, y, s, d: spearman(s[~y], r[~y]),
}
"""Of ratings, decisions, scores and the decisions that the scores give."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--kept", type=Path, help="keep the measured papers in this file and read them from it")
    parser.add_argument("--held-out", type=Path)
    parser.add_argument("--rubric", action="store_true", help="the rubric's overall score instead (minutes)")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--scores", type=Path, help="write the out-of-fold score of each paper here")
    parser.add_argument("--json", type=Path, help="also write the scores here")
    options = parser.parse_args()
    if options.held_out:
        report = {"shipped weights": _held_out(load(options.held_out))}
    elif options.rubric:
        report = {"rubric's overall": _rubric(records_of(options.data), options.jobs)}
    else:
        papers = load(options.data, options.kept)
        report, shipped = cross_validate(inputs_of(papers), options.folds, options.repeats, options.seed, options.jobs)
        if options.scores:
            _write_scores(options.scores, papers, shipped)
    for line in _table(report):
        print(line)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def cross_validate(x: Inputs, folds: int, repeats: int, seed: int, jobs: int) -> tuple[Report, np.ndarray]:
    """For each variant and metric the mean over the repeats and the 95 % interval; the first's score of each paper."""
    n = len(x.papers.rating)
    scores = {name: np.zeros((repeats, n)) for name in SHARES}
    said = {name: np.zeros((repeats, n)) for name in SHARES}
    inside = {name: np.zeros((repeats, n)) for name in SHARES}
    parts = []
    for repeat in range(repeats):
        split = StratifiedKFold(folds, shuffle=True, random_state=seed + repeat)
        parts += [(repeat, train, test) for train, test in split.split(np.zeros(n), x.papers.accepted)]
    work = [(name, *part) for name in SHARES for part in parts]
    done = Parallel(n_jobs=jobs)(delayed(_fold)(x, train, test, name) for name, _, train, test in work)
    for (name, repeat, _, test), fold in zip(work, done, strict=True):
        scores[name][repeat, test], said[name][repeat, test] = fold.scores, fold.said
        inside[name][repeat, test] = np.abs(fold.scores - x.papers.rating[test]) <= fold.reach
    shipped = next(iter(SHARES))
    print(f"jump test: t = {jump(x.papers, scores[shipped].mean(axis=0)):.2f}")
    print(f"ratings within the 90 % interval: {inside[shipped].mean():.3f}")
    return {name: summary(x.papers.rating, x.papers.accepted, scores[name], said[name]) for name in SHARES}, scores[
        shipped
    ].mean(axis=0)


class Fold(NamedTuple):
    """What a fold's training papers say of its test papers. ``reach``: half of the 90 % interval."""

    reach: float
    scores: np.ndarray
    said: np.ndarray


def _fold(x: Inputs, train: np.ndarray, test: np.ndarray, variant: str) -> Fold:
    fitted = fit(x, train, test, variant)
    cut = threshold(fitted.inside, x.papers.accepted[train])
    reach = float(np.quantile(np.abs(x.papers.rating[train] - fitted.inside), 0.9))
    return Fold(reach, fitted.outside, fitted.outside >= cut)


def jump(papers: Papers, values: np.ndarray) -> float:
    """t of ``accepted`` when the values are regressed on mean rating and accepted: more than 2 hints at a leak."""
    design = np.column_stack([np.ones(len(values)), papers.rating, papers.accepted])
    solved, *_ = np.linalg.lstsq(design, values, rcond=None)
    left = values - design @ solved
    spread = left @ left / (len(values) - 3) * np.linalg.inv(design.T @ design)
    return float(solved[2] / np.sqrt(spread[2, 2]))


def summary(
    rating: np.ndarray, decided: np.ndarray, scores: np.ndarray, said: np.ndarray, draws: int = 1000
) -> dict[str, list[float]]:
    """Each metric with its interval: bootstrap over papers, stratified by class, of the mean over the repeats."""
    accepted, said = decided == 1, said == 1
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(accepted == c) for c in (False, True)]
    picks = [np.concatenate([rng.choice(g, len(g)) for g in groups]) for _ in range(draws)]
    found = {}
    for name, metric in METRICS.items():

        def mean(i: np.ndarray, metric: Metric = metric) -> float:
            both = zip(scores, said, strict=True)
            return float(np.mean([metric(rating[i], accepted[i], s[i], d[i]) for s, d in both]))

        drawn = [mean(i) for i in picks]
        found[name] = [mean(np.arange(len(rating))), *map(float, np.percentile(drawn, [2.5, 97.5]))]
    return found


def _write_scores(file: Path, papers: Papers, scores: np.ndarray) -> None:
    """Facts only: a line for each paper with its rating, its decision and the score that other papers gave it."""
    rows = zip(papers.rating, papers.accepted, scores, strict=True)
    lines = [f"{rating:.3f},{accepted:.0f},{score:.4f}" for rating, accepted, score in rows]
    file.write_text("\n".join(["rating,accepted,score", *lines, ""]), encoding="utf-8")


def _held_out(papers: Papers) -> dict[str, list[float]]:
    predictions = [predict(t) for t in papers.texts]
    score = np.array([[p.rating for p in predictions]])
    return summary(papers.rating, papers.accepted, score, np.array([[p.accepted for p in predictions]], dtype=float))


def _rubric(records: list[dict[str, Any]], jobs: int) -> dict[str, list[float]]:
    """Figures and tables are not read and no check is made: the records have text only. A pass is the form's bar."""
    overall = np.array(Parallel(n_jobs=jobs)(delayed(_overall)(r) for r in records))
    rating, accepted = (np.array([float(r[field]) for r in records]) for field in ("mean_rating", "accept"))
    return summary(rating, accepted, overall[None], (overall >= NEURIPS.accept_at)[None])


def _overall(record: dict[str, Any]) -> float:
    return judge(as_manuscript(record), NEURIPS, ()).overall


def _table(report: dict[str, dict[str, list[float]]]) -> Iterator[str]:
    yield "| variant | " + " | ".join(METRICS) + " |\n|---|" + "---|" * len(METRICS)
    for name, row in report.items():
        yield f"| {name} | " + " | ".join("{:.3f} [{:.3f}, {:.3f}]".format(*row[m]) for m in METRICS) + " |"


if __name__ == "__main__":
    main()
