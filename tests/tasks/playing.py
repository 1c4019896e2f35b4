"""Calls a task's program in this process, as a worker would, and has the task's scorer judge what comes back."""

from __future__ import annotations

import importlib.util
import time
import tomllib
import types
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

TASKS = Path(__file__).parents[2] / "tasks"


class Task:
    def __init__(self, name: str) -> None:
        self.folder = TASKS / name
        self.spec: dict[str, Any] = tomllib.loads((self.folder / "task.toml").read_text())
        self.scorer = load(self.folder / "scorer.py")
        self.program = (self.folder / "program.py").read_text()

    def evolved(self, block: str) -> str:
        """The first program with ``block`` in the place of what may evolve."""
        head, _, rest = self.program.partition("# EVOLVE-BLOCK-START\n")
        return f"{head}# EVOLVE-BLOCK-START\n{block}\n# EVOLVE-BLOCK-END{rest.partition('# EVOLVE-BLOCK-END')[2]}"

    def baseline(self, name: str) -> str:
        return (self.folder / "baselines" / f"{name}.py").read_text()

    def play(self, program: str, stage: str = "quick", seed: int = 0) -> dict[str, Any]:
        """The score of a program's text, called once for each input."""
        module = types.ModuleType("program")
        exec(compile(program, "program.py", "exec"), module.__dict__)
        return self.judge(module.run, stage, seed)

    def judge(self, run: Callable[..., Any], stage: str = "quick", seed: int = 0) -> dict[str, Any]:
        calls = [_call(run, given) for given in self.scorer.inputs(stage, seed)]
        judged: dict[str, Any] = self.scorer.score(stage, seed, calls)
        return judged


def _call(run: Callable[..., Any], given: dict[str, Any]) -> SimpleNamespace:
    started = time.perf_counter()
    output = run(**given)
    return SimpleNamespace(input=given, output=output, seconds=time.perf_counter() - started)


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
