"""Review forms as data: every form of the package, forms of one's own, limits and statements of a venue."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from paper_maker import GOOD
from reviewing_replies import ALSO_QUOTED, QUOTED, line, point

from scientist.config import RunConfig
from scientist.errors import UsageError
from scientist.graph.services import check_settings, review_form
from scientist.mind.blending import with_prediction
from scientist.mind.embedded.opinion import opinion_of
from scientist.mind.llm import LLMMind
from scientist.mind.llm.opinion import objection, opinion_type, read_opinion, scales
from scientist.mind.llm.reviewing import review
from scientist.mind.offline import OfflineMind
from scientist.mind.scales import allowed, field_of
from scientist.models.scripted import Script
from scientist.review.form import FORMS, KNOWN, form_for, read_form
from scientist.review.markdown import manuscript_of
from scientist.review.render import to_markdown
from scientist.review.reviewer import review_manuscript
from scientist.review.statements import missing_statements
from scientist.types import Manuscript, ManuscriptSection, Review, ReviewForm, Severity

PAPER = manuscript_of(GOOD, "paper.md", "markdown")
OWN = """
name = "mine"
venue = "My workshop"
fields = "workshop"
accept_at = 4
page_limit = 3
"""


def reply(form: ReviewForm, overall: int) -> dict[str, object]:
    """A valid reply on a form: the highest of each score but overall."""
    given: dict[str, object] = {
        "summary": "The paper measures over ten seeds whether warm-up changes the loss of small networks.",
        "strengths": [point("The test is paired.", QUOTED)],
        "weaknesses": [point("Large networks are not examined.", ALSO_QUOTED)],
        "questions": [],
        "limitations": "Stated.",
        "ethical_concerns": False,
    }
    for field in form.fields:
        given |= {f"{field.name}_reason": f"because of {field.name}", field.name: field.high}
    return given | {"overall": overall}


@pytest.mark.parametrize("name", KNOWN)
def test_offline_fills_every_form(name: str) -> None:
    form = form_for(name, limits=False)
    filled = review_manuscript(PAPER, mind=OfflineMind(), form=form)
    assert set(filled.scores) == {f.name for f in form.fields} and filled.form == name
    for field in form.fields:
        score = filled.score(field.name)
        assert score in allowed(field) or (field.name == "overall" and field.low <= score <= field.high)
        assert filled.rationale[field.name]
    base = review_manuscript(PAPER, mind=OfflineMind(), form=form_for("neurips", limits=False))
    assert filled.overall == pytest.approx(base.overall, abs=0.02) and filled.decision == base.decision
    assert f"of {field_of(form, 'overall').high} (" in to_markdown(filled, PAPER, form)
    assert Review.model_validate_json(filled.model_dump_json()) == filled


@pytest.mark.parametrize("name", KNOWN)
def test_a_model_fills_every_form(name: str) -> None:
    form = form_for(name, reviewers=1, reflections=0)
    overall = field_of(form, "overall")
    for score in (int(form.accept_at), max(s for s in allowed(overall) if s < form.accept_at)):
        filled = review(Script([line(reply(form, score))]), PAPER, form, ())
        assert (filled.decision == "accept") == (score >= form.accept_at) == (filled.overall >= 6)
        assert filled.score("overall") == score
        text = to_markdown(filled, PAPER, form)
        assert all(f"| {f.name} |" in text for f in form.fields)


@pytest.mark.parametrize("name", KNOWN)
def test_schema_has_the_scores_of_the_form_and_no_others(name: str) -> None:
    form = FORMS[name]
    schema = opinion_type(form).model_json_schema()["properties"]
    for field in form.fields:
        assert schema[field.name]["enum"] == list(allowed(field))
    assert len(scales(form)) == len(form.fields)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("index", [0, 1])
def test_the_examples_fit_every_form(name: str, index: int) -> None:
    form = FORMS[name]
    example = form.examples[index]
    head, *rest = example.manuscript.split("\n\n")
    paper = Manuscript(file="e", format="text", title=head, abstract="\n\n".join(rest), sections=())
    filled = opinion_type(form).model_validate_json(example.review)
    assert objection(filled, form) is None
    opinion = read_opinion(filled, form, paper)
    assert opinion.lost == ()
    assert (opinion.scores["overall"] >= form.accept_at) == (index == 0)
    assert set(json.loads(example.review)) == set(opinion_type(form).model_fields)


def test_what_is_expected_is_told() -> None:
    form = form_for("iclr", reviewers=1, reflections=0)
    filled = with_prediction(review(Script([line(reply(form, 8))]), PAPER, form, ()), 5.0)
    text = to_markdown(filled, PAPER, form)
    assert "overall 8 of 10 (accept: a good paper)" in text and "Estimated probability of acceptance: " in text
    assert "the embedded reviewer's prediction (5.0)" in text and "Nine in ten such means lie from" in text


def test_a_models_review_is_joined_by_the_embedded_prediction_where_there_is_enough_text() -> None:
    lines = [line(reply(FORMS["general"], 8), repeat=True)]
    short = PAPER.model_copy(update={"sections": PAPER.sections[:1]})
    rng, letters = random.Random(3), "abcdefghilmnoprstu"
    said = ("".join(rng.choices(letters, k=6)) for _ in range(1500))
    words = ". ".join(" ".join(group) for group in zip(*[said] * 10, strict=False)) + "."
    long = PAPER.model_copy(update={"sections": (*PAPER.sections, ManuscriptSection(heading="More", text=words))})
    form = form_for("general", reviewers=1, reflections=0)
    assert LLMMind(Script(lines)).review(short, form, ()).expected is None
    filled = LLMMind(Script(lines)).review(long, form, ())
    said = opinion_of(long)
    assert said is not None and filled == with_prediction(review(Script(lines), long, form, ()), said.rating)
    assert filled.expected is not None and filled.overall == 8 and filled.accept_probability is not None


# ------------------------------------------------------------------------------------------- limits and statements


def test_statements_that_a_venue_requires_are_missed() -> None:
    found = missing_statements(PAPER, form_for("icml"))
    assert [(f.check, f.severity) for f in found] == [("missing_statement", Severity.WARNING)]
    assert "requires a impact statement" not in found[0].message and "an impact statement" in found[0].message
    for addition in ("\n## Impact Statement\n\nNone.\n", "\n## Remarks\n\nBroader impact. None is foreseen.\n"):
        paper = manuscript_of(GOOD.replace("\n## References", f"{addition}\n## References"), "paper.md", "markdown")
        assert missing_statements(paper, form_for("icml")) == ()


def test_a_statement_only_asked_for_is_a_note_and_costs_nothing() -> None:
    with_limits = review_manuscript(PAPER, mind=OfflineMind(), form=form_for("iclr"))
    without = review_manuscript(PAPER, mind=OfflineMind(), form=form_for("iclr", limits=False))
    assert {f.check for f in with_limits.findings} - {f.check for f in without.findings} == {"missing_statement"}
    assert all(f.severity is Severity.NOTE for f in with_limits.findings if f.check == "missing_statement")
    assert with_limits.overall == without.overall


def test_no_venue_has_no_limits() -> None:
    for form in (FORMS["general"], form_for("icml", limits=False)):
        assert form.page_limit is None and form.statements == ()
    assert FORMS["general"].fields == FORMS["neurips"].fields
    assert {n: FORMS[n].page_limit for n in KNOWN} == {
        "neurips": 9, "iclr": 10, "icml": 8, "tmlr": None, "workshop": 8, "general": None,
    }  # fmt: skip


def test_a_run_is_held_to_limits_in_the_venues_own_style_alone() -> None:
    assert review_form(RunConfig()).page_limit is None
    assert review_form(RunConfig(review_form="icml", venue="icml")).page_limit == 8
    with pytest.raises(UsageError, match="no review form is called 'nowhere'"):
        check_settings(RunConfig(review_form="nowhere"))


# ------------------------------------------------------------------------------------------- forms of one's own


def test_a_file_is_a_form(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(OWN, encoding="utf-8")
    form = form_for(str(file), reviewers=2)
    assert (form.name, form.accept_at, form.page_limit, form.reviewers) == ("mine", 4, 3, 2)
    assert form.fields == FORMS["workshop"].fields and len(form.examples) == 2
    filled = review_manuscript(PAPER, mind=OfflineMind(), form=form)
    assert filled.form == "mine"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("accept_at = 4", "accept_at = 9"), "accept_at"),
        (('fields = "workshop"', 'fields = "nowhere"'), "no review form is called 'nowhere'"),
        (('fields = "workshop"', ""), "fields"),
        (('name = "mine"', ""), "name"),
        (("page_limit = 3", "page_limits = 3"), "page_limits"),
        (('fields = "workshop"', "fields = ["), "mine.toml"),
        (('fields = "workshop"', 'fields = [{name = "overall", meaning = {1 = "a", 4 = "b", 5 = "c"}}]'), "confidence"),
        (('fields = "workshop"', 'fields = [{name = "overall", meaning = {a = "b"}}]'), "invalid literal"),
        (('fields = "workshop"', 'fields = [{name = "overall"}]'), "meaning"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(change: tuple[str, str], said: str) -> None:
    with pytest.raises(UsageError) as e:
        read_form(OWN.replace(*change), "mine.toml")
    assert said in e.value.message and "Traceback" not in e.value.message


def test_a_field_that_nobody_knows_needs_a_basis() -> None:
    text = OWN.replace('fields = "workshop"', "") + (
        '[[fields]]\nname = "fun"\nquestion = "is it fun"\n'
        '[[fields]]\nname = "overall"\n[fields.meaning]\n5 = "a"\n4 = "b"\n1 = "c"\n'
        '[[fields]]\nname = "confidence"\n[fields.meaning]\n1 = "a"\n2 = "a"\n3 = "a"\n4 = "a"\n5 = "a"\n'
    )
    with pytest.raises(UsageError, match="field 'fun' needs a basis"):
        read_form(text, "mine.toml")
    assert read_form(text.replace('name = "fun"', 'name = "fun"\nbasis = "significance"'), "mine.toml").fields[0].basis


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml cannot be read"):
        form_for(str(tmp_path / "none.toml"))
