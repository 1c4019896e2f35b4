"""The ways through the graph that a good first draft does not take, and folders of the published contract."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.conftest import Command

V1 = """
import argparse, json, os, random
p = argparse.ArgumentParser(); p.add_argument("--out_dir"); a = p.parse_args()
os.makedirs(a.out_dir)
means = {"val_acc": 0.9, "final_train_loss": 1 + random.random() / 100}
with open(os.path.join(a.out_dir, "final_info.json"), "w") as f:
    json.dump({"toy": {"means": means, "stderrs": {"val_acc": 0.01}}}, f)
"""


def test_a_draft_below_the_gate_gets_more_seeds_then_stops_with_its_verdict(
    tmp_path: Path, scientist: Command, small_template: Path
) -> None:
    """A topic with markup in it, a papers folder of its own, and a gate that nothing can pass."""
    topic = r"does step size matter? [/b] \x{y} $"
    arguments = ("--preset", "smoke", "--seeds", "3", "--min-score", "10", "--papers-dir", "elsewhere", "--json")
    done = scientist("run", topic, "--template", str(small_template), *arguments, cwd=tmp_path)
    assert done.returncode == 10, done.stderr
    outcome = json.loads(done.stdout)
    assert (outcome["decision"], outcome["rounds"]) == ("stop", 3)
    folder = Path(outcome["folder"])
    amendment = json.loads((folder / "amendments.json").read_text())[0]
    plan = json.loads((folder / "plan.json").read_text())
    assert amendment["seeds"] == plan["extension_seeds"]
    runs = {p.name for p in (folder / "nodes" / plan["conditions"][0]["id"]).glob("seed_*")}
    assert runs == {f"seed_{s}" for s in (*plan["seeds"], *plan["extension_seeds"])}
    assert Path(outcome["paper"]).parent.parent == tmp_path / "elsewhere"
    assert "Did not pass the gate" in (Path(outcome["paper"]).parent / "review.md").read_text()
    again = scientist("resume", "latest", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["paper"] == outcome["paper"]
    assert scientist("list", cwd=tmp_path).returncode == 0


def test_a_folder_of_the_published_contract_runs_unmodified(tmp_path: Path, scientist: Command) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "experiment.py").write_text(V1)
    arguments = ("--template", "toy", "--min-score", "1", "--json")
    done = scientist("run", "how repeatable is it?", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["runs_ok"] == 3
    evidence = json.loads((Path(outcome["folder"]) / "evidence.json").read_text())
    assert {q["metric"] for q in evidence["quantities"] if q["kind"] == "mean"} == {"val_acc", "final_train_loss"}
