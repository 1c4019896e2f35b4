"""A command to run in a sandbox, what became of it, and what an executor is."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from typing import Literal, Protocol

from pydantic import Field

from scientist.sandbox.base import Limits
from scientist.types import Frozen

JobStatus = Literal["ok", "crashed", "timeout", "out_of_memory", "output_limit", "cancelled", "lost"]
"""``lost``: the worker or the node that ran the job went away, as often as it may."""

LOG_NAME = "stdout.log"
"""The file in the job's folder that takes what it prints on either stream."""


class Job(Frozen):
    """``argv`` is run in ``folder``, the only place that it may write, and names files relative to it.

    ``env`` is added to the base environment of the sandbox. ``gpus`` is a number of devices, or a share of one.
    """

    id: str
    argv: tuple[str, ...]
    folder: str
    env: dict[str, str] = Field(default_factory=dict)
    limits: Limits
    threads: int = Field(default=1, ge=1)
    gpus: float = Field(default=0, ge=0)


class JobResult(Frozen):
    """What became of a job. Whatever a job does is told here and never raised.

    ``status`` is "ok" for exit status 0 and nothing more: it does not say that the results are there. ``cpu_s`` is
    summed over the job's processes; ``peak_rss_mb`` is the largest resident memory of all of them together, in MiB, as
    sampled. ``device`` is "cpu", or "cuda:" and the index of the leased device on the machine that ran the job, whose
    name is ``host`` ("" for this one). ``attempts`` counts the starts of a job whose worker was lost; ``reason`` tells
    how, for a job that is well in the end too. ``peak_gpu_mb`` is the largest GPU memory of the job's processes
    together, in MiB, as sampled; None where it cannot be known.
    """

    id: str
    status: JobStatus
    reason: str
    exit_code: int | None
    wall_s: float
    cpu_s: float
    peak_rss_mb: float
    started_at: str
    sandbox: str
    device: str
    host: str = ""
    attempts: int = 1
    peak_gpu_mb: float | None = None


def ignore(job: Job) -> None:
    """The listener that does nothing."""


class Executor(Protocol):
    """Runs jobs somewhere and yields their results in order of completion.

    Made as ``Executor(sandbox, workers)``: at most ``workers`` jobs at a time, 0 for as many as there is room for.
    Closing the iterator, or an exception in its consumer, kills what still runs. ``on_start`` is called in the
    consumer's thread, once a job. ``cancel`` ends a run early but orderly, from any thread: each job without a result
    is then yielded as "cancelled".
    """

    def run(
        self, jobs: Sequence[Job], *, on_start: Callable[[Job], None] = ignore
    ) -> Generator[JobResult, None, None]: ...

    def cancel(self) -> None: ...


def check_distinct(jobs: Sequence[Job]) -> None:
    """Raises ValueError unless each job has an id and a folder of its own."""
    for what in ({j.id for j in jobs}, {os.path.realpath(j.folder) for j in jobs}):
        if len(what) != len(jobs):
            raise ValueError("each job needs an id and a folder of its own")


def without_run(job: Job, sandbox: str, status: JobStatus, reason: str) -> JobResult:
    """The result of a job that nobody saw to its end."""
    return JobResult(
        id=job.id,
        status=status,
        reason=reason,
        exit_code=None,
        wall_s=0.0,
        cpu_s=0.0,
        peak_rss_mb=0.0,
        started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        sandbox=sandbox,
        device="cpu",
    )
