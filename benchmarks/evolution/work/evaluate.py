"""ShinkaEvolve's contract: a script that leaves metrics.json and correct.json in --results_dir."""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from evaluator import evaluate

parser = argparse.ArgumentParser()
parser.add_argument("--program_path")
parser.add_argument("--results_dir")
arguments, _ = parser.parse_known_args()
metrics = evaluate(arguments.program_path)
results = Path(arguments.results_dir)
results.mkdir(parents=True, exist_ok=True)
(results / "correct.json").write_text(json.dumps({"correct": metrics["combined_score"] > 0, "error": None}))
(results / "metrics.json").write_text(json.dumps({**metrics, "public": {}, "private": {}}))
