"""What of a job on a Ray cluster happens on the node: find or unpack its folder, run it under watch, send it back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scientist import __version__
from scientist.errors import EnvironmentProblem
from scientist.execution.job import Job, JobResult
from scientist.execution.leases import Lease
from scientist.execution.local import execute
from scientist.execution.node import at_home, host, proved
from scientist.execution.shipping import TooLarge, apparent_size, is_shared, lodging, pack, unpack
from scientist.sandbox import Sandbox
from scientist.sandbox.base import MB

STARTED, ENDED, UNSHARED = "started", "ended", "unshared"


def run_here(
    job_json: str, level: str, token: str, archive: Sequence[Any], python: str, version: str
) -> Iterator[tuple[str, str, bytes | None]]:
    """The task: ("started", host, None), then ("ended", result, outputs) with outputs None where they are in place.

    ("unshared", host, None) alone where the folder is not here and no ``archive`` (of at most one reference) came.
    """
    import ray

    if version != __version__:
        raise EnvironmentProblem(
            f"{host()} has scientist {__version__}, and the run was started with {version}",
            "install the same version on every node of the Ray cluster",
        )
    job = at_home(Job.model_validate_json(job_json), python)
    devices = tuple(str(d) for d in ray.get_runtime_context().get_accelerator_ids().get("GPU", []))
    lease = Lease(job.threads, devices, min(job.gpus, 1.0))
    sandbox = proved(level)
    if is_shared(Path(job.folder), token):
        yield STARTED, host(), None
        yield ENDED, run_in_place(job, lease, sandbox).model_dump_json(), None
        return
    if not archive:
        yield UNSHARED, host(), None
        return
    with lodging() as folder:
        unpack(ray.get(archive[0]), folder)
        most_mb = job.limits.file_mb + apparent_size(folder) / MB
        yield STARTED, host(), None
        result = run_in_place(job.model_copy(update={"folder": str(folder)}), lease, sandbox)
        result, outputs = sent_back(result, folder, most_mb)
        yield ENDED, result.model_dump_json(), outputs


def run_in_place(job: Job, lease: Lease, sandbox: Sandbox) -> JobResult:
    """In the worker's main thread, whose end is the job's end, and which an interrupt of Ray's reaches."""
    return execute(job, lease, sandbox, threading.Event()).model_copy(update={"host": host()})


def sent_back(result: JobResult, folder: Path, most_mb: float) -> tuple[JobResult, bytes | None]:
    try:
        return result, pack(folder, most_mb)
    except TooLarge as e:
        return result.model_copy(update={"status": "output_limit", "reason": f"it left {e}"}), None
