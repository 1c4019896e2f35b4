"""``scientist show --tree``: the search of a run as a tree in the terminal, as JSON, or as a page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scientist.cli.output import out, print_json

if TYPE_CHECKING:
    from scientist.search.step import Step
    from scientist.workspace import RunFolder

MARKS = {"ok": "green", "duplicate": "dim", "refused": "dim", "screened": "dim"}


def show_tree(folder: RunFolder, html: Path | None, *, as_json: bool) -> None:
    """Print the tree of the run's search, or write its page. Raises UsageError for a run without a search."""
    from scientist.errors import UsageError
    from scientist.experiments.exploring import ARCHIVE, read_explored
    from scientist.search.archive import read_archive

    path = folder.search / ARCHIVE
    if not path.is_file():
        raise UsageError(f"run {folder.run_id} made no search", "scientist run ... --strategy best_first makes one")
    facts, steps = read_archive(path)
    ended = read_explored(folder)
    winner = ended.best.node if ended is not None else None
    if html is not None:
        _write_page(folder, facts, steps, winner, html)
        return
    if as_json:
        print_json(_plain(facts, steps, winner))
    else:
        _print(folder, facts, steps, winner)


def _plain(facts: dict[str, Any], steps: list[Step], winner: int | None) -> dict[str, Any]:
    from dataclasses import asdict

    from scientist.search.page import best_path

    return {"facts": facts, "best": list(best_path(steps, winner)), "steps": [asdict(s) for s in steps]}


def _print(folder: RunFolder, facts: dict[str, Any], steps: list[Step], winner: int | None) -> None:
    from rich.tree import Tree

    from scientist.search.page import best_path

    best = best_path(steps, winner)
    made: dict[int, Tree] = {}
    root = Tree(f"[bold]{folder.run_id}[/]  {facts['strategy']}, {len(steps)} of {facts['nodes']} steps")
    for step in steps:
        above = made[step.parents[0]] if step.parents else root
        made[step.number] = above.add(_line(step, step.number in best))
    out().print(root)
    if best:
        out().print(f"best path: {' > '.join(map(str, best))}")


def _line(step: Step, best: bool) -> str:
    from rich.markup import escape

    score = f"{step.score:.6g}" if step.score is not None else ""
    state = f"[{MARKS.get(step.status, 'red')}]{step.status}[/]"
    mark = "[bold yellow]*[/] " if best else ""
    return f"{mark}{step.number} {step.operator} {score} {state} [dim]{escape(step.why or step.reason)}[/]"


def _write_page(folder: RunFolder, facts: dict[str, Any], steps: list[Step], winner: int | None, html: Path) -> None:
    from scientist.experiments.exploring import ARCHIVE
    from scientist.search.archive import read_files
    from scientist.search.page import page
    from scientist.workspace import disk_errors, write_text

    about = {"score": f"the pilot runs' {facts['metric']}, oriented so that larger is better (validation data)"}
    files, title = partial(read_files, folder.search / ARCHIVE), f"Search of run {folder.run_id}"
    text = page(facts, steps, files, title=title, about=about, winner=winner)
    with disk_errors("writing the page", html):
        write_text(html, text)
    print(html)
