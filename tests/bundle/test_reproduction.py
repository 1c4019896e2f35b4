"""Running a bundle again: identical where it is honest, refused where it was altered, and exit codes that say so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scientist.bundle.compare import Agreement
from scientist.bundle.reproduce import Reproduction, verdict
from scientist.errors import BundleError, UsageError
from scientist.graph.reproduction import reproduce
from scientist.workspace import read_json
from tests.bundle.study import PublishedStudy
from tests.bundle.test_bundle_archive import rewrite


def again(bundle: Path, folder: Path, *, quick: bool = False) -> Reproduction:
    return reproduce(bundle, folder, quick=quick, sandbox="none", allow_unsandboxed=True, workers=2)


def command(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "scientist.cli.main", *map(str, args)]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


UNCONFINED = ("--sandbox", "none", "--allow-unsandboxed")


def test_every_deterministic_quantity_is_identical(study: PublishedStudy, tmp_path: Path) -> None:
    report = again(study.bundle, tmp_path / "again")
    assert report.stands
    assert report.agreement is Agreement.IDENTICAL
    assert {r.agreement for r in report.compared.quantities} == {Agreement.IDENTICAL}
    assert len(report.compared.quantities) > 20
    assert len(report.runs) == 6
    assert {m.id for m in report.compared.volatile} == {"time.total", "time.run", "rss.peak"}
    assert Reproduction.model_validate(read_json(tmp_path / "again" / "reproduction.json")) == report
    text = (tmp_path / "again" / "reproduction.md").read_text()
    assert verdict(report) in text and "mean.c1.one.score" in text


def test_quick_runs_one_seed_of_each_condition(study: PublishedStudy, tmp_path: Path) -> None:
    report = again(study.bundle, tmp_path / "again", quick=True)
    assert [(r.condition, r.seed) for r in report.runs] == [("c0", 1), ("c1", 1)]
    assert report.agreement is Agreement.IDENTICAL
    assert "1 of 3 seeds; the other results are the published ones" in verdict(report)
    whole = again(study.bundle, tmp_path / "again")  # goes on in the same folder
    assert len(whole.runs) == 6


def test_a_change_of_code_is_run_again(study: PublishedStudy, tmp_path: Path) -> None:
    changed = PublishedStudy(tmp_path / "changed", changes_code=True)
    changed.publish()
    assert changed.evidence().quantity("mean.c1.one.score") != study.evidence().quantity("mean.c1.one.score")
    report = again(changed.bundle, tmp_path / "again")
    assert report.agreement is Agreement.IDENTICAL
    assert {r.agreement for r in report.runs} == {Agreement.IDENTICAL}


def test_a_result_that_no_run_gives_is_found(tmp_path: Path) -> None:
    study = PublishedStudy(tmp_path / "forged")
    study.forge_result("c1", 2, 9.0)
    study.publish()
    report = again(study.bundle, tmp_path / "again")
    assert not report.stands
    assert report.recomputed.agreement is Agreement.IDENTICAL
    forged = next(r for r in report.runs if (r.condition, r.seed) == ("c1", 2))
    assert (forged.identical, forged.values, forged.agreement) == (1, 2, Agreement.WITHIN)
    different = {r.id for r in report.compared.quantities if r.agreement is Agreement.DIFFERENT}
    assert "sd.c1.one.score" in different
    assert "DOES NOT STAND" in verdict(report)
    done = command("reproduce", study.bundle, "--folder", "out", *UNCONFINED, cwd=tmp_path)
    assert done.returncode == 11, done.stderr
    assert "DOES NOT STAND" in done.stderr


def test_evidence_that_does_not_follow_is_found(tmp_path: Path) -> None:
    study = PublishedStudy(tmp_path / "forged")
    evidence = study.evidence()
    better = evidence.quantity("effect.main").model_copy(update={"value": 5.0, "low": 4.0, "high": 6.0})
    study.publish(
        evidence.model_copy(
            update={"quantities": tuple(better if q.id == better.id else q for q in evidence.quantities)}
        )
    )
    report = again(study.bundle, tmp_path / "again", quick=True)
    assert report.recomputed.agreement is Agreement.DIFFERENT
    assert "does not follow from its own raw results" in verdict(report)


def test_an_altered_bundle_is_not_run(study: PublishedStudy, tmp_path: Path) -> None:
    name = "nodes/c1/code/experiment.py"
    tampered = rewrite(study.bundle, tmp_path / "b.zip", {name: b"raise SystemExit"})
    with pytest.raises(BundleError, match=f"{name}: altered"):
        again(tampered, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    done = command("reproduce", tampered, *UNCONFINED, cwd=tmp_path)
    assert done.returncode == 8
    assert f"{name}: altered" in done.stderr


def test_a_folder_in_use_is_left_alone(study: PublishedStudy, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(UsageError, match="in use for something else"):
        again(study.bundle, tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_the_commands_say_what_they_found(study: PublishedStudy, tmp_path: Path) -> None:
    done = command("reproduce", study.bundle, "--quick", "--json", *UNCONFINED, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["stands"] and report["agreement"] == "identical"
    assert (tmp_path / "reproduced-run-1" / "reproduction.md").is_file()
    done = command("verify", study.paper, cwd=tmp_path)  # the bundle beside it is found
    assert done.returncode == 0, done.stderr
    assert "the evidence follows from the raw results" in done.stdout
    made = command("bundle", study.folder.root, "--papers-dir", study.folder.papers.parent, "-o", "b.zip", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "b.zip").read_bytes() == study.bundle.read_bytes()
    damaged = rewrite(study.bundle, tmp_path / "c.zip", {"plan.json": b"{}"})
    done = command("verify", study.paper, "--bundle", damaged, cwd=tmp_path)
    assert done.returncode == 8
    assert "plan.json: altered" in done.stdout
