"""The second level, for machines without user namespaces: Landlock for files, seccomp for sockets.

Weaker than bubblewrap, and the canary says where: a job can see that files exist, and their sizes and dates; before
Landlock 6 it can signal other processes of the user. It cannot change modes, owners or dates even of its own files,
and cannot open a socket, so a data loader with worker processes does not work.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from scientist.errors import EnvironmentProblem
from scientist.sandbox.base import Box, Level, base_environment, gpu_devices, launch
from scientist.sandbox.bubblewrap import interpreter_links, python_folders
from scientist.sandbox.confine import LEAST_ABI, landlock_abi
from scientist.sandbox.supervise import SCRATCH

SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime",
)  # fmt: skip
ABOUT_THE_MACHINE = (
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu", "/sys/devices/system/node", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip


class Landlock:
    """Runs a command behind Landlock and seccomp."""

    level: Level = "landlock"

    def __init__(self) -> None:
        """Raises EnvironmentProblem where the kernel cannot do it."""
        abi = landlock_abi()
        if abi < LEAST_ABI:
            raise EnvironmentProblem(
                f"this kernel's Landlock version is {abi}; {LEAST_ABI} or later is needed", "Linux 6.2 or later has it"
            )

    def command(self, argv: Sequence[str], box: Box) -> list[str]:
        if box.network:
            raise EnvironmentProblem(
                "the landlock sandbox gives no program the network",
                "install bubblewrap: apt-get install bubblewrap",
            )
        work = os.path.realpath(box.work)
        read = [*SYSTEM, *ABOUT_THE_MACHINE, *python_folders(), *interpreter_links(), *box.readonly]
        read += [work] if box.work_readonly else []
        write = ["/dev/null"] if box.work_readonly else [work, "/dev/null"]
        if box.gpu:  # not tried on a machine with a GPU
            read += ["/sys", "/proc/driver/nvidia", "/proc/modules", "/proc/devices"]
            write += gpu_devices()
        spec = {
            "work": work,
            "env": {**base_environment(SCRATCH), **box.env},
            "confine": {"read": read, "write": write},
        }
        return launch(argv, box.limits, gpu=box.gpu, spec=spec)
