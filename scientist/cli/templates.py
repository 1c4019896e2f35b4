"""``scientist templates``: list, show, check and make templates."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scientist.cli.options import Json
from scientist.cli.output import console, out, print_json
from scientist.errors import TemplateError

if TYPE_CHECKING:
    from scientist.experiments.check import CheckStep
    from scientist.types import TemplateSpec

app = typer.Typer(no_args_is_help=True, help="List, show, check and make experiment templates.")

NameOrFolder = Annotated[str, typer.Argument(help="A template's name, or its folder.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the templates that can be run here."""
    from rich.table import Table

    from scientist.experiments.template import find_templates

    specs = find_templates()
    if as_json:
        print_json([{"name": s.name, "title": s.title, "summary": s.summary, "path": s.path} for s in specs])
        return
    table = Table("template", "title", "factors", "data sets", "presets")
    for s in specs:
        table.add_row(
            s.name,
            s.title,
            ", ".join(f.name for f in s.factors),
            ", ".join(d.name for d in s.datasets),
            ", ".join(p.name for p in s.presets),
        )
    out().print(table)


@app.command("show")
def show(template: NameOrFolder, as_json: Json = False) -> None:
    """Show what a template declares: factors, metrics, hypotheses, presets."""
    from scientist.experiments.template import resolve_template

    spec = resolve_template(template)
    if as_json:
        print_json(spec)
    else:
        _print(spec)


@app.command("check")
def check(
    template: NameOrFolder,
    thorough: Annotated[bool, typer.Option("--thorough", help="Also run every level of every factor.")] = False,
    allow_unsandboxed: Annotated[bool, typer.Option("--allow-unsandboxed", help="Check without a sandbox.")] = False,
    as_json: Json = False,
) -> None:
    """Run the smoke preset and validate what the template leaves, step by step."""
    from scientist.execution import EXECUTORS
    from scientist.experiments.check import check_template
    from scientist.experiments.template import resolve_template
    from scientist.sandbox import choose

    spec = resolve_template(template)
    executor = EXECUTORS.load("local")(choose(allow_unsandboxed=allow_unsandboxed), len(os.sched_getaffinity(0)))
    report = check_template(spec, executor, thorough=thorough, report=_ignore if as_json else _tell)
    if as_json:
        print_json(report)
    if not report.ok:
        raise typer.Exit(TemplateError.exit_code)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the template, lower case.")],
    folder: Annotated[Path, typer.Option(help="Where to make it.")] = Path("templates"),
) -> None:
    """Write a small working template to start from."""
    from scientist.experiments.scaffold import new_template

    path = new_template(name, folder)
    console().print(f"wrote {path}; edit it, then: scientist templates check {path}")
    print(path)


def _tell(step: CheckStep) -> None:
    from rich.markup import escape

    mark = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "failed": "[red]✗[/]"}[step.status]
    out().print(f"{mark} {escape(step.name)}: {escape(step.message)}", soft_wrap=True)


def _ignore(step: CheckStep) -> None:
    """With --json the whole report is printed at the end."""


def _print(spec: TemplateSpec) -> None:
    from rich.markup import escape

    printer = out()
    printer.print(f"[bold]{spec.name}[/]  {escape(spec.title)}\n{escape(spec.summary)}\n{spec.path}", soft_wrap=True)
    for heading, lines in (
        ("factors", [f"{f.name}: {f.label}; levels {_list(f.levels)}; baseline {f.baseline}" for f in spec.factors]),
        ("metrics", [f"{m.name}: {m.label} ({m.goal}){' primary' if m.primary else ''}" for m in spec.metrics]),
        ("data sets", [f"{d.name}: {d.label}" for d in spec.datasets]),
        ("hypotheses", [f"{h.id}: {h.statement}" for h in spec.hypotheses]),
        ("presets", [f"{p.name}: {p.seeds} seeds, {p.seconds_per_run:g} s a run and data set" for p in spec.presets]),
    ):  # fmt: skip
        if lines:
            printer.print(f"\n[bold]{heading}[/]")
            for line in lines:
                printer.print(f"  {escape(line)}", soft_wrap=True)


def _list(values: tuple[object, ...]) -> str:
    return ", ".join(map(str, values))
