"""Where a program may be changed: the syntax nodes of its open regions, and how text takes their place.

Positions come from ``ast``, and only the characters of the node that changes are replaced: comments, spacing and locked
regions stay byte for byte.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from scientist.search.regions import open_lines

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Splice(NamedTuple):
    """Characters ``start`` to ``end`` of a text give way to ``new``."""

    start: int
    end: int
    new: str


def spliced(text: str, splices: list[Splice]) -> str:
    """``text`` with each splice made; they must not overlap."""
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + splice.new + text[splice.end :]
    return text


class Program:
    """One Python file, parsed once. Raises SyntaxError where it does not parse."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.split("\n")
        self._ascii = text.isascii()
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._open = open_lines(text)
        self._remembered: dict[str, Any] = {}

    def remembered(self, what: str, find: Callable[[], Any]) -> Any:
        """What ``find`` returns, found once: a parent is changed many times."""
        if what not in self._remembered:
            self._remembered[what] = find()
        return self._remembered[what]

    def offset(self, line: int, column: int) -> int:
        """The index in the text of ast's line (from one) and column (in UTF-8 bytes)."""
        if not self._ascii:
            column = len(self._lines[line - 1].encode()[:column].decode())
        return self._starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def source(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def is_open(self, node: ast.expr | ast.stmt) -> bool:
        """Whether the node, decorators included, lies within one open stretch of lines."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        last = node.end_lineno or node.lineno
        return any(a <= first and last <= b for a, b in self._open)

    def line_is_open(self, line: int) -> bool:
        return any(a <= line <= b for a, b in self._open)

    def stretches(self) -> list[tuple[int, int]]:
        """(start, end) index of each open stretch of lines."""
        return [(self._starts[a - 1], min(self._starts[b], len(self.text))) for a, b in self._open]

    def touches_open(self, node: ast.stmt) -> bool:
        last = node.end_lineno or node.lineno
        return any(a <= last and node.lineno <= b for a, b in self._open)

    def lines_of(self, node: ast.stmt) -> tuple[int, int]:
        """(start, end) index of the statement's whole lines, the last line's end included."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        return self._starts[first - 1], min(self._starts[node.end_lineno or node.lineno], len(self.text))

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost function that holds the node."""
        above: ast.AST | None = self.parents.get(node)
        while above is not None and not isinstance(above, Function):
            above = self.parents.get(above)
        return above

    @cached_property
    def expressions(self) -> list[ast.expr]:
        """Open expressions that are computed: no annotation, default, decorator, called name, key or f-string part."""
        return [node for node in _computed(self.tree) if self.is_open(node)]

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """Open statements that stand alone on their lines, within functions or at the top level."""
        return [s for body in self.bodies for s in body if self.is_open(s) and self._alone(s, body)]

    @cached_property
    def bodies(self) -> list[list[ast.stmt]]:
        named = (getattr(node, name, None) for node in ast.walk(self.tree) for name in ("body", "orelse", "finalbody"))
        return [body for body in named if isinstance(body, list) and body]

    def _alone(self, statement: ast.stmt, body: list[ast.stmt]) -> bool:
        """No second statement shares its lines: not ``a; b``, not ``if c: a``."""
        start, end = self.span(statement)
        first, last = self.lines_of(statement)
        if getattr(statement, "decorator_list", []):
            start = first
        before, after = self.text[first:start], self.text[end:last].strip()
        return not before.strip() and (not after or after.startswith("#"))

    def splice(self, node: ast.expr, new: ast.expr) -> Splice:
        """Puts ``new`` where ``node`` stands, in brackets where the grammar needs them."""
        start, end = self.span(node)
        text = ast.unparse(new)
        needs = not isinstance(new, _ATOMS) or text.startswith("-")
        if needs and not self._delimited(node, new):
            text = f"({text})"
        return Splice(start, end, text)

    def _delimited(self, node: ast.expr, new: ast.expr) -> bool:
        """Whether commas, brackets or keywords part the node from its surroundings already."""
        parent = self.parents.get(node)
        if isinstance(parent, ast.Call):
            return node in parent.args
        if isinstance(parent, ast.IfExp):
            return isinstance(new, ast.BinOp | ast.Compare | ast.UnaryOp | ast.BoolOp)
        return isinstance(
            parent, (ast.Assign, ast.AugAssign, ast.Return, ast.Expr, ast.keyword, ast.List, ast.If, ast.While)
        )


@lru_cache(maxsize=64)
def parsed(text: str) -> Program:
    """The program of a text, from a small cache: a search changes the same few parents again and again. Not to be
    altered.
    """
    return Program(text)


_ATOMS = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.List)


def _computed(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions below ``node`` that hold a value, in the order of the text."""
    for name, field in ast.iter_fields(node):
        if name in _NOT_COMPUTED.get(type(node), ()):
            continue
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.expr) and _holds_value(child, name):
                yield child
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _computed(child)


def _holds_value(node: ast.expr, field: str) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (bool, int, float))
    return isinstance(getattr(node, "ctx", None), ast.Load | None) and not isinstance(node, ast.Starred | ast.Slice)


_NOT_COMPUTED: dict[type[ast.AST], tuple[str, ...]] = {
    ast.FunctionDef: ("args", "decorator_list", "returns"),
    ast.AsyncFunctionDef: ("args", "decorator_list", "returns"),
    ast.ClassDef: ("bases", "keywords", "decorator_list"),
    ast.AnnAssign: ("annotation", "target"),
    ast.Lambda: ("args",),
    ast.Call: ("func",),
    ast.Attribute: ("value",),
    ast.Dict: ("keys",),
    ast.ImportFrom: ("names",),
    ast.Subscript: ("value",),
    ast.Raise: ("exc", "cause"),
    ast.Assert: ("msg",),
}


def names_in_scope(program: Program, node: ast.AST) -> list[str]:
    """Parameters of the function around ``node`` and the names bound in it before, then the module's constants."""
    function = program.function_of(node)
    found: dict[str, None] = {}
    if function is not None:
        arguments = function.args
        found |= dict.fromkeys(a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))
        found |= dict.fromkeys(_stored(function, before=getattr(node, "lineno", 0)))
    for statement in program.tree.body:
        if isinstance(statement, ast.Assign) and (
            function is not None or statement.lineno < getattr(node, "lineno", 0)
        ):
            found |= dict.fromkeys(_stored(statement, before=statement.lineno + 1))
    return list(found)


def _stored(node: ast.AST, *, before: int) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store) and child.lineno < before:
            yield child.id


def called_names(program: Program) -> Callable[[str], bool]:
    """Whether a module of that name is imported by the program."""
    imported: set[str] = set()
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Import):
            imported |= {alias.asname or alias.name for alias in node.names}
    return imported.__contains__
