"""ShinkaEvolve on the work of the stub server: pip install shinka-evolve==0.0.7 in an environment of its own."""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from pathlib import Path

os.environ.setdefault("SHINKA_PRICING_MODE", "offline")
os.environ.setdefault("LOCAL_OPENAI_API_KEY", "x")

from shinka.core import EvolutionConfig, ShinkaEvolveRunner  # type: ignore[import-not-found]
from shinka.database import DatabaseConfig  # type: ignore[import-not-found]
from shinka.launch import LocalJobConfig  # type: ignore[import-not-found]

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
    random.seed(42)
    began = time.time()
    evolution = EvolutionConfig(
        num_generations=a.n + 1, patch_types=["diff"], patch_type_probs=[1.0],
        llm_models=[f"local/stub@http://127.0.0.1:{a.port}/v1"], llm_dynamic_selection=None,
        llm_kwargs={"temperatures": [0.0], "max_tokens": 4096}, meta_rec_interval=None, embedding_model=None,
        init_program_path=str(WORK / a.task / "initial.py"), results_dir=a.out, max_patch_resamples=1,
        max_patch_attempts=1,
    )  # fmt: skip
    ShinkaEvolveRunner(
        evo_config=evolution,
        job_config=LocalJobConfig(eval_program_path=str(WORK / "evaluate.py"), time=f"00:00:{a.timeout:02d}"),
        db_config=DatabaseConfig(num_islands=2), max_evaluation_jobs=a.workers, max_proposal_jobs=a.workers,
        max_db_workers=1, verbose=False,
    ).run()  # fmt: skip
    Path(a.out, "bench.json").write_text(json.dumps({"run_s": time.time() - began}))
