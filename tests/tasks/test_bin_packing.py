"""Online bin packing: bins are counted outside, and there is nothing to look ahead into."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tasks.playing import Task

TASK = Task("bin_packing")


def bins_of(items: list[int], capacity: int, priority: Any) -> int:
    """How many bins a plain loop over the items opens; the empty bins are there from the start."""
    room = [capacity] * len(items)
    for item in items:
        fitting = [b for b, left in enumerate(room) if left >= item]
        room[max(fitting, key=lambda b: priority(room[b]))] -= item
    return sum(left < capacity for left in room)


@pytest.mark.parametrize(("name", "priority"), [("best_fit", lambda room: -room), ("program", lambda room: 0)])
def test_the_excess_is_what_a_plain_loop_counts(name: str, priority: Any) -> None:
    metrics = TASK.play(TASK.program if name == "program" else TASK.baseline(name))["metrics"]
    for family in TASK.scorer.families("quick"):
        used = np.mean([bins_of(row, family.capacity, priority) for row in family.sizes.tolist()])
        bound = np.mean([-(-sum(row) // family.capacity) for row in family.sizes.tolist()])
        assert metrics[f"excess_{family.name}_percent"] == pytest.approx(100 * (used / bound - 1))


def test_a_call_shows_one_item_of_each_instance_and_none_that_comes_later() -> None:
    families = TASK.scorer.families("quick")
    calls = TASK.scorer.inputs("quick", 0)
    assert len(calls) == sum(family.sizes.shape[1] for family in families)
    expected = [column.tolist() for family in families for column in family.sizes.T]
    assert [call["items"] for call in calls] == expected
    assert all(call.keys() == {"items", "start"} for call in calls)
    assert [call["start"] for call in calls if call["start"]] == [
        {"capacity": family.capacity, "bins": family.sizes.shape[1]} for family in families
    ]


def test_the_instances_are_distributed_as_is_said() -> None:
    uniform, weibull = TASK.scorer.families("full")
    assert (uniform.sizes.shape, uniform.capacity) == ((20, 500), 150)
    assert uniform.sizes.min() == 20 and uniform.sizes.max() == 100
    assert weibull.capacity == 100 and weibull.sizes.min() >= 1 and weibull.sizes.max() <= 100
    # The mean of a Weibull distribution of scale 45 and shape 3 is 45 Γ(4/3) = 40.18.
    assert weibull.sizes.mean() == pytest.approx(40.18, abs=0.8)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda items: [0] * len(items), "no room"),
        (lambda items: [10**6] * len(items), "does not exist"),
        (lambda items: [-1] * len(items), "does not exist"),
        (lambda items: [0.0] * len(items), "integers"),
        (lambda items: [True] * len(items), "integers"),
        (lambda items: np.zeros(len(items), bool), "integers"),
        (lambda items: [0] * (len(items) + 1), "items"),
        (lambda items: [2**80] * len(items), "large|integers"),
    ],
)
def test_a_placement_that_cannot_be_is_refused(answer: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        TASK.judge(lambda items, start: answer(items))


def test_a_program_that_forges_its_bins_is_caught() -> None:
    forged = TASK.evolved("def priority(item, bins):\n    for room in _room:\n        room[0] = 1e9\n    return bins")
    with pytest.raises(ValueError, match="no room"):
        TASK.play(forged)


def test_too_few_answers_are_refused() -> None:
    calls = TASK.scorer.inputs("quick", 0)[:1]
    with pytest.raises(ValueError, match="bins"):
        TASK.scorer.score("quick", 0, [type("Call", (), {"input": calls[0], "output": [0] * 20, "seconds": 0.0})()])
