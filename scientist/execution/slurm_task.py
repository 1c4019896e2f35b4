"""What of a job under Slurm happens on the node: check that the folder is shared, run under watch, leave the result."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Hashable, Sequence
from pathlib import Path

from scientist.errors import EnvironmentProblem
from scientist.execution.job import Job, JobResult
from scientist.execution.leases import Lease
from scientist.execution.local import execute
from scientist.execution.node import host, proved
from scientist.execution.shipping import is_shared
from scientist.types import Frozen
from scientist.workspace import write_text

ALIVE = "alive"
LOOK_S = 0.5
PATIENCE_S = 180.0
"""How long the submitter's sign of life may stand still before its jobs end, seconds."""


class Problem(Frozen):
    """Why no job can run on that node."""

    message: str
    hint: str


def run_here(job_json: str, level: str, place: str, ticket: Hashable, devices: Sequence[str] | None) -> None:
    """The batch job. ``devices`` is None where Slurm says by CUDA_VISIBLE_DEVICES which were granted."""
    job, answers = Job.model_validate_json(job_json), Path(place)
    try:
        if not is_shared(Path(job.folder), answers.name):
            raise EnvironmentProblem(
                f"{host()} does not see the folder {job.folder} as the submitter does",
                "put the run folder on a file system that the nodes share: --experiments-dir",
            )
        sandbox = proved(level)
        lease = Lease(job.threads, granted(job) if devices is None else tuple(devices), min(job.gpus, 1.0))
    except EnvironmentProblem as e:
        answer(answers, f"{ticket}.problem", Problem(message=e.message, hint=e.hint).model_dump_json())
        return
    answer(answers, f"{ticket}.started", host())
    ended = threading.Event()
    threading.Thread(target=watch_submitter, args=(answers / ALIVE, ended), daemon=True).start()
    result = execute(job, lease, sandbox, ended).model_copy(update={"host": host()})
    answer(answers, f"{ticket}.result", result.model_dump_json())


def answer(place: Path, name: str, text: str) -> None:
    """Leave an answer, unless nobody waits for one any more: the folder must not come back."""
    if place.is_dir():
        write_text(place / name, text)


def read_answer(place: Path, ticket: Hashable) -> JobResult | Problem | str | None:
    """What a job has left: its result, why it cannot run, the name of the host where it runs, or nothing yet."""
    if (text := _text(place / f"{ticket}.result")) is not None:
        return JobResult.model_validate_json(text)
    if (text := _text(place / f"{ticket}.problem")) is not None:
        return Problem.model_validate_json(text)
    return _text(place / f"{ticket}.started")


def watch_submitter(sign: Path, ended: threading.Event) -> None:
    """Set ``ended`` once the sign of life is gone, or has stood still for too long: clocks of two machines differ."""
    last, since = "", time.monotonic()
    while not ended.wait(LOOK_S):
        now = _text(sign)
        if now is None and time.monotonic() - since > LOOK_S * 4:
            ended.set()
        elif now is not None and now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > PATIENCE_S:
            ended.set()


def granted(job: Job) -> tuple[str, ...]:
    """The devices that Slurm granted. Raises EnvironmentProblem for none: the job would run on the CPU unnoticed."""
    if job.gpus == 0:
        return ()
    devices = tuple(d for d in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if d)
    if not devices:
        raise EnvironmentProblem(
            f"on {host()} Slurm granted {job.gpus:g} GPU(s) and named none in CUDA_VISIBLE_DEVICES",
            "ask the cluster's administrator whether its gres.conf names the devices, or run on the CPU: --preset cpu",
        )
    return devices


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as e:
        if e.errno in (5, 116):  # EIO, ESTALE: a shared file system at a bad moment
            return None
        raise
