"""Loads a file of a template as a module, and the settings of its smoke preset, for the templates' own tests."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any


def load(folder: Path, name: str) -> ModuleType:
    """A file of the template as a module, leaving no trace of its folder: every template has a "harness"."""
    spec = importlib.util.spec_from_file_location(f"{folder.name}_{name}", folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(folder))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("harness", None)
    return module


def smoke_settings(folder: Path, dataset: str, **changed: Any) -> dict[str, Any]:
    """What a run of the smoke preset on one data set is configured with."""
    template = tomllib.loads((folder / "template.toml").read_text())
    run = {"datasets": [dataset], "phase": "confirmatory", "device": "cpu", "threads": 1}
    return {**template["presets"]["smoke"]["settings"], **run, **changed}
