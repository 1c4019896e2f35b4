from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest

from scientist.literature.base import OUT, Hit, SourceError
from scientist.literature.library import Library
from scientist.literature.merge import Shelf
from scientist.literature.relevance import relevance
from scientist.literature.screening import Judgement
from scientist.literature.survey import survey
from scientist.literature.words import title_rarity
from scientist.types import Paper, Reference, RelatedSpec, SearchRecord


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
    assert all(e is not None and e.startswith("not asked any more (the cable") for e in errors[2:])
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
        budget_s=0.6,
        whole_s=2.4,
    )
    assert time.monotonic() - started < 3.4
    assert [r.related for r in result.references][:1] == ["adam"]
    assert list(result.silent) == ["slow"] and result.answered == ("library",)
    assert all(s.error for s in result.searches if s.source == "slow")
    assert [s.error for s in result.searches if s.source == "library"] == [None, None]


def test_nothing_to_search_is_an_empty_survey() -> None:
    spec = related("a", "Some paper")
    result = survey(["dropout"], sources=[], related=(spec,))
    assert (result.references, result.searches, result.unresolved) == ((), (), (spec,))


def test_a_source_that_cannot_be_reached_is_asked_once() -> None:
    away = Listed("away", error=SourceError("no route", strikes=OUT))
    result = survey(["dropout", "pruning"], sources=[away])
    assert away.asked == 1
    assert [s.error for s in result.searches] == ["no route", "not asked any more (no route)"]
    assert result.silent == {"away": "no route"} and result.answered == ()


def test_the_whole_survey_is_bounded(library: Library) -> None:
    slow = Listed("slow", paper("a", "Dropout pruning"), seconds=0.3)
    queries = [f"dropout {i}" for i in range(20)]
    started = time.monotonic()
    result = survey(queries, sources=[slow], budget_s=5.0, whole_s=1.2)
    assert time.monotonic() - started < 2.2
    assert 1 <= sum(s.error is None for s in result.searches) <= 4
    assert "time for it was used up" in (result.searches[-1].error or "")


def test_each_reference_says_why_it_was_kept() -> None:
    named = paper("n", "Wanted: a paper")
    hit = paper("a", "Dropout and overfitting")
    result = survey(
        ["does dropout prevent overfitting"],
        sources=[Listed("one", named, hit)],
        related=(related("w", "Wanted: a paper"),),
    )
    assert {r.paper.id: r.reason for r in result.references} == {
        "n": "named by the template",
        "a": "found by “does dropout prevent overfitting” in one; shares dropout, overfitting",
    }
    assert [row.reason for row in result.table] == [r.reason for r in result.references]


class Rolling(Listed):
    """A source that knows of one paper that the given ones cite, and of one that cites them."""

    def __init__(self, *papers: Paper, cited: Paper, citing: Paper) -> None:
        super().__init__("rolling", *papers)
        self.cited, self.citing = cited, citing
        self.seeds: list[str] = []

    def references(self, paper: Paper, limit: int) -> list[Paper]:
        self.seeds.append(paper.id)
        return [self.cited] * (limit + 5)

    def citations(self, paper: Paper, limit: int) -> list[Paper]:
        return [self.citing]


def test_snowballing_follows_the_best_hits_and_keeps_what_bears_on_the_question() -> None:
    hits = [paper(f"h{i}", f"Dropout and overfitting, part {i}") for i in range(5)]
    cited = paper("cited", "Overfitting before dropout", abstract="We leave dropout of inputs to future work. It is.")
    source = Rolling(*hits, cited=cited, citing=paper("soup", "Zebra soup recipes"))
    result = survey(["dropout overfitting"], sources=[source])
    assert sorted(source.seeds) == ["h0", "h1", "h2"]
    last = result.references[-1]
    assert (last.paper.id, last.query, last.score) == ("cited", "dropout overfitting", 0.0)
    assert last.reason.startswith("cited by “Dropout and overfitting, part 0”, says rolling; shares ")
    assert all(r.paper.id != "soup" for r in result.references)
    rolled = [s for s in result.searches if s.query.startswith(("references of", "citations of"))]
    assert [s.hits for s in rolled] == [20, 1, 20, 1, 20, 1]
    assert result.table[-1].open == "We leave dropout of inputs to future work."
    source.seeds.clear()
    survey(["dropout overfitting"], sources=[source], snowballing=False)
    assert source.seeds == []


def test_what_was_taken_back_is_not_offered_for_citing() -> None:
    withdrawn = paper("w", "Dropout and overfitting, withdrawn", withdrawn=True)
    copy = paper("c", "Dropout and overfitting, retracted", arxiv_id="2001.00001")
    notice = paper("r", "Dropout and overfitting, retracted", arxiv_id="2001.00001", retracted=True)
    sources = [Listed("one", withdrawn, copy), Listed("two", notice, paper("ok", "Dropout and overfitting"))]
    wanted = related("w", "Dropout and overfitting, withdrawn")
    result = survey(["dropout overfitting"], sources=sources, related=(wanted,))
    assert [r.paper.id for r in result.references] == ["ok"]
    assert {a.paper.id: a.reason for a in result.set_aside} == {"w": "withdrawn", "c": "retracted"}
    assert result.unresolved == (wanted,)


def test_a_judge_drops_explains_and_fills_the_table() -> None:
    papers = [
        paper("a", "Dropout and overfitting", abstract="Nets overfit. We study dropout in small nets. It helps."),
        paper("b", "Dropout overfitting in pigs"),
        paper("n", "Named: dropout"),
    ]
    asked: list[str] = []

    def judge(question: str, references: Sequence[Reference]) -> dict[str, Judgement]:
        asked.append(question)
        told = {"b": Judgement(keep=False, reason="pigs"), "n": Judgement(keep=False, reason="no")}
        told["a"] = Judgement(keep=True, reason="on the very question", open="large nets")
        return {r.key: told[r.paper.id] for r in references}

    result = survey(
        ["dropout overfitting"],
        sources=[Listed("one", *papers)],
        related=(related("n", "Named: dropout"),),
        question="does dropout help?",
        judge=judge,
    )
    assert asked == ["does dropout help?"]
    assert {r.paper.id: r.reason for r in result.references} == {
        "n": "named by the template",
        "a": "on the very question",
    }
    row = result.table[-1]
    assert (row.did, row.open) == ("We study dropout in small nets.", "large nets")
    plain = survey(["dropout overfitting"], sources=[Listed("one", *papers[:1])]).table[0]
    assert (plain.did, plain.open) == ("We study dropout in small nets.", "")
