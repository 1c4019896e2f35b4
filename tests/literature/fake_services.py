"""A loopback server that speaks as arXiv, Semantic Scholar, OpenAlex, Crossref and OpenSearch, and fails like them."""

from __future__ import annotations

import http.server
import json
import threading
import time
import urllib.parse
from typing import Any

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id><title>query</title>
<updated>2026-01-01T00:00:00Z</updated><opensearch:itemsPerPage>{n}</opensearch:itemsPerPage>
<opensearch:totalResults>{n}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>
{entries}</feed>"""

ENTRY = """<entry><id>http://arxiv.org/abs/2201.0217{i}v2</id><title>Grokking: generalization beyond
 overfitting, part {i}</title><updated>2022-01-06T00:00:00Z</updated><published>2022-01-06T00:00:00Z</published>
<summary>We study grokking &amp; weight decay.</summary><author><name>Alethea Power</name></author>
<arxiv:doi>10.1000/g.{i}</arxiv:doi>{comment}</entry>
"""
BARE_ENTRY = """<entry><id>http://arxiv.org/abs/2201.0217{i}v2</id><title>Grokking: generalization beyond overfitting,
 part {i}</title><published>2022-01-06T00:00:00Z</published><updated>2022-01-06T00:00:00Z</updated></entry>
