"""Tests of the statistics against scipy, statsmodels, brute force and simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired
from support_runs import fake_spec, three_condition_plan, two_condition_plan

from scientist.analysis.ledger import test_contrasts as contrast_tests
from scientist.analysis.observations import observe
from scientist.analysis.quantities import alpha_look
from scientist.analysis.statistics import (
    bootstrap_interval,
    contrast_by_seed,
    hedges_g,
    holm,
    mean_interval,
    paired_test,
    sign_flip_p,
)
from scientist.types import Contrast, DatasetResult, Run, RunResult, RunStatus

SLEEP = np.array([-1.2, -2.4, -1.3, -1.3, 0.0, -1.0, -1.8, -0.8, -4.6, -1.4])
"""Differences of Student's sleep data (1908), whose t is -4.0621 and p is 0.002833."""


def contrast(weights: dict[str, float]) -> Contrast:
    return Contrast(id="c", label="c", weights=weights, metric="m", dataset="d", direction="increase")


def test_students_sleep_data_gives_the_published_result():
    test = paired_test(SLEEP, sesoi=0.5, level=0.95)
    assert test.p == pytest.approx(0.002833, abs=5e-7)
    assert (test.low, test.high) == pytest.approx((-2.4598858, -0.7001142), abs=1e-6)
    assert test.estimate == pytest.approx(-1.58)
    assert test.test == "paired_t"


def test_interval_of_a_mean_is_that_of_scipy():
    x = [0.71, 0.69, 0.74, 0.70]
    got = mean_interval(x, 0.975)
    low, high = stats.t.interval(0.975, 3, loc=np.mean(x), scale=stats.sem(x))
    assert (got.low, got.high, got.sd) == pytest.approx((low, high, np.std(x, ddof=1)))


def test_mean_of_one_seed_has_no_interval():
    assert mean_interval([0.7], 0.95) == mean_interval((0.7,), 0.95)
    assert mean_interval([0.7], 0.95).low is None
    assert mean_interval([0.7], 0.95).sd is None


@pytest.mark.parametrize("sesoi", [0.3, 1.0, 2.5])
def test_equivalence_is_that_of_statsmodels(sesoi):
    expected = ttost_paired(SLEEP, np.zeros(10), -sesoi, sesoi)[0]
    assert paired_test(SLEEP, sesoi=sesoi, level=0.95).p_equivalence == pytest.approx(expected, rel=1e-9)


def test_without_a_bound_there_is_no_equivalence_test():
    assert paired_test(SLEEP, sesoi=None, level=0.95).p_equivalence is None


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_sign_flip_counts_what_brute_force_counts(n):
    d = np.round(np.random.default_rng(n).normal(0.4, 1, n), 1)
    bar = abs(d.sum()) - 1e-9
    flips = [abs(np.dot(signs, d)) >= bar for signs in itertools.product((-1, 1), repeat=n)]
    assert sign_flip_p(d) == pytest.approx(np.mean(flips))


def test_sign_flip_is_exact_beyond_what_can_be_listed_and_refuses_more():
    all_up = np.full(34, 0.25) + np.linspace(0, 0.1, 34)
    assert sign_flip_p(all_up) == 2 * 0.5**34
    assert sign_flip_p(np.ones(37)) is None


def test_hedges_factor_is_exact():
    d = np.array([0.1, 0.3, 0.2, 0.5])
    approximate = (1 - 3 / (4 * 3 - 1)) * d.mean() / d.std(ddof=1)
    exact = math.gamma(1.5) / (math.sqrt(1.5) * math.gamma(1.0)) * d.mean() / d.std(ddof=1)
    assert hedges_g(d) == pytest.approx(exact)
    assert hedges_g(d) == pytest.approx(approximate, rel=0.01)
    assert hedges_g(d[:2]) is None


def test_holm_is_that_of_statsmodels():
    rng = np.random.default_rng(5)
    for n in (1, 2, 5, 9):
        p = np.round(rng.uniform(0, 0.3, n), 2)
        assert holm(list(p)) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_by_hand_and_untestable_members_count():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([0.01, None]) == (pytest.approx(0.02), None)
    assert holm([]) == ()


def test_contrast_uses_complete_seeds_only_in_ascending_order():
    values = {"a": {3: 1.0, 1: 2.0, 2: 5.0}, "b": {1: 1.0, 3: 4.0}, "unused": {}}
    weights = {"a": 1.0, "b": -1.0, "unused": 0.0}
    got = contrast_by_seed(contrast(weights), values)
    assert list(got.items()) == [(1, 1.0), (3, -3.0)]


def test_interaction_is_the_difference_of_differences():
    values = {"a": {1: 1.0}, "b": {1: 4.0}, "c": {1: 2.0}, "d": {1: 9.0}}
    assert contrast_by_seed(contrast({"d": 1, "c": -1, "b": -1, "a": 1}), values) == {1: (9 - 2) - (4 - 1)}


