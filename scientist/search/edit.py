"""Edits: how one text artefact becomes the next, and the only place that says what an edit may touch."""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from scientist.search.candidate import Candidate
from scientist.search.regions import evolve_blocks, locked_texts, rebound

if TYPE_CHECKING:
    from scientist.types import SlotSpec

Way = Literal["slot", "patch"]

Refusal = Literal[
    "empty", "mixed", "way", "not_editable", "not_found", "not_unique", "unknown_slot", "signature", "locked_region",
    "syntax", "too_long", "no_change",
]  # fmt: skip

MOST_CHARS = 200_000
SHOWN_LINES = 12


@dataclass(frozen=True)
class Replacement:
    """Lines that stand exactly once in a file, and what takes their place."""

    path: str
    search: str
    replace: str


@dataclass(frozen=True)
class Take:
    """A part that a crossover takes from another candidate: a function of the top level, or an EVOLVE-BLOCK by number.

    ``donor`` counts the other parents from zero; exactly one of ``function`` and ``block`` is given.
    """

    path: str
    donor: int = 0
    function: str | None = None
    block: int | None = None


@dataclass(frozen=True)
class Edit:
    """A change of a candidate's files; exactly one of the four ways is used.

    ``replacements`` are SEARCH/REPLACE pairs applied in order; ``slot`` with ``function`` replaces one named function
    whole; ``files`` gives whole files; ``takes`` puts parts of other parents in the place of this one's.
    """

    why: str = ""
    replacements: tuple[Replacement, ...] = ()
    slot: str | None = None
    function: str = ""
    files: dict[str, str] = field(default_factory=dict)
    takes: tuple[Take, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What an edit may do: the files that it may change, the functions that it may fill, and in which ways.

    Files that are not in ``editable`` are locked. In an editable file, what stands between ``# --- locked ---`` and
    ``# --- end of locked ---``, or outside of ``EVOLVE-BLOCK`` marks where there are any, is locked too.
    """

    editable: tuple[str, ...]
    slots: tuple[SlotSpec, ...] = ()
    ways: tuple[Way, ...] = ("slot", "patch")


class EditRefused(Exception):
    """Why an edit was not applied: ``kind`` for programs, the message for whoever shall mend the edit."""

    def __init__(self, kind: Refusal, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def apply(
    edit: Edit, candidate: Candidate, rules: Rules, *, donors: Sequence[Candidate] = (), provenance: str = ""
) -> Candidate:
    """The candidate that ``edit`` makes of ``candidate``, with parts of ``donors`` where it takes some.

    Raises EditRefused; then nothing was changed.
    """
    files = _changed_files(edit, candidate, rules, donors)
    for path in files:
        if path not in rules.editable or path not in candidate.files:
            raise EditRefused("not_editable", f"{path} may not be changed; only: {', '.join(rules.editable)}")
    for path, text in files.items():
        _check_file(path, candidate.files[path], text)
    if all(_same_code(path, candidate.files[path], text) for path, text in files.items()):
        raise EditRefused("no_change", "the edit changes nothing but comments or spacing")
    parents = (candidate.id, *(d.id for d in donors)) if edit.takes else (candidate.id,)
    return Candidate(files={**candidate.files, **files}, parents=parents, provenance=provenance)


# ------------------------------------------------------------------------------------------- the four ways


def _changed_files(edit: Edit, candidate: Candidate, rules: Rules, donors: Sequence[Candidate]) -> dict[str, str]:
    used = [name for name in ("replacements", "slot", "files", "takes") if getattr(edit, name)]
    if not used:
        raise EditRefused("empty", "the edit says no change")
    if len(used) > 1:
        raise EditRefused("mixed", f"the edit mixes {' and '.join(used)}; use one way")
    if ("slot" if edit.slot else "patch") not in rules.ways:
        raise EditRefused("way", f"only these ways of changing the code are allowed: {', '.join(rules.ways)}")
    if edit.slot:
        return _filled_slot(edit, candidate, rules)
    if edit.takes:
        return _crossed(edit.takes, candidate, rules, donors)
    return _replaced(edit.replacements, candidate, rules) if edit.replacements else dict(edit.files)


def _replaced(replacements: tuple[Replacement, ...], candidate: Candidate, rules: Rules) -> dict[str, str]:
    files: dict[str, str] = {}
    for number, r in enumerate(replacements, start=1):
        if r.path not in rules.editable or r.path not in candidate.files:
            raise EditRefused("not_editable", f"{r.path} may not be changed; only: {', '.join(rules.editable)}")
        text = files.get(r.path, candidate.files[r.path])
        files[r.path] = _replace_lines(text, r, f"SEARCH block {number}")
    return files


def _replace_lines(text: str, r: Replacement, name: str) -> str:
    """Whole lines are compared, without the spaces at their ends; the search block must be there exactly once."""
    wanted = [line.rstrip() for line in r.search.strip("\n").split("\n")]
    if not any(wanted):
        raise EditRefused("not_found", f"{name} is empty; give the lines that are to be replaced")
    lines = text.split("\n")
    bare = [line.rstrip() for line in lines]
    places = [i for i in range(len(lines) - len(wanted) + 1) if bare[i : i + len(wanted)] == wanted]
    if not places:
        raise EditRefused("not_found", f"{name} does not stand in {r.path}, line for line{_nearest(bare, wanted)}")
    if len(places) > 1:
        at = ", ".join(str(i + 1) for i in places)
        raise EditRefused("not_unique", f"{name} stands {len(places)} times in {r.path} (lines {at}); give more lines")
    new = r.replace.strip("\n").split("\n") if r.replace.strip("\n") else []
    return "\n".join([*lines[: places[0]], *new, *lines[places[0] + len(wanted) :]])


def _nearest(lines: list[str], wanted: list[str]) -> str:
    """The place of the file that shares most lines with the search block, to copy from."""

    def shared(i: int) -> int:
        return sum(bool(w.strip()) and w.strip() == x.strip() for x, w in zip(lines[i:], wanted, strict=False))

    best = max(range(len(lines)), key=shared)
    if not shared(best):
        return "; copy it from the file as given"
    shown = "\n".join(lines[best : best + min(len(wanted), SHOWN_LINES)])
    return f"; the nearest lines of the file are:\n{shown}"


def _crossed(
    takes: tuple[Take, ...], candidate: Candidate, rules: Rules, donors: Sequence[Candidate]
) -> dict[str, str]:
    files: dict[str, str] = {}
    for take in takes:
        if take.path not in rules.editable or take.path not in candidate.files:
            raise EditRefused("not_editable", f"{take.path} may not be changed; only: {', '.join(rules.editable)}")
        if not 0 <= take.donor < len(donors) or take.path not in donors[take.donor].files:
            raise EditRefused("not_found", f"there is no other parent {take.donor} with a file {take.path}")
        text = files.get(take.path, candidate.files[take.path])
        files[take.path] = _take(text, donors[take.donor].files[take.path], take)
    return files


def _take(text: str, donor: str, take: Take) -> str:
    what = f"function {take.function}" if take.function is not None else f"EVOLVE-BLOCK {take.block}"
    here, there = (_part(t, take) for t in (text, donor))
    if here is None or there is None:
        raise EditRefused("not_found", f"{take.path} has no {what} {'here' if here is None else 'in the other parent'}")
    lines, others = text.split("\n"), donor.split("\n")
    return "\n".join([*lines[: here[0]], *others[there[0] : there[1]], *lines[here[1] :]])


def _part(text: str, take: Take) -> tuple[int, int] | None:
    """(first line, line after the last) of what is taken, counted from zero."""
    if take.function is not None:
        found = find_function(text, take.function)
        return None if found is None or found.end_lineno is None else (found.lineno - 1, found.end_lineno)
    blocks = evolve_blocks(text)
    return blocks[take.block] if take.block is not None and 0 <= take.block < len(blocks) else None


def _filled_slot(edit: Edit, candidate: Candidate, rules: Rules) -> dict[str, str]:
    slot = next((s for s in rules.slots if s.name == edit.slot), None)
    if slot is None:
        known = ", ".join(s.name for s in rules.slots) or "none"
        raise EditRefused("unknown_slot", f"there is no slot {edit.slot!r}; slots: {known}")
    if slot.file not in candidate.files:
        raise EditRefused("not_editable", f"{slot.file}, which holds the slot {slot.name}, is not one of the files")
    text = candidate.files[slot.file]
    old = find_function(text, slot.function)
    if old is None:
        raise EditRefused("unknown_slot", f"{slot.file} has no function {slot.function}")
    source = textwrap.dedent(edit.function).strip("\n")
    statements = _parsed(f"the function {slot.function}", source).body
    new = statements[0] if len(statements) == 1 else None
    if not isinstance(new, ast.FunctionDef) or new.name != slot.function:
        what = f"give exactly one function, called {slot.function}, with any import or helper inside it"
        raise EditRefused("signature", f"the slot {slot.name} is filled with something else: {what}")
    if new.decorator_list or parameters(new) != parameters(old):
        told = f"def {slot.function}({ast.unparse(old.args)})"
        raise EditRefused("signature", f"the function must keep its parameters and have no decorator: {told}")
    lines = text.split("\n")
    return {slot.file: "\n".join([*lines[: old.lineno - 1], *source.split("\n"), *lines[old.end_lineno :]])}


def find_function(text: str, name: str) -> ast.FunctionDef | None:
    """The one undecorated function of a module's top level that is called ``name``."""
    found = [s for s in ast.parse(text).body if isinstance(s, ast.FunctionDef) and s.name == name]
    return found[0] if len(found) == 1 and not found[0].decorator_list else None


def parameters(function: ast.FunctionDef) -> str:
    """The names, kinds and defaults of the parameters; their annotations may be written otherwise."""
    bare = copy.deepcopy(function.args)
    for argument in _arguments(bare):
        argument.annotation = None
    return ast.dump(bare)


def _arguments(args: ast.arguments) -> Iterator[ast.arg]:
    yield from (*args.posonlyargs, *args.args, *args.kwonlyargs)
    yield from (a for a in (args.vararg, args.kwarg) if a is not None)


# ------------------------------------------------------------------------------------------- what must hold after


def _check_file(path: str, before: str, after: str) -> None:
    if len(after) > MOST_CHARS:
        raise EditRefused("too_long", f"{path} would have more than {MOST_CHARS} characters")
    if locked_texts(before) != locked_texts(after):
        raise EditRefused("locked_region", f"the edit changes a locked part of {path}; leave locked parts as they are")
    if path.endswith(".py"):
        _parsed(path, after)
        if names := sorted(rebound(after) - rebound(before)):
            raise EditRefused(
                "locked_region", f"{', '.join(names)} is defined in a locked part of {path}; do not define it again"
            )


def _parsed(what: str, source: str) -> ast.Module:
    """The parsed source. Compiled as well, because some errors are found only then; it is not run."""
    try:
        compile(source, what, "exec", dont_inherit=True)
        return ast.parse(source)
    except SyntaxError as e:
        line = f": {e.text.strip()}" if e.text else ""
        raise EditRefused("syntax", f"{what} would not parse: {e.msg}, line {e.lineno}{line}") from e
    except (ValueError, RecursionError, MemoryError) as e:
        raise EditRefused("syntax", f"{what} would not parse: {e or type(e).__name__}") from e


def _same_code(path: str, before: str, after: str) -> bool:
    if before == after or not path.endswith(".py"):
        return before == after
    return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
