"""Propose, judge, remember, repeat: the one loop, several proposals in flight, in an order that time cannot change.

Step n is chosen when step n - ``window`` is in the archive, from exactly the steps up to there, and enters the archive
in its turn. So the archive is the same whatever the number of workers and however long each step takes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any, Protocol

from scientist.search.archive import Archive, Work
from scientist.search.bandit import choose_proposer
from scientist.search.candidate import Candidate
from scientist.search.edit import Edit, EditRefused, Rules, apply
from scientist.search.step import VOLATILE, Choice, Outcome, Step, step_from_json
from scientist.search.strategies.base import Strategy
from scientist.search.view import View

WHY_CHARS = 400


@dataclass(frozen=True, slots=True)
class Known:
    """A step and its files."""

    step: Step
    candidate: Candidate

    @property
    def score(self) -> float | None:
        return self.step.score


@dataclass(frozen=True, slots=True)
class Request:
    """What a proposer is asked: an edit of the first of ``parents`` by ``operator``.

    ``refused`` tells why its last edit for this step could not be applied. ``rng`` is the step's own.
    """

    number: int
    operator: str
    parents: tuple[Known, ...]
    inspirations: tuple[Known, ...]
    rules: Rules
    rng: Random
    refused: tuple[str, ...] = ()


class Proposer(Protocol):
    """Makes edits: the offline mind, a language model, a script. Called from several threads.

    Raises ProposalFailed where it has nothing to offer, Finished where it may not go on (a budget is spent).
    """

    def propose(self, request: Request) -> Edit: ...


class ProposalFailed(Exception):
    """A proposer had nothing that could be used; the step is recorded as refused."""


class Finished(Exception):
    """No further proposals are to be had; the search ends in good order. The message says why."""


class Evaluator(Protocol):
    """Judges a candidate; ``seed`` is the step's own. Called from several threads."""

    def evaluate(self, candidate: Candidate, seed: int) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the archive's content: with the same replies, the same settings give the same bytes."""

    steps: int
    seed: int = 0
    window: int = 1
    """Proposals that may be in flight at a time."""
    attempts: int = 3
    """Edits that a proposer may offer for a step before the step is given up as refused."""
    novelty: float = 1.0
    """Edits whose files are at least this similar (0 to 1) to their parent's are turned down; 1 is off."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a search ended, and the view of all its steps."""

    view: View
    reason: str


