"""arXiv as a source, through the ``arxiv`` client, bounded in time and wary of answers that are not feeds."""

from __future__ import annotations

import os
import re
from typing import Any

from scientist.literature.base import Hit, SourceError
from scientist.literature.library import bare_arxiv_id
from scientist.literature.patience import CONNECT_S, Patience, check_status
from scientist.literature.web import readable, text_of
from scientist.literature.words import content_words, normal_title
from scientist.types import Paper

ADDRESS = "https://export.arxiv.org/api/query"
ADDRESS_VARIABLE = "SCIENTIST_ARXIV_URL"
SECONDS_APART = 3.0
"""The service asks for at most one request in three seconds."""
MOST = 100
LARGEST = 20_000_000
"""Bytes of the largest feed that is read."""
WITHDRAWN = re.compile(r"\bwithdrawn\b", re.IGNORECASE)
WITHDRAWN_ABSTRACT = re.compile(r"^\W*(this|the) (paper|article|submission|manuscript|work)\b[^.]*\bwithdrawn\b", re.I)


class ArxivSource:
    """A Source and Finder over the arXiv API.

    ``base_url`` is the address of its query endpoint, without arguments; by default ``$SCIENTIST_ARXIV_URL``, else
    arXiv's own. arXiv gives no relevance scores: a hit's score is the reciprocal of its rank. A paper whose comment
    or abstract says that it was withdrawn is marked so.
    """

    name = "arxiv"

    def __init__(self, *, base_url: str | None = None, patience: Patience | None = None) -> None:
        self.address = base_url or os.environ.get(ADDRESS_VARIABLE) or ADDRESS
        self._patience = patience or Patience(apart_s=SECONDS_APART)

    def search(self, query: str, limit: int) -> list[Hit]:
        """At most ``limit`` papers holding words of ``query``, in arXiv's order of relevance. Raises SourceError."""
        terms = list(dict.fromkeys(content_words(query)))
        if not terms or limit < 1:
            return []
        papers = self._ask(min(limit, MOST), query=" OR ".join(f"all:{t}" for t in terms))
        return [Hit(paper=p, score=round(1 / rank, 4)) for rank, p in enumerate(papers, start=1)]

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        """The paper with that id, else one with exactly that title (arXiv cannot be asked for a DOI)."""
        if arxiv_id and (found := self._ask(1, ids=[bare_arxiv_id(arxiv_id)])):
            return found[0]
        terms = content_words(title or "")
        if not title or not terms:
            return None
        candidates = self._ask(10, query=" AND ".join(f"ti:{t}" for t in terms))
        return next((p for p in candidates if normal_title(p.title) == normal_title(title)), None)

    def _ask(self, limit: int, *, query: str = "", ids: list[str] | None = None) -> list[Paper]:
        return self._patience.call(
            "arXiv", self.address, lambda seconds: self._request(seconds, limit, query, ids or [])
        )

    def _request(self, seconds: float, limit: int, query: str, ids: list[str]) -> list[Paper]:
        import arxiv
        import requests

        # Pace, retries and limits are ours: the client's own know neither Retry-After nor a timeout.
        client = arxiv.Client(page_size=limit, delay_seconds=0, num_retries=0)
        client.query_url_format = self.address + "?{}"
        client._session.get = _checked(client._session.get, seconds)
        try:
            results = list(client.results(arxiv.Search(query=query, id_list=ids, max_results=limit)))
        except requests.Timeout as e:
            raise SourceError(f"arXiv: no answer within {seconds:.1f} s") from e
        except requests.RequestException as e:
            raise SourceError(f"arXiv broke off or cannot be reached ({type(e).__name__})", retryable=True) from e
        except arxiv.ArxivError as e:
            raise SourceError(f"arXiv: {e.message}", retryable=True) from e
        finally:
            client._session.close()
        return readable("arXiv", results, _paper)


def _checked(get: Any, seconds: float) -> Any:
    """``get`` with a timeout, that raises SourceError unless the answer is a whole Atom feed.

    The client itself takes an error page or half a feed for an empty one.
    """

    def checked(url: str, **options: Any) -> Any:
        response = get(url, timeout=(min(CONNECT_S, seconds), seconds), **options)
        check_status("arXiv", response.status_code, response.headers.get("Retry-After"))
        body: bytes = response.content
        if len(body) > LARGEST or b"totalResults" not in body or b"</feed>" not in body[-200:]:
            raise SourceError("arXiv answered with something that is not a whole feed", retryable=True)
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as e:
            # The client would leave out what it cannot decode.
            raise SourceError("arXiv answered with a feed that is not in UTF-8", retryable=True) from e
        return response

    return checked


def _paper(result: Any) -> Paper | None:
    arxiv_id = bare_arxiv_id(result.get_short_id())
    title, abstract = text_of(result.title), text_of(result.summary)
    if not title or not arxiv_id:
        return None
    return Paper(
        id=f"arxiv:{arxiv_id}",
        title=title,
        authors=tuple(name for a in result.authors if (name := text_of(a.name))),
        year=result.published.year if result.published.year > 1 else None,
        venue="arXiv",
        abstract=abstract,
        arxiv_id=arxiv_id,
        doi=result.doi or None,
        url=f"https://arxiv.org/abs/{arxiv_id}",
        pdf_url=f"https://arxiv.org/pdf/{arxiv_id}",
        withdrawn=bool(WITHDRAWN.search(result.comment or "") or WITHDRAWN_ABSTRACT.search(abstract)),
        source="arxiv",
    )
