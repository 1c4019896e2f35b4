"""``scientist evolve`` and ``scientist tasks``: optimise a program against an evaluator, without a paper."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scientist.cli.options import BaseUrl, BudgetTokens, BudgetUsd, Experiments, FallbackModel, Json, Method
from scientist.cli.output import console, out, print_json

if TYPE_CHECKING:
    from scientist.events import EventLog
    from scientist.evolution.outcome import EvolveConfig, EvolveOutcome
    from scientist.evolution.task import TaskSpec
    from scientist.models.chat import Chat
    from scientist.search.step import Step
    from scientist.search.view import View


def evolve(
    task: Annotated[str, typer.Argument(help="A task's name (scientist tasks lists them), or its folder.")],
    steps: Annotated[int, typer.Option(help="Candidates to try.")] = 200,
    strategy: Annotated[str, typer.Option(help="Which candidate is worked on next.")] = "portfolio",
    seed: Annotated[int, typer.Option(help="The same seed, settings and replies give the same archive.")] = 0,
    workers: Annotated[int, typer.Option(help="Evaluations at the same time; 0 means one per core.")] = 0,
    in_flight: Annotated[int | None, typer.Option(help="Proposals at a time.  [default: 1, with a model 8]")] = None,
    novelty: Annotated[
        float, typer.Option(help="Turn down edits this similar to their parent (0 to 1); 1 is off.")
    ] = 1.0,
    target: Annotated[float | None, typer.Option(help="Stop at this score.")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Language model as provider:name; several are chosen among by what they earn."),
    ] = None,
    base_url: BaseUrl = None,
    fallback_model: FallbackModel = None,
    method: Method = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Stop after this time.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder of the run; one that was begun is gone on with.")
    ] = None,
    experiments_dir: Experiments = None,
    sandbox: Annotated[str | None, typer.Option(help="Sandbox level to insist on.")] = None,
    allow_unsandboxed: Annotated[
        bool, typer.Option("--allow-unsandboxed", help="Run without a sandbox if none works.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Improve a task's program, step by step, against its evaluator."""
    from scientist.config import load_config
    from scientist.evolution.outcome import EvolveConfig
    from scientist.evolution.run import check_settings, default_folder
    from scientist.evolution.run import evolve as run_task
    from scientist.evolution.task import resolve_task

    spec = resolve_task(task)
    config = EvolveConfig(
        steps=steps, strategy=strategy, seed=seed, in_flight=in_flight, novelty=novelty, models=tuple(model or ()),
        workers=workers, budget_minutes=budget_minutes, target=target, sandbox=sandbox,
        allow_unsandboxed=allow_unsandboxed,
    )  # fmt: skip
    check_settings(config)
    folder = output or default_folder(spec, experiments_dir or Path("experiments"))
    calls = _Models(
        load_config({"base_url": base_url, "fallback_model": fallback_model, "method": method, "budget_usd": budget_usd,
                     "budget_tokens": budget_tokens}),
        spec, config, folder,
    )  # fmt: skip
    outcome = run_task(
        spec, config, folder.resolve(), proposers=calls.open if model else None, usage=calls.usage, listener=_teller()
    )
    if as_json:
        print_json(outcome)
    else:
        _summary(outcome, spec)


def tasks(as_json: Json = False) -> None:
    """List the tasks that can be optimised."""
    from rich.table import Table

    from scientist.evolution.task import find_tasks

    found = find_tasks()
    if as_json:
        print_json([t.model_dump(mode="json") for t in found])
        return
    table = Table("task", "what", "figure", "known best")
    for t in found:
        best = t.known.get("best")
        table.add_row(t.name, t.title, f"{t.metric} ({t.goal})", "" if best is None else f"{best.value:g}")
    out().print(table)


class _Models:
    """The models that propose, on one budget and one record of calls, opened when the run begins."""

    def __init__(self, settings: Any, spec: TaskSpec, config: EvolveConfig, folder: Path) -> None:
        self.settings, self.spec, self.config, self.folder = settings, spec, config, folder
        self._chat: Chat | None = None

    def open(self, stack: ExitStack, events: EventLog) -> dict[str, Any]:
        from scientist.mind.llm.evolving import Assignment, ModelProposer
        from scientist.models.estimates import estimate
        from scientist.models.opening import open_configured
        from scientist.models.prices import load_prices

        names = self.config.models
        models = {"default": names[0]}
        told = estimate({"evolve": self.config.steps}, models, load_prices())
        console().print(f"expected: {told.text}", soft_wrap=True, markup=False)
        self._chat = stack.enter_context(open_configured(self.settings, models, self.folder, events.emit))
        chat = self._chat
        spec = self.spec
        assignment = Assignment(spec.title, spec.summary, spec.metric, spec.goal, spec.entry, spec.limits.seconds)
        return {name: ModelProposer(chat if name == names[0] else chat.other(name), assignment) for name in names}

    def usage(self) -> dict[str, Any]:
        return {} if self._chat is None else self._chat.spent()


def _teller() -> Any:
    """Prints each step that is better than all before."""
    printer = console()

    def tell(step: Step, view: View) -> None:
        if view.best is step or step.number == 0:
            score = "no score" if step.score is None else f"score {step.score:.6g}"
            printer.print(
                f"step {step.number}: {score} ({step.operator}){' ' + step.why if step.why else ''}", markup=False
            )

    return tell


def _summary(outcome: EvolveOutcome, spec: TaskSpec) -> None:
    from rich.table import Table

    table = Table("program", f"{spec.metric}", f"{spec.metric}, sealed", "status")
    for r in (outcome.winner, outcome.first, *outcome.baselines):
        if r is not None:
            figures = (m.get(spec.metric) for m in (r.metrics, r.sealed_metrics))
            table.add_row(r.name, *("none" if f is None else f"{f:.6g}" for f in figures), r.status)
    printer = console()
    printer.print(table)
    printer.print(
        f"{outcome.steps} candidates, {outcome.failed} failed or refused; {outcome.reason}; {outcome.cpu_seconds:.0f} s"
        f" of CPU time in the sandbox, at most {outcome.peak_mb:.0f} MiB. Report: {outcome.folder}/report.md",
        soft_wrap=True, markup=False,
    )  # fmt: skip
    print(outcome.best)
