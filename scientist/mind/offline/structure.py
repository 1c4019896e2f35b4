"""Structural changes of a program, one small function each: what stands where is found, changed, and put back as text.

Each takes a parsed program and a random source, and returns the changed text, or None where it finds nothing to change.
The result may fail to parse or say nothing new; whoever calls checks that, and draws again.
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable
from itertools import pairwise

from scientist.mind.offline.constants import Step, stepped
from scientist.mind.offline.sites import Program, called_names, names_in_scope, spliced

Change = Callable[[Program, random.Random], str | None]

ARITHMETIC: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div)
COMPARISONS: tuple[type[ast.cmpop], ...] = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
KIN = (
    ("min", "max"), ("minimum", "maximum"), ("argmin", "argmax"), ("sum", "mean", "max", "min", "median"),
    ("sin", "cos"), ("floor", "ceil", "rint", "round"), ("exp", "expm1", "square"), ("log", "log1p", "sqrt"),
    ("any", "all"), ("zeros", "ones"), ("zeros_like", "ones_like"), ("cumsum", "cumprod"),
)  # fmt: skip
"""Functions that may stand for one another: they take the same arguments."""
BUILTIN_KIN = frozenset({"min", "max", "sum", "any", "all"})
"""Of the kin, those that are also built in, and so may stand without a module's name."""
FACTORS = (0.1, 0.25, 0.5, 2.0, 3.0, 10.0)


def swap_operator(program: Program, rng: random.Random) -> str | None:
    """``+ - * /`` for one another; a comparison for another; ``and`` for ``or``."""
    found = [e for e in program.expressions if _operator_of(e)]
    if not found:
        return None
    node = copy.deepcopy(chosen := rng.choice(found))
    if isinstance(node, ast.BinOp):
        node.op = rng.choice([op for op in ARITHMETIC if op is not type(node.op)])()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Compare):
        node.ops[0] = rng.choice([op for op in COMPARISONS if op is not type(node.ops[0])])()
    return _put(program, chosen, node)


def _operator_of(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ARITHMETIC)
    return isinstance(node, ast.BoolOp) or (isinstance(node, ast.Compare) and isinstance(node.ops[0], COMPARISONS))


def swap_function(program: Program, rng: random.Random) -> str | None:
    """min for max, sum for mean, sin for cos."""
    found = [(e, others) for e in program.expressions if isinstance(e, ast.Call) and (others := _kin(e))]
    if not found:
        return None
    chosen, others = rng.choice(found)
    node = copy.deepcopy(chosen)
    if isinstance(node.func, ast.Attribute):
        node.func.attr = rng.choice(others)
    elif isinstance(node.func, ast.Name):
        node.func.id = rng.choice(others)
    return _put(program, chosen, node)


def _kin(call: ast.Call) -> list[str]:
    bare = isinstance(call.func, ast.Name)
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    kin = {other for family in KIN if name in family for other in family if other != name}
    return sorted(kin & BUILTIN_KIN if bare else kin)


def insert_term(program: Program, rng: random.Random) -> str | None:
    """``e`` becomes ``e + c * other`` or ``e * other``, where ``other`` is another expression that is at hand."""
    chosen = _pick(program, rng)
    other = chosen and _at_hand(program, chosen, rng)
    if chosen is None or other is None:
        return None
    if rng.random() < 0.7:
        scaled = ast.BinOp(ast.Constant(rng.choice(FACTORS)), ast.Mult(), other)
        new = ast.BinOp(copy.deepcopy(chosen), rng.choice((ast.Add(), ast.Sub())), scaled)
    else:
        new = ast.BinOp(copy.deepcopy(chosen), rng.choice((ast.Mult(), ast.Div())), other)
    return _put(program, chosen, new)


def remove_term(program: Program, rng: random.Random) -> str | None:
    """``a + b`` becomes ``a`` or ``b``; ``f(a)`` becomes ``a``; ``-a`` becomes ``a``; ``a if c else b`` one side."""
    found = [(e, parts) for e in program.expressions if (parts := _parts(e))]
    if not found:
        return None
    chosen, parts = rng.choice(found)
    return _put(program, chosen, rng.choice(parts))


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    if isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        return [node.args[0]]
    return []


def wrap(program: Program, rng: random.Random) -> str | None:
    """abs, the root or the logarithm of the size, a square, a change of sign or a factor around an expression."""
    chosen = _pick(program, rng)
    if chosen is None:
        return None
    has = called_names(program)
    inner = ast.unparse(chosen)
    shapes = [
        f"-({inner})",
        f"({inner}) ** 2",
        f"{rng.choice(FACTORS)} * ({inner})",
        f"abs({inner})",
        f"abs({inner}) ** 0.5",
    ]
    module = "np" if has("np") else "math" if has("math") else None
    if module:
        shapes += [f"{module}.log1p(abs({inner}))", f"{module}.tanh({inner})", f"{module}.exp(-abs({inner}))"]
    return _put(program, chosen, ast.parse(rng.choice(shapes), mode="eval").body)


