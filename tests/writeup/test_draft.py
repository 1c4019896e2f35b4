"""Composition: what a mind sends is checked at once, asked again at most twice, and refused after that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pytest
from small_study import SECTIONS, say, section

from scientist.errors import BudgetSpent, DraftRejected, ModelUnavailable, ReplyInvalid
from scientist.mind.base import Dossier, Refused
from scientist.types import (
    Draft,
    Evidence,
    Finding,
    Idea,
    IdeaKind,
    NoveltyReport,
    Plan,
    RankedIdea,
    Scores,
    Section,
    Sentence,
    TemplateChoice,
    TemplateSpec,
)
from scientist.writeup.checks import SLOTS
from scientist.writeup.draft import Note, compose


class ScriptedWriter:
    """Gives, for each part, its answers in turn (the last one for ever), and remembers what it was asked with.

    An answer may be an error to raise. ``readings`` are the sections that each reading of the whole gives back.
    """

    name = "scripted"

    def __init__(
        self,
        answers: Mapping[str, list[Answer]],
        titles: list[str | Exception],
        readings: list[tuple[Section, ...] | Exception] | None = None,
    ) -> None:
        self.answers = {k: list(v) for k, v in answers.items()}
        self.titles = list(titles)
        self.readings = readings or []
        self.asked: list[tuple[str, Dossier]] = []
        self.read: list[Draft] = []

    def title(self, dossier: Dossier) -> str:
        self.asked.append(("title", dossier))
        return _given(self.titles.pop(0) if len(self.titles) > 1 else self.titles[0])

    def section(self, name: str, dossier: Dossier) -> Section | None:
        self.asked.append((name, dossier))
        answers = self.answers.get(name, [None])
        return _given(answers.pop(0) if len(answers) > 1 else answers[0])

    def read_through(self, draft: Draft, dossier: Dossier) -> tuple[Section, ...]:
        assert dossier.readings == len(self.read)
        self.read.append(draft)
        return _given(self.readings[dossier.readings]) if dossier.readings < len(self.readings) else ()

    def refusals(self, name: str) -> list[Refused | None]:
        return [dossier.refused for asked, dossier in self.asked if asked == name]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the writer was asked for {name}")


Given = TypeVar("Given")
Answer = Section | None | Exception


def _given(answer: Given | Exception) -> Given:
    if isinstance(answer, Exception):
        raise answer
    return answer


GOOD: dict[str, list[Answer]] = {s.name: [s] for s in SECTIONS}
BAD = section("method", (say(r"\input{/etc/passwd}"),))
TITLE = "Does weight decay raise accuracy on modular arithmetic within a fixed budget?"


def without_terms(draft: Draft) -> Draft:
    """A draft with the terms of the hand-made one: a composed draft has those of its dossier."""
    return draft.model_copy(update={"terms": ("arithmetic", "modular")})


@pytest.fixture
def dossier(evidence: Evidence, spec: TemplateSpec, plan: Plan, draft: Draft) -> Dossier:
    idea = Idea(id="wd", template=spec.name, kind=IdeaKind.MAIN_EFFECT, title="t", question="q", hypothesis="h",
                datasets=("modular",), metric="test_acc", direction="increase")  # fmt: skip
    chosen = RankedIdea(
        idea=idea,
        scores=Scores(feasibility=1, information=1, novelty=1, relevance=1, total=1),
        novelty=NoveltyReport(verdict="undecided", score=0.5, reason="none"),
        feasible=True,
    )
    return Dossier(
        topic="weight decay",
        template=spec,
        choice=TemplateChoice(template=spec.name, confidence=1, reason="named"),
        chosen=chosen,
        considered=(chosen,),
        plan=plan,
        extended=False,
        evidence=evidence,
        runs=(),
        references=draft.references,
        searches=(),
        tables=draft.tables,
        figures=draft.figures,
        sandbox="bubblewrap",
        mind="scripted",
    )


def test_a_good_writer_is_asked_once_for_each_part(dossier: Dossier, draft: Draft) -> None:
    mind = ScriptedWriter(GOOD, [TITLE])
    reports: list[str] = []
    result = compose(mind, dossier, report=lambda name, findings: reports.append(name))
    assert sorted(name for name, _ in mind.asked) == sorted(["title", *SLOTS])
    assert without_terms(result) == draft
    assert [without_terms(d) for d in mind.read] == [draft, draft]
    assert reports == []


def test_what_sums_up_is_written_after_what_it_sums_up(dossier: Dossier) -> None:
    mind = ScriptedWriter(GOOD, [TITLE])
    compose(mind, dossier, report=lambda name, findings: None)
    written = {name: [s.name for s in asked.written] for name, asked in mind.asked}
    assert {"results", "discussion", "introduction"} <= set(written["abstract"])
    assert "results" in written["discussion"]
    assert "abstract" in written["title"]
    assert "abstract" in written["disclosure"]


def test_a_rejected_section_is_asked_again_with_the_findings(dossier: Dossier) -> None:
    mind = ScriptedWriter({**GOOD, "method": [BAD, None, GOOD["method"][0]]}, ["Weight decay at 5 levels", TITLE])
    reports: dict[str, list[tuple[Finding, ...]]] = {}
    result = compose(mind, dossier, report=lambda name, findings: reports.setdefault(name, []).append(findings))
    assert result.title == TITLE
    first, second, third = mind.refusals("method")
    assert first is None
    assert second is not None and second.section == BAD and second.findings[0].check == "forbidden_latex"
    assert third is not None and third.section is None and third.findings[0].check == "missing_section"
    untitled = mind.refusals("title")[1]
    assert untitled is not None and untitled.title == "Weight decay at 5 levels"
    assert {name: [f.check for findings in r for f in findings] for name, r in reports.items()} == {
        "title": ["bare_numeral"],
        "method": ["forbidden_latex", "missing_section"],
    }


def test_the_third_rejection_is_the_last(dossier: Dossier) -> None:
    mind = ScriptedWriter({**GOOD, "method": [BAD]}, [TITLE])
    with pytest.raises(DraftRejected, match=r"forbidden_latex: method: .*\\input") as caught:
        compose(mind, dossier, report=lambda name, findings: None)
    assert [name for name, _ in mind.asked].count("method") == 3
    assert caught.value.hint


@pytest.mark.parametrize("name", ["abstract", "results", "limitations", "disclosure"])
def test_required_sections_cannot_be_left_out(dossier: Dossier, name: str) -> None:
    with pytest.raises(DraftRejected, match="missing_section"):
        compose(ScriptedWriter({**GOOD, name: [None]}, [TITLE]), dossier, report=lambda name, findings: None)


def test_a_section_under_another_name_is_refused(dossier: Dossier) -> None:
    wrong = {**GOOD, "discussion": [section("results", (say("A."),))]}
    with pytest.raises(DraftRejected, match="wrong_section"):
        compose(ScriptedWriter(wrong, [TITLE]), dossier, report=lambda name, findings: None)


def test_a_float_that_its_section_does_not_name_is_refused(dossier: Dossier) -> None:
    silent = section("results", (say(r"Table~\ref{tab:main} gives the means of both metrics."),))
    with pytest.raises(DraftRejected, match="uncited_float: results: fig:effect"):
        compose(ScriptedWriter({**GOOD, "results": [silent]}, [TITLE]), dossier, report=lambda name, findings: None)


def test_the_design_moves_to_the_results_where_there_is_no_setup(dossier: Dossier) -> None:
    results = GOOD["results"][0]
    assert isinstance(results, Section)
    told = (*results.paragraphs, (say(r"Table~\ref{tab:design} lists the conditions."),))
    answers = {**GOOD, "setup": [None], "results": [results.model_copy(update={"paragraphs": told})]}
    result = compose(ScriptedWriter(answers, [TITLE]), dossier, report=lambda name, findings: None)
    assert result.placement == {"results": ("design", "main", "effect")}


def test_a_bad_caption_stops_before_the_mind_is_asked(dossier: Dossier) -> None:
    figure = dossier.figures[0].model_copy(update={"caption": (say("It shows 5 bars."),)})
    mind = ScriptedWriter(GOOD, [TITLE])
    with pytest.raises(DraftRejected, match="bare_numeral: caption of effect"):
        compose(mind, dossier.model_copy(update={"figures": (figure,)}), report=lambda name, findings: None)
    assert mind.asked == []


# ------------------------------------------------------------------------------------------- standing in


PRAISE = say("The rise is remarkable.", "acc_high")
BROKE = BudgetSpent("the next call might cost more than is left")


def results_with(*more: Sentence) -> Section:
    results = GOOD["results"][0]
    assert isinstance(results, Section)
    return results.model_copy(update={"paragraphs": (*results.paragraphs, more)})


def composed(mind: ScriptedWriter, dossier: Dossier) -> tuple[Draft, list[Note]]:
    notes: list[Note] = []
    stand_in = ScriptedWriter(GOOD, [TITLE])
    return compose(mind, dossier, report=lambda name, findings: None, stand_in=stand_in, note=notes.append), notes


def test_sentences_that_stay_refused_are_struck(dossier: Dossier, draft: Draft) -> None:
    mind = ScriptedWriter({**GOOD, "results": [results_with(PRAISE)]}, [TITLE])
    result, notes = composed(mind, dossier)
    assert len(mind.refusals("results")) == 3
    assert without_terms(result) == draft.model_copy(update={"cut": ("results",)})
    assert [(n.kind, n.part, n.text) for n in notes] == [("sentence.dropped", "results", PRAISE.text)]
    assert "remarkable" in notes[0].reason
    assert dict(mind.asked)["disclosure"].cut == ("results",)


def test_without_a_stand_in_nothing_is_struck(dossier: Dossier) -> None:
    mind = ScriptedWriter({**GOOD, "results": [results_with(PRAISE)]}, [TITLE])
    with pytest.raises(DraftRejected, match="praise"):
        compose(mind, dossier, report=lambda name, findings: None)


def test_a_torso_is_written_anew(dossier: Dossier, draft: Draft) -> None:
    lame = section("limitations", (say("It is remarkable."), say("It is unprecedented."), say("It has one task.")))
    result, notes = composed(ScriptedWriter({**GOOD, "limitations": [lame]}, [TITLE]), dossier)
    assert without_terms(result) == draft.model_copy(update={"stood_in": ("limitations",)})
    assert [(n.kind, n.part) for n in notes] == [("part.stood_in", "limitations")]


def test_results_that_would_lose_the_answer_are_written_anew(dossier: Dossier, draft: Draft) -> None:
    good = results_with()
    answer = next(s for p in good.paragraphs for s in p if "effect.acc_high" in s.text)
    worse = answer.model_copy(update={"text": answer.text.replace("an increase", "a remarkable increase")})
    swapped = tuple(tuple(worse if s == answer else s for s in p) for p in good.paragraphs)
    mind = ScriptedWriter({**GOOD, "results": [good.model_copy(update={"paragraphs": swapped})]}, [TITLE])
    result, _ = composed(mind, dossier)
    assert without_terms(result) == draft.model_copy(update={"stood_in": ("results",)})


def test_a_missing_float_cannot_be_struck(dossier: Dossier, draft: Draft) -> None:
    silent = section("results", (say(r"Table~\ref{tab:main} gives the means of both metrics."),))
    result, notes = composed(ScriptedWriter({**GOOD, "results": [silent]}, [TITLE]), dossier)
    assert result.stood_in == ("results",)
    assert "fig:effect" in notes[0].reason


@pytest.mark.parametrize("error", [BROKE, ReplyInvalid("it broke the schema")])
def test_the_stand_in_writes_where_no_reply_was_to_be_had(dossier: Dossier, draft: Draft, error: Exception) -> None:
    mind = ScriptedWriter({**GOOD, "discussion": [error]}, [error], [error, error])
    result, notes = composed(mind, dossier)
    assert without_terms(result) == draft.model_copy(update={"stood_in": ("discussion", "title")})
    assert [(n.kind, n.part) for n in notes] == [
        ("part.stood_in", "discussion"),
        ("part.stood_in", "title"),
        ("reading.skipped", "draft"),
        ("reading.skipped", "draft"),
    ]
    assert dict(mind.asked)["disclosure"].stood_in == ("discussion", "title")


def test_a_model_that_cannot_be_reached_stops_the_run(dossier: Dossier) -> None:
    mind = ScriptedWriter({**GOOD, "discussion": [ModelUnavailable("no answer")]}, [TITLE])
    with pytest.raises(ModelUnavailable):
        composed(mind, dossier)


def test_a_stand_in_that_is_refused_rejects_the_draft(dossier: Dossier) -> None:
    mind = ScriptedWriter({**GOOD, "method": [BAD]}, [TITLE])
    with pytest.raises(DraftRejected, match="forbidden_latex"):
        compose(mind, dossier, report=lambda name, findings: None, stand_in=mind)


# ------------------------------------------------------------------------------------------- reading the whole


def test_a_reading_changes_sentences(dossier: Dossier, draft: Draft) -> None:
    better = section("limitations", (say("One task and one architecture were studied, which may flatter decay."),))
    mind = ScriptedWriter(GOOD, [TITLE], [(better,)])
    result, notes = composed(mind, dossier)
    assert [s for s in result.sections if s.name == "limitations"] == [better]
    assert mind.read[1] == result
    assert notes == []


def test_only_the_changes_that_pass_are_taken(dossier: Dossier, draft: Draft) -> None:
    old = next(s for s in draft.sections if s.name == "discussion")
    (first, second), *_ = old.paragraphs
    better = say("The hypothesis is supported: stronger weight decay improved test accuracy.", "acc_high")
    worse = say("It did so with a significant change in fitting.", "fit_high")
    mind = ScriptedWriter(GOOD, [TITLE], [(section("discussion", (better, first), (worse,), (second,)),)])
    result, notes = composed(mind, dossier)
    discussion = next(s for s in result.sections if s.name == "discussion")
    assert [s for p in discussion.paragraphs for s in p] == [better, first, second]
    assert [(n.kind, n.text) for n in notes] == [("change.refused", worse.text)]


def test_a_change_that_takes_a_float_out_of_the_text_is_taken_back(dossier: Dossier, draft: Draft) -> None:
    silent = section("setup", (say(r"The learning rate is \val{cfg.learning_rate}."),))
    result, notes = composed(ScriptedWriter(GOOD, [TITLE], [(silent,)]), dossier)
    assert without_terms(result) == draft
    assert {n.kind for n in notes} == {"change.refused"}
    assert "tab:design" in notes[0].reason
