"""Runs a command under the kernel's limits; run as a file, so it imports nothing of this package.

``python -I -S launcher.py CPU=60,FSIZE=1048576 SPEC COMMAND…``, with SPEC as ``supervise.py`` says. It ends, and the
command with it, when the thread that started it ends, which must therefore stay with the job.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys

CPU_GRACE_S = 2
PR_SET_PDEATHSIG = 1
PARENT_GONE = 125


def main() -> int:
    limits, spec, *argv = sys.argv[1:]
    set_limits(limits)
    end_with_parent()
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 (pathlib loads slowly)
    import supervise  # type: ignore[import-not-found]

    return int(supervise.supervised(argv, spec))


def set_limits(limits: str) -> None:
    """Lower each limit, never above what is already imposed; CPU leaves a moment between warning and kill."""
    for limit in limits.split(","):
        name, _, text = limit.partition("=")
        kind = getattr(resource, f"RLIMIT_{name}")
        soft, hard = int(text), int(text) + (CPU_GRACE_S if name == "CPU" else 0)
        imposed = resource.getrlimit(kind)[1]
        if imposed != resource.RLIM_INFINITY:
            soft, hard = min(soft, imposed), min(hard, imposed)
        resource.setrlimit(kind, (soft, hard))
    try:
        with open("/proc/self/oom_score_adj", "w") as f:  # noqa: PTH123 (pathlib loads slowly)
            f.write("500")  # if the machine runs out of memory, the job goes first
    except OSError:  # a comfort, not a limit
        return


def end_with_parent() -> None:
    """Be sent SIGTERM when the parent ends. Had it ended before, nobody would be reading the output any more."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM), 0, 0, 0)
    output = select.poll()
    output.register(1, 0)
    if any(event & select.POLLERR for _, event in output.poll(0)):
        sys.exit(PARENT_GONE)


if __name__ == "__main__":
    sys.exit(main())
