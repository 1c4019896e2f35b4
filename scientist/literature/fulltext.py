"""Reads papers where they are open: fetches the PDF within limits, extracts its pages in a process of its own.

Only what arXiv serves, or what a source's record names as an open copy, is fetched. Whatever goes wrong is the status
of that paper, never an error of the run: without its text, a paper is cited for what its record says.
"""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from scientist.literature.passages import Passage, of_record, split
from scientist.literature.passages import score as score_passages
from scientist.types import Frozen, Paper, Reference

ARXIV_VARIABLE = "SCIENTIST_ARXIV_PDF_URL"
ARXIV_PDF = "https://arxiv.org/pdf"
MAX_BYTES = 30_000_000
MAX_PAGES = 120
MAX_CHARACTERS = 2_000_000
FETCH_S, EXTRACT_S = 20.0, 30.0
MEMORY_BYTES = 2 << 30
PATIENCE = 2
"""Times in a row that a host may fail to answer before it is asked no more."""
APART_S = 3.0
"""Seconds between two papers from one host, as arXiv asks of its users."""

FetchStatus = Literal[
    "read", "no_open_copy", "offline", "no_time", "not_found", "no_answer", "not_a_pdf", "too_large", "encrypted",
    "no_text", "unreadable",
]  # fmt: skip


class FullText(Frozen):
    """A paper's pages, or why there are none."""

    paper: str
    status: FetchStatus
    url: str = ""
    pages: tuple[str, ...] = ()
    reason: str = ""


class Reading(Frozen):
    """What was read for a question: the best passages (abstracts among them), and what came of each paper."""

    passages: tuple[Passage, ...]
    texts: tuple[FullText, ...]


def read(
    references: Sequence[Reference], question: str, *, online: bool, budget_s: float = 60.0, papers: int = 8,
    limit: int = 40,
) -> Reading:  # fmt: skip
    """The passages of ``references`` that bear on ``question``, of the full text of the first ``papers`` open ones.

    ``online`` False fetches nothing: abstracts are all there is. Never takes much longer than ``budget_s`` seconds.
    """
    deadline = time.monotonic() + budget_s
    texts: list[FullText] = []
    passages: list[Passage] = []
    last: dict[str, float] = {}
    silent: Counter[str] = Counter()
    for reference in references:
        paper = reference.paper
        passages += of_record(paper)
        if not online or sum(bool(t.url) for t in texts) >= papers:
            continue
        host = urlsplit(open_url(paper) or "").netloc
        if silent[host] >= PATIENCE:
            texts.append(
                FullText(paper=paper.id, status="no_answer", reason=f"not asked: {host} did not answer before")
            )
            continue
        wait = last.get(host, 0.0) + APART_S - time.monotonic() if host and not _ours(host) else 0.0
        if time.monotonic() + max(wait, 0.0) >= deadline:
            texts.append(FullText(paper=paper.id, status="no_time", reason="the time for reading was used up"))
            continue
        time.sleep(max(wait, 0.0))
        text = fetch(paper, seconds=deadline - time.monotonic())
        last[host] = time.monotonic()
        silent[host] = silent[host] + 1 if text.status == "no_answer" else 0
        texts.append(text.model_copy(update={"pages": ()}))
        passages += split(paper.id, text.pages)
    return Reading(passages=score_passages(question, passages, limit=limit), texts=tuple(texts))


def fetch(paper: Paper, *, seconds: float = FETCH_S + EXTRACT_S) -> FullText:
    """The pages of an open copy of ``paper``. Never raises; takes at most about ``seconds``, whatever a server does."""
    deadline = time.monotonic() + seconds
    url = open_url(paper)
    if url is None:
        return FullText(paper=paper.id, status="no_open_copy", reason="the record names no open copy")
    status, data, reason = _download(url, min(deadline, time.monotonic() + FETCH_S))
    if status != "read":
        return FullText(paper=paper.id, status=status, url=url, reason=reason)
    status, pages, reason = extract(data, seconds=max(1.0, min(EXTRACT_S, deadline - time.monotonic())))
    return FullText(paper=paper.id, status=status, url=url, pages=pages, reason=reason)


def download(paper: Paper, *, seconds: float = FETCH_S) -> tuple[FetchStatus, bytes, str]:
    """An open copy of ``paper`` as its bytes, or why there is none. Never raises; takes at most about ``seconds``."""
    url = open_url(paper)
    if url is None:
        return "no_open_copy", b"", "the record names no open copy"
    return _download(url, time.monotonic() + seconds)


