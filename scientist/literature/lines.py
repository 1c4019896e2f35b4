"""A source and the thread that asks it, so that nobody waits longer for a source than was meant."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from scientist.literature.base import OUT, Source, SourceError

log = logging.getLogger(__name__)

T = TypeVar("T")


NOT_ASKED = "not asked"
"""How the message of a failure begins for which the source is not to blame: it was not asked."""


class Failure(Exception):
    """A source did not answer; the message is for the search record."""


class _Task:
    """A call for a line's thread, the place for its answer, and whether anybody still waits for it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.answer: queue.Queue[Any] = queue.Queue(1)
        self.abandoned = False


class Line:
    """A source and the thread that asks it, one call at a time. After OUT strikes in a row it asks no more."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._tasks: queue.Queue[_Task | None] = queue.Queue()
        self._strikes = 0
        self._last = ""
        threading.Thread(target=self._work, daemon=True, name=f"survey-{source.name}").start()

    @property
    def out(self) -> bool:
        return self._strikes >= OUT

    def ask(self, call: Callable[[], T], deadline: float) -> T:
        """What ``call`` returns. Raises Failure when it raises, is not done by ``deadline``, or was not tried."""
        if self.out:
            raise Failure(f"{NOT_ASKED} any more ({self._last})")
        left = deadline - time.monotonic()
        if left <= 0:
            raise Failure(f"{NOT_ASKED}: the time for it was used up")
        task = _Task(call)
        self._tasks.put(task)
        try:
            answer = task.answer.get(timeout=left)
        except queue.Empty:
            task.abandoned = True
            answer = TimeoutError(f"no answer within {left:.1f} s")
        if isinstance(answer, Exception):
            self._strikes += answer.strikes if isinstance(answer, SourceError) else 1
            self._last = str(answer).splitlines()[0] if str(answer) else type(answer).__name__
            raise Failure(self._last)
        self._strikes = 0
        result: T = answer
        return result

    def close(self) -> None:
        """Let the thread end once it is done with what it is doing."""
        self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if task.abandoned:
                continue
            try:
                task.answer.put(task.call())
            except Exception as error:  # a source is foreign code; its failure is recorded by who waits
                log.debug("source %s failed", self.source.name, exc_info=True)
                task.answer.put(error)


def side_by_side(jobs: Sequence[Iterable[T]], report: Callable[[T], None] = lambda value: None) -> list[list[T]]:
    """What each of ``jobs`` yields, each in a thread of its own; ``report`` hears of it in this one, as it comes.

    A job must bound its own time. What a job or ``report`` raises is raised here.
    """
    heard: queue.Queue[tuple[int, Any]] = queue.Queue()

    def run(place: int, job: Iterable[T]) -> None:
        try:
            for value in job:
                heard.put((place, value))
            heard.put((place, _ENDED))
        except BaseException as error:  # raised in the thread that waits
            heard.put((place, _Raised(error)))

    for place, job in enumerate(jobs):
        threading.Thread(target=partial(run, place, job), daemon=True).start()
    results: list[list[T]] = [[] for _ in jobs]
    running = len(jobs)
    while running:
        place, value = heard.get()
        if value is _ENDED:
            running -= 1
        elif isinstance(value, _Raised):
            raise value.error
        else:
            report(value)
            results[place].append(value)
    return results


_ENDED = object()


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error
