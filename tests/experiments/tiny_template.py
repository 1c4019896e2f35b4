"""A template of a few lines for tests, whose runs do what its settings say: finish, crash, hang, cheat."""

from __future__ import annotations

import sys
from pathlib import Path

from scientist.events import EventLog
from scientist.execution.local import LocalExecutor
from scientist.experiments.stage import run_experiments
from scientist.experiments.template import load_template, template_hash
from scientist.sandbox import SANDBOXES
from scientist.types import Condition, Contrast, IdeaKind, Plan, RunResult, TemplateSpec
from scientist.workspace import RunFolder

TOML = """
[template]
title = "Tiny"
summary = "A number that depends on a level and a seed."
keywords = ["tiny"]
memory_mb = 256

[metrics.score]
goal = "max"
label = "score"
primary = true
sesoi = 0.1

[factors.level]
type = "int"
levels = [1, 2, 3]
baseline = 1
label = "level"

[factors.behaviour]
type = "categorical"
levels = ["fine", "crash", "hang", "nan", "silent", "cheat", "reconfigure", "link", "broken", "lacks", "text"]
baseline = "fine"
label = "behaviour"

[datasets.one]
label = "one"

[datasets.two]
label = "two"

[[hypotheses]]
id = "h1"
statement = "A higher level raises the score."
factor = "level"
control = 1
treatment = 3
metric = "score"
direction = "increase"
because = "the score is defined so"

[presets.smoke]
seeds = 2
seconds_per_run = 5.0
settings = { pause = 0.0 }

[presets.cpu]
seeds = 3
seconds_per_run = 5.0
settings = { pause = 0.0 }
"""

HARNESS = """
def score(level, seed):
    return level + seed / 10
"""

EXPERIMENT = """
import argparse, json, os, sys, time
p = argparse.ArgumentParser()
p.add_argument("--out_dir"); p.add_argument("--config"); p.add_argument("--seed", type=int)
a = p.parse_args()
c = json.load(open(a.config))
b = c["behaviour"]
if b == "cheat":
    open("harness.py", "w").write("def score(level, seed): return 1000.0")
if b == "reconfigure":
    json.dump({**c, "level": 3}, open("config.json", "w"))
from harness import score
print("level", c["level"], "phase", c["phase"], "device", c["device"])
time.sleep(c["pause"])
if b == "crash":
    sys.exit("this run was told to crash")
if b == "hang":
    time.sleep(600)
if b == "silent":
    sys.exit(0)
os.makedirs(a.out_dir)
value = float("nan") if b == "nan" else "high" if b == "text" else score(c["level"], a.seed)
info = {d: {"means": {"score": value}} for d in c["datasets"]}
if b == "lacks":
    del info["two"]
name = os.path.join(a.out_dir, "final_info.json")
if b == "link":
    json.dump(info, open("elsewhere.json", "w"))
    os.symlink(os.path.abspath("elsewhere.json"), name)
else:
    open(name, "w").write("{" if b == "broken" else json.dumps(info))
os.makedirs(a.out_dir + "/more"); open(a.out_dir + "/more/notes.txt", "w").write("kept")
os.symlink("/etc/hostname", a.out_dir + "/more/hostname")
"""

V1_EXPERIMENT = """
import argparse, json, os
p = argparse.ArgumentParser(); p.add_argument("--out_dir", type=str, default="run_0")
a = p.parse_args()
os.makedirs(a.out_dir, exist_ok=True)
info = {"Shakespeare": {"means": {"final_loss_mean": 3, "note": "good"}, "stderrs": {"final_loss_stderr": 0.5},
                        "final_info_dict": {"final_loss": [3, 3]}, "losses": [1, 2]}}
json.dump(info, open(os.path.join(a.out_dir, "final_info.json"), "w"))
"""


def write_template(folder: Path, *, toml: str = TOML) -> TemplateSpec:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("template.toml", toml), ("harness.py", HARNESS), ("experiment.py", EXPERIMENT)):
        (folder / name).write_text(text)
    return load_template(folder)


def executor(workers: int = 2) -> LocalExecutor:
    """Without a sandbox: what a run may touch is not what these tests are about."""
    return LocalExecutor(SANDBOXES.load("none")(), workers, cores=workers, gpus=())


def make_plan(
    spec: TemplateSpec,
    settings: list[dict[str, int | str]],
    *,
    seeds: int = 2,
    pause: float = 0.0,
    timeout_s: float = 60,
) -> Plan:
    conditions = tuple(
        Condition(id=f"c{i}", label=f"condition {i}", settings=s, baseline=i == 0) for i, s in enumerate(settings)
    )
    return Plan(
        idea_id="idea",
        kind=IdeaKind.MAIN_EFFECT,
        template=spec.name,
        template_hash=template_hash(Path(spec.path)),
        preset="cpu",
        question="?",
        hypothesis="h",
        settings={"pause": pause} if spec.contract == "scientist" else {},
        conditions=conditions,
        datasets=("one", "two") if spec.contract == "scientist" else (),
        seeds=tuple(range(1, seeds + 1)),
        metric="score",
        metrics=("score",),
        contrasts=(
            Contrast(id="k", label="k", weights={}, metric="score", dataset="one", direction="increase"),
        ),
        test="none",
        alpha=0.05,
        looks=1,
        sesoi=0.1,
        stopping_rule="none",
        timeout_s=timeout_s,
        estimated_minutes=1.0,
    )  # fmt: skip


def run_folder(root: Path) -> RunFolder:
    folder = RunFolder(root / "experiments" / "run-1", root / "papers")
    folder.root.mkdir(parents=True, exist_ok=True)
    return folder


def run(plan: Plan, spec: TemplateSpec, folder: RunFolder, *, workers: int = 2) -> tuple[RunResult, ...]:
    return run_experiments(
        plan=plan,
        seeds=plan.seeds,
        spec=spec,
        folder=folder,
        executor=executor(workers),
        events=EventLog(folder.events),
    )


if __name__ == "__main__":  # the process that the durability test kills
    root = Path(sys.argv[1])
    tiny = load_template(root / "tiny")
    durable = make_plan(tiny, [{"level": 1}, {"level": 2}, {"level": 3}], pause=0.1)
    run(durable, tiny, run_folder(root), workers=1)
