"""One run of a task: search, then the sealed instances once, and what is left of it on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scientist import __version__
from scientist.events import EventLog
from scientist.evolution.outcome import EvolveConfig, EvolveOutcome, Result
from scientist.evolution.report import report
from scientist.evolution.task import SEALED, TaskSpec, baselines, first_candidate, stages, task_hash
from scientist.mind.offline.mutation import MutationFailed, OfflineProposer
from scientist.sandbox import choose_proved
from scientist.search.archive import Archive, Work
from scientist.search.candidate import Candidate, difference
from scientist.search.edit import Edit
from scientist.search.evaluator import Cascade
from scientist.search.loop import Ending, ProposalFailed, Proposer, Request, Search, Settings
from scientist.search.pool import Pool
from scientist.search.step import Step
from scientist.search.strategies import STRATEGIES, Scope
from scientist.search.view import View
from scientist.types import Usage
from scientist.workspace import read_json, run_lock, slug, write_json, write_text

OFFLINE_OPERATORS = ("draft", "improve", "tune", "crossover")
MODEL_OPERATORS = ("draft", "debug", "improve", "tune", "crossover")


class Embedded:
    """The offline mind's operators; where the one asked for finds no change (no number to tune), others are tried."""

    def __init__(self) -> None:
        self._operators = OfflineProposer()

    def propose(self, request: Request) -> Edit:
        problem = ""
        for operator in dict.fromkeys((request.operator, "improve", "draft")):
            try:
                return self._operators.propose(replace(request, operator=operator))
            except MutationFailed as e:
                problem = problem or e.message
        raise ProposalFailed(problem)


