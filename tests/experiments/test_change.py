from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from slotted import (
    CHEATING,
    CRASHING,
    DOUBLED,
    EXPERIMENT,
    IDEA,
    MEDDLING,
    SAME,
    SLOT,
    UNPARSABLE,
    Player,
    write_slotted,
)
from tiny_template import TOML, executor, run, run_folder, write_template

from scientist.errors import ReplyInvalid, RunInterrupted, TemplateError
from scientist.events import EventLog, read_lines
from scientist.experiments.change import Change, ChangeRefused, change_folder, make_change, pin_change, read_change
from scientist.experiments.plan import check_plan
from scientist.experiments.study import study_spec
from scientist.experiments.template import load_template, template_hash
from scientist.mind.base import PlanRequest
from scientist.mind.offline import OfflineMind
from scientist.search.edit import Edit
from scientist.types import Plan, TemplateSpec
from scientist.workspace import RunFolder, canonical_json


def made(coder: Player, spec: TemplateSpec, folder: RunFolder, **more: object) -> Change:
    events = EventLog(folder.events)
    return make_change(idea=IDEA, spec=spec, coder=coder, executor=executor(1), folder=folder, events=events, **more)  # type: ignore[arg-type]


def planned(spec: TemplateSpec) -> Plan:
    return OfflineMind().plan(
        PlanRequest(
            idea=IDEA, template=study_spec(spec, IDEA), template_hash=template_hash(Path(spec.path)), preset="cpu",
            seeds=2, first_seed=1001, alpha=0.05, looks=1,
        )
    )  # fmt: skip


