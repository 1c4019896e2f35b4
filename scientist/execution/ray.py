"""Runs jobs on a Ray cluster: a job is a task that runs the sandboxed command under watch on the node it lands on."""

from __future__ import annotations

import logging
import math
import os
import secrets
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Generator, Hashable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from scientist import __version__
from scientist.errors import EnvironmentProblem, UsageError
from scientist.execution.job import Job, JobResult, ignore, without_run
from scientist.execution.leases import count_cores, detect_gpus
from scientist.execution.ray_task import STARTED, UNSHARED, run_here
from scientist.execution.remote import Ended, Lost, News, Started, require_package, run_on
from scientist.execution.shipping import bring_back, mark, pack, unmark
from scientist.sandbox import Sandbox

logger = logging.getLogger(__name__)

RETRIES = 2
TASK = {"num_returns": "streaming", "max_retries": 0}
STOP_S = 15.0
"""How long a job that is told to end may take before its worker is killed, seconds."""
OVERDUE_S = 180.0
"""How long past its limit a job is believed in: its own watch should have ended it by then."""


class RayExecutor:
    """Runs jobs on the cluster at ``where``, else at RAY_ADDRESS, else on one that it starts on this machine.

    ``cores`` and ``gpus`` are what a cluster that it starts is told to have (default: what is there). ``shared`` False
    sends every folder to the node and back, wherever that is; None finds out by a marker.
    """

    package = extra = "ray"
    places = "the address of a cluster, as in ray:10.0.0.5:6379"

    def __init__(
        self,
        sandbox: Sandbox,
        workers: int,
        *,
        where: str = "",
        cores: int | None = None,
        gpus: Sequence[str] | None = None,
        shared: bool | None = None,
    ) -> None:
        require_package(self.package, self.extra, "ray")
        if workers < 0:
            raise ValueError(f"workers must not be negative, as {workers} is")
        self.sandbox = sandbox
        self.workers = workers
        self._where = where
        self._cores = cores or count_cores()
        self._gpus = tuple(detect_gpus() if gpus is None else gpus)
        self._shared = shared
        self._cancelled = threading.Event()

    def run(self, jobs: Sequence[Job], *, on_start: Callable[[Job], None] = ignore) -> Generator[JobResult, None, None]:
        """Run all jobs; yield each result as its job ends. Each needs its own id and folder.

        Raises EnvironmentProblem where the cluster cannot be reached, where it can never grant what a job needs, or
        where a node has another version of this package or no sandbox.
        """
        self._cancelled.clear()
        if not jobs:
            return
        connect(self._where, self._cores, self._gpus)
        yield from run_on(
            RayCluster(self.sandbox.level, shared=self._shared), jobs, sandbox=self.sandbox.level, most=self.workers,
            retries=RETRIES, cancelled=self._cancelled, on_start=on_start,
        )  # fmt: skip

    def cancel(self) -> None:
        """Kill the running jobs and start no more; may be called from any thread while ``run`` is consumed."""
        self._cancelled.set()


def connect(where: str, cores: int, gpus: Sequence[str]) -> None:
    """Join the cluster, unless this process has joined one. Raises EnvironmentProblem.

    A cluster that is started here ends with this process, and asks for a token, which Ray makes, as Ray's default is.
    """
    address = where or os.environ.get("RAY_ADDRESS", "")
    if "://" in address:
        raise UsageError(
            f"the Ray cluster at {address} cannot be used through a client",
            "give HOST:PORT, from a machine of the cluster",
        )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    if ray.is_initialized():
        return
    leave_stdout_alone()
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init(address="local", num_cpus=cores, num_gpus=len(gpus), include_dashboard=False, **quiet)
    except Exception as e:  # Ray raises it bare, for a node that does not come up in time
        what = f"the Ray cluster at {address}" if address else "a Ray cluster on this machine"
        raise EnvironmentProblem(
            f"{what} cannot be joined: {e}",
            "check RAY_ADDRESS (ray status shows a cluster's state), try again when the machine is less busy, or run "
            "without Ray: --executor local",
        ) from e


def leave_stdout_alone() -> None:
    """Log what Ray has to say of lost workers and nodes: it prints it, where a caller expects the result alone.

    There is no public way. In a version that prints otherwise this does nothing.
    """
    worker: Any = import_module("ray._private.worker")
    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = lambda data, ignore_prefix: logger.info("ray: %s", " ".join(data["lines"]))


