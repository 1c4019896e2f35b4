"""Numeric constants of a program: where they stand, and steps of the right size from one value to the next."""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Iterator
from typing import NamedTuple

from scientist.mind.offline.sites import Program, Splice

DIGITS = 9
SMALLEST_LIST = 4
"""From so many numbers on, a list or tuple is stepped as a whole: some of its numbers, by steps of one size."""
SETTINGS = frozenset({"axis", "ndmin", "keepdims", "order", "seed", "random_state", "maxlen"})
"""Keywords whose numbers name a choice rather than measure something."""


class Site(NamedTuple):
    """A number, its sign included, as the characters ``start`` to ``end`` of the text."""

    value: int | float
    start: int
    end: int
    line: int


def groups(program: Program) -> list[list[Site]]:
    """Numbers that may be changed, found once for a program."""
    found: list[list[Site]] = program.remembered("groups", lambda: _open_groups(program))
    return found


def _open_groups(program: Program) -> list[list[Site]]:
    """Open numbers in the order of the text: each list of them as one group, every other number as a group of one."""
    return [
        group
        for statement in program.tree.body
        if program.touches_open(statement)
        for group in _groups(statement, program)
        if all(program.line_is_open(site.line) for site in group)
    ]


def _groups(node: ast.AST, program: Program) -> Iterator[list[Site]]:
    if (site := _site(node, program)) is not None:
        yield [site]
        return
    if isinstance(node, ast.List | ast.Tuple) and len(node.elts) >= SMALLEST_LIST:
        numbers = [_site(element, program) for element in node.elts]
        if all(number is not None for number in numbers):
            yield [number for number in numbers if number is not None]
            return
    for child in _measuring(node):
        yield from _groups(child, program)


def _measuring(node: ast.AST) -> Iterator[ast.AST]:
    """Children whose numbers measure something: no index, no axis, no annotation, nothing inside an f-string."""
    kind = type(node)
    if kind in _WITHOUT_NUMBERS or (kind is ast.keyword and getattr(node, "arg", None) in SETTINGS):
        return
    for name in node._fields:
        if name in _NOT_MEASURED:
            continue
        field = getattr(node, name, None)
        if isinstance(field, ast.AST):
            yield field
        elif isinstance(field, list):
            yield from (child for child in field if isinstance(child, ast.AST))


_WITHOUT_NUMBERS = frozenset({ast.Name, ast.Constant, ast.JoinedStr, ast.arg, ast.alias, ast.Import, ast.ImportFrom})
_NOT_MEASURED = frozenset({"slice", "annotation", "returns", "decorator_list", "ctx", "op", "ops"})


def _site(node: ast.AST, program: Program) -> Site | None:
    sign = 1
    number = node
    if type(node) is ast.UnaryOp and type(node.op) is ast.USub:
        sign, number = -1, node.operand
    if type(number) is not ast.Constant:
        return None
    value = number.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    assert isinstance(node, ast.expr)
    start, end = program.span(node)
    return Site(sign * value, start, end, node.lineno)


class Step(NamedTuple):
    """How far a step goes: standard deviations of what is added to a number in [-1, 1], and of another's logarithm."""

    additive: float
    relative: float


def draw_step(rng: random.Random, boldness: float = 1.0) -> Step:
    """Sizes over three orders of magnitude, because nobody knows how near the optimum is."""
    size = 10 ** rng.uniform(-3.5, -0.5)
    return Step(additive=boldness * size, relative=boldness * 3 * size)


def stepped(value: int | float, step: Step, rng: random.Random) -> int | float:
    """Another value near ``value``: ints stay ints, a number in [0, 1] stays there, the sign of others stays."""
    if isinstance(value, int):
        return _stepped_int(value, step, rng)
    if -1.0 <= value <= 1.0:
        moved = value + rng.gauss(0.0, step.additive)
        # Zero has no side: an offset of zero may go both ways. One and below it are shares.
        moved = _reflected(moved) if value > 0.0 else moved
        # What is far below one is a small quantity, which may be off by factors, too.
        if 0.0 < abs(value) < 0.01:
            moved = value * math.exp(rng.gauss(0.0, step.relative))
    else:
        moved = value * math.exp(min(50.0, rng.gauss(0.0, step.relative)))
    rounded = float(f"{moved:.{DIGITS}g}")
    return rounded if rounded != value and math.isfinite(rounded) else value + (step.additive or 0.1) * (1 + abs(value))


def _stepped_int(value: int, step: Step, rng: random.Random) -> int:
    spread = max(1.0, min(abs(value), 10**15) * step.relative)
    by = round(rng.gauss(0.0, spread)) or rng.choice((-1, 1))
    moved = value + by
    if value > 0 and moved < (1 if value > 1 else 0):
        moved = value + abs(by)
    return moved


def _reflected(x: float) -> float:
    """Into [0, 1], mirrored at the ends."""
    x = abs(x) % 2.0
    return 2.0 - x if x > 1.0 else x


def step_group(group: list[Site], step: Step, rng: random.Random) -> list[Splice]:
    """A new value for a number, or for some numbers of a list: most often few, sometimes all."""
    count = 1 if len(group) == 1 else min(len(group), rng.choice((1, 1, 2, 2, 4, 4, 8, len(group))))
    return [rewritten(site, stepped(site.value, step, rng)) for site in rng.sample(group, count)]


def rewritten(site: Site, value: int | float) -> Splice:
    return Splice(site.start, site.end, repr(value))
