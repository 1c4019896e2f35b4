"""JSON lines, one record a line: our own, the arXiv metadata snapshot, and OpenAlex and Semantic Scholar dumps."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scientist.literature.formats.entry import Entry, decoded, make_paper, open_binary
from scientist.types import Paper

LONGEST = 32 * 2**20
"""A line longer than this is no record."""
WITHDRAWN = re.compile(r"\bwithdrawn\b", re.IGNORECASE)


def read(path: Path, start: int, known: object) -> Iterator[Entry]:
    """Records from byte ``start`` of the unpacked file on; ``position`` is the byte after the line.

    A gzipped file that is damaged or ends early gives its last entry there, with that problem.
    """
    convert: Callable[[dict[str, Any]], Paper] | None = None
    position = start
    try:
        with open_binary(path) as stream:
            position = stream.seek(start)
            while line := stream.readline(LONGEST):
                begun, position = position, position + len(line)
                if not line.strip():
                    continue
                place = f"byte {begun}"
                try:
                    record = _record(line)
                    convert = convert or converter(record)
                    yield Entry(place=place, position=position, paper=convert(record))
                except (ValueError, TypeError, KeyError, AttributeError) as e:
                    yield Entry(place=place, position=position, problem=_short(e))
    except (EOFError, OSError, zlib.error) as e:
        problem = f"the file is damaged or cut short here ({e}); fetch it again"
        yield Entry(place=f"byte {position}", position=position, problem=problem)


def converter(record: dict[str, Any]) -> Callable[[dict[str, Any]], Paper]:
    """What turns the records of this file into papers, by the fields of its first good one. Raises ValueError."""
    if "authorships" in record or str(record.get("id", "")).startswith("https://openalex.org/"):
        return from_openalex
    if "paperId" in record or "corpusid" in record or "corpusId" in record:
        return from_semantic_scholar
    if "authors_parsed" in record or ("submitter" in record and "categories" in record):
        return from_arxiv
    if "id" in record and "title" in record:
        return from_own
    raise ValueError("neither our fields (id, title) nor those of arXiv, OpenAlex or Semantic Scholar")


def from_own(record: dict[str, Any]) -> Paper:
    if not record.get("id"):
        raise ValueError("no id")
    if (year := record.get("year")) is not None and not isinstance(year, int):
        raise ValueError(f"the year is {year!r}")
    if not all(isinstance(a, str) for a in record.get("authors") or ()):
        raise ValueError("authors is not a list of names")
    return make_paper(**record)


def from_arxiv(record: dict[str, Any]) -> Paper:
    """A record of the metadata snapshot; its year is that of the id, when the paper was posted."""
    names = [" ".join(p for p in (given, family, suffix) if p) for family, given, suffix in _three(record)]
    notes = f"{record.get('comments') or ''} {str(record.get('abstract') or '')[:200]}"
    return make_paper(
        title=record.get("title"),
        authors=names or re.split(r",\s*|\s+and\s+", record.get("authors") or ""),
        year=_posted(str(record["id"])),
        venue=record.get("journal-ref") or "arXiv",
        abstract=record.get("abstract"),
        arxiv_id=str(record["id"]),
        doi=record.get("doi"),
        withdrawn=bool(WITHDRAWN.search(notes)),
    )


def from_openalex(record: dict[str, Any]) -> Paper:
    venue = ((record.get("primary_location") or {}).get("source") or {}).get("display_name")
    addresses = [location.get("landing_page_url") or "" for location in record.get("locations") or ()]
    arxiv = next((a for a in addresses if "arxiv.org/abs/" in a), None)
    return make_paper(
        id=None if record.get("doi") or arxiv else f"openalex:{str(record['id']).rsplit('/', 1)[-1]}",
        title=record.get("title") or record.get("display_name"),
        authors=[(a.get("author") or {}).get("display_name") for a in record.get("authorships") or ()],
        authors_complete=not record.get("is_authors_truncated", False),
        year=record.get("publication_year"),
        venue=venue,
        abstract=unrolled(record.get("abstract_inverted_index")),
        doi=record.get("doi"),
        arxiv_id=arxiv,
        url=record["id"],
        retracted=bool(record.get("is_retracted")),
    )


def from_semantic_scholar(record: dict[str, Any]) -> Paper:
    """A record of the bulk data sets or of the API; the fields differ in case only."""
    fields = {k.lower(): v for k, v in record.items()}
    ids = {k.lower(): v for k, v in (fields.get("externalids") or {}).items()}
    own = fields.get("corpusid") or fields.get("paperid")
    if "title" not in fields:
        raise ValueError("no title: abstracts alone cannot be added, add the papers data set")
    return make_paper(
        id=None if ids.get("arxiv") or ids.get("doi") else f"s2:{own}",
        title=fields["title"],
        authors=[a.get("name") for a in fields.get("authors") or ()],
        year=fields.get("year"),
        venue=fields.get("venue"),
        abstract=fields.get("abstract"),
        doi=ids.get("doi"),
        arxiv_id=ids.get("arxiv"),
        url=fields.get("url"),
    )


def unrolled(inverted: Any) -> str:
    """An abstract from OpenAlex's index of its words: ``{word: [places]}``."""
    if not isinstance(inverted, dict):
        return ""
    places = sorted((place, word) for word, where in inverted.items() for place in where)
    return " ".join(word for _, word in places)


def _record(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n") and len(line) == LONGEST:
        raise ValueError("the line is too long for a record")
    record = json.loads(decoded(line))
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return record


def _three(record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in record.get("authors_parsed") or ():
        family, given, suffix = (*name, "", "", "")[:3]
        yield family, given, suffix


def _posted(arxiv_id: str) -> int | None:
    match = re.match(r"(?:.*/)?(\d\d)\d\d", arxiv_id)
    if not match:
        return None
    return (1900 if int(match[1]) > 90 else 2000) + int(match[1])


def _short(error: Exception) -> str:
    return f"no {error.args[0]!r}" if isinstance(error, KeyError) else str(error).splitlines()[0]
