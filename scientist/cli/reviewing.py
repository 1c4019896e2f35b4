"""``scientist review``: a review of existing manuscripts, one after another; a bad file does not stop the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scientist.cli.output import console, print_json
from scientist.cli.running import Json
from scientist.errors import ManuscriptError, UsageError


def review(
    files: Annotated[
        list[Path], typer.Argument(help="Manuscripts: PDF, LaTeX source (file, folder, zip), Markdown, text.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the reviews, as Markdown and JSON.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Review manuscripts: PDF, LaTeX, Markdown or text."""
    from rich.markup import escape

    from scientist.mind import MINDS
    from scientist.review.form import FORMS
    from scientist.review.lookup import library_lookup
    from scientist.review.manuscript import read_manuscript
    from scientist.review.render import to_markdown
    from scientist.review.reviewer import review_manuscript
    from scientist.workspace import write_json, write_text

    if output is not None and output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file", "give a folder to --output")

    names: set[str] = set()
    mind, lookup, records, failed = MINDS.load("offline")(), library_lookup(), [], False
    for file in files:
        try:
            manuscript = read_manuscript(file)
        except ManuscriptError as e:
            failed = True
            records.append({"file": str(file), "error": e.message})
            console().print(f"[red]{escape(str(file))}:[/] {escape(e.message)}\n{escape(e.hint)}", soft_wrap=True)
            continue
        verdict = review_manuscript(manuscript, mind=mind, form=FORMS["neurips"], lookup=lookup)
        record: dict[str, Any] = {"file": str(file), **verdict.model_dump(mode="json")}
        records.append(record)
        text = to_markdown(verdict, manuscript)
        if output is not None:
            name = _unused_name(file.stem, names)
            write_text(output / f"{name}.review.md", text)
            write_json(output / f"{name}.review.json", record)
        if not as_json:
            print(text)
    if as_json:
        print_json(records)
    if failed:
        raise typer.Exit(ManuscriptError.exit_code)


def _unused_name(stem: str, names: set[str]) -> str:
    """``stem``, or with a counter where another file of this call has the same; remembered in ``names``."""
    name = next(n for i in range(1, len(names) + 2) if (n := stem if i == 1 else f"{stem}-{i}") not in names)
    names.add(name)
    return name
