"""A run that searches first: killed in its search it resumes to the same archive and paper; its bundle reproduces."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from scientist.events import read_lines
from tests.e2e.conftest import Command

TOPIC = "does averaging the iterates lower the test error?"
ARGUMENTS = tuple("--preset smoke --seeds 2 --min-score 1 --strategy best_first --nodes 8 --json".split())


def test_a_searched_run_is_durable_and_reproducible(
    tmp_path: Path, scientist: Command, environment: dict[str, str], small_template: Path
) -> None:
    arguments = ("run", TOPIC, "--template", str(small_template), *ARGUMENTS)
    (tmp_path / "whole").mkdir()
    done = scientist(*arguments, cwd=tmp_path / "whole")
    assert done.returncode == 0, done.stderr
    whole = Path(json.loads(done.stdout)["folder"])
    _killed_in_the_search(tmp_path / "killed", arguments, environment)
    resumed = scientist("resume", "latest", "--json", cwd=tmp_path / "killed")
    assert resumed.returncode == 0, resumed.stderr
    other = Path(json.loads(resumed.stdout)["folder"])
    for name in ("search/archive.sqlite", "search/search.json", "plan.json", "manuscript/main.tex"):
        assert (whole / name).read_bytes() == (other / name).read_bytes(), name
    found = json.loads((whole / "search" / "search.json").read_text())
    assert found["found_id"] == json.loads((whole / "plan.json").read_text())["idea_id"]
    ledger = {q["id"]: q for q in json.loads((whole / "evidence.json").read_text())["quantities"]}
    assert ledger["search.nodes"]["value"] == 8 and ledger["search.nodes"]["sources"] == ["search/search.json#/nodes"]
    tree = json.loads(scientist("show", "latest", "--tree", "--json", cwd=tmp_path / "whole").stdout)
    assert len(tree["steps"]) == 8 and tree["best"][0] == 0
    page = tmp_path / "tree.html"
    assert scientist("show", "latest", "--html", str(page), cwd=tmp_path / "whole").returncode == 0
    assert page.read_text().count("<article") == 8
    bundle = Path(json.loads(done.stdout)["paper"]).with_name("bundle.zip")
    again = scientist("reproduce", str(bundle), "--folder", str(tmp_path / "again"), "--quick", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr


def _killed_in_the_search(folder: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    """Start a run and kill it when three steps of its search are done."""
    folder.mkdir()
    command = [sys.executable, "-m", "scientist.cli.main", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        logs = list((folder / "experiments").glob("*/events.jsonl"))
        if logs and sum(e["kind"] == "search.step" for e in read_lines(logs[0])) >= 3:
            break
        time.sleep(0.01)
    assert process.poll() is None, "the run ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
