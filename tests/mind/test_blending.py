"""The blend of a model's score with the embedded prediction, and the protocol that fits and measures it."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from scientist.mind.blending import Blend, probability, shipped_blend, with_prediction
from scientist.types import Expected, Finding, Review, Severity

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "reviewer"


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("blend_benchmark", BENCHMARKS / "blend.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["blend_benchmark"] = module
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(BENCHMARKS))


def review(overall: float = 6, *, reviewer: str = "maker:model (one reviewer)", errors: int = 0) -> Review:
    finding = Finding(check="c", severity=Severity.ERROR, message="e")
    return Review(
        summary="s", strengths=(), weaknesses=(), overall=overall, confidence=3, decision="accept", reviewer=reviewer,
        findings=(finding,) * errors, rationale={"decision": "as before"}, scores={"overall": overall},
    )  # fmt: skip


ASSUMED = shipped_blend().model_copy(update={"papers": 0, "judge": "", "better": False})
FITTED = ASSUMED.model_copy(update={"papers": 300, "judge": "maker:model"})
BETTER = FITTED.model_copy(update={"better": True, "bar": 5.8})


def expected(overall: float, predicted: float, blend: Blend = ASSUMED) -> tuple[Expected, float]:
    filled = with_prediction(review(overall), predicted, blend)
    assert filled.expected is not None and filled.accept_probability is not None
    return filled.expected, filled.accept_probability


def test_more_of_either_is_more() -> None:
    base, likely = expected(5, 5.5)
    for higher, likelier in (expected(7, 5.5), expected(5, 6.5)):
        assert higher.rating > base.rating and likelier > likely
    assert base.low < base.rating < base.high
    assert expected(10, 10)[0].high == 10 and expected(1, 1)[0].low == 1


def test_at_the_bar_one_in_two_is_accepted() -> None:
    blend = ASSUMED.model_copy(update={"intercept": 0.0, "model": 0.5, "embedded": 0.5, "bar": 6.0})
    assert expected(6, 6, blend)[1] == 0.5


def test_a_blend_that_was_not_measured_stands_beside_the_score() -> None:
    for blend, said in ((ASSUMED, "are assumed"), (FITTED, "not shown to be better")):
        filled = with_prediction(review(8), 3.0, blend)
        assert (filled.overall, filled.decision, filled.rationale) == (8, "accept", {"decision": "as before"})
        assert filled.expected is not None and said in filled.expected.told


def test_a_blend_that_was_measured_to_be_better_takes_its_place() -> None:
    filled = with_prediction(review(8), 3.0, BETTER)
    assert filled.expected is not None and filled.overall == filled.expected.rating < 5.8
    assert filled.decision == "reject" and "does not reach 5.80" in filled.rationale["decision"]
    assert filled.scores == {"overall": 8} and "better than either alone" in filled.expected.told
    assert with_prediction(review(8), 7.0, BETTER).decision == "accept"


def test_an_error_stands_above_the_blend() -> None:
    filled = with_prediction(review(8, errors=1), 7.0, BETTER)
    assert filled.decision == "reject" and filled.rationale == {"decision": "as before"}
    assert filled.accept_probability == 0


def test_weights_of_another_model_replace_nothing() -> None:
    filled = with_prediction(review(8, reviewer="maker:model-2 (one reviewer)"), 3.0, BETTER)
    assert filled.overall == 8 and filled.expected is not None
    assert "not the model that reviewed here" in filled.expected.told


def test_what_is_shipped_replaces_a_score_only_if_it_was_measured() -> None:
    blend = shipped_blend()
    assert not blend.better or (blend.papers >= 100 and blend.judge)


# ------------------------------------------------------------------------------------------- protocol


def scored(bench: ModuleType, model: float, embedded: float, n: int = 400, seed: int = 1):  # type: ignore[no-untyped-def]
    """Papers whose rating is seen by both through noise of its own; the numbers are the wanted correlations."""
    rng = np.random.default_rng(seed)
    true = rng.normal(size=n)

    def seen(r: float) -> np.ndarray:
        return r * true + np.sqrt(1 - r * r) * rng.normal(size=n)

    rating = 5.6 + 1.3 * true
    return bench.Scored(np.round(6 + seen(model)), 5.6 + 0.6 * seen(embedded), rating, rating >= 6)


def test_two_independent_judges_are_better_blended(bench: ModuleType) -> None:
    papers = scored(bench, 0.45, 0.5)
    predicted = bench.measure(papers, repeats=2, seed=1)
    gained = bench.gains(papers, predicted, 1)
    assert all(gain > 0.05 and low > 0 for gain, low, _ in gained.values())
    blend = bench.fitted(papers, predicted, "fake", better=True)
    assert blend.model > 0.1 and blend.embedded > 0.3 and blend.papers == 400
    mine = blend.intercept + blend.model * papers.model + blend.embedded * papers.embedded
    assert np.corrcoef(mine, predicted.rating["blend"])[0, 1] > 0.99
    assert abs(np.mean(mine) - papers.rating.mean()) < 0.02
    assert abs(np.mean([probability(r, blend) for r in mine]) - papers.accepted.mean()) < 0.02


def test_a_model_that_knows_nothing_is_not_called_a_gain(bench: ModuleType) -> None:
    papers = scored(bench, 0.0, 0.5)
    predicted = bench.measure(papers, repeats=2, seed=1)
    gain, low, _ = bench.gains(papers, predicted, 1)["embedded"]
    assert low <= 0 and abs(gain) < 0.02
    assert bench.figures("embedded", papers, predicted, np.arange(400))["Pearson"] > 0.4


def test_nothing_of_a_test_fold_is_learnt(bench: ModuleType) -> None:
    """With ratings that have nothing to do with either, out-of-fold correlation is not above chance."""
    papers = scored(bench, 0.5, 0.5)
    rng = np.random.default_rng(3)
    shuffled = rng.permutation(400)
    papers = papers._replace(rating=papers.rating[shuffled], accepted=papers.accepted[shuffled])
    found = bench.figures("blend", papers, bench.measure(papers, repeats=2, seed=1), np.arange(400))
    assert found["Pearson"] < 0.12 and found["AUC"] < 0.57


def test_negative_weights_are_none(bench: ModuleType) -> None:
    x = np.column_stack([np.arange(50.0), -(np.arange(50.0) ** 2)])
    slopes = bench.fit(x, -np.arange(50.0))
    assert slopes[1] == 0 and slopes[2] > 0
    assert list(bench.fit(x[:, :1], -np.arange(50.0))) == [-24.5, 0]


def test_folds_are_stratified_and_disjoint(bench: ModuleType) -> None:
    accepted = np.arange(53) < 20
    parts = bench.folds(accepted, np.random.default_rng(1))
    assert sorted(np.concatenate(parts)) == list(range(53))
    assert {int(accepted[p].sum()) for p in parts} == {2}


def test_figures_of_merit(bench: ModuleType) -> None:
    accepted = np.array([True, True, False, False])
    assert bench.auc(np.array([4, 2, 3, 1]), accepted) == 0.75
    assert bench.auc(np.array([1, 1, 1, 1]), accepted) == 0.5
    passes = np.array([True, False, False, False])
    assert bench.balanced(passes, accepted) == 0.75 and bench.f1(passes, accepted) == pytest.approx(2 / 3)


def test_reviews_are_gathered_by_the_papers_ids(bench: ModuleType, tmp_path: Path) -> None:
    records = [{"id": f"p{i}", "mean_rating": 3 + i / 10, "accept": i > 25} for i in range(40)]
    for i in range(30):
        review = {"form": "icml", "scores": {"overall": 3}, "reviewer": "maker:model (one reviewer)"}
        (tmp_path / f"p{i}.review.json").write_text(json.dumps(review))
    (tmp_path / "stranger.review.json").write_text("{}")
    predictions = tmp_path / "oof.jsonl"
    predictions.write_text("".join(json.dumps({"id": f"p{i}", "embedded": 5.0}) + "\n" for i in range(40)))
    predicted = bench.read_predictions(predictions)
    papers, judge = bench.gather(records, tmp_path, predicted)
    assert judge == "maker:model" and len(papers.rating) == 30 and set(papers.model) == {6.0}
    with pytest.raises(SystemExit, match="holds 0 reviews"):
        bench.gather(records, tmp_path / "none", predicted)


def test_a_human_stands_in_for_a_model_and_is_not_its_own_judge(bench: ModuleType) -> None:
    records = [{"id": f"p{i}", "ratings": [1, 6, 8], "accept": i % 2 == 0} for i in range(30)]
    records.append({"id": "lone", "ratings": [3], "accept": False})
    papers, judge = bench.from_humans(records, dict.fromkeys([r["id"] for r in records], 5.0), 1)
    assert "human" in judge and len(papers.model) == 30 and set(papers.model) == {1.0, 6.0, 8.0}
    assert all(2 * other + own == 15 for own, other in zip(papers.model, papers.rating, strict=True))
