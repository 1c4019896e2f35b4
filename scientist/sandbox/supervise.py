"""The parent of a job's processes: orphans fall back to it, so that none escapes, and their CPU time is counted.

Loaded by the launcher from its own folder, so it imports nothing of this package, and little else, since every job
waits for it. SPEC is "-" for a command that confines itself, which gets no environment; or else a JSON object
``{"work": folder, "env": {…}, "confine": {"read": […], "write": […]} or null}``: the command runs in ``work`` and gets
a scratch folder inside it, which is removed afterwards. Exit status: the command's, or 128 + its signal; 125 when the
command could not be confined or started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CANNOT_START = 125
SCRATCH_PREFIX = ".scratch-"
SCRATCH = "{scratch}"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def supervised(argv: list[str], text: str) -> int:
    spec = parse(text)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    scratch = make_scratch(spec["work"]) if spec else ""
    try:
        child = os.fork()
        if child == 0:
            become(argv, spec, scratch)
        return wait_for(child)
    finally:
        kill_descendants()
        if scratch:
            remove(scratch)


def parse(text: str) -> dict[str, Any]:
    if text == "-":
        return {}
    import json

    spec: dict[str, Any] = json.loads(text)
    return spec


def make_scratch(work: str) -> str:
    import tempfile

    return tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=work)


def remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def become(argv: list[str], spec: dict[str, Any], scratch: str) -> None:
    """Confine this process and turn it into the command; never returns."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if spec:
            os.chdir(spec["work"])
        if spec.get("confine") is not None:
            import confine  # type: ignore[import-not-found]

            confine.confine(spec["confine"]["read"], [*spec["confine"]["write"], scratch])
        env = {name: value.replace(SCRATCH, scratch) for name, value in spec.get("env", {}).items()}
        os.execvpe(argv[0], argv, env)
    except BaseException as e:  # whatever it was, the command must not run unconfined
        os.write(2, f"launcher: {type(e).__name__}: {e}\n".encode())
    os._exit(CANNOT_START)


def wait_for(child: int) -> int:
    """The exit status of ``child``; orphans that end meanwhile are reaped."""
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def kill_descendants() -> None:
    """Kill what is left. Everything is stopped first, so that nothing forks while the rest is killed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:  # the usual case, and looking at all processes takes a while
        return
    stopped: set[int] = set()
    while new := descendants(os.getpid()) - stopped:
        for pid in new:
            send(pid, signal.SIGSTOP)
        stopped |= new
    for pid in stopped:
        send(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def descendants(root: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 (pathlib loads slowly)
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as f:  # noqa: PTH123
                state, parent = f.read().rpartition(b")")[2].split()[:2]
                if state != b"Z":
                    children.setdefault(int(parent), []).append(int(name))
    found: set[int] = set()
    frontier = [root]
    while frontier:
        below = children.get(frontier.pop(), [])
        found.update(below)
        frontier.extend(below)
    return found


def send(pid: int, what: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, what)


def prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
