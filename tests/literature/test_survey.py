from __future__ import annotations

import time
from typing import Any

import pytest

from scientist.literature.base import Hit
from scientist.literature.library import Library
from scientist.literature.merge import Shelf
from scientist.literature.relevance import relevance
from scientist.literature.survey import survey
from scientist.literature.words import title_rarity
from scientist.types import Paper, RelatedSpec, SearchRecord


class Listed:
    """A source that holds the given papers and gives them all, in order, to every query."""

    def __init__(self, name: str, *papers: Paper, error: Exception | None = None, seconds: float = 0.0) -> None:
        self.name = name
        self.papers = papers
        self.error = error
        self.seconds = seconds
        self.asked = 0

    def search(self, query: str, limit: int) -> list[Hit]:
        self.asked += 1
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        return [Hit(paper=p, score=1 / (i + 1)) for i, p in enumerate(self.papers[:limit])]


def paper(id: str, title: str, **facts: Any) -> Paper:
    return Paper(id=id, title=title, source="test", **{"authors": ("Ann Lee",), "year": 2020, **facts})


def related(id: str, title: str, **facts: Any) -> RelatedSpec:
    return RelatedSpec(id=id, title=title, claim="It says so {cite}.", **facts)


def test_a_survey_of_the_library_is_relevant_ordered_and_repeatable(library: Library) -> None:
    queries = ["dropout overfitting", "neural network pruning", "dropout overfitting"]
    heard: list[SearchRecord] = []
    first = survey(queries, sources=[library], limit=12, report=heard.append)
    assert first.references == survey(queries, sources=[library], limit=12).references
    assert [(s.source, s.query, s.error) for s in first.searches] == [
        ("library", "dropout overfitting", None),
        ("library", "neural network pruning", None),
    ]
    assert sorted(s.query for s in heard) == sorted(s.query for s in first.searches)
    assert len(first.references) == 12
    assert len({r.key for r in first.references}) == 12
    assert all(r.query in queries and r.score > 0 and r.related is None for r in first.references)
    for r in first.references:
        assert any(w in r.paper.title.lower() for w in ("dropout", "overfitting", "prun")), r.paper.title


@pytest.mark.parametrize("query", ["zebra soup recipe", "neural network learning", "how does this work"])
def test_irrelevant_hits_are_not_kept(library: Library, query: str) -> None:
    assert survey([query], sources=[library]).references == ()


def test_the_cut() -> None:
    rarity = title_rarity()
    dropout = paper("a", "Dropout: A Simple Way to Prevent Neural Networks from Overfitting")
    assert relevance("dropout overfitting", dropout, rarity) == 1.0
    assert relevance("dropout", dropout, rarity) == 1.0
    assert relevance("neural networks", dropout, rarity) == 0.0, "words of half of all titles say nothing"
    assert relevance("dropout calibration ensembles shift", dropout, rarity) == 0.0, "one word of four is not enough"
    assert 0.4 <= relevance("dropout overfitting small datasets", dropout, rarity) < 1
    abstract = paper("b", "On dropout", abstract="Calibration of ensembles.")
    assert relevance("dropout calibration ensembles", abstract, rarity) > 0
    assert relevance("calibration ensembles", abstract, rarity) == 0.0, "something must be in the title"


def test_records_of_one_paper_become_one() -> None:
    preprint = paper("arxiv:1", "Pruning grokked nets", arxiv_id="2001.00001", venue="arXiv", year=2020)
    published = paper(
        "s2:1", "Pruning Grokked Nets.", doi="10.1/A", venue="ICML", year=2021, abstract="Long.", arxiv_id="2001.00001"
    )
    by_doi = paper("x", "Pruning of grokked nets", doi="10.1/a")
    namesake = paper("y", "Pruning grokked nets", authors=("Bob Ray",))
    sources = [Listed("one", preprint), Listed("two", published, namesake), Listed("three", by_doi)]
    found = survey(["pruning grokked nets"], sources=sources).references
    assert sorted(r.paper.id for r in found) == ["arxiv:1", "y"]
    kept = next(r.paper for r in found if r.paper.id == "arxiv:1")
    assert (kept.venue, kept.year, kept.doi, kept.abstract) == ("ICML", 2021, "10.1/A", "Long.")
    assert len({r.key for r in found}) == 2


def test_different_identifiers_are_different_papers() -> None:
    shelf = Shelf()
    places = {shelf.put(paper(i, "Binarized Neural Networks", arxiv_id=i)) for i in ("1602.02830", "1602.02505")}
    assert len(places) == len(shelf) == 2


def test_related_papers_are_resolved_by_id_or_exact_title(library: Library) -> None:
    specs = (
        related("title", "adam: A Method for Stochastic Optimization"),
        related("number", "Attention is all you need", arxiv_id="1706.03762"),
        related("wrong", "Attention is not all you need", arxiv_id="1706.03762"),
        related("absent", "No such paper has been written"),
    )
    result = survey([], sources=[library], related=specs)
    assert [(r.related, r.key, r.score) for r in result.references] == [
        ("title", "kingma2015adam", 0.0),
        ("number", "vaswani2017attention", 0.0),
    ]
    assert [s.id for s in result.unresolved] == ["wrong", "absent"]


def test_a_later_source_resolves_what_an_earlier_one_lacks() -> None:
    second = Listed("second", paper("z", "Some other"), paper("a", "Wanted: a paper"))
    result = survey([], sources=[Listed("first"), second], related=(related("w", "Wanted — A Paper"),))
    assert [r.paper.id for r in result.references] == ["a"]
    assert not result.unresolved


def test_a_failing_source_is_recorded_and_given_up(library: Library) -> None:
    broken = Listed("broken", error=RuntimeError("the cable\nis cut"))
    queries = [f"dropout variant {i}" for i in range(5)]
    result = survey(["dropout overfitting", *queries], sources=[broken, library])
    errors = [s.error for s in result.searches if s.source == "broken"]
    assert errors[:2] == ["the cable"] * 2
    assert all(e is not None and e.startswith("not asked") for e in errors[2:])
    assert broken.asked == 2
    assert all(s.error is None for s in result.searches if s.source == "library")
    assert result.references


def test_a_hanging_source_costs_its_share_and_no_other_source_suffers(library: Library) -> None:
    slow = Listed("slow", paper("a", "Dropout"), seconds=5.0)
    started = time.monotonic()
    result = survey(
        ["dropout overfitting", "pruning"],
        sources=[slow, library],
        related=(related("adam", "Adam: A Method for Stochastic Optimization"),),
        budget_s=1.0,
    )
    assert time.monotonic() - started < 2.0
    assert [r.related for r in result.references][:1] == ["adam"]
    assert all(s.error for s in result.searches if s.source == "slow")
    assert [s.error for s in result.searches if s.source == "library"] == [None, None]


def test_nothing_to_search_is_an_empty_survey() -> None:
    spec = related("a", "Some paper")
    result = survey(["dropout"], sources=[], related=(spec,))
    assert (result.references, result.searches, result.unresolved) == ((), (), (spec,))
