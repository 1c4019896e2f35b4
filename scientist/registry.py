"""Names to implementations: ``"module:attribute"`` strings, imported on first use, extended by entry points."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from scientist.errors import UsageError


class Registry:
    """A lazy table of implementations of one Protocol.

    Another package adds to it with an entry point in the group ``scientist.<kind>``.
    """

    def __init__(self, kind: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self._builtin = dict(builtin)

    def names(self) -> list[str]:
        return sorted({*self._builtin, *(e.name for e in self._entry_points())})

    def load(self, name: str) -> Any:
        """The object registered under ``name``. Raises UsageError, listing the known names."""
        if name in self._builtin:
            module, _, attribute = self._builtin[name].partition(":")
            return getattr(import_module(module), attribute)
        for entry in self._entry_points():
            if entry.name == name:
                return entry.load()
        raise UsageError(f"no {self.kind} is called {name!r}", f"known: {', '.join(self.names())}")

    def _entry_points(self) -> Any:
        return entry_points(group=f"scientist.{self.kind}")
