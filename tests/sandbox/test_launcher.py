"""The launcher sets the kernel's limits, and its supervisor leaves nothing running."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from scientist.sandbox.base import LAUNCHER
from scientist.sandbox.confine import SYSTEM_CALLS, filter_program

BARE = "-"
READ_LIMITS = "import resource as r; print([r.getrlimit(k) for k in (r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_DATA)])"


def test_limits_are_set_and_never_raised() -> None:
    inner = [sys.executable, "-I", "-S", str(LAUNCHER), "CPU=99,FSIZE=4096,DATA=999999999", BARE]
    outer = [sys.executable, "-I", "-S", str(LAUNCHER), "CPU=5,FSIZE=8192", BARE]
    done = subprocess.run(
        [*outer, *inner, sys.executable, "-c", READ_LIMITS], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.replace("(", "[").replace(")", "]")) == [[7, 7], [4096, 4096], [999999999, 999999999]]


@pytest.mark.parametrize("ending", ["sys.exit(0)", "time.sleep(60)"])
def test_a_process_that_left_its_session_ends_with_the_job(ending: str, tmp_path: Path) -> None:
    """However the job ends: by itself, or because the one who started it was killed."""
    code = f"""
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("orphan", "w").write(str(os.getpid()))
        os.rename("orphan", "pid")
        time.sleep(60)
    os._exit(0)
while not os.path.exists("pid"):
    time.sleep(0.01)
{ending}
"""
    spec = json.dumps({"work": str(tmp_path), "env": {"HOME": "{scratch}"}, "confine": None})
    command = [sys.executable, "-I", "-S", str(LAUNCHER), "CPU=20", spec, sys.executable, "-c", code]
    launcher = subprocess.Popen(command)
    pid = int(wait_for_text(tmp_path / "pid"))
    if "sleep" in ending:
        assert psutil.pid_exists(pid)
        launcher.send_signal(signal.SIGTERM)
    assert launcher.wait(timeout=20) == (143 if "sleep" in ending else 0)
    assert not psutil.pid_exists(pid)
    assert [p.name for p in tmp_path.iterdir()] == ["pid"]


def wait_for_text(path: Path) -> str:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} was not written"
        time.sleep(0.01)
    return path.read_text()


@pytest.mark.parametrize("machine", sorted(SYSTEM_CALLS))
def test_every_jump_of_the_filter_lands_on_its_verdict(machine: str) -> None:
    program = filter_program(machine)
    *_, allow, refuse = program
    assert len(program) < 256, "a BPF jump reaches 255 instructions"
    assert len(set(SYSTEM_CALLS[machine].values())) == len(SYSTEM_CALLS[machine])
    compared = [i for i, (code, *_) in enumerate(program) if code == 0x15 and i > 1]
    assert all(program[i + 1 + program[i][1]] == refuse for i in compared)
    assert program[compared[-1] + 1] == allow
