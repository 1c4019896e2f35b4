"""Jobs for the executors' tests, and looks at what they leave running."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from scientist.errors import EnvironmentProblem
from scientist.execution import Job
from scientist.sandbox import SANDBOXES, Limits, Sandbox

LIMITS = Limits(wall_s=20, cpu_s=20, memory_mb=200, file_mb=8, output_mb=1, processes=64)

Make = Callable[..., Job]


def sandbox(level: str) -> Sandbox:
    try:
        made: Sandbox = SANDBOXES.load(level)()
    except EnvironmentProblem as e:
        pytest.skip(f"{level} does not work here: {e.message}")
    return made


def maker(root: Path) -> Make:
    def make(name: str, code: str, **fields: object) -> Job:
        folder = root / name
        folder.mkdir()
        (folder / "p.py").write_text(code)
        values = {"limits": LIMITS, "argv": ("python", "p.py"), **fields}
        return Job.model_validate({"id": name, "folder": str(folder), **values})

    return make


def log_of(job: Job) -> str:
    return Path(job.folder, "stdout.log").read_text()


def marked(mark: str) -> list[psutil.Process]:
    """Processes whose command line carries ``mark``."""
    return [p for p in psutil.process_iter(["cmdline"]) if mark in " ".join(p.info["cmdline"] or ())]


def until(condition: Callable[[], object], what: str, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
