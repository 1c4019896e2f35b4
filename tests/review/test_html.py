"""The HTML page of a review: whole, with nothing beside it, and with no markup of the manuscript's."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from paper_maker import GOOD, planted

from scientist.mind.llm.rebuttal import Answer, Rebuttal
from scientist.mind.offline import OfflineMind
from scientist.review.form import FORMS, NEURIPS
from scientist.review.html import summary_html, to_html
from scientist.review.markdown import manuscript_of
from scientist.review.reviewer import review_manuscript
from scientist.types import Manuscript, PanelMember, Review

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)> \"quoted\" & 'so' TODO"


def reviewed(text: str = GOOD, form: str = "neurips") -> tuple[Review, Manuscript]:
    m = manuscript_of(text, "paper.md", "markdown")
    return review_manuscript(m, mind=OfflineMind(), form=FORMS[form]), m


class _Tags(HTMLParser):
    """The tags of a page with their attributes, and whether each is closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_page_holds_the_whole_review_and_loads_nothing(form: str) -> None:
    review, m = reviewed(planted("the loss by condition.", " TODO: say more, see Figure 9."), form)
    page = to_html(review, m, FORMS[form])
    tags = _Tags(page)
    assert tags.open == []
    assert not {t for t, _ in tags.tags} & {"script", "link", "img", "iframe", "object", "form"}
    assert not any(name in ("src", "href", "onclick", "onerror") for _, a in tags.tags for name in a)
    assert "default-src 'none'" in page and not re.search(r"url\(|@import", page)
    for finding in review.findings:
        assert f"<code>{finding.check}</code>" in page
    assert page.count('class="finding ') == len(review.findings) > 0
    for field in FORMS[form].fields:
        assert field.name == "overall" or f"<th>{field.name}</th>" in page


def test_words_of_the_manuscript_are_no_markup() -> None:
    attacked = GOOD.replace("# Does warm-up", f"# {ATTACK} Does warm-up", 1)
    review, m = reviewed(attacked.replace("A paired t-test", f"{ATTACK} A paired t-test"))
    page = to_html(review, m, NEURIPS)
    assert "<script>" in m.title and "&lt;script&gt;" in page
    assert not {t for t, _ in _Tags(page).tags} & {"script", "img"}


def test_panel_and_rebuttal_are_shown() -> None:
    review, m = reviewed()
    scores = {f.name: 3 for f in NEURIPS.fields}
    panel = tuple(PanelMember(stance=s, scores=scores, summary="s") for s in ("rigour", "novelty"))
    review = review.model_copy(update={"panel": panel, "dispersion": dict.fromkeys(scores, 0.5)})
    answers = (Answer(point="Why?", stance="answered", answer="Because of 77 runs.", unknown=("77",)),)
    page = to_html(review, m, NEURIPS, rebuttal=Rebuttal(answers=answers, model="maker:model"))
    assert "<h2>Panel</h2>" in page and "rigour" in page and "0.50" in page
    assert "Answered in the manuscript." in page and "not in the manuscript: 77." in page


def test_the_summary_links_to_the_pages_beside_it() -> None:
    row = {"file": "f/<b>.pdf", "name": "a b#1", "title": "<b>T", "decision": "accept", "overall": 6.5}
    row |= {"accept_probability": 0.25, "errors": 0, "warnings": 1, "notes": 2, "pages": None, "problem": ""}
    broken = dict.fromkeys(row) | {"file": "x.pdf", "name": "x", "problem": "cannot <be> read"}
    page = summary_html([row, broken], linked=True)
    tags = _Tags(page)
    assert [a["href"] for t, a in tags.tags if t == "a"] == ["a%20b%231.review.html"]
    assert "&lt;b&gt;T" in page and "cannot &lt;be&gt; read" in page and "25 %" in page and "1 could not" in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_draws_it(tmp_path: Path) -> None:
    file, picture = tmp_path / "page.html", tmp_path / "page.png"
    review, m = reviewed()
    file.write_text(to_html(review, m, NEURIPS), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--window-size=900,900",
    ]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    subprocess.run(
        ["chromium", *options, profile, f"--screenshot={picture}", file.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert picture.stat().st_size > 20_000
