"""Where a job runs, and what becomes of it."""

from __future__ import annotations

from scientist.errors import UsageError
from scientist.execution.job import Executor, Job, JobResult, JobStatus
from scientist.registry import Registry
from scientist.sandbox.base import Sandbox

__all__ = ["EXECUTORS", "Executor", "Job", "JobResult", "JobStatus", "check_executor", "open_executor"]

EXECUTORS = Registry(
    "executor",
    {
        "local": "scientist.execution.local:LocalExecutor",
        "ray": "scientist.execution.ray:RayExecutor",
        "slurm": "scientist.execution.slurm:SlurmExecutor",
    },
)


def open_executor(name: str, sandbox: Sandbox, workers: int) -> Executor:
    """The executor that ``name`` asks for: a registered name, and after a colon where it runs (``ray:10.0.0.5:6379``).

    ``workers`` 0 is as many jobs at a time as there is room for. Raises UsageError, and EnvironmentProblem where the
    package that it needs is not installed.
    """
    kind, where = _parts(name)
    made: Executor = EXECUTORS.load(kind)(sandbox, workers, **({"where": where} if where else {}))
    return made


def check_executor(name: str) -> None:
    """Raises what ``open_executor`` would, without joining a cluster."""
    kind, _ = _parts(name)
    executor = EXECUTORS.load(kind)
    if package := getattr(executor, "package", ""):
        from scientist.execution.remote import require_package

        require_package(package, executor.extra, kind)


def _parts(name: str) -> tuple[str, str]:
    kind, _, where = name.partition(":")
    places = getattr(EXECUTORS.load(kind), "places", "")
    if where and not places:
        raise UsageError(f"the executor {kind} takes nothing after its name, not {where!r}", f"--executor {kind}")
    return kind, where
