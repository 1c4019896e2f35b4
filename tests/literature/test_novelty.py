from __future__ import annotations

import pytest

from scientist.literature.novelty import novelty
from scientist.types import Paper, Reference

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
