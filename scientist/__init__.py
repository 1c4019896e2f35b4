"""An automated research system: a topic in, a reviewed paper out whose every number traces to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "review", "run"]

if TYPE_CHECKING:
    from scientist.api import review, run


def __getattr__(name: str) -> Any:
    """Import the two entry points on first use, so that ``import scientist`` stays cheap."""
    if name in ("run", "review"):
        from scientist import api

        return getattr(api, name)
    raise AttributeError(f"module 'scientist' has no attribute {name!r}")
