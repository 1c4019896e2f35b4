"""Proves at start what a sandbox keeps in: a probe attacks files, sockets, processes and settings laid out for it.

What happened is judged from outside the box wherever it can be: by the bytes of the files, by who rang at the sockets.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scientist.sandbox.base import Box, Level, Limits, Sandbox

PROBE = Path(__file__).with_name("probe.py")
LIMITS = Limits(wall_s=60, cpu_s=60, memory_mb=512, file_mb=16, output_mb=16, processes=16)
SETTINGS = ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger")
SECRET_VARIABLE = "SCIENTIST_CANARY_KEY"


@dataclass(frozen=True)
class Check:
    """One thing that a sandbox should keep in; ``required`` ones make the level usable."""

    name: str
    held: bool
    required: bool
    detail: str


@dataclass(frozen=True)
class CanaryReport:
    """What was proved of a level. ``failure`` says why the probe could not run at all."""

    level: Level
    checks: tuple[Check, ...] = ()
    failure: str = ""

    @property
    def holds(self) -> bool:
        return not self.failure and bool(self.checks) and all(c.held for c in self.checks if c.required)

    @property
    def unproved(self) -> tuple[str, ...]:
        """The names of the checks that did not hold, required or not."""
        return tuple(c.name for c in self.checks if not c.held)

    def why_not(self) -> str:
        broken = [f"{c.name} ({c.detail})" for c in self.checks if c.required and not c.held]
        return self.failure or ", ".join(broken)


@dataclass
class Bait:
    """What is laid out for the probe."""

    work: Path
    files: list[Path]
    token: str
    listeners: list[socket.socket]
    process: subprocess.Popen[bytes]

    def targets(self) -> dict[str, Any]:
        return {
            "secrets": [str(f) for f in self.files],
            "folders": [str(f.parent) for f in self.files],
            "sockets": [address(s) for s in self.listeners],
            "settings": SETTINGS,
            "process": self.process.pid,
        }


def canary(sandbox: Sandbox) -> CanaryReport:
    """Attack ``sandbox`` from within and report what held. Takes a fraction of a second."""
    with lay_out() as bait:
        before = [picture(f.parent) for f in bait.files]
        shutil.copy(PROBE, bait.work / "probe.py")
        command = sandbox.command(
            ["python", "probe.py", json.dumps(bait.targets())], Box(work=str(bait.work), limits=LIMITS)
        )
        environment = {**os.environ, SECRET_VARIABLE: bait.token}
        try:
            done = subprocess.run(command, env=environment, input=b"", capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired) as e:
            return CanaryReport(level=sandbox.level, failure=str(e))
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            return CanaryReport(level=sandbox.level, failure=said[-1] if said else f"exit status {done.returncode}")
        seen = json.loads(done.stdout)
        intact = before == [picture(f.parent) for f in bait.files]
        return CanaryReport(level=sandbox.level, checks=tuple(judge(bait, seen, intact)))


def judge(bait: Bait, seen: dict[str, Any], intact: bool) -> Iterator[Check]:
    def check(name: str, held: bool, detail: str, required: bool = True) -> Check:
        return Check(name=name, held=held, required=required, detail=detail)

    read = any(bait.token in (text or "") for text in seen["secrets"])
    rang = sum(rings(s) for s in bait.listeners)
    leaked = bait.token in json.dumps([seen["environment"], seen["processes"]])
    opened = seen["opened_settings"]
    works = bool(seen["wrote_work"]) and (bait.work / "mine").exists()
    alive = bait.process.poll() is None
    yield check("write_inside", works, "the work folder can be written")
    yield check("write_outside", intact, "files in the home folder and beside the work folder stay as they were")
    yield check("read_home", not read, "files in the home folder and beside the work folder cannot be read")
    yield check("connect", rang == 0, f"{rang} of {len(bait.listeners)} listeners on this machine were reached")
    yield check("environment", not leaked, "no variable of the caller is seen")
    yield check("settings", not opened, f"machine-wide settings open for writing: {', '.join(opened) or 'none'}")
    yield check("signal", alive, "processes outside cannot be signalled", required=False)
    yield check("names", not any(seen["stat"]), "names and sizes of files outside cannot be seen", required=False)


@contextmanager
def lay_out() -> Iterator[Bait]:
    """Two folders with a secret each (one in the home folder if it can be written), sockets, and a process."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scientist-canary-"))).resolve()
        home = Path.home()
        elsewhere = home if os.access(home, os.W_OK) else None
        private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".scientist-canary-", dir=elsewhere)))
        token = secrets.token_hex(16)
        files = [root / "beside" / "secret.txt", private / "secret.txt"]
        for file in files:
            file.parent.mkdir(exist_ok=True)
            file.write_text(token)
        (root / "work").mkdir()
        sockets = [stack.enter_context(s) for s in listeners(root, token)]
        process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(120)"])
        stack.callback(process.wait)
        stack.callback(process.kill)
        yield Bait(root / "work", files, token, sockets, process)


def listeners(folder: Path, token: str) -> Iterator[socket.socket]:
    addresses: list[tuple[int, Any]] = [
        (socket.AF_INET, ("127.0.0.1", 0)),
        (socket.AF_UNIX, "\0scientist-" + token),
        (socket.AF_UNIX, str(folder / "door")),
    ]
    for family, where in addresses:
        s = socket.socket(family, socket.SOCK_STREAM)
        s.bind(where)
        s.listen(4)
        s.setblocking(False)
        yield s


def address(listener: socket.socket) -> list[Any]:
    name = listener.getsockname()
    if isinstance(name, tuple):
        return ["tcp", *name]
    return ["abstract", name[1:].decode()] if isinstance(name, bytes) else ["unix", name]


def rings(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def picture(folder: Path) -> list[tuple[str, str, int, int]]:
    """Names, contents, modes and dates of what lies in ``folder``."""
    return [
        (p.name, str(p.readlink()) if p.is_symlink() else p.read_text(), p.lstat().st_mode, p.lstat().st_mtime_ns)
        for p in sorted(folder.iterdir())
    ]
