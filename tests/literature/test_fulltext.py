from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator

import pytest

from scientist.literature import fulltext
from scientist.literature.fulltext import extract, fetch, open_url, read
from scientist.types import Paper, Reference

TEXT = "Stronger weight decay shortens the delay of generalization in small transformers on modular addition. " * 4


def pdf(text: str = TEXT, password: str = "") -> bytes:
    """A PDF of one page with a line for each sentence."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                             NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    lines = "".join(f"({line.strip()}.) Tj 0 -14 Td " for line in text.split(".") if line.strip())
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 10 Tf 30 700 Td {lines} ET".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


class Host(http.server.ThreadingHTTPServer):
    """Serves a behaviour by path: an arXiv number that says what to do."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stop = threading.Event()
        self.asked: list[str] = []


class Handler(http.server.BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        self.server.asked.append(name)
        if name == "missing":
            self._send(404, b"no")
        elif name == "busy":
            self._send(503, b"later")
        elif name == "page":
            self._send(200, b"<!doctype html><html><body>Log in to read</body></html>")
        elif name == "inward":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/secret")
            self.end_headers()
        elif name == "half":
            self._send(200, pdf()[:300])
        elif name == "locked":
            self._send(200, pdf(password="secret"))
        elif name == "scan":
            self._send(200, pdf("x."))
        elif name == "large":
            self._send(200, b"%PDF-1.5\n" + b"0" * 5000)
        elif name == "drip":
            self._drip()
        else:
            self._send(200, pdf())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        for _ in range(400):
            if self.server.stop.wait(0.05):
                return
            try:
                self.wfile.write(b"%")
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    server = Host()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(fulltext.ARXIV_VARIABLE, f"http://127.0.0.1:{server.server_address[1]}/pdf")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()


def paper(arxiv_id: str | None = None, **facts: object) -> Paper:
    return Paper.model_validate({"id": f"p:{arxiv_id}", "title": "T", "source": "t", "arxiv_id": arxiv_id, **facts})


def test_an_open_paper_is_read(host: Host) -> None:
    text = fetch(paper("2201.02177"))
    assert (text.status, len(text.pages)) == ("read", 1)
    assert "weight decay shortens" in text.pages[0]
    assert host.asked == ["2201.02177"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("missing", "not_found"), ("busy", "no_answer"), ("page", "not_a_pdf"), ("half", "unreadable"),
     ("locked", "encrypted"), ("scan", "no_text"), ("inward", "no_answer")],
)  # fmt: skip
def test_what_cannot_be_read_is_recorded(host: Host, name: str, status: str) -> None:
    text = fetch(paper(name))
    assert (text.status, text.pages) == (status, ())
    assert text.reason


def test_a_drip_ends_at_the_time_given(host: Host) -> None:
    text = fetch(paper("drip"), seconds=0.5)
    assert text.status == "no_answer"
    assert not host.stop.is_set()


def test_size_is_bounded(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fulltext, "MAX_BYTES", 1000)
    assert fetch(paper("large")).status == "too_large"


def test_a_dead_server_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fulltext.ARXIV_VARIABLE, "http://127.0.0.1:9/pdf")
    assert fetch(paper("2201.02177"), seconds=5).status == "no_answer"


def test_only_open_copies_are_fetched() -> None:
    assert open_url(paper()) is None
    assert fetch(paper()).status == "no_open_copy"
    assert open_url(paper(None, pdf_url="file:///etc/passwd")) is None
    assert open_url(paper(None, pdf_url="https://example.org/a.pdf")) == "https://example.org/a.pdf"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/a.pdf", "http://localhost/a", "http://[::1]/", "http://10.0.0.8/x"]
)
def test_a_record_cannot_point_at_this_network(url: str) -> None:
    text = fetch(paper(None, pdf_url=url), seconds=5)
    assert text.status == "no_answer"
    assert "not a public address" in text.reason


def test_a_parser_that_runs_wild_is_stopped() -> None:
    status, pages, reason = extract(pdf(), seconds=0.001)
    assert (status, pages) == ("unreadable", ())
    assert "within" in reason


def references(*names: str) -> list[Reference]:
    return [
        Reference(key=f"k{i}", paper=paper(n).model_copy(update={"abstract": f"Weight decay, paper {n}."}))
        for i, n in enumerate(names)
    ]


def test_reading_gives_passages_with_pages_and_what_failed(host: Host) -> None:
    reading = read(
        references("2201.00001", "missing", "2201.00002"), "Does weight decay shorten the delay?", online=True
    )
    assert [t.status for t in reading.texts] == ["read", "not_found", "read"]
    assert all(t.pages == () for t in reading.texts), "the run folder keeps passages, not whole papers"
    pages = {(p.paper, p.page) for p in reading.passages}
    assert ("p:2201.00001", 1) in pages and ("p:missing", None) in pages


def test_offline_reading_is_of_abstracts(host: Host) -> None:
    reading = read(references("2201.00001"), "Does weight decay shorten the delay?", online=False)
    assert (host.asked, reading.texts) == ([], ())
    assert [p.page for p in reading.passages] == [None]


def test_reading_ends_with_its_budget_and_its_number_of_papers(host: Host) -> None:
    assert [t.status for t in read(references("a", "b"), "decay", online=True, budget_s=0).texts] == ["no_time"] * 2
    assert len(read(references("a", "b", "c"), "decay", online=True, papers=1).texts) == 1


def test_a_host_that_does_not_answer_is_left_alone(host: Host) -> None:
    names = ["busy", "2201.1", "busy/busy", "v/busy", "2201.2"]
    assert [t.status for t in read(references(*names), "decay", online=True).texts] == [
        "no_answer", "read", "no_answer", "no_answer", "no_answer",
    ]  # fmt: skip
    assert host.asked == ["busy", "2201.1", "busy", "busy"]
