"""Crossref as a source: what publishers deposited of a work, and whether it was retracted or withdrawn."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import quote

from scientist.literature.base import Hit, SourceError
from scientist.literature.merge import pick
from scientist.literature.patience import Patience
from scientist.literature.web import ask_json, mailto, readable, text_of, year_of
from scientist.literature.words import content_words, words
from scientist.types import Paper

ADDRESS = "https://api.crossref.org"
ADDRESS_VARIABLE = "SCIENTIST_CROSSREF_URL"
SECONDS_APART = 0.2
MOST = 100
RETRACTIONS = frozenset({"retraction", "removal"})
WITHDRAWALS = frozenset({"withdrawal"})
MARKED_TITLE = re.compile(r"^\W*(?P<mark>retracted|withdrawn)( article| paper)?\b\s*[:\]]\s*", re.IGNORECASE)


class CrossrefSource:
    """A Source and Finder over the Crossref REST API, meant for checking records rather than for searching.

    ``base_url`` is by default ``$SCIENTIST_CROSSREF_URL``, else its own; ``$SCIENTIST_MAILTO`` is sent along. A record
    is marked as retracted or withdrawn if a notice updates it (``updated-by``) or its title begins with the word.
    """

    name = "crossref"

    def __init__(self, *, base_url: str | None = None, patience: Patience | None = None) -> None:
        self.address = (base_url or os.environ.get(ADDRESS_VARIABLE) or ADDRESS).rstrip("/")
        self._patience = patience or Patience(apart_s=SECONDS_APART)

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` works, in the service's order of relevance. Raises SourceError."""
        terms = " ".join(content_words(query))
        if not terms or limit < 1:
            return []
        papers = self._works({"query.bibliographic": terms}, limit)
        return [Hit(paper=p, score=round(1 / rank, 4)) for rank, p in enumerate(papers, start=1)]

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The work with that DOI, else exactly that title (Crossref does not know arXiv ids)."""
        if doi:
            found = self._ask(f"/works/{quote(doi.strip(), safe='')}", {})
            papers = readable("Crossref", [found["message"]], _paper) if found else []
            if papers:
                return papers[0]
        terms = " ".join(words(title or ""))
        return pick(self._works({"query.title": terms}, 10), title) if title and terms else None

    def _works(self, arguments: dict[str, str], limit: int) -> list[Paper]:
        found = self._ask("/works", {**arguments, "rows": str(min(limit, MOST))})
        rows = (found or {}).get("message", {}).get("items")
        if not isinstance(rows, list):
            raise SourceError("Crossref answered with something that is not a list of works")
        return readable("Crossref", rows, _paper)[:limit]

    def _ask(self, path: str, arguments: dict[str, str]) -> dict[str, Any] | None:
        params = {**arguments, **({"mailto": mailto()} if mailto() else {})}
        found = self._patience.call(
            "Crossref",
            self.address,
            lambda seconds: ask_json("Crossref", self.address + path, seconds=seconds, params=params),
        )
        if found is not None and not isinstance(found.get("message"), dict):
            raise SourceError("Crossref answered with an error instead of data")
        return found


def _paper(raw: dict[str, Any]) -> Paper | None:
    doi, printed = text_of(raw.get("DOI")), text_of(next(iter(raw.get("title") or []), ""))
    title = MARKED_TITLE.sub("", printed)
    if not doi or not title:
        return None
    updates = {text_of(u.get("type")).lower() for u in raw.get("updated-by") or []}
    mark = marked["mark"].lower() if (marked := MARKED_TITLE.match(printed)) else ""
    return Paper(
        id=f"doi:{doi.lower()}",
        title=title,
        authors=tuple(name for a in raw.get("author") or [] if (name := _name(a))),
        year=_year(raw),
        venue=text_of(next(iter(raw.get("container-title") or []), "")),
        abstract=text_of(re.sub(r"<[^>]*>", " ", raw.get("abstract") or "")),
        doi=doi,
        url=raw.get("URL"),
        retracted=bool(updates & RETRACTIONS) or mark == "retracted",
        withdrawn=bool(updates & WITHDRAWALS) or mark == "withdrawn",
        source="crossref",
    )


def _name(author: dict[str, Any]) -> str:
    parts = (text_of(author.get(k)) for k in ("given", "family", "suffix"))
    return " ".join(p for p in parts if p) or text_of(author.get("name"))


def _year(raw: dict[str, Any]) -> int | None:
    """The year of issue: ``{"date-parts": [[2022, 1, 6]]}``, whose parts may be missing."""
    for field in ("issued", "published-print", "published-online"):
        parts = (raw.get(field) or {}).get("date-parts") or [[]]
        if parts[0] and (year := year_of(parts[0][0])):
            return year
    return None
