"""``scientist bundle``, ``verify`` and ``reproduce``: hand a study on, check a paper, and run its experiments again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scientist.cli.options import Experiments, Json, Papers
from scientist.cli.output import console, out, print_json, text_of
from scientist.errors import UsageError

if TYPE_CHECKING:
    from scientist.bundle.reproduce import Reproduction

ALTERED = 8
DOES_NOT_STAND = 11


def bundle(
    run_id: Annotated[str, typer.Argument(help="A run's id, the beginning of it, or 'latest'.")] = "latest",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The zip to write.  [default: beside the paper]")
    ] = None,
    licence: Annotated[
        Path | None, typer.Option(help="Licence file to put in.  [default: that of the template's code]")
    ] = None,
    experiments_dir: Experiments = None,
    papers_dir: Papers = None,
    as_json: Json = False,
) -> None:
    """Write the bundle of a finished run: code, configuration, raw results, evidence, plan, environment.

    A run writes it when it publishes its paper; the same run gives the same bytes.
    """
    from scientist.config import load_config
    from scientist.experiments.template import resolve_template
    from scientist.graph.publish import publish_bundle
    from scientist.workspace import find_run, read_json

    if licence is not None and not licence.is_file():
        raise UsageError(f"there is no licence file {licence}", "give the path of a text file")
    config = load_config({"experiments_dir": text_of(experiments_dir), "papers_dir": text_of(papers_dir)})
    folder = find_run(Path(config.experiments_dir), Path(config.papers_dir).resolve(), run_id)
    if not folder.choice.exists():
        raise UsageError(f"run {folder.run_id} has published no paper", f"finish it: scientist resume {folder.root}")
    spec = resolve_template(read_json(folder.choice)["template_path"])
    made = publish_bundle(folder, spec, out=output, licence=licence)
    if as_json:
        print_json(made)
        return
    for name in made.naming_folders:
        console().print(f"[yellow]note:[/] {name} names a folder of this machine; it is evidence and kept as it is")
    console().print(f"{made.files} files, {made.bytes / 1e6:.1f} MB, sha256 {made.sha256}", soft_wrap=True)
    print(made.path)


def verify(
    paper: Annotated[Path, typer.Argument(help="A PDF that scientist published.")],
    bundle: Annotated[
        Path | None, typer.Option(help="Its bundle, zip or unpacked.  [default: bundle.zip beside the PDF]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that a paper, the evidence inside its PDF and its bundle belong together and were not altered.

    Nothing is run again. Exits with 8 if anything does not hold.
    """
    from rich.markup import escape

    from scientist.graph.reproduction import verify as check

    beside = paper.parent / "bundle.zip"
    place = bundle or (beside if beside.is_file() else None)
    checks = check(paper, place)
    holds = all(c.holds for c in checks)
    if as_json:
        print_json({"holds": holds, "bundle": text_of(place), "checks": list(checks)})
    else:
        for c in checks:
            mark = "[green]✓[/]" if c.holds else "[bold red]✗[/]"
            out().print(f"{mark} {escape(c.name)}: {escape(c.found)}", soft_wrap=True)
        if place is None:
            console().print("without its bundle, the numbers were not traced to raw results: give --bundle")
        console().print("The paper holds." if holds else "[bold red]The paper does not hold.[/]")
    if not holds:
        sys.exit(ALTERED)


