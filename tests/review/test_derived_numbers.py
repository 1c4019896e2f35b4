"""Numbers of an abstract that follow from others beside them, and those that do not."""

from __future__ import annotations

import pytest

from scientist.review.checks.context import Context
from scientist.review.checks.numbers import abstract_numbers
from scientist.types import Manuscript, ManuscriptSection

_BODY = "Filler words of the body. " * 100 + "The yield was 12.5 and then 15.0 tonnes."


@pytest.mark.parametrize(
    ("abstract", "missing"),
    [
        ("Mulch adds 2.5 tonnes to the yield (12.5 to 15.0).", False),
        ("The yield rises from 12.5 to 15.0 tonnes, a gain of 20 %.", False),
        ("The yield rises from 12.5 to 15.0 tonnes at a cost of 7.7 hours.", True),
        ("The yield rises from 12.5 to 15.0 tonnes, a gain of 34 %.", True),
        ("The yield was 12.5 and 15.0 tonnes. Mulch also saved 2.7 hours.", True),
    ],
)
def test_differences_of_numbers_beside_them_are_supported(abstract: str, missing: bool) -> None:
    section = ManuscriptSection(heading="Results", text=_BODY)
    paper = Manuscript(file="x", title="T", abstract=abstract, format="text", sections=(section,))
    assert bool(list(abstract_numbers(Context(paper, 2026)))) is missing
