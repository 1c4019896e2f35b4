"""Papers, references, searches and what is new."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scientist.types.base import Frozen, Identifier


class Paper(Frozen):
    """A bibliographic record as a source gave it; ``source`` says which.

    ``authors_complete`` is False where the source's list of authors ends early. ``retracted`` and ``withdrawn`` say
    that the publisher, or the authors, took the work back. ``pdf_url`` is where a source says that it may be read.
    """

    id: str
    title: str
    authors: tuple[str, ...] = ()
    authors_complete: bool = True
    year: int | None = None
    venue: str = ""
    abstract: str = ""
    arxiv_id: str | None = None
    doi: str | None = None
    url: str | None = None
    pdf_url: str | None = None
    retracted: bool = False
    withdrawn: bool = False
    source: str


class Reference(Frozen):
    """A record kept for this run, with the BibTeX key it is cited by and how it was found.

    ``score`` is the retrieval score of the query that found it (engine units, larger is better), 0 for a record
    that the template names; ``related`` is the id of that template entry; ``reason`` says why it was kept.
    """

    key: Identifier
    paper: Paper
    query: str = ""
    score: float = 0.0
    related: str | None = None
    reason: str = ""


class SearchRecord(Frozen):
    """What one source answered to one query, for the paper's account of its literature search.

    ``cached`` is the day (ISO) of an answer that was kept on disk; with an ``error`` too, the source failed and its
    earlier answer stood in.
    """

    source: str
    query: str
    hits: int
    seconds: float
    error: str | None = None
    cached: str | None = None


class Aspect(Frozen):
    """How a neighbour stands to one side of an idea: which of the idea's words it has, and which it does not.

    ``unknown`` where only the neighbour's title is known, and that does not hold the words.
    """

    name: Literal["problem", "method", "data", "finding"]
    verdict: Literal["same", "partly", "different", "unknown"]
    same: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


class Neighbour(Frozen):
    """A paper or an earlier idea near to an idea, with an overlap in [0, 1] and the words they share.

    ``read`` says whether more than a title was compared with; ``found_by`` where a paper came from.
    """

    title: str
    key: str | None = None
    overlap: float
    shared: tuple[str, ...] = ()
    kind: Literal["paper", "idea"] = "paper"
    read: bool = False
    found_by: str = ""
    aspects: tuple[Aspect, ...] = ()


class NoveltyReport(Frozen):
    """How near the nearest known work is. ``undecided`` is an answer.

    ``probability`` is the chance that the idea has been studied, where it is equally likely before looking; ``low``
    and ``high`` are its bounds, which are wide where little could be read: (0, 1) is "nothing is known".
    ``compared`` counts the papers that were held against the idea, ``abstracts`` those of them with an abstract.
    """

    verdict: Literal["novel", "close", "known", "undecided"]
    score: float = Field(ge=0, le=1)
    nearest: tuple[Neighbour, ...] = ()
    reason: str
    probability: float | None = Field(default=None, ge=0, le=1)
    low: float = Field(default=0.0, ge=0, le=1)
    high: float = Field(default=1.0, ge=0, le=1)
    compared: int = 0
    abstracts: int = 0
