"""The reference list against a library's records and the numbering of arXiv."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.literature.agreement import arxiv_year, near_title, same_title, taken_back
from scientist.mind.reading import all_text, around
from scientist.review.checks.citations import plain
from scientist.review.checks.context import Context, error, note, warning
from scientist.review.references import arxiv_number, title_readings
from scientist.types import CitedWork, Finding, Paper

_NUMBER = re.compile(r"\barXiv[:.\s]\s*(\d\d)(\d\d)\.\d{4,5}(?:v\d+)?\b", re.IGNORECASE)
_YEARS_APART = 2
"""Preprint, conference and journal versions have years of their own."""
_LONG_NAME = 6
"""Letters from which a given name alone, as in "Kaiming H.", tells who is meant."""
_JOURNAL = 5
"""Years that a journal's version may be behind a preprint of which the library has no number."""
_TELLING = 5
"""Words of a title from which another work of the same title and year is unlikely."""


def impossible_identifiers(context: Context) -> Iterator[Finding]:
    """arXiv numbers of a month that no year has, wherever they stand."""
    text = "\n\n".join([all_text(context.manuscript), *(e.raw for e in context.manuscript.references)])
    for match in _NUMBER.finditer(text):
        if not 1 <= int(match[2]) <= 12:
            yield warning(
                context,
                "impossible_identifiers",
                f"“{match.group()}” is no arXiv number: {match[2]} is no month",
                around(text, *match.span()),
                "look the number up",
            )


def contradicted_references(context: Context) -> Iterator[Finding]:
    """Entries whose work is in the library under another year, first author or title, or as one that was taken back,
    and arXiv numbers that the library knows as another work's.

    The library knows a small part of the literature, so absence says nothing.
    """
    if context.lookup is None:
        return
    for entry in context.manuscript.references:
        record = context.lookup(entry)
        title = _nearest(entry, record) if record is not None else None
        if record is None or title is None:
            if record is not None and _is_anothers_number(entry, record):
                yield warning(
                    context,
                    "contradicted_references",
                    f"arXiv:{record.arxiv_id} is “{record.title}” by {record.authors[0]}",
                    entry.raw,
                    "correct the number or the entry",
                )
        elif (how := taken_back(record)) is not None and _same_first_author(entry, record):
            yield error(
                context,
                "retracted_references",
                f"the cited work “{record.title}” was {how}",
                entry.raw,
                "take the citation out, or say that the work was taken back",
            )
        elif wrong := _differences(entry, title, record):
            title_alone = len(wrong) == 1 and wrong[0].startswith("title ")  # titles often change after a preprint
            yield (note if title_alone else warning)(
                context,
                "contradicted_references",
                f"the library's record of “{record.title}” differs: {'; '.join(wrong)}",
                entry.raw,
                "check the entry against the publication",
            )


def _nearest(entry: CitedWork, record: Paper) -> str | None:
    """The reading of an entry's title that is the record's, or else is near to it."""
    near = [title for title in title_readings(entry) if near_title(title, record.title)]
    return next((t for t in near if _same(t, record.title)), near[0] if near else None)


def _same(title: str, other: str) -> bool:
    """Letters and digits alone count: lines break at hyphens, and plurals come and go."""
    return same_title(title, other) or _key(title) == _key(other)


def _key(title: str) -> str:
    return re.sub(r"[\W_]|s\b", "", plain(title))


def _is_anothers_number(entry: CitedWork, record: Paper) -> bool:
    """Whether the entry bears the record's arXiv number and first author, and none of its title's longer words.

    Where the author differs too, the library's number may be the wrong one.
    """
    number = arxiv_number(entry.raw)
    if (
        number is None
        or not record.arxiv_id
        or not _same_first_author(entry, record)
        or number != record.arxiv_id.split("v")[0]
    ):
        return False
    long = {w for w in re.findall(r"[^\W\d_]{4,}", plain(record.title)) if w not in {"with", "from", "using", "neural"}}
    said = re.sub(r"[\W\d_]", "", plain(entry.raw))
    return len(long) >= 2 and sum(word[:6] in said for word in long) <= len(long) // 4


def _differences(entry: CitedWork, title: str, record: Paper) -> list[str]:
    """Only first authors are compared, and only by the whole entry's words: lists of names are often parted wrongly."""
    wrong = []
    other_year = _year_differs(entry, record)
    other_author = bool(entry.authors and record.authors) and not _same_first_author(entry, record)
    if not _same(title, record.title):
        wrong.append(f"title “{record.title}”")
    if other_year:
        wrong.append(f"year {record.year}, not {entry.year}")
    if other_author:
        wrong.append(f"first author {record.authors[0]}, not {entry.authors[0]}")
        length = len(title.split())
        if other_year or length < (_TELLING - 2 if _shares_an_author(entry, record) else _TELLING):
            return []  # another work of the same title
    return wrong


def _year_differs(entry: CitedWork, record: Paper) -> bool:
    """Whether no year of the entry is near one of the record; a preprint may be years older than its journal."""
    years = {int(y) for y in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", entry.raw)} | {entry.year or 0} - {0}
    known = {record.year, arxiv_year(record.arxiv_id), arxiv_year(arxiv_number(entry.raw))} - {None}
    if not entry.year or not record.year:
        return False
    if entry.year < record.year and re.search(r"arxiv|CoRR|preprint|abs/", entry.raw, re.IGNORECASE):
        return False
    if record.arxiv_id is None and 0 < record.year - entry.year <= _JOURNAL:
        return False
    return all(abs(year - (other or 0)) > _YEARS_APART for year in years for other in known)


def _shares_an_author(entry: CitedWork, record: Paper) -> bool:
    said = _folded(entry.raw)
    return any(len(name := _family(a)) > 2 and name in said for a in record.authors[1:])


def _same_first_author(entry: CitedWork, record: Paper) -> bool:
    if not record.authors:
        return True
    family, given = _family(record.authors[0]), _folded(record.authors[0].split()[0])
    said = _folded(entry.raw)
    middle = [name for part in record.authors[0].split()[1:-1] if len(name := _folded(part)) >= _LONG_NAME - 1]
    alone = [given] if len(given) >= _LONG_NAME else []
    return not family or any(name in said for name in (family, *middle, *alone))


def _family(name: str) -> str:
    parts = (name.split(",")[0] if "," in name else name).split()
    return _folded(parts[-1]) if parts else ""


def _folded(text: str) -> str:
    """Letters alone, without accents and, within a word, the e that stands for an umlaut's dots."""
    return "".join(re.sub(r"(?<=[aou])e", "", word) for word in re.findall(r"[^\W\d_]+", plain(text)))
