"""What every task folder must have: the keys, the marks, instances that repeat, and a first program that scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from scientist.search.regions import open_lines
from tests.tasks.playing import TASKS, Task

NAMES = sorted(path.parent.name for path in TASKS.glob("*/task.toml"))


@pytest.fixture(scope="module", params=NAMES)
def task(request: pytest.FixtureRequest) -> Task:
    return Task(request.param)


def test_the_declaration_is_complete(task: Task) -> None:
    told = task.spec["task"]
    assert told["name"] == task.folder.name
    assert told["goal"] in ("max", "min") and isinstance(told["deterministic"], bool)
    assert {"title", "summary", "metric", "preload", "keywords"} <= told.keys()
    file, _, entry = told["entry"].partition(":")
    assert file in told["editable"] and f"def {entry}(" in task.program
    assert task.spec["limits"]["seconds"] > 0 and task.spec["limits"]["memory_mb"] > 0
    assert [stage["name"] for stage in task.spec["stages"]][-1] == "full"
    assert all(known["source"] for known in task.spec.get("known", {}).values())
    assert (task.folder / "README.md").is_file() and list((task.folder / "baselines").glob("*.py"))


def test_a_part_of_the_program_may_evolve_and_its_entry_may_not(task: Task) -> None:
    open_parts = open_lines(task.program)
    entry = next(i for i, line in enumerate(task.program.split("\n"), start=1) if line.startswith("def run("))
    assert open_parts and not any(first <= entry <= last for first, last in open_parts)


@pytest.mark.parametrize("stage", ["first", "full", "sealed"])
def test_instances_repeat_and_hold_nothing_but_values(task: Task, stage: str) -> None:
    stage = task.spec["stages"][0]["name"] if stage == "first" else stage
    once, again = task.scorer.inputs(stage, 3), task.scorer.inputs(stage, 3)
    assert once and len(once) == len(again)
    for a, b in zip(once, again, strict=True):
        assert a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
        assert all(_crosses(value) for value in a.values())


def test_the_sealed_instances_are_others(task: Task) -> None:
    if task.folder.name == "circle_packing":
        pytest.skip("a packing is a certificate: there is one instance")
    full, sealed = task.scorer.inputs("full", 0), task.scorer.inputs("sealed", 0)
    assert not all(_same(a[key], b[key]) for a, b in zip(full, sealed, strict=False) for key in a)


def test_the_first_program_passes_the_threshold_of_its_first_stage(task: Task) -> None:
    stage = task.spec["stages"][0]
    judged = task.play(task.program, stage["name"])
    metrics = judged["metrics"]
    assert math.isfinite(judged["score"]) and all(math.isfinite(value) for value in metrics.values())
    if task.spec["task"]["deterministic"]:
        assert judged["score"] >= stage.get("threshold", -math.inf)
        sign = 1 if task.spec["task"]["goal"] == "max" else -1
        assert judged["score"] == pytest.approx(sign * metrics[task.spec["task"]["metric"]])


def test_a_base_line_beats_the_first_program(task: Task) -> None:
    stage = task.spec["stages"][0]["name"]
    better = {"circle_packing": "grid", "bin_packing": "best_fit", "cluster_scheduling": "dot_product"}
    better |= {"macro_placement": "simulated_annealing"}
    if not task.spec["task"]["deterministic"]:
        pytest.skip("seconds decide")
    first = task.play(task.program, stage)["score"]
    assert task.play(task.baseline(better[task.folder.name]), stage)["score"] > first


BAD = [
    None,
    "text",
    float("nan"),
    [],
    {},
    {"centres": "x"},
    [float("nan")],
    [[float("inf")]],
    [10**400],
    True,
    [True] * 33,
]
BAD += [
    ["0"] * 33,
    np.full(33, np.nan),
    np.zeros((3, 3), complex),
    np.array(["a"]),
    list(range(10**5)),
    -(2**70),
    [[[[]]]],
]


@pytest.mark.parametrize("bad", BAD, ids=[f"bad{k}" for k in range(len(BAD))])
def test_what_is_no_answer_is_refused_with_a_sentence(task: Task, bad: Any) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        task.judge(lambda **_: bad, task.spec["stages"][0]["name"])


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a, b)) if isinstance(a, np.ndarray) else a == b


def _crosses(value: Any) -> bool:
    """Whether it is a JSON value or an array of the kinds that a worker takes."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    if isinstance(value, list | tuple):
        return all(_crosses(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _crosses(item) for key, item in value.items())
    return value is None or type(value) in (str, int, float, bool)