def reproduce(
    bundle: Annotated[Path, typer.Argument(help="A bundle.zip, or the folder that it was unpacked to.")],
    quick: Annotated[bool, typer.Option("--quick", help="Run one seed of each condition only.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where to run.  [default: reproduced-NAME-OF-THE-RUN here]")
    ] = None,
    fresh_env: Annotated[
        bool,
        typer.Option(
            "--fresh-env", help="Run in a new virtual environment with the recorded versions (pip installs them)."
        ),
    ] = False,
    workers: Annotated[int, typer.Option(min=0, help="Runs at the same time; 0 means one per core.")] = 0,
    sandbox: Annotated[str | None, typer.Option(help="Sandbox level to insist on.")] = None,
    allow_unsandboxed: Annotated[
        bool, typer.Option("--allow-unsandboxed", help="Run without a sandbox if none works.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Print every quantity, not only those that matter.")] = False,
    as_json: Json = False,
) -> None:
    """Run the experiments of a bundle again and compare each quantity with the published one.

    Exits with 0 if the paper stands, 11 if it does not, 8 if a file of the bundle was altered.
    """
    from scientist.bundle.archive import open_bundle
    from scientist.bundle.reproduce import verdict
    from scientist.bundle.verify import read_study
    from scientist.graph.reproduction import reproduce as again

    with open_bundle(bundle) as opened:
        opened.require_intact()
        place = folder or Path(f"reproduced-{read_study(opened).run_id}")
        pins = opened.read("requirements.txt").decode()
    if fresh_env:
        sys.exit(_in_fresh_environment(place, pins, bundle))
    report = again(
        bundle, place, quick=quick, workers=workers, sandbox=sandbox, allow_unsandboxed=allow_unsandboxed,
        listener=_tell,
    )  # fmt: skip
    if as_json:
        print_json({"stands": report.stands, "agreement": report.agreement.value, **report.model_dump(mode="json")})
    else:
        _print(report, every=every)
        colour = "green" if report.stands else "bold red"
        console().print(f"[{colour}]{verdict(report)}[/]", soft_wrap=True)
        print(place / "reproduction.md")
    if not report.stands:
        sys.exit(DOES_NOT_STAND)


def _in_fresh_environment(place: Path, pins: str, bundle: Path) -> int:
    """Run the same command in a virtual environment of the recorded versions; its exit code."""
    import subprocess

    from scientist.bundle.environment import fresh_python

    console().print("making a virtual environment with the recorded versions; this may take some minutes")
    python = fresh_python(place.with_name(f"{place.name}-env").absolute(), pins)
    rest = [a for a in sys.argv[1:] if a != "--fresh-env"]
    if "--folder" not in " ".join(rest):
        rest += ["--folder", str(place)]
    return subprocess.run([str(python), "-m", "scientist.cli.main", *rest], check=False).returncode


def _tell(event: dict[str, Any]) -> None:
    if event["kind"] == "run.finished":
        what = f"{event['condition']} seed {event['seed']}"
        console().print(f"  {event['done']}/{event['total']} {what} {event['status']} {event['seconds']:.1f} s")


def _print(report: Reproduction, *, every: bool) -> None:
    """The table: claims, then estimates and whatever is not identical (``every``: all), then times apart."""
    from rich.markup import escape
    from rich.table import Table

    from scientist.bundle.compare import Agreement
    from scientist.bundle.reproduce import told

    colours = {Agreement.IDENTICAL: "green", Agreement.WITHIN: "yellow", Agreement.DIFFERENT: "bold red"}
    if report.environment:
        table = Table("environment", "published", "here")
        for d in report.environment:
            table.add_row(d.what, escape(d.published) or "(absent)", escape(d.here) or "(absent)")
        out().print(table)
    table = Table("claim", "published", "reproduced", "verdict")
    for c in report.compared.claims:
        verdict = f"[{colours[c.agreement]}]{c.agreement.value}[/]"
        table.add_row(escape(c.statement), c.published or "withheld", c.reproduced or "(absent)", verdict)
    if report.compared.claims:
        out().print(table)
    rows = [r for r in report.compared.quantities if every or r.agreement is not Agreement.IDENTICAL
            or r.id.startswith(("mean.", "effect.", "padj.", "p."))]  # fmt: skip
    table = Table("quantity", "published", "reproduced", "verdict")
    for r in rows:
        table.add_row(
            escape(r.label), escape(r.published), escape(r.reproduced), f"[{colours[r.agreement]}]{escape(told(r))}[/]"
        )
    out().print(table)
    if left := len(report.compared.quantities) - len(rows):
        out().print(f"and {left} more, identical (settings, counts, spreads); --all prints them")
    table = Table("times and memory, which no two runs share", "published", "reproduced")
    for m in report.compared.volatile:
        table.add_row(escape(m.label), escape(m.published), escape(m.reproduced))
    out().print(table)
