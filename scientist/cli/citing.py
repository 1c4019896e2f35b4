"""``scientist cite check``: a bibliography file held against the library and the literature services."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scientist.cli.options import Json
from scientist.cli.output import console, out, print_json

if TYPE_CHECKING:
    from scientist.literature.formats.entry import Entry
    from scientist.literature.verify import Verification
    from scientist.types import Paper

app = typer.Typer(help="Check citations.", no_args_is_help=True)

VERIFIERS = ("library", "crossref", "openalex", "semantic_scholar", "arxiv")
"""The sources that are asked; Crossref and OpenAlex know of retractions."""
COLOURS = {"verified": "green", "not_verified_online": "yellow"}


@app.callback()
def cite() -> None:
    """Check citations."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A bibliography: BibTeX, RIS, CSL-JSON or JSON lines.")],
    source: Annotated[list[str] | None, typer.Option(help="Source to ask; may be repeated.  [default: all]")] = None,
    seconds: Annotated[float, typer.Option(help="Time for asking online.")] = 60.0,
    offline: Annotated[bool, typer.Option("--offline", help="Ask the library only.")] = False,
    as_json: Json = False,
) -> None:
    """Verify each entry: does the work exist, do title, authors and year agree, was it retracted.

    Ends with code 1 if an entry is contradicted, retracted, not found, doubled or unreadable.
    """
    from scientist.config import load_config
    from scientist.literature.answers import remembered
    from scientist.literature.base import Finder, open_sources
    from scientist.literature.verify import verify

    offline = offline or load_config({}).offline
    entries = _read(file)
    papers = [e.paper for e in entries if e.paper is not None]
    sources = remembered(open_sources(tuple(source or VERIFIERS)), offline=offline)
    finders = [s for s in sources if isinstance(s, Finder)]
    verdicts = verify(papers, finders, online=not offline, budget_s=seconds)
    doubled = _doubled(papers)
    if as_json:
        print_json({"entries": verdicts, "doubled": doubled, "unreadable": [e for e in entries if e.problem]})
    else:
        _tell(entries, verdicts, doubled)
    if doubled or any(e.problem for e in entries) or not all(v.citable for v in verdicts):
        raise typer.Exit(1)


def _read(file: Path) -> list[Entry]:
    from scientist.errors import UsageError
    from scientist.literature.formats import read

    try:
        entries = list(read(file, known=lambda **identifiers: None))
    except OSError as e:
        raise UsageError(f"cannot read {file}: {e.strerror}") from e
    if not entries:
        raise UsageError(f"{file} holds no entry", "give a bibliography with at least one entry")
    return entries


def _doubled(papers: list[Paper]) -> list[tuple[str, str]]:
    """Titles of entries that are one work."""
    from scientist.literature.agreement import shared_identifier
    from scientist.literature.merge import same

    return [
        (first.title, second.title)
        for number, second in enumerate(papers)
        for first in papers[:number]
        if same(first, second) or shared_identifier(first, second)
    ]


def _tell(entries: list[Entry], verdicts: tuple[Verification, ...], doubled: list[tuple[str, str]]) -> None:
    from rich.markup import escape

    from scientist.literature.verify import counts

    printer = out()
    places = [e.place for e in entries if e.paper is not None]
    for place, verdict in zip(places, verdicts, strict=True):
        colour = COLOURS.get(verdict.status.value, "red")
        printer.print(
            f"[{colour}]{verdict.status.value.replace('_', ' ')}[/] {escape(place)}: {escape(verdict.title)}\n"
            f"  {escape(verdict.reason)}",
            soft_wrap=True,
        )
    for entry in entries:
        if entry.problem:
            printer.print(f"[red]unreadable[/] {escape(entry.place)}: {escape(entry.problem)}", soft_wrap=True)
    for first, second in doubled:
        printer.print(f"[red]doubled[/] {escape(first)} / {escape(second)}", soft_wrap=True)
    told = counts(verdicts)
    online = told.pop("online")
    summary = ", ".join(f"{n} {status.replace('_', ' ')}" for status, n in told.items() if n)
    console().print(f"{len(verdicts)} entries: {summary}; {online} confirmed online", soft_wrap=True)
