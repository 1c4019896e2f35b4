"""The search over experiments: before anything is registered, a strategy tries configurations in pilot runs.

``<run>/search/archive.sqlite`` holds every step, ``search.json`` what came of them. The archive depends on the run's
settings alone: not on the number of workers, the time that a step takes, or a kill in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from scientist.errors import ReplyInvalid, UsageError
from scientist.events import EventLog
from scientist.execution.job import Executor
from scientist.experiments.found import summary
from scientist.experiments.journal import Journal
from scientist.experiments.pilots import Batches, Pilots
from scientist.experiments.run import remove_tree
from scientist.experiments.template import template_hash
from scientist.mind.base import Exploration, Mind
from scientist.mind.configuration import OPERATORS, SETTINGS, normalised, ordinary, settings_text
from scientist.search.archive import Archive, Work
from scientist.search.candidate import Candidate, read_candidate
from scientist.search.edit import Edit, EditRefused, Rules, Way
from scientist.search.loop import Known, ProposalFailed, Request, Search, Settings
from scientist.search.step import Choice, Step
from scientist.search.strategies import STRATEGIES, Scope, Strategy
from scientist.search.view import View
from scientist.types import Explored, Idea, TemplateSpec
from scientist.workspace import RunFolder, read_json, write_json

WINDOW = 4
"""Steps in flight at a time: a constant, since the archive depends on it."""
REPEATED_SHARE = 0.2
"""The share of the steps, the last ones, that repeat the pilots of the best configurations at other seeds."""
REPEATED = 3
"""How many of the best take turns in it."""
BUDGET_SHARE = 0.5
"""The most of the run's time for experiments that its search may use."""
ARCHIVE, WORK, SUMMARY = "archive.sqlite", "work.sqlite", "search.json"


