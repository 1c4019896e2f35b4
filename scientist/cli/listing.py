"""``scientist list`` and ``scientist show``: what has been run here, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scientist.cli.options import Experiments, Json, Papers
from scientist.cli.output import out, print_json, text_of

if TYPE_CHECKING:
    from scientist.workspace import RunFolder


def list_(experiments_dir: Experiments = None, papers_dir: Papers = None, as_json: Json = False) -> None:
    """List the runs in this folder."""
    from rich.markup import escape
    from rich.table import Table

    rows = [_row(folder) for folder in _folders(experiments_dir, papers_dir)]
    if as_json:
        print_json(rows)
        return
    table = Table("run", "topic", "template", "state", "score")
    for r in rows:
        table.add_row(
            r["run_id"], escape(r["topic"]), r["template"], r["state"], "" if r["score"] is None else f"{r['score']:g}"
        )
    out().print(table)


def show(
    run_id: Annotated[str, typer.Argument(help="A run's id, the beginning of it, or 'latest'.")] = "latest",
    experiments_dir: Experiments = None,
    papers_dir: Papers = None,
    tree: Annotated[
        bool, typer.Option("--tree", help="Show the tree of its search; with --json, all of each step.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="With --tree: write it as a page to this file.")] = None,
    calls: Annotated[bool, typer.Option("--calls", help="Show its model calls; with --json, all of each.")] = False,
    as_json: Json = False,
) -> None:
    """Show one run: its idea, plan, results, review and files; or its model calls, or the tree of its search."""
    from scientist.config import load_config
    from scientist.workspace import find_run

    config = load_config({"experiments_dir": text_of(experiments_dir), "papers_dir": text_of(papers_dir)})
    folder = find_run(Path(config.experiments_dir), Path(config.papers_dir).resolve(), run_id)
    if calls:
        _show_calls(folder.calls, as_json=as_json)
        return
    if tree or html is not None:
        from scientist.cli.tree import show_tree

        show_tree(folder, html, as_json=as_json)
        return
    record = _row(folder) | _details(folder)
    if as_json:
        print_json(record)
    else:
        _print_details(record)


def _show_calls(path: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from rich.table import Table

    from scientist.models.ledger import read_calls
    from scientist.models.summary import by_purpose, total

    calls = read_calls(path)
    if as_json:
        print_json([asdict(call) for call in calls])
        return
    if not calls:
        out().print("no model calls")
        return
    rows = by_purpose(calls)
    table = Table("purpose", "requests", "attempts", "mended", "faults", "in", "cached", "out", "seconds", "USD")
    for row in (*rows, total(rows)):
        if row.purpose == "total":
            table.add_section()
        mended = row.invalid + row.truncated + row.empty + row.refused
        numbers = (row.answered + row.unanswered, row.attempts, mended, row.faults, row.input_tokens)
        share = f"{row.cached_tokens / row.input_tokens:.0%}" if row.input_tokens else ""
        cost = "unknown" if row.usd is None else f"{row.usd:.4f}"
        table.add_row(row.purpose, *(f"{n:,}" for n in numbers), share, f"{row.output_tokens:,}",
                      f"{row.seconds:.1f}", cost)  # fmt: skip
    out().print(table)
    for model in total(rows).models:
        out().print(f"model  {model}", markup=False)
    unanswered = total(rows).unanswered
    if unanswered:
        out().print(f"{unanswered} of the requests got no usable reply")


def _folders(experiments_dir: Path | None, papers_dir: Path | None) -> list[RunFolder]:
    from scientist.config import load_config
    from scientist.workspace import list_runs, open_run

    config = load_config({"experiments_dir": text_of(experiments_dir), "papers_dir": text_of(papers_dir)})
    return [open_run(r, Path(config.papers_dir).resolve()) for r in list_runs(Path(config.experiments_dir))]


def _row(folder: RunFolder) -> dict[str, Any]:
    import tomllib

    from scientist.events import read_lines
    from scientist.workspace import chosen_template, read_json

    record = tomllib.loads(folder.config.read_text(encoding="utf-8"))
    decision = read_json(folder.decision) if folder.decision.exists() else None
    stages = [e["stage"] for e in read_lines(folder.events) if e["kind"] == "stage.started"]
    state = {"publish": "published", "stop": "not accepted"}[decision["action"]] if decision else "unfinished"
    return {
        "run_id": folder.run_id,
        "topic": record["topic"],
        "template": chosen_template(folder),
        "state": state if decision or not stages else f"unfinished ({stages[-1]})",
        "score": decision["score"] if decision else None,
        "paper": str(folder.papers / "paper.pdf") if decision else None,
    }


def _details(folder: RunFolder) -> dict[str, Any]:
    from scientist.api import stage_seconds
    from scientist.events import read_lines
    from scientist.workspace import read_json

    runs = {(e["condition"], e["seed"]): e for e in read_lines(folder.events) if e["kind"] == "run.finished"}
    details: dict[str, Any] = {
        "folder": str(folder.root),
        "stage_seconds": stage_seconds(folder),
        "runs": [{k: e.get(k) for k in ("condition", "seed", "status", "seconds")} for _, e in sorted(runs.items())],
    }
    for name, path in (("plan", folder.plan), ("decision", folder.decision)):
        details[name] = read_json(path) if path.exists() else None
    details["idea"] = read_json(folder.ideas)["chosen"] if folder.ideas.exists() else None
    details["claims"] = read_json(folder.evidence)["claims"] if folder.evidence.exists() else []
    return details


def _print_details(record: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    printer = out()
    printer.print(f"[bold]{record['run_id']}[/]  {record['state']}")
    printer.print(f"topic     {escape(record['topic'])}\ntemplate  {record['template']}\nfolder    {record['folder']}")
    if record["paper"]:
        printer.print(f"paper     {record['paper']}")
    if record["idea"]:
        printer.print(f"\n[bold]question[/]  {escape(record['idea']['question'])}")
        printer.print(f"hypothesis  {escape(record['idea']['hypothesis'])}")
    if record["claims"]:
        table = Table("contrast", "metric", "data", "verdict", "confirmatory")
        for c in record["claims"]:
            table.add_row(c["contrast"], c["metric"], c["dataset"], c["verdict"], "yes" if c["confirmatory"] else "no")
        printer.print(table)
    failed = [r for r in record["runs"] if r["status"] != "ok"]
    printer.print(f"runs      {len(record['runs']) - len(failed)} ok, {len(failed)} failed")
    for r in failed:
        printer.print(f"  {r['condition']} seed {r['seed']}: {r['status']}")
    if record["decision"]:
        printer.print(f"review    {record['decision']['score']:g}: {escape(record['decision']['reason'])}")
    else:
        printer.print(f"continue  scientist resume {record['run_id']}")
