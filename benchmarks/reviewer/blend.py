"""Fit and measure the blend of a model's reviews with the embedded reviewer's predictions.

    python benchmarks/reviewer/blend.py collect FOLDER --model PROVIDER:NAME [--papers N] [--reviewers N] [--seed N]
    python benchmarks/reviewer/blend.py measure FOLDER [--embedded FILE] [--repeats N] [--seed N] [--write]
    python benchmarks/reviewer/blend.py human [--embedded FILE] [--repeats N] [--seed N] [--write]

``collect`` has a model review training papers, one JSON review a paper (the record of calls lies beside them, so that
it can be stopped and continued). ``measure`` needs such a folder: any reviews that ``scientist review -o`` wrote do,
named by the papers' ids. ``human`` needs no model: one of a paper's own reviewers, drawn at random, stands in for it,
and the mean of the others is what is predicted (the decision rests on that reviewer too, so that only the correlations
are fair to all three). FILE holds the embedded reviewer's out-of-fold predictions, JSON lines of ``id`` and
``embedded``; it is written where it is missing.

Protocol: ten stratified folds, repeated; weights and threshold come from the training folds alone. Each paper's
predictions are averaged over repeats. Intervals: 95 %, bootstrap stratified by decision, the same draws for all three.
The blend is called better only where the interval of its gain in Pearson excludes zero against both.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from metrics import auc, balanced, f1, pearson, spearman

from papers import DATA, as_manuscript
from scientist.mind.blending import FILE, Blend
from scientist.mind.scales import common_overall
from scientist.review.form import FORMS, form_for
from scientist.types import Manuscript, ManuscriptSection

FOLDS = 10
DRAWS = 2000
SECTION_WORDS = 600
NAMES = ("model", "embedded", "blend")


class Scored(NamedTuple):
    """One entry a paper: a model's overall score (common scale), the embedded prediction, rating, decision."""

    model: np.ndarray
    embedded: np.ndarray
    rating: np.ndarray
    accepted: np.ndarray


class Predicted(NamedTuple):
    """Out-of-fold: for each of NAMES the expected rating and whether it passes the training folds' threshold."""

    rating: dict[str, np.ndarray]
    passes: dict[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("collect", "measure", "human"))
    parser.add_argument("folder", type=Path, nargs="?", default=Path("reviews"))
    parser.add_argument("--model", default="")
    parser.add_argument("--papers", type=int, default=519)
    parser.add_argument("--reviewers", type=int, default=1)
    parser.add_argument("--embedded", type=Path, default=Path("embedded.jsonl"))
    parser.add_argument("--kept", type=Path, help="the measured papers that train.py or measure.py kept")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--write", action="store_true", help="ship the fitted weights")
    options = parser.parse_args()
    with gzip.open(DATA, "rt", encoding="utf-8") as f:
        records = [json.loads(line) for line in f]
    if options.what == "collect":
        collect(records, options)
        return
    if not options.embedded.exists():
        write_predictions(options.embedded, out_of_fold(records, options.kept))
    predicted = read_predictions(options.embedded)
    if options.what == "human":
        scored, judge = from_humans(records, predicted, options.seed)
    else:
        scored, judge = gather(records, options.folder, predicted)
    report(scored, measure(scored, repeats=options.repeats, seed=options.seed), judge, options)


# ------------------------------------------------------------------------------------------- collect


def collect(records: list[dict[str, Any]], options: argparse.Namespace) -> None:
    from scientist.errors import ReplyInvalid
    from scientist.mind.llm import LLMMind
    from scientist.models.opening import open_models

    options.folder.mkdir(parents=True, exist_ok=True)
    chosen = random.Random(options.seed).sample(records, min(options.papers, len(records)))
    form = form_for("general", reviewers=options.reviewers, reflections=0)
    chat = open_models({"default": options.model}, folder=options.folder / "calls", emit=lambda *_, **__: None)
    try:
        for i, record in enumerate(chosen, 1):
            file = options.folder / f"{record['id']}.review.json"
            if file.exists():
                continue
            try:
                review = LLMMind(chat).review(parted(as_manuscript(record)), form, ())
            except ReplyInvalid as e:
                print(f"{i}/{len(chosen)} {record['id']}: no valid review ({e.message[:80]})", flush=True)
                continue
            file.write_text(review.model_dump_json(indent=1), encoding="utf-8")
            print(
                f"{i}/{len(chosen)} {record['id']}: {review.overall:g}, rated {record['mean_rating']:.1f}", flush=True
            )
    finally:
        chat.close()


def parted(manuscript: Manuscript) -> Manuscript:
    """The main part in pieces, so that a model with a short context is shown its beginning."""
    pieces: list[list[str]] = [[]]
    for paragraph in manuscript.sections[0].text.split("\n\n"):
        if sum(len(p.split()) for p in pieces[-1]) >= SECTION_WORDS:
            pieces.append([])
        pieces[-1].append(paragraph)
    sections = [ManuscriptSection(heading=f"Part {i}", text="\n\n".join(p)) for i, p in enumerate(pieces, 1)]
    return manuscript.model_copy(update={"sections": tuple(sections)})


