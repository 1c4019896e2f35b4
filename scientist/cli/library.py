"""``scientist library``: the user's own collection of papers, beside the packaged bibliography."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scientist.cli.options import Json
from scientist.cli.output import console, out, print_json
from scientist.errors import UsageError

if TYPE_CHECKING:
    from scientist.literature.store import FileProgress
    from scientist.types import Paper

app = typer.Typer(no_args_is_help=True, help="Add papers to the local library, search and export it.")


class ExportFormat(StrEnum):
    BIBTEX = "bibtex"
    CSL = "csl"
    JSONL = "jsonl"


@app.command("add")
def add(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="BibTeX, RIS, CSL-JSON, PDF or a folder of PDFs; JSON lines of arXiv, OpenAlex, Semantic Scholar "
            "or our own, gzipped or not.",
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="What these files say replaces what is held of the same papers.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Read files that were read before once more.")] = False,
    as_json: Json = False,
) -> None:
    """Take the papers of files into the library. Stopped at any point, the same command goes on from there."""
    from scientist.literature.library import Library

    with _bar(quiet=as_json) as told:
        results = Library().add(files, replace=replace, again=again, told=told)
    if as_json:
        print_json(results)
    else:
        _print_added(results)
    if results and not any(r.new + r.merged + r.held for r in results):
        raise UsageError("none of the files gave a paper", "the reasons are above")


@app.command("status")
def status(
    check: Annotated[bool, typer.Option("--check", help="Read the whole index to find damage.")] = False,
    as_json: Json = False,
) -> None:
    """Show what the library holds, where it lies and which files it was made from."""
    from rich.markup import escape

    from scientist.literature.library import Library

    found = Library().status(thorough=check)
    if as_json:
        print_json(found)
        return
    printer = out()
    printer.print(f"{found.papers:,} papers, {found.packaged:,} of them packaged with scientist", soft_wrap=True)
    printer.print(escape(f"{found.folder}: {found.bytes_on_disk / 2**20:,.0f} MiB"), soft_wrap=True)
    if found.fault:
        printer.print(f"[yellow]the index is {escape(found.fault)}; the next search rebuilds it[/]", soft_wrap=True)
    if found.files:
        _print_added(found.files)


@app.command("search")
def search(
    query: Annotated[str, typer.Argument(help="Words to search for, or an arXiv id.")],
    limit: Annotated[int, typer.Option(min=1, help="How many papers to show.")] = 10,
    as_json: Json = False,
) -> None:
    """Search the library alone, best first."""
    from rich.markup import escape

    from scientist.literature.library import Library

    hits = Library().search(query, limit)
    if as_json:
        print_json(hits)
        return
    printer = out()
    for hit in hits:
        p = hit.paper
        authors = ", ".join(p.authors[:3]) + (" and others" if len(p.authors) > 3 else "")
        where = (p.arxiv_id and f"arXiv:{p.arxiv_id}") or p.doi or p.id
        warning = " [red]retracted[/]" if p.retracted else (" [red]withdrawn[/]" if p.withdrawn else "")
        printer.print(
            f"[bold]{escape(p.title)}[/]{warning}\n  {escape(authors)}. {escape(p.venue)} {p.year or ''}. {where}"
        )
    if not hits:
        console().print("nothing found; try other words, or scientist search --source arxiv")


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(help="File to write.  [default: standard output]")] = None,
    form: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = ExportFormat.JSONL,
    query: Annotated[str | None, typer.Option(help="Only papers that answer these words.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many papers, with --query.")] = 100,
) -> None:
    """Write the library, or what a query finds in it, as JSON lines, BibTeX or CSL-JSON."""
    from scientist.literature.export import export as written
    from scientist.literature.library import Library

    library = Library()
    papers: Iterator[Paper] = library.papers()
    if query is not None:
        papers = iter([h.paper for h in library.search(query, limit)])
    pieces = written(papers, form.value)
    if file is None:
        for piece in pieces:
            typer.echo(piece, nl=False)
        return
    try:
        with file.open("w", encoding="utf-8") as f:
            f.writelines(pieces)
    except OSError as e:
        raise UsageError(f"cannot write {file}: {e.strerror}") from e


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[FileProgress | None], None]]:
    """A progress bar that hears of each batch; of a packed file only the records are known, not the share read."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[records]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console(), disable=quiet) as bar:
        tasks: dict[str, Any] = {}
        indexing: list[Any] = []

        def told(progress: FileProgress | None) -> None:
            if progress is None:
                indexing.append(bar.add_task("indexing", total=None, records=""))
                return
            for task in indexing:
                bar.remove_task(task)
            indexing.clear()
            if progress.identity not in tasks:
                name = Path(progress.name).name
                tasks[progress.identity] = bar.add_task(name, total=_size(progress), records="")
            place = progress.position if progress.format == "json-lines" else None
            if progress.done:
                bar.update(tasks[progress.identity], total=1, completed=1)
            bar.update(
                tasks[progress.identity],
                completed=None if progress.done else place,
                records=f"{progress.read:,} records",
            )

        yield told


def _size(progress: FileProgress) -> int | None:
    path = Path(progress.name)
    packed = path.suffix == ".gz"
    return path.stat().st_size if progress.format == "json-lines" and not packed else None


def _print_added(files: Sequence[FileProgress]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("file", "format", "records", "new", "merged", "held", "bad")
    for f in files:
        name = Path(f.name).name + ("" if f.done else " (in part)")
        counts = (f.read, f.new, f.merged, f.held, f.bad)
        table.add_row(escape(name), f.format, *(f"{n:,}" for n in counts))
    out().print(table)
    for f in files:
        for problem in f.problems:
            console().print(f"[yellow]{escape(f'{Path(f.name).name}, {problem}')}[/]", soft_wrap=True)
        if f.bad > len(f.problems):
            console().print(f"[yellow]{escape(Path(f.name).name)}: {f.bad - len(f.problems):,} more[/]")
