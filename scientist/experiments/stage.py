"""The experiment stage: every condition at every seed, each run kept atomically, so that none is done twice."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from scientist.errors import RunInterrupted, TemplateError
from scientist.events import EventLog
from scientist.execution.job import Executor, Job, JobResult
from scientist.experiments.journal import Journal
from scientist.experiments.kept import is_kept, keep, read_kept
from scientist.experiments.memory import halved, smaller
from scientist.experiments.nodes import write_nodes
from scientist.experiments.pilot import run_pilot, wants_pilot
from scientist.experiments.run import (
    Settings,
    collect,
    device_of,
    log_tail,
    prepare,
    remove_tree,
    run_config,
    settings_of,
)
from scientist.experiments.template import template_hash
from scientist.experiments.time_limit import Alarm
from scientist.types import Condition, Plan, Run, RunResult, RunStatus, Setting, TemplateSpec
from scientist.workspace import RunFolder, disk_errors, read_json, sync_folder, write_json

SET_ASIDE = "set_aside.json"


def run_experiments(
    *,
    plan: Plan,
    seeds: Sequence[int],
    spec: TemplateSpec,
    folder: RunFolder,
    executor: Executor,
    events: EventLog,
    seconds: float | None = None,
) -> tuple[RunResult, ...]:
    """The results of every condition of the plan at every seed, by condition and then seed; what is done is kept.

    Each result's ``folder`` is relative to the run folder. A failed run is a result. Seeds are run in their order, all
    conditions of one before the next. When ``seconds`` of wall time are over, running jobs are cancelled, none is
    started, and only the results of seeds that every condition has been run at are returned. Raises TemplateError if
    the template is not the pre-registered one, RunInterrupted if the pilot or every run failed, if runs were
    cancelled, or if the disk is full; in each case the finished runs stay and the same call goes on from there.
    """
    if template_hash(Path(spec.path)) != plan.template_hash:
        raise TemplateError(
            f"template {spec.name} ({spec.path}) changed since the plan was pre-registered",
            "restore its files, or start a new run, which pre-registers the template as it is now",
        )
    with disk_errors("running experiments", folder.root):
        journal = Journal(folder.journal)
        _clear_leftovers(folder, journal)
        write_nodes(plan, spec, folder, journal)
        cells = [_Cell(c, s, order) for s in seeds for order, c in enumerate(plan.conditions)]
        kept = {cell.key: folder.seed_folder(*cell.key) for cell in cells}
        finished = {key: read_kept(place, folder.root) for key, place in kept.items() if is_kept(place)}
        _complete_journal(journal, finished.values())
        events.emit("experiment.planned", total=len(cells), done=len(finished))
        todo = [cell for cell in cells if cell.key not in finished]
        alarm = Alarm(seconds, executor)
        bench = _Bench(plan, spec, folder, journal, events, len(cells))
        if todo and wants_pilot(plan, spec) and not alarm.over:
            run_pilot(plan, spec, folder, executor, journal, events)
        for result in bench.run(todo if not alarm.over else [], executor, len(finished), alarm):
            finished[result.run.condition, result.run.seed] = result
        if alarm.over:
            cells = _of_complete_seeds(cells, finished)
        _require_all(cells, finished)
        ordered = sorted(cells, key=lambda cell: (cell.order, cell.seed))
        results = tuple(finished[cell.key] for cell in ordered)
        _require_one_success(results, folder)
    return results


def load_results(*, plan: Plan, seeds: Sequence[int], folder: RunFolder) -> tuple[RunResult, ...]:
    """What ``run_experiments`` returned for the same plan and seeds, from disk. Raises RunInterrupted if one lacks."""
    cells = [_Cell(c, s, order) for order, c in enumerate(plan.conditions) for s in sorted(seeds)]
    missing = [cell.id for cell in cells if not is_kept(folder.seed_folder(*cell.key))]
    if missing:
        raise RunInterrupted(
            f"{len(missing)} of {len(cells)} runs are not finished, the first is {missing[0]}",
            f"scientist resume {folder.run_id} makes them",
        )
    return tuple(read_kept(folder.seed_folder(*cell.key), folder.root) for cell in cells)


class _Cell(NamedTuple):
    """One run to be had; ``order`` is the condition's place in the plan."""

    condition: Condition
    seed: int
    order: int

    @property
    def key(self) -> tuple[str, int]:
        return self.condition.id, self.seed

    @property
    def id(self) -> str:
        return f"{self.condition.id}.seed_{self.seed}"


