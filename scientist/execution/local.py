"""Runs jobs on this machine, several at a time, each in its sandbox and under watch."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from scientist.execution.gpu import GpuMeter
from scientist.execution.job import LOG_NAME, Job, JobResult, check_distinct, ignore, without_run
from scientist.execution.leases import Lease, Leases, count_cores, detect_gpus
from scientist.execution.verdict import Stop, verdict
from scientist.execution.watch import FolderUse, Usage, disarm, kill_tree, measure, proportional_mb, usage
from scientist.sandbox import Box, Sandbox
from scientist.sandbox.base import MB

POLL_S = 0.1
FIRST_POLL_S = 0.01
"""The first looks are closer together, so that a short job is seen too."""
FOLDER_POLL_S = 1.0
COST_SHARE = 50
"""A look is repeated after at least this many times its CPU time, so that watching stays below 2 % of a core."""

THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS", "TORCH_NUM_THREADS", "RAYON_NUM_THREADS",
)  # fmt: skip

CANCELLED_BEFORE_START = "the run was ended before this job began"

Message = tuple[str, Any]


class LocalExecutor:
    """Runs up to ``workers`` jobs at a time, and never more threads than this machine has cores.

    Each job is started and watched by a thread of its own, so that limits hold however long the consumer takes
    between two results. ``workers`` is 0 for one job a core.
    """

    package = extra = ""
    places = ""

    def __init__(
        self, sandbox: Sandbox, workers: int, *, cores: int | None = None, gpus: Sequence[str] | None = None
    ) -> None:
        if workers < 0:
            raise ValueError(f"workers must not be negative, as {workers} is")
        self.sandbox = sandbox
        self.workers = workers or cores or count_cores()
        self.gpus = tuple(detect_gpus() if gpus is None else gpus)
        self.leases = Leases(cores or count_cores(), self.gpus)
        self._cancelled = threading.Event()

    def run(self, jobs: Sequence[Job], *, on_start: Callable[[Job], None] = ignore) -> Generator[JobResult, None, None]:
        """Run all jobs; yield each result as its job ends. Each needs its own id and folder.

        Raises EnvironmentProblem for a job that needs more GPUs than there are, OSError where this program itself
        cannot write to a job's folder. One run at a time.
        """
        check_distinct(jobs)
        for job in jobs:
            self.leases.check(job.gpus)
        self._cancelled.clear()
        pending, messages = deque(jobs), SimpleQueue[Message]()
        threads = [
            threading.Thread(target=self._work, args=(pending, messages), name=f"worker-{i}", daemon=True)
            for i in range(min(self.workers, len(jobs)))
        ]
        try:
            for thread in threads:
                thread.start()
            left = len(jobs)
            while left:
                kind, value = messages.get()
                if kind == "failed":
                    raise value
                if kind == "started":
                    on_start(value)
                else:
                    left -= 1
                    yield value
        finally:
            self._cancelled.set()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()

    def cancel(self) -> None:
        """Kill the running jobs and start no more; may be called from any thread while ``run`` is consumed."""
        self._cancelled.set()

    def _work(self, pending: deque[Job], messages: SimpleQueue[Message]) -> None:
        try:
            while True:
                try:
                    job = pending.popleft()
                except IndexError:
                    return
                lease = self.leases.acquire(job.threads, job.gpus, self._cancelled)
                if lease is None:
                    ended = without_run(job, self.sandbox.level, "cancelled", CANCELLED_BEFORE_START)
                    messages.put(("ended", ended))
                    continue
                try:
                    messages.put(("started", job))
                    messages.put(("ended", execute(job, lease, self.sandbox, self._cancelled)))
                finally:
                    self.leases.release(lease)
        except BaseException as e:  # handed to the consumer, which raises it
            messages.put(("failed", e))


def execute(job: Job, lease: Lease, sandbox: Sandbox, cancelled: threading.Event) -> JobResult:
    """Run one job to its end and say what became of it."""
    folder = Path(job.folder)
    box = Box(
        work=str(folder),
        limits=job.limits,
        env={**thread_environment(lease), **job.env},
        gpu=bool(lease.devices),
    )
    started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    with fresh_log(folder / LOG_NAME) as log:
        watched = Watched(job, folder, log, cancelled, GpuMeter() if lease.devices else None)
        exit_code = watched.run(sandbox.command(job.argv, box))
    disarm(folder)
    status, reason = verdict(watched.stop, exit_code, folder, job.limits)
    return JobResult(
        id=job.id,
        status=status,
        reason=reason,
        exit_code=exit_code,
        wall_s=round(watched.wall_s, 3),
        cpu_s=round(watched.cpu_s, 3),
        peak_rss_mb=round(watched.peak_rss_mb, 1),
        started_at=started_at,
        sandbox=sandbox.level,
        device=",".join(f"cuda:{d}" for d in lease.devices) or "cpu",
        peak_gpu_mb=watched.gpu.peak_mb if watched.gpu else None,
    )


@dataclass
class Watched:
    """One running job: reads what it prints, looks at what it uses, and stops it at the first limit it reaches."""

    job: Job
    folder: Path
    log: IO[bytes]
    cancelled: threading.Event
    gpu: GpuMeter | None = None
    stop: Stop | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_rss_mb: float = 0.0
    _printed: int = 0
    _at_start: FolderUse = field(default_factory=FolderUse)
    _interval: float = FIRST_POLL_S
    _next_look: float = 0.0
    _next_folder_look: float = 0.0

    def run(self, command: list[str]) -> int:
        """Start the command and stay with it to the end; its exit status, or 128 + its signal."""
        self._at_start = measure(self.folder)
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={},
            cwd="/",
            start_new_session=True,
        )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        if self.gpu is not None:
            self.gpu.start(process.pid)
        ended: tuple[int, float] | None = None
        try:
            while ended is None and self.stop is None:
                self._read(process.stdout, self._interval)
                ended = reap(process)
                self.wall_s = time.monotonic() - start
                if ended is None and self.stop is None:
                    self.stop = self._limit_reached(process.pid)
        finally:
            if self.gpu is not None:
                self.gpu.stop()
            if ended is None:
                kill_tree(process.pid)
                ended = reap(process, options=0)
            with process.stdout:
                self._read(process.stdout, 0)
        assert ended is not None
        self.wall_s = time.monotonic() - start
        status, cpu_s = ended
        self.cpu_s = max(self.cpu_s, cpu_s)  # what was killed unreaped is known only from the last look
        return status if status >= 0 else 128 - status

    def _read(self, output: IO[bytes], wait_s: float) -> None:
        """Wait up to ``wait_s`` for output, and log all there is, up to the limit."""
        if not select.select([output], [], [], wait_s)[0]:
            return
        most = self.job.limits.output_mb * MB
        for _ in range(64):  # then the limits are looked at again, however much is printed
            data = output.read(65536)
            if data is None:
                return
            if not data:  # closed: it has ended, or is about to, or goes on without output
                time.sleep(min(wait_s, 0.005))
                return
            self.log.write(data[: max(0, most - self._printed)])
            self._printed += len(data)
            if self._printed > most:
                self.stop = self.stop or Stop("output_limit", f"printed more than {self.job.limits.output_mb} MiB")
                return

    def _limit_reached(self, pid: int) -> Stop | None:
        limits = self.job.limits
        if self.cancelled.is_set():
            return Stop("cancelled", "the run was ended")
        if self.wall_s > limits.wall_s:
            return Stop("timeout", f"took longer than {limits.wall_s:g} s")
        now = time.monotonic()
        if now < self._next_look:
            return None
        before = time.thread_time()
        stop = self._over_use(pid, usage(pid)) or self._over_folder(now)
        self._next_look = now + max(self._interval, COST_SHARE * (time.thread_time() - before))
        self._interval = min(2 * self._interval, POLL_S)
        return stop

    def _over_use(self, pid: int, used: Usage) -> Stop | None:
        limits = self.job.limits
        self.cpu_s = max(self.cpu_s, used.cpu_s)
        self.peak_rss_mb = max(self.peak_rss_mb, used.rss_mb)
        if used.rss_mb > limits.memory_mb and proportional_mb(pid) > limits.memory_mb:
            return Stop("out_of_memory", f"used more than {limits.memory_mb} MiB of memory")
        if used.cpu_s > limits.cpu_s:
            return Stop("timeout", f"used more than {limits.cpu_s:g} s of CPU time")
        if used.processes > limits.processes + OWN_PROCESSES:
            return Stop("crashed", f"started more than {limits.processes} processes")
        return None

    def _over_folder(self, now: float) -> Stop | None:
        if now < self._next_folder_look:
            return None
        before = time.thread_time()
        grown = measure(self.folder).total - self._at_start.total
        self._next_folder_look = now + max(FOLDER_POLL_S, COST_SHARE * (time.thread_time() - before))
        if grown > self.job.limits.file_mb * MB:
            return Stop("output_limit", f"wrote more than {self.job.limits.file_mb} MiB to its folder")
        return None


OWN_PROCESSES = 2
"""Bubblewrap and the first process of its namespace are not the job's."""


def reap(process: subprocess.Popen[bytes], *, options: int = os.WNOHANG) -> tuple[int, float] | None:
    """(exit status or -signal, CPU seconds of it and all that it reaped) of a process, or None while it runs.

    The largest resident size is not taken from here: it would count the memory of this process before the exec.
    """
    pid, status, used = os.wait4(process.pid, options)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime


@contextlib.contextmanager
def fresh_log(path: Path) -> Iterator[IO[bytes]]:
    """A new file in place of whatever lies there: an earlier job may have left a link."""
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(fd, "wb", buffering=0) as log:
        yield log


def thread_environment(lease: Lease) -> dict[str, str]:
    """How many threads numerical libraries may start, and which GPUs they see: none unless leased."""
    return {
        **dict.fromkeys(THREAD_VARIABLES, str(lease.threads)),
        "CUDA_VISIBLE_DEVICES": ",".join(lease.devices),
    }
