"""Work on many manuscripts in processes of their own: one that crashes or never ends costs its own result, no other."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, NamedTuple, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

Emit = Callable[..., None]
Work = Callable[[Task, Emit], Result]

MEMORY_BYTES = 6 << 30
"""Address space of a worker without a model; a file that makes a reader ask for more is refused, not the machine."""

_POLL_S = 1.0


class Done(NamedTuple, Generic[Result]):
    """What came of the task at ``place``: its result, or the problem that left none."""

    place: int
    result: Result | None
    problem: str = ""


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    place: int = -1
    deadline: float = 0.0


def each(
    tasks: Sequence[Task],
    work: Callable[[Task, Emit], Result],
    *,
    jobs: int,
    seconds: float,
    emit: Emit = lambda *_, **__: None,
    memory: int | None = MEMORY_BYTES,
) -> Iterator[Done[Result]]:
    """Run ``work`` on every task in ``jobs`` processes; yields what came of each as it ends, in no order.

    ``work`` is a function of a module; what it emits is emitted here. A task that takes more than ``seconds``, raises,
    or takes its process with it is yielded with its problem, and the others go on.
    """
    waiting = list(range(len(tasks)))[::-1]
    workers: list[_Worker] = []
    try:
        while waiting or any(w.place >= 0 for w in workers):
            _fill(workers, waiting, tasks, work, jobs, seconds, memory)
            busy = [w for w in workers if w.place >= 0]
            left = min(w.deadline for w in busy) - time.monotonic()
            ready = wait([w.pipe for w in busy], timeout=min(_POLL_S, max(0.0, left)))
            for worker in busy:
                done = _heard(worker, emit, seconds) if worker.pipe in ready else _overdue(worker, seconds)
                if done is not None:
                    yield done
            workers = [w for w in workers if not w.pipe.closed]
    finally:
        for worker in workers:
            _end(worker)


def _fill(
    workers: list[_Worker],
    waiting: list[int],
    tasks: Sequence[Any],
    work: Callable[..., Any],
    jobs: int,
    seconds: float,
    memory: int | None,
) -> None:
    """Give every idle worker a task, and start workers up to ``jobs`` while tasks wait."""
    idle = [w for w in workers if w.place < 0]
    while waiting and (idle or len(workers) < jobs):
        if idle:
            worker = idle.pop()
        else:
            worker = _started(work, memory)
            workers.append(worker)
        worker.place = waiting.pop()
        worker.deadline = time.monotonic() + seconds
        worker.pipe.send(tasks[worker.place])


def _started(work: Callable[..., Any], memory: int | None) -> _Worker:
    context = get_context("spawn")  # a fork would copy the locks of the threads that draw progress
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, work, memory), daemon=True)
    process.start()
    there.close()
    return _Worker(process, here)


def _heard(worker: _Worker, emit: Emit, seconds: float) -> Done[Any] | None:
    try:
        kind, value = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(5)
        code = worker.process.exitcode
        place = worker.place
        _end(worker)
        return Done(
            place, None, f"the process that read it was ended (exit code {code}): too little memory, or a crash"
        )
    if kind == "event":
        name, data = value
        emit(name, **data)
        worker.deadline = time.monotonic() + seconds  # calls of a model show that it is alive
        return None
    place, worker.place = worker.place, -1
    return Done(place, value) if kind == "done" else Done(place, None, value)


def _overdue(worker: _Worker, seconds: float) -> Done[Any] | None:
    if time.monotonic() < worker.deadline:
        return None
    place = worker.place
    _end(worker)
    return Done(place, None, f"it took more than {seconds:g} s and was given up")


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join(5)
    worker.pipe.close()


def _serve(pipe: Connection, work: Callable[[Any, Emit], Any], memory: int | None) -> None:
    """The body of a worker: tasks come in at the pipe until it closes; events, results and problems go out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    if memory is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[str, Any] = ("done", work(task, lambda kind, **data: pipe.send(("event", (kind, data)))))
        except Exception as e:  # the boundary of a worker: whatever it is, it is told, and the next task is taken
            answer = ("failed", f"{type(e).__name__}: {e}")
        pipe.send(answer)
