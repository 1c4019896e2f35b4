"""What a reader yields, and the small conversions that all readers share."""

from __future__ import annotations

import gzip
import hashlib
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from pydantic import ValidationError

from scientist.literature.words import normal_title
from scientist.types import Frozen, Paper

YEARS = range(1400, 2101)
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}|\\^]+")
ARXIV_ID = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?![\d.]\d)", re.IGNORECASE)

MARK_UP = re.compile(r"</?(?:i|b|em|sub|sup|scp|p|jats:\w+|span|title)\b[^<>]*>")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")


class Entry(Frozen):
    """One record of a file: a paper, or the ``problem`` that makes it none.

    ``place`` is where a person finds it ("line 12"); ``position`` is where reading goes on after it, in units that
    only its reader knows.
    """

    place: str
    position: int
    paper: Paper | None = None
    problem: str | None = None


def open_binary(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if it is gzipped."""
    with path.open("rb") as f:
        packed = f.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def decoded(data: bytes) -> str:
    """Text of unknown encoding: UTF-8, else Windows Latin, in which every byte means something."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def make_paper(**facts: Any) -> Paper:
    """A paper from facts as a file gave them; ``id`` may be missing. Raises ValueError, saying what is wrong.

    A title is needed. What cannot be right (a year that is no year, a DOI that is none) is left out.
    """
    title = one_line(facts.get("title"))
    if not title:
        raise ValueError("no title")
    doi, arxiv_id = plain_doi(facts.get("doi")), plain_arxiv_id(facts.get("arxiv_id"))
    authors = tuple(name for name in (one_line(a) for a in facts.get("authors") or ()) if name)
    year = whole_year(facts.get("year"))
    try:
        return Paper(
            id=facts.get("id") or record_id(arxiv_id=arxiv_id, doi=doi, title=title, year=year),
            title=title,
            authors=authors,
            authors_complete=bool(facts.get("authors_complete", True)),
            year=year,
            venue=one_line(facts.get("venue")),
            abstract=one_line(facts.get("abstract")),
            arxiv_id=arxiv_id,
            doi=doi,
            url=one_line(facts.get("url")) or None,
            retracted=bool(facts.get("retracted", False)),
            withdrawn=bool(facts.get("withdrawn", False)),
            source="library",
        )
    except ValidationError as e:
        first = e.errors()[0]
        raise ValueError(f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from e


def record_id(*, arxiv_id: str | None, doi: str | None, title: str, year: int | None) -> str:
    """The id of a record that brings none of its own: by its identifiers, else by its title and year."""
    if arxiv_id:
        return f"arxiv:{arxiv_id}"
    if doi:
        return f"doi:{doi}"
    return f"t:{hashlib.sha256(f'{normal_title(title)}|{year}'.encode()).hexdigest()[:12]}"


def one_line(value: Any) -> str:
    """Text on one line, without mark-up and control characters; nothing for what is not text."""
    if not isinstance(value, str):
        return ""
    # Most texts hold none of these; a dump has millions of long ones.
    if "&" in value:
        value = html.unescape(value)
    if "<" in value:
        value = MARK_UP.sub("", value)
    if not value.isprintable():
        value = UNPRINTABLE.sub(" ", value)
    return " ".join(value.split())


def plain_doi(value: Any) -> str | None:
    """The DOI in a text such as ``https://doi.org/10.1/x``, in lower case."""
    match = DOI.search(value) if isinstance(value, str) else None
    return match[0].rstrip(".,;)").lower() if match else None


def plain_arxiv_id(value: Any) -> str | None:
    """The arXiv id in a text such as ``arXiv:1412.6980v9`` or an address, without its version."""
    match = ARXIV_ID.search(value) if isinstance(value, str) else None
    return match[1] if match else None


def whole_year(value: Any) -> int | None:
    """The first year in a text or number such as ``2017-06-12``."""
    match = re.search(r"(?<![\d.])\d{4}(?!\.?\d)", str(value)) if isinstance(value, (str, int)) else None
    return int(match[0]) if match and int(match[0]) in YEARS else None


def turned_name(name: str) -> str:
    """``Knuth, Donald E.`` as ``Donald E. Knuth``; with a suffix, ``Smith, Jr., Bob`` as ``Bob Smith Jr.``."""
    parts: Sequence[str] = [p.strip() for p in name.split(",")]
    if len(parts) == 2:
        return f"{parts[1]} {parts[0]}".strip()
    if len(parts) == 3:
        suffix, given = (parts[1], parts[2]) if re.fullmatch(r"(?:Jr|Sr|I+V?)\.?", parts[1]) else (parts[2], parts[1])
        return f"{given} {parts[0]} {suffix}".strip()
    return name.strip()
