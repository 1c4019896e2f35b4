"""The ending of a job is read from its status and last words."""

from __future__ import annotations

from pathlib import Path

import pytest

from scientist.execution.verdict import Stop, last_line, verdict
from scientist.sandbox import Limits

LIMITS = Limits(wall_s=1, cpu_s=9, memory_mb=100, file_mb=1, output_mb=1, processes=4)


@pytest.mark.parametrize(
    ("exit_code", "said", "status", "reason"),
    [
        (0, "MemoryError", "ok", ""),
        (1, "numpy._core._exceptions._ArrayMemoryError: Unable to allocate", "out_of_memory", "limit of 100 MiB"),
        (1, "torch.OutOfMemoryError: CUDA out of memory. Tried to", "out_of_memory", "CUDA"),
        (1, "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory", "out_of_memory", "allocation"),
        (1, "ValueError: a MemoryError is not what this is", "crashed", "exit status 1: ValueError"),
        (137, "", "out_of_memory", "SIGKILL"),
        (152, "", "timeout", "9 s of CPU"),
        (153, "", "output_limit", "a file reached 1 MiB"),
        (134, "terminate called", "crashed", "killed by SIGABRT: terminate called"),
        (255, "", "crashed", "exit status 255: it printed nothing"),
    ],
)
def test_verdicts(exit_code: int, said: str, status: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "stdout.log").write_text(said + "\n")
    got = verdict(None, exit_code, tmp_path, LIMITS)
    assert got[0] == status
    assert reason in got[1]


def test_who_stopped_it_goes_before_how_it_ended(tmp_path: Path) -> None:
    assert verdict(Stop("timeout", "took longer"), 137, tmp_path, LIMITS) == ("timeout", "took longer")


def test_the_last_line_cannot_redraw_a_terminal() -> None:
    assert last_line("one\n\x1b[2J\x1b[1;31mtwo\x07\x9b\n\x1b[0m\n\n") == "two"
    assert last_line("Größe: 3 µm") == "Größe: 3 µm"
    assert len(last_line("x" * 5000)) == 300
    assert last_line("") == ""
