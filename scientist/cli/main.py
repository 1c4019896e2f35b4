"""``scientist``: the commands, and how errors reach the user."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from scientist import __version__
from scientist.cli import (
    bundling,
    citing,
    doctor,
    evolving,
    ideas,
    library,
    listing,
    models,
    reviewing,
    running,
    searching,
    templates,
    writing,
)
from scientist.cli.output import fail
from scientist.errors import ScientistError

app = typer.Typer(
    name="scientist",
    help="A research topic in; a reviewed PDF paper out whose every number traces to a run.",
    no_args_is_help=True,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the topic cannot be studied; 4 something is missing here "
        "(scientist doctor); 5 stopped, resumable; 6 the run is locked by another process; 7 a manuscript cannot be "
        "read; 8 a bundle or paper was altered; 10 the paper was written but did not pass its review; 11 it was run "
        "again and does not stand."
    ),
)
app.command("run")(running.run)
app.command("resume")(running.resume)
app.command("write")(writing.write)
app.command("list")(listing.list_)
app.command("show")(listing.show)
app.command("evolve")(evolving.evolve)
app.command("tasks")(evolving.tasks)
app.command("ideas")(ideas.ideas)
app.command("search")(searching.search)
app.command("review")(reviewing.review)
app.command("bundle")(bundling.bundle)
app.command("verify")(bundling.verify)
app.command("reproduce")(bundling.reproduce)
app.add_typer(citing.app, name="cite")
app.add_typer(library.app, name="library")
app.add_typer(templates.app, name="templates")
app.add_typer(models.app, name="models")
app.command("doctor")(doctor.doctor)


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """Entry point: a ScientistError ends with its message and exit code, never with a traceback."""
    try:
        app()
    except ScientistError as e:
        fail(e)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
