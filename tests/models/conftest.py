"""A provider on loopback, and models opened on it with patience counted in milliseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scientist.models.chat import Chat
from scientist.models.faults import Patience
from scientist.models.opening import open_models
from tests.models.provider import Provider


@pytest.fixture(scope="session")
def server() -> Iterator[Provider]:
    """One server for all tests: clients are costly to open, and are kept for an address."""
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def provider(server: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # a proxy that is not there: loopback must not need it
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    server.begin()
    yield server
    server.stopping.set()


class Opened:
    """Models on one record of calls, what they said while working, and how long they would have waited."""

    def __init__(self, folder: Path, provider: Provider) -> None:
        self.folder = folder
        self.provider = provider
        self.events: list[dict[str, Any]] = []
        self.waits: list[float] = []
        self._open: list[Chat] = []

    def __call__(self, models: str | dict[str, str] = "openai:fake", **options: Any) -> Chat:
        named = {"default": models} if isinstance(models, str) else models
        options = {
            "folder": self.folder, "base_url": f"{self.provider.address}/v1", "emit": self._emit,
            "patience": Patience(call_s=10.0), "pause": self.waits.append, **options,
        }  # fmt: skip
        chat = open_models(named, **options)
        self._open.append(chat)
        return chat

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    def close(self) -> None:
        for chat in self._open:
            chat.close()

    def _emit(self, kind: str, **data: Any) -> None:
        self.events.append({"kind": kind, **data})


@pytest.fixture
def opened(tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    prices: Callable[[], Path] = lambda: tmp_path / "prices.toml"  # noqa: E731
    prices().write_text(
        '[[models]]\npattern = "openai:fake*"\ninput = 1000\noutput = 2000\ncached = 100\nvision = true\n'
    )
    monkeypatch.setenv("SCIENTIST_PRICES", str(prices()))
    models = Opened(tmp_path / "run", provider)
    yield models
    models.close()
