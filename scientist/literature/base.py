"""What a literature source is, and the registry of those that can be named in a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from scientist.errors import ScientistError
from scientist.registry import Registry
from scientist.types import Frozen, Paper


class Hit(Frozen):
    """A paper that answers a query. ``score`` is in the source's own units; larger is better."""

    paper: Paper
    score: float


class Source(Protocol):
    """Somewhere to search. A source answers with records, best first, or raises SourceError; it never invents."""

    name: str

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` papers for a query in plain words. Raises SourceError."""


@runtime_checkable
class Finder(Protocol):
    """A source that can also look one paper up by what identifies it."""

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The record with that arXiv id, else that DOI, else exactly that title; None if it holds none.

        Raises SourceError.
        """


class SourceError(ScientistError):
    """A source could not answer. ``retryable`` says whether asking again may help; ``retry_after`` is in seconds."""

    def __init__(
        self, message: str, hint: str = "", *, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint)
        self.retryable = retryable
        self.retry_after = retry_after


SOURCES = Registry(
    "source",
    {
        "library": "scientist.literature.library:Library",
        "arxiv": "scientist.literature.arxiv:ArxivSource",
        "semantic_scholar": "scientist.literature.semantic_scholar:SemanticScholarSource",
    },
)
"""Each entry makes a Source when called without arguments."""


def open_sources(names: Sequence[str]) -> tuple[Source, ...]:
    """The named sources, in that order. Raises UsageError for an unknown name."""
    return tuple(SOURCES.load(name)() for name in names)
