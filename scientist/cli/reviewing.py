"""``scientist review``: a review of existing manuscripts, one after another; a bad file does not stop the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scientist.cli.options import BaseUrl, BudgetTokens, BudgetUsd, Ensemble, FallbackModel, Json, Method, Model
from scientist.cli.output import console, print_json
from scientist.errors import ManuscriptError, UsageError


def review(
    files: Annotated[
        list[Path], typer.Argument(help="Manuscripts: PDF, LaTeX source (file, folder, zip), Markdown, text.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the reviews, as Markdown and JSON.")
    ] = None,
    model: Model = None,
    base_url: BaseUrl = None,
    fallback_model: FallbackModel = None,
    method: Method = None,
    ensemble: Ensemble = None,
    reflections: Annotated[
        int | None, typer.Option(help="Second looks of each reviewer at its own review.  [default: 1]")
    ] = None,
    venue: Annotated[str, typer.Option(help="Review form.")] = "neurips",
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    as_json: Json = False,
) -> None:
    """Review manuscripts, by a model's panel or by measuring.

    A budget is for each manuscript. Model calls are kept, with --output beside the reviews: the same review again costs
    nothing.
    """
    from rich.markup import escape

    from scientist.config import load_config
    from scientist.review.desk import review_file
    from scientist.review.render import to_markdown
    from scientist.workspace import write_json, write_text

    if output is not None and output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file", "give a folder to --output")
    config = load_config(
        {
            "model": model,
            "base_url": base_url,
            "fallback_model": fallback_model,
            "method": method,
            "ensemble": ensemble,
            "reflections": reflections,
            "budget_usd": budget_usd,
            "budget_tokens": budget_tokens,
        }
    )
    names: set[str] = set()
    records, failed = [], False
    for file in files:
        name = _unused_name(file.stem, names)
        calls = output / f"{name}.calls" if output is not None else None
        try:
            reviewed = review_file(file, config, venue=venue, record=calls, emit=_tell)
        except ManuscriptError as e:
            failed = True
            records.append({"file": str(file), "error": e.message})
            console().print(f"[red]{escape(str(file))}:[/] {escape(e.message)}\n{escape(e.hint)}", soft_wrap=True)
            continue
        record: dict[str, Any] = {"file": str(file), **reviewed.review.model_dump(mode="json")}
        records.append(record)
        text = to_markdown(reviewed.review, reviewed.manuscript)
        if output is not None:
            write_text(output / f"{name}.review.md", text)
            write_json(output / f"{name}.review.json", record)
        if reviewed.usage.calls:
            _tell_usage(reviewed.usage)
        if not as_json:
            print(text)
    if as_json:
        print_json(records)
    if failed:
        raise typer.Exit(ManuscriptError.exit_code)


def _tell(kind: str, **data: Any) -> None:
    """One line on stderr for each model call, and for what went wrong with one."""
    from rich.markup import escape

    what = " ".join(str(data[k]) for k in ("purpose", "label") if data.get(k))
    if kind == "model.called":
        cost = (
            "from the record" if data["from_record"] else f"{data['input_tokens']:,} + {data['output_tokens']:,} tokens"
        )
        console().print(escape(f"{what}: {cost}"), soft_wrap=True)
    else:
        console().print(f"[yellow]{escape(f'{kind} {what}'.strip())}:[/] {escape(str(data.get('problem', '')))}")


def _tell_usage(usage: Any) -> None:
    console().print(
        f"{usage.calls} model calls, {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out, ${usage.usd:.4f}."
    )


def _unused_name(stem: str, names: set[str]) -> str:
    """``stem``, or with a counter where another file of this call has the same; remembered in ``names``."""
    name = next(n for i in range(1, len(names) + 2) if (n := stem if i == 1 else f"{stem}-{i}") not in names)
    names.add(name)
    return name