def default_folder(spec: TaskSpec, experiments: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return experiments / f"{slug(spec.name)}-{stamp}"


def evolve(
    spec: TaskSpec,
    config: EvolveConfig,
    folder: Path,
    *,
    proposers: Callable[[ExitStack, EventLog], Mapping[str, Proposer]] | None = None,
    usage: Callable[[], dict[str, Usage]] = dict,
    listener: Callable[[Step, View], None] = lambda step, view: None,
) -> EvolveOutcome:
    """Search ``spec`` in ``folder``, from where an earlier call with the same settings ended.

    ``proposers`` opens who proposes (the embedded operators by default). Raises UsageError if the folder holds another
    search, RunLocked if another process works on it, EnvironmentProblem without a sandbox.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    with run_lock(folder), ExitStack() as stack:
        events = EventLog(folder / "events.jsonl")
        sandbox, _ = choose_proved(allow_unsandboxed=config.allow_unsandboxed, only=config.sandbox)
        opened = {"offline": Embedded()} if proposers is None else proposers(stack, events)
        pool = stack.enter_context(
            Pool(sandbox, config.workers or os.cpu_count() or 1, preload=spec.preload,
                 memory_mb=spec.limits.memory_mb, processes=spec.limits.processes)
        )  # fmt: skip
        archive = stack.enter_context(Archive(folder / "archive.sqlite", facts(spec, config)))
        work = Work(folder / "work.sqlite")
        stack.callback(work.close)
        ending = _search(spec, config, archive, work, pool, opened, listener, began)
        results = _results(spec, ending.view, archive, pool, folder)
        costs = list(work.costs())
        outcome = EvolveOutcome(
            task=spec.name,
            folder=str(folder),
            reason=ending.reason,
            steps=len(ending.view),
            failed=sum(s.status not in ("ok", "duplicate", "screened") for s in ending.view.steps),
            best_step=None if ending.view.best is None else ending.view.best.number,
            best=_write_best(spec, ending.view, archive, folder),
            cpu_seconds=round(sum(c[1] for c in costs), 3),
            peak_mb=round(max((c[3] for c in costs), default=0.0), 1),
            seconds=round(time.monotonic() - began, 3),
            usage=usage(),
            **results,
        )
        write_json(folder / "result.json", outcome)
        write_text(folder / "report.md", report(spec, config, outcome, ending.view))
    return outcome


def facts(spec: TaskSpec, config: EvolveConfig) -> dict[str, Any]:
    """What an archive is about; a run with others is another search."""
    return {
        "task": spec.name, "task_sha256": task_hash(spec), "goal": spec.goal, "metric": spec.metric,
        "seed": config.seed, "strategy": config.strategy, "window": config.window, "steps": config.steps,
        "novelty": config.novelty, "proposers": list(config.models) or ["offline"], "scientist": __version__,
    }  # fmt: skip


def _search(
    spec: TaskSpec,
    config: EvolveConfig,
    archive: Archive,
    work: Work,
    pool: Pool,
    proposers: Mapping[str, Proposer],
    listener: Callable[[Step, View], None],
    began: float,
) -> Ending:
    operators = MODEL_OPERATORS if config.models else OFFLINE_OPERATORS

    def stop(view: View) -> str | None:
        if config.target is not None and view.best is not None and (view.best.score or 0) >= config.target:
            return f"the target {config.target:g} was reached"
        if config.budget_minutes is not None and time.monotonic() - began > 60 * config.budget_minutes:
            return f"the {config.budget_minutes:g} minutes are spent"
        return None

    search = Search(
        archive=archive,
        work=work,
        strategy=STRATEGIES.load(config.strategy)(Scope(config.steps, operators)),
        proposers=proposers,
        evaluator=Cascade(pool, spec.entry, stages(spec)),
        rules=spec.rules,
        settings=Settings(config.steps, config.seed, config.window, novelty=config.novelty),
        listener=lambda step: listener(step, search.view),
        stop=stop,
    )
    return search.run(first_candidate(spec))


def _results(spec: TaskSpec, view: View, archive: Archive, pool: Pool, folder: Path) -> dict[str, Any]:
    """The winner, the first program and the base lines, on the last stage and on the sealed instances, each once.

    What was judged on the sealed instances is kept: a finished run that is called again looks at them no second time.
    """
    kept_file = folder / "sealed.json"
    kept: dict[str, Any] = read_json(kept_file) if kept_file.exists() else {}

    def judged(name: str, candidate: Candidate) -> Result:
        key = f"{name} {candidate.id}"
        if key not in kept:
            last = Cascade(pool, spec.entry, stages(spec, [spec.stages[-1].name])).evaluate(candidate, 0)
            sealed = Cascade(pool, spec.entry, stages(spec, [SEALED])).evaluate(candidate, 0)
            kept[key] = Result(
                name=name, status=last.status, reason=last.reason or sealed.reason, score=last.score,
                metrics=dict(last.metrics), sealed_status=sealed.status, sealed_score=sealed.score,
                sealed_metrics=dict(sealed.metrics),
            ).model_dump(mode="json")  # fmt: skip
            write_json(kept_file, kept)
        return Result.model_validate(kept[key])

    best = view.best
    winner = None if best is None or best.candidate is None else archive.candidate(best.candidate)
    return {
        "first": judged("first program", first_candidate(spec)),
        "winner": None if winner is None else judged("winner", winner),
        "baselines": tuple(judged(name, candidate) for name, candidate in baselines(spec).items()),
    }


def _write_best(spec: TaskSpec, view: View, archive: Archive, folder: Path) -> str:
    best = view.best
    if best is None or best.candidate is None:
        return ""
    candidate, first = archive.candidate(best.candidate), first_candidate(spec)
    for path, text in candidate.files.items():
        write_text(folder / "best" / path, text)
    write_text(folder / "best" / "change.diff", difference(first.files, candidate.files))
    return str(folder / "best" / spec.entry.partition(":")[0])


def check_settings(config: EvolveConfig) -> None:
    """Raises UsageError for a strategy that there is not."""
    STRATEGIES.load(config.strategy)
