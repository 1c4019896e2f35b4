"""``scientist search``: the literature sources, asked directly."""

from __future__ import annotations

from typing import Annotated

import typer

from scientist.cli.output import console, out, print_json
from scientist.cli.running import Json


def search(
    query: Annotated[str, typer.Argument(help="Words to search for.")],
    limit: Annotated[int, typer.Option(help="How many papers to show.")] = 10,
    source: Annotated[
        list[str] | None, typer.Option(help="Source to ask; may be repeated.  [default: library]")
    ] = None,
    seconds: Annotated[float, typer.Option(help="Time for the whole search.")] = 20.0,
    as_json: Json = False,
) -> None:
    """Search the local library, or the sources named."""
    from rich.markup import escape

    from scientist.literature.base import SOURCES
    from scientist.literature.survey import survey

    found = survey(
        (query,),
        sources=tuple(SOURCES.load(name)() for name in source or ("library",)),
        related=(),
        limit=limit,
        budget_s=seconds,
    )
    for record in found.searches:
        if record.error:
            console().print(f"[yellow]{record.source}: {escape(record.error)}[/]")
    if as_json:
        print_json(found.references)
        return
    printer = out()
    for reference in found.references:
        p = reference.paper
        authors = ", ".join(p.authors[:3]) + (" and others" if len(p.authors) > 3 else "")
        where = (p.arxiv_id and f"arXiv:{p.arxiv_id}") or p.doi or p.id
        printer.print(
            f"[bold]{escape(p.title)}[/]\n  {escape(authors)}. {p.venue} {p.year or ''}. {where} [dim]{p.source}[/]"
        )
    if not found.references:
        console().print("nothing found; try other words, or another --source")
