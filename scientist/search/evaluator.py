"""The cascade: a candidate is run in the sandbox, stage by stage, and trusted code here scores what it returned."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scientist.search.candidate import Candidate
from scientist.search.pool import Pool, Request, Trial
from scientist.search.step import Outcome

MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a candidate's entry: what it was given, what it returned, and the wall seconds that it took.

    ``output`` is whatever the candidate chose to return: nothing about it may be taken for granted.
    """

    input: Mapping[str, Any]
    output: Any
    seconds: float


@dataclass(frozen=True, slots=True)
class Score:
    """``score`` is larger-is-better. ``artefacts`` are short texts for whoever improves the candidate."""

    score: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    artefacts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a cascade.

    ``inputs`` gives the keyword arguments of each call, ``score`` judges the calls and raises ValueError, with a
    sentence for the candidate's author, where what was returned is no solution. A candidate that scores below
    ``threshold`` goes no further. ``seconds`` bounds all calls together.
    """

    name: str
    inputs: Callable[[int], Sequence[Mapping[str, Any]]]
    score: Callable[[int, Sequence[Call]], Score]
    seconds: float
    threshold: float = -math.inf


class Cascade:
    """An evaluator that runs its stages in order, on warm sandboxed workers."""

    def __init__(self, pool: Pool, entry: str, stages: Sequence[Stage]) -> None:
        self.pool, self.entry, self.stages = pool, entry, tuple(stages)

    def evaluate(self, candidate: Candidate, seed: int) -> Outcome:
        """The outcome of the last stage that was reached, with the costs of all. Raises what the scorer should not."""
        began, cpu_s, peak_mb = time.monotonic(), 0.0, 0.0
        outcome = Outcome("invalid", "there is no stage")
        metrics: dict[str, float] = {}
        for stage in self.stages:
            inputs = list(stage.inputs(seed))
            trial = self.pool.run(Request(candidate.files, self.entry, inputs, stage.seconds, seed))
            cpu_s, peak_mb = cpu_s + trial.cpu_s, max(peak_mb, trial.peak_mb)
            outcome = judge(stage, seed, inputs, trial)
            metrics |= outcome.metrics
            if outcome.status != "ok":
                break
        costs = {"cpu_s": cpu_s, "wall_s": time.monotonic() - began, "peak_mb": peak_mb}
        return Outcome(
            outcome.status, outcome.reason, outcome.score, metrics, outcome.artefacts, outcome.stage, **costs
        )


def judge(stage: Stage, seed: int, inputs: Sequence[Mapping[str, Any]], trial: Trial) -> Outcome:
    """What a stage makes of a trial. A score that is no finite number is no score."""
    printed = {"printed": trial.log[-MOST_WORDS:]} if trial.log.strip() else {}
    if trial.status != "ok":
        return Outcome(trial.status, trial.reason[:MOST_WORDS], artefacts=printed, stage=stage.name)
    calls = [Call(i, o, s) for i, o, s in zip(inputs, trial.outputs, trial.seconds, strict=True)]
    try:
        judged = stage.score(seed, calls)
    except ValueError as e:
        return Outcome("invalid", str(e)[:MOST_WORDS], artefacts=printed, stage=stage.name)
    if not math.isfinite(judged.score):
        return Outcome("invalid", f"its score is {judged.score}", artefacts=printed, stage=stage.name)
    metrics = {name: float(value) for name, value in judged.metrics.items() if math.isfinite(value)}
    artefacts = {**printed, **{k: v[:MOST_WORDS] for k, v in judged.artefacts.items()}}
    if judged.score < stage.threshold:
        reason = f"{judged.score:g} is below the {stage.threshold:g} that the stage {stage.name} asks for"
        return Outcome("screened", reason, None, metrics, artefacts, stage.name)
    return Outcome("ok", "", float(judged.score), metrics, artefacts, stage.name)
