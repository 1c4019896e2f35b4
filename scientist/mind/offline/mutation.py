"""The embedded operator that changes programs without a model: random edits that parse, differ and stay in bounds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, get_args

from scientist.errors import ScientistError, UsageError
from scientist.mind.offline.constants import draw_step, groups, step_group
from scientist.mind.offline.crossing import CROSSINGS
from scientist.mind.offline.sites import Program, parsed, spliced
from scientist.mind.offline.structure import CHANGES
from scientist.search.candidate import Candidate
from scientist.search.edit import Edit, EditRefused, Rules, apply
from scientist.search.regions import locked_texts

Operator = Literal["tune", "improve", "crossover", "draft"]

MOST_TRIES = 60
DRAFT_CHANGES = (2, 5)
BOLDNESS = 3.0
MOST_GROWTH = 400
"""Characters by which one edit may lengthen a program: without a limit, neutral changes pile up into bloat."""


class MutationFailed(ScientistError):
    """No change was found that parses, differs and keeps the rules."""


class Parent(Protocol):
    """What a candidate looks like to a proposer."""

    @property
    def candidate(self) -> Candidate: ...
    @property
    def score(self) -> float | None: ...


class Request(Protocol):
    """What the search asks of a proposer: another program made from ``parents``, the first of which is changed."""

    @property
    def operator(self) -> str: ...
    @property
    def parents(self) -> Sequence[Parent]: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def rng(self) -> random.Random: ...


class OfflineProposer:
    """Proposes edits with no model, key or network. Deterministic, given the request and its random source."""

    name = "offline"

    def propose(self, request: Request) -> Edit:
        """Raises UsageError for an operator or a number of parents that it cannot use, MutationFailed where no edit is
        found.
        """
        if not request.parents:
            raise UsageError("an edit needs a parent", "give the program that shall be changed")
        first, *others = (parent.candidate for parent in request.parents)
        return mutate(first, request.rules, request.rng, operator=request.operator, other=next(iter(others), None))


def mutate(
    candidate: Candidate, rules: Rules, rng: random.Random, *, operator: str = "tune", other: Candidate | None = None
) -> Edit:
    """An edit of ``candidate`` that ``search.edit.apply`` accepts under ``rules``; it gives whole files.

    ``tune`` changes numbers, ``improve`` the structure, ``crossover`` takes a part of ``other``, ``draft`` makes
    several large changes at once. Raises UsageError, or MutationFailed after a bounded number of tries.
    """
    if operator not in get_args(Operator):
        raise UsageError(f"there is no operator {operator!r}", f"one of: {', '.join(get_args(Operator))}")
    if operator == "crossover" and other is None:
        raise UsageError("crossover needs two parents", "give a second parent, or use another operator")
    if "patch" not in rules.ways:
        raise UsageError("the embedded operator changes files, which these rules do not allow", "allow the way 'patch'")
    paths = [p for p in rules.editable if p.endswith(".py") and p in candidate.files]
    programs = {path: _parsed(path, candidate) for path in paths}
    for _ in range(MOST_TRIES if programs else 0):
        path = rng.choice(paths)
        theirs = other.files.get(path) if other is not None and operator == "crossover" else None
        changed = _changed(programs[path], theirs, operator, rng)
        if changed is None:
            continue
        text, how = changed
        if len(text) > len(candidate.files[path]) + MOST_GROWTH:
            continue
        edit = Edit(why=f"{operator}: {how}", files={path: text})
        if _accepted(edit, candidate, rules, numbers_only=operator == "tune"):
            return edit
    raise MutationFailed(
        f"no {operator} of {', '.join(paths) or 'these files'} was found in {MOST_TRIES} tries",
        "the open regions may hold nothing that this operator can change; try another operator or parent",
    )


def _parsed(path: str, candidate: Candidate) -> Program:
    try:
        return parsed(candidate.files[path])
    except SyntaxError as e:
        raise UsageError(
            f"{path} of candidate {candidate.id[:12]} does not parse: {e}", "change a program that parses"
        ) from e


def _accepted(edit: Edit, candidate: Candidate, rules: Rules, *, numbers_only: bool) -> bool:
    if numbers_only:
        # A number in the place of a number parses and binds no name: the costly check is spared.
        ((path, text),) = edit.files.items()
        return text != candidate.files[path] and locked_texts(text) == locked_texts(candidate.files[path])
    try:
        apply(edit, candidate, rules)
    except EditRefused:
        return False
    return True


def _changed(program: Program, theirs: str | None, operator: str, rng: random.Random) -> tuple[str, str] | None:
    """The changed text with what was done, in words; None where this draw led to nothing."""
    try:
        if operator == "tune":
            return _tuned(program, rng)
        if operator == "improve":
            return _improved(program, rng)
        if operator == "draft":
            return _drafted(program, rng)
        return _crossed(program, theirs, rng)
    except SyntaxError:
        # An intermediate text of several changes does not parse.
        return None


def _tuned(program: Program, rng: random.Random, boldness: float = 1.0) -> tuple[str, str] | None:
    found = groups(program)
    if not found:
        return None
    # A list counts for its length, up to a limit: the numbers beside a long list are to have their turns, too.
    weights = [min(len(group), 12) for group in found]
    step = draw_step(rng, boldness)
    count = rng.choice((1, 1, 1, 2, 3)) if boldness <= 1.0 else rng.randint(1, 4)
    picked = _distinct(rng.choices(range(len(found)), weights, k=count))
    splices = [splice for k in picked for splice in step_group(found[k], step, rng)]
    return spliced(program.text, splices), f"{len(splices)} numbers, steps of {step.additive:.1g}"


def _distinct(picked: list[int]) -> Iterator[int]:
    return iter(dict.fromkeys(picked))


def _improved(program: Program, rng: random.Random) -> tuple[str, str] | None:
    change = rng.choice(CHANGES)
    text = change(program, rng)
    return None if text is None else (text, change.__name__.replace("_", " "))


def _drafted(program: Program, rng: random.Random) -> tuple[str, str] | None:
    told = []
    for _ in range(rng.randint(*DRAFT_CHANGES)):
        bold = rng.random() < 0.3
        step = _tuned(program, rng, BOLDNESS) if bold else _improved(program, rng)
        if step is not None:
            program = Program(step[0])
            told.append(step[1])
    return (program.text, "; ".join(told)) if told else None


def _crossed(program: Program, theirs: str | None, rng: random.Random) -> tuple[str, str] | None:
    if theirs is None or theirs == program.text:
        return None
    cross = rng.choice(CROSSINGS)
    text = cross(program, parsed(theirs), rng)
    if text is None or text == theirs:
        return None
    return text, cross.__name__.replace("_", " ")
