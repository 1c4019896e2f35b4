"""Tests of the look: colours that the colour-blind and a grey printer tell apart, fronts, and bounded intervals."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from support_runs import fake_spec, two_condition_plan, write_runs

from scientist.analysis.ledger import build_evidence
from scientist.analysis.scatter import front
from scientist.analysis.sheet import Mark
from scientist.analysis.style import OKABE_ITO, look, ranked

# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB.
SEEN_BY = {
    "everybody": np.eye(3),
    "deuteranopes": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopes": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
APART = 15.0
"""CIE76 distance; about 2.3 is just noticeable side by side, and thin lines need several times that."""


def lab(colour: str, seen_by: str = "everybody") -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(SEEN_BY[seen_by] @ linear, 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("seen_by", SEEN_BY)
@pytest.mark.parametrize("colours", [OKABE_ITO, *([ranked(i, n).colour for i in range(n)] for n in (2, 3, 4, 5))])
def test_colours_are_told_apart(colours, seen_by):
    for a, b in combinations(colours, 2):
        assert np.linalg.norm(lab(a, seen_by) - lab(b, seen_by)) >= APART, (a, b)


def test_grey_tells_the_first_lines_and_all_ordered_levels_apart():
    """And where lightness does not, marker and dash do."""
    assert all(abs(lab(a)[0] - lab(b)[0]) >= 20 for a, b in combinations(OKABE_ITO[:3], 2))
    for n in (2, 3, 4, 5):
        light = [lab(ranked(i, n).colour)[0] for i in range(n)]
        assert all(b - a >= 12 for a, b in pairwise(light))
        assert light[-1] < 85, "seen on white"
    for looks in ([look(i) for i in range(7)], [ranked(i, 7) for i in range(7)]):
        assert len({k.marker for k in looks}) == len({str(k.dash) for k in looks}) == 7


@pytest.mark.parametrize(("goals", "best"), [(("min", "min"), "ab"), (("max", "max"), "cd"), (("min", "max"), "ac")])
def test_the_front_holds_what_nothing_dominates(goals, best):
    points = {"a": (1.0, 3.0), "b": (2.0, 1.0), "c": (2.0, 5.0), "d": (4.0, 4.0)}
    marks = [Mark("", "mean", "", k, k, "m", "", y, x=x) for k, (x, y) in points.items()]
    assert "".join(m.series for m in front(marks, *goals)) == best


def test_intervals_end_where_the_range_of_the_metric_does(tmp_path):
    """A metric cannot leave its range, so the part of an interval outside of it is not printed or drawn."""
    spec = fake_spec()
    accuracy, *others = spec.metrics
    spec = spec.model_copy(update={"metrics": (accuracy.model_copy(update={"minimum": 0.0, "maximum": 0.83}), *others)})
    plan = two_condition_plan()
    results = write_runs(tmp_path, plan)
    free, bound = (
        build_evidence(plan=plan, plan_sha256="0" * 64, spec=s, results=results, look=1) for s in (fake_spec(), spec)
    )
    id = "mean.weight_decay-1.addition.val_acc"
    assert free.quantity(id).high > 0.83
    assert bound.quantity(id).high == 0.83
    assert bound.quantity(id).low == free.quantity(id).low
    assert bound.quantity(id).value == free.quantity(id).value
    assert "cut at the range" in bound.quantity(id).method and "cut" not in free.quantity(id).method
    assert bound.quantity(id).display_interval.endswith("0.830]")


def test_the_interval_of_a_contrast_ends_where_its_conditions_do(tmp_path):
    """Two runs to a budget: no difference of theirs can be larger than the budget."""
    plan = two_condition_plan(seeds=(1, 2), extension_seeds=(), looks=1)
    moved = tuple(c.model_copy(update={"metric": "steps_to_fit"}) for c in plan.contrasts)
    plan = plan.model_copy(update={"metric": "steps_to_fit", "sesoi": 500.0, "contrasts": moved,
                                   "settings": {**plan.settings, "steps": 12_000}})  # fmt: skip
    spec = fake_spec()
    steps = spec.metrics[-1].model_copy(update={"minimum": 0.0})
    spec = spec.model_copy(update={"metrics": (*spec.metrics[:-1], steps)})
    results = write_runs(tmp_path, plan)
    steps_of = {1: 2_000.0, 2: 10_000.0}

    def spread(result):
        if result.run.condition != "weight_decay-1":
            return result
        entries = {
            d: v.model_copy(update={"means": {**v.means, "steps_to_fit": steps_of[result.run.seed]}})
            for d, v in result.results.items()
        }
        return result.model_copy(update={"results": entries})

    results = [spread(r) for r in results]
    effect = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1).quantity(
        "effect.main.addition"
    )
    assert (effect.low, effect.high) == (-12_000.0, 12_000.0)
