from __future__ import annotations

from pathlib import Path

import pytest

from scientist.experiments.template import load_template
from scientist.literature.novelty import Side, novelty, sides_of
from scientist.types import Idea, IdeaKind, Paper, Reference

IDEA = "Does stronger weight decay shorten grokking on modular addition in small transformers?"


def reference(key: str, title: str, abstract: str = "") -> Reference:
    return Reference(key=key, paper=Paper(id=key, title=title, abstract=abstract, source="test"))


FAR = [reference(f"k{i}", f"Robotic grasping of object number {i}") for i in range(20)]
FAR_READ = [reference(f"k{i}", f"Robotic grasping {i}", "We grasp objects with a hand.") for i in range(20)]


def test_an_empty_search_is_never_novel() -> None:
    report = novelty(IDEA, [], [])
    assert (report.verdict, report.score, report.nearest) == ("undecided", 0.5, ())
    assert "nothing" in report.reason


def test_titles_alone_cannot_prove_novelty() -> None:
    report = novelty(IDEA, FAR, [])
    assert report.verdict == "undecided"
    assert "titles" in report.reason


def test_distant_abstracts_can() -> None:
    report = novelty(IDEA, FAR_READ, [])
    assert report.verdict == "novel"
    assert report.score > 0.9
    assert novelty(IDEA, FAR_READ[:9], []).verdict == "undecided", "nine abstracts are too few"


def test_a_near_title_is_close_and_says_what_is_shared() -> None:
    near = reference("p", "Weight decay shortens grokking of modular addition")
    report = novelty(IDEA, [*FAR, near], [])
    assert report.verdict == "close"
    assert report.nearest[0].key == "p"
    assert {"grokking", "modular"} <= set(report.nearest[0].shared)
    assert near.paper.title in report.reason
    assert report.score == pytest.approx(1 - report.nearest[0].overlap)


def test_a_paper_read_in_full_makes_it_known() -> None:
    same = reference("p", "Weight decay shortens grokking", "Small transformers on modular addition: stronger decay.")
    assert novelty(IDEA, [same], []).verdict == "known"


def test_an_earlier_idea_is_known_only_if_it_is_the_same() -> None:
    assert novelty(IDEA, [], [("run-1", IDEA.replace("Does", "How does"))]).verdict == "known"
    sibling = novelty(IDEA, FAR_READ, [("run-1", IDEA.replace("weight decay", "learning rates"))])
    assert sibling.verdict != "known"
    assert sibling.score < novelty(IDEA, FAR_READ, []).score


def test_only_earlier_ideas_leave_it_undecided() -> None:
    report = novelty(IDEA, [], [("run-1", "Robots that grasp cups")])
    assert report.verdict == "undecided"


def test_an_idea_without_words_is_undecided() -> None:
    assert novelty("…", FAR_READ, []).verdict in ("undecided", "novel")
    assert novelty("…", FAR_READ, []).score == 0.5


SIDES: dict[Side, str] = {
    "problem": "grokking delayed generalization",
    "method": "weight decay",
    "data": "modular addition",
    "finding": "steps to generalization",
}


def test_what_is_the_same_and_what_differs_is_said_by_side() -> None:
    near = reference("p", "Weight decay shortens grokking", "We study delayed generalization on parity functions.")
    (neighbour,) = novelty(IDEA, [near], [], sides=SIDES).nearest
    sides = {a.name: a for a in neighbour.aspects}
    assert list(sides) == ["problem", "method", "data", "finding"]
    assert sides["method"].verdict == "same"
    assert set(sides["method"].same) == {"weight", "decay"}
    assert sides["data"].verdict == "different"
    assert set(sides["data"].differs) == {"modular", "addition"}
    assert sides["finding"].verdict == "partly"
    assert neighbour.read and neighbour.kind == "paper"


def test_a_title_is_silent_about_what_it_does_not_name() -> None:
    (neighbour,) = novelty(IDEA, [reference("p", "Weight decay in networks")], [], sides=SIDES).nearest
    sides = {a.name: a for a in neighbour.aspects}
    assert sides["method"].verdict == "same"
    assert sides["data"].verdict == "unknown"
    assert sides["data"].differs == ()
    assert not neighbour.read


def test_the_ideas_own_words_are_searched_and_each_work_is_compared_once() -> None:
    asked = []
    held = reference("p", "Weight decay shortens grokking").paper

    def search(text: str) -> list[Paper]:
        asked.append(text)
        return [held, held.model_copy(update={"id": "q", "title": "Weight decay and grokking of modular addition"})]

    report = novelty(IDEA, [Reference(key="p", paper=held)], [], search=search)
    assert asked == [IDEA]
    assert report.compared == 2
    assert {n.key for n in report.nearest} == {"p", None}
    assert all(n.found_by == "test" for n in report.nearest)


def test_the_probability_is_honest_about_what_was_not_read() -> None:
    nothing = novelty(IDEA, [], [])
    assert (nothing.probability, nothing.low, nothing.high) == (None, 0.0, 1.0)
    titles = novelty(IDEA, FAR, [])
    assert titles.probability is not None and titles.probability < 0.1
    assert titles.high == 1.0, "what was not read may still be the same"
    read = novelty(IDEA, FAR_READ, [])
    assert read.probability is not None and read.low <= read.probability <= read.high < 0.1
    same = novelty(IDEA, [*FAR_READ, reference("p", IDEA, IDEA)], [])
    assert same.probability is not None and same.low > 0.9
    assert (read.abstracts, read.compared, titles.abstracts) == (20, 20, 0)


def test_reading_more_of_a_paper_that_fits_brings_it_nearer() -> None:
    title = "Weight decay shortens grokking"
    fits = reference("p", title, "Small transformers on modular addition generalize sooner with stronger decay.")
    strays = reference("p", title, "Robots grasp cups with a soft hand.")
    assert novelty(IDEA, [fits], []).score < novelty(IDEA, [strays], []).score


def test_a_known_paper_behind_a_nearer_title_is_still_found() -> None:
    nearer = reference("t", IDEA.rstrip("?"))
    read = reference("p", "Weight decay shortens grokking", "Small transformers on modular addition: stronger decay.")
    report = novelty(IDEA, [nearer, read], [])
    assert report.verdict == "known"
    assert read.paper.title in report.reason


def test_the_sides_of_an_idea_are_in_its_templates_words() -> None:
    spec = load_template(Path(__file__).parents[2] / "templates" / "grokking")
    factor, metric = spec.factors[0], spec.metrics[0]
    idea = Idea(
        id="i", template=spec.name, kind=IdeaKind.MAIN_EFFECT, title="T", question="Q", hypothesis="H",
        factor=factor.name, datasets=(spec.datasets[0].name,), metric=metric.name, direction="increase",
    )  # fmt: skip
    sides = sides_of(idea, spec)
    assert factor.label in sides["method"]
    assert spec.datasets[0].label in sides["data"]
    assert metric.label in sides["finding"]
    assert spec.title in sides["problem"]