def test_weights_that_do_not_sum_to_zero_are_refused():
    with pytest.raises(ValueError, match="do not sum to zero"):
        contrast_by_seed(contrast({"a": 1.0, "b": -0.5}), {})


def test_equal_nonzero_differences_fall_back_to_the_sign_flip_test():
    y = np.array([0.7, 0.71, 0.72, 0.73, 0.74])
    test = paired_test((y + 0.1) - y, sesoi=0.02, level=0.95, scale=0.84)
    assert (test.test, test.p, test.low, test.g) == ("sign_flip", 2 / 32, None, None)
    assert test.p_equivalence == 1.0
    assert "sign-flip" in test.reason


def test_zero_differences_give_p_one():
    test = paired_test([0.0] * 6, sesoi=0.02, level=0.95, scale=1.0)
    assert (test.estimate, test.p, test.p_equivalence) == (0.0, 1.0, 1 / 64)


@pytest.mark.parametrize("d", [[], [0.3]])
def test_fewer_than_two_seeds_are_not_tested(d):
    test = paired_test(d, sesoi=0.02, level=0.95)
    assert (test.test, test.p, test.p_equivalence, test.low) == ("none", None, None, None)
    assert "fewer than two seeds" in test.reason


def test_bootstrap_is_fixed_and_near_the_t_interval():
    d = np.random.default_rng(3).normal(0.2, 0.1, 40)
    low, high, method = bootstrap_interval(d, 0.95)
    assert bootstrap_interval(d, 0.95) == (low, high, method)
    t = mean_interval(d, 0.95)
    assert (low, high) == pytest.approx((t.low, t.high), abs=0.01)
    assert method == "BCa"
    assert bootstrap_interval([0.1, 0.1, 0.1], 0.95) is None


# ------------------------------------------------------------------------------------------- calibration

REPETITIONS = 2_000


def within_monte_carlo_error(hits: int, rate: float) -> bool:
    """Whether a count is within 3.5 standard errors of its expectation."""
    return abs(hits / REPETITIONS - rate) < 3.5 * math.sqrt(rate * (1 - rate) / REPETITIONS)


def test_false_positive_rate_of_one_contrast_and_coverage_are_as_planned():
    plan = two_condition_plan()
    rng, alpha = np.random.default_rng(11), alpha_look(plan)
    hits = misses = 0
    for _ in range(REPETITIONS):
        (tested,) = contrast_tests(observe(plan, null_results(plan, rng), 1), fake_spec())
        hits += tested.adjusted <= alpha
        misses += not tested.test.low <= 0 <= tested.test.high
    assert within_monte_carlo_error(hits, alpha), hits
    assert misses == hits


def test_family_wise_error_rate_is_held_over_dependent_contrasts():
    plan = three_condition_plan()
    plan = plan.model_copy(update={"contrasts": plan.contrasts[:3], "looks": 1})
    rng = np.random.default_rng(12)
    hits = 0
    for _ in range(REPETITIONS // 4):
        tested = contrast_tests(observe(plan, null_results(plan, rng), 1), fake_spec())
        hits += any(t.adjusted <= plan.alpha for t in tested)
    rate = hits / (REPETITIONS // 4)
    assert 0.02 < rate < 0.05 + 3 * math.sqrt(0.05 * 0.95 / (REPETITIONS // 4))


def test_equivalence_at_the_bound_is_claimed_at_the_planned_rate():
    rng = np.random.default_rng(13)
    d = rng.normal(0.02, 0.004, (REPETITIONS, 6))
    hits = sum(paired_test(x, sesoi=0.02, level=0.95).p_equivalence <= 0.025 for x in d)
    assert within_monte_carlo_error(hits, 0.025)


def test_equivalence_well_inside_the_bound_is_found():
    d = np.random.default_rng(14).normal(0.0, 0.004, (200, 6))
    hits = sum(paired_test(x, sesoi=0.02, level=0.95).p_equivalence <= 0.025 for x in d)
    assert hits > 195


def null_results(plan, rng) -> list[RunResult]:
    """Runs whose conditions do not differ: each seed shares a part, as paired seeds do."""
    shared = rng.normal(0.8, 0.05, len(plan.seeds))
    results = []
    for c in plan.conditions:
        for seed, common in zip(plan.seeds, shared, strict=True):
            run = Run.model_construct(
                condition=c.id, seed=seed, status=RunStatus.OK, wall_s=1.0, sandbox="none", started_at=""
            )
            value = {
                d: DatasetResult.model_construct(means={"val_acc": common + rng.normal(0, 0.02)}) for d in plan.datasets
            }
            results.append(RunResult.model_construct(run=run, folder=f"nodes/{c.id}/seed_{seed}", results=value))
    return results
