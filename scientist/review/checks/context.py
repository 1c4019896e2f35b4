"""What every check is given, and how a check words what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scientist.mind.reading import quote
from scientist.types import CitedWork, Finding, Manuscript, Paper, Severity, Span

Lookup = Callable[[CitedWork], Paper | None]
"""Finds the record of a cited work in a library; None when the library has none, which proves nothing."""


@dataclass(frozen=True)
class Context:
    """``year`` is the present year; ``lookup`` is None without a library, ``page_limit`` without a limit."""

    manuscript: Manuscript
    year: int
    lookup: Lookup | None = None
    page_limit: int | None = None


def error(context: Context, check: str, message: str, text: str = "", mend: str = "") -> Finding:
    return _finding(context, check, Severity.ERROR, message, text, mend)


def warning(context: Context, check: str, message: str, text: str = "", mend: str = "") -> Finding:
    return _finding(context, check, Severity.WARNING, message, text, mend)


def note(context: Context, check: str, message: str, text: str = "", mend: str = "") -> Finding:
    return _finding(context, check, Severity.NOTE, message, text, mend)


def _finding(context: Context, check: str, severity: Severity, message: str, text: str, mend: str) -> Finding:
    span: Span | None = quote(context.manuscript, text) if text else None
    return Finding(check=check, severity=severity, message=message, span=span, mend=mend)


def listed(items: list[str], limit: int = 6) -> str:
    """Items in words, the rest counted."""
    shown = ", ".join(items[:limit])
    return f"{shown} and {len(items) - limit} more" if len(items) > limit else shown
