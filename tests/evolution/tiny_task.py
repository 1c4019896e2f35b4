"""A task that takes no time: return a number near 7, on inputs that shift it."""

from __future__ import annotations

from pathlib import Path

TOML = """\
[task]
name = "tiny"
title = "A number near seven"
summary = "Return x so that x + shift is near 7 + shift."
goal = "max"
metric = "closeness"
entry = "program.py:run"
editable = ["program.py"]
[limits]
seconds = 5
memory_mb = 256
[[stages]]
name = "quick"
threshold = -100.0
[[stages]]
name = "full"
[known]
best = {value = 0.0, source = "by construction"}
"""
SCORER = """\
def inputs(stage, seed):
    return [{"shift": 100 if stage == "sealed" else i} for i in range(1 if stage == "quick" else 3)]


def score(stage, seed, calls):
    outputs = [c.output for c in calls]
    if not all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in outputs):
        raise ValueError("run() returns a number")
    closeness = -sum(abs(x - c.input["shift"] - 7) for x, c in zip(outputs, calls))
    return {"score": closeness, "metrics": {"closeness": closeness}, "artefacts": {"outputs": str(outputs)}}
"""
PROGRAM = """\
# EVOLVE-BLOCK-START
X = 2.0
# EVOLVE-BLOCK-END


def run(shift):
    return X + shift
"""


def write_task(folder: Path) -> Path:
    task = folder / "tiny"
    (task / "baselines").mkdir(parents=True)
    (task / "task.toml").write_text(TOML)
    (task / "scorer.py").write_text(SCORER)
    (task / "program.py").write_text(PROGRAM)
    (task / "baselines" / "seven.py").write_text(PROGRAM.replace("2.0", "7.0"))
    return task
