"""What a cluster's node brings along: its name, its Python, and a sandbox that it proves itself."""

from __future__ import annotations

import os
import sys
from functools import cache

from scientist.errors import EnvironmentProblem
from scientist.execution.job import Job
from scientist.sandbox import Sandbox, choose


def at_home(job: Job, python: str) -> Job:
    """The job with this node's Python in place of the submitter's, which may lie elsewhere."""
    if job.argv[0] != python or python == sys.executable:
        return job
    return job.model_copy(update={"argv": (sys.executable, *job.argv[1:])})


@cache
def proved(level: str) -> Sandbox:
    """The sandbox of this level, proved on this node by its canary. Raises EnvironmentProblem: it fails closed."""
    try:
        return choose(allow_unsandboxed=level == "none", only=level)
    except EnvironmentProblem as e:
        raise EnvironmentProblem(f"on {host()}: {e.message}", e.hint) from e


def host() -> str:
    return os.uname().nodename
