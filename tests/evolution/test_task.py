"""Tasks are read with every problem said at once, and found by name or folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from scientist.errors import UsageError
from scientist.evolution.task import baselines, builtin_folder, find_tasks, load_task, resolve_task, stages, task_hash
from scientist.search.evaluator import Call
from tests.evolution.tiny_task import TOML, write_task


def test_every_task_of_the_package_loads_and_has_inputs_for_each_stage() -> None:
    found = find_tasks()
    assert {t.name for t in found} >= {"circle_packing", "bin_packing", "cluster_scheduling", "cpu_kernel"}
    for spec in found:
        assert spec.folder.parent == builtin_folder().resolve()
        assert [s.name for s in stages(spec)] == [s.name for s in spec.stages]
        assert baselines(spec)


def test_a_task_is_found_by_its_folder_and_unknown_ones_are_listed(tmp_path: Path) -> None:
    assert resolve_task(str(write_task(tmp_path))).name == "tiny"
    with pytest.raises(UsageError, match="did you mean circle_packing"):
        resolve_task("circle_paking")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('goal = "max"', 'goal = "up"', "goal"),
        ('entry = "program.py:run"', 'entry = "program.py"', "entry"),
        ("seconds = 5", "seconds = -5\nhours = 3", "limits.hours"),
        ('editable = ["program.py"]', 'editable = ["other.py"]', "other.py"),
        ("[task]", "[task", "cannot be read"),
    ],
)
def test_problems_of_the_file_are_said(tmp_path: Path, old: str, new: str, told: str) -> None:
    task = write_task(tmp_path)
    (task / "task.toml").write_text(TOML.replace(old, new))
    with pytest.raises(UsageError, match=told):
        load_task(task)


def test_a_scorer_without_its_functions_is_refused(tmp_path: Path) -> None:
    task = write_task(tmp_path)
    (task / "scorer.py").write_text("def inputs(stage, seed): return []\n")
    with pytest.raises(UsageError, match="no function score"):
        stages(load_task(task))


def test_the_hash_is_of_what_decides_a_score(tmp_path: Path) -> None:
    task = write_task(tmp_path)
    before = task_hash(load_task(task))
    (task / "README.md").write_text("more words")
    assert task_hash(load_task(task)) == before
    (task / "scorer.py").write_text((task / "scorer.py").read_text() + "\n# changed\n")
    assert task_hash(load_task(task)) != before


def test_a_stage_scores_calls(tmp_path: Path) -> None:
    (full,) = stages(load_task(write_task(tmp_path)), ["full"])
    calls = [Call(i, 8 + i["shift"], 0.0) for i in full.inputs(0)]
    assert full.score(0, calls).score == -3
    with pytest.raises(ValueError, match="returns a number"):
        full.score(0, [Call({"shift": 0}, True, 0.0)])
