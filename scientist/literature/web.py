"""Asking a service for JSON over HTTP: one request, bounded in time and size, whose answer is whole or an error."""

from __future__ import annotations

import json
import logging
import os
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from scientist.literature.base import SourceError
from scientist.literature.patience import CONNECT_S, check_status

log = logging.getLogger(__name__)

T = TypeVar("T")

LARGEST = 20_000_000
"""Bytes of the largest answer that is read."""
MAILTO_VARIABLE = "SCIENTIST_MAILTO"


def ask_json(
    name: str,
    url: str,
    *,
    seconds: float,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    payload: Any = None,
) -> dict[str, Any] | None:
    """The JSON object at ``url`` (POSTed to if there is a ``payload``); None where the service says 404.

    Raises SourceError for every other answer that is not a whole JSON object with status 200.
    """
    import httpx

    deadline = time.monotonic() + seconds
    method = "GET" if payload is None else "POST"
    limits = httpx.Timeout(seconds, connect=min(CONNECT_S, seconds))
    try:
        with (
            httpx.Client(
                timeout=limits, follow_redirects=True, headers={"User-Agent": user_agent()}, verify=certificates()
            ) as client,
            client.stream(method, url, params=params, headers=headers, json=payload) as answer,
        ):
            if answer.status_code == 404:
                return None
            check_status(name, answer.status_code, answer.headers.get("Retry-After"))
            return as_object(name, _read(name, answer.iter_bytes(), deadline))
    except httpx.TimeoutException as e:
        raise SourceError(f"{name}: no answer within {seconds:.1f} s") from e
    except httpx.HTTPError as e:
        raise SourceError(f"{name} broke off or cannot be reached ({type(e).__name__})", retryable=True) from e
    except httpx.InvalidURL as e:
        raise SourceError(f"{name}: {url!r} is not an address") from e


def as_object(name: str, body: bytes) -> dict[str, Any]:
    """``body`` as a JSON object in UTF-8. Raises SourceError."""
    try:
        value = json.loads(body.decode("utf-8"))
    except ValueError as e:
        raise SourceError(f"{name} answered with something that is not JSON", retryable=True) from e
    if not isinstance(value, dict):
        raise SourceError(f"{name} answered with JSON that is not an object", retryable=True)
    return value


def readable(name: str, raws: Iterable[Any], make: Callable[[Any], T | None]) -> list[T]:
    """What ``make`` reads of each raw record, without those it refuses (None) or that are not records at all.

    Raises SourceError if there are records and none is one.
    """
    made: list[T] = []
    broken = 0
    for raw in raws:
        try:
            record = make(raw)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError):
            log.debug("%s: unreadable record %.200r", name, raw, exc_info=True)
            broken += 1
            continue
        if record is not None:
            made.append(record)
    if broken and not made:
        raise SourceError(f"{name} answered with {broken} records that cannot be read")
    return made


@cache
def certificates() -> ssl.SSLContext:
    """Whom to trust, read once: it takes longer than many a request."""
    import httpx

    return httpx.create_ssl_context()


def text_of(value: Any) -> str:
    """``value`` with single spaces and without characters that cannot be printed or encoded, if it is text."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c for c in value if c.isprintable() or c.isspace()).split())


def year_of(value: Any) -> int | None:
    """A year as a number, or as four digits; None for anything else."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 9999 else None


def mailto() -> str:
    """The address that polite services ask for, from ``$SCIENTIST_MAILTO``; empty if none is given."""
    return os.environ.get(MAILTO_VARIABLE, "").strip()


def user_agent() -> str:
    from scientist import __version__

    return f"scientist/{__version__}" + (f" (mailto:{mailto()})" if mailto() else "")


def _read(name: str, chunks: Iterable[bytes], deadline: float) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST:
            raise SourceError(f"{name}: the answer is larger than {LARGEST} bytes")
        if time.monotonic() > deadline:
            raise SourceError(f"{name}: the answer was not whole in time")
    return bytes(body)