class RayCluster:
    """The cluster that this process has joined. A ticket is the generator of a task's messages."""

    def __init__(self, level: str, *, shared: bool | None) -> None:
        import ray

        self._ray = ray
        self._level = level
        self._shared = shared
        self._token = secrets.token_hex(16)
        self._task = ray.remote(run_here)
        self._jobs: dict[Hashable, Job] = {}
        self._deadlines: dict[Hashable, float] = {}
        self._ship = shared is False
        nodes = [n["Resources"] for n in ray.nodes() if n["Alive"]]
        self._most_cores = int(max((n.get("CPU", 0) for n in nodes), default=1)) or 1
        self._gpus = [n.get("GPU", 0.0) for n in nodes]

    def check(self, job: Job) -> None:
        most = max(self._gpus, default=0.0)
        if gpu_request(job.gpus) > most:
            raise EnvironmentProblem(
                f"a job needs {job.gpus:g} GPU(s) and no node of the Ray cluster offers more than {most:g}",
                "run on the CPU (--device cpu), or join a node with GPUs: ray start --address=... --num-gpus=...",
            )

    def submit(self, job: Job) -> Hashable | None:
        folder = Path(job.folder)
        archive = [self._ray.put(pack(folder))] if self._ship else []
        mark(folder, "" if self._shared is False else self._token)
        request = {"num_cpus": min(job.threads, self._most_cores), "num_gpus": gpu_request(job.gpus), **TASK}
        ticket: Hashable = self._task.options(**request).remote(
            job.model_dump_json(), self._level, self._token, archive, sys.executable, __version__
        )
        self._jobs[ticket] = job
        return ticket

    def poll(self, wait_s: float) -> list[News]:
        ready, _ = self._ray.wait(list(self._jobs), num_returns=1, timeout=wait_s)
        news = [self._hear(ticket) for ticket in ready]
        return news + [self._overdue(t) for t, end in list(self._deadlines.items()) if time.monotonic() > end]

    def stop(self, tickets: Sequence[Hashable]) -> None:
        """First ask each, as Ctrl-C would, so that its watch ends the job; then kill the workers of those that go on.

        A job does not outlive its worker: its launcher is told by the kernel.
        """
        left = [t for t in tickets if t in self._jobs]
        for force in (False, True):
            for ticket in left:
                self._ray.cancel(ticket, force=force)
            end = time.monotonic() + STOP_S
            while left and (rest := end - time.monotonic()) > 0:
                ready, left = self._ray.wait(left, num_returns=1, timeout=rest)
                left += [t for t in ready if not self._is_over(t)]
        for ticket in tickets:
            self._forget(ticket)

    def _hear(self, ticket: Any) -> News:
        """The next message of a task, or how it failed."""
        errors = self._ray.exceptions
        try:
            kind, value, data = self._ray.get(next(ticket))
        except errors.RayTaskError as e:
            self._forget(ticket)
            cause = e.cause if isinstance(e.cause, Exception) else e
            if isinstance(cause, errors.TaskCancelledError):
                return Lost(ticket, "cancelled by someone else")
            raise cause from e
        except (errors.RayError, StopIteration) as e:
            self._forget(ticket)
            return Lost(ticket, describe(e))
        if kind == STARTED:
            self._deadlines[ticket] = time.monotonic() + self._jobs[ticket].limits.wall_s + OVERDUE_S
            return Started(ticket)
        job = self._jobs[ticket]
        self._forget(ticket)
        if kind == UNSHARED:
            self._ship = True
            return Lost(ticket, UNSHARED, counts=False)
        return Ended(ticket, brought_back(JobResult.model_validate_json(value), job, data))

    def _overdue(self, ticket: Hashable) -> News:
        job = self._jobs[ticket]
        self.stop([ticket])
        reason = f"took longer than {job.limits.wall_s:g} s, and its node did not say so"
        return Ended(ticket, without_run(job, self._level, "timeout", reason))

    def _is_over(self, ticket: Any) -> bool:
        """Take a message of a task that is to end; whether it was its last."""
        try:
            kind, _, _ = self._ray.get(next(ticket))
        except (self._ray.exceptions.RayError, StopIteration):
            return True
        return bool(kind != STARTED)

    def _forget(self, ticket: Hashable) -> None:
        self._deadlines.pop(ticket, None)
        if (job := self._jobs.pop(ticket, None)) is not None:
            unmark(Path(job.folder))


def gpu_request(gpus: float) -> float:
    """Ray grants a share of one device, or whole ones."""
    return gpus if gpus <= 1 else float(math.ceil(gpus))


def brought_back(result: JobResult, job: Job, data: bytes | None) -> JobResult:
    """The result of a job whose outputs have arrived, if they were elsewhere."""
    if data is None:
        return result
    try:
        bring_back(data, Path(job.folder))
    except (tarfile.TarError, EOFError) as e:
        reason = f"what it left on {result.host} could not be brought back: {e}"
        return result.model_copy(update={"status": "crashed", "reason": reason})
    return result


def describe(error: BaseException) -> str:
    """In one line, how Ray lost a task."""
    name = type(error).__name__
    known = {
        "WorkerCrashedError": "its worker died",
        "NodeDiedError": "its node died",
        "LocalRayletDiedError": "its node died",
        "OutOfMemoryError": "its worker was killed because the node ran out of memory",
        "StopIteration": "its worker ended without a result",
    }
    return known.get(name) or f"{name}: {str(error).strip().splitlines()[0][:200]}"
