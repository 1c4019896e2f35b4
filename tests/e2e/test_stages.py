"""Leaving a run, entering one with its results, and writing its paper again in another style."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pypdf import PdfReader

from tests.e2e.conftest import Command


def test_a_run_is_left_resumed_written_again_and_its_results_brought_to_another(
    tmp_path: Path, scientist: Command, small_template: Path
) -> None:
    arguments = ("--template", str(small_template), "--preset", "smoke", "--min-score", "1", "--json")
    left = scientist("run", "does step size matter?", *arguments, "--until", "design", cwd=tmp_path)
    assert left.returncode == 5 and "after the stage design" in left.stderr
    (folder,) = (tmp_path / "experiments").iterdir()
    assert (folder / "plan.json").exists() and not (folder / "nodes").exists()
    done = scientist("resume", "latest", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    paper = Path(json.loads(done.stdout)["paper"])
    published = paper.read_bytes()

    again = scientist("write", "latest", "--venue", "preprint2", "--anonymous", "--json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    made = json.loads(again.stdout)
    assert (made["layout"]["venue"], made["layout"]["anonymous"], made["text"]) == ("preprint2", True, "kept")
    assert paper.read_bytes() == published
    assert folder.name.encode() not in Path(made["paper"]).read_bytes()
    metadata = PdfReader(made["paper"]).metadata
    assert metadata is not None and (metadata.author, metadata.title[:4]) == ("Anonymous", "Does")
    assert scientist("verify", made["paper"], cwd=tmp_path).returncode == 0
    assert scientist("write", "latest", "-o", str(paper.parent), cwd=tmp_path).returncode == 2

    results = _only_results(folder / "nodes", tmp_path / "results")
    plan = str(folder / "plan.json")
    arguments = ("--from", plan, "--template", str(small_template), "--results", str(results), "--min-score", "1")
    brought = scientist("run", *arguments, "--json", cwd=tmp_path)
    assert brought.returncode == 0, brought.stderr
    outcome = json.loads(brought.stdout)
    record = json.loads(next(Path(outcome["folder"]).glob("nodes/*/seed_*/run.json")).read_text())
    assert (record["brought"], record["sandbox"]) == (True, "not run here")
    source = (Path(outcome["folder"]) / "manuscript" / "main.tex").read_text()
    assert "given to us and not run by us" in source and "did not run and cannot vouch for" in source
    assert "pre-registered" not in source and "sandbox of its own" not in source
    bundle = str(Path(outcome["paper"]).with_name("bundle.zip"))
    assert scientist("verify", outcome["paper"], "--bundle", bundle, cwd=tmp_path).returncode == 0


def _only_results(nodes: Path, place: Path) -> Path:
    for file in nodes.glob("*/seed_*/final_info.json"):
        target = place / file.relative_to(nodes)
        target.parent.mkdir(parents=True)
        shutil.copyfile(file, target)
    return place