"""
WITHDRAWN = "<arxiv:comment>This paper has been withdrawn by the authors</arxiv:comment>"
TITLE = "Grokking: Generalization Beyond Overfitting, part {i}"
RECORDS = 3


def s2_paper(i: int, mode: Any = "ok") -> dict[str, Any]:
    if mode == "bare":
        return {"paperId": f"{i:040x}", "title": TITLE.format(i=i), "authors": None, "year": None, "abstract": None}
    return {
        "paperId": f"{i:040x}",
        "externalIds": {"ArXiv": f"2201.0217{i}", "DOI": f"10.1000/g.{i}"},
        "title": TITLE.format(i=i),
        "abstract": None,
        "year": 2022,
        "venue": "NeurIPS",
        "authors": [{"authorId": "1", "name": "Alethea Power"}],
        "url": "https://www.semanticscholar.org/paper/x",
    }


def openalex_work(i: int, mode: Any = "ok") -> dict[str, Any]:
    if mode == "bare":
        return {"id": f"https://openalex.org/W{i}", "display_name": TITLE.format(i=i), "authorships": None}
    return {
        "id": f"https://openalex.org/W{i}",
        "doi": f"https://doi.org/10.1000/g.{i}",
        "display_name": TITLE.format(i=i),
        "publication_year": 2022,
        "authorships": [{"author": {"display_name": "Alethea Power"}}],
        "primary_location": {"source": {"display_name": "NeurIPS", "type": "conference"}, "landing_page_url": None},
        "locations": [
            {
                "source": {"display_name": "arXiv (Cornell University)", "type": "repository"},
                "landing_page_url": f"http://arxiv.org/abs/2201.0217{i}",
                "pdf_url": f"https://arxiv.org/pdf/2201.0217{i}",
                "is_oa": True,
            }
        ],
        "abstract_inverted_index": {"study": [1], "We": [0], "grokking": [2, 4], "and": [3]},
        "is_retracted": mode == "withdrawn",
    }


def crossref_work(i: int, mode: Any = "ok") -> dict[str, Any]:
    if mode == "bare":
        return {"DOI": f"10.1000/g.{i}", "title": [TITLE.format(i=i)], "issued": {"date-parts": [[None]]}}
    updates = [{"DOI": "10.1000/notice", "type": "retraction", "source": "retraction-watch"}]
    return {
        "DOI": f"10.1000/g.{i}",
        "title": [TITLE.format(i=i)],
        "author": [{"given": "Alethea", "family": "Power"}],
        "issued": {"date-parts": [[2022, 1, 6]]},
        "container-title": ["NeurIPS"],
        "abstract": "<jats:p>We study <jats:italic>grokking</jats:italic>.</jats:p>",
        **({"updated-by": updates} if mode == "withdrawn" else {}),
    }


def opensearch_hit(i: int, mode: Any = "ok") -> dict[str, Any]:
    record: dict[str, Any] = {"id": f"mine:{i}", "title": TITLE.format(i=i)}
    if mode != "bare":
        record |= {"authors": ["Alethea Power"], "year": 2022, "venue": "NeurIPS", "arxiv_id": f"2201.0217{i}",
                   "doi": f"10.1000/g.{i}", "abstract": None, "withdrawn": mode == "withdrawn"}  # fmt: skip
    return {"_id": str(i), "_score": 9.5 - i, "_source": record}


S2_ERRORS = {
    401: '{"message": "Unauthorized"}',
    404: '{"error": "Title match not found"}',
    429: '{"message": "Too Many Requests.", "code": "429"}',
    500: "<html>oops</html>",
    502: "<html>bad gateway</html>",
    503: '{"message": "Service Unavailable"}',
}

FAULTS = (
    429, (429, 1), (429, 3600), 500, 502, 503, 504, 401, 404, "html", "empty", "truncated", "cut", "drop", "latin1",
    "binary", "error200", "list", "shapeless", "drip", "silent", "loop",
)  # fmt: skip
"""Answers that are no answer."""


class Service(http.server.ThreadingHTTPServer):
    """Answers as ``script`` says, one item a request, the last for ever: "ok", "zero", "bare" (records without authors,
    year or abstract), "withdrawn", "hang" (for two seconds), a status, (status, Retry-After), or one of FAULTS."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Any] = ["ok"]
        self.requests: list[str] = []
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.stopped = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is no error of the server."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        pass

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        service = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service.requests.append(self.path)
        service.bodies.append(json.loads(body) if body else None)
        service.headers.append(dict(self.headers))
        service.times.append(time.monotonic())
        mode = service.script.pop(0) if len(service.script) > 1 else service.script[0]
        status, wait = mode if isinstance(mode, tuple) else (mode, None)
        headers = {"Retry-After": str(wait)} if wait is not None else {}
        if mode == "hang":
            time.sleep(2)
            status = "ok"
        if mode == "silent":
            service.stopped.wait(20)
        elif mode == "drop":
            self.close_connection = True
        elif mode == "loop":
            self.answer(302, b"", {"Location": self.path})
        else:
            code, text = self.page(status, service.bodies[-1])
            self.deliver(mode, code, text, headers)

    def page(self, mode: Any, body: Any) -> tuple[int, str]:
        url = urllib.parse.urlparse(self.path)
        arguments = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
        shape = "ok" if mode in ("cut", "drip", "latin1") else mode
        if url.path.startswith("/api/query"):
            return arxiv_answer(shape, arguments)
        if url.path.startswith("/openalex"):
            return json_answer(shape, openalex_answer(shape, url.path, arguments))
        if url.path.startswith("/crossref"):
            return json_answer(shape, crossref_answer(shape, url.path, arguments))
        if url.path.startswith("/search"):
            return json_answer(shape, opensearch_answer(shape, body))
        return s2_answer(shape, url.path, arguments)

    def deliver(self, mode: Any, status: int, text: str, headers: dict[str, str]) -> None:
        data = text.encode()
        if mode == "latin1":
            data = text.replace("Power", "P\u00f6w\u00e9r").encode("latin-1")
        if mode == "binary":
            data = bytes(range(256)) * 8
        if mode == "cut":
            self.answer(status, data[: len(data) // 2], headers, length=len(data))
            self.close_connection = True
        elif mode == "drip":
            self.answer(status, b"", headers, length=len(data))
            for i in range(200):
                if self.server.stopped.wait(0.1):
                    return
                self.wfile.write(data[i : i + 1])
                self.wfile.flush()
        else:
            self.answer(status, data, headers)

    def answer(self, status: int, data: bytes, headers: dict[str, str], length: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data) if length is None else length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def arxiv_answer(mode: Any, arguments: dict[str, str]) -> tuple[int, str]:
    if isinstance(mode, int):
        return mode, "Rate exceeded."
    n = 0 if mode == "zero" else min(int(arguments["max_results"]), RECORDS)
    entry = BARE_ENTRY if mode == "bare" else ENTRY
    comment = WITHDRAWN if mode == "withdrawn" else ""
    feed = FEED.format(n=n, entries="".join(entry.format(i=i, comment=comment) for i in range(n)))
    pages = {
        "html": "<html><body>Rate exceeded.</body></html>",
        "truncated": feed[: len(feed) // 2],
        "empty": "",
        "error200": "<error>no</error>",
        "list": "[]",
        "shapeless": "<feed></feed>",
    }
    return 200, pages.get(mode, feed)


def json_answer(mode: Any, found: dict[str, Any] | None) -> tuple[int, str]:
    if isinstance(mode, int) or found is None:
        return (mode, S2_ERRORS.get(mode, "{}")) if isinstance(mode, int) else (404, "Resource not found.")
    text = json.dumps(found)
    pages = {
        "html": "<html></html>",
        "empty": "",
        "truncated": text[: len(text) // 2],
        "error200": '{"error": "x"}',
        "list": "[1, 2]",
        "shapeless": '{"data": [3], "results": [3], "message": {"items": [3]}, "hits": {"hits": [3]}}',
    }
    return 200, pages.get(mode, text)


def s2_answer(mode: Any, path: str, arguments: dict[str, str]) -> tuple[int, str]:
    if mode == "zero":
        return json_answer(mode, {"total": 0, "offset": 0})
    if mode == "malformed":
        return 200, '{"total": 3, "data": ['
    n = min(int(arguments.get("limit", RECORDS)), RECORDS)
    if path.endswith("/match"):
        return json_answer(mode, {"data": [{**s2_paper(1, mode), "matchScore": 100.5}]})
    if path.endswith("/search"):
        rows = [s2_paper(i, mode) for i in range(n)]
        return json_answer(mode, {"total": 250, "offset": 0, "next": n, "data": rows})
    for link, field in (("references", "citedPaper"), ("citations", "citingPaper")):
        if path.endswith(link):
            return json_answer(mode, {"offset": 0, "data": [{field: s2_paper(i, mode)} for i in range(4, 4 + n)]})
    return json_answer(mode, s2_paper(0, mode))


def openalex_answer(mode: Any, path: str, arguments: dict[str, str]) -> dict[str, Any] | None:
    if "/works/" in path:
        return None if mode == "zero" else openalex_work(0, mode)
    n = 0 if mode == "zero" else min(int(arguments["per-page"]), RECORDS)
    first = 4 if "cite" in arguments.get("filter", "") else 0
    return {"meta": {"count": n}, "results": [openalex_work(i, mode) for i in range(first, first + n)]}


def crossref_answer(mode: Any, path: str, arguments: dict[str, str]) -> dict[str, Any] | None:
    if "/works/" in path:
        return None if mode == "zero" else {"status": "ok", "message": crossref_work(0, mode)}
    n = 0 if mode == "zero" else min(int(arguments["rows"]), RECORDS)
    return {"status": "ok", "message": {"items": [crossref_work(i, mode) for i in range(n)]}}


def opensearch_answer(mode: Any, body: Any) -> dict[str, Any]:
    n = 0 if mode == "zero" else min(body["size"], RECORDS)
    hits = [opensearch_hit(i, mode) for i in range(n)]
    return {"took": 1, "timed_out": False, "hits": {"total": {"value": n}, "hits": hits}}
