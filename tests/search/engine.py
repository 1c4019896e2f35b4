"""A small search with scripted proposers and evaluators, for the tests of the engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scientist.search.archive import Archive, Work
from scientist.search.candidate import Candidate
from scientist.search.edit import Edit, Replacement, Rules
from scientist.search.loop import Ending, Evaluator, Proposer, Request, Search, Settings
from scientist.search.step import Outcome, Step
from scientist.search.strategies import STRATEGIES, Scope, Strategy

FIRST = Candidate(files={"program.py": "# EVOLVE-BLOCK-START\nX = 0\n# EVOLVE-BLOCK-END\n\ndef run():\n    return X\n"})
RULES = Rules(editable=("program.py",))


def value_of(candidate: Candidate) -> int:
    return int(candidate.files["program.py"].split("X = ")[1].split("\n")[0])


class Steps:
    """Proposes the parent's number plus a draw; ``delay`` gives the seconds that step n takes."""

    def __init__(self, delay: Callable[[int], float] = lambda n: 0.0) -> None:
        self.delay = delay
        self.asked: list[int] = []

    def propose(self, request: Request) -> Edit:
        self.asked.append(request.number)
        time.sleep(self.delay(request.number))
        x = value_of(request.parents[0].candidate)
        new = x + request.rng.randint(-3, 5)
        if new == x:
            new = x + 1
        return Edit(replacements=(Replacement("program.py", f"X = {x}", f"X = {new}"),), why=f"from {x}")


class Value:
    """Scores the number itself; every seventh is invalid, every eleventh crashes."""

    def __init__(self, delay: Callable[[int], float] = lambda x: 0.0) -> None:
        self.delay = delay
        self.judged: list[int] = []

    def evaluate(self, candidate: Candidate, seed: int) -> Outcome:
        x = value_of(candidate)
        self.judged.append(x)
        time.sleep(self.delay(x))
        if x % 7 == 6:
            return Outcome("invalid", f"{x} is not wanted", stage="full", cpu_s=0.1)
        if x % 11 == 10:
            return Outcome("crashed", "boom", stage="full")
        return Outcome("ok", "", float(x), {"x": float(x)}, stage="full", wall_s=time.time())


def search(
    folder: Path,
    *,
    steps: int = 40,
    seed: int = 0,
    window: int = 1,
    strategy: str | Callable[[Scope], Strategy] = "portfolio",
    proposers: dict[str, Proposer] | None = None,
    evaluator: Evaluator | None = None,
    first: Candidate = FIRST,
    rules: Rules = RULES,
    **settings: Any,
) -> Ending:
    """Run a search to its end in ``folder``, from where the archive there ends."""
    listener: Callable[[Step], None] = settings.pop("listener", lambda step: None)
    made = STRATEGIES.load(strategy) if isinstance(strategy, str) else strategy
    facts = {"seed": seed, "strategy": strategy if isinstance(strategy, str) else "the test's", "window": window}
    with Archive(folder / "archive.sqlite", facts) as archive:
        work = Work(folder / "work.sqlite")
        try:
            return Search(
                archive=archive,
                work=work,
                strategy=made(Scope(steps)),
                proposers=proposers or {"steps": Steps()},
                evaluator=evaluator or Value(),
                rules=rules,
                settings=Settings(steps, seed, window, **settings),
                listener=listener,
            ).run(first)
        finally:
            work.close()
