"""openevolve on the work of the stub server: pip install openevolve==0.4.0 in an environment of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

from openevolve import OpenEvolve  # type: ignore[import-not-found]
from openevolve.config import Config  # type: ignore[import-not-found]

WORK = Path(__file__).parent / "work"

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--task")
    parser.add_argument("--n", type=int)
    parser.add_argument("--port", type=int)
    parser.add_argument("--out")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=30)
    a, _ = parser.parse_known_args()
    server = {"api_base": f"http://127.0.0.1:{a.port}/v1", "api_key": "x", "timeout": 60, "retries": 0}
    config = Config.from_dict(
        {
            "max_iterations": a.n, "checkpoint_interval": 10**9, "log_level": "WARNING", "random_seed": 42,
            "language": "python", "enforce_evolve_blocks": True, "llm": {**server, "primary_model": "stub"},
            "database": {"num_islands": 5, "log_prompts": False},
            "evaluator": {"cascade_evaluation": False, "parallel_evaluations": a.workers, "timeout": a.timeout,
                          "max_retries": 0},
        }
    )  # fmt: skip
    began = time.time()
    engine = OpenEvolve(
        initial_program_path=str(WORK / a.task / "initial.py"), evaluation_file=str(WORK / "evaluator.py"),
        config=config, output_dir=a.out,
    )  # fmt: skip
    best = asyncio.run(engine.run(iterations=a.n))
    figures = {"run_s": time.time() - began, "best": best.metrics.get("combined_score")}
    Path(a.out, "bench.json").write_text(json.dumps(figures))
