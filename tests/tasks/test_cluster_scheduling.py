"""Cluster scheduling: the scorer keeps the books, and no request is turned away while a machine has room."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tasks.playing import Task

TASK = Task("cluster_scheduling")


def first_fit_by_hand(cluster: int) -> list[int]:
    """The machine of each request of one cluster, by a plain loop over the trace."""
    trace = TASK.scorer.trace("quick")
    free = trace.machines[cluster].tolist()
    ends: dict[int, list[tuple[int, list[float]]]] = {}
    chosen = []
    for t, (cores, memory) in enumerate(trace.requests[cluster].tolist()):
        for machine, size in ends.pop(t, []):
            free[machine] = [free[machine][0] + size[0], free[machine][1] + size[1]]
        found = next((k for k, room in enumerate(free) if room[0] >= cores and room[1] >= memory), -1)
        if found >= 0:
            free[found] = [free[found][0] - cores, free[found][1] - memory]
            ends.setdefault(t + int(trace.lives[cluster, t]), []).append((found, [cores, memory]))
        chosen.append(found)
    return chosen


def test_the_first_program_is_first_fit_and_is_scored_by_what_it_placed() -> None:
    trace = TASK.scorer.trace("quick")
    chosen = np.array([first_fit_by_hand(cluster) for cluster in range(3)])
    steps = iter(chosen.T)
    by_hand = TASK.judge(lambda **_: next(steps).tolist())["metrics"]
    assert TASK.play(TASK.program)["metrics"] == by_hand
    counted = slice(chosen.shape[1] // TASK.scorer.WARM_UP, None)
    assert by_hand["placed_requests_percent"] == pytest.approx(100 * (chosen[:, counted] >= 0).mean())
    share = trace.requests[:, counted] / trace.requests[:, counted].sum(axis=1, keepdims=True)
    weighed = (share.mean(axis=2) * (chosen[:, counted] >= 0)).sum(axis=1).mean()
    assert by_hand["placed_percent"] == pytest.approx(100 * weighed)
    assert 0 < by_hand["placed_percent"] < 100 and (chosen < 0).any()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([-1] * 3, "turned away"),
        ([0] * 3, "no room"),
        ([99] * 3, "does not exist"),
        ([-2] * 3, "does not exist"),
        ([0.5] * 3, "integers"),
        ([False] * 3, "integers"),
        ([0] * 4, "items"),
    ],
)
def test_a_placement_that_cannot_be_is_refused(answer: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        TASK.judge(lambda **_: answer)


def test_a_call_tells_who_left_and_nothing_of_the_future() -> None:
    calls = TASK.scorer.inputs("quick", 0)
    assert all(number < t for t, call in enumerate(calls) for left in call["left"] for number in left)
    assert calls[0]["machines"] is not None and all(call["machines"] is None for call in calls[1:])
    assert all(call["requests"].shape == (3, 2) for call in calls)


def test_the_published_formula_strands_less_than_first_fit() -> None:
    stranded = [
        TASK.play(text)["metrics"]["stranded_percent"] for text in (TASK.baseline("alphaevolve_borg"), TASK.program)
    ]
    assert stranded[0] < stranded[1] / 2


def test_a_score_that_is_not_finite_still_names_a_machine_with_room() -> None:
    block = "def score(required, free):\n    return np.full(len(free), np.nan)\n"
    assert TASK.play(TASK.evolved(block))["metrics"]["placed_percent"] > 0
