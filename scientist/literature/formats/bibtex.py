"""BibTeX and BibLaTeX files, read entry by entry, so that a broken entry costs only itself."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scientist.literature.formats.entry import Entry, decoded, make_paper, open_binary, plain_arxiv_id

BEGIN = re.compile(r"\s*@\s*(\w+)\s*[{(]")
NOT_RECORDS = {"string", "preamble", "comment"}
VENUE = ("journal", "journaltitle", "booktitle", "howpublished", "publisher", "institution", "school")


def read(path: Path, start: int, known: object) -> Iterator[Entry]:
    """Entries from number ``start`` on; abbreviations (``@string``) hold from where they stand."""
    abbreviations = ""
    number = 0
    for line, kind, text in _blocks(path):
        if kind == "string":
            abbreviations += text
        if kind in NOT_RECORDS:
            continue
        number += 1
        if number > start:
            yield _entry(text, abbreviations, number, line)


def _blocks(path: Path) -> Iterator[tuple[int, str, str]]:
    """The line, kind and text of what begins with an ``@`` at the start of a line."""
    lines: list[str] = []
    begun, kind = 0, ""
    with open_binary(path) as stream:
        for number, raw in enumerate(stream, 1):
            line = decoded(raw)
            match = BEGIN.match(line)
            if match:
                if kind:
                    yield begun, kind, "".join(lines)
                lines, begun, kind = [], number, match[1].lower()
            lines.append(line)
    if kind:
        yield begun, kind, "".join(lines)


def _entry(text: str, abbreviations: str, number: int, line: int) -> Entry:
    from pybtex.database import InvalidNameString, parse_string
    from pybtex.exceptions import PybtexError

    place = f"line {line}"
    try:
        # One entry at a time: the parser stops a whole file at the first fault.
        parsed = parse_string(abbreviations + text, "bibtex").entries
        if len(parsed) != 1:
            raise ValueError("not a whole entry")
        (entry,) = parsed.values()
        return Entry(place=place, position=number, paper=_paper(entry))
    except (PybtexError, InvalidNameString) as e:
        return Entry(place=place, position=number, problem=f"not BibTeX: {_fault(e)}")
    except ValueError as e:
        return Entry(place=place, position=number, problem=str(e))


def _paper(entry: Any) -> Any:
    raw = {k.lower(): v for k, v in entry.fields.items()}
    people = entry.persons.get("author") or entry.persons.get("editor") or ()
    names = [_name(p) for p in people]
    return make_paper(
        title=unicode_text(raw.get("title", "")),
        authors=[n for n in names if n != "others"],
        authors_complete="others" not in names,
        year=raw.get("year") or raw.get("date"),
        venue=next((unicode_text(raw[f]) for f in VENUE if raw.get(f) and "\\url" not in raw[f]), ""),
        abstract=unicode_text(raw.get("abstract", "")),
        doi=raw.get("doi", "").replace("\\_", "_") or raw.get("url"),
        arxiv_id=_arxiv_id(raw),
        url=raw.get("url"),
    )


def _name(person: Any) -> str:
    parts = (person.first_names, person.middle_names, person.prelast_names, person.last_names, person.lineage_names)
    return " ".join(unicode_text(name) for part in parts for name in part)


def _arxiv_id(raw: dict[str, str]) -> str | None:
    kind = (raw.get("archiveprefix") or raw.get("eprinttype") or "").lower()
    if raw.get("eprint") and kind in ("arxiv", ""):
        return plain_arxiv_id(raw["eprint"])
    for field in ("journal", "url", "volume", "note", "howpublished"):
        value = raw.get(field, "")
        if "arxiv" in value.lower():
            return plain_arxiv_id(value[value.lower().index("arxiv") :])
    return None


def unicode_text(latex: str) -> str:
    """The characters that a BibTeX value stands for: accents composed, braces gone, mathematics as it is."""
    import latexcodec  # noqa: F401  registers the codec

    # The codec does not know an accent over a dotless letter, and eats a space at the begin.
    latex = re.sub(r"""\\(["'`^~=.])\s*(?:\{\s*\\([ij])\s*\}|\\([ij])(?![A-Za-z])\s?)""", r"\\\1{\2\3}", latex)
    pieces = re.split(r"((?<!\\)\$[^$]*\$)", latex)
    return "".join(p if p.startswith("$") else _decoded(p) for p in pieces)


def _decoded(latex: str) -> str:
    decoder: Any = codecs.lookup("ulatex")  # text to text, unlike the codecs that the types know
    before = latex[: len(latex) - len(latex.lstrip())]
    return before + _unbraced(decoder.decode(latex.lstrip())[0])


def _unbraced(text: str) -> str:
    text = re.sub(r"\\(?:emph|text(?:bf|it|sc|tt|rm|sf)|mathrm|url|href)\s*(?=\{)", "", text)
    return text.replace("{", "").replace("}", "").replace("\xa0", " ").replace("\\$", "$")


def _fault(error: Exception) -> str:
    """What the parser says, without its line number, which counts from the entry's begin."""
    return re.sub(r" in line \d+", "", str(error).splitlines()[0])
