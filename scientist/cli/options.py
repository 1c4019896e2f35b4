"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout; all else goes to stderr.")]
Experiments = Annotated[Path | None, typer.Option("--experiments-dir", help="Where run folders go.")]
Papers = Annotated[Path | None, typer.Option("--papers-dir", help="Where finished papers go.")]

Model = Annotated[
    str | None,
    typer.Option(
        help="Language model as provider:name (anthropic:…, openai:…, google_genai:…, ollama:…, local:FILE.gguf)."
    ),
]
BaseUrl = Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible server.")]
FallbackModel = Annotated[str | None, typer.Option(help="Model to turn to when the first cannot be reached.")]
Method = Annotated[
    str | None, typer.Option(help="How replies are structured: json_schema, tools or json.  [default: found out]")
]
BudgetUsd = Annotated[float | None, typer.Option(help="Most that model calls may cost, US dollars.")]
BudgetTokens = Annotated[int | None, typer.Option(help="Most tokens that model calls may use, in and out.")]
BudgetModelMinutes = Annotated[
    float | None, typer.Option(help="Most wall time that model calls may take, all together, minutes.")
]
Ensemble = Annotated[int | None, typer.Option(help="Reviewers on a model's panel.  [default: 3]")]
Reflections = Annotated[int | None, typer.Option(help="Rounds of reflection on ideas and reviews.  [default: 1]")]

Venue = Annotated[str | None, typer.Option(help="Style of the paper: preprint, preprint2, ieee or acm.")]
VenueDir = Annotated[Path | None, typer.Option(help="A style of your own: a folder with venue.toml (docs/venues.md).")]
Anonymous = Annotated[bool | None, typer.Option("--anonymous", help="Leave out of the paper what tells whose it is.")]
Until = Annotated[
    str | None,
    typer.Option(help="Leave after a stage, resumable: survey, ideate, design, experiment, analyse, write or review."),
]
