"""openevolve's contract: evaluate(path) -> metrics. BENCH_TASK names the task; each call is a line of EVAL_LOG."""

import importlib.util
import json
import os
import time
from pathlib import Path


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCORING = load(Path(__file__).parent / os.environ["BENCH_TASK"] / "scoring.py", "scoring")


def evaluate(program_path):
    try:
        score = SCORING.judge(load(program_path, "candidate").run())
    except Exception:
        score = 0.0
    with Path(os.environ["EVAL_LOG"]).open("a") as f:
        f.write(json.dumps({"t": time.time(), "s": score}) + "\n")
    return {"combined_score": score}
