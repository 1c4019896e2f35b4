"""What every level of sandbox shares: limits, the box a job lives in, and the environment it sees."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

Level = Literal["bubblewrap", "landlock", "none"]

LAUNCHER = Path(__file__).with_name("launcher.py")
MB = 1024 * 1024

DATA_MARGIN_MB = 512
"""What a process may map beyond its memory limit before allocations fail: the watchdog over resident memory is the
measure, the kernel's limit only stops a jump between two of its looks."""


@dataclass(frozen=True)
class Limits:
    """What one job may use. ``file_mb`` bounds each file and the growth of the whole work folder.

    ``cpu_s`` is summed over the job's processes. Times in seconds, sizes in MiB.
    """

    wall_s: float
    cpu_s: float
    memory_mb: int
    file_mb: int
    output_mb: int
    processes: int


@dataclass(frozen=True)
class Box:
    """What a job may touch: ``work`` is its current folder and the only place that outlives it.

    ``readonly`` names further files and folders that it may read, at the same path. ``env`` is added to the base
    environment; nothing else reaches the job. ``network`` gives it this machine's network, which no experiment gets: a
    program that asks a model is of no use without. ``first_process`` makes the command the first process of its
    namespace, where there is one, so that nothing that it starts can end it; ``work_readonly`` lets it write to its
    temporary folder alone.
    """

    work: str
    limits: Limits
    readonly: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    gpu: bool = False
    network: bool = False
    first_process: bool = False
    work_readonly: bool = False


class Sandbox(Protocol):
    """A way to run a command in a box. ``level`` is what a run's record says."""

    level: Level

    def command(self, argv: Sequence[str], box: Box) -> list[str]:
        """The command that runs ``argv`` in ``box``; start it with an empty environment."""
        ...


def base_environment(scratch: str) -> dict[str, str]:
    """The variables that every job sees; ``scratch`` is its private temporary folder.

    Nothing is taken from the caller's environment, so that a key cannot leak and a run does not depend on a shell.
    """
    return {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        "LANG": "C.UTF-8",
        "USER": "scientist",  # getpass, and torch's cache folder, ask for a name; there is no /etc/passwd in the box
        "HOME": scratch,
        "TMPDIR": scratch,
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONNOUSERSITE": "1",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }


def launch(argv: Sequence[str], limits: Limits, *, gpu: bool, spec: Mapping[str, object] | None = None) -> list[str]:
    """``argv`` behind the launcher, which sets the kernel's limits and stays as its parent."""
    rlimits = {"CPU": int(limits.cpu_s) + 1, "FSIZE": limits.file_mb * MB, "CORE": 0}
    if not gpu:  # CUDA reserves address space far beyond what it uses
        rlimits["DATA"] = (limits.memory_mb + DATA_MARGIN_MB) * MB
    text = ",".join(f"{name}={value}" for name, value in rlimits.items())
    return [sys.executable, "-I", "-S", str(LAUNCHER), text, json.dumps(spec) if spec else "-", *argv]


def gpu_devices() -> list[str]:
    """The device files that CUDA opens."""
    return sorted(str(p) for p in Path("/dev").glob("nvidia*"))
