"""Locked regions: the parts of an editable file that no edit may change."""

from __future__ import annotations

import ast
from collections.abc import Iterator

BEGIN, END = "# --- locked ---", "# --- end of locked ---"
EVOLVE_BEGIN, EVOLVE_END = "# EVOLVE-BLOCK-START", "# EVOLVE-BLOCK-END"


def locked_texts(text: str) -> tuple[str, ...]:
    """The text of each locked region in order, marks included; a region that is not ended reaches to the end."""
    lines = text.split("\n")
    return tuple("\n".join(lines[first:last]) for first, last in _regions(lines))


def open_lines(text: str) -> tuple[tuple[int, int], ...]:
    """(first, last) line, counted from one and both included, of each stretch that no locked region covers."""
    lines = text.split("\n")
    stretches, start = [], 0
    for first, last in [*_regions(lines), (len(lines), len(lines))]:
        if first > start:
            stretches.append((start + 1, first))
        start = last
    return tuple(stretches)


def evolve_blocks(text: str) -> list[tuple[int, int]]:
    """(first line, line after the last) of what stands within each pair of EVOLVE-BLOCK marks, counted from zero."""
    blocks: list[tuple[int, int]] = []
    start = None
    for i, line in enumerate(text.split("\n")):
        bare = line.strip()
        if bare.startswith(EVOLVE_BEGIN) and start is None:
            start = i + 1
        elif bare.startswith(EVOLVE_END) and start is not None:
            blocks.append((start, i))
            start = None
    return blocks


def rebound(text: str) -> frozenset[str]:
    """The names of a Python module that its locked regions bind at the top level, and that code outside binds too."""
    regions = _regions(text.split("\n"))
    if not regions:
        return frozenset()
    tree = ast.parse(text)
    bound = list(_bindings(tree))
    inside = {name for statement, name in bound if _within(statement, regions)}
    outside = {name for statement, name in bound if not _within(statement, regions)}
    outside |= {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    return frozenset(inside & outside)


def _regions(lines: list[str]) -> list[tuple[int, int]]:
    """(first line, line after the last), counted from zero."""
    bare = [line.strip() for line in lines]
    if any(line.startswith((EVOLVE_BEGIN, EVOLVE_END)) for line in bare):
        return _outside(bare)
    regions, start = [], None
    for i, line in enumerate(bare):
        if line == BEGIN and start is None:
            start = i
        elif line == END and start is not None:
            regions.append((start, i + 1))
            start = None
    return regions if start is None else [*regions, (start, len(lines))]


def _outside(bare: list[str]) -> list[tuple[int, int]]:
    """What no EVOLVE-BLOCK encloses, its marks included: that much is locked."""
    regions, start = [], 0
    opened = False
    for i, line in enumerate(bare):
        if line.startswith(EVOLVE_BEGIN) and not opened:
            regions.append((start, i + 1))
            opened = True
        elif line.startswith(EVOLVE_END) and opened:
            start, opened = i, False
    return regions if opened else [*regions, (start, len(bare))]


def _within(statement: ast.stmt, regions: list[tuple[int, int]]) -> bool:
    return any(first < statement.lineno <= last for first, last in regions)


def _bindings(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """(top-level statement, name) for each name that the statement binds in the module, not inside its functions."""
    for statement in tree.body:
        for name in _bound(statement):
            yield statement, name


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((a.asname or a.name).partition(".")[0] for a in node.names)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        yield node.id
    if not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)
