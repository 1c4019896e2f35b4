# ruff: noqa: E501
"""Rows and columns of tables that sum up: what is found, and what is left alone."""

from __future__ import annotations

import pytest

from scientist.review.checks.context import Context
from scientist.review.checks.sums import table_sums
from scientist.types import Float, Manuscript, ManuscriptSection


def messages(rows: str, caption: str = "") -> list[str]:
    head, *rest = [line.strip() for line in rows.strip().splitlines()]
    text = "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rest])
    floats = (Float(kind="table", label="Table 1", caption=caption),) if caption else ()
    return found(
        Manuscript(
            file="x",
            title="T",
            abstract="",
            format="markdown",
            sections=(ManuscriptSection(heading="R", text=text),),
            floats=floats,
        )
    )


def found(manuscript: Manuscript) -> list[str]:
    return [f.message for f in table_sums(Context(manuscript, 2026))]


BERRIES = "| Plot | Wet | Dry |\n| North | 14 | 9 |\n| South | 11 | 6 |\n"
SCORES = "| Film | Ours | Theirs |\n| Red | 4.2 ± 0.1 | 3.0 ± 0.2 |\n| Blue | 6.0 ± 0.1 | 5.1 ± 0.2 |\n| Green | 5.4 | 3.9 |\n"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (SCORES + "| Overall mean | 5.2 | 4.4 |", "average of 4.4 in “theirs” should be 4"),
        (SCORES + "| Avg. | 5.6 | 4.0 |", "average of 5.6 in “ours” should be 5.2"),
        (BERRIES + "| Total | 26 | 15 |", "total of 26 in “wet” should be 25"),
        (
            "| Arm | A | B | Total |\n| In | 9 | 4 | 14 |\n| Out | 2 | 3 | 5 |\n| Total | 11 | 7 | 18 |",
            "total of 14 in “in”",
        ),
        (
            "| Arm | A | B | Total |\n| In | 8 | 4 | 13 |\n| Out | 2 | 3 | 5 |\n| Total | 11 | 7 | 18 |",
            "number of 8 in “in” should be 9",
        ),
    ],
)
def test_a_wrong_sum_is_found_once_and_where_it_is_wrong(rows: str, words: str) -> None:
    assert [words in m for m in messages(rows)] == [True]


@pytest.mark.parametrize(
    ("rows", "caption"),
    [
        (SCORES + "| Mean | 5.2 | 4.0 |", ""),
        (SCORES + "| Mean, weighted by length | 5.6 | 4.0 |", ""),
        (SCORES + "| Median | 5.4 | 3.9 |", ""),
        (SCORES + "| Mean | 5.9 | 4.6 |", ""),  # none agrees: it is some other mean
        (BERRIES + "| Total | 25 | 15 |", ""),
        (BERRIES + "| Total | 26 | 15 |", "Harvest in kilograms, rounded."),
        (
            "| Plot | Wet | Dry |\n| Height in cm, mean | 50 | 40 |\n| North | 14 | 9 |\n| South | 11 | 6 |\n| Total | 25 | 15 |",
            "",
        ),
        (
            "| Plot | Wet | Dry |\n| North | 14 | 9 |\n| of these red | 3 | 2 |\n| South | 11 | 6 |\n| Total | 25 | 15 |",
            "",
        ),
    ],
)
def test_sound_and_ambiguous_tables_are_left_alone(rows: str, caption: str) -> None:
    assert messages(rows, caption) == []


def printed(*lines: str) -> Manuscript:
    return Manuscript(
        file="x",
        title="T",
        abstract="",
        format="pdf",
        sections=(ManuscriptSection(heading="R", text="none"),),
        floats=(Float(kind="table", label="Table 1", caption="Counts.", lines=lines),),
    )


def test_printed_lines_are_a_table_where_each_has_as_many_numbers() -> None:
    rows = ("North plot 14 9", "South plot (new) 11 6", "Total 26 15")
    assert [m.startswith("the table's total of 26 in “wet”") for m in found(printed("Plot Wet Dry", *rows))] == [True]
    assert found(printed("Plot Wet Dry", "North plot 14 9", "South plot 11", "Total 26 15")) == []
    assert found(printed("Plot Wet Dry", rows[0], "South plot n/a 3 x", rows[1], "Total 26 15")) == []
