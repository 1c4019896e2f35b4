"""How long a paper takes beside its experiments and its typesetting: total wall time over the sum of those two.

    python benchmarks/overhead.py [--preset cpu] [--topic "does weight decay speed up grokking?"]

Runs the main job in a temporary folder as a user would (a new process, imports included) and prints one line of JSON.
Target: at most 1.15. Exit status 1 above it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = 1.15


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--preset", default="cpu")
    parser.add_argument("--topic", default="does weight decay speed up grokking?")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [sys.executable, "-m", "scientist.cli.main", "run", args.topic, "--preset", args.preset, "--json"]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
        total = time.monotonic() - began
        if done.returncode not in (0, 10):
            return done.returncode
        outcome = json.loads(done.stdout)
        events = [json.loads(line) for line in (Path(outcome["folder"]) / "events.jsonl").read_text().splitlines()]
    typesetting = sum(e["seconds"] for e in events if e["kind"] == "draft.typeset")
    experiments = outcome["stage_seconds"]["experiment"]
    ratio = total / (experiments + typesetting)
    figures = {
        "total_s": round(total, 1),
        "experiments_s": round(experiments, 1),
        "typesetting_s": round(typesetting, 1),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "stage_s": outcome["stage_seconds"],
    }
    print(json.dumps(figures))
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
