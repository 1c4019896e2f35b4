"""Pilot runs of a search's candidates: a configuration is judged on validation data, never on the test split."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from scientist.errors import RunInterrupted
from scientist.execution.job import Executor, Job, JobResult
from scientist.experiments.run import LOG, Settings, collect, device_of, log_tail, prepare, remove_tree, run_config
from scientist.experiments.trial import LEAST_TIMEOUT_S, TRIAL_LOG_LINES, steady, write_code
from scientist.mind.configuration import SETTINGS, levels_of
from scientist.search.candidate import Candidate
from scientist.search.step import Outcome, Status, Step
from scientist.types import Idea, RunResult, RunStatus, TemplateSpec

FIRST_PRESET = "smoke"
"""The preset of the first, cheap stage, at which broken code fails early."""
CHEAPER = 0.5
"""The first stage is left out where it would cost more than this share of the second."""
PATIENCE = 2.0
"""How much longer than a run of the study a pilot may take: a busy machine should not decide what is tried."""
GATHER_S = 0.05
STATUS: dict[RunStatus, Status] = {
    RunStatus.CRASHED: "crashed",
    RunStatus.TIMEOUT: "timeout",
    RunStatus.MEMORY: "out_of_memory",
    RunStatus.NO_OUTPUT: "invalid",
    RunStatus.INVALID: "invalid",
}


class Batches:
    """Lets several threads use one executor, which takes one batch at a time: those waiting together run together.

    A context; jobs that wait when it ends are cancelled, those that run are waited for.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._waiting: list[tuple[Job, Future[JobResult]]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="pilots", daemon=True)

    def __enter__(self) -> Batches:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def run(self, job: Job) -> JobResult:
        """What became of one job; raises what the executor raised for its batch."""
        future: Future[JobResult] = Future()
        with self._changed:
            if self._closed:
                raise RunInterrupted("the search is ending", "scientist resume goes on with it")
            self._waiting.append((job, future))
            self._changed.notify_all()
        return future.result()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    for _, future in self._waiting:
                        future.cancel()
                    return
                self._changed.wait_for(lambda: self._closed, GATHER_S)  # others are about to come
                batch, self._waiting = self._waiting, []
            self._run({job.id: (job, future) for job, future in batch})

    def _run(self, batch: dict[str, tuple[Job, Future[JobResult]]]) -> None:
        left = dict(batch)
        stream = self._executor.run([job for job, _ in batch.values()])
        with ExitStack() as stack:
            stack.callback(getattr(stream, "close", lambda: None))
            try:
                for result in stream:
                    left.pop(result.id)[1].set_result(result)
            except BaseException as e:  # handed to whoever waits, who raises it
                for _, future in left.values():
                    future.set_exception(e)


