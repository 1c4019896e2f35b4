"""OpenAlex as a source: works by their words or identifier, what they cite and who cites them."""

from __future__ import annotations

import os
import re
from typing import Any

from scientist.literature.base import Hit, SourceError
from scientist.literature.library import bare_arxiv_id
from scientist.literature.merge import pick
from scientist.literature.patience import Patience
from scientist.literature.web import ask_json, mailto, readable, text_of, year_of
from scientist.literature.words import content_words, words
from scientist.types import Paper

ADDRESS = "https://api.openalex.org"
ADDRESS_VARIABLE = "SCIENTIST_OPENALEX_URL"
KEY_VARIABLE = "OPENALEX_API_KEY"
SECONDS_APART = 0.2
MOST = 100
FIELDS = (
    "id,doi,display_name,publication_year,authorships,primary_location,locations,abstract_inverted_index,is_retracted"
)
MOST_AUTHORS = 100
"""Authors that a list of works gives of each; of a work with that many, some may be missing."""
ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(?P<id>.+)", re.IGNORECASE)
ARXIV_PAGE = re.compile(r"arxiv\.org/(?:abs|pdf)/(?P<id>[^?#]+?)(?:\.pdf)?/?$", re.IGNORECASE)
MOST_WORDS = 3000
"""Words of the longest abstract that is put together."""


class OpenAlexSource:
    """A Source, Finder and Snowball over the OpenAlex API.

    ``base_url`` is by default ``$SCIENTIST_OPENALEX_URL``, else its own; ``api_key`` defaults to
    ``$OPENALEX_API_KEY``; ``$SCIENTIST_MAILTO`` is sent along. Retracted works are marked as the service marks them.
    """

    name = "openalex"

    def __init__(
        self, *, base_url: str | None = None, api_key: str | None = None, patience: Patience | None = None
    ) -> None:
        self.address = (base_url or os.environ.get(ADDRESS_VARIABLE) or ADDRESS).rstrip("/")
        self._api_key = api_key or os.environ.get(KEY_VARIABLE)
        self._patience = patience or Patience(apart_s=SECONDS_APART)

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` works, in the service's order of relevance. Raises SourceError."""
        terms = " ".join(content_words(query))
        if not terms or limit < 1:
            return []
        raws = self._works(search=terms, per_page=min(limit, MOST))
        papers = readable("OpenAlex", raws, _paper)[:limit]
        return [Hit(paper=p, score=round(1 / rank, 4)) for rank, p in enumerate(papers, start=1)]

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The work with that arXiv id, else that DOI, else exactly that title."""
        for name in _dois(arxiv_id, doi):
            if (raw := self._work(name)) and (found := readable("OpenAlex", [raw], _paper)):
                return found[0]
        terms = " ".join(words(title or ""))
        if not title or not terms:
            return None
        raws = self._works(filter=f"title.search:{terms}", per_page=10)
        return pick(readable("OpenAlex", raws, _paper), title)

    def references(self, paper: Paper, limit: int) -> list[Paper]:
        """At most ``limit`` works that ``paper`` cites, the most cited first."""
        return self._linked(paper, "cited_by", limit)

    def citations(self, paper: Paper, limit: int) -> list[Paper]:
        """At most ``limit`` works that cite ``paper``, the most cited first."""
        return self._linked(paper, "cites", limit)

    def _linked(self, paper: Paper, relation: str, limit: int) -> list[Paper]:
        number = self._number(paper) if limit > 0 else None
        if number is None:
            return []
        raws = self._works(filter=f"{relation}:{number}", sort="cited_by_count:desc", per_page=min(limit, MOST))
        return readable("OpenAlex", raws, _paper)[:limit]

    def _number(self, paper: Paper) -> str | None:
        """The service's own name of a paper (``W…``)."""
        if paper.id.startswith("openalex:"):
            return paper.id.removeprefix("openalex:")
        for name in _dois(paper.arxiv_id, paper.doi):
            if raw := self._work(name):
                return _last_part(raw.get("id")) or None
        return None

    def _work(self, name: str) -> dict[str, Any] | None:
        return self._ask(f"/works/doi:{name}", {})

    def _works(self, *, per_page: int, **arguments: str) -> list[Any]:
        found = self._ask("/works", {**arguments, "per-page": str(per_page)})
        rows = (found or {}).get("results")
        if not isinstance(rows, list):
            raise SourceError("OpenAlex answered with something that is not a list of works")
        return rows

    def _ask(self, path: str, arguments: dict[str, str]) -> dict[str, Any] | None:
        extra = {"mailto": mailto(), "api_key": self._api_key or ""}
        params = {**arguments, "select": FIELDS, **{k: v for k, v in extra.items() if v}}
        return self._patience.call(
            "OpenAlex",
            self.address,
            lambda seconds: ask_json("OpenAlex", self.address + path, seconds=seconds, params=params),
        )


def _dois(arxiv_id: str | None, doi: str | None) -> list[str]:
    named = [f"10.48550/arxiv.{bare_arxiv_id(arxiv_id)}"] if arxiv_id else []
    return [*named, *([doi.strip().lower()] if doi else [])]


def _paper(raw: dict[str, Any]) -> Paper | None:
    number, title = _last_part(raw.get("id")), text_of(raw.get("display_name"))
    if not number or not title:
        return None
    doi = text_of(raw.get("doi")).removeprefix("https://doi.org/") or None
    places = [p for p in (raw.get("primary_location"), *(raw.get("locations") or [])) if p]
    arxiv_id = _arxiv_id(doi, places)
    people = [text_of((a.get("author") or {}).get("display_name")) for a in raw.get("authorships") or []]
    return Paper(
        id=f"openalex:{number}",
        title=title,
        authors=tuple(p for p in people if p),
        authors_complete=len(people) < MOST_AUTHORS,
        year=year_of(raw.get("publication_year")),
        venue=_venue(places),
        abstract=_abstract(raw.get("abstract_inverted_index")),
        arxiv_id=arxiv_id,
        doi=None if doi and ARXIV_DOI.fullmatch(doi) else doi,
        url=next((text_of(p.get("landing_page_url")) for p in places if p.get("landing_page_url")), None),
        pdf_url=next((text_of(p.get("pdf_url")) for p in places if p.get("is_oa") and p.get("pdf_url")), None),
        retracted=bool(raw.get("is_retracted")),
        source="openalex",
    )


def _last_part(url: Any) -> str:
    return text_of(url).rpartition("/")[2]


def _arxiv_id(doi: str | None, places: list[dict[str, Any]]) -> str | None:
    if doi and (match := ARXIV_DOI.fullmatch(doi)):
        return bare_arxiv_id(match["id"])
    pages = (ARXIV_PAGE.search(text_of(p.get("landing_page_url"))) for p in places)
    return next((bare_arxiv_id(m["id"]) for m in pages if m), None)


def _venue(places: list[dict[str, Any]]) -> str:
    """Where the work was published, rather than where a copy lies."""
    named = [(p.get("source") or {}) for p in places]
    published = [text_of(s.get("display_name")) for s in named if s.get("type") != "repository"]
    venue = next((v for v in published if v), "") or next((text_of(s.get("display_name")) for s in named if s), "")
    return "arXiv" if venue.lower().startswith("arxiv") else venue


def _abstract(index: Any) -> str:
    """The text of an abstract that comes as ``{word: [places]}``."""
    if not isinstance(index, dict):
        return ""
    placed = sorted((place, word) for word, places in index.items() for place in places)
    return text_of(" ".join(word for _, word in placed[:MOST_WORDS]))