def test_a_working_change_is_kept_with_its_difference_and_its_trial(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    change = made(Player(DOUBLED), spec, folder)
    place = change_folder(folder, IDEA.id)
    assert (change.files, change.added, change.removed) == (("experiment.py",), 1, 1)
    assert change.trial == {"one": {"score": (1.0, 2.0)}}, "seed 0, smoke preset, unchanged and changed"
    assert template_hash(place / "code") == change.code_sha256 != template_hash(Path(spec.path))
    shutil.copytree(spec.path, tmp_path / "patched")
    subprocess.run(["patch", "-p1", "-s", "-i", str(place / "change.diff")], cwd=tmp_path / "patched", check=True)
    assert template_hash(tmp_path / "patched") == change.code_sha256
    assert {p.name for p in place.iterdir()} == {"code", "change.diff", "change.json", "edit.json"}
    assert made(Player(), spec, folder) == change == read_change(folder, IDEA.id), "nothing is asked again"
    told = [e for e in read_lines(folder.events) if e["kind"] == "change.tried"]
    assert [(e["idea"], e["attempt"], e["problem"]) for e in told] == [(IDEA.id, 1, "")]


def test_each_failure_is_told_to_the_next_attempt(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    coder = Player(UNPARSABLE, CRASHING, SAME, DOUBLED)
    change = made(coder, spec, folder)
    refused, crashed, idle, last = change.attempts
    assert "the function gain would not parse" in refused.problem and refused.log == ""
    assert "crashed" in crashed.problem and "ZeroDivisionError" in crashed.problem
    assert 'File "/job/experiment.py", line 8, in gain' in crashed.log and "at 0x..." in crashed.log
    assert str(tmp_path) not in crashed.log, "the same failure gives the same prompt, wherever the run lies"
    assert "phase pilot change True" in crashed.log
    assert "has no effect" in idle.problem
    assert last.edit == DOUBLED and last.problem == ""
    assert [len(r.attempts) for r in coder.asked] == [0, 1, 2, 3]
    assert coder.asked[3].attempts == (refused, crashed, idle)
    assert coder.asked[0].editable == {"experiment.py": EXPERIMENT} and "harness.py" in coder.asked[0].locked


def test_four_failures_refuse_the_idea_and_a_resumed_run_does_not_repeat_them(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    coder = Player(MEDDLING, CHEATING, ReplyInvalid("raw reply in /somewhere/1.txt"), SAME, DOUBLED)
    with pytest.raises(ChangeRefused, match="no change of code for 'doubled gain' works after 4 attempts") as e:
        made(coder, spec, folder)
    assert e.value.exit_code == 3 and "attempts.json" in e.value.hint
    problems = [
        a["problem"] for a in json.loads((change_folder(folder, IDEA.id) / "attempts.json").read_text())["attempts"]
    ]
    assert "locked part of experiment.py" in problems[0]
    assert "the run changed the locked file harness.py" in problems[1]
    assert problems[2] == "the replies did not have the requested fields", "no path of this machine goes into a prompt"
    assert coder.edits == [DOUBLED], "it is not asked a fifth time"
    with pytest.raises(ChangeRefused):
        made(Player(), spec, folder)
    assert read_change(folder, IDEA.id) is None


def test_after_a_kill_no_attempt_and_no_edit_that_was_paid_for_is_asked_for_again(
    tmp_path: Path,
) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    with pytest.raises(KeyError):
        made(Player(CRASHING, KeyError()), spec, folder)  # type: ignore[arg-type]
    coder = Player(DOUBLED)
    change = made(coder, spec, folder)
    assert [a.edit for a in change.attempts] == [CRASHING, DOUBLED] and len(coder.asked) == 1
    (change_folder(folder, IDEA.id) / "change.json").unlink()  # killed after the edit, before the change was kept
    assert made(Player(), spec, folder) == change


def test_attempts_at_another_idea_or_template_do_not_count(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    with pytest.raises(ChangeRefused):
        made(Player(SAME, SAME, SAME, SAME), spec, folder)
    (Path(spec.path) / "experiment.py").write_text(EXPERIMENT + "# another version\n")
    assert len(made(Player(DOUBLED), spec, folder).attempts) == 1


def test_a_kept_change_that_was_altered_is_refused(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    made(Player(DOUBLED), spec, folder)
    (change_folder(folder, IDEA.id) / "code/experiment.py").write_text("print(1)\n")
    with pytest.raises(RunInterrupted, match="is not what it was when it was tried"):
        made(Player(), spec, folder)


def test_only_the_allowed_way_is_taken(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    coder = Player(DOUBLED, Edit(files={"experiment.py": EXPERIMENT.replace("return level", "return 3 * level")}))
    change = made(coder, spec, folder, ways=("patch",))
    assert "only these ways of changing the code are allowed: patch" in change.attempts[0].problem
    assert change.trial == {"one": {"score": (1.0, 3.0)}} and coder.asked[0].ways == ("patch",)


def test_a_template_that_fails_unchanged_is_not_the_coders_fault(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    (Path(spec.path) / "experiment.py").write_text(EXPERIMENT.replace("return level", "return level / 0"))
    with pytest.raises(RunInterrupted, match="fails unchanged at its smoke preset"):
        made(Player(DOUBLED), spec, folder)


def test_an_idea_without_an_intervention_changes_nothing(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    plain = IDEA.model_copy(update={"intervention": None})
    assert study_spec(spec, plain) is spec
    with pytest.raises(ChangeRefused, match="names no change of code"):
        make_change(idea=plain, spec=spec, coder=Player(), executor=executor(1), folder=folder,
                    events=EventLog(folder.events))  # fmt: skip


# ------------------------------------------------------------------------------------------- the study of a change


def test_the_treatment_runs_the_changed_code_and_the_control_the_templates(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    study = study_spec(spec, IDEA)
    assert study_spec(study, IDEA) is study and study.factor("code_change").label == "doubled gain"
    change = made(Player(DOUBLED), spec, folder)
    plan = pin_change(planned(spec), change)
    check_plan(plan, study, 10.0)
    results = run(plan, study, folder)
    values = {(r.run.condition, r.run.seed): r.results["one"].means["score"] for r in results}
    assert values == {
        ("code_change-off", 1001): 101.1, ("code_change-off", 1002): 101.2,
        ("code_change-on", 1001): 102.1, ("code_change-on", 1002): 102.2,
    }  # fmt: skip
    on, off = folder.nodes / "code_change-on", folder.nodes / "code_change-off"
    assert template_hash(off / "code") == plan.template_hash and template_hash(on / "code") == change.code_sha256
    assert (off / "change.diff").read_text() == "# No code is changed: this node is the baseline.\n"
    told = (on / "change.diff").read_text()
    assert "#   code_change: False -> True" in told and "+    return 2 * level" in told
    shutil.copytree(spec.path, tmp_path / "patched")
    subprocess.run(["patch", "-p1", "-s"], cwd=tmp_path / "patched", input=told, text=True, check=True)
    assert template_hash(tmp_path / "patched") == change.code_sha256
    assert run(plan, study, folder) == results


def test_the_plan_pins_the_changed_code(tmp_path: Path) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    study, change = study_spec(spec, IDEA), made(Player(DOUBLED), spec, folder)
    plan = pin_change(planned(spec), change)
    assert [c.code_sha256 for c in plan.conditions] == [None, change.code_sha256]
    assert canonical_json(plan).count("code_sha256") == 1, "a plan without a change keeps its bytes"
    assert "code_sha256" not in canonical_json(planned(spec))
    assert Plan.model_validate_json(canonical_json(plan)) == plan
    with pytest.raises(TemplateError, match="code_change-on must pin the hash"):
        check_plan(planned(spec), study, 10.0)
    everywhere = tuple(c.model_copy(update={"code_sha256": "0" * 64}) for c in plan.conditions)
    with pytest.raises(TemplateError, match="code_change-off must pin"):
        check_plan(plan.model_copy(update={"conditions": everywhere}), study, 10.0)
    (change_folder(folder, IDEA.id) / "code/experiment.py").write_text("print(1)\n")
    with pytest.raises(RunInterrupted, match="does not hold the changed code that the plan was pre-registered with"):
        run(plan, study, folder)


def test_a_template_may_not_call_a_factor_like_the_change(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="code_change: the name is reserved"):
        write_template(tmp_path / "tiny", toml=TOML.replace("[factors.level]", "[factors.code_change]"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('function = "gain"', 'function = "loss"', "experiment.py has no undecorated top-level function loss"),
        ('file = "experiment.py"', 'file = "harness.py"', "harness.py is not one of the editable files"),
        ('purpose = "how much a level is worth"', 'purpose = " "', "purpose: is empty"),
        ('function = "gain"', "", "function: is missing"),
        ('function = "gain"', 'function = "gain"\nfonction = "gain"', "did you mean function?"),
    ],
)
def test_a_slot_that_names_nothing_is_an_error(tmp_path: Path, old: str, new: str, told: str) -> None:
    spec = write_slotted(tmp_path / "slotted")
    toml = TOML.replace("[presets.smoke]", SLOT.replace(old, new) + "\n[presets.smoke]", 1)
    (Path(spec.path) / "template.toml").write_text(toml)
    with pytest.raises(TemplateError) as e:
        load_template(Path(spec.path))
    assert "[slots.gain] " in e.value.message and told in e.value.message
