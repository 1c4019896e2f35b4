"""The account of a run of a task, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from scientist.evolution.outcome import EvolveConfig, EvolveOutcome
from scientist.evolution.task import TaskSpec
from scientist.search.step import Step
from scientist.search.view import View


def report(spec: TaskSpec, config: EvolveConfig, outcome: EvolveOutcome, view: View) -> str:
    """What was tried and what came of it, as Markdown; the number of candidates beside every best score."""
    sign = "larger" if spec.goal == "max" else "smaller"
    rows = [r for r in (outcome.winner, outcome.first, *outcome.baselines) if r is not None]
    metric = spec.metric
    by = f"models {', '.join(config.models)}" if config.models else "the embedded operators"
    lines = [
        f"# {spec.title}",
        "",
        f"Best of {outcome.steps} candidates ({outcome.failed} failed or were refused), by {config.strategy}, seed "
        f"{config.seed}, {by}; ended because {outcome.reason}. {metric}: {sign} is better. The sealed instances were "
        "not seen by the search.",
        "",
        f"| program | {metric} | {metric}, sealed | status |",
        "|---|---|---|---|",
        *(
            f"| {r.name} | {_figure(r.metrics, metric)} | {_figure(r.sealed_metrics, metric)} | {r.status} |"
            for r in rows
        ),
        "",
        *(f"* {name}: {k.value:g} ({k.source})" for name, k in spec.known.items()),
        "",
        "## How the best came about",
        "",
    ]  # fmt: skip
    if view.best is not None:
        lines += [f"{s.number}. {s.operator}: score {_score(s)}{'; ' + s.why if s.why else ''}"
                  for s in reversed(list(view.lineage(view.best.number)))]  # fmt: skip
    return "\n".join(lines) + "\n"


def _figure(metrics: Mapping[str, float], name: str) -> str:
    return f"{metrics[name] + 0.0:.6g}" if name in metrics else "none"


def _score(step: Step) -> str:
    return "none" if step.score is None else f"{step.score:.6g}"
