"""How much GPU memory a job's processes hold, as nvidia-smi tells it."""

from __future__ import annotations

import shutil
import subprocess
import threading

from scientist.execution.watch import below

SAMPLE_S = 2.0
QUERY = ("--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits")
PATIENCE_S = 20.0


class GpuMeter:
    """Samples in a thread of its own, since nvidia-smi may take longer than a look at the limits may wait.

    ``peak_mb`` stays None where nothing can be known: no nvidia-smi, one that does not name processes (a container with
    its own process numbers), or a job that was over before it was looked at.
    """

    def __init__(self, sample_s: float = SAMPLE_S) -> None:
        self.peak_mb: float | None = None
        self._sample_s = sample_s
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> None:
        """Begin to watch all processes below ``pid``."""
        program = shutil.which("nvidia-smi")
        if program is not None:
            self._thread = threading.Thread(target=self._watch, args=(program, pid), name="gpu-meter", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, program: str, pid: int) -> None:
        wait_s = self._sample_s / 8  # the first looks are closer together, so that a short job is seen too
        while not self._over.wait(wait_s):
            wait_s = min(2 * wait_s, self._sample_s)
            used = gpu_memory(program)
            mine = [used[p.pid] for p in below(pid) if p.pid in used]
            if mine:
                self.peak_mb = max(self.peak_mb or 0.0, sum(mine))


def gpu_memory(program: str) -> dict[int, float]:
    """MiB of GPU memory by process number, over all devices; empty where nvidia-smi gives no answer."""
    try:
        told = subprocess.run([program, *QUERY], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    used: dict[int, float] = {}
    for line in told.stdout.splitlines() if told.returncode == 0 else ():
        pid, _, mb = (field.strip() for field in line.partition(","))
        if pid.isdecimal() and mb.replace(".", "", 1).isdecimal():  # "[N/A]" where the driver does not say
            used[int(pid)] = used.get(int(pid), 0.0) + float(mb)
    return used
