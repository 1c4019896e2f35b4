"""Looks at a running job's processes and folder from outside, ends them, and cleans up what must not be left."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from scientist.sandbox.base import MB
from scientist.sandbox.supervise import SCRATCH_PREFIX

KILL_PATIENCE_S = 10.0
LISTS_CHILDREN = Path("/proc/thread-self/children").exists()
"""Whether this kernel was built with CONFIG_PROC_CHILDREN."""


@dataclass(frozen=True)
class Usage:
    """What a tree of processes uses: MiB resident, CPU seconds including ended children, and their number."""

    rss_mb: float = 0.0
    cpu_s: float = 0.0
    processes: int = 0


@dataclass(frozen=True)
class FolderUse:
    """Bytes in a folder and in its largest file."""

    total: int = 0
    largest: int = 0


def usage(pid: int) -> Usage:
    """The use of all below ``pid``, itself the launcher. A process that ends meanwhile counts as far as it was read."""
    rss, cpu, count = 0, 0.0, 0
    for process in below(pid):
        with contextlib.suppress(psutil.Error), process.oneshot():
            times = process.cpu_times()
            rss += process.memory_info().rss
            cpu += times.user + times.system + times.children_user + times.children_system
            count += 1
    return Usage(rss / MB, cpu, count)


def proportional_mb(pid: int) -> float:
    """Like ``rss_mb``, but a page shared by n processes counts 1/n in each. Slow: milliseconds a process.

    Where the kernel does not tell, resident memory counts instead, which is never less.
    """
    total = 0
    for process in below(pid):
        with contextlib.suppress(psutil.Error):
            try:
                total += process.memory_full_info().pss
            except (psutil.AccessDenied, AttributeError):
                total += process.memory_info().rss
    return total / MB


def below(pid: int) -> list[psutil.Process]:
    """The processes that ``pid`` started, and theirs."""
    found: list[psutil.Process] = []
    frontier = [pid]
    while frontier:
        try:
            numbers = children(frontier.pop())
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
        frontier += numbers
        for number in numbers:
            with contextlib.suppress(psutil.Error):
                found.append(psutil.Process(number))
    return found


def children(pid: int) -> list[int]:
    """The children of ``pid`` as the kernel lists them, which costs far less than a look at all processes."""
    if not LISTS_CHILDREN:
        with contextlib.suppress(psutil.Error):
            return [c.pid for c in psutil.Process(pid).children()]
        return []
    numbers: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            numbers += map(int, (thread / "children").read_text().split())
    return numbers


def kill_tree(pid: int) -> None:
    """Kill everything below ``pid``, then ``pid`` and its process group; it must not have been waited for yet.

    The tree is stopped first, so that a process which forks without end is not chased from child to child.
    """
    seen: set[psutil.Process] = set()
    deadline = time.monotonic() + KILL_PATIENCE_S
    while (new := [p for p in below(pid) if p not in seen]) and time.monotonic() < deadline:
        for process in new:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGSTOP)
        seen.update(new)
    for process in seen:
        with contextlib.suppress(psutil.Error):
            process.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def measure(folder: Path) -> FolderUse:
    """The size of a folder; links are not followed, and what vanishes meanwhile is not counted."""
    total = largest = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                blocks = os.lstat(os.path.join(parent, name))  # noqa: PTH118 (thousands of files, every second)
                total += blocks.st_blocks * 512
                largest = max(largest, blocks.st_size)
    return FolderUse(total, largest)


def disarm(folder: Path) -> None:
    """Leave only plain files, folders and links within ``folder``, as plain users may own them.

    A job could leave a link to a file outside, which a later step would read or overwrite; a pipe, which would hang
    it; or a program that runs with its owner's rights.
    """
    root = folder.resolve()
    for parent, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(parent, name)
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                if path.readlink().is_absolute() or not resolves_within(path, root):
                    path.unlink()
            elif stat.S_ISDIR(mode):
                path.chmod(stat.S_IMODE(mode) & 0o777 | 0o700)
                if name.startswith(SCRATCH_PREFIX):
                    shutil.rmtree(path, ignore_errors=True)
            elif not stat.S_ISREG(mode):
                path.unlink()
            elif mode & 0o7000 or not mode & stat.S_IRUSR:
                path.chmod(stat.S_IMODE(mode) & 0o777 | 0o600)


def resolves_within(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # dangling, or a loop
        return False