class _Bench:
    """Runs cells on an executor and keeps what they leave."""

    def __init__(
        self, plan: Plan, spec: TemplateSpec, folder: RunFolder, journal: Journal, events: EventLog, total: int
    ) -> None:
        self.plan = plan
        self.spec = spec
        self.folder = folder
        self.journal = journal
        self.events = events
        self.total = total
        self.device = device_of(spec, plan.preset)
        self.adjusted: dict[tuple[str, int], dict[str, Setting]] = {}

    def run(self, cells: Sequence[_Cell], executor: Executor, done: int, alarm: Alarm) -> Iterator[RunResult]:
        """Make each run once; those that ran out of memory once more, with half the batch if the template has one."""
        again: list[_Cell] = []
        with closing(self._outcomes(cells, executor, alarm)) as outcomes:
            for cell, outcome in outcomes:
                if (change := smaller(self.spec, self._settings(cell), outcome)) is not None:
                    self._halve(cell, change, outcome.reason)
                    again.append(cell)
                    continue
                done += 1
                yield self._finish(cell, outcome, done)
        with closing(self._outcomes(again if not alarm.over else [], executor, alarm)) as outcomes:
            for cell, outcome in outcomes:
                done += 1
                yield self._finish(cell, outcome, done)

    def _halve(self, cell: _Cell, change: dict[str, Setting], reason: str) -> None:
        self.adjusted[cell.key] = change
        self.journal.record(cell.condition.id, "halved", seed=cell.seed, adjusted=change, reason=reason)
        self.events.emit("run.halved", condition=cell.condition.id, seed=cell.seed, adjusted=change)

    def _finish(self, cell: _Cell, outcome: JobResult, done: int) -> RunResult:
        result = self._keep(cell, outcome)
        self._tell(result, done)
        return result

    def _outcomes(
        self, cells: Sequence[_Cell], executor: Executor, alarm: Alarm
    ) -> Generator[tuple[_Cell, JobResult], None, None]:
        """How the job of each cell ended; those that were cancelled are noted and left out."""
        by_id = {cell.id: cell for cell in cells}
        jobs = [self._prepare(cell) for cell in cells]

        def started(job: Job) -> None:
            cell = by_id[job.id]
            self.journal.record(cell.condition.id, "started", seed=cell.seed)
            self.events.emit("run.started", condition=cell.condition.id, seed=cell.seed)
            alarm.check()

        stream = executor.run(jobs, on_start=started) if jobs else iter(())
        with ExitStack() as stack:
            stack.enter_context(alarm)
            # Closing it lets the executor end its processes now if keeping a result fails (a full disk).
            stack.callback(getattr(stream, "close", lambda: None))
            for outcome in stream:
                if outcome.status == "cancelled":
                    self._drop(by_id[outcome.id], outcome)
                else:
                    yield by_id[outcome.id], outcome

    def _prepare(self, cell: _Cell) -> Job:
        return prepare(
            self.spec,
            self._work(cell),
            id=cell.id,
            settings=self._settings(cell),
            datasets=self.plan.datasets,
            seed=cell.seed,
            phase="confirmatory",
            timeout_s=self.plan.timeout_s,
            device=self.device,
            code=self._code(cell),
        )

    def _keep(self, cell: _Cell, outcome: JobResult) -> RunResult:
        """Judge the run and move what it left to its place."""
        work = self._work(cell)
        final = self.folder.seed_folder(*cell.key)
        outcome = halved(self.spec, self.adjusted.get(cell.key), outcome)
        config = run_config(self._settings(cell), datasets=self.plan.datasets, phase="confirmatory", device=self.device)
        result = collect(
            self.spec,
            outcome,
            work=work,
            condition=cell.condition.id,
            seed=cell.seed,
            datasets=self.plan.datasets,
            folder=final.relative_to(self.folder.root).as_posix(),
            config=config if self.spec.contract == "scientist" else None,
            reference=self._code(cell),
            adjusted=self.adjusted.get(cell.key),
        )
        keep(work, final, result.run)
        remove_tree(work)
        return result

    def _settings(self, cell: _Cell) -> Settings:
        return {**settings_of(self.plan, cell.condition, self.spec), **self.adjusted.get(cell.key, {})}

    def _drop(self, cell: _Cell, outcome: JobResult) -> None:
        """A cancelled run has no result, and is no failure of its condition."""
        remove_tree(self._work(cell))
        if outcome.exit_code is not None:  # it had begun
            self.journal.record(cell.condition.id, "cancelled", seed=cell.seed, seconds=outcome.wall_s)
            self.events.emit("run.cancelled", condition=cell.condition.id, seed=cell.seed, seconds=outcome.wall_s)

    def _code(self, cell: _Cell) -> Path:
        return self.folder.nodes / cell.condition.id / "code"

    def _work(self, cell: _Cell) -> Path:
        return self.folder.nodes / cell.condition.id / f".work_seed_{cell.seed}"

    def _tell(self, result: RunResult, done: int) -> None:
        run = result.run
        _note_finished(self.journal, run)
        self.events.emit(
            "run.finished",
            condition=run.condition,
            seed=run.seed,
            status=run.status.value,
            seconds=round(run.wall_s, 3),
            done=done,
            total=self.total,
        )


