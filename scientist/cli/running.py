"""``scientist run`` and ``scientist resume``: the main job, with live progress and one result at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scientist.cli.options import (
    Anonymous,
    BaseUrl,
    BudgetModelMinutes,
    BudgetTokens,
    BudgetUsd,
    Ensemble,
    Experiments,
    FallbackModel,
    Json,
    Method,
    Model,
    Papers,
    Reflections,
    Until,
    Venue,
    VenueDir,
)
from scientist.cli.output import console, print_json, text_of

if TYPE_CHECKING:
    from scientist.api import RunOutcome
    from scientist.types import Usage

NOT_ACCEPTED = 10

Executor = Annotated[
    str | None,
    typer.Option(help="Where experiments run: local, ray or slurm (docs/executors.md).  [default: local]"),
]


def run(
    topic: Annotated[str | None, typer.Argument(help="The research question, in words; a replay has its own.")] = None,
    template: Annotated[
        str | None, typer.Option(help="Template name or folder; matched to the topic if absent.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Scale of the experiments: smoke, cpu or gpu.  [default: cpu]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same paper.  [default: 0]")] = None,
    seeds: Annotated[int | None, typer.Option(help="Seeds per condition; the preset's number if absent.")] = None,
    strategy: Annotated[
        str | None,
        typer.Option(help="Search over configurations before the plan is made: best_first, greedy, islands, ..."),
    ] = None,
    nodes: Annotated[int | None, typer.Option(help="Steps of that search.  [default: 30]")] = None,
    budget_minutes: Annotated[
        float | None, typer.Option(help="Time for the experiments, a hard limit.  [default: 15]")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Runs at the same time.  [default: one per core]")] = None,
    executor: Executor = None,
    min_score: Annotated[float | None, typer.Option(help="Review score (1-10) that publishes.  [default: 5]")] = None,
    review_form: Annotated[
        str | None,
        typer.Option(
            help="Form that drafts are reviewed on: neurips, iclr, icml, tmlr, workshop, general, or a .toml file. "
            " [default: neurips]"
        ),
    ] = None,
    max_rounds: Annotated[int | None, typer.Option(help="Revisions or extensions after review.  [default: 2]")] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Literature source; may be repeated.  [default: library, arxiv, semantic_scholar, openalex]"),
    ] = None,
    search_seconds: Annotated[
        float | None, typer.Option(help="Time of one literature query, seconds.  [default: 20]")
    ] = None,
    offline: Annotated[
        bool | None, typer.Option("--offline", help="Ask the library and kept answers only, no literature service.")
    ] = None,
    sandbox: Annotated[str | None, typer.Option(help="Insist on bubblewrap or landlock.")] = None,
    allow_unsandboxed: Annotated[
        bool | None, typer.Option("--allow-unsandboxed", help="Run without a sandbox if none works here.")
    ] = None,
    model: Model = None,
    model_survey: Annotated[str | None, typer.Option(help="Model for search queries and reading.")] = None,
    model_ideate: Annotated[str | None, typer.Option(help="Model for ideas.")] = None,
    model_code: Annotated[str | None, typer.Option(help="Model for changes of code.")] = None,
    model_write: Annotated[str | None, typer.Option(help="Model for the paper's text.")] = None,
    model_review: Annotated[str | None, typer.Option(help="Model for the review.")] = None,
    base_url: BaseUrl = None,
    fallback_model: FallbackModel = None,
    method: Method = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_model_minutes: BudgetModelMinutes = None,
    ideas: Annotated[int | None, typer.Option(help="Ideas asked of a model.  [default: 4]")] = None,
    ensemble: Ensemble = None,
    reflections: Reflections = None,
    coding: Annotated[
        str | None, typer.Option(help="What a model may change: levels, slot, patch or auto.  [default: auto]")
    ] = None,
    coder: Annotated[str | None, typer.Option(help="Outside coding agent: claude-code or aider.")] = None,
    allow_coder_network: Annotated[
        bool | None, typer.Option("--allow-coder-network", help="Let the coding agent reach its own model.")
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(help="Run again from the recorded replies of a run or a recording; no model is called."),
    ] = None,
    venue: Venue = None,
    venue_dir: VenueDir = None,
    anonymous: Anonymous = None,
    plan: Annotated[
        Path | None, typer.Option("--from", help="A plan.json to carry out, with its ideas.json beside it.")
    ] = None,
    idea: Annotated[Path | None, typer.Option(help="An idea.json to study.")] = None,
    results: Annotated[
        Path | None,
        typer.Option(help="Folder of results made elsewhere, CONDITION/seed_N/final_info.json; none is run."),
    ] = None,
    until: Until = None,
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
            listener=progress.on_event,
            template=template,
            preset=preset,
            seed=seed,
            seeds=seeds,
            strategy=strategy,
            nodes=nodes,
            budget_minutes=budget_minutes,
            workers=workers,
            executor=executor,
            min_score=min_score,
            review_form=review_form,
            max_rounds=max_rounds,
            sources=tuple(source) if source else None,
            search_seconds=search_seconds,
            offline=offline,
            sandbox=sandbox,
            allow_unsandboxed=allow_unsandboxed,
            model=model,
            models=stage_models(
                survey=model_survey, ideate=model_ideate, code=model_code, write=model_write, review=model_review
            ),
            base_url=base_url,
            fallback_model=fallback_model,
            method=method,
            budget_usd=budget_usd,
            budget_tokens=budget_tokens,
            budget_model_minutes=budget_model_minutes,
            ideas=ideas,
            ensemble=ensemble,
            reflections=reflections,
            coding=coding,
            coder=coder,
            allow_coder_network=allow_coder_network,
            replay=replay,
            venue=venue,
            venue_dir=text_of(venue_dir),
            anonymous=anonymous,
            plan=text_of(plan),
            idea=text_of(idea),
            results=text_of(results),
            until=until,
            experiments_dir=text_of(experiments_dir),
            papers_dir=text_of(papers_dir),
        )
    _finish(outcome, as_json)


def resume(
    run_id: Annotated[str, typer.Argument(help="A run's id, the beginning of it, or 'latest'.")] = "latest",
    executor: Executor = None,
    model: Model = None,
    base_url: BaseUrl = None,
    fallback_model: FallbackModel = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_model_minutes: BudgetModelMinutes = None,
    budget_minutes: Annotated[
        float | None, typer.Option(help="Time for the experiments, earlier ones of the run included.")
    ] = None,
    until: Until = None,
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
            executor=executor,
            model=model,
            base_url=base_url,
            fallback_model=fallback_model,
            budget_usd=budget_usd,
            budget_tokens=budget_tokens,
            budget_model_minutes=budget_model_minutes,
            budget_minutes=budget_minutes,
            until=until,
            experiments_dir=text_of(experiments_dir),
            papers_dir=text_of(papers_dir),
        )
    _finish(outcome, as_json)


def _progress() -> Any:
    from scientist.cli.progress import Progress

    return Progress(console())


def stage_models(**models: str | None) -> dict[str, str] | None:
    """The stages' own models that were given; None if none was."""
    return {stage: name for stage, name in models.items() if name is not None} or None


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
        f"{outcome.runs_ok} runs finished, {outcome.runs_failed} failed; "
        f"{sum(outcome.stage_seconds.values()):.0f} s in all stages, "
        f"of which {outcome.stage_seconds.get('experiment', 0):.0f} s experiments; cost ${outcome.usd:.2f}.",
        soft_wrap=True,
    )
    if outcome.usage:
        printer.print(usage_table(outcome.usage))
    print(outcome.paper)


def usage_table(usage: dict[str, Usage]) -> Any:
    """What model calls have cost, a line a stage."""
    from rich.table import Table

    table = Table("stage", "calls", "tokens in", "tokens out", "seconds", "cost")
    for stage, u in usage.items():
        table.add_row(
            stage, str(u.calls), f"{u.input_tokens:,}", f"{u.output_tokens:,}", f"{u.seconds:.0f}", f"${u.usd:.4f}"
        )
    return table
