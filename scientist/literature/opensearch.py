"""An OpenSearch (or Elasticsearch) index as a source, for libraries beyond one machine, over its ``_search`` call."""

from __future__ import annotations

import base64
import os
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from scientist.errors import UsageError
from scientist.literature.base import Hit, SourceError
from scientist.literature.library import bare_arxiv_id
from scientist.literature.merge import pick
from scientist.literature.patience import Patience
from scientist.literature.web import ask_json, readable, text_of, year_of
from scientist.literature.words import content_words
from scientist.types import Paper

ADDRESS_VARIABLE = "SCIENTIST_OPENSEARCH_URL"
MOST = 100
BOOSTS = ("title^3", "abstract", "authors^0.5", "venue^0.3")
FIELDS = [
    "id", "title", "authors", "authors_complete", "year", "venue", "abstract", "arxiv_id", "doi", "url", "pdf_url",
    "retracted", "withdrawn",
]  # fmt: skip


class OpenSearchSource:
    """A Source and Finder over an index whose documents have the fields of the library's JSON lines.

    ``url`` is the address of the index (``https://host:9200/papers``, with ``user:password@`` where it needs them),
    by default ``$SCIENTIST_OPENSEARCH_URL``. ``arxiv_id`` and ``doi`` must be indexed as keywords, DOIs in lower case.
    A hit's score is the engine's.
    """

    name = "opensearch"

    def __init__(self, *, url: str | None = None, patience: Patience | None = None) -> None:
        given = (url or os.environ.get(ADDRESS_VARIABLE, "")).strip().rstrip("/")
        if not given:
            raise UsageError(
                "the source opensearch has no address",
                f"set {ADDRESS_VARIABLE} to the address of the index, such as http://localhost:9200/papers",
            )
        self.address, self._headers = _split(given)
        self._patience = patience or Patience()

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` papers that hold words of ``query``, in the engine's order. Raises SourceError."""
        terms = " ".join(content_words(query))
        if not terms or limit < 1:
            return []
        asked = {"multi_match": {"query": terms, "fields": list(BOOSTS), "type": "most_fields"}}
        return readable("OpenSearch", self._ask(asked, min(limit, MOST)), _hit)[:limit]

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The record with that arXiv id, else that DOI, else exactly that title."""
        exact = {
            "arxiv_id": bare_arxiv_id(arxiv_id) if arxiv_id else None,
            "doi": doi.strip().lower() if doi else None,
        }
        for field, value in exact.items():
            if value and (found := readable("OpenSearch", self._ask({"term": {field: {"value": value}}}, 1), _hit)):
                return found[0].paper
        if not title:
            return None
        asked = {"match": {"title": {"query": title, "operator": "and"}}}
        return pick([h.paper for h in readable("OpenSearch", self._ask(asked, 10), _hit)], title)

    def _ask(self, query: dict[str, Any], size: int) -> list[Any]:
        payload = {"query": query, "size": size, "_source": FIELDS}
        found = self._patience.call(
            "OpenSearch",
            self.address,
            lambda seconds: ask_json(
                "OpenSearch", f"{self.address}/_search", seconds=seconds, headers=self._headers, payload=payload
            ),
        )
        if found is None:
            raise SourceError("OpenSearch holds no index at that address", f"mend {ADDRESS_VARIABLE}")
        hits = found.get("hits")
        rows = hits.get("hits") if isinstance(hits, dict) else None
        if not isinstance(rows, list) or found.get("timed_out"):
            raise SourceError("OpenSearch answered without hits, or ran out of its time", retryable=True)
        return rows


def _split(url: str) -> tuple[str, dict[str, str]]:
    """The address without its user and password, and the header that carries them."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, {}
    user, _, place = parts.netloc.rpartition("@")
    token = base64.b64encode(unquote(user).encode()).decode()
    return urlunsplit(parts._replace(netloc=place)), {"Authorization": f"Basic {token}"}


def _hit(raw: dict[str, Any]) -> Hit | None:
    record = raw["_source"]
    title = text_of(record.get("title"))
    if not title:
        return None
    known = {k: record[k] for k in FIELDS if record.get(k) is not None}
    paper = Paper.model_validate(
        {
            **known,
            "id": text_of(record.get("id")) or f"opensearch:{raw['_id']}",
            "title": title,
            "abstract": text_of(record.get("abstract")),
            "authors": tuple(name for a in record.get("authors") or [] if (name := text_of(a))),
            "year": year_of(record.get("year")),
            "source": "opensearch",
        }
    )
    return Hit(paper=paper, score=float(raw.get("_score") or 0.0))
