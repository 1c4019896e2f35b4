"""A loopback fake of the arXiv and Semantic Scholar services, and a library in a folder of its own."""

from __future__ import annotations

import http.server
import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scientist.literature.library import Library

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id><title>query</title>
<updated>2026-01-01T00:00:00Z</updated><opensearch:itemsPerPage>{n}</opensearch:itemsPerPage>
<opensearch:totalResults>{n}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>
{entries}</feed>"""

ENTRY = """<entry><id>http://arxiv.org/abs/2201.0217{i}v2</id><title>Grokking: generalization beyond
 overfitting, part {i}</title><updated>2022-01-06T00:00:00Z</updated><published>2022-01-06T00:00:00Z</published>
<summary>We study grokking &amp; weight decay.</summary><author><name>Alethea Power</name></author>
<arxiv:doi>10.1000/g.{i}</arxiv:doi></entry>
"""


def s2_paper(i: int) -> dict[str, Any]:
    return {
        "paperId": f"{i:040x}",
        "externalIds": {"ArXiv": f"2201.0217{i}", "DOI": f"10.1000/g.{i}"},
        "title": f"Grokking: Generalization Beyond Overfitting, part {i}",
        "abstract": None,
        "year": 2022,
        "venue": "NeurIPS",
        "authors": [{"authorId": "1", "name": "Alethea Power"}],
        "url": "https://www.semanticscholar.org/paper/x",
    }


S2_ERRORS = {
    401: '{"message": "Unauthorized"}',
    404: '{"error": "Title match not found"}',
    429: '{"message": "Too Many Requests.", "code": "429"}',
    500: "<html>oops</html>",
    502: "<html>bad gateway</html>",
    503: '{"message": "Service Unavailable"}',
}


class Service(http.server.ThreadingHTTPServer):
    """Answers as ``script`` says, one item a request, the last for ever: "ok", "zero", "html", "truncated", "hang",
    "error200", "malformed", a status, or (status, Retry-After)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Any] = ["ok"]
        self.requests: list[str] = []
        self.times: list[float] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        service = self.server
        service.requests.append(self.path)
        service.times.append(time.monotonic())
        mode = service.script.pop(0) if len(service.script) > 1 else service.script[0]
        if mode == "hang":
            time.sleep(2)
            mode = "ok"
        status, wait = mode if isinstance(mode, tuple) else (mode, None)
        headers = {"Retry-After": str(wait)} if wait is not None else {}
        url = urllib.parse.urlparse(self.path)
        arguments = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
        if url.path.startswith("/api/query"):
            self.answer(*arxiv_answer(status, arguments), headers)
        else:
            self.answer(*s2_answer(status, url.path, arguments), headers)

    def answer(self, status: int, body: str, headers: dict[str, str]) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def arxiv_answer(mode: Any, arguments: dict[str, str]) -> tuple[int, str]:
    if isinstance(mode, int):
        return mode, "Rate exceeded."
    n = 0 if mode == "zero" else min(int(arguments["max_results"]), 3)
    feed = FEED.format(n=n, entries="".join(ENTRY.format(i=i) for i in range(n)))
    pages = {"html": "<html><body>Rate exceeded.</body></html>", "truncated": feed[: len(feed) // 2], "empty": ""}
    return 200, pages.get(mode, feed)


def s2_answer(mode: Any, path: str, arguments: dict[str, str]) -> tuple[int, str]:
    if isinstance(mode, int):
        return mode, S2_ERRORS.get(mode, "{}")
    pages = {
        "zero": '{"total": 0, "offset": 0}',
        "html": "<html></html>",
        "malformed": '{"total": 3, "data": [',
        "error200": '{"error": "x"}',
    }
    if mode in pages:
        return 200, pages[mode]
    if path.endswith("/match"):
        return 200, json.dumps({"data": [{**s2_paper(1), "matchScore": 100.5}]})
    if path.endswith("/search"):
        n = min(int(arguments["limit"]), 3)
        return 200, json.dumps({"total": 250, "offset": 0, "next": n, "data": [s2_paper(i) for i in range(n)]})
    return 200, json.dumps(s2_paper(0))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Service()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def library_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index of the packaged bibliography is built once for all tests; not to be changed by them."""
    home = tmp_path_factory.mktemp("home")
    Library(home=home, extra=()).count()
    return home


@pytest.fixture
def library(library_home: Path) -> Library:
    return Library(home=library_home, extra=())