# ------------------------------------------------------------------------------------------- what is on disk


def _complete_journal(journal: Journal, finished: Iterable[RunResult]) -> None:
    """Write the lines of runs that were kept by a process that was killed before it could note them."""
    noted = {(e.node, e.seed) for e in journal.entries() if e.transition == "finished"}
    for run in (r.run for r in finished):
        if (run.condition, run.seed) not in noted:
            _note_finished(journal, run)


def _note_finished(journal: Journal, run: Run) -> None:
    status, seconds = run.status.value, round(run.wall_s, 3)
    journal.record(run.condition, "finished", seed=run.seed, status=status, seconds=seconds)


def _clear_leftovers(folder: RunFolder, journal: Journal) -> None:
    """Remove what a killed process left half done, and set failed runs aside if the last call asked for it."""
    for node in sorted(folder.nodes.iterdir()) if folder.nodes.is_dir() else []:
        for path in sorted(node.iterdir()) if node.is_dir() else []:
            if path.name.startswith(".") or path.name.endswith(".tmp"):
                remove_tree(path)
                journal.record(node.name, "discarded", folder=path.name)
    marker = folder.nodes / SET_ASIDE
    if marker.is_file():
        for relative in read_json(marker):
            _set_aside(folder.root / relative, journal)
        marker.unlink()


def _set_aside(run: Path, journal: Journal) -> None:
    if not run.is_dir():  # moved already, by a process that was killed before it could remove the marker
        return
    shelf = run.parent / "set_aside"
    shelf.mkdir(exist_ok=True)
    name = f"{run.name}_{len(list(shelf.iterdir())) + 1}"
    run.rename(shelf / name)
    sync_folder(shelf)
    journal.record(run.parent.name, "set_aside", folder=f"set_aside/{name}")


# ------------------------------------------------------------------------------------------- the end of the stage


def _of_complete_seeds(cells: Sequence[_Cell], finished: dict[tuple[str, int], RunResult]) -> list[_Cell]:
    lacking = {cell.seed for cell in cells if cell.key not in finished}
    return [cell for cell in cells if cell.seed not in lacking]


def _require_all(cells: Sequence[_Cell], finished: dict[tuple[str, int], RunResult]) -> None:
    missing = [cell.id for cell in cells if cell.key not in finished]
    if missing:
        raise RunInterrupted(
            f"{len(missing)} of {len(cells)} runs were cancelled, the first is {missing[0]}",
            "the finished runs are kept; scientist resume does the others",
        )


def _require_one_success(results: Sequence[RunResult], folder: RunFolder) -> None:
    """Raise RunInterrupted if no run succeeded, and note that a resumed stage shall try them again."""
    if not results or any(r.run.status is RunStatus.OK for r in results):
        return
    write_json(folder.nodes / SET_ASIDE, [r.folder for r in results])
    first = min(results, key=lambda r: r.run.started_at)
    log = folder.root / first.folder / "stdout.log"
    tail = log_tail(log)
    reason = first.run.reason.splitlines()[0] if first.run.reason else first.run.status.value
    raise RunInterrupted(
        f"all {len(results)} runs failed; the first ({first.folder}): {reason}" + (f"\n{tail}" if tail else ""),
        f"the whole log is {log}; mend the cause, then: scientist resume {folder.run_id} (runs them again)",
    )
