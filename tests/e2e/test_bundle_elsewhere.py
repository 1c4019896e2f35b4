"""A published run can be checked and run again by its bundle alone, in a folder that knows nothing of the first."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.e2e.conftest import Command


def test_a_published_run_is_verified_and_reproduced(scientist: Command, small_template: Path, tmp_path: Path) -> None:
    topic = "does the step size of gradient descent matter?"
    settings = ("--template", str(small_template), "--preset", "smoke", "--max-rounds", "0", "--json")
    done = scientist("run", topic, *settings, cwd=tmp_path)
    assert done.returncode in (0, 10), done.stderr
    papers = Path(json.loads(done.stdout)["paper"]).parent
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("paper.pdf", "bundle.zip"):
        shutil.move(papers / name, elsewhere / name)
    shutil.rmtree(tmp_path / "experiments")

    checked = scientist("verify", "paper.pdf", "--json", cwd=elsewhere)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["holds"]

    again = scientist("reproduce", "bundle.zip", "--json", cwd=elsewhere)
    assert again.returncode == 0, again.stdout[-2000:] + again.stderr
    report = json.loads(again.stdout)
    assert report["agreement"] == "identical"
    assert {q["agreement"] for q in report["compared"]["quantities"]} == {"identical"}
    assert {r["agreement"] for r in report["runs"]} == {"identical"}
