"""Write a small complete template to start from: it runs in a second, needs only Python, and passes the check."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from scientist.errors import UsageError
from scientist.workspace import disk_errors, write_text

FILES = ("template.toml", "harness.py", "experiment.py", "seed_ideas.json")


def new_template(name: str, folder: Path) -> Path:
    """Write the template ``folder/name`` and return its path. Raises UsageError if it exists or the name is no id."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_\-]*", name):
        raise UsageError(
            f"{name!r} cannot be a template's name", "use lower-case letters, digits, '_' and '-', as in label_noise"
        )
    target = folder.expanduser() / name
    if target.exists():
        raise UsageError(f"{target} exists already", "choose another name or folder")
    source = files("scientist.experiments") / "scaffold"
    with disk_errors("writing the template", target):
        for file in FILES:
            text = (source / file).read_text(encoding="utf-8")
            write_text(target / file, text.replace("@TITLE@", _title(name)))
    return target


def _title(name: str) -> str:
    words = re.sub(r"[_\-]+", " ", name).strip()
    return words[:1].upper() + words[1:]
