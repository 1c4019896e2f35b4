"""The loop: an order that time cannot change, nothing lost and nothing done twice, failures as what they are."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from scientist.errors import UsageError
from scientist.search.archive import Archive, Work, read_archive
from scientist.search.bandit import choose_proposer
from scientist.search.candidate import Candidate
from scientist.search.edit import Edit, Replacement
from scientist.search.loop import Finished, ProposalFailed, Request
from scientist.search.step import Choice, Outcome, Step
from scientist.search.strategies import STRATEGIES, Scope
from scientist.search.view import View
from tests.search.engine import FIRST, Steps, Value, search, value_of


def jitter(n: int) -> float:
    return random.Random(n * 7919 + os.getpid()).random() * 0.01


@pytest.mark.parametrize("strategy", STRATEGIES.names())
def test_the_archive_does_not_depend_on_time(strategy: str, tmp_path: Path) -> None:
    for i, slow in enumerate((lambda n: 0.0, jitter, lambda n: 0.005 * (n % 3))):
        search(tmp_path / str(i), window=4, strategy=strategy, proposers={"steps": Steps(slow)}, evaluator=Value(slow))
    files = [(tmp_path / str(i) / "archive.sqlite").read_bytes() for i in range(3)]
    assert files[0] == files[1] == files[2]


def test_another_seed_is_another_search(tmp_path: Path) -> None:
    a, b = (search(tmp_path / str(seed), seed=seed) for seed in (0, 1))
    assert [s.candidate for s in a.view.steps] != [s.candidate for s in b.view.steps]


class Repeats:
    """Draws, and then repeats what leads and the first program in turn."""

    def __init__(self, scope: Scope) -> None:
        pass

    def select(self, view: View, rng: random.Random) -> Choice:
        if len(view) < 8:
            return Choice("draft", (0,))
        return Choice("replicate", ((0, view.leaders(1)[0].number)[len(view) % 2],))


@pytest.mark.parametrize("killed_at", [None, 9, 13])
def test_the_rth_replication_of_a_program_has_seed_r(killed_at: int | None, tmp_path: Path) -> None:
    """So that programs repeated equally often are compared on the same seeds, after a kill too."""

    class Kill(Exception):
        pass

    def tell(step: Step) -> None:
        if step.number == killed_at:
            raise Kill

    class Seeded(Value):
        def evaluate(self, candidate: Candidate, seed: int) -> Outcome:
            return Outcome("ok", "", value_of(candidate) + seed / 100)

    def run(**more: Any) -> list[Step]:
        return search(tmp_path, steps=24, window=3, strategy=Repeats, evaluator=Seeded(), **more).view.steps

    if killed_at is not None:
        with pytest.raises(Kill):
            run(listener=tell)
    seeds: dict[str | None, list[int]] = {}
    for step in (steps := run()):
        if step.operator == "replicate":
            seeds.setdefault(step.candidate, []).append(step.seed)
    assert len(seeds) > 1 and all(s == list(range(1, len(s) + 1)) for s in seeds.values())
    scores = {(s.candidate, s.seed): s.score for s in steps}
    assert all(scores[c, r] == pytest.approx(scores[c, 0] + r / 100) for c, s in seeds.items() for r in s)


def run_until_killed(folder: Path, started: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    def tell(step: Step) -> None:
        started.put(step.number)

    search(
        folder, window=3, proposers={"steps": Steps(lambda n: 0.004)}, evaluator=Value(lambda x: 0.004), listener=tell
    )


@pytest.mark.parametrize("at", [0, 7, 23])
def test_killed_at_any_moment_it_goes_on_to_the_same_end(at: int, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    started = context.Queue()
    process = context.Process(target=run_until_killed, args=(tmp_path / "killed", started))
    process.start()
    while started.get() < at:
        pass
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    kept = len(read_archive(tmp_path / "killed" / "archive.sqlite")[1])
    assert at < kept < 40
    proposer, evaluator = Steps(), Value()
    ending = search(tmp_path / "killed", window=3, proposers={"steps": proposer}, evaluator=evaluator)
    assert min(proposer.asked) >= kept  # what is in the archive was neither asked for nor judged again
    whole = search(tmp_path / "whole", window=3)
    assert ending.view.steps == whole.view.steps
    assert (tmp_path / "killed/archive.sqlite").read_bytes() == (tmp_path / "whole/archive.sqlite").read_bytes()


def test_work_that_was_finished_out_of_turn_is_not_done_again(tmp_path: Path) -> None:
    class Stops(Value):
        """Ends the process, as it were, at the first number above 3, when later steps are finished."""

        def evaluate(self, candidate, seed):  # type: ignore[no-untyped-def]
            if value_of(candidate) == 1:
                time.sleep(0.2)
                raise KeyboardInterrupt
            return super().evaluate(candidate, seed)

    class Counts:
        def propose(self, request: Request) -> Edit:
            x = value_of(request.parents[0].candidate)
            return Edit(replacements=(Replacement("program.py", f"X = {x}", f"X = {request.number}"),))

    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, steps=5, window=4, strategy="random", proposers={"c": Counts()}, evaluator=Stops())
    evaluator = Value()
    ending = search(tmp_path, steps=5, window=4, strategy="random", proposers={"c": Counts()}, evaluator=evaluator)
    assert len(ending.view) == 5
    assert evaluator.judged == [1]  # 2, 3 and 4 were finished while 1 was not


def test_eight_proposals_are_in_flight(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    class Waits(Steps):
        """Answers only when seven others are asked at the same time."""

        def propose(self, request: Request) -> Edit:
            together.wait(timeout=60)
            return super().propose(request)

    assert len(search(tmp_path, steps=33, window=8, proposers={"steps": Waits()}).view) == 33


def test_refused_edits_are_offered_again_with_the_reason_and_then_given_up(tmp_path: Path) -> None:
    told: list[tuple[str, ...]] = []

    class Outside:
        def propose(self, request: Request) -> Edit:
            told.append(request.refused)
            return Edit(replacements=(Replacement("program.py", "def run():", "def run():  # mine"),))

    ending = search(tmp_path, steps=2, proposers={"o": Outside()})
    step = ending.view.steps[1]
    assert step.status == "refused" and "locked" in step.reason and step.candidate is None
    assert len(told) == 3 and not told[0] and len(told[2]) == 2


def test_a_proposer_without_an_idea_costs_its_step_and_one_without_money_ends_the_search(tmp_path: Path) -> None:
    class Poor:
        def propose(self, request: Request) -> Edit:
            if request.number == 3:
                raise Finished("the budget of 1 USD is spent")
            raise ProposalFailed("no idea")

    ending = search(tmp_path, steps=9, proposers={"p": Poor()})
    assert [s.status for s in ending.view.steps] == ["ok", "refused", "refused"]
    assert ending.reason == "the budget of 1 USD is spent"


def test_the_same_files_are_judged_once_and_a_replication_again(tmp_path: Path) -> None:
    class Always:
        def propose(self, request: Request) -> Edit:
            return Edit(files={"program.py": FIRST.files["program.py"].replace("X = 0", "X = 5")})

    ending = search(tmp_path, steps=4, strategy="random", proposers={"a": Always()}, attempts=1)
    assert [s.status for s in ending.view.steps][1] == "ok"
    assert {s.status for s in ending.view.steps[2:]} <= {"duplicate", "refused"}


def test_a_near_copy_is_turned_down_without_being_run(tmp_path: Path) -> None:
    evaluator = Value()
    ending = search(tmp_path, steps=2, evaluator=evaluator, novelty=0.5, attempts=2)
    assert ending.view.steps[1].status == "refused" and "nearly its parent" in ending.view.steps[1].reason
    assert len(evaluator.judged) == 1


def test_the_archive_only_grows(tmp_path: Path) -> None:
    search(tmp_path, steps=3)
    with sqlite3.connect(tmp_path / "archive.sqlite") as db:
        for change in ("UPDATE steps SET score = 99", "DELETE FROM steps", "UPDATE texts SET text = ''"):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                db.execute(change)


def test_an_archive_of_another_search_is_refused(tmp_path: Path) -> None:
    search(tmp_path, steps=3)
    with pytest.raises(UsageError, match="another search"):
        search(tmp_path, steps=3, seed=1)
    (tmp_path / "odd.sqlite").write_bytes(b"not a database at all, by any means" * 40)
    with pytest.raises(UsageError, match="not the archive"):
        Archive(tmp_path / "odd.sqlite", {})


def test_costs_lie_apart(tmp_path: Path) -> None:
    search(tmp_path, steps=6)
    work = Work(tmp_path / "work.sqlite")
    assert [row[0] for row in work.costs()] == list(range(6))
    work.close()


def test_the_bandit_learns_which_proposer_pays() -> None:
    view, rng = View(), random.Random(0)
    view.add(Step(0, "first", candidate="0", score=0.0))
    for number in range(1, 200):
        name = choose_proposer(("good", "bad"), view, rng)
        score = float(number) if name == "good" else -1.0
        view.add(Step(number, "improve", (number - 1,), proposer=name, candidate=str(number), score=score))
    asked = [s.proposer for s in view.steps]
    assert asked.count("good") > 3 * asked.count("bad") > 0


def test_best_first_drafts_then_mends_then_follows_the_stages() -> None:
    operators = ("draft", "debug", "improve", "tune", "ablate", "replicate")
    strategy, rng = STRATEGIES.load("best_first")(Scope(40, operators)), random.Random(1)
    view = View()
    view.add(Step(0, "first", candidate="0", score=0.0))
    chosen = []
    for number in range(1, 40):
        choice = strategy.select(view, rng)
        chosen.append(choice.operator)
        failed = number % 5 == 2
        view.add(Step(number, choice.operator, choice.parents, candidate=str(number),
                      status="crashed" if failed else "ok", score=None if failed else float(number)))  # fmt: skip
    assert chosen[:3] == ["draft"] * 3
    assert "debug" in chosen and chosen[-1] in ("replicate", "debug")
    order = [o for o in dict.fromkeys(chosen) if o not in ("draft", "debug")]
    assert order == ["improve", "tune", "ablate", "replicate"]
    assert all(view.debug_depth(s) <= 3 for s in view.steps)
