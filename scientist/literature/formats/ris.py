"""RIS files, as reference managers and publishers export them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scientist.literature.formats.entry import Entry, decoded, make_paper, open_binary, plain_arxiv_id, turned_name

TAG = re.compile(r"([A-Z][A-Z0-9])  ?- ?(.*)")
TITLE = ("TI", "T1", "CT", "BT")
AUTHOR = ("AU", "A1")
VENUE = ("JO", "JF", "T2", "BT", "JA", "PB")


def read(path: Path, start: int, known: object) -> Iterator[Entry]:
    """Entries from number ``start`` on; a record ends with its ER line, or where the next begins."""
    fields: dict[str, list[str]] = defaultdict(list)
    number, begun, tag = 0, 0, ""
    with open_binary(path) as stream:
        for line_number, raw in enumerate(stream, 1):
            line = decoded(raw).rstrip()
            match = TAG.match(line)
            if match is None:
                if tag and line.strip():
                    fields[tag][-1] += " " + line.strip()
                continue
            tag, value = match[1], match[2].strip()
            if tag in ("TY", "ER") and fields:
                number += 1
                if number > start:
                    yield _entry(fields, number, begun)
                fields = defaultdict(list)
            if tag == "ER":
                tag = ""
                continue
            begun = line_number if tag == "TY" else begun
            fields[tag].append(value)
    if fields:
        number += 1
        if number > start:
            yield Entry(place=f"line {begun}", position=number, problem="the record has no end (ER): half a file?")


def _entry(fields: dict[str, list[str]], number: int, line: int) -> Entry:
    def first(*tags: str) -> str | None:
        return next((v for t in tags for v in fields.get(t, ()) if v), None)

    links = fields.get("UR", []) + fields.get("L1", [])
    try:
        paper = make_paper(
            title=first(*TITLE),
            authors=[turned_name(a) for t in AUTHOR for a in fields.get(t, ())],
            year=first("PY", "Y1", "DA"),
            venue=first(*VENUE),
            abstract=first("AB", "N2"),
            doi=first("DO") or next((u for u in links if "doi.org" in u), None),
            arxiv_id=next((plain_arxiv_id(u) for u in links if "arxiv.org/" in u), None),
            url=first("UR"),
        )
    except ValueError as e:
        return Entry(place=f"line {line}", position=number, problem=str(e))
    return Entry(place=f"line {line}", position=number, paper=paper)
