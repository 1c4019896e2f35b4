"""Whether a sentence means what the ledger says: the right row, the right kind of number, no stronger than its test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scientist.types import Claim, Evidence
from scientist.writeup.meaning.names import names_of
from scientist.writeup.meaning.reading import read
from scientist.writeup.meaning.roles import check_roles
from scientist.writeup.meaning.rows import check_rows
from scientist.writeup.meaning.strength import check_strength, reports_others
from scientist.writeup.scan import Scan

OURS = re.compile(r"\b(?:we|our|ours|here|this|these)\b", re.I)
Complaint = tuple[str, str, str]
"""The check that failed, what is wrong, and how to mend it."""


def check_meaning(found: Scan, claims: Sequence[Claim], evidence: Evidence, *, words: bool) -> Iterator[Complaint]:
    """Complaints about the numbers of a sentence and, where ``words``, about how strongly it speaks.

    ``claims`` are those that the sentence is bound to.
    """
    names = names_of(evidence)
    seen = read(found, names)
    yield from check_rows(seen, names)
    yield from check_roles(seen, names)
    if words:
        yield from check_strength(seen, claims, names, cited=reports_others(seen, OURS))
