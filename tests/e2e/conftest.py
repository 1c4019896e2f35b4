"""What the end-to-end tests share: a private working folder, the command line as a subprocess, and its skips."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests come first: they are long, and one begun last leaves the other workers idle."""
    for item in items:
        if Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.e2e)
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the commands: a library of its own, no settings from outside, no literature service."""
    for tool in ("pdflatex", "latexmk"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SCIENTIST_")}
    return {
        **kept,
        "SCIENTIST_HOME": str(tmp_path_factory.mktemp("home")),
        "SCIENTIST_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        "SCIENTIST_RUN_OFFLINE": "1",
        "NO_COLOR": "1",
    }


@pytest.fixture(scope="session")
def scientist(environment: dict[str, str]) -> Command:
    """Run ``scientist ARGS`` in a folder and return what it printed."""

    def run(*args: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scientist.cli.main", *args],
            cwd=cwd, env={**environment, **(env or {})}, capture_output=True, text=True, timeout=400, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def small_template(tmp_path_factory: pytest.TempPathFactory, scientist: Command) -> Path:
    """The scaffold's template: real runs of well under a second, without torch."""
    folder = tmp_path_factory.mktemp("template")
    made = scientist("templates", "new", "descent", "--folder", str(folder), cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder / "descent"
