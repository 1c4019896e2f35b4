"""A pilot on the GPU: the study's code at the smoke preset, before hours are spent at the full one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from scientist.errors import RunInterrupted
from scientist.events import EventLog
from scientist.execution.job import Executor, Job, JobResult
from scientist.experiments.journal import Journal
from scientist.experiments.run import LOG, Settings, collect, device_of, prepare, remove_tree, run_config
from scientist.experiments.trial import LEAST_TIMEOUT_S, TRIAL_PRESET, TRIAL_SEED
from scientist.types import Condition, Plan, RunResult, RunStatus, TemplateSpec
from scientist.workspace import RunFolder

WORK = ".work_pilot"


def wants_pilot(plan: Plan, spec: TemplateSpec) -> bool:
    """On a GPU, unless the study itself is at the smallest scale or its template declares none."""
    declared = any(p.name == TRIAL_PRESET for p in spec.presets)
    return declared and plan.preset != TRIAL_PRESET and device_of(spec, plan.preset) == "cuda"


def run_pilot(
    plan: Plan, spec: TemplateSpec, folder: RunFolder, executor: Executor, journal: Journal, events: EventLog
) -> None:
    """Run each code of the study once at the smoke preset, unless the journal says that this went well before.

    Nothing that it measures is used. Raises RunInterrupted with the end of the log if one fails.
    """
    went_well = {e.node for e in journal.entries() if e.transition == "piloted"}
    conditions = {c.id: c for c in _one_of_each_code(plan) if c.id not in went_well}
    if not conditions:
        return
    jobs = [_job(plan, spec, c, folder) for c in conditions.values()]
    with closing(executor.run(jobs)) as outcomes:
        for outcome in outcomes:
            condition = conditions[outcome.id.removeprefix("pilot.")]
            result = _judge(plan, spec, condition, outcome, folder)
            events.emit("pilot.finished", condition=condition.id, status=result.run.status.value,
                        seconds=round(result.run.wall_s, 3))  # fmt: skip
            _require_success(result, condition, spec, folder)
            journal.record(
                condition.id, "piloted", seconds=round(result.run.wall_s, 3), peak_gpu_mb=result.run.peak_gpu_mb
            )
            remove_tree(_work(condition, folder))


def _one_of_each_code(plan: Plan) -> list[Condition]:
    """The last condition of each code: not the baseline, where there is another."""
    return list({c.code_sha256: c for c in plan.conditions}.values())


def _settings(spec: TemplateSpec, condition: Condition) -> Settings:
    smoke = spec.preset(TRIAL_PRESET).settings
    return {**{f.name: f.baseline for f in spec.factors}, **smoke, **condition.settings}


def _job(plan: Plan, spec: TemplateSpec, condition: Condition, folder: RunFolder) -> Job:
    expected_s = spec.preset(TRIAL_PRESET).seconds_per_run * len(plan.datasets)
    return prepare(
        spec,
        _work(condition, folder),
        id=f"pilot.{condition.id}",
        settings=_settings(spec, condition),
        datasets=plan.datasets,
        seed=TRIAL_SEED,
        phase="pilot",
        timeout_s=max(LEAST_TIMEOUT_S, expected_s * spec.timeout_factor),
        device=device_of(spec, plan.preset),
        code=folder.nodes / condition.id / "code",
    )


def _judge(
    plan: Plan, spec: TemplateSpec, condition: Condition, outcome: JobResult, folder: RunFolder
) -> RunResult:  # fmt: skip
    if outcome.status == "cancelled":
        raise RunInterrupted("the pilot run was cancelled", f"scientist resume {folder.run_id} makes it again")
    device = device_of(spec, plan.preset)
    config = run_config(_settings(spec, condition), datasets=plan.datasets, phase="pilot", device=device)
    return collect(
        spec,
        outcome,
        work=_work(condition, folder),
        condition=condition.id,
        seed=TRIAL_SEED,
        datasets=plan.datasets,
        folder=WORK,
        config=config,
        reference=folder.nodes / condition.id / "code",
    )


def _require_success(result: RunResult, condition: Condition, spec: TemplateSpec, folder: RunFolder) -> None:
    if result.run.status is RunStatus.OK:
        return
    raise RunInterrupted(
        f"the pilot run of {condition.id} at the preset {TRIAL_PRESET} failed, so the full runs were not begun: "
        f"{result.run.status.value}: {result.run.reason}",
        f"the whole log is {_work(condition, folder) / LOG}; scientist templates check {spec.path} says more; mend the "
        f"cause, then: scientist resume {folder.run_id} (makes the pilot again)",
    )


def _work(condition: Condition, folder: RunFolder) -> Path:
    return folder.nodes / condition.id / WORK
