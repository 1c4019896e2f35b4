"""Crossover: a program takes numbers, a function, an expression or a whole block from another program."""

from __future__ import annotations

import ast
import random

from scientist.mind.offline.constants import DIGITS, Site, groups, rewritten
from scientist.mind.offline.sites import Program, Splice, spliced


def mix_numbers(mine: Program, other: Program, rng: random.Random) -> str | None:
    """Each number from one of the two, or between them, where both hold the same numbers but for their values."""
    ours = [site for group in groups(mine) for site in group]
    theirs = [site for group in groups(other) for site in group]
    if len(ours) != len(theirs) or _skeleton(mine, ours) != _skeleton(other, theirs):
        return None
    blend = rng.random() < 0.5
    splices = [_mixed(a, b, blend, rng) for a, b in zip(ours, theirs, strict=True) if a.value != b.value]
    return spliced(mine.text, [s for s in splices if s is not None]) if splices else None


def _skeleton(program: Program, sites: list[Site]) -> str:
    return spliced(program.text, [Splice(site.start, site.end, "#") for site in sites])


def _mixed(a: Site, b: Site, blend: bool, rng: random.Random) -> Splice | None:
    if not blend or isinstance(a.value, int) or isinstance(b.value, int):
        return rewritten(a, b.value) if rng.random() < 0.5 else None
    # A little beyond both, so that a population does not shrink into its own middle.
    weight = rng.uniform(-0.25, 1.25)
    return rewritten(a, float(f"{a.value + weight * (b.value - a.value):.{DIGITS}g}"))


def take_function(mine: Program, other: Program, rng: random.Random) -> str | None:
    """A function of the same name, as the other has it; or a statement of the top level that binds the same name."""
    theirs = {name: other.source(s) for s in other.statements if (name := _name(other, s))}
    found = [s for s in mine.statements if theirs.get(_name(mine, s), mine.source(s)) != mine.source(s)]
    if not found:
        return None
    chosen = rng.choice(found)
    return spliced(mine.text, [Splice(*mine.span(chosen), theirs[_name(mine, chosen)])])


def _name(program: Program, statement: ast.stmt) -> str:
    """What an undecorated statement of the top level binds; "" for what binds no single name and for deeper ones."""
    if statement.col_offset or getattr(statement, "decorator_list", []):
        return ""
    if isinstance(statement, ast.FunctionDef):
        return statement.name
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""


def take_block(mine: Program, other: Program, rng: random.Random) -> str | None:
    """One open stretch of lines (an EVOLVE-BLOCK), as the other has it."""
    ours, theirs = mine.stretches(), other.stretches()
    if len(ours) != len(theirs) or len(ours) < 2:
        # With a single block the child would be the other parent.
        return None
    found = [
        k for k, (a, b) in enumerate(zip(ours, theirs, strict=True)) if mine.text[slice(*a)] != other.text[slice(*b)]
    ]
    if not found:
        return None
    k = rng.choice(found)
    return spliced(mine.text, [Splice(*ours[k], other.text[slice(*theirs[k])])])


def take_expression(mine: Program, other: Program, rng: random.Random) -> str | None:
    """An expression of the other takes the place of one of the same kind."""
    theirs = [e for e in other.expressions if not isinstance(e, ast.Constant | ast.Name)]
    kinds = {type(e) for e in theirs}
    found = [e for e in mine.expressions if type(e) in kinds]
    if not found:
        return None
    chosen = rng.choice(found)
    text = mine.source(chosen)
    alike = [e for e in theirs if type(e) is type(chosen) and other.source(e) != text]
    return spliced(mine.text, [mine.splice(chosen, rng.choice(alike))]) if alike else None


CROSSINGS = (mix_numbers, take_function, take_block, take_expression)
