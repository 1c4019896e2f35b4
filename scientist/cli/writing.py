"""``scientist write``: the paper of a finished run again, in another style or by another mind; nothing is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scientist.cli.options import (
    Anonymous,
    BaseUrl,
    BudgetTokens,
    BudgetUsd,
    Experiments,
    Json,
    Method,
    Papers,
    Venue,
    VenueDir,
)
from scientist.cli.output import console, print_json, text_of


def write(
    run_id: Annotated[str, typer.Argument(help="A run's id, the beginning of it, or 'latest'.")] = "latest",
    venue: Venue = None,
    venue_dir: VenueDir = None,
    anonymous: Anonymous = None,
    model: Annotated[
        str | None,
        typer.Option(help="Who writes the text anew: a language model, or 'offline'; the published text if absent."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for the new paper; one beside the published if absent."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in the folder of -o.")] = False,
    base_url: BaseUrl = None,
    method: Method = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    experiments_dir: Experiments = None,
    papers_dir: Papers = None,
    as_json: Json = False,
) -> None:
    """Write the paper of a finished run again, without running an experiment."""
    from scientist import api

    made = api.write(
        run_id,
        out=out,
        mind=model,
        overwrite=overwrite,
        venue=venue,
        venue_dir=text_of(venue_dir),
        anonymous=anonymous,
        base_url=base_url,
        method=method,
        budget_usd=budget_usd,
        budget_tokens=budget_tokens,
        experiments_dir=text_of(experiments_dir),
        papers_dir=text_of(papers_dir),
    )
    if as_json:
        print_json(made)
        return
    told = made.layout.sentence()
    console().print(
        f"{made.layout.pages} pages in the style {made.layout.venue}, text {made.text}"
        + (f"; {told}" if told else "")
        + ".",
        soft_wrap=True,
    )
    print(made.paper)
