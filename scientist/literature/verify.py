"""Verifies a bibliography: does each work exist, do title, authors and year agree, has it been taken back.

It fails closed. What was held against the local library alone is said to be so, what no source could be asked about
is "not verified online", and nothing is fine because nobody contradicted it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import partial

from scientist.errors import ScientistError
from scientist.literature.agreement import (
    Difference,
    differences,
    same_authors,
    same_title,
    same_work,
    shared_identifier,
    taken_back,
)
from scientist.literature.base import LOCAL, OUT, Finder, SourceError
from scientist.literature.patience import within
from scientist.types import Frozen, Paper, Reference

log = logging.getLogger(__name__)

KNOWS_RETRACTIONS = frozenset({"crossref", "openalex"})
"""Finders that are asked about every work with a DOI, even if another has confirmed it."""
NEAR_HITS = 8
"""Hits of the library among which a wrongly copied title is looked for."""


class Status(StrEnum):
    """``verified`` by a source or the library; ``not_found`` says that every online source answered and none has it."""

    VERIFIED = "verified"
    MISMATCH = "mismatch"
    RETRACTED = "retracted"
    NOT_FOUND = "not_found"
    NOT_VERIFIED_ONLINE = "not_verified_online"


class Verification(Frozen):
    """What came of one entry. ``record`` is what it was held against, ``agree`` names the sources that confirm it.

    ``online`` says whether one of those is an online source; a verified entry without it rests on the local library.
    """

    id: str
    title: str
    status: Status
    record: Paper | None = None
    differences: tuple[Difference, ...] = ()
    agree: tuple[str, ...] = ()
    online: bool = False
    unanswered: tuple[str, ...] = ()
    reason: str

    @property
    def citable(self) -> bool:
        """Whether the entry may stand in a paper: no source contradicts it and it was not taken back."""
        return self.status in (Status.VERIFIED, Status.NOT_VERIFIED_ONLINE)


def verify(
    entries: Sequence[Paper], finders: Sequence[Finder], *, online: bool, budget_s: float = 30.0
) -> tuple[Verification, ...]:
    """One Verification for each entry, in order. With ``online`` False only the library among ``finders`` is asked.

    Never raises for a finder: one that is dead, slow or wrong is named in ``unanswered``. Takes at most ``budget_s``
    seconds; entries that nobody could be asked about in that time are ``not_verified_online``.
    """
    deadline = time.monotonic() + budget_s
    cases = [_Case(entry) for entry in entries]
    local = [f for f in finders if _name(f) in LOCAL]
    remote = [f for f in finders if _name(f) not in LOCAL] if online else []
    for finder in local:
        try:
            _ask_local(finder, cases)
        except ScientistError as error:
            log.warning("the library could not be asked: %s", error.message)
    threads = [
        threading.Thread(
            target=_ask_remote,
            # Each begins elsewhere, so that together they reach every entry soonest.
            args=(finder, _rotated(cases, number * len(cases) // len(remote)), deadline),
            daemon=True,
            name=f"verify-{_name(finder)}",
        )
        for number, finder in enumerate(remote)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline + 0.5 - time.monotonic()))
    return tuple(case.verdict([_name(f) for f in remote]) for case in cases)


def citable(
    references: Sequence[Reference], verifications: Sequence[Verification]
) -> tuple[tuple[Reference, ...], tuple[Verification, ...]]:
    """The references that may be cited, and why the others may not. One that was never verified may not."""
    by_id = {v.id: v for v in verifications}
    kept = tuple(r for r in references if r.paper.id in by_id and by_id[r.paper.id].citable)
    return kept, tuple(v for v in verifications if not v.citable)


def statement(verifications: Sequence[Verification]) -> tuple[str, ...]:
    """What a paper says of the checking of its references: plain sentences without numbers, never more than is so."""
    if not verifications:
        return ()
    named = sorted({name for v in verifications for name in v.agree})
    sources = _joined(["the local library" if n in LOCAL else n.replace("_", " ") for n in named])
    checked = [v for v in verifications if v.status is Status.VERIFIED]
    confirmed = [v for v in checked if v.online]
    sentences = []
    if checked:
        many = "Every" if len(checked) == len(verifications) else "Not every"
        sentences.append(f"{many} cited record agrees in title, authors and year with a record of {sources}.")
    else:
        sentences.append("No cited record could be held against another record.")
    if not confirmed:
        sentences.append("None of the references was verified online.")
    elif len(confirmed) < len(verifications):
        sentences.append(
            "Some of the references could not be verified online; citations.json in the bundle says which."
        )
    return tuple(sentences)


def counts(verifications: Iterable[Verification]) -> dict[str, int]:
    """How many entries came to each status, every status named, and how many were confirmed online."""
    found = list(verifications)
    by_status = Counter(v.status for v in found)
    return {**{status.value: by_status[status] for status in Status}, "online": sum(v.online for v in found)}


# ------------------------------------------------------------------------------------------- one entry


class _Case:
    """An entry, the records that finders hold of it, and who has answered. Finders write to it from their threads."""

    def __init__(self, entry: Paper) -> None:
        self.entry = entry
        self._records: list[tuple[str, Paper]] = []
        self._identified: list[tuple[str, Paper]] = []
        self._answered: set[str] = set()
        self._spared: set[str] = set()
        self._guard = threading.Lock()

    def take(self, finder: str, records: Iterable[Paper | None], identified: Iterable[Paper | None] = ()) -> None:
        """Keep what a finder answered; ``identified`` are the records that it holds under the entry's identifiers."""
        with self._guard:
            self._answered.add(finder)
            self._records += [(finder, r) for r in records if r is not None and same_work(self.entry, r)]
            self._identified += [(finder, r) for r in identified if r is not None]

    def spare(self, finder: str) -> None:
        """Note that a finder need not be asked, because another has confirmed the entry."""
        with self._guard:
            self._spared.add(finder)

    def confirmed_online(self) -> bool:
        with self._guard:
            return any(name not in LOCAL and not differences(self.entry, r) for name, r in self._records)

    def verdict(self, remote: Sequence[str]) -> Verification:
        with self._guard:
            return self._verdict(remote)

    def _verdict(self, remote: Sequence[str]) -> Verification:
        unanswered = tuple(sorted(set(remote) - self._answered - self._spared))
        agreeing = [(name, r) for name, r in self._records if not differences(self.entry, r)]
        agree = tuple(sorted({name for name, _ in agreeing}))
        online = any(name not in LOCAL for name in agree)

        def told(status: Status, reason: str, record: Paper | None, wrong: tuple[Difference, ...] = ()) -> Verification:
            return Verification(
                id=self.entry.id, title=self.entry.title, status=status, record=record, differences=wrong, agree=agree,
                online=online, unanswered=unanswered, reason=reason,
            )  # fmt: skip

        if (taken := self._taken_back()) is not None:
            name, record = taken
            return told(Status.RETRACTED, f"{name} says that the work was {taken_back(record)}", record)
        if (other := self._wrong_identifier()) is not None:
            name, record, wrong = other
            return told(Status.MISMATCH, f"{name}: {wrong}", record, (wrong,))
        if agreeing:
            where = _joined(["the local library" if n in LOCAL else n for n in agree])
            reason = f"title, authors and year agree with {where}" + ("" if online else "; not verified online")
            return told(Status.VERIFIED, reason, agreeing[0][1])
        if self._records:
            name, record = min(self._records, key=lambda r: (len(differences(self.entry, r[1])), r[0], r[1].id))
            wrong_fields = differences(self.entry, record)
            return told(Status.MISMATCH, f"{name}: {'; '.join(map(str, wrong_fields))}", record, wrong_fields)
        if remote and not unanswered:
            return told(Status.NOT_FOUND, f"{_joined(sorted(self._answered))} answered, and none holds the work", None)
        missed = f"; no answer from {_joined(unanswered)}" if unanswered else ""
        return told(Status.NOT_VERIFIED_ONLINE, f"not in the local library, and not verified online{missed}", None)

    def _taken_back(self) -> tuple[str, Paper] | None:
        """A record of this very work that says it was taken back; the entry's own mark counts too."""
        known = [("the record", self.entry), *self._records]
        # A correction or comment may have nearly its title: a record of exactly the title comes first.
        known.sort(key=lambda r: not same_title(self.entry.title, r[1].title))
        return next(((name, r) for name, r in known if taken_back(r) and same_authors(self.entry, r)), None)

    def _wrong_identifier(self) -> tuple[str, Paper, Difference] | None:
        """A record under the entry's arXiv number or DOI that is another work by other people."""
        for name, record in self._identified:
            if not same_title(self.entry.title, record.title) and not same_authors(self.entry, record):
                field = shared_identifier(self.entry, record) or ("arxiv_id" if self.entry.arxiv_id else "doi")
                said = self.entry.arxiv_id if field == "arxiv_id" else self.entry.doi
                return name, record, Difference(field=field, entry=f"{said}", record=f"that of “{record.title}”")
        return None