# ------------------------------------------------------------------------------------------- measure


def gather(records: list[dict[str, Any]], folder: Path, predicted: Mapping[str, float]) -> tuple[Scored, str]:
    """The papers that have a review, and who wrote most of the reviews."""
    known = {r["id"]: r for r in records}
    reviews = {}
    for file in sorted(folder.glob("*.review.json")):
        review = json.loads(file.read_text(encoding="utf-8"))
        paper = file.name.removesuffix(".review.json")
        if paper in known and "scores" in review:
            reviews[paper] = review
    if len(reviews) < 2 * FOLDS:
        raise SystemExit(f"{folder} holds {len(reviews)} reviews of training papers; {2 * FOLDS} is the least")
    ids = [i for i in reviews if i in predicted]
    judges = [reviews[i]["reviewer"].partition(" (")[0] for i in ids]
    scored = Scored(
        np.array([common_overall(FORMS[reviews[i]["form"]], reviews[i]["scores"]["overall"]) for i in ids]),
        np.array([predicted[i] for i in ids]),
        np.array([known[i]["mean_rating"] for i in ids]),
        np.array([bool(known[i]["accept"]) for i in ids]),
    )
    return scored, max(set(judges), key=judges.count)


def from_humans(records: list[dict[str, Any]], predicted: Mapping[str, float], seed: int) -> tuple[Scored, str]:
    """One reviewer of each paper in a model's place, the mean of the others as the rating."""
    rng = random.Random(seed)
    known = [r for r in records if r["id"] in predicted and len(r["ratings"]) > 1]
    drawn = [rng.randrange(len(r["ratings"])) for r in known]
    others = [[x for k, x in enumerate(r["ratings"]) if k != i] for r, i in zip(known, drawn, strict=True)]
    scored = Scored(
        np.array([float(r["ratings"][i]) for r, i in zip(known, drawn, strict=True)]),
        np.array([predicted[r["id"]] for r in known]),
        np.array([sum(o) / len(o) for o in others]),
        np.array([bool(r["accept"]) for r in known]),
    )
    return scored, "a human reviewer in a model's place"


def read_predictions(path: Path) -> dict[str, float]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {row["id"]: float(row["embedded"]) for row in rows}


def write_predictions(path: Path, predicted: Mapping[str, float]) -> None:
    path.write_text(
        "".join(json.dumps({"id": i, "embedded": p}) + "\n" for i, p in predicted.items()), encoding="utf-8"
    )


def out_of_fold(records: list[dict[str, Any]], kept: Path | None) -> dict[str, float]:
    """The embedded reviewer's prediction of each paper, fitted to all others (two minutes)."""
    from fitting import SHARES, inputs_of
    from fitting import fit as fit_text

    from papers import load

    everyone = np.arange(len(records))
    said = fit_text(inputs_of(load(kept=kept)), everyone, everyone[:1], next(iter(SHARES))).inside
    return {record["id"]: float(p) for record, p in zip(records, said, strict=True)}


def measure(scored: Scored, *, repeats: int, seed: int) -> Predicted:
    """Cross-validated expectations of the model alone, the embedded reviewer alone, and the blend."""
    rng = np.random.default_rng(seed)
    n = len(scored.rating)
    rating = {name: np.zeros(n) for name in NAMES}
    passes = {name: np.zeros(n) for name in NAMES}
    for _ in range(repeats):
        for test in folds(scored.accepted, rng):
            train = np.setdiff1d(np.arange(n), test)
            for name in NAMES:
                columns = columns_of(name, scored)
                slopes = fit(columns[train], scored.rating[train])
                expected = np.column_stack([np.ones(n), columns]) @ slopes
                rating[name][test] += expected[test] / repeats
                bar = threshold(expected[train], scored.accepted[train])
                passes[name][test] += (expected[test] >= bar) / repeats
    return Predicted(rating, {name: p >= 0.5 for name, p in passes.items()})


def columns_of(name: str, scored: Scored) -> np.ndarray:
    columns = {"model": [scored.model], "embedded": [scored.embedded], "blend": [scored.model, scored.embedded]}
    return np.column_stack(columns[name])


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Intercept and slopes by least squares; a slope that would be negative is none."""
    kept = list(range(x.shape[1]))
    while True:
        design = np.column_stack([np.ones(len(y)), x[:, kept]])
        found = np.linalg.lstsq(design, y, rcond=None)[0]
        wrong = [k for k, slope in zip(kept, found[1:], strict=True) if slope < 0]
        if not wrong:
            slopes = np.zeros(x.shape[1] + 1)
            slopes[[0, *(k + 1 for k in kept)]] = found
            return slopes
        kept.remove(min(wrong, key=lambda k: found[1 + kept.index(k)]))


def threshold(expected: np.ndarray, accepted: np.ndarray) -> float:
    """The score with the best balanced accuracy."""
    return float(max(np.unique(expected), key=lambda bar: balanced(expected >= bar, accepted)))


def folds(accepted: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Stratified by decision."""
    places = np.empty(len(accepted), dtype=int)
    for kind in (True, False):
        of_kind = rng.permutation(np.flatnonzero(accepted == kind))
        places[of_kind] = np.arange(len(of_kind)) % FOLDS
    return [np.flatnonzero(places == k) for k in range(FOLDS) if (places == k).any()]


