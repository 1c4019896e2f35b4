"""Keeps what names a person's machine out of a bundle: folders in the records of a run, the address of a server."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any

import tomli_w

Replacements = tuple[tuple[str, str], ...]


def replacements(folders: Mapping[str, Path]) -> Replacements:
    """What each folder is called in the bundle, the longest path first; the home folder and Python's are added."""
    known = {**folders, "home": Path.home(), "python": Path(sys.prefix)}
    pairs = {str(path): f"<{name}>" for name, path in reversed(known.items()) if len(path.parts) > 1}
    return tuple(sorted(pairs.items(), key=lambda pair: -len(pair[0])))


def without_folders(text: str, known: Replacements) -> str:
    """``text`` with every known folder called by its name."""
    for path, name in known:
        text = _whole(path).sub(name, text)
    return text


def names_folder(data: bytes, known: Replacements) -> bool:
    """Whether a file that must not be changed names one of the folders."""
    return any(path.encode() in data and _whole(path).search(data.decode(errors="replace")) for path, _ in known)


def public_settings(toml: str) -> str:
    """``run.toml`` without the folders and the server address of the machine that it was frozen on."""
    return tomli_w.dumps(_public(tomllib.loads(toml)))


def _public(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _value(key, value) for key, value in table.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _public(value)
    if isinstance(value, list):
        return [_value(key, v) for v in value]
    if isinstance(value, str) and key == "base_url":
        return "<address>"
    if isinstance(value, str) and key == "executor" and ":" in value:
        return f"{value.partition(':')[0]}:<place>"
    if isinstance(value, str) and PurePath(value).is_absolute():
        return f"<folder>/{PurePath(value).name}"
    return value


def _whole(path: str) -> re.Pattern[str]:
    """The path where it does not go on as another name."""
    return re.compile(rf"(?<![\w.\-]){re.escape(path)}(?![\w\-]|\.\w)")


def leaking(files: Iterable[tuple[str, bytes]], known: Replacements) -> tuple[str, ...]:
    """The files that name a folder all the same."""
    return tuple(name for name, data in files if names_folder(data, known))