# ------------------------------------------------------------------------------------------- asking


def _ask_local(finder: Finder, cases: Sequence[_Case]) -> None:
    """The library is asked for each identifier and for titles near the entry's; it needs no network and no patience."""
    for case in cases:
        entry = case.entry
        identified = [
            finder.find(arxiv_id=entry.arxiv_id) if entry.arxiv_id else None,
            finder.find(doi=entry.doi) if entry.doi else None,
        ]
        records = [*identified, finder.find(title=entry.title)]
        if callable(search := getattr(finder, "search", None)):
            records += [hit.paper for hit in search(entry.title, NEAR_HITS)]
        case.take(_name(finder), records, identified)


def _ask_remote(finder: Finder, cases: Sequence[_Case], deadline: float) -> None:
    """Ask an online finder about each case that still needs it, until the deadline or too many failures."""
    strikes, name = 0, _name(finder)
    for case in cases:
        entry = case.entry
        if case.confirmed_online() and not (entry.doi and name in KNOWS_RETRACTIONS):
            case.spare(name)
            continue
        left = deadline - time.monotonic()
        if left <= 0 or strikes >= OUT:
            return
        try:
            found = within(left, partial(_look_up, finder, entry), name)
        except Exception as error:  # a finder is foreign code; whoever it failed is told in ``unanswered``
            strikes += error.strikes if isinstance(error, SourceError) else 1
            log.info("%s could not verify %r: %s", name, entry.title, error)
            continue
        strikes = 0
        case.take(name, found[0], found[1])


def _look_up(finder: Finder, entry: Paper) -> tuple[list[Paper | None], list[Paper | None]]:
    """The records under the entry's identifiers or title, and of these the ones that its identifiers name."""
    if not entry.arxiv_id and not entry.doi:
        return [finder.find(title=entry.title)], []
    record = finder.find(arxiv_id=entry.arxiv_id, doi=entry.doi, title=entry.title)
    if record is None or same_title(record.title, entry.title):
        return [record], [record]
    return [record, finder.find(title=entry.title)], [record]


def _name(finder: Finder) -> str:
    return str(getattr(finder, "name", type(finder).__name__))


def _rotated(cases: Sequence[_Case], start: int) -> list[_Case]:
    return [*cases[start:], *cases[:start]]


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nobody"
