"""Circle packing: what is a packing, and what only looks like one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tasks.playing import Task

TASK = Task("circle_packing")
GRID = [(0.1 + 0.2 * i, 0.1 + 0.2 * j) for i in range(5) for j in range(5)]
CENTRES = [*GRID, (0.2, 0.2)]
RADII = [0.1] * 25 + [0.1 * (2**0.5 - 1)]


def judged(centres: Any, radii: Any = None) -> dict[str, Any]:
    output = {"centres": centres} | ({} if radii is None else {"radii": radii})
    return TASK.judge(lambda n: output, "full")


def test_the_grid_and_one_more_scores_what_geometry_says() -> None:
    by_hand = 2.5 + 0.1 * (2**0.5 - 1)
    assert judged(CENTRES)["metrics"]["sum_radii"] == pytest.approx(by_hand, abs=1e-6)
    # By hand 0.2 apart means a rounding apart, which the stated shrinking takes up.
    assert judged(CENTRES, RADII)["metrics"]["sum_radii"] == pytest.approx(by_hand, abs=1e-6)
    assert judged(np.array(CENTRES), np.array(RADII))["score"] == judged(CENTRES, RADII)["score"]


@pytest.mark.parametrize("circle", [0, 12, 25])
def test_an_overlap_of_a_ten_millionth_is_refused(circle: int) -> None:
    radii = list(RADII)
    radii[circle] += 1e-7
    with pytest.raises(ValueError, match=r"overlap|reaches out"):
        judged(CENTRES, radii)


def test_the_programme_finds_the_largest_radii() -> None:
    rng = np.random.default_rng(0)
    centres = rng.random((26, 2))
    best = judged(centres)["score"]
    greedy = np.zeros(26)
    for i in range(26):
        gaps = np.hypot(*(centres - centres[i]).T) - greedy
        greedy[i] = min(np.delete(gaps, i).min(), *centres[i], *(1 - centres[i])) * 0.999999
        assert greedy[i] >= 0
    assert best >= judged(centres, greedy)["score"] - 1e-6


def test_all_circles_at_one_place_score_no_more_than_one_circle() -> None:
    assert judged([(0.5, 0.5)] * 26)["score"] <= 1e-6


@pytest.mark.parametrize(
    ("centres", "radii"),
    [
        ([*CENTRES[:25], (1.5, 0.5)], None),
        ([*CENTRES[:25], (0.2, -1e-12)], None),
        (CENTRES * 2, None),
        (CENTRES[:25], None),
        ([*CENTRES[:25], (True, False)], None),
        ([*CENTRES[:25], ("0.2", "0.2")], None),
        ([*CENTRES[:25], (float("nan"), 0.2)], None),
        ([*CENTRES[:25], (1e308, 1e308)], None),
        (CENTRES, [*RADII[:25], -0.1]),
        (CENTRES, [*RADII[:25], float("inf")]),
        (CENTRES, [*RADII, 0.0]),
        (CENTRES, "0.1" * 26),
    ],
)
def test_what_is_no_packing_is_refused(centres: Any, radii: Any) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        judged(centres, radii)


def test_a_further_key_is_refused() -> None:
    with pytest.raises(ValueError, match="return a dict"):
        TASK.judge(lambda n: {"centres": CENTRES, "score": 99.0}, "full")
