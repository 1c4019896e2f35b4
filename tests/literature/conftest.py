"""A loopback fake of the literature services, and a library in a folder of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_services import Service

from scientist.literature.library import Library


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Service()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.stopped.set()
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
