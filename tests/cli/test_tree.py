"""``scientist show --tree`` on an archive, without a run around it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scientist.cli.tree import show_tree
from scientist.errors import UsageError
from scientist.experiments.exploring import ARCHIVE
from scientist.search.archive import Archive
from scientist.search.candidate import Candidate
from scientist.search.step import Step
from scientist.workspace import RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "run-1", tmp_path / "papers")
    first, better = Candidate(files={"settings.json": "1\n"}), Candidate(files={"settings.json": "2\n"})
    facts = {"strategy": "greedy", "nodes": 5, "metric": "score"}
    with Archive(made.search / ARCHIVE, facts) as archive:
        archive.append(Step(0, "first", candidate=first.id, score=1.0), first)
        archive.append(Step(1, "improve", (0,), candidate=better.id, score=2.0, why="[red]level[/] up"), better)
        archive.append(Step(2, "improve", (1,), status="refused", reason="no"), None)
    return made


def test_the_tree_is_printed_with_its_best_path(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    show_tree(folder, None, as_json=False)
    printed = capsys.readouterr().out
    assert "greedy, 3 of 5 steps" in printed and "best path: 0 > 1" in printed
    assert "* 1 improve 2 ok [red]level[/] up" in printed and "2 improve  refused no" in printed


def test_the_tree_as_data_and_as_a_page(folder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_tree(folder, None, as_json=True)
    value = json.loads(capsys.readouterr().out)
    assert value["best"] == [0, 1] and [s["status"] for s in value["steps"]] == ["ok", "ok", "refused"]
    show_tree(folder, tmp_path / "page.html", as_json=False)
    assert (tmp_path / "page.html").read_text().count("<article") == 3


def test_a_run_without_a_search_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="made no search"):
        show_tree(RunFolder(tmp_path / "run-2", tmp_path / "papers"), None, as_json=False)