def gate(program: Program, rng: random.Random) -> str | None:
    """``e`` becomes ``e`` where one thing is below another, and a multiple of ``e`` elsewhere."""
    chosen = _pick(program, rng)
    left = chosen and _at_hand(program, chosen, rng)
    right = chosen and (_at_hand(program, chosen, rng) if rng.random() < 0.7 else ast.Constant(rng.choice((0, 0.5, 1))))
    if chosen is None or left is None or right is None:
        return None
    test = ast.Compare(left, [ast.Lt()], [right])
    other = ast.BinOp(ast.Constant(rng.choice(FACTORS)), ast.Mult(), copy.deepcopy(chosen))
    new: ast.expr = ast.IfExp(test, copy.deepcopy(chosen), other)
    if called_names(program)("np"):
        where = ast.parse("np.where", mode="eval").body
        new = ast.Call(where, [test, copy.deepcopy(chosen), other], [])
    return _put(program, chosen, new)


def replace_expression(program: Program, rng: random.Random) -> str | None:
    """Another expression of the same function, or a parameter or local name, takes an expression's place."""
    chosen = _pick(program, rng)
    other = chosen and _at_hand(program, chosen, rng)
    return _put(program, chosen, other) if chosen is not None and other is not None else None


def change_bounds(program: Program, rng: random.Random) -> str | None:
    """Other bounds of a ``range``: one more or less, double or half."""
    calls = (e for e in program.expressions if isinstance(e, ast.Call) and getattr(e.func, "id", "") == "range")
    bounds = [argument for call in calls for argument in call.args]
    if not bounds:
        return None
    chosen = rng.choice(bounds)
    inner = ast.unparse(chosen)
    shape = rng.choice(("({}) + 1", "({}) - 1", "2 * ({})", "({}) // 2"))
    return _put(program, chosen, ast.parse(shape.format(inner), mode="eval").body)


def delete_statement(program: Program, rng: random.Random) -> str | None:
    """Drops a statement that is not the last of its block, nor an import, a definition or a docstring."""
    crowded = {id(s) for body in program.bodies if len(body) > 1 for s in body}
    found = [s for s in program.statements if id(s) in crowded and not isinstance(s, (*_KEPT, ast.Return))]
    if not found:
        return None
    first, last = program.lines_of(rng.choice(found))
    return program.text[:first] + program.text[last:]


def duplicate_statement(program: Program, rng: random.Random) -> str | None:
    """Repeats a statement of a function, with one of the changes of expressions made in the copy."""
    kinds = (ast.Assign, ast.AugAssign, ast.For, ast.If)
    found = [s for s in program.statements if isinstance(s, kinds) and program.function_of(s) is not None]
    if not found:
        return None
    first, last = program.lines_of(rng.choice(found))
    block = program.text[first:last]
    text = program.text[:last] + (block if block.endswith("\n") else f"\n{block}") + program.text[last:]
    copied = Program(text)
    after = copied.text.count("\n", 0, last) + 1
    until = after + block.rstrip("\n").count("\n")
    copied.expressions = [e for e in copied.expressions if after <= e.lineno <= until]
    return rng.choice((swap_operator, replace_expression, wrap, insert_term))(copied, rng)


def swap_statements(program: Program, rng: random.Random) -> str | None:
    """Two statements that follow one another change places."""
    free = {id(s) for s in program.statements if not isinstance(s, (*_KEPT, ast.Return))}
    found = [(a, b) for body in program.bodies for a, b in pairwise(body) if {id(a), id(b)} <= free]
    if not found:
        return None
    a, b = (program.lines_of(s) for s in rng.choice(found))
    text = program.text
    return text[: a[0]] + text[b[0] : b[1]] + text[a[1] : b[0]] + text[a[0] : a[1]] + text[b[1] :]


def change_constant(program: Program, rng: random.Random) -> str | None:
    """A number by a large step, a truth value to the other."""
    found = [e for e in program.expressions if isinstance(e, ast.Constant)]
    if not found:
        return None
    chosen = rng.choice(found)
    value = chosen.value
    if isinstance(value, bool):
        return _put(program, chosen, ast.Constant(not value))
    assert isinstance(value, int | float)
    return _put(program, chosen, ast.Constant(stepped(value, Step(additive=0.3, relative=1.0), rng)))


CHANGES: tuple[Change, ...] = (
    swap_operator, swap_function, insert_term, remove_term, wrap, gate, replace_expression, change_bounds,
    delete_statement, duplicate_statement, swap_statements, change_constant,
)  # fmt: skip

_KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal)


def _pick(program: Program, rng: random.Random) -> ast.expr | None:
    """An expression that may be a number or an array of numbers. Names, calls and sums are likelier than constants."""
    found = [
        e for e in program.expressions if isinstance(e, (ast.BinOp, ast.Call, ast.Name, ast.Subscript, ast.UnaryOp))
    ]
    return rng.choice(found) if found else None


def _at_hand(program: Program, place: ast.expr, rng: random.Random) -> ast.expr | None:
    """Something else that could be computed at ``place``: a name, or an expression of the same function."""
    names = names_in_scope(program, place)
    if names and rng.random() < 0.5:
        return ast.Name(rng.choice(names), ast.Load())
    function = program.function_of(place)
    kinds = (ast.BinOp, ast.Call, ast.Name, ast.Subscript)
    near = [e for e in program.expressions if isinstance(e, kinds) and program.function_of(e) is function]
    text = program.source(place)
    others = [e for e in near if program.source(e) != text]
    return copy.deepcopy(rng.choice(others)) if others else None


def _put(program: Program, node: ast.expr, new: ast.expr) -> str:
    return spliced(program.text, [program.splice(node, new)])