@dataclass(frozen=True)
class Quest:
    """What is searched and how: of one run these never change. ``ways`` are those of changing code."""

    idea: Idea
    spec: TemplateSpec
    preset: str
    strategy: str
    nodes: int
    seed: int
    ways: tuple[Way, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """What an archive must agree on with whoever goes on with it."""
        return {
            "task": "experiments", "template": self.spec.name, "template_hash": template_hash(Path(self.spec.path)),
            "idea": self.idea.id, "metric": self.idea.metric, "datasets": list(self.idea.datasets),
            "preset": self.preset, "strategy": self.strategy, "nodes": self.nodes, "seed": self.seed,
            "window": WINDOW, "ways": list(self.ways),
        }  # fmt: skip


def check_strategy(strategy: str, spec: TemplateSpec | None = None) -> None:
    """Raise UsageError for a strategy that is not known, or a template that declares nothing to search."""
    STRATEGIES.load(strategy)
    if spec is not None and not spec.factors:
        raise UsageError(
            f"template {spec.name!r} declares no factors, so there is nothing to search", "leave --strategy out"
        )


def explore(
    quest: Quest, *, mind: Mind, executor: Executor, workers: int, minutes: float, folder: RunFolder, events: EventLog
) -> Explored:
    """Search, or go on with a search that was killed; what was finished is not run again.

    At most ``minutes`` of pilot runs are made, counted over ``workers`` at a time; then the search ends in good order.
    Raises RunInterrupted if the unchanged template fails, UsageError if the folder holds another search.
    """
    place = folder.search
    if (earlier := read_explored(folder)) is not None:
        return earlier
    first = first_candidate(quest.spec, quest.preset)
    editable = (SETTINGS, *(quest.spec.editable if quest.ways else ()))
    with Archive(place / ARCHIVE, quest.facts) as archive, closing(Work(place / WORK)) as work:
        remove_tree(place / ".pilots")
        log = _Log(Journal(folder.journal), events, quest.nodes)
        kept = archive.steps()
        log.complete(kept)
        with Batches(executor) as batches:
            pilots = Pilots(quest.spec, quest.idea, quest.preset, batches, place / ".pilots", first)
            pilots.remember(kept)
            ending = Search(
                archive=archive,
                work=work,
                strategy=_Repeating(STRATEGIES.load(quest.strategy)(Scope(quest.nodes, OPERATORS)), quest.nodes),
                proposers={mind.name: _Asking(mind, quest, first, archive)},
                evaluator=pilots,
                rules=Rules(editable=editable, slots=quest.spec.slots, ways=("slot", "patch")),
                settings=Settings(quest.nodes, quest.seed, WINDOW),
                listener=log.note,
                stop=_time_limit(work, minutes * 60 * min(workers, WINDOW)),
            ).run(first)
        explored = summary(ending, archive.candidate, first, quest.idea, quest.spec, quest.strategy,
                           preset=quest.preset, asked=quest.nodes, folder=folder)  # fmt: skip
    remove_tree(place / ".pilots")
    write_json(place / SUMMARY, explored)
    events.emit("search.ended", nodes=explored.nodes, asked=explored.asked, failed=explored.failed,
                reason=explored.ending, found=explored.found_id is not None)  # fmt: skip
    return explored


def read_explored(folder: RunFolder) -> Explored | None:
    """What came of a run's search; None if it made none, or has not ended."""
    file = folder.search / SUMMARY
    return Explored.model_validate(read_json(file)) if file.is_file() else None


def first_candidate(spec: TemplateSpec, preset: str) -> Candidate:
    """The baseline: ordinary practice at a preset, and the template's own code."""
    code = read_candidate(Path(spec.path), spec.editable).files
    return Candidate(files={**code, SETTINGS: settings_text(ordinary(spec, preset))}, provenance="baseline")


# ------------------------------------------------------------------------------------------- proposing


class _Asking:
    """The mind as the search's proposer; what it may not do to settings or code is refused here."""

    def __init__(self, mind: Mind, quest: Quest, first: Candidate, archive: Archive) -> None:
        self._mind, self._quest, self._first, self._archive = mind, quest, first, archive
        self._usual = ordinary(quest.spec, quest.preset)

    def propose(self, request: Request) -> Edit:
        quest = self._quest
        asked = Exploration(request, quest.idea, quest.spec, self._first, self._tried(request.number), quest.ways)
        try:
            edit = self._mind.propose(asked)
        except ReplyInvalid as e:
            raise ProposalFailed("the replies did not have the requested fields") from e
        return self._guarded(edit)

    def _tried(self, number: int) -> tuple[Known, ...]:
        """The steps that the strategy saw when it chose step ``number``, whatever else is finished by now."""
        seen = self._archive.steps()[: max(1, number - WINDOW + 1)]
        return tuple(Known(s, self._archive.candidate(s.candidate)) for s in seen if s.candidate is not None)

    def _guarded(self, edit: Edit) -> Edit:
        """The edit with its settings in their declared spelling. Raises EditRefused."""
        if any(r.path == SETTINGS for r in edit.replacements):
            raise EditRefused("way", f"{SETTINGS} is given whole")
        code = bool(edit.slot or edit.replacements or edit.takes or set(edit.files) - {SETTINGS})
        way: Way = "slot" if edit.slot else "patch"
        if code and edit.files.keys() != {SETTINGS} and not (way in self._quest.ways or self._undone(edit)):
            raise EditRefused("way", f"this way of changing code ({way}) is not allowed")
        if SETTINGS not in edit.files:
            return edit
        try:
            levels = normalised(edit.files[SETTINGS], self._quest.spec, self._usual)
        except ValueError as e:
            raise EditRefused("not_editable", str(e)) from e
        return replace(edit, files={**edit.files, SETTINGS: settings_text(levels)})

    def _undone(self, edit: Edit) -> bool:
        """Whether an edit only puts files back as the template has them, which is always allowed."""
        return bool(edit.files) and all(self._first.files.get(p) == t for p, t in edit.files.items() if p != SETTINGS)


# ------------------------------------------------------------------------------------------- repeating, telling, ending


class _Repeating:
    """A strategy whose last steps repeat the best, for a single seed flatters whatever was tried most."""

    def __init__(self, strategy: Strategy, steps: int) -> None:
        self._strategy = strategy
        self._from = steps - round(REPEATED_SHARE * steps)

    def select(self, view: View, rng: Random) -> Choice:
        number = len(view) + WINDOW - 1  # of the step that is chosen, once the first ones are under way
        leaders = view.leaders(REPEATED)
        if len(view) == 1 or number < self._from or not leaders:
            return self._strategy.select(view, rng)
        return Choice("replicate", (leaders[(number - self._from) % len(leaders)].number,))


class _Log:
    """Writes each step into the run's journal and its events."""

    def __init__(self, journal: Journal, events: EventLog, asked: int) -> None:
        self._journal, self._events, self._asked = journal, events, asked

    def note(self, step: Step) -> None:
        self._record(step)
        self._events.emit("search.step", number=step.number, of=self._asked, operator=step.operator,
                          status=step.status, score=step.score)  # fmt: skip

    def complete(self, steps: Sequence[Step]) -> None:
        """Write the lines of steps that were archived by a process that was killed before it could note them."""
        noted = {e.node for e in self._journal.entries() if e.transition == "explored"}
        for step in steps:
            if node_name(step.number) not in noted:
                self._record(step)

    def _record(self, step: Step) -> None:
        self._journal.record(
            node_name(step.number), "explored", parents=[node_name(p) for p in step.parents], operator=step.operator,
            status=step.status, score=step.score, why=step.why or step.reason,
        )  # fmt: skip


def node_name(number: int) -> str:
    return f"search.{number}"


def _time_limit(work: Work, seconds: float) -> Callable[[View], str | None]:
    """Ends a search whose pilot runs have taken the time that they may; the steps after those seen do not count."""

    def stop(view: View) -> str | None:
        used = _seconds(work.costs(), len(view))
        return "the time for the search was used up" if used >= seconds else None

    return stop


def _seconds(costs: Iterable[tuple[int, float, float, float]], steps: int) -> float:
    return sum(wall_s for step, _, wall_s, _ in costs if step < steps)
