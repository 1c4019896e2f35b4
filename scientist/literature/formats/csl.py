"""CSL-JSON, the exchange format of citation processors and of Zotero: one JSON array of items."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scientist.errors import UsageError
from scientist.literature.formats.entry import Entry, decoded, make_paper, open_binary, plain_arxiv_id

LARGEST = 512 * 2**20
"""An array is read whole; beyond this many bytes it is refused."""


def read(path: Path, start: int, known: object) -> Iterator[Entry]:
    """Items from number ``start`` on. Raises UsageError for a file that is not one whole JSON array."""
    with open_binary(path) as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MiB", "export it as JSON lines, which are streamed")
    try:
        items = json.loads(decoded(data))
    except ValueError as e:
        raise UsageError(f"{path} is not whole JSON: {e}", "was the export cut short?") from e
    for number, item in enumerate(items[start:], start + 1):
        place = f"item {number}"
        try:
            yield Entry(place=place, position=number, paper=_paper(item))
        except ValueError as e:
            yield Entry(place=place, position=number, problem=str(e))


def _paper(item: Any) -> Any:
    if not isinstance(item, dict):
        raise ValueError("not an object")
    return make_paper(
        title=item.get("title"),
        authors=[_name(a) for a in item.get("author") or () if isinstance(a, dict)],
        year=_year(item.get("issued")),
        venue=item.get("container-title") or item.get("event-title") or item.get("publisher"),
        abstract=item.get("abstract"),
        doi=item.get("DOI"),
        arxiv_id=_arxiv_id(item),
        url=item.get("URL"),
    )


def _name(author: dict[str, Any]) -> str:
    if literal := author.get("literal"):
        return str(literal)
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    return " ".join(str(author[p]) for p in parts if author.get(p))


def _year(issued: Any) -> Any:
    if not isinstance(issued, dict):
        return None
    dates = issued.get("date-parts")
    if isinstance(dates, list) and dates and isinstance(dates[0], list) and dates[0]:
        return str(dates[0][0])
    return issued.get("literal") or issued.get("raw")


def _arxiv_id(item: dict[str, Any]) -> str | None:
    """From the places in which exports put it: ``number: arXiv:…``, the address, the note's ``arXiv:…``."""
    for field in ("number", "archive_location", "URL", "note"):
        value = item.get(field)
        if isinstance(value, str) and "arxiv" in value.lower():
            return plain_arxiv_id(value[value.lower().index("arxiv") :])
    return None
