"""Looks up the works that a manuscript cites in the local library, so that what contradicts the record is found."""

from __future__ import annotations

from scientist.literature.library import Library
from scientist.review.checks.context import Lookup
from scientist.types import CitedWork, Paper


def library_lookup() -> Lookup:
    """A function from a cited work to the record of the same title in the local library, or None."""
    library = Library()

    def find(cited: CitedWork) -> Paper | None:
        return library.find(title=cited.title) if cited.title else None

    return find
