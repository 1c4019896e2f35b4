"""A whole review: the checks stand above the mind, and the Markdown shows what was found and where."""

from __future__ import annotations

import json
from pathlib import Path

from paper_maker import GOOD, lines, make_pdf, paper_pages, planted

from scientist.mind.offline import OfflineMind
from scientist.review.form import FORMS, NEURIPS, meaning
from scientist.review.manuscript import read_manuscript
from scientist.review.markdown import manuscript_of
from scientist.review.render import to_markdown
from scientist.review.reviewer import review_manuscript
from scientist.types import Finding, Manuscript, Review, ReviewForm


class Enthusiast(OfflineMind):
    """A mind that accepts everything and forgets what it was told."""

    def review(self, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
        review = super().review(manuscript, form, findings)
        return review.model_copy(update={"overall": 9.0, "decision": "accept", "findings": ()})


def test_form_is_whole() -> None:
    assert FORMS["neurips"] is NEURIPS
    scores = {name: field for name, field in Review.model_fields.items() if name in {f.name for f in NEURIPS.fields}}
    assert len(scores) == len(NEURIPS.fields) == 9
    for field in NEURIPS.fields:
        assert sorted(field.meaning) == list(range(field.low, field.high + 1))
    assert meaning(NEURIPS, "overall", 5.5) == meaning(NEURIPS, "overall", 5)


def test_an_error_stands_above_the_mind() -> None:
    m = manuscript_of(planted("repeated runs.", " TODO."), "paper.md", "markdown")
    review = review_manuscript(m, mind=Enthusiast(), form=NEURIPS)
    assert review.decision == "reject"
    assert "placeholders" in {f.check for f in review.findings}
    assert "error" in review.rationale["decision"]


def test_without_an_error_the_mind_decides() -> None:
    m = manuscript_of(GOOD, "paper.md", "markdown")
    assert review_manuscript(m, mind=Enthusiast(), form=NEURIPS).decision == "accept"


def test_markdown_shows_page_quote_and_mend(tmp_path: Path) -> None:
    pages = paper_pages()
    pages[1][3:3] = lines("A sentence with a TODO | and <b>marks</b> [here](http://x.y) *too*.", top=668)
    m = read_manuscript(make_pdf(tmp_path / "paper.pdf", pages))
    review = review_manuscript(m, mind=OfflineMind(), form=NEURIPS)
    text = to_markdown(review, m)
    assert "# Review of “A Study of Small Networks”" in text
    assert "### Errors (1)" in text and "> p. 2: “" in text and "To mend: write what is missing." in text
    assert "<b>" not in text.replace("\\<b>", "") and "](http" not in text
    for field in NEURIPS.fields:
        assert f"| {field.name} | " in text
    assert Review.model_validate(json.loads(review.model_dump_json())) == review


def test_notes_alone_do_not_reject_by_themselves() -> None:
    m = manuscript_of(GOOD, "paper.md", "markdown")
    review = review_manuscript(m, mind=OfflineMind(), form=FORMS["general"])
    assert review.findings == ()
    assert "no check found an error" in review.rationale["decision"]
