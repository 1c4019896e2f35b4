"""The embedded operator: its edits parse, differ, keep the rules, repeat with their random source, and reach what they
should.
"""

from __future__ import annotations

import ast
import random
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from scientist.errors import UsageError
from scientist.mind.offline.constants import Step, groups, stepped
from scientist.mind.offline.mutation import MutationFailed, OfflineProposer, mutate
from scientist.mind.offline.sites import Program
from scientist.mind.offline.structure import CHANGES
from scientist.search.candidate import Candidate
from scientist.search.edit import Rules, apply
from scientist.search.regions import locked_texts

RULES = Rules(editable=("program.py",))
TEXT = '''"""A program. Its 99 words are no numbers."""
import math

# EVOLVE-BLOCK-START
RATE = 0.3  # stays in [0, 1]
SCALE = -250.0
COUNT = 12
VEC = [0.1, 0.2, -0.3, 0.4, 0.5]


def value(x, y=2.0):
    """Naïve: 7 things."""
    total = 0.0
    for k in range(COUNT):
        if x > RATE and k < 5:
            total = total + math.sin(k * x) / (1.0 + y)
        total = max(total, VEC[2] * x)
    label = f"{x:3.1f} é"
    return total if label else abs(total - SCALE)


# EVOLVE-BLOCK-END


def run(n):
    return value(n * 3.5)
'''
FIRST_PROGRAMS = sorted((Path(__file__).parents[2] / "tasks").glob("*/program.py"))


class Parent(NamedTuple):
    candidate: Candidate
    score: float | None = None


class Request(NamedTuple):
    operator: str
    parents: tuple[Parent, ...]
    rules: Rules
    rng: random.Random


def candidate(text: str) -> Candidate:
    return Candidate(files={"program.py": text})


def changed(text: str, operator: str, seed: int, other: str | None = None) -> str:
    edit = mutate(
        candidate(text), RULES, random.Random(seed), operator=operator, other=candidate(other) if other else None
    )
    return apply(edit, candidate(text), RULES).files["program.py"]


@pytest.mark.parametrize("operator", ["tune", "improve", "draft"])
@pytest.mark.parametrize("path", FIRST_PROGRAMS, ids=lambda path: path.parent.name)
def test_every_edit_is_applied_and_changes_nothing_that_is_locked(operator: str, path: Path) -> None:
    text = path.read_text()
    if operator == "tune" and path.parent.name == "cpu_kernel":
        text = text.replace("def density(x, z):", "SCALE = 0.5\n\n\ndef density(x, z):", 1)
    for seed in range(10):
        after = changed(text, operator, seed)
        assert after != text and locked_texts(after) == locked_texts(text)
        ast.parse(after)


@pytest.mark.parametrize("operator", ["tune", "improve", "draft", "crossover"])
def test_the_same_random_source_gives_the_same_edit(operator: str) -> None:
    def proposed(seed: int) -> str:
        parents = (Parent(candidate(TEXT)), Parent(candidate(TEXT.replace("0.3 ", "0.6 ").replace("sin", "cos")), 1.0))
        edit = OfflineProposer().propose(Request(operator, parents, RULES, random.Random(seed)))
        return edit.files["program.py"] + edit.why

    assert [proposed(seed) for seed in range(8)] == [proposed(seed) for seed in range(8)]
    assert len({proposed(seed) for seed in range(8)}) > 3


def test_tune_reaches_every_open_number_and_no_other() -> None:
    values = [site.value for group in groups(Program(TEXT)) for site in group]
    assert values == [0.3, -250.0, 12, 0.1, 0.2, -0.3, 0.4, 0.5, 2.0, 0.0, 5, 1.0]
    shape = re.compile(r"-?\d[\d.e+-]*")
    for seed in range(60):
        after = changed(TEXT, "tune", seed)
        assert shape.sub("#", after) == shape.sub("#", TEXT).replace("##", "#") or ast.dump(_bare(after)) == ast.dump(
            _bare(TEXT)
        )
        assert (
            "7 things" in after
            and "99 words" in after
            and "VEC[2]" in after
            and ":3.1f} é" in after
            and "n * 3.5" in after
        )


def _bare(text: str) -> ast.AST:
    """The tree with every number a zero, and a sign before a number part of it."""

    class Zero(ast.NodeTransformer):
        def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
            return self.visit(node.operand) if isinstance(node.operand, ast.Constant) else self.generic_visit(node)

        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant(0) if isinstance(node.value, int | float) else node

    return Zero().visit(ast.parse(text))


def test_steps_fit_the_number() -> None:
    rng = random.Random(0)
    small = Step(additive=0.01, relative=0.03)
    for _ in range(500):
        assert 0.0 <= stepped(0.995, Step(0.3, 1.0), rng) <= 1.0
        near = stepped(0.5, small, rng)
        assert near != 0.5 and abs(near - 0.5) < 0.06
        count = stepped(12, small, rng)
        assert type(count) is int and count >= 1 and count != 12
        assert stepped(1, small, rng) in range(0, 6) and type(stepped(0, small, rng)) is int
        large = stepped(-250.0, small, rng)
        assert large < 0 and 0.8 < large / -250.0 < 1.25 and large != -250.0
        assert 0.5 < stepped(1e-6, small, rng) / 1e-6 < 2
        assert stepped(0.0, small, rng) != 0.0
        assert abs(stepped(10**40, Step(1.0, 3.0), rng)) < 10**42


