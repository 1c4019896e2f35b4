"""Who may use which cores and GPUs of this machine: a job starts when it holds its lease."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from scientist.errors import EnvironmentProblem

FULL = 1 - 1e-9
"""Shares are sums of floats: a device this free is free."""


@dataclass(frozen=True)
class Lease:
    """``threads`` cores, and a ``share`` of each of the ``devices``."""

    threads: int
    devices: tuple[str, ...] = ()
    share: float = 0.0


class Leases:
    """Hands out cores and devices; safe to use from several threads.

    No more threads are leased at once than there are cores, so that parallel jobs do not slow one another down.
    """

    def __init__(self, cores: int, devices: Sequence[str] = ()) -> None:
        self.cores = cores
        self._free_cores = cores
        self._free = dict.fromkeys(devices, 1.0)
        self._changed = threading.Condition()

    def check(self, gpus: float) -> None:
        """Raises EnvironmentProblem for what could never be leased."""
        if math.ceil(gpus) > len(self._free):
            raise EnvironmentProblem(
                f"a job needs {gpus:g} GPU(s) and this machine offers {len(self._free)}",
                "run on the CPU (--device cpu), or check that nvidia-smi -L lists the devices",
            )

    def acquire(self, threads: int, gpus: float, cancelled: threading.Event) -> Lease | None:
        """Wait for a lease; None once ``cancelled`` is set. More threads than cores become as many as cores."""
        with self._changed:
            while not cancelled.is_set():
                if (lease := self.try_acquire(threads, gpus)) is not None:
                    return lease
                self._changed.wait(0.2)
        return None

    def try_acquire(self, threads: int, gpus: float) -> Lease | None:
        """A lease if there is one now."""
        threads = min(threads, self.cores)
        with self._changed:
            devices = self._devices_for(gpus)
            if devices is None or self._free_cores < threads:
                return None
            lease = Lease(threads, devices, min(gpus, 1.0))
            self._take(lease, +1)
            return lease

    def release(self, lease: Lease) -> None:
        with self._changed:
            self._take(lease, -1)
            self._changed.notify_all()

    def _devices_for(self, gpus: float) -> tuple[str, ...] | None:
        """The devices for ``gpus``: one with that share free, the fullest first, or whole ones; None if none are."""
        if gpus == 0:
            return ()
        if gpus < 1:
            fitting = [d for d, free in self._free.items() if free >= gpus - 1e-9]
            return (min(fitting, key=self._free.__getitem__),) if fitting else None
        whole = [d for d, free in self._free.items() if free >= FULL]
        count = math.ceil(gpus)
        return tuple(whole[:count]) if len(whole) >= count else None

    def _take(self, lease: Lease, sign: int) -> None:
        self._free_cores -= sign * lease.threads
        for device in lease.devices:
            self._free[device] -= sign * lease.share


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def detect_gpus() -> tuple[str, ...]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; none without a working nvidia-smi."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        listing = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = tuple(re.findall(r"^GPU (\d+):", listing.stdout, flags=re.MULTILINE)) if listing.returncode == 0 else ()
    return visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))


def visible(found: tuple[str, ...], setting: str | None) -> tuple[str, ...]:
    """``found`` narrowed by CUDA_VISIBLE_DEVICES, as a batch system sets it; names that are not indices are kept."""
    if setting is None or not found:
        return found
    named = [name.strip() for name in setting.split(",") if name.strip()]
    usable = [name for name in named if name in found or not re.fullmatch(r"-?\d+", name)]
    return tuple(dict.fromkeys(usable))
