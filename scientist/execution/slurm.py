"""Runs jobs under Slurm, through submitit: a job is a batch job that runs the sandboxed command under watch.

Nothing but the shared file system joins the two sides: the job writes its result beside its submission, and goes on
only as long as the submitter shows there that it is alive. So a job ends when the submitter is killed, too.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scientist.errors import EnvironmentProblem, UsageError
from scientist.execution.job import Job, JobResult, ignore
from scientist.execution.leases import Lease, Leases, count_cores, detect_gpus
from scientist.execution.remote import Ended, Lost, News, Started, require_package, run_on
from scientist.execution.shipping import mark, unmark
from scientist.execution.slurm_task import ALIVE, Problem, read_answer, run_here
from scientist.sandbox import Sandbox
from scientist.workspace import write_text

RETRIES = 1
STAND_IN = "local"
WORKER_MB = 512
"""Memory of the process that watches a job, MiB."""
EXTRA_MIN = 5
"""Minutes asked for beyond a job's own limit, so that its own watch ends it, and says why."""
BEAT_S = 5.0
ASK_S = 10.0
"""How often Slurm is asked for the state of the jobs, seconds."""
SETTLE_S = 15.0
"""How long the result of a job that is over may take to appear on a slow file system, seconds."""
STOP_S = 10.0
GOING = ("PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "REQUEUED", "REQUEUE_HOLD", "RESIZING")


class SlurmExecutor:
    """Runs jobs under Slurm. ``where`` is "" or submitit's parameters for Slurm, as in ``partition=gpu,account=lab``.

    ``where`` "local" takes processes of this machine for the cluster: to try it without one. ``cores`` and ``gpus`` are
    what that has. On a cluster a share of a GPU asks for a whole one: Slurm grants no shares by default.
    """

    package, extra = "submitit", "slurm"
    places = "submitit's parameters for Slurm, as in slurm:partition=gpu,account=lab"

    def __init__(
        self,
        sandbox: Sandbox,
        workers: int,
        *,
        where: str = "",
        cores: int | None = None,
        gpus: Sequence[str] | None = None,
    ) -> None:
        require_package(self.package, self.extra, "slurm")
        if workers < 0:
            raise ValueError(f"workers must not be negative, as {workers} is")
        self.sandbox = sandbox
        self.workers = workers
        self._stand_in = where == STAND_IN
        self._parameters = {} if self._stand_in else parameters(where)
        if not self._stand_in and shutil.which("sbatch") is None:
            raise EnvironmentProblem(
                "there is no sbatch on this machine, so no Slurm to submit to",
                "run on a login node of the cluster, or try it without one: --executor slurm:local",
            )
        found = tuple(detect_gpus() if gpus is None else gpus) if self._stand_in else ()
        self.leases = Leases(cores or count_cores(), found)
        self._cancelled = threading.Event()

    def run(self, jobs: Sequence[Job], *, on_start: Callable[[Job], None] = ignore) -> Generator[JobResult, None, None]:
        """Run all jobs; yield each result as its job ends. Each needs its own id and folder.

        The folders must lie on a file system that the nodes share. Raises EnvironmentProblem where they do not, where
        Slurm refuses a job, and where a node has no sandbox.
        """
        self._cancelled.clear()
        if not jobs:
            return
        with correspondence(Path(jobs[0].folder)) as place:
            leases = self.leases if self._stand_in else None
            cluster = SlurmCluster(place, self.sandbox.level, self._parameters, leases)
            yield from run_on(
                cluster, jobs, sandbox=self.sandbox.level, most=self.workers, retries=RETRIES,
                cancelled=self._cancelled, on_start=on_start,
            )  # fmt: skip

    def cancel(self) -> None:
        """Kill the running jobs and start no more; may be called from any thread while ``run`` is consumed."""
        self._cancelled.set()


class SlurmCluster:
    """The jobs of one run; a ticket is a number. With ``leases`` processes of this machine stand in for the cluster."""

    def __init__(self, place: Path, level: str, asked: dict[str, str], leases: Leases | None) -> None:
        import submitit

        self._submitit = submitit
        self._place = place
        self._level = level
        self._asked = asked
        self._leases = leases
        self._count = 0
        self._jobs: dict[Hashable, Job] = {}
        self._handles: dict[Hashable, Any] = {}
        self._leased: dict[Hashable, Lease] = {}
        self._begun: set[Hashable] = set()
        self._over: dict[Hashable, float] = {}
        self._states: dict[str, str] | None = None
        self._asked_at = 0.0

    def check(self, job: Job) -> None:
        if self._leases is not None:
            self._leases.check(job.gpus)

    def submit(self, job: Job) -> Hashable | None:
        lease = None
        if self._leases is not None and (lease := self._leases.try_acquire(job.threads, job.gpus)) is None:
            return None
        self._count += 1
        ticket = self._count
        if lease is not None:
            self._leased[ticket] = lease
        self._jobs[ticket] = job
        mark(Path(job.folder), self._place.name)
        devices = None if lease is None else lease.devices
        executor = self._submitit.AutoExecutor(self._place / "log", cluster=STAND_IN if lease else "slurm")
        try:
            executor.update_parameters(**request(job, self._asked, stand_in=lease is not None))
        except (ValueError, NameError) as e:
            raise UsageError(f"submitit does not know what to ask of Slurm: {e}", SlurmExecutor.places) from e
        try:
            self._handles[ticket] = executor.submit(
                run_here, job.model_dump_json(), self._level, str(self._place), ticket, devices
            )
        except (self._submitit.core.utils.FailedJobError, subprocess.CalledProcessError) as e:
            raise EnvironmentProblem(
                f"Slurm refused a job: {str(e).strip()}",
                "name a partition that grants it: --executor slurm:partition=NAME",
            ) from e
        return ticket

    def poll(self, wait_s: float) -> list[News]:
        deadline = time.monotonic() + wait_s
        while True:
            news = [n for ticket in list(self._handles) if (n := self._hear(ticket)) is not None]
            if news or time.monotonic() >= deadline:
                return news
            time.sleep(0.05)

    def stop(self, tickets: Sequence[Hashable]) -> None:
        """Cancel each, and wait until it has answered or is gone; then all others are told by the missing sign of life.

        A batch system kills what is left of a cancelled job itself.
        """
        left = [t for t in tickets if t in self._handles]
        for ticket in left:
            with contextlib.suppress(subprocess.CalledProcessError):  # it may be over already
                self._handles[ticket].cancel()
        deadline = time.monotonic() + STOP_S
        while left and time.monotonic() < deadline:
            self._asked_at = min(self._asked_at, time.monotonic() - ASK_S + 1)
            left = [t for t in left if not self._is_over(t)]
            time.sleep(0.05)
        for ticket in tickets:
            self._forget(ticket)

    def _hear(self, ticket: Hashable) -> News | None:
        answer = read_answer(self._place, ticket)
        if isinstance(answer, Problem):
            raise EnvironmentProblem(answer.message, answer.hint)
        if isinstance(answer, JobResult):
            self._forget(ticket)
            return Ended(ticket, answer)
        if answer is not None and ticket not in self._begun:
            self._begun.add(ticket)
            return Started(ticket)
        if not self._is_over(ticket):
            self._over.pop(ticket, None)
            return None
        since = self._over.setdefault(ticket, time.monotonic())
        if time.monotonic() - since < (SETTLE_S if self._leases is None else 0.0):
            return None
        if (answer := read_answer(self._place, ticket)) is not None and not isinstance(answer, str):
            return None  # it came meanwhile; the next call hears it
        state = self._state(ticket)
        self._forget(ticket)
        return Lost(ticket, f"it ended without a result ({state.lower()})")

    def _is_over(self, ticket: Hashable) -> bool:
        return self._state(ticket) not in GOING

    def _state(self, ticket: Hashable) -> str:
        """What Slurm says of a job; "RUNNING" while Slurm gives no answer, since nothing is known then."""
        handle = self._handles[ticket]
        if self._leases is not None:
            return str(handle.state)
        if time.monotonic() - self._asked_at > ASK_S:
            self._states = ask_slurm() or self._states
            self._asked_at = time.monotonic()
        return "RUNNING" if self._states is None else self._states.get(str(handle.job_id), "VANISHED")

    def _forget(self, ticket: Hashable) -> None:
        self._handles.pop(ticket, None)
        self._over.pop(ticket, None)
        if (job := self._jobs.pop(ticket, None)) is not None:
            unmark(Path(job.folder))
        if (lease := self._leased.pop(ticket, None)) is not None and self._leases is not None:
            self._leases.release(lease)


def request(job: Job, asked: dict[str, str], *, stand_in: bool) -> dict[str, Any]:
    """What is asked of the batch system for a job, in submitit's names."""
    limits = job.limits
    wanted: dict[str, Any] = {"timeout_min": math.ceil(limits.wall_s / 60) + EXTRA_MIN, "name": "scientist"}
    if stand_in:
        return wanted
    return {
        **wanted,
        "mem_gb": math.ceil((limits.memory_mb + WORKER_MB) / 1024),
        "cpus_per_task": job.threads,
        "gpus_per_node": math.ceil(job.gpus),
        "slurm_additional_parameters": {"no_requeue": True},  # a second run must not begin unseen in the same folder
        **asked,
    }


def parameters(where: str) -> dict[str, str]:
    """``partition=gpu,account=lab`` as submitit's keyword arguments. Raises UsageError."""
    pairs = [pair.partition("=") for pair in where.split(",") if pair]
    if any(not name or not value for name, _, value in pairs):
        raise UsageError(f"{where!r} is not a list of key=value", f"after slurm: come {SlurmExecutor.places}")
    return {f"slurm_{name.strip()}": value.strip() for name, _, value in pairs}


def ask_slurm() -> dict[str, str] | None:
    """The state of each of this user's jobs that Slurm still knows; None where it gives no answer."""
    command = ["squeue", "--noheader", "--me", "--states=all", "--format=%A %T"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if told.returncode != 0:
        return None
    pairs = (line.partition(" ") for line in told.stdout.splitlines())
    return {number: state.strip() for number, _, state in pairs}


@contextlib.contextmanager
def correspondence(beside: Path) -> Iterator[Path]:
    """A hidden folder beside a job's, for submissions and answers, with a sign of life in it; removed at the end."""
    place = Path(tempfile.mkdtemp(prefix=".slurm-", dir=beside.resolve().parent))
    over = threading.Event()

    def beat() -> None:
        count = 0
        while not over.is_set():
            with contextlib.suppress(OSError):  # a full disk says so elsewhere
                write_text(place / ALIVE, str(count))
            count += 1
            over.wait(BEAT_S)

    thread = threading.Thread(target=beat, name="sign-of-life", daemon=True)
    thread.start()
    try:
        yield place
    finally:
        over.set()
        thread.join()
        shutil.rmtree(place, ignore_errors=True)
