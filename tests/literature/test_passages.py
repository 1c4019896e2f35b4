from __future__ import annotations

from pathlib import Path

import pytest

from scientist.literature.fulltext import extract
from scientist.literature.passages import PER_PAPER, WORDS, Passage, of_record, score, split
from scientist.types import Paper

MANUSCRIPT = Path(__file__).parents[2].parent / "shared" / "data" / "manuscripts" / "attention.pdf"


def sentences(word: str, count: int) -> str:
    return " ".join(f"The {word} number {i} has been measured with some care by us." for i in range(count))


def test_passages_keep_their_page_and_have_about_one_length() -> None:
    passages = split("p", [sentences("tree", 40), sentences("cloud", 40)])
    assert {p.page for p in passages} == {1, 2}
    assert all(("tree" in p.text) == (p.page == 1) for p in passages)
    assert all(12 <= len(p.text.split()) <= WORDS for p in passages)
    assert len({p.id for p in passages}) == len(passages)
    joined = " ".join(p.text for p in passages if p.page == 1)
    assert joined == sentences("tree", 40), "nothing is lost and nothing doubled"


def test_the_list_of_references_is_left_out_but_not_a_mention_of_it() -> None:
    pages = [
        f"{sentences('tree', 10)}\nReferences\n{sentences('moon', 5)}",
        f"{sentences('cloud', 10)}\n7 References\n{sentences('entry', 20)}",
        sentences("entry", 20),
    ]
    text = " ".join(p.text for p in split("p", pages))
    assert "moon" in text and "cloud" in text
    assert "entry" not in text


def test_lines_are_joined_and_figures_left_out() -> None:
    page = (
        "We measure general-\nization with signiﬁcant care and in many ways that were\n0.1 0.2 0.3\nx\nnot seen before."
    )
    (passage,) = split("p", [page])
    assert passage.text == (
        "We measure generalization with significant care and in many ways that were not seen before."
    )


def test_text_without_a_stop_is_cut() -> None:
    passages = split("p", [" ".join(f"word{i % 7} cell" for i in range(2000))])
    assert len(passages) > 10
    assert max(len(p.text.split()) for p in passages) <= 2 * WORDS


@pytest.mark.parametrize("pages", [[], [""], ["\n\n"], ["too short"]])
def test_pages_without_text_have_no_passages(pages: list[str]) -> None:
    assert split("p", pages) == ()


def test_an_abstract_is_a_passage_without_a_page() -> None:
    paper = Paper(id="p", title="T", abstract=" Some\n words. ", source="t")
    assert of_record(paper) == (Passage(id="p#0", paper="p", page=None, text="Some words."),)
    assert of_record(paper.model_copy(update={"abstract": ""})) == ()


def test_ranking_is_by_the_questions_words_and_varied() -> None:
    many = tuple(Passage(id=f"a#{i}", paper="a", page=i, text="Weight decay shortens grokking.") for i in range(9))
    other = Passage(id="b#1", paper="b", page=1, text="Grokking happens late.")
    far = Passage(id="c#1", paper="c", page=1, text="Robots grasp cups.")
    found = score("Does weight decay shorten grokking?", (far, other, *many))
    assert [p.paper for p in found] == ["a"] * PER_PAPER + ["b"]
    assert all(p.score > 0 for p in found)
    assert score("Does weight decay shorten grokking?", tuple(reversed((far, other, *many)))) == found
    assert score("", many) == () and score("anything", ()) == ()


@pytest.mark.skipif(not MANUSCRIPT.exists(), reason="the shared manuscripts are not here")
@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("label smoothing and dropout as regularization", 7),
        ("extrapolate to sequence lengths with sinusoids", 6),
        ("scaled dot products and multi-head attention functions", 4),
    ],
)
def test_passages_of_a_real_paper_are_found_on_their_page(question: str, page: int) -> None:
    status, pages, _ = extract(MANUSCRIPT.read_bytes())
    assert status == "read"
    assert page in [p.page for p in score(question, split("attention", pages), limit=3)]
