"""The wall-clock budget of the experiments: what all processes that worked on a run have spent of it, and its end."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from scientist.errors import RunInterrupted
from scientist.events import read_lines
from scientist.execution.job import Executor
from scientist.experiments.kept import is_kept
from scientist.experiments.plan import amend_shortfall, frozen
from scientist.types import Amendment, Plan, Shortfall
from scientist.workspace import RunFolder


class Alarm:
    """Cancels what an executor runs when ``seconds`` are over, counted from now; None is no limit.

    As a context it waits in a thread of its own. ``check`` cancels again: a cancellation that comes before the
    executor has begun is forgotten by it.
    """

    def __init__(self, seconds: float | None, executor: Executor) -> None:
        self._end = math.inf if seconds is None else time.monotonic() + seconds
        self._executor = executor
        self._timer: threading.Timer | None = None

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end

    def check(self) -> None:
        if self.over:
            self._executor.cancel()

    def __enter__(self) -> Alarm:
        left = self._end - time.monotonic()
        if left < threading.TIMEOUT_MAX:
            self._timer = threading.Timer(max(0.0, left), self._executor.cancel)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._timer is not None:
            self._timer.cancel()


def spent_s(events: Path) -> float:
    """Seconds of wall time that the experiments of a run took so far, by its events.

    A process that was killed is counted to its last event: what it was at then is lost, and done again.
    """
    total, began, last = 0.0, None, 0.0
    for event in read_lines(events):
        at = datetime.fromisoformat(event["at"]).timestamp()
        if began is not None:
            ended = event["kind"] in ("stage.finished", "stage.failed") and event["stage"] == "experiment"
            if ended or event["kind"] == "run.opened":
                total += max(0.0, (at if ended else last) - began)
                began = None
        if event["kind"] == "experiment.planned":
            began = at
        last = at
    return total + (max(0.0, last - began) if began is not None else 0.0)


def cut_short(
    folder: RunFolder, *, look: int, round_: int, seeds: Sequence[int], complete: Sequence[int], budget_minutes: float
) -> Amendment:
    """Record that the time budget ended before the plan: only the ``complete`` of its ``seeds`` are analysed.

    Raises RunInterrupted where these are too few to analyse.
    """
    plan, _ = frozen(folder)
    every = [(c.id, s) for s in seeds for c in plan.conditions]
    found = Shortfall(
        look=look,
        budget_minutes=budget_minutes,
        spent_minutes=round(spent_s(folder.events) / 60, 2),
        seeds_planned=len(seeds),
        runs_planned=len(every),
        runs_finished=sum(is_kept(folder.seed_folder(*key)) for key in every),
    )
    told = (
        f"the time budget of {budget_minutes:g} minutes ended the experiments after {found.spent_minutes:g} minutes, "
        f"with {found.runs_finished} of {found.runs_planned} runs finished"
    )
    if len(complete) < (needed := _least(plan)):
        raise RunInterrupted(
            f"{told}; seeds that were run under every condition: {len(complete)} of {len(seeds)}, and an analysis "
            f"needs {needed}",
            f"every finished run is kept; go on with: scientist resume {folder.run_id} --budget-minutes "
            f"{_enough(found)}",
        )
    reason = f"{told}; the {len(complete)} of {len(seeds)} seeds that were run under every condition are analysed"
    return amend_shortfall(folder, round_, reason, complete, found)


def pays_for_extension(folder: RunFolder, plan: Plan, budget_minutes: float) -> bool:
    """Whether what is left of the budget is enough for the reserved seeds, at the pace of the planned ones."""
    spent = spent_s(folder.events)
    return budget_minutes * 60 - spent >= spent * len(plan.extension_seeds) / len(plan.seeds)


def _least(plan: Plan) -> int:
    return 2 if plan.test == "paired_t" else 1


def _enough(found: Shortfall) -> int:
    """Minutes that should do for all runs, at the pace so far; twice the budget where nothing has been finished."""
    if not found.runs_finished:
        return math.ceil(2 * max(found.budget_minutes, found.spent_minutes))
    return math.ceil(
        max(1.2 * found.spent_minutes * found.runs_planned / found.runs_finished, found.budget_minutes + 1)
    )
