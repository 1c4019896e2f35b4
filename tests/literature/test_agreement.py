from __future__ import annotations

import pytest

from scientist.literature.agreement import arxiv_year, differences, same_person, same_title, same_work, taken_back
from scientist.types import Paper

RECORD = Paper(
    id="r", title="Adam: A Method for Stochastic Optimization", authors=("Diederik P. Kingma", "Jimmy Ba"), year=2015,
    venue="ICLR", arxiv_id="1412.6980", source="library",
)  # fmt: skip


def entry(**changes: object) -> Paper:
    return RECORD.model_copy(update={"id": "e", "source": "bib", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "{ADAM}: a method for stochastic optimization."},
        {"authors": ("Kingma, Diederik", "Ba, J.")},
        {"authors": ("D. P. Kingma",), "authors_complete": False},
        {"authors": ()},
        {"year": 2014},
        {"year": None},
        {"year": 2014, "arxiv_id": None},
    ],
)
def test_what_is_written_otherwise_agrees(changes: dict[str, object]) -> None:
    assert differences(entry(**changes), RECORD) == ()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": "Adam: A Method for Convex Optimization"}, ["title"]),
        ({"authors": ("Jimmy Ba", "Diederik P. Kingma")}, ["authors"]),
        ({"authors": ("Diederik P. Kingma",)}, ["authors"]),
        ({"authors": ("Diederik P. Kingma", "Jimmy Ba", "A. Third")}, ["authors"]),
        ({"authors": ("Diederik P. Kingma", "Xu Ba")}, ["authors"]),
        ({"year": 2016}, ["year"]),
        ({"year": 2013}, ["year"]),
        ({"year": 2016, "title": "Adam"}, ["title", "year"]),
    ],
)
def test_contradictions_are_named(changes: dict[str, object], fields: list[str]) -> None:
    assert [d.field for d in differences(entry(**changes), RECORD)] == fields


def test_without_a_preprint_only_the_year_of_the_record_is_right() -> None:
    printed = RECORD.model_copy(update={"arxiv_id": None})
    assert differences(entry(year=2014, arxiv_id=None), printed) != ()


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Aäron van den Oord", "A. van den Oord", True),
        ("Łukasz Kaiser", "Lukasz Kaiser", True),
        ("Hal Daumé III", "Daume, Hal", True),
        ("Wei Wang 0001", "Wei Wang", True),
        ("Jean-Yves Audibert", "Jean Yves Audibert", True),
        ("Li Fei-Fei", "Fei-Fei Li", True),
        ("Kingma", "Diederik P. Kingma", True),
        ("Wei Wang", "Li Wang", False),
        ("Ian Goodfellow", "Ian Osband", False),
    ],
)
def test_people(a: str, b: str, same: bool) -> None:
    assert same_person(a, b) is same
    assert same_person(b, a) is same


def test_one_work_in_spite_of_a_wrong_title() -> None:
    assert same_work(entry(title="Adam: A Method for Convex Optimization", arxiv_id=None), RECORD)
    assert not same_work(entry(title="Auto-Encoding Variational Bayes", arxiv_id=None), RECORD)
    assert same_work(entry(title="Something else", arxiv_id="arXiv:1412.6980v9"), RECORD)
    other_people = entry(title="Adam: A Method for Convex Optimization", arxiv_id=None, authors=("A B", "C D"))
    assert not same_work(other_people, RECORD)


def test_titles_and_marks_of_publishers() -> None:
    assert same_title("Research & Development", "Research and development")
    marked = RECORD.model_copy(update={"title": f"RETRACTED: {RECORD.title}"})
    assert same_title(marked.title, RECORD.title)
    assert taken_back(marked) == "retracted"
    assert taken_back(RECORD) is None
    assert taken_back(RECORD.model_copy(update={"withdrawn": True})) == "withdrawn by its authors"
    assert taken_back(RECORD.model_copy(update={"title": "Retracted papers live on"})) is None


@pytest.mark.parametrize(
    ("number", "year"),
    [("1412.6980", 2014), ("arXiv:2201.02177v1", 2022), ("cs/9901001", 1999), ("math.PR/0703001", 2007),
     ("1399.0001", None), (None, None), ("x", None)],
)  # fmt: skip
def test_years_of_preprints(number: str | None, year: int | None) -> None:
    assert arxiv_year(number) == year
