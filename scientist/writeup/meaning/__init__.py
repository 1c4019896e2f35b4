"""Whether a sentence means what the ledger says: the right row, the right kind of number, no stronger than its test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scientist.types import Claim, Evidence
from scientist.writeup.meaning.closed import check_closed
from scientist.writeup.meaning.names import names_of
from scientist.writeup.meaning.reading import read
from scientist.writeup.meaning.roles import check_roles
from scientist.writeup.meaning.rows import check_rows
from scientist.writeup.meaning.strength import check_strength, reports_others
from scientist.writeup.scan import Scan

OURS = re.compile(r"\b(?:we|our|ours|here|this|these)\b", re.I)


class Words(NamedTuple):
    """Where a sentence stands, and the words that name things beside the ledger's labels."""

    where: str
    terms: frozenset[str]
    free: bool = False
    """Whether the sentence need not be made of known words."""


Complaint = tuple[str, str, str]
"""The check that failed, what is wrong, and how to mend it."""


def check_meaning(
    found: Scan, claims: Sequence[Claim], evidence: Evidence, *, words: Words | None
) -> Iterator[Complaint]:
    """Complaints about the numbers of a sentence and, with ``words``, about how strongly it speaks, and in what words.

    ``claims`` are those that the sentence is bound to.
    """
    names = names_of(evidence)
    seen = read(found, names)
    yield from check_rows(seen, names)
    yield from check_roles(seen, names)
    if words is None:
        return
    cited = reports_others(seen, OURS)
    yield from check_strength(seen, claims, names, cited=cited)
    if not (cited or words.free):
        yield from check_closed(seen, names, words.terms, bound=bool(claims), where=words.where)
