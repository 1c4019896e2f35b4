"""Trial runs of changed code: short pilots at one seed, which say whether it works and whether it does anything."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from scientist.errors import RunInterrupted
from scientist.execution.job import Executor
from scientist.experiments.run import LOG, collect, device_of, log_tail, prepare, remove_tree, run_config
from scientist.experiments.template import template_files
from scientist.mind.admissible import CODE_CHANGE
from scientist.search.candidate import Candidate, read_candidate
from scientist.types import Idea, RunResult, RunStatus, TemplateSpec

TRIAL_PRESET = "smoke"
TRIAL_SEED = 0
TRIAL_LOG_LINES = 30
LEAST_TIMEOUT_S = 30.0


class Trials:
    """Pilot runs at the smoke preset and one seed, of the unchanged code and of candidates."""

    def __init__(self, spec: TemplateSpec, idea: Idea, executor: Executor, place: Path) -> None:
        self.spec = spec
        self.idea = idea
        self.executor = executor
        self.place = place
        self.unchanged = read_candidate(Path(spec.path), spec.editable, provenance=f"template {spec.name}")
        self._usual: RunResult | None = None

    def usual(self) -> RunResult:
        """The trial of the unchanged code, made once. Raises RunInterrupted if it fails: no change can mend that."""
        if self._usual is None:
            result, log = self.run(self.unchanged)
            if result.run.status is not RunStatus.OK:
                raise RunInterrupted(
                    f"template {self.spec.name!r} fails unchanged at its smoke preset: {result.run.reason}\n{log}",
                    f"scientist templates check {self.spec.path} says more; then: scientist resume",
                )
            self._usual = result
        return self._usual

    def run(self, candidate: Candidate) -> tuple[RunResult, str]:
        """The result of a candidate's trial, and the end of what it printed."""
        code, work = self.place / ".trial_code", self.place / ".trial_work"
        write_code(candidate, self.spec, code)
        changed = candidate is not self.unchanged
        preset = self.spec.preset(TRIAL_PRESET)
        settings = {**{f.name: f.baseline for f in self.spec.factors}, **preset.settings, CODE_CHANGE: changed}
        device = device_of(self.spec, TRIAL_PRESET)
        expected_s = preset.seconds_per_run * len(self.idea.datasets)
        job = prepare(
            self.spec,
            work,
            id=f"trial.{self.idea.id}",
            settings=settings,
            datasets=self.idea.datasets,
            seed=TRIAL_SEED,
            phase="pilot",
            timeout_s=max(LEAST_TIMEOUT_S, expected_s * self.spec.timeout_factor),
            device=device,
            code=code,
        )
        outcome = next(iter(self.executor.run([job])))
        if outcome.status == "cancelled":
            raise RunInterrupted("the trial of a change of code was cancelled", "scientist resume tries it again")
        result = collect(
            self.spec,
            outcome,
            work=work,
            condition="trial",
            seed=TRIAL_SEED,
            datasets=self.idea.datasets,
            folder=work.name,
            config=run_config(settings, datasets=self.idea.datasets, phase="pilot", device=device),
        )
        log = steady(log_tail(work / LOG, TRIAL_LOG_LINES), work)
        remove_tree(code)
        remove_tree(work)
        return result, log

    def steady(self, text: str) -> str:
        return steady(text, self.place / ".trial_work")


def steady(text: str, work: Path) -> str:
    """Without what differs between machines and runs: the same failure gives the same prompt and record."""
    for path, name in ((str(work.resolve()), "/job"), (str(work), "/job"), (sys.prefix, ""), (sys.base_prefix, "")):
        text = text.replace(path, name)
    return re.sub(r"\b0x[0-9a-f]{6,}\b", "0x...", text)


def write_code(candidate: Candidate, spec: TemplateSpec, folder: Path) -> None:
    """The template's files in ``folder``, with the candidate's in place of those that it has."""
    remove_tree(folder)
    for relative, source in template_files(Path(spec.path)):
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        text = candidate.files.get(relative)
        target.write_bytes(source.read_bytes() if text is None else text.encode())