def test_a_list_is_stepped_in_some_of_its_places() -> None:
    text = f"VEC = {[0.5] * 40}\n"
    counts = Counter(sum(a != 0.5 for a in ast.literal_eval(changed(text, "tune", seed)[6:])) for seed in range(80))
    assert min(counts) == 1 and max(counts) == 40 and len(counts) > 3


def test_every_structural_change_is_found_and_told() -> None:
    told = Counter(
        mutate(candidate(TEXT), RULES, random.Random(seed), operator="improve").why.split(": ")[1]
        for seed in range(160)
    )
    assert set(told) == {change.__name__.replace("_", " ") for change in CHANGES}


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ("def f(a, b):\n    return a + b\n", r"return a [-*/] b$"),
        ("def f(a, b):\n    return min(a, b)\n", r"return max\(a, b\)$"),
        ("def f(a, b):\n    return a if a < b else b\n", r"return a if a (<=|>|>=) b else b$"),
        ("def f(a, b):\n    return a + b\n", r"return a$"),
        ("def f(a, b):\n    return a + b\n", r"return b \+ b$"),
        ("def f(a):\n    for i in range(a):\n        a += i\n    return a\n", r"range\(2 \* a\)"),
        ("def f(a):\n    a = 2 * a\n    return a\n", r"^def f\(a\):\n    return a$"),
        ("import math\n\n\ndef f(a):\n    return a\n", r"math\.log1p\(abs\(a\)\)"),
    ],
)  # fmt: skip
def test_a_structural_change_that_is_wanted_comes_up(before: str, wanted: str) -> None:
    assert any(re.search(wanted, changed(before, "improve", seed), re.MULTILINE) for seed in range(300))


def test_precedence_is_kept_where_a_part_is_replaced() -> None:
    """What is put in place of a factor stays one factor."""
    before = "def f(a, b):\n    return a * b\n"
    for seed in range(200):
        after = changed(before, "improve", seed)
        assert ast.unparse(ast.parse(after)) == ast.unparse(ast.parse(after))
        if "1 * a" in after or "* b * b" in after:
            assert not re.search(r"a [+-] [\d.]+ \* \w \* b$", after)


def test_crossover_mixes_the_numbers_of_two_programs() -> None:
    a, b = "A = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]\n", "A = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]\n"
    children = [ast.literal_eval(changed(a, "crossover", seed, b)[4:]) for seed in range(40)]
    assert any(set(child) == {0.0, 1.0} for child in children)
    assert any(0.0 < x < 1.0 for child in children for x in child)


def test_crossover_takes_a_function_of_the_second_parent() -> None:
    other = TEXT.replace("total = 0.0", "total = y").replace("RATE = 0.3", "RATE = 0.7")
    children = [changed(TEXT, "crossover", seed, other) for seed in range(30)]
    assert any("total = y" in child and "RATE = 0.3" in child for child in children)
    assert all(child not in (TEXT, other) for child in children)


def test_locked_regions_may_lie_between_open_ones() -> None:
    text = "A = 1.5\n# --- locked ---\nB = 2.5\n# --- end of locked ---\nC = 3.5\n"
    for seed in range(30):
        after = changed(text, "tune", seed)
        assert "B = 2.5" in after and after != text


def test_what_cannot_be_changed_is_said() -> None:
    with pytest.raises(MutationFailed, match=r"no tune of program\.py"):
        mutate(candidate("def run(x):\n    return x\n"), RULES, random.Random(0))
    with pytest.raises(UsageError, match=r"no operator"):
        mutate(candidate(TEXT), RULES, random.Random(0), operator="dream")
    with pytest.raises(UsageError, match="two parents"):
        mutate(candidate(TEXT), RULES, random.Random(0), operator="crossover")
    with pytest.raises(UsageError, match="does not parse"):
        mutate(candidate("def ("), RULES, random.Random(0))
    with pytest.raises(MutationFailed, match="no crossover"):
        mutate(candidate(TEXT), RULES, random.Random(0), operator="crossover", other=candidate(TEXT))
    with pytest.raises(UsageError, match="needs a parent"):
        OfflineProposer().propose(Request("tune", (), RULES, random.Random(0)))


def test_a_climb_by_tuning_finds_an_optimum() -> None:
    """Numbers only, better or equal is kept: a bowl in four dimensions, from two away to a hundredth."""
    text, rng = "VEC = [0.9, 0.1, 3.0, -40.0]\n", random.Random(1)
    target = (0.25, 0.75, 5.0, -20.0)

    def off(program: str) -> float:
        return sum(abs(a / b - 1) for a, b in zip(ast.literal_eval(program[6:]), target, strict=True))

    start = off(text)
    for _ in range(600):
        after = mutate(candidate(text), RULES, rng).files["program.py"]
        text = after if off(after) <= off(text) else text
    assert off(text) < start / 50
