"""Manuscripts by their arXiv id: fetched once from the server that is named, and errors that say what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from paper_maker import make_pdf, paper_pages

from scientist.errors import ManuscriptError
from scientist.literature.fulltext import ARXIV_VARIABLE
from scientist.review.manuscript import read_manuscript
from scientist.review.online import local


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that a loopback arXiv was asked for; it has one paper and one page that is no PDF."""
    pdf = make_pdf(tmp_path / "served.pdf", paper_pages()).read_bytes()
    paths: list[str] = []

    class Arxiv(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            known = {"/pdf/2401.00001": pdf, "/pdf/2401.00002": b"<html>wait</html>"}
            self.send_response(200 if self.path in known else 404)
            self.end_headers()
            self.wfile.write(known.get(self.path, b"no such paper"))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Arxiv)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(ARXIV_VARIABLE, f"http://127.0.0.1:{server.server_port}/pdf")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SCIENTIST_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    yield paths
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["arXiv:2401.00001", "2401.00001", "https://arxiv.org/abs/2401.00001"])
def test_an_id_is_fetched_once(name: str, asked: list[str]) -> None:
    file = local(Path(name))
    assert read_manuscript(file).title == "A Study of Small Networks"
    assert local(Path("2401.00001"), offline=True) == file
    assert asked == ["/pdf/2401.00001"]


def test_what_cannot_be_had_is_an_error(asked: list[str]) -> None:
    for name, offline, message in (
        ("2401.00009", False, "could not be fetched: HTTP 404"),
        ("2401.00002", False, "is no PDF"),
        ("2401.00003", True, "is not kept here"),
    ):
        with pytest.raises(ManuscriptError, match=message) as caught:
            local(Path(name), offline=offline)
        assert caught.value.hint
    assert asked == ["/pdf/2401.00009", "/pdf/2401.00002"]


def test_files_and_other_names_are_left_alone(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "2401.00001").write_text("my own file")
    for name in ("2401.00001", "paper.pdf", "missing/2401.00001"):
        assert local(Path(name)) == Path(name)
    assert asked == []
