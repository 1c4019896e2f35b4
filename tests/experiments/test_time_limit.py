"""The time budget of the experiments is hard: what is complete is analysed and told of, or the run stops resumably."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_template import executor, make_plan, run, run_folder, write_template

from scientist.analysis.ledger import build_evidence
from scientist.analysis.tables import build_tables
from scientist.errors import RunInterrupted
from scientist.events import EventLog, read_lines
from scientist.experiments.journal import Journal
from scientist.experiments.plan import freeze, seeds_of, shortfall_of
from scientist.experiments.stage import load_results, run_experiments
from scientist.experiments.time_limit import cut_short, pays_for_extension, spent_s
from scientist.types import Contrast, Plan, RunResult, TemplateSpec
from scientist.workspace import RunFolder


def paired(plan: Plan) -> Plan:
    contrast = Contrast(
        id="main", label="c1 minus c0", weights={"c1": 1.0, "c0": -1.0}, metric="score", dataset="one",
        direction="increase",
    )  # fmt: skip
    return plan.model_copy(update={"test": "paired_t", "contrasts": (contrast,)})


def run_for(seconds: float | None, plan: Plan, spec: TemplateSpec, folder: RunFolder) -> tuple[RunResult, ...]:
    return run_experiments(
        plan=plan, seeds=plan.seeds, spec=spec, folder=folder, executor=executor(), events=EventLog(folder.events),
        seconds=seconds,
    )  # fmt: skip


def test_what_runs_when_the_time_is_over_is_cancelled_and_no_failure(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"behaviour": "hang"}, {"behaviour": "hang"}], timeout_s=500)
    assert run_for(1.0, plan, spec, folder) == ()
    transitions = {e.transition for e in Journal(folder.journal).entries()}
    assert "finished" not in transitions, transitions
    assert not list(folder.nodes.glob("*/seed_*")) and not list(folder.nodes.glob("*/.work*"))
    started = [e for e in read_lines(folder.events) if e["kind"] == "run.started"]
    assert len(started) <= 2, "nothing is started after the time is over"


def test_a_shortfall_is_amended_analysed_and_told(tmp_path: Path) -> None:
    """Two of four seeds are complete, and one run of a third is there when nothing is left of the budget."""
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = paired(make_plan(spec, [{"level": 1}, {"level": 2}], seeds=4))
    freeze(plan, folder)
    two = plan.model_copy(update={"seeds": (1, 2)})
    run(two, spec, folder)
    run(plan.model_copy(update={"seeds": (3,), "conditions": plan.conditions[:1]}), spec, folder)
    results = run_for(0.0, plan, spec, folder)
    assert [(r.run.condition, r.run.seed) for r in results] == [("c0", 1), ("c0", 2), ("c1", 1), ("c1", 2)]

    amendment = cut_short(folder, look=1, round_=0, seeds=plan.seeds, complete=(1, 2), budget_minutes=0.5)
    assert "with 5 of 8 runs finished; the 2 of 4 seeds" in amendment.reason
    assert seeds_of(folder, 1) == (1, 2) and json.loads(folder.amendments.read_text())[0]["seeds"] == [1, 2]
    assert load_results(plan=plan, seeds=seeds_of(folder, 1), folder=folder) == results

    short = shortfall_of(folder, 1)
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1, shortfall=short)
    shown = {q.id: q.value for q in evidence.quantities}
    names = ("plan.seeds", "runs.seeds", "runs.planned", "runs.made", "runs.unused", "time.budget", "n.main")
    assert [shown[name] for name in names] == [4, 2, 8, 4, 1, 0.5, 2]
    assert "Some planned runs were not made." in evidence.warnings
    design = build_tables(plan, spec, evidence)[0]
    assert r"\val{runs.seeds}" in design.rows[0] and "budget ended first" in design.caption[1].text


def test_too_few_complete_seeds_stop_the_run_which_goes_on_with_more_time(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = paired(make_plan(spec, [{"level": 1}, {"level": 2}], seeds=2))
    freeze(plan, folder)
    run(plan.model_copy(update={"seeds": (1,)}), spec, folder)
    (first, _) = run_for(0.0, plan, spec, folder)
    with pytest.raises(RunInterrupted, match="run under every condition: 1 of 2, and an analysis needs 2") as e:
        cut_short(folder, look=1, round_=0, seeds=plan.seeds, complete=(1,), budget_minutes=0.5)
    assert "2 of 4 runs finished" in e.value.message
    assert f"scientist resume {folder.run_id} --budget-minutes 2" in e.value.hint
    assert shortfall_of(folder, 1) is None and seeds_of(folder, 1) == plan.seeds
    again = run_for(60.0, plan, spec, folder)
    assert len(again) == 4 and again[0] == first, "what was finished is not run again"


def test_time_counts_over_processes_and_only_while_experiments_run(tmp_path: Path) -> None:
    """One process is killed after 10 s of runs, one stops after 20 s, one is at it for 5 s; the rest is other work."""
    told = [
        (0, "run.opened", {}), (100, "experiment.planned", {}), (110, "run.finished", {}),
        (500, "run.opened", {}), (510, "experiment.planned", {}), (530, "stage.failed", {"stage": "experiment"}),
        (900, "run.opened", {}), (910, "experiment.planned", {}), (915, "run.started", {}),
    ]  # fmt: skip
    path = tmp_path / "events.jsonl"
    lines = [{"at": f"2026-01-01T00:{s // 60:02d}:{s % 60:02d}.000+00:00", "kind": k, **more} for s, k, more in told]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert spent_s(path) == pytest.approx(35)
    assert spent_s(tmp_path / "none.jsonl") == 0


def test_reserved_seeds_are_not_begun_when_the_rest_of_the_budget_does_not_pay_for_them(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 1}], seeds=4).model_copy(update={"extension_seeds": (5, 6)})
    lines = [{"at": "2026-01-01T00:00:00.000+00:00", "kind": "experiment.planned"},
             {"at": "2026-01-01T00:10:00.000+00:00", "kind": "stage.finished", "stage": "experiment"}]  # fmt: skip
    folder.events.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert pays_for_extension(folder, plan, 15.0) and not pays_for_extension(folder, plan, 14.0)
