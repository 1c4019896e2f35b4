"""Semantic Scholar as a source, through its ``semanticscholar`` client, with every status and body checked by us."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from scientist.literature.base import Hit, SourceError
from scientist.literature.library import bare_arxiv_id
from scientist.literature.patience import Patience, check_status
from scientist.literature.words import content_words, normal_title, words
from scientist.types import Paper

KEY_VARIABLE = "SEMANTIC_SCHOLAR_API_KEY"
SECONDS_APART = 1.0
MOST = 100
FIELDS = ["title", "authors", "year", "venue", "abstract", "externalIds", "url"]


class SemanticScholarSource:
    """A Source and Finder over the Semantic Scholar Graph API.

    ``base_url`` is the service's address without a path; ``api_key`` defaults to ``$SEMANTIC_SCHOLAR_API_KEY``.
    The service gives no relevance scores: a hit's score is the reciprocal of its rank.
    """

    name = "semantic_scholar"

    def __init__(
        self, *, base_url: str | None = None, api_key: str | None = None, patience: Patience | None = None
    ) -> None:
        self._base_url = base_url
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
        papers = [p for p in map(_paper, found or []) if p]
        return [Hit(paper=p, score=round(1 / rank, 4)) for rank, p in enumerate(papers[:most], start=1)]

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The paper with that arXiv id, else that DOI, else exactly that title."""
        for paper_id in (arxiv_id and f"ARXIV:{bare_arxiv_id(arxiv_id)}", doi and f"DOI:{doi}"):
            if paper_id and (paper := self._by_id(paper_id)):
                return paper
        terms = " ".join(words(title or ""))
        if not title or not terms:
            return None
        found = self._ask(lambda client: client.search_paper(terms, match_title=True, fields=FIELDS))
        paper = _paper(found) if found is not None else None
        return paper if paper and normal_title(paper.title) == normal_title(title) else None

    def _by_id(self, paper_id: str) -> Paper | None:
        found = self._ask(lambda client: client.get_paper(paper_id, fields=FIELDS))
        return _paper(found) if found is not None else None

    def _ask(self, request: Callable[[Any], Any]) -> Any:
        """What the client returns, None where the service says that there is no such paper."""
        return self._patience.call("Semantic Scholar", lambda seconds: self._request(seconds, request))

    def _request(self, seconds: float, request: Callable[[Any], Any]) -> Any:
        from semanticscholar import SemanticScholar

        client = SemanticScholar(timeout=seconds, api_key=self._api_key, api_url=self._base_url, retry=False)
        client._AsyncSemanticScholar._requester = checked_requester(seconds)
        try:
            return request(client)
        except _NoSuchPaper:
            return None


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
                async with httpx.AsyncClient(timeout=seconds) as client:
                    params = parameters.lstrip("&") or None
                    answer = await client.request(method, url, params=params, headers=headers, json=payload)
            except httpx.HTTPError as e:
                raise SourceError(f"Semantic Scholar cannot be reached ({type(e).__name__})", retryable=True) from e
            return _data(answer)

    return Requester(seconds, False)


def _data(answer: Any) -> Any:
    if answer.status_code == 404:
        raise _NoSuchPaper
    check_status("Semantic Scholar", answer.status_code, answer.headers.get("Retry-After"))
    try:
        data = answer.json()
    except ValueError as e:
        raise SourceError("Semantic Scholar answered with something that is not JSON", retryable=True) from e
    if not isinstance(data, dict) or "error" in data or not data.keys() & {"data", "total", "paperId"}:
        raise SourceError("Semantic Scholar answered with an error instead of data", retryable=True)
    return data


def _paper(found: Any) -> Paper | None:
    """A record, or None where the service knows a paper by its id alone."""
    raw = found.raw_data
    title = " ".join((raw.get("title") or "").split())
    if not title or not raw.get("paperId"):
        return None
    ids = raw.get("externalIds") or {}
    return Paper(
        id=f"s2:{raw['paperId']}",
        title=title,
        authors=tuple(a["name"] for a in raw.get("authors") or [] if a.get("name")),
        year=raw.get("year"),
        venue=raw.get("venue") or "",
        abstract=" ".join((raw.get("abstract") or "").split()),
        arxiv_id=ids.get("ArXiv"),
        doi=ids.get("DOI"),
        url=raw.get("url"),
        source="semantic_scholar",
    )
