"""What the first program and the base lines of each task score: python benchmarks/evolution/baselines.py [TASK ...]

No sandbox and no search: the entry is called in this process, once per input, then the task's scorer judges what came
back. One line of a Markdown table a program and stage, with the processor time of the calls and of the scoring, without
that of child processes such as a compiler.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace

TASKS = Path(__file__).parents[2] / "tasks"
SEED = 0


def main(names: list[str]) -> None:
    print("| task | program | stage | metric | value | calls, CPU s | scoring, CPU s |\n|---|---|---|---|---|---|---|")
    for folder in (
        sorted(TASKS / name for name in names) if names else sorted(p.parent for p in TASKS.glob("*/task.toml"))
    ):
        spec = tomllib.loads((folder / "task.toml").read_text())
        scorer = load(folder / "scorer.py")
        programs = [folder / "program.py", *sorted((folder / "baselines").glob("*.py"))]
        for program in programs:
            for stage in [*(s["name"] for s in spec["stages"]), "sealed"]:
                print(row(spec["task"], scorer, program, stage), flush=True)


def row(task: dict, scorer: ModuleType, program: Path, stage: str) -> str:
    given = scorer.inputs(stage, SEED)
    started = time.process_time()
    try:
        calls = called(program, task["entry"].partition(":")[2], given)
        called_at = time.process_time()
        metrics = scorer.score(stage, SEED, calls)["metrics"]
    except (ValueError, RuntimeError, ImportError) as e:
        return f"| {task['name']} | {program.stem} | {stage} | {task['metric']} | {e} | | |"
    scored_at = time.process_time()
    value = ", ".join(f"{name} {metrics[name]:.5g}" for name in metrics if name != task["metric"])
    head = (
        f"| {task['name']} | {program.stem} | {stage} | {task['metric']} | **{metrics[task['metric']]:.5f}** ({value})"
    )
    return f"{head} | {called_at - started:.3f} | {scored_at - called_at:.3f} |"


def called(program: Path, entry: str, given: list[dict]) -> list[SimpleNamespace]:
    """One call per input, timed; ``seconds`` holds no transport, unlike a sandboxed worker's."""
    run = getattr(load(program), entry)
    calls = []
    for arguments in given:
        started = time.perf_counter()
        output = run(**arguments)
        calls.append(SimpleNamespace(input=arguments, output=output, seconds=time.perf_counter() - started))
    return calls


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(sys.argv[1:])
