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


@runtime_checkable
class Snowball(Protocol):
    """A source that knows which papers cite which. A paper that it does not hold has neither."""

    def references(self, paper: Paper, limit: int) -> list[Paper]:
        """At most ``limit`` papers that ``paper`` cites. Raises SourceError."""

    def citations(self, paper: Paper, limit: int) -> list[Paper]:
        """At most ``limit`` papers that cite ``paper``. Raises SourceError."""


@runtime_checkable
class Prepared(Protocol):
    """A source with something to load before it can answer."""

    def prepare(self) -> None:
        """Load it. Raises UsageError or EnvironmentProblem where a search would fail for want of it."""


class Dated(Frozen):
    """What a source answered; ``day`` (ISO) is set where the answer was kept on disk and the source not asked."""

    hits: tuple[Hit, ...]
    day: str | None = None


@runtime_checkable
class Keeper(Protocol):
    """A source whose answers are kept on disk."""

    def dated_search(self, query: str, limit: int) -> Dated:
        """As ``search``, with the day of an answer that was kept. Raises SourceError."""

    def kept_search(self, query: str, limit: int) -> Dated | None:
        """The answer that was kept, however old, without asking; None if there is none."""


OUT = 2
"""Strikes in a row after which a source is asked no more in a run."""


class SourceError(ScientistError):
    """A source could not answer. ``retryable`` says whether asking again may help; ``retry_after`` is in seconds.

    ``strikes`` is how much the failure counts against the source in this run, OUT for one that cannot be reached.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        strikes: int = 1,
    ) -> None:
        super().__init__(message, hint)
        self.retryable = retryable
        self.retry_after = retry_after
        self.strikes = strikes


SOURCES = Registry(
    "source",
    {
        "library": "scientist.literature.library:Library",
        "arxiv": "scientist.literature.arxiv:ArxivSource",
        "semantic_scholar": "scientist.literature.semantic_scholar:SemanticScholarSource",
        "openalex": "scientist.literature.openalex:OpenAlexSource",
        "crossref": "scientist.literature.crossref:CrossrefSource",
        "opensearch": "scientist.literature.opensearch:OpenSearchSource",
    },
)
"""Each entry makes a Source when called without arguments."""

LOCAL = frozenset({"library"})
"""Sources on this machine: asked offline too, and their answers are not kept."""


def open_sources(names: Sequence[str], *, embed: str | None = None) -> tuple[Source, ...]:
    """The named sources, in that order; the library with the encoder ``embed`` (None: the environment's, "": none).

    Raises UsageError for an unknown name, EnvironmentProblem where an encoder's package or model is missing.
    """
    opened = tuple(
        SOURCES.load(name)(embed=embed) if name in LOCAL and embed is not None else SOURCES.load(name)()
        for name in names
    )
    for source in opened:
        if isinstance(source, Prepared):
            source.prepare()
    return opened
