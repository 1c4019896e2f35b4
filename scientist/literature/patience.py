"""Waiting for a source that may be slow, busy or dead: time limits, retries that honour Retry-After, and a pace."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from scientist.literature.base import OUT, SourceError
from scientist.retry_after import seconds_to_wait

T = TypeVar("T")

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses after which asking again may help."""
CONNECT_S = 3.0
"""Seconds for finding a service's address and opening a connection to it; without a network, all that is lost."""


class Patience:
    """How long one call may take in all, how often it is tried, and how far apart requests are.

    ``call_s`` bounds everything: requests, waits between tries and the pace. A wait that would not fit into what is
    left ends the call at once, because the answer could not come in time. A silent service is not asked again.
    """

    def __init__(self, *, call_s: float = 18.0, request_s: float = 12.0, attempts: int = 3, apart_s: float = 0.0,
                 first_wait_s: float = 1.0) -> None:  # fmt: skip
        self.call_s = call_s
        self.request_s = request_s
        self.attempts = attempts
        self._apart_s = apart_s
        self._first_wait_s = first_wait_s
        self._last = -apart_s - 1.0
        self._one_at_a_time = threading.Lock()
        self._reached = False

    def call(self, name: str, address: str, request: Callable[[float], T]) -> T:
        """What ``request(seconds)`` returns, tried again after errors that say so. Raises SourceError.

        Before the first request it is seen whether anything can be reached at ``address``, a URL.
        """
        deadline = time.monotonic() + self.call_s
        if not self._reached:
            check_reachable(name, address, min(CONNECT_S, self.request_s))
            self._reached = True
        for attempt in range(1, self.attempts + 1):
            try:
                return self._once(name, request, deadline)
            except SourceError as error:
                wait = error.retry_after if error.retry_after is not None else self._first_wait_s * 2 ** (attempt - 1)
                if not error.retryable or attempt == self.attempts:
                    raise
                if time.monotonic() + wait >= deadline:
                    raise SourceError(f"{error.message}; asked to wait {wait:.0f} s, longer than is left") from error
                time.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _once(self, name: str, request: Callable[[float], T], deadline: float) -> T:
        with self._one_at_a_time:
            pause = self._last + self._apart_s - time.monotonic()
            if time.monotonic() + max(pause, 0.0) >= deadline:
                raise SourceError(f"{name}: no time left of {self.call_s:.0f} s")
            if pause > 0:
                time.sleep(pause)
            seconds = min(self.request_s, deadline - time.monotonic())
            try:
                return within(seconds, lambda: request(seconds), name)
            finally:
                self._last = time.monotonic()


def within(seconds: float, call: Callable[[], T], name: str) -> T:
    """What ``call`` returns, if it does so within ``seconds``; else SourceError (its thread is left to end by itself).

    A client's own timeouts bound the silence between two bytes, not the whole answer.
    """
    answer: queue.Queue[tuple[bool, Any]] = queue.Queue(1)

    def run() -> None:
        try:
            answer.put((True, call()))
        except BaseException as error:  # handed to the waiting thread, which raises it
            answer.put((False, error))

    threading.Thread(target=run, daemon=True, name=f"literature-{name}").start()
    try:
        fine, value = answer.get(timeout=max(seconds, 0.0))
    except queue.Empty:
        raise SourceError(f"{name}: no answer within {seconds:.1f} s") from None
    if fine:
        result: T = value
        return result
    raise value


def check_reachable(name: str, address: str, seconds: float = CONNECT_S) -> None:
    """Raises SourceError, one that puts the source out, unless a connection opens within ``seconds``.

    Looking up a host's address has no time limit in any client, so this is done apart, through the proxy if one is set.
    """
    host, port = _first_hop(address)
    try:
        within(seconds, lambda: socket.create_connection((host, port), timeout=seconds).close(), name)
    except OSError as e:
        raise SourceError(f"{name} cannot be reached ({e.strerror or e})", strikes=OUT) from e
    except SourceError as e:
        raise SourceError(f"{name} cannot be reached (no connection within {seconds:.0f} s)", strikes=OUT) from e


def _first_hop(address: str) -> tuple[str, int]:
    """Host and port of the proxy that requests to ``address`` go through, else of the address itself."""
    try:
        url = urlsplit(address)
        proxies = {} if not url.hostname or proxy_bypass(url.hostname) else getproxies()
        if proxy := proxies.get(url.scheme) or proxies.get("all"):
            url = urlsplit(proxy if "//" in proxy else f"//{proxy}", scheme="http")
        host, port = url.hostname, url.port or (443 if url.scheme == "https" else 80)
    except ValueError as e:
        raise SourceError(f"{address!r} is not an address: {e}", strikes=OUT) from e
    if not host:
        raise SourceError(f"{address!r} is not an address: it names no host", strikes=OUT)
    return host, port


def check_status(name: str, status: int, retry_after: str | None) -> None:
    """Raises SourceError unless ``status`` is 200."""
    if status != 200:
        raise SourceError(
            f"{name} answered HTTP {status}",
            retryable=status in RETRYABLE,
            retry_after=seconds_to_wait(retry_after) if status in RETRYABLE else None,
        )
