"""The search over experiments on the tiny template: what is tried and wins, and that time and kills change nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scientist.errors import UsageError
from scientist.events import EventLog, read_lines
from scientist.execution.job import Job
from scientist.experiments.exploring import ARCHIVE, Quest, check_strategy, explore, first_candidate
from scientist.experiments.found import found_idea, found_levels, pin_found
from scientist.experiments.plan import check_plan
from scientist.experiments.study import study_spec
from scientist.experiments.template import load_template, template_hash
from scientist.mind.base import Exploration, PlanRequest
from scientist.mind.configuration import SETTINGS, levels_of, settings_text
from scientist.mind.offline import OfflineMind
from scientist.search.archive import read_archive
from scientist.search.edit import Edit, Rules
from scientist.search.loop import Known, ProposalFailed, Request
from scientist.search.step import Step
from scientist.search.strategies import STRATEGIES
from scientist.types import Explored, Idea, IdeaKind, TemplateSpec
from scientist.workspace import RunFolder
from tests.experiments.tiny_template import EXPERIMENT, TOML, executor, run_folder, write_template

MIND = OfflineMind()
TAME = TOML.replace('"hang", ', "").replace("seconds_per_run = 5.0", "seconds_per_run = 1.0", 1)


def idea(**changes: Any) -> Idea:
    base = Idea(
        id="i", template="tiny", kind=IdeaKind.MAIN_EFFECT, title="t", question="q?", hypothesis="h", factor="level",
        control=1, treatment=3, levels=(1, 3), datasets=("one",), metric="score", direction="increase",
    )  # fmt: skip
    return base.model_copy(update=changes)


@pytest.fixture
def spec(tmp_path: Path) -> TemplateSpec:
    return write_template(tmp_path / "tiny", toml=TAME)


def quest(spec: TemplateSpec, **changes: Any) -> Quest:
    settings = {"idea": idea(), "preset": "smoke", "strategy": "best_first", "nodes": 10, "seed": 0, **changes}
    return Quest(spec=spec, **settings)


def made(
    q: Quest, folder: RunFolder, *, mind: Any = MIND, workers: int = 2, minutes: float = 60.0, bench: Any = None
) -> Explored:
    return explore(
        q, mind=mind, executor=bench or executor(workers), workers=workers, minutes=minutes, folder=folder,
        events=EventLog(folder.events),
    )  # fmt: skip


class Counting:
    """An executor that counts its jobs."""

    def __init__(self) -> None:
        self.jobs = 0

    def run(self, jobs: Sequence[Job], **more: Any) -> Any:
        self.jobs += len(jobs)
        return executor().run(jobs, **more)


class Scripted(OfflineMind):
    """Proposes what a function says instead."""

    def __init__(self, propose: Callable[[Exploration], Edit]) -> None:
        self._propose = propose

    def propose(self, asked: Exploration) -> Edit:
        return self._propose(asked)


def at(asked: Exploration, **levels: Any) -> Edit:
    text = settings_text({**levels_of(asked.first), **levels})
    return Edit(why=str(levels), files={SETTINGS: text})


def test_the_search_finds_the_better_level_and_says_what_it_tried(spec: TemplateSpec, tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    found = made(quest(spec), folder)
    facts, steps = read_archive(folder.search / ARCHIVE)
    assert found_levels(found)["level"] == 3 and found.best.score == pytest.approx(3.0, abs=0.5)
    assert steps[0].metrics == {"one.score": 1.0} and found.found_id == "search.score"
    assert (found.nodes, found.asked, facts["window"]) == (10, 10, 4)
    assert found.candidates == len({s.candidate for s in steps if s.candidate})
    assert found.failed == sum(s.status in ("crashed", "invalid") for s in steps) > 0
    assert all(s.artefacts["log"].startswith("level") for s in steps if s.status == "crashed")
    assert {"draft", "replicate"} <= {s.operator for s in steps} and found.replications == 2
    journal = [e for e in read_lines(folder.journal) if e["transition"] == "explored"]
    assert [e["node"] for e in journal] == [f"search.{n}" for n in range(10)]
    assert journal[1]["data"]["parents"] == ["search.0"] and journal[1]["data"]["why"]
    assert not list(folder.search.glob(".pilots/*"))


def test_the_archive_does_not_depend_on_the_number_of_workers(spec: TemplateSpec, tmp_path: Path) -> None:
    first, second = run_folder(tmp_path / "a"), run_folder(tmp_path / "b")
    assert made(quest(spec), first, workers=1) == made(quest(spec), second, workers=4)
    assert (first.search / ARCHIVE).read_bytes() == (second.search / ARCHIVE).read_bytes()
    third = run_folder(tmp_path / "c")
    made(quest(spec, seed=1), third)
    assert (first.search / ARCHIVE).read_bytes() != (third.search / ARCHIVE).read_bytes()


@pytest.mark.parametrize("strategy", [s for s in STRATEGIES.names() if s != "best_first"])
def test_every_strategy_searches(strategy: str, spec: TemplateSpec, tmp_path: Path) -> None:
    found = made(quest(spec, strategy=strategy, nodes=5), run_folder(tmp_path))
    assert found.nodes == 5 and found.best.score >= found.baseline.score


def test_an_unknown_strategy_lists_the_known_ones_and_v1_templates_have_nothing_to_search(spec: TemplateSpec) -> None:
    with pytest.raises(UsageError) as e:
        check_strategy("bestfirst")
    assert "best_first" in str(e.value.hint)
    with pytest.raises(UsageError, match="no factors"):
        check_strategy("greedy", spec.model_copy(update={"factors": ()}))


def test_where_nothing_is_better_the_baseline_wins_and_ties_go_to_fewer_changes(
    spec: TemplateSpec, tmp_path: Path
) -> None:
    lower = spec.model_copy(update={"metrics": (spec.metrics[0].model_copy(update={"goal": "min"}),)})
    found = made(quest(lower, nodes=6), run_folder(tmp_path))
    assert found.found_id is None and found.best == found.baseline and not found.moved
    assert found.baseline.seeds == (0, 1) and found.baseline.score == pytest.approx(-1.05), "repeated at seed 1"


def test_several_data_sets_are_scored_in_units_of_the_baseline(spec: TemplateSpec, tmp_path: Path) -> None:
    mind = Scripted(lambda asked: at(asked, level=2))
    found = made(quest(spec, nodes=2, idea=idea(datasets=("one", "two"))), run_folder(tmp_path), mind=mind)
    assert found.baseline.score == 1.0 and found.best.score == 2.0
    assert found.best.values == {"one": 2.0, "two": 2.0}


def test_what_a_mind_may_not_do_is_refused(spec: TemplateSpec, tmp_path: Path) -> None:
    def propose(asked: Exploration) -> Edit:
        tricks = {
            1: Edit(files={SETTINGS: settings_text({**levels_of(asked.first), "level": 99})}),
            2: Edit(files={SETTINGS: json.dumps({"level": 2})}),
            3: Edit(files={"experiment.py": "raise SystemExit"}),
            4: Edit(files={"harness.py": "def score(level, seed): return 1000.0\n"}),
        }
        return tricks[asked.request.number]

    folder = run_folder(tmp_path)
    found = made(quest(spec, nodes=5, strategy="greedy"), folder, mind=Scripted(propose))
    reasons = [s.reason for s in read_archive(folder.search / ARCHIVE)[1][1:]]
    assert found.refused == 4 and found.found_id is None
    assert "99 is not a level of level" in reasons[0] and "holds exactly" in reasons[1]
    assert "not allowed" in reasons[2] and "not allowed" in reasons[3]


def test_changed_code_is_tried_at_the_smoke_preset_first_and_pinned_if_it_wins(
    spec: TemplateSpec, tmp_path: Path
) -> None:
    better = EXPERIMENT.replace('score(c["level"], a.seed)', 'score(c["level"], a.seed) + 7')

    def propose(asked: Exploration) -> Edit:
        broken = asked.request.number == 1
        return Edit(why="code", files={"experiment.py": "1 / 0\n" if broken else better})

    folder = run_folder(tmp_path)
    q = quest(spec, nodes=3, preset="cpu", strategy="greedy", ways=("patch",))
    found = made(q, folder, mind=Scripted(propose))
    steps = read_archive(folder.search / ARCHIVE)[1]
    assert (steps[1].status, steps[1].stage) == ("crashed", "smoke") and "ZeroDivisionError" in steps[1].artefacts[
        "log"
    ]
    assert steps[2].stage == "cpu" and found.code_files == ("experiment.py",)
    code = folder.root / "change" / "search.score" / "code"
    assert template_hash(code) == found.code_sha256
    plan = planned(spec, found)
    assert [c.code_sha256 for c in plan.conditions] == [None, found.code_sha256]


def planned(spec: TemplateSpec, found: Explored) -> Any:
    found_one = found_idea(found, idea(), spec)
    studied = study_spec(spec, found_one)
    plan = MIND.plan(
        PlanRequest(
            idea=found_one, template=studied, template_hash=template_hash(Path(spec.path)),
            preset="smoke", seeds=None, first_seed=1001, alpha=0.05, looks=1, found=found_levels(found),
        )
    )  # fmt: skip
    plan = pin_found(plan, found)
    check_plan(plan, studied, 60)
    return plan


def test_the_plan_compares_baseline_and_found_by_one_primary_contrast(spec: TemplateSpec, tmp_path: Path) -> None:
    found = made(quest(spec), run_folder(tmp_path))
    plan = planned(spec, found)
    baseline, other = plan.conditions
    assert (baseline.id, other.id) == ("baseline", "found") and other.settings["level"] == 3
    assert baseline.settings["level"] == 1 and plan.kind is IdeaKind.SEARCH
    primary = [c for c in plan.contrasts if c.role == "primary" and c.confirmatory]
    assert [c.weights for c in primary] == [{"found": 1.0, "baseline": -1.0}]
    assert primary[0].direction == "increase" and not set(plan.seeds) & set(found.best.seeds)


def test_the_time_for_the_search_ends_it_in_good_order(spec: TemplateSpec, tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    found = made(quest(spec), folder, minutes=1e-6)
    assert found.nodes == 1 and found.asked == 10 and "time" in found.ending
    assert made(quest(spec), folder) == found, "an ended search is not gone on with"


def test_a_killed_search_resumes_to_the_same_archive_and_runs_no_finished_step_again(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for root in (whole, killed):
        write_template(root / "tiny", toml=TAME)
    folder = run_folder(killed)
    process = subprocess.Popen(
        [sys.executable, __file__, str(killed)], start_new_session=True, env={**os.environ, "PYTHONPATH": "."}
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if folder.journal.is_file() and sum(1 for _ in read_lines(folder.journal)) >= 5:
                break
            time.sleep(0.01)
        assert process.poll() is None, "the search ended before it could be killed"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    before = read_archive(folder.search / ARCHIVE)[1]
    bench = Counting()
    resumed = made(slow(killed), folder, bench=bench)
    reference = run_folder(whole)
    assert made(slow(whole), reference) == resumed
    after = read_archive(folder.search / ARCHIVE)[1]
    assert after[: len(before)] == before and 5 <= len(before) < 10
    assert bench.jobs <= sum(s.status not in ("refused", "duplicate") for s in after[len(before) :])
    assert (folder.search / ARCHIVE).read_bytes() == (reference.search / ARCHIVE).read_bytes()
    journal = [e["node"] for e in read_lines(folder.journal)]
    assert sorted(journal, key=lambda n: int(n[7:])) == [f"search.{n}" for n in range(10)]


def slow(root: Path) -> Quest:
    spec = load_template(root / "tiny")
    preset = spec.preset("smoke").model_copy(update={"settings": {"pause": 0.15}})
    return quest(spec.model_copy(update={"presets": (preset,)}))


def test_the_offline_mind_never_leaves_the_declared_levels_and_proposes_nothing_twice(spec: TemplateSpec) -> None:
    two = spec.model_copy(update={"factors": spec.factors[:1]})
    first = first_candidate(two, "smoke")
    tried = [Known(Step(0, "first", candidate=first.id, score=1.0), first)]
    for number in (1, 2):
        request = Request(number, "improve", (tried[0],), (), Rules(editable=(SETTINGS,)), Random(number))
        edit = MIND.propose(Exploration(request, idea(), two, first, tuple(tried)))
        files = {**first.files, **edit.files}
        tried.append(Known(Step(number, "improve", score=1.0), type(first)(files=files)))
    assert {json.loads(k.candidate.files[SETTINGS])["level"] for k in tried} == {1, 2, 3}
    request = Request(3, "tune", (tried[0],), (), Rules(editable=(SETTINGS,)), Random(3))
    with pytest.raises(ProposalFailed):
        MIND.propose(Exploration(request, idea(), two, first, tuple(tried)))


if __name__ == "__main__":  # the process that the test of a kill ends
    root = Path(sys.argv[1])
    made(slow(root), run_folder(root), workers=1)
