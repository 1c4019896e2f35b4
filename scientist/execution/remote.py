"""Runs jobs on a cluster: hands them out, hears of them, and starts those again whose worker was lost."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from scientist.errors import EnvironmentProblem
from scientist.execution.job import Job, JobResult, check_distinct, without_run
from scientist.execution.shipping import listing, remove_new

POLL_S = 0.2
ENDED = "the run was ended"
SETTLE_S = 1.0
"""How long the processes of a lost worker may take to be gone: their launcher hears of it from the kernel."""


@dataclass(frozen=True)
class Started:
    """The job of ``ticket`` began."""

    ticket: Hashable


@dataclass(frozen=True)
class Ended:
    """The job of ``ticket`` came to its end, whatever that was."""

    ticket: Hashable
    result: JobResult


@dataclass(frozen=True)
class Lost:
    """Nobody can tell any more what becomes of ``ticket``. ``counts`` unless it was through no fault of the cluster."""

    ticket: Hashable
    reason: str
    counts: bool = True


News = Started | Ended | Lost


class Cluster(Protocol):
    """What a cluster does for one job at a time; each call returns at once but for ``poll`` and ``stop``."""

    def check(self, job: Job) -> None:
        """Raises EnvironmentProblem for a job that could never run there."""
        ...

    def submit(self, job: Job) -> Hashable | None:
        """Hand the job out and return its ticket; None while there is no room for it."""
        ...

    def poll(self, wait_s: float) -> list[News]:
        """What happened, after at most ``wait_s`` seconds. Raises EnvironmentProblem where no job can run."""
        ...

    def stop(self, tickets: Sequence[Hashable]) -> None:
        """End these jobs, and return when their processes are gone."""
        ...


@dataclass(frozen=True)
class _Try:
    job: Job
    at_first: frozenset[str]
    number: int = 1
    losses: tuple[str, ...] = ()
    told: bool = False


def run_on(
    cluster: Cluster,
    jobs: Sequence[Job],
    *,
    sandbox: str,
    most: int,
    retries: int,
    cancelled: threading.Event,
    on_start: Callable[[Job], None],
) -> Generator[JobResult, None, None]:
    """Run all jobs on ``cluster``, at most ``most`` at a time (0: as many as it takes), as ``Executor.run`` does.

    A job whose worker is lost is handed out again, at most ``retries`` times, without the files that the lost one left;
    its result says how often and why.
    Raises what ``cluster`` raises, and FileNotFoundError for a job without a folder.
    """
    check_distinct(jobs)
    for job in jobs:
        Path(job.folder).stat()
        cluster.check(job)
    waiting = deque(_Try(job, listing(Path(job.folder))) for job in jobs)
    running: dict[Hashable, _Try] = {}
    try:
        while waiting or running:
            if cancelled.is_set():
                yield from _cancel(cluster, running, waiting, sandbox)
                return
            _hand_out(cluster, waiting, running, most)
            for news in cluster.poll(POLL_S):
                tried = running.get(news.ticket)
                if tried is None:
                    continue
                if isinstance(news, Started):
                    if not tried.told:
                        running[news.ticket] = replace(tried, told=True)
                        on_start(tried.job)
                    continue
                del running[news.ticket]
                if isinstance(news, Ended):
                    yield _with_history(news.result, tried)
                elif news.counts and tried.number > retries:
                    yield _given_up(tried, news.reason, sandbox)
                else:
                    waiting.appendleft(_again(tried, news))
    finally:
        if running:
            cluster.stop(tuple(running))


def require_package(package: str, extra: str, executor: str) -> None:
    """Raises EnvironmentProblem, naming the extra, where ``package`` is not installed."""
    if find_spec(package) is None:
        raise EnvironmentProblem(
            f"the executor {executor} needs the package {package}, which is not installed", install_hint(extra)
        )


def install_hint(extra: str) -> str:
    return f'pip install "scientist[{extra}]" (in a checkout: pip install -e ".[{extra}]")'


def _hand_out(cluster: Cluster, waiting: deque[_Try], running: dict[Hashable, _Try], most: int) -> None:
    """Hand out what there is room for, in order: a job that needs a whole device is not passed by those of a share."""
    while waiting and not (most and len(running) >= most):
        if waiting[0].number > 1:
            remove_new(Path(waiting[0].job.folder), waiting[0].at_first)
        ticket = cluster.submit(waiting[0].job)
        if ticket is None:
            return
        running[ticket] = waiting.popleft()


def _cancel(
    cluster: Cluster, running: dict[Hashable, _Try], waiting: deque[_Try], sandbox: str
) -> Generator[JobResult, None, None]:
    begun = [tried.job for tried in running.values()]
    cluster.stop(tuple(running))
    running.clear()
    for job in (*begun, *(tried.job for tried in waiting)):
        yield without_run(job, sandbox, "cancelled", ENDED)


def _again(tried: _Try, news: Lost) -> _Try:
    if not news.counts:
        return tried
    time.sleep(SETTLE_S)
    return replace(tried, number=tried.number + 1, losses=(*tried.losses, news.reason))


def _with_history(result: JobResult, tried: _Try) -> JobResult:
    if not tried.losses:
        return result
    told = f"started {tried.number} times: {'; '.join(tried.losses)}"
    reason = f"{result.reason} ({told})" if result.reason else told
    return result.model_copy(update={"attempts": tried.number, "reason": reason})


def _given_up(tried: _Try, reason: str, sandbox: str) -> JobResult:
    losses = (*tried.losses, reason)
    told = f"lost {len(losses)} time{'s' * (len(losses) > 1)}: {'; '.join(losses)}"
    return without_run(tried.job, sandbox, "lost", told).model_copy(update={"attempts": tried.number})
