"""What every command prints with: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from scientist.errors import ScientistError


def console() -> Any:
    """A rich console on stderr, for progress and messages."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def out() -> Any:
    """A rich console on stdout, for results."""
    from rich.console import Console

    return Console(highlight=False)


def print_json(value: Any) -> None:
    """One JSON value on stdout; pydantic values as their fields."""
    print(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def text_of(path: Path | None) -> str | None:
    """A path as a setting; None stays "not given"."""
    return None if path is None else str(path)


def fail(error: ScientistError) -> NoReturn:
    """Say what failed and what to do, and exit with the error's code."""
    from rich.markup import escape

    printer = console()
    printer.print(f"[bold red]error:[/] {escape(error.message)}", soft_wrap=True)
    if error.hint:
        printer.print(escape(error.hint), soft_wrap=True)
    sys.exit(error.exit_code)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):  # a pydantic value; the class itself is too heavy to import for --help
        return value.model_dump(mode="json")
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value
