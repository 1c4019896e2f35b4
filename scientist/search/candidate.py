"""Candidates: immutable text artefacts that are told apart by what they hold, and that know where they came from."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Candidate:
    """Files by their POSIX path. ``parents`` are the ids of what it was made from, ``provenance`` says by whom."""

    files: dict[str, str]
    parents: tuple[str, ...] = field(default=(), compare=False)
    provenance: str = field(default="", compare=False)

    @cached_property
    def id(self) -> str:
        """sha256 over the sorted (path, content): two candidates with the same files have the same id."""
        digest = hashlib.sha256()
        for path, text in sorted(self.files.items()):
            digest.update(f"{len(path)} {path} {len(text.encode())} ".encode() + text.encode())
        return digest.hexdigest()


def read_candidate(folder: Path, paths: Iterable[str], *, provenance: str = "") -> Candidate:
    """The candidate made of the files ``paths`` in ``folder``, as UTF-8 text with newlines as they stand."""
    files = {path: (folder / path).read_bytes().decode() for path in sorted(paths)}
    return Candidate(files=files, provenance=provenance)


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """A unified diff that ``patch -p1`` applies; "" where nothing differs."""
    return "".join(
        line for path in sorted({*before, *after}) for line in _file_difference(path, before.get(path), after.get(path))
    )


def _file_difference(path: str, before: str | None, after: str | None) -> Iterable[str]:
    names = ("/dev/null" if before is None else f"a/{path}", "/dev/null" if after is None else f"b/{path}")
    lines = difflib.unified_diff(_lines(before), _lines(after), *names)
    return (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str | None) -> list[str]:
    """Lines with their ends, cut at line feeds alone, as patch cuts them."""
    if not text:
        return []
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