# ------------------------------------------------------------------------------------------- figures


def figures(name: str, scored: Scored, predicted: Predicted, chosen: np.ndarray) -> dict[str, float]:
    score, passes = predicted.rating[name][chosen], predicted.passes[name][chosen]
    rating, accepted = scored.rating[chosen], scored.accepted[chosen]
    low = ~accepted
    return {
        "AUC": auc(score, accepted),
        "balanced": balanced(passes, accepted),
        "F1": f1(passes, accepted),
        "Pearson": pearson(score, rating),
        "rejects' rho": spearman(score[low], rating[low]),
    }


def bootstrap(accepted: np.ndarray, value: Callable[[np.ndarray], list[float]], seed: int) -> np.ndarray:
    """``value`` on draws of papers, stratified by decision: draws × values."""
    rng = np.random.default_rng(seed)
    kinds = [np.flatnonzero(accepted), np.flatnonzero(~accepted)]
    draws = (np.concatenate([rng.choice(k, len(k)) for k in kinds]) for _ in range(DRAWS))
    return np.array([value(chosen) for chosen in draws])


def gains(scored: Scored, predicted: Predicted, seed: int) -> dict[str, tuple[float, float, float]]:
    """What the blend gains in Pearson over each alone, with its interval."""

    def value(chosen: np.ndarray) -> list[float]:
        found = {n: pearson(predicted.rating[n][chosen], scored.rating[chosen]) for n in NAMES}
        return [found["blend"] - found["model"], found["blend"] - found["embedded"]]

    everything = value(np.arange(len(scored.rating)))
    low, high = np.percentile(bootstrap(scored.accepted, value, seed), [2.5, 97.5], axis=0)
    return {name: (everything[i], float(low[i]), float(high[i])) for i, name in enumerate(("model", "embedded"))}


def fitted(scored: Scored, predicted: Predicted, judge: str, *, better: bool) -> Blend:
    """The weights on all papers; error and odds from the out-of-fold expectations."""
    intercept, model, embedded = fit(columns_of("blend", scored), scored.rating)
    expected = predicted.rating["blend"]
    bar, steepness = odds(expected, scored.accepted)
    return Blend(
        intercept=round(float(intercept), 4), model=round(float(model), 4), embedded=round(float(embedded), 4),
        error=round(float((scored.rating - expected).std(ddof=1)), 4), bar=round(bar, 4),
        steepness=round(steepness, 4), papers=len(expected), judge=judge, better=better,
    )  # fmt: skip


def odds(expected: np.ndarray, accepted: np.ndarray) -> tuple[float, float]:
    """Where one paper in two is accepted and how fast that changes: logistic regression by Newton's steps."""
    design = np.column_stack([np.ones(len(expected)), expected - expected.mean()])
    at = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ at))
        weights = np.maximum(p * (1 - p), 1e-6)
        curvature = (design * weights[:, None]).T @ design + 1e-3 * np.eye(2)
        at = at + np.linalg.solve(curvature, design.T @ (accepted - p) - 1e-3 * at)
    steepness = max(float(at[1]), 1e-3)
    return float(expected.mean() - at[0] / steepness), steepness


def report(scored: Scored, predicted: Predicted, judge: str, options: argparse.Namespace) -> None:
    n = len(scored.rating)
    print(f"{n} papers ({scored.accepted.sum()} accepted), reviews by {judge}")
    print(f"model against embedded: r = {pearson(scored.model, scored.embedded):.3f}")
    for name in NAMES:
        everything = figures(name, scored, predicted, np.arange(n))
        drawn = bootstrap(
            scored.accepted, lambda c, name=name: list(figures(name, scored, predicted, c).values()), options.seed
        )
        low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
        told = [f"{k} {v:.3f} [{low[i]:.3f}, {high[i]:.3f}]" for i, (k, v) in enumerate(everything.items())]
        print(f"{name:9s} {'  '.join(told)}")
    gained = gains(scored, predicted, options.seed)
    for name, (gain, low, high) in gained.items():
        print(f"blend − {name}: Pearson {gain:+.3f} [{low:+.3f}, {high:+.3f}]")
    better = all(low > 0 for _, low, _ in gained.values())
    print("the blend is better than either" if better else "the blend is not shown to be better than either")
    blend = fitted(scored, predicted, judge, better=better)
    print(blend.model_dump_json(indent=1))
    if options.write:
        target = Path(__file__).resolve().parents[2] / "scientist" / "mind" / FILE
        target.write_text(blend.model_dump_json(indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