class Pilots:
    """The search's evaluator: a candidate's pilot at a seed, first at the smoke preset where that is much cheaper.

    The score is the metric, larger-is-better (negated for a metric that shall be small), and over several data sets
    the mean of its values there, each in units of the baseline's own, so that no data set outweighs another. The same
    candidate is not run twice at a seed.
    """

    def __init__(
        self, spec: TemplateSpec, idea: Idea, preset: str, batches: Batches, place: Path, first: Candidate
    ) -> None:
        self.spec, self.idea, self.preset = spec, idea, preset
        self.batches, self.place, self.first = batches, place, first
        self._metric = spec.metric(idea.metric)
        self._made: dict[tuple[str, int], Future[Outcome]] = {}
        self._usual: dict[str, float] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def remember(self, steps: Iterable[Step]) -> None:
        """Take over what an archive holds, so that a resumed search makes no pilot twice."""
        for step in steps:
            if step.candidate is None or step.status == "duplicate":
                continue
            outcome = Outcome(step.status, step.reason, step.score, step.metrics, step.artefacts, step.stage)
            self._future(step.candidate, step.seed)[0].set_result(outcome)
            if step.number == 0:
                self._usual = self._values(step.metrics)

    def evaluate(self, candidate: Candidate, seed: int) -> Outcome:
        future, mine = self._future(candidate.id, seed)
        if not mine:
            return replace(future.result(), cpu_s=0.0, wall_s=0.0)  # it was paid for once
        try:
            outcome = self._judged(candidate, seed)
        except BaseException as e:
            future.set_exception(e)
            raise
        future.set_result(outcome)
        return outcome

    def _future(self, candidate: str, seed: int) -> tuple[Future[Outcome], bool]:
        with self._lock:
            made = self._made.get((candidate, seed))
            if made is not None:
                return made, False
            return self._made.setdefault((candidate, seed), Future()), True

    def _judged(self, candidate: Candidate, seed: int) -> Outcome:
        cpu_s = wall_s = peak_mb = 0.0
        for preset in self._stages(seed):
            result, log = self._run(candidate, preset, seed)
            run = result.run
            cpu_s, wall_s, peak_mb = cpu_s + run.cpu_s, wall_s + run.wall_s, max(peak_mb, run.peak_rss_mb)
            if run.status is not RunStatus.OK:
                return self._failed(candidate, result, log, preset, (cpu_s, wall_s, peak_mb))
        metrics = {f"{d}.{m}": v for d, r in sorted(result.results.items()) for m, v in sorted(r.means.items())}
        if not self._usual:  # the baseline is judged before anything else
            self._usual = self._values(metrics)
        return Outcome("ok", "", self._score(metrics), metrics, {}, preset, cpu_s, wall_s, peak_mb)

    def _failed(
        self, candidate: Candidate, result: RunResult, log: str, preset: str, cost: tuple[float, float, float]
    ) -> Outcome:
        reason = result.run.reason.splitlines()[0] if result.run.reason else result.run.status.value
        if candidate.id == self.first.id and not self._usual:
            raise RunInterrupted(
                f"template {self.spec.name!r} fails unchanged in a pilot run at its {preset} preset: {reason}\n{log}",
                f"scientist templates check {self.spec.path} says more; then: scientist resume",
            )
        return Outcome(STATUS[result.run.status], self._steady(reason), None, {}, {"log": log}, preset, *cost)

    def _stages(self, seed: int) -> Sequence[str]:
        """The presets of the cascade; a replication has passed the first stage before."""
        presets = {p.name: p for p in self.spec.presets}
        full, first = presets[self.preset], presets.get(FIRST_PRESET)
        cheap = first is not None and first.seconds_per_run <= CHEAPER * full.seconds_per_run
        return (FIRST_PRESET, full.name) if cheap and not seed else (full.name,)

    def _values(self, metrics: object) -> dict[str, float]:
        assert isinstance(metrics, dict)
        return {d: float(metrics[f"{d}.{self._metric.name}"]) for d in self.idea.datasets}

    def _score(self, metrics: dict[str, float]) -> float:
        sign = 1.0 if self._metric.goal == "max" else -1.0
        values = self._values(metrics)
        if len(values) == 1:
            return sign * next(iter(values.values()))
        scaled = [v / max(abs(self._usual[d]), self._metric.sesoi) for d, v in values.items()]
        return sign * sum(scaled) / len(scaled)

    def _run(self, candidate: Candidate, preset: str, seed: int) -> tuple[RunResult, str]:
        """The result of one pilot, and the end of what it printed."""
        number = next(self._numbers)
        work, code = self.place / f"work_{number}", self.place / f"code_{number}"
        changed = any(candidate.files[p] != t for p, t in self.first.files.items() if p != SETTINGS)
        if changed:
            write_code(candidate, self.spec, code)
        scale = self.spec.preset(preset)
        settings = self._settings(candidate, preset)
        device, datasets = device_of(self.spec, preset), self.idea.datasets
        usual_s = scale.seconds_per_run * len(datasets) * self.spec.timeout_factor
        job = prepare(
            self.spec, work, id=f"pilot.{number}", settings=settings, datasets=datasets, seed=seed, phase="pilot",
            timeout_s=PATIENCE * max(LEAST_TIMEOUT_S, usual_s), device=device, code=code if changed else None,
        )  # fmt: skip
        outcome = self.batches.run(job)
        if outcome.status == "cancelled":
            raise RunInterrupted("a pilot run of the search was cancelled", "scientist resume makes it again")
        config = run_config(settings, datasets=datasets, phase="pilot", device=device)
        result = collect(
            self.spec, outcome, work=work, condition="pilot", seed=seed, datasets=datasets, folder=work.name,
            config=config,
        )  # fmt: skip
        log = steady(log_tail(work / LOG, TRIAL_LOG_LINES), work)
        remove_tree(code)
        remove_tree(work)
        return result, log

    def _settings(self, candidate: Candidate, preset: str) -> Settings:
        """The preset's settings and the candidate's levels; in the first stage of the factors that it moves only."""
        usual, levels, scale = levels_of(self.first), levels_of(candidate), self.spec.preset(preset).settings
        own = {n: v for n, v in levels.items() if preset == self.preset or v != usual[n] or n not in scale}
        return {**scale, **own}

    def _steady(self, text: str) -> str:
        return steady(text, self.place)