class Search:
    """One search over an archive. ``run`` may be called again after a kill, and goes on where the archive ends."""

    def __init__(
        self,
        *,
        archive: Archive,
        work: Work,
        strategy: Strategy,
        proposers: Mapping[str, Proposer],
        evaluator: Evaluator,
        rules: Rules,
        settings: Settings,
        listener: Callable[[Step], None] = lambda step: None,
        stop: Callable[[View], str | None] = lambda view: None,
    ) -> None:
        """``listener`` hears of each step that enters the archive; ``stop`` may end the search, saying why."""
        self.archive, self.work = archive, work
        self.strategy, self.proposers, self.evaluator = strategy, proposers, evaluator
        self.rules, self.settings = rules, settings
        self.listener, self.stop = listener, stop
        self.view = View()
        self._replications: Counter[str] = Counter()

    def run(self, first: Candidate) -> Ending:
        """Search from the candidate ``first`` until the steps are used up or somebody says stop."""
        kept = self.archive.steps()
        flying: dict[int, Future[_Made]] = {}
        reason, asked = "all steps were made", 0
        with ThreadPoolExecutor(self.settings.window, "propose") as threads:
            try:
                while len(self.view) < self.settings.steps:
                    furthest = len(self.view) - 1 + self.settings.window if len(self.view) else 0
                    while asked <= min(furthest, self.settings.steps - 1):
                        if asked < len(kept):
                            self._count(kept[asked].operator, kept[asked].candidate)
                        else:
                            flying[asked] = threads.submit(self._make, self._order(asked, first))
                        asked += 1
                    self._take(kept, flying)
                    if why := self.stop(self.view):
                        reason = why
                        break
            except Finished as e:
                reason = str(e)
            finally:
                for future in flying.values():
                    future.cancel()
        return Ending(self.view, reason)

    def _take(self, kept: Sequence[Step], flying: dict[int, Future[_Made]]) -> None:
        """The next step in order enters the view: from the archive, or made now."""
        number = len(self.view)
        if number < len(kept):
            self.view.add(kept[number])
            return
        made = flying.pop(number).result()
        step = self._in_order(made)
        self.archive.append(step, made.candidate)
        self.work.settle(number, made.outcome.cpu_s, made.outcome.wall_s, made.outcome.peak_mb)
        self.view.add(step)
        self.listener(step)

    def _in_order(self, made: _Made) -> Step:
        """The step as the archive keeps it: whether the same files were judged before is known only in order."""
        step = made.step
        earlier = None if step.candidate is None else self.view.first_with(step.candidate)
        if earlier is None or step.operator == "replicate":
            return step
        same = self.view.steps[earlier]
        return replace(
            step, status="duplicate", reason=f"the same files as step {earlier}", score=same.score,
            metrics=same.metrics, artefacts={}, stage=same.stage,
        )  # fmt: skip

    def _order(self, number: int, first: Candidate) -> _Order:
        """What step ``number`` shall be, from the view as it is now, which is the same on every run."""
        rng = Random(f"{self.settings.seed}:{number}")
        if number == 0:
            return _Order(0, Choice("first", ()), "", (), (), first, rng, 0)
        choice = self.strategy.select(self.view, rng)
        proposer = choose_proposer(tuple(self.proposers), self.view, rng)
        parents, inspirations = (tuple(map(self._known, n)) for n in (choice.parents, choice.inspirations))
        seed = self._count(choice.operator, parents[0].candidate.id)
        return _Order(number, choice, proposer, parents, inspirations, None, rng, seed)

    def _count(self, operator: str, candidate: str | None) -> int:
        """The seed of a step that is asked for now: how often its files have been repeated with it, else 0."""
        if operator != "replicate" or candidate is None:
            return 0
        self._replications[candidate] += 1
        return self._replications[candidate]

    def _known(self, number: int) -> Known:
        step = self.view.steps[number]
        if step.candidate is None:
            raise ValueError(f"step {number} has no candidate to work on")
        return Known(step, self.archive.candidate(step.candidate))

    def _make(self, order: _Order) -> _Made:
        """Propose and judge one step; runs in a thread of its own and touches nothing but ``work``."""
        key = order.key
        kept = self.work.get(order.number, key)
        if kept is not None and "outcome" in kept:
            return _made_from(kept)
        step = Step(order.number, order.choice.operator, order.choice.parents, order.choice.inspirations,
                    order.choice.place, order.proposer, seed=order.seed)  # fmt: skip
        candidate, why, refusal = self._proposed(order, kept)
        step = replace(step, why=why[:WHY_CHARS])
        if candidate is None:
            made = _Made(replace(step, status="refused", reason=refusal), None, Outcome("refused", refusal))
        else:
            record = {"candidate": dict(candidate.files), "why": why}
            self.work.put(order.number, key, record)
            outcome = self.evaluator.evaluate(candidate, order.seed)
            told = {k: v for k, v in asdict(outcome).items() if k not in VOLATILE}
            made = _Made(replace(step, candidate=candidate.id, **told), candidate, outcome)
        self.work.put(order.number, key, made.record())
        return made

    def _proposed(self, order: _Order, kept: dict[str, Any] | None) -> tuple[Candidate | None, str, str]:
        """The candidate of a step with its reason, or None and why there is none."""
        if order.first is not None:
            return order.first, "", ""
        if kept is not None:
            return Candidate(files=kept["candidate"]), kept["why"], ""
        parent = order.parents[0].candidate
        if order.choice.operator == "replicate":
            return parent, "the same files at another seed", ""
        refused: list[str] = []
        for _ in range(self.settings.attempts):
            request = Request(order.number, order.choice.operator, order.parents, order.inspirations, self.rules,
                              order.rng, tuple(refused))  # fmt: skip
            try:
                edit = self.proposers[order.proposer].propose(request)
                donors = tuple(k.candidate for k in order.parents[1:])
                candidate = apply(edit, parent, self.rules, donors=donors, provenance=order.proposer)
            except EditRefused as e:
                refused.append(f"{e.kind}: {e.message}")
                continue
            except ProposalFailed as e:
                return None, "", str(e)
            if too_similar(candidate, parent, self.settings.novelty):
                refused.append("novelty: the program is nearly its parent; change something that matters")
                continue
            return candidate, edit.why, ""
        return None, "", refused[-1]


def too_similar(candidate: Candidate, parent: Candidate, limit: float) -> bool:
    """Whether the changed files share at least ``limit`` of their distinct tokens with the parent's."""
    if limit >= 1:
        return False
    changed = [p for p, text in candidate.files.items() if parent.files.get(p) != text]
    mine, theirs = ({t for p in changed for t in c.files.get(p, "").split()} for c in (candidate, parent))
    union = mine | theirs
    return bool(union) and len(mine & theirs) / len(union) >= limit


@dataclass(frozen=True, slots=True)
class _Order:
    number: int
    choice: Choice
    proposer: str
    parents: tuple[Known, ...]
    inspirations: tuple[Known, ...]
    first: Candidate | None
    rng: Random
    seed: int

    @property
    def key(self) -> str:
        """From what this step is made: kept work is used only for the same."""
        files = self.first.id if self.first else ""
        made_from = [self.number, asdict(self.choice), self.proposer, self.seed, files,
                     [k.candidate.id for k in (*self.parents, *self.inspirations)]]  # fmt: skip
        return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Made:
    step: Step
    candidate: Candidate | None
    outcome: Outcome

    def record(self) -> dict[str, Any]:
        files = None if self.candidate is None else dict(self.candidate.files)
        return {"step": json.loads(self.step.as_json()), "candidate": files, "outcome": asdict(self.outcome)}


def _made_from(record: dict[str, Any]) -> _Made:
    files = record["candidate"]
    candidate = None if files is None else Candidate(files=files)
    return _Made(step_from_json(json.dumps(record["step"])), candidate, Outcome(**record["outcome"]))
