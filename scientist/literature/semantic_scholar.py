"""Semantic Scholar as a source, through its ``semanticscholar`` client, with every status and body checked by us."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from scientist.literature.base import Hit, SourceError
from scientist.literature.library import bare_arxiv_id
from scientist.literature.patience import CONNECT_S, Patience, check_status
from scientist.literature.web import as_object, ask_json, certificates, readable, text_of, year_of
from scientist.literature.words import content_words, normal_title, words
from scientist.types import Paper

ADDRESS = "https://api.semanticscholar.org"
ADDRESS_VARIABLE = "SCIENTIST_S2_URL"
KEY_VARIABLE = "S2_API_KEY"
SECONDS_APART = 1.0
MOST = 100
FIELDS = ["title", "authors", "year", "venue", "abstract", "externalIds", "url", "openAccessPdf"]


class SemanticScholarSource:
    """A Source, Finder and Snowball over the Semantic Scholar Graph API.

    ``base_url`` is the service's address without a path, by default ``$SCIENTIST_S2_URL``, else its own; ``api_key``
    defaults to ``$S2_API_KEY``. The service gives no relevance scores: a hit's score is the reciprocal of its rank.
    """

    name = "semantic_scholar"

    def __init__(
        self, *, base_url: str | None = None, api_key: str | None = None, patience: Patience | None = None
    ) -> None:
        self.address = (base_url or os.environ.get(ADDRESS_VARIABLE) or ADDRESS).rstrip("/")
        self._api_key = api_key or os.environ.get(KEY_VARIABLE)
        self._patience = patience or Patience(apart_s=SECONDS_APART)

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` papers, in the service's order of relevance. Raises SourceError."""
        # The client pastes the query into the address as it is: only letters, digits and spaces may pass.
        terms = " ".join(content_words(query))
        if not terms or limit < 1:
            return []
        most = min(limit, MOST)
        found = self._ask(lambda client: client.search_paper(terms, limit=most, fields=FIELDS).items)
        if found is None:
            raise SourceError("Semantic Scholar answered HTTP 404 to a search")
        papers = readable("Semantic Scholar", (f.raw_data for f in found), _paper)
        return [Hit(paper=p, score=round(1 / rank, 4)) for rank, p in enumerate(papers[:most], start=1)]

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The paper with that arXiv id, else that DOI, else exactly that title."""
        for paper_id in _ids(arxiv_id, doi):
            if paper := self._by_id(paper_id):
                return paper
        terms = " ".join(words(title or ""))
        if not title or not terms:
            return None
        found = self._ask(lambda client: client.search_paper(terms, match_title=True, fields=FIELDS))
        paper = _first(found)
        return paper if paper and normal_title(paper.title) == normal_title(title) else None

    def references(self, paper: Paper, limit: int) -> list[Paper]:
        """At most ``limit`` papers that ``paper`` cites, as the service lists them."""
        return self._linked(paper, "references", "citedPaper", limit)

    def citations(self, paper: Paper, limit: int) -> list[Paper]:
        """At most ``limit`` papers that cite ``paper``, as the service lists them."""
        return self._linked(paper, "citations", "citingPaper", limit)

    def _linked(self, paper: Paper, link: str, field: str, limit: int) -> list[Paper]:
        own = [paper.id.removeprefix("s2:")] if paper.id.startswith("s2:") else []
        paper_id = next(iter((*own, *_ids(paper.arxiv_id, paper.doi))), None)
        if paper_id is None or limit < 1:
            return []
        # The client does not send the key with these two, so they are asked without it.
        url = f"{self.address}/graph/v1/paper/{quote(paper_id, safe=':/')}/{link}"
        found = self._patience.call(
            "Semantic Scholar",
            self.address,
            lambda seconds: ask_json(
                "Semantic Scholar",
                url,
                seconds=seconds,
                params={"fields": ",".join(FIELDS), "limit": str(min(limit, MOST))},
                headers={"x-api-key": self._api_key} if self._api_key else {},
            ),
        )
        if found is None:
            return []
        rows = found.get("data") or []
        if "error" in found or not isinstance(rows, list):
            raise SourceError("Semantic Scholar answered with an error instead of data")
        return readable("Semantic Scholar", rows, lambda row: _paper(row[field]))[:limit]

    def _by_id(self, paper_id: str) -> Paper | None:
        return _first(self._ask(lambda client: client.get_paper(quote(paper_id, safe=":/"), fields=FIELDS)))

    def _ask(self, request: Callable[[Any], Any]) -> Any:
        """What the client returns, None where the service says that there is no such paper."""
        return self._patience.call("Semantic Scholar", self.address, lambda seconds: self._request(seconds, request))

    def _request(self, seconds: float, request: Callable[[Any], Any]) -> Any:
        from semanticscholar import SemanticScholar

        client = SemanticScholar(timeout=seconds, api_key=self._api_key, api_url=self.address, retry=False)
        client._AsyncSemanticScholar._requester = checked_requester(seconds)
        try:
            return request(client)
        except _NoSuchPaper:
            return None
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            # The client reads records before we do, and trusts their shape.
            raise SourceError(f"Semantic Scholar answered with records that cannot be read ({e})") from e


class _NoSuchPaper(Exception):
    """HTTP 404: the service holds no such paper."""


def checked_requester(seconds: float) -> Any:
    """The client's requester, but raising SourceError for every answer that is not JSON data with status 200.

    The client itself takes 401, 502, 503 and an error object for "nothing found".
    """
    import httpx
    from semanticscholar.ApiRequester import ApiRequester

    class Requester(ApiRequester):  # type: ignore[misc]
        async def get_data_async(
            self, url: str, parameters: str, headers: dict[str, str], payload: dict[str, Any] | None = None
        ) -> Any:
            method = "POST" if payload else "GET"
            try:
                limits = httpx.Timeout(seconds, connect=min(CONNECT_S, seconds))
                async with httpx.AsyncClient(timeout=limits, verify=certificates()) as client:
                    params = parameters.lstrip("&") or None
                    answer = await client.request(method, url, params=params, headers=headers, json=payload)
            except httpx.TimeoutException as e:
                raise SourceError(f"Semantic Scholar: no answer within {seconds:.1f} s") from e
            except httpx.HTTPError as e:
                raise SourceError(
                    f"Semantic Scholar broke off or cannot be reached ({type(e).__name__})", retryable=True
                ) from e
            return _data(answer)

    return Requester(seconds, False)


def _data(answer: Any) -> Any:
    if answer.status_code == 404:
        raise _NoSuchPaper
    check_status("Semantic Scholar", answer.status_code, answer.headers.get("Retry-After"))
    data = as_object("Semantic Scholar", answer.content)
    if "error" in data or not data.keys() & {"data", "total", "paperId"}:
        raise SourceError("Semantic Scholar answered with an error instead of data", retryable=True)
    return data


def _ids(arxiv_id: str | None, doi: str | None) -> list[str]:
    """The names under which the service may know a paper."""
    return [*([f"ARXIV:{bare_arxiv_id(arxiv_id)}"] if arxiv_id else []), *([f"DOI:{doi.strip()}"] if doi else [])]


def _first(found: Any) -> Paper | None:
    papers = readable("Semantic Scholar", [found.raw_data], _paper) if found is not None else []
    return papers[0] if papers else None


def _paper(raw: dict[str, Any]) -> Paper | None:
    """A record, or None where the service knows a paper by its id alone."""
    title = text_of(raw.get("title"))
    if not title or not raw.get("paperId"):
        return None
    ids = raw.get("externalIds") or {}
    return Paper(
        id=f"s2:{raw['paperId']}",
        title=title,
        authors=tuple(name for a in raw.get("authors") or [] if (name := text_of(a.get("name")))),
        year=year_of(raw.get("year")),
        venue=text_of(raw.get("venue")),
        abstract=text_of(raw.get("abstract")),
        arxiv_id=ids.get("ArXiv"),
        doi=ids.get("DOI"),
        url=raw.get("url"),
        pdf_url=(raw.get("openAccessPdf") or {}).get("url") or None,
        source="semantic_scholar",
    )
