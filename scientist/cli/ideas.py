"""``scientist ideas``: what could be studied on a topic, ranked, without running anything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from scientist.cli.options import Json
from scientist.cli.output import out, print_json

if TYPE_CHECKING:
    from scientist.types import RankedIdea


def ideas(
    topic: Annotated[str, typer.Argument(help="The research question, in words.")],
    template: Annotated[
        str | None, typer.Option(help="Template name or folder; matched to the topic if absent.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Scale of the experiments.  [default: cpu]")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Time for the experiments.  [default: 15]")] = None,
    limit: Annotated[int, typer.Option(help="How many to show.")] = 10,
    as_json: Json = False,
) -> None:
    """Rank the ideas that a topic and its template allow."""
    from scientist.config import load_config
    from scientist.graph.services import check_settings, choose_study
    from scientist.ideation.rank import rank
    from scientist.literature.answers import remembered
    from scientist.literature.base import open_sources
    from scientist.literature.survey import survey
    from scientist.mind import MINDS
    from scientist.mind.base import Brief

    config = load_config({"template": template, "preset": preset, "budget_minutes": budget_minutes})
    check_settings(config)
    mind = MINDS.load(config.mind)()
    spec, choice = choose_study(topic, config, mind)
    found = survey(
        mind.queries(topic, spec),
        sources=remembered(open_sources(config.sources, embed=config.embed), offline=config.offline),
        related=spec.related,
        limit=24,
        budget_s=config.search_seconds,
    )
    brief = Brief(
        topic=topic,
        template=spec,
        preset=config.preset,
        references=found.references,
        budget_minutes=config.budget_minutes,
        workers=config.workers or max(1, len(os.sched_getaffinity(0))),
        seeds=config.seeds,
    )
    ranked = rank(mind.ideas(brief), brief, ())[:limit]
    if as_json:
        print_json({"choice": choice.model_dump(mode="json"), "ideas": [r.model_dump(mode="json") for r in ranked]})
    else:
        _print(ranked, f"template {choice.template} (confidence {choice.confidence:.0%}): {choice.reason}")


def _print(ranked: tuple[RankedIdea, ...], heading: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("score", "idea", "kind", "runs", "minutes", "novelty", title=escape(heading), title_justify="left")
    for r in ranked:
        minutes = f"{r.idea.minutes:.1f}" + ("" if r.feasible else " (over budget)")
        table.add_row(
            f"{r.scores.total:.2f}", r.idea.question, r.idea.kind.value, str(r.idea.runs), minutes, r.novelty.verdict
        )
    out().print(table)