def open_url(paper: Paper) -> str | None:
    """Where the PDF may be read by everybody: arXiv, else the open copy that a source names."""
    if paper.arxiv_id:
        return f"{os.environ.get(ARXIV_VARIABLE, ARXIV_PDF).rstrip('/')}/{paper.arxiv_id}"
    return paper.pdf_url if paper.pdf_url and paper.pdf_url.startswith(("https://", "http://")) else None


def extract(data: bytes, *, seconds: float = EXTRACT_S) -> tuple[FetchStatus, tuple[str, ...], str]:
    """The text of a PDF's pages, by a process that is killed when it takes too long or too much memory.

    The file is a stranger's: a parser that runs wild in this process could not be stopped.
    """
    if b"%PDF-" not in data[:1024]:
        return "not_a_pdf", (), f"the answer is no PDF (it begins {data[:20]!r})"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "scientist.literature.fulltext"], input=data, capture_output=True, timeout=seconds,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "unreadable", (), f"its text could not be extracted within {seconds:.0f} s"
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return "unreadable", (), f"extraction failed: {' '.join(last)[:200] or f'exit {done.returncode}'}"
    answer = json.loads(done.stdout)
    return answer["status"], tuple(answer["pages"]), answer["reason"]


def _download(url: str, deadline: float) -> tuple[FetchStatus, bytes, str]:
    """The bytes at ``url``; the deadline bounds the whole answer, however slowly it drips."""
    from scientist.literature.base import SourceError
    from scientist.literature.patience import within

    left = deadline - time.monotonic()
    try:
        return within(left, lambda: _stream(url, deadline), "full text")
    except SourceError as error:
        return "no_answer", b"", error.message


def _stream(url: str, deadline: float) -> tuple[FetchStatus, bytes, str]:
    import httpx

    chunks, size = [], 0
    timeout = max(0.1, deadline - time.monotonic())
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=True, max_redirects=5, event_hooks=_hooks()) as client,
            client.stream("GET", url, headers={"User-Agent": "scientist (automated research; reads open PDFs)"}) as r,
        ):
            if r.status_code != 200:
                return ("not_found" if r.status_code in (404, 410) else "no_answer"), b"", f"HTTP {r.status_code}"
            for chunk in r.iter_bytes():
                size += len(chunk)
                if size > MAX_BYTES:
                    return "too_large", b"", f"more than {MAX_BYTES // 1_000_000} MB"
                if time.monotonic() > deadline:
                    return "no_answer", b"", "the answer took too long"
                chunks.append(chunk)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return "no_answer", b"", f"{type(error).__name__}: {error}"
    return "read", b"".join(chunks), ""


def _hooks() -> dict[str, list[Callable[[Any], None]]]:
    return {"request": [lambda request: _refuse_private(str(request.url))]}


def _refuse_private(url: str) -> None:
    """A record is a stranger's text: it, or a redirect, may not point this machine at its own network."""
    host = urlsplit(url).hostname or ""
    if _ours(urlsplit(url).netloc):
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost" or "." not in host:
            raise ValueError(f"{host} is not a public address") from None
        return
    if not address.is_global:
        raise ValueError(f"{host} is not a public address")


def _ours(netloc: str) -> bool:
    """Whether the user named this server as the one that serves arXiv's PDFs."""
    return netloc == urlsplit(os.environ.get(ARXIV_VARIABLE, "")).netloc and bool(netloc)


def _extract_here() -> None:
    """The body of the extracting process: a PDF on standard input, JSON on standard output."""
    import io
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (int(EXTRACT_S), int(EXTRACT_S)))
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    status, pages, reason = "read", [], ""
    if reader.is_encrypted and not reader.decrypt(""):
        status, reason = "encrypted", "a password is needed"
    else:
        room = MAX_CHARACTERS
        for page in reader.pages[:MAX_PAGES]:
            # A damaged font map gives halves of characters, which no file can hold.
            pages.append(page.extract_text()[:room].encode("utf-8", "replace").decode())
            room -= len(pages[-1])
        if sum(len(p) for p in pages) < 200:
            status, pages, reason = "no_text", [], "the pages hold no text (a scan)"
    sys.stdout.write(json.dumps({"status": status, "pages": pages, "reason": reason}))


if __name__ == "__main__":
    _extract_here()
