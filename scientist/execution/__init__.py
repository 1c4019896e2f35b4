"""Where a job runs, and what becomes of it."""

from __future__ import annotations

from scientist.execution.job import Executor, Job, JobResult, JobStatus
from scientist.registry import Registry

__all__ = ["EXECUTORS", "Executor", "Job", "JobResult", "JobStatus"]

EXECUTORS = Registry("executor", {"local": "scientist.execution.local:LocalExecutor"})
