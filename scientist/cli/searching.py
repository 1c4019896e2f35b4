"""``scientist search``: the literature sources, asked directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scientist.cli.options import Json
from scientist.cli.output import console, out, print_json

if TYPE_CHECKING:
    from scientist.literature.survey import Survey


def search(
    query: Annotated[str, typer.Argument(help="Words to search for.")],
    limit: Annotated[int, typer.Option(help="How many papers to show.")] = 10,
    source: Annotated[
        list[str] | None, typer.Option(help="Source to ask; may be repeated.  [default: as for a run]")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Time for the whole search.  [default: 20]")] = None,
    offline: Annotated[
        bool | None, typer.Option("--offline", help="Ask the library and kept answers only, no literature service.")
    ] = None,
    embed: Annotated[
        str | None, typer.Option(help="Encoder whose vectors take part in the library's search, such as static.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Search the local library and the online sources, or the sources named."""
    from scientist.config import load_config
    from scientist.literature.answers import remembered
    from scientist.literature.base import open_sources
    from scientist.literature.survey import survey

    config = load_config(
        {
            "sources": tuple(source) if source else None,
            "search_seconds": seconds,
            "offline": offline,
            "embed": embed,
        }
    )
    found = survey(
        (query,),
        sources=remembered(open_sources(config.sources, embed=config.embed), offline=config.offline),
        limit=limit,
        budget_s=config.search_seconds,
        whole_s=config.search_seconds,
        snowballing=False,
    )
    _tell_sources(found, config.offline)
    if as_json:
        print_json(found.references)
    else:
        _print(found)


def _tell_sources(found: Survey, offline: bool) -> None:
    """Which sources answered, and what the others said instead; on stderr."""
    from rich.markup import escape

    printer = console()
    for record in found.searches:
        if record.error and not (offline and not record.cached):
            printer.print(f"[yellow]{record.source}: {escape(record.error)}[/]", soft_wrap=True)
    answered = [
        f"{r.source} ({r.hits} found{f', on {r.cached}' if r.cached else ''})"
        for r in found.searches
        if r.cached or not r.error
    ]
    told = "answered: " + (", ".join(answered) or "no source")
    printer.print(told + ("; offline, others were not asked" if offline else ""), style="dim", soft_wrap=True)


def _print(found: Survey) -> None:
    from rich.markup import escape

    printer = out()
    for reference in found.references:
        p = reference.paper
        authors = ", ".join(p.authors[:3]) + (" and others" if len(p.authors) > 3 else "")
        where = (p.arxiv_id and f"arXiv:{p.arxiv_id}") or p.doi or p.id
        printer.print(
            f"[bold]{escape(p.title)}[/]\n  {escape(authors)}. {escape(p.venue)} {p.year or ''}. {escape(where)} "
            f"[dim]{p.source}[/]",
            soft_wrap=True,
        )
    for aside in found.set_aside:
        console().print(f"[yellow]left out, {aside.reason}: {escape(aside.paper.title)}[/]", soft_wrap=True)
    if not found.references:
        console().print("nothing found; try other words, or another --source")
