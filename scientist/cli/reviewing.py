"""``scientist review``: a review of existing manuscripts, many at a time; a bad file does not stop the rest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scientist.cli.options import BaseUrl, BudgetTokens, BudgetUsd, Ensemble, FallbackModel, Json, Method, Model
from scientist.cli.output import console, out, print_json
from scientist.errors import ManuscriptError, UsageError

if TYPE_CHECKING:
    from scientist.review.batch import Order, Outcome


def review(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Manuscripts: PDF, docx, LaTeX (file, folder, zip), Markdown, text, arXiv id; or a folder of them."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the reviews, as Markdown and JSON.")
    ] = None,
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Write a copy of each PDF with the findings as highlights and notes.")
    ] = False,
    html: Annotated[bool, typer.Option("--html", help="Write each review as a single HTML file.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Compare two versions, OLD NEW: findings mended, new and left.")
    ] = False,
    rank: Annotated[
        bool, typer.Option("--rank", help="Rank 2 to 8 manuscripts: the model compares each with each, in both orders.")
    ] = False,
    rebuttal: Annotated[bool, typer.Option("--rebuttal", help="Draft answers to the review, with the model.")] = False,
    model: Model = None,
    base_url: BaseUrl = None,
    fallback_model: FallbackModel = None,
    method: Method = None,
    ensemble: Ensemble = None,
    reflections: Annotated[
        int | None, typer.Option(help="Second looks of each reviewer at its own review.  [default: 1]")
    ] = None,
    venue: Annotated[
        str, typer.Option(help="Review form: neurips, iclr, icml, tmlr, workshop, general, or a .toml file.")
    ] = "general",
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Manuscripts at the same time.  [default: one a core; with a model, one]"),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=1, help="Most seconds for one of many manuscripts.  [default: 300]")
    ] = None,
    offline: Annotated[bool | None, typer.Option("--offline", help="Fetch nothing from arXiv.")] = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    as_json: Json = False,
) -> None:
    """Review manuscripts, by a model's panel or by measuring.

    A budget is for each manuscript. Model calls are kept, with --output beside the reviews: the same review again costs
    nothing. HTML and annotated files go to --output, else to the present folder.
    """
    from scientist.config import load_config
    from scientist.review.batch import Order
    from scientist.review.gather import manuscripts, names
    from scientist.review.online import local

    if output is not None and output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file", "give a folder to --output")
    if compare and (len(files) != 2 or annotate or rebuttal):
        raise UsageError("--compare takes two manuscripts", "scientist review --compare OLD NEW (-o, --html, --json)")
    if rank and (compare or annotate or html or rebuttal):
        raise UsageError("--rank goes without --compare, --annotate, --html and --rebuttal", "rank first, then review")
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
            "offline": offline,
        }
    )
    _check(config, venue, rebuttal=rebuttal)
    named = [local(f, offline=config.offline) for f in files]
    paths = named if compare else manuscripts(named)
    if rank:
        _rank(paths, config, venue, output, as_json=as_json)
        return
    folder = output or (Path.cwd() if html or annotate else None)
    kept = {"markdown": output is not None, "html": html and not compare, "annotate": annotate, "rebuttal": rebuttal}
    orders = [Order(path, name, config, venue, folder, **kept) for path, name in zip(paths, names(paths), strict=True)]
    outcomes = [_one(orders[0])] if len(orders) == 1 else _many(orders, jobs, timeout)
    if compare:
        _compare(outcomes, venue, folder if output or html else None, html=html, as_json=as_json)
    else:
        searched = any(f.is_dir() for f in named) and paths != named  # a folder of LaTeX is itself a manuscript
        _report(outcomes, output, html=html, as_json=as_json, folders=searched)
    codes = [o.exit_code for o in outcomes if o.exit_code]
    if codes:
        raise typer.Exit(ManuscriptError.exit_code if ManuscriptError.exit_code in codes else codes[0])


def _check(config: Any, venue: str, *, rebuttal: bool) -> None:
    """What is wrong with the command as a whole is said before any manuscript is read."""
    from scientist.review.desk import model_of
    from scientist.review.form import form_for

    form_for(venue, reviewers=config.ensemble, reflections=config.reflections)
    if rebuttal and model_of(config) is None:
        raise UsageError("a rebuttal is drafted by a model, and none is set", "give --model; see: scientist models")


def _one(order: Order) -> Outcome:
    from scientist.review.batch import carry_out, refused

    try:
        return carry_out(order, _tell)
    except ManuscriptError as e:
        return refused(order, e)


def _many(orders: Sequence[Order], jobs: int | None, timeout: float | None) -> list[Outcome]:
    """What came of each order, in their order; progress is shown on stderr."""
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from scientist.review.batch import review_many

    done: dict[str, Outcome] = {}
    printer = console()
    bars = Progress(
        TextColumn("reviewing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"),
        TimeRemainingColumn(), console=printer, disable=not printer.is_terminal,
    )  # fmt: skip
    with bars:
        task = bars.add_task("reviewing", total=len(orders))
        try:
            for outcome in review_many(orders, jobs=jobs, seconds=timeout, emit=_tell):
                done[outcome.name] = outcome
                bars.advance(task)
                if not printer.is_terminal and outcome.review is not None:
                    printer.print(f"{len(done)}/{len(orders)} {escape(outcome.file)}", soft_wrap=True)
        except KeyboardInterrupt:
            kept = f"; the files of these are in {orders[0].folder}, without a summary" if orders[0].folder else ""
            printer.print(escape(f"stopped after {len(done)} of {len(orders)} manuscripts{kept}"), soft_wrap=True)
            raise
    return [done[o.name] for o in orders]


def _report(outcomes: Sequence[Outcome], output: Path | None, *, html: bool, as_json: bool, folders: bool) -> None:
    from scientist.review.batch import summary, write_summary

    several = len(outcomes) > 1 or folders
    for outcome in outcomes:
        _tell_outcome(outcome, files=not several)
    if several and output is not None:
        for file in write_summary(summary(outcomes), output, html=html):
            console().print(f"wrote {file}", soft_wrap=True)
    if as_json:
        print_json([o.record() for o in outcomes])
        return
    for outcome in outcomes:
        if outcome.review is not None and not (several and (output or folders)):
            print(outcome.text)
    if several:
        _print_table(summary(outcomes))


def _tell_outcome(outcome: Outcome, *, files: bool = False) -> None:
    """What could not be done, what was written, and what it cost; on stderr."""
    from rich.markup import escape

    printer = console()
    if outcome.problem:
        printer.print(f"[red]{escape(outcome.file)}:[/] {escape(outcome.problem)}", soft_wrap=True)
        if outcome.hint:
            printer.print(escape(outcome.hint), soft_wrap=True)
    for line in outcome.told:
        printer.print(f"[yellow]{escape(outcome.file)}:[/] {escape(line)}", soft_wrap=True)
    for file in outcome.written if files else ():
        if file.endswith((".html", ".pdf")):
            printer.print(escape(f"wrote {file}"), soft_wrap=True)
    if outcome.usage.calls:
        _tell_usage(outcome.usage)


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("manuscript", overflow="fold", max_width=max(16, out().width // 4))
    table.add_column("title", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("decision", no_wrap=True, min_width=8)
    for name in ("overall", "errors", "warnings", "notes", "pages"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    for row in rows:
        if row["problem"]:
            continue
        numbers = (f"{row['overall']:.4g}", *(str(row[k] or 0) for k in ("errors", "warnings", "notes")))
        table.add_row(escape(row["name"]), escape(row["title"]), row["decision"], *numbers, str(row["pages"] or ""))
    if table.row_count:
        out().print(table)
    for row in rows:
        if row["problem"]:
            out().print(f"{escape(row['name'])}: [red]{escape(row['problem'])}[/]", soft_wrap=True)


def _compare(outcomes: Sequence[Outcome], venue: str, folder: Path | None, *, html: bool, as_json: bool) -> None:
    from scientist.review.compare import compare, comparison_markdown
    from scientist.review.form import form_for
    from scientist.workspace import write_json, write_text

    old, new = outcomes
    for outcome in outcomes:
        _tell_outcome(outcome)
    if old.review is None or new.review is None:
        return
    found = compare((old.review, old.file, old.title), (new.review, new.file, new.title), form_for(venue))
    text = comparison_markdown(found)
    if folder is not None:
        stem = folder / f"{old.name}-{new.name}.comparison"
        write_text(Path(f"{stem}.md"), text)
        write_json(Path(f"{stem}.json"), found)
        if html:
            from scientist.review.html import comparison_html

            write_text(Path(f"{stem}.html"), comparison_html(found))
            console().print(f"wrote {stem}.html", soft_wrap=True)
    if as_json:
        print_json(found)
    else:
        print(text)


def _rank(paths: Sequence[Path], config: Any, venue: str, folder: Path | None, *, as_json: bool) -> None:
    from scientist.review.ranking import rank_files, ranking_markdown
    from scientist.workspace import write_json, write_text

    record = folder / "ranking.calls" if folder is not None else None
    ranked = rank_files(paths, config, venue=venue, record=record, emit=_tell)
    text = ranking_markdown(ranked)
    if folder is not None:
        write_text(folder / "ranking.md", text)
        write_json(folder / "ranking.json", ranked)
    _tell_usage(ranked.usage)
    if as_json:
        print_json(ranked)
    else:
        print(text)


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
