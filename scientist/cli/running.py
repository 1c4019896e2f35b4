"""``scientist run`` and ``scientist resume``: the main job, with live progress and one result at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scientist.cli.output import console, print_json, text_of

if TYPE_CHECKING:
    from scientist.api import RunOutcome
    from scientist.types import TemplateChoice

NOT_ACCEPTED = 10

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout; all else goes to stderr.")]
Experiments = Annotated[Path | None, typer.Option("--experiments-dir", help="Where run folders go.")]
Papers = Annotated[Path | None, typer.Option("--papers-dir", help="Where finished papers go.")]


def run(
    topic: Annotated[str, typer.Argument(help="The research question, in words.")],
    template: Annotated[
        str | None, typer.Option(help="Template name or folder; matched to the topic if absent.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Scale of the experiments: smoke, cpu or gpu.  [default: cpu]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same paper.  [default: 0]")] = None,
    seeds: Annotated[int | None, typer.Option(help="Seeds per condition; the preset's number if absent.")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Time for the experiments.  [default: 15]")] = None,
    workers: Annotated[int | None, typer.Option(help="Runs at the same time.  [default: one per core]")] = None,
    min_score: Annotated[float | None, typer.Option(help="Review score (1-10) that publishes.  [default: 5]")] = None,
    max_rounds: Annotated[int | None, typer.Option(help="Revisions or extensions after review.  [default: 2]")] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Literature source; may be repeated.  [default: library]")
    ] = None,
    sandbox: Annotated[str | None, typer.Option(help="Insist on bubblewrap or landlock.")] = None,
    allow_unsandboxed: Annotated[
        bool | None, typer.Option("--allow-unsandboxed", help="Run without a sandbox if none works here.")
    ] = None,
    experiments_dir: Experiments = None,
    papers_dir: Papers = None,
    as_json: Json = False,
) -> None:
    """Research a topic, from the literature to a reviewed paper."""
    from scientist import api

    progress = _progress()
    with progress:
        outcome = api.run(
            topic,
            on_choice=lambda choice: _tell_choice(progress, choice),
            listener=progress.on_event,
            template=template,
            preset=preset,
            seed=seed,
            seeds=seeds,
            budget_minutes=budget_minutes,
            workers=workers,
            min_score=min_score,
            max_rounds=max_rounds,
            sources=tuple(source) if source else None,
            sandbox=sandbox,
            allow_unsandboxed=allow_unsandboxed,
            experiments_dir=text_of(experiments_dir),
            papers_dir=text_of(papers_dir),
        )
    _finish(outcome, as_json)


def resume(
    run_id: Annotated[str, typer.Argument(help="A run's id, the beginning of it, or 'latest'.")] = "latest",
    experiments_dir: Experiments = None,
    papers_dir: Papers = None,
    as_json: Json = False,
) -> None:
    """Continue a run that was stopped, killed or interrupted."""
    from scientist import api

    progress = _progress()
    with progress:
        outcome = api.resume(
            run_id,
            listener=progress.on_event,
            experiments_dir=text_of(experiments_dir),
            papers_dir=text_of(papers_dir),
        )
    _finish(outcome, as_json)


def _progress() -> Any:
    from scientist.cli.progress import Progress

    return Progress(console())


def _tell_choice(progress: Any, choice: TemplateChoice) -> None:
    from rich.markup import escape

    progress.say(f"template [bold]{choice.template}[/] (confidence {choice.confidence:.0%}): {escape(choice.reason)}")


def _finish(outcome: RunOutcome, as_json: bool) -> None:
    if as_json:
        print_json(outcome)
    else:
        _summary(outcome)
    if not outcome.accepted:
        raise typer.Exit(NOT_ACCEPTED)


def _summary(outcome: RunOutcome) -> None:
    printer = console()
    verdict = "[green]passed its review[/]" if outcome.accepted else "[yellow]did not pass its review[/]"
    printer.print(
        f"\nThe paper {verdict}: score {outcome.score:g}, {outcome.rounds} round{'s' * (outcome.rounds > 1)} "
        f"({outcome.reason}).\n"
        f"{outcome.runs_ok} runs finished, {outcome.runs_failed} failed; {outcome.seconds:.0f} s in all, "
        f"of which {outcome.stage_seconds.get('experiment', 0):.0f} s experiments; cost ${outcome.usd:.2f}.",
        soft_wrap=True,
    )
    print(outcome.paper)
