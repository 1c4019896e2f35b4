"""Negative and null results: the paper says so in its title, abstract and conclusion, and the review does not mind."""

from __future__ import annotations

import re

import pytest

from scientist.mind.rubric import judge
from scientist.review.form import NEURIPS
from scientist.review.integrity import check_manuscript
from scientist.review.markdown import manuscript_of
from scientist.types import Draft, Evidence, IdeaKind, Review
from tests.mind.test_offline_prose import dossier_spec, first_of_each_kind, write

SAID = {
    "refuted": ("that refutes its hypothesis", "against the hypothesis", "sign opposite to the prediction"),
    "equivalent": ("with a null result", "is equivalent to none within the smallest effect", "was equivalent to none"),
    "inconclusive": ("with an inconclusive result", "The result is inconclusive", "was not significant"),
}
"""What title, abstract and conclusion say of each outcome."""


def paper(outcome: str) -> tuple[Draft, Evidence]:
    name = "digits"
    ranked = next(r for r in first_of_each_kind(name) if r.idea.kind is IdeaKind.MAIN_EFFECT)
    draft, dossier, refused = write(dossier_spec(name), ranked, outcome)
    assert not refused
    return draft, dossier.evidence


def reviewed(outcome: str) -> Review:
    """The review of the paper's text, with its numbers printed."""
    draft, evidence = paper(outcome)
    shown = {q.id: (q.display, q.display_interval) for q in evidence.quantities}

    def printed(text: str) -> str:
        text = re.sub(r"\\(val|ci)\{([^}]*)\}", lambda m: shown[m[2]][m[1] == "ci"], text)
        return re.sub(r"~?\\cite[pt]\{[^}]*\}", " (Someone, 2020)", text).replace(r"\%", "%").replace("$", "")

    parts = [f"# {draft.title}"]
    for section in draft.sections:
        parts.append(f"## {section.title}")
        parts += [" ".join(printed(s.text) for s in paragraph) for paragraph in section.paragraphs]
    manuscript = manuscript_of("\n\n".join(parts), "paper.md", "markdown")
    return judge(manuscript, NEURIPS, check_manuscript(manuscript, year=2026))


def section_text(draft: Draft, name: str) -> str:
    section = next(s for s in draft.sections if s.name == name)
    return " ".join(s.text for paragraph in section.paragraphs for s in paragraph)


@pytest.mark.parametrize("outcome", list(SAID))
def test_title_abstract_and_conclusion_say_so(outcome: str) -> None:
    draft, _ = paper(outcome)
    title, abstract, conclusion = SAID[outcome]
    assert draft.title.endswith(title)
    assert abstract in section_text(draft, "abstract")
    assert conclusion in section_text(draft, "conclusion")


def test_a_supported_result_is_not_advertised_in_the_title() -> None:
    assert not any(title in paper("supported")[0].title for title, _, _ in SAID.values())


@pytest.mark.parametrize("outcome", ["equivalent", "refuted"])
def test_the_review_does_not_punish_a_well_powered_null_or_a_refutation(outcome: str) -> None:
    null, supported = reviewed(outcome), reviewed("supported")
    assert null.overall >= supported.overall
    for field in ("soundness", "contribution", "significance", "originality"):
        assert null.score(field) >= supported.score(field)
