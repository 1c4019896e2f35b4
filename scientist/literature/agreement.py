"""Whether a bibliography entry and a record say the same of a work: title, authors, year, identifiers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

from scientist.literature.words import ascii_fold, normal_title, words
from scientist.types import Frozen, Paper

NEAR_TITLE = 0.60
"""Share of words from which two titles by the same people are taken for one work, wrongly copied."""
NEAR_SPELLING = 0.90
"""The same for the sequence of characters, so that one misspelt word of a short title is seen."""
FIRST_ARXIV_YEAR = 1991

_TAKEN_BACK = re.compile(r"^\W*(?:retracted|withdrawn|retraction)(?: article| paper| note)?\W*[:—–\-\])]\W*", re.I)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|\d+)$")


class Difference(Frozen):
    """A field in which an entry and the record differ, with what each says."""

    field: Literal["title", "authors", "year", "arxiv_id", "doi"]
    entry: str
    record: str

    def __str__(self) -> str:
        return f"{self.field.replace('_', ' ')}: {self.entry!r}, but the record has {self.record!r}"


def differences(entry: Paper, record: Paper) -> tuple[Difference, ...]:
    """Where an entry contradicts the record of the same work. What either does not say is no contradiction."""
    found = []
    if not same_title(entry.title, record.title):
        found.append(Difference(field="title", entry=entry.title, record=record.title))
    if not same_authors(entry, record):
        found.append(Difference(field="authors", entry=_listed(entry), record=_listed(record)))
    if not same_year(entry, record):
        found.append(Difference(field="year", entry=str(entry.year), record=str(record.year)))
    return tuple(found)


def same_work(entry: Paper, record: Paper) -> bool:
    """Whether the record must be the work that the entry means, whatever else they say.

    It is if the titles or an identifier are equal, or if the same people wrote a work of nearly that title.
    """
    if same_title(entry.title, record.title) or shared_identifier(entry, record):
        return True
    return (
        bool(entry.authors and record.authors) and same_authors(entry, record) and near_title(entry.title, record.title)
    )


def shared_identifier(a: Paper, b: Paper) -> Literal["arxiv_id", "doi"] | None:
    """The kind of identifier that both have and that is equal."""
    if a.arxiv_id and b.arxiv_id and _bare_arxiv(a.arxiv_id) == _bare_arxiv(b.arxiv_id):
        return "arxiv_id"
    if a.doi and b.doi and a.doi.strip().lower() == b.doi.strip().lower():
        return "doi"
    return None


def same_title(a: str, b: str) -> bool:
    """Equal letters and digits; case, accents, punctuation, LaTeX, and "&" for "and" make no difference."""
    return _title_key(a) == _title_key(b)


def taken_back(record: Paper) -> str | None:
    """How a record says that the work was taken back: by its flags, or by the mark that publishers put into titles."""
    if record.retracted or _TAKEN_BACK.match(record.title):
        return "retracted"
    return "withdrawn by its authors" if record.withdrawn else None


def near_title(a: str, b: str) -> bool:
    """Most words in common, or all but a few letters."""
    first, second = set(words(a)), set(words(b))
    shared = len(first & second) / len(first | second) if first | second else 0.0
    # Sequence matching is slow on long texts and means nothing there.
    keys = _title_key(a)[:300], _title_key(b)[:300]
    return shared >= NEAR_TITLE or SequenceMatcher(None, *keys, autojunk=False).ratio() >= NEAR_SPELLING


def same_authors(a: Paper, b: Paper) -> bool:
    """The same people in the same order; a list that says it ends early must be the beginning of the other."""
    if not a.authors or not b.authors:
        return True
    if a.authors_complete and b.authors_complete and len(a.authors) != len(b.authors):
        return False
    shorter_ends_early = (len(a.authors) < len(b.authors) and a.authors_complete) or (
        len(b.authors) < len(a.authors) and b.authors_complete
    )
    return not shorter_ends_early and all(same_person(x, y) for x, y in zip(a.authors, b.authors, strict=False))


def same_person(a: str, b: str) -> bool:
    """One family name and a given name, or initial, in common; or the same names in another order or spacing."""
    first, second = _names(a), _names(b)
    if not first or not second:
        return True
    if sorted(first) == sorted(second) or "".join(first) == "".join(second):
        return True
    if first[-1] != second[-1] and not (first[-1] in second and second[-1] in first):
        return False
    initials = {n[0] for n in first[:-1]}, {n[0] for n in second[:-1]}
    return not initials[0] or not initials[1] or bool(initials[0] & initials[1])


def same_year(entry: Paper, record: Paper) -> bool:
    """The year of the record, of its preprint, or the year after the preprint.

    A work on arXiv has two right years. The number of the preprint says the first; of 9,200 machine-learning papers
    with a number, 66 % were published in that year, 28 % in the next and 2 % two years later, and sources differ in
    which of the two they print. Without a preprint, only the year of the record is right.
    """
    if entry.year is None or record.year is None or entry.year == record.year:
        return True
    posted = arxiv_year(record.arxiv_id or entry.arxiv_id)
    return posted is not None and entry.year in (posted, posted + 1)


def arxiv_year(arxiv_id: str | None) -> int | None:
    """The year in which a preprint of this number was posted; None for what is no arXiv number."""
    match = re.fullmatch(r"(?:arxiv:)?(?:[a-z\-]+(?:\.[a-z]{2})?/)?(\d\d)(0[1-9]|1[0-2]).*", (arxiv_id or "").lower())
    if match is None:
        return None
    short = int(match[1])
    return 1900 + short if short >= FIRST_ARXIV_YEAR % 100 else 2000 + short


def _title_key(title: str) -> str:
    return normal_title(re.sub(r"\s*\\?&(?:amp;)?\s*", " and ", _TAKEN_BACK.sub("", title)))


def _names(name: str) -> list[str]:
    """Lower-case ASCII names, given names first, without suffixes and the numbers that tell namesakes apart."""
    if name.count(",") == 1:
        family, given = name.split(",")
        name = f"{given} {family}"
    parts = re.split(r"[\s.\-‐‑_]+", re.sub(r"['’`{}\\]", "", ascii_fold(name).lower()))
    return [p for p in (re.sub(r"[^a-z0-9]", "", part) for part in parts) if p and not _SUFFIX.match(p)]


def _bare_arxiv(arxiv_id: str) -> str:
    return re.sub(r"^arxiv:|v\d+$", "", arxiv_id.strip().lower())


def _listed(paper: Paper, most: int = 6) -> str:
    names: Sequence[str] = paper.authors[:most]
    return ", ".join(names) + ("" if len(paper.authors) <= most and paper.authors_complete else ", …")
