"""Looks up the works that a manuscript cites in the local library, so that what contradicts the record is found."""

from __future__ import annotations

from scientist.literature.agreement import near_title, same_authors
from scientist.literature.library import Library
from scientist.literature.verify import NEAR_HITS
from scientist.review.checks.context import Lookup
from scientist.review.references import arxiv_number, title_readings
from scientist.types import CitedWork, Paper

LEAST_AUTHORS = 2
"""Authors that must agree before a record of nearly the same title is taken for the work that is meant."""


def library_lookup() -> Lookup:
    """A function from a cited work to its record in the local library, or None.

    It is the record of the same title, else one of nearly that title by exactly the same two or more authors, else
    the one of the entry's arXiv number.
    """
    library = Library()

    def find(cited: CitedWork) -> Paper | None:
        exact = next((p for t in title_readings(cited) if (p := library.find(title=t)) is not None), None)
        if exact is None and cited.title:
            exact = _near(cited, [hit.paper for hit in library.search(cited.title, NEAR_HITS)])
        number = arxiv_number(cited.raw)
        return exact if exact is not None or number is None else library.find(arxiv_id=number)

    return find


def _near(cited: CitedWork, records: list[Paper]) -> Paper | None:
    entry = Paper(id="cited", title=str(cited.title), authors=cited.authors, year=cited.year, source="manuscript")
    sure = (r for r in records if r.year == cited.year and min(len(r.authors), len(cited.authors)) >= LEAST_AUTHORS)
    return next((r for r in sure if same_authors(entry, r) and near_title(entry.title, r.title)), None)
