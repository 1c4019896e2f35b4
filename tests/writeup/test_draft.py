"""Composition: what a mind sends is checked at once, asked again at most twice, and refused after that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from small_study import SECTIONS, say, section

from scientist.errors import DraftRejected
from scientist.mind.base import Dossier
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
    TemplateChoice,
    TemplateSpec,
)
from scientist.writeup.checks import SLOTS
from scientist.writeup.draft import compose


class ScriptedWriter:
    """Gives, for each slot, its answers in turn (the last one for ever), and remembers what it was asked with."""

    name = "scripted"

    def __init__(self, answers: Mapping[str, list[Section | None]], titles: list[str]) -> None:
        self.answers = {k: list(v) for k, v in answers.items()}
        self.titles = list(titles)
        self.asked: list[tuple[str, tuple[Finding, ...]]] = []

    def title(self, dossier: Dossier) -> str:
        self.asked.append(("title", dossier.findings))
        return self.titles.pop(0) if len(self.titles) > 1 else self.titles[0]

    def section(self, name: str, dossier: Dossier) -> Section | None:
        self.asked.append((name, dossier.findings))
        answers = self.answers.get(name, [None])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the writer was asked for {name}")


GOOD: dict[str, list[Section | None]] = {s.name: [s] for s in SECTIONS}
BAD = section("method", (say(r"\input{/etc/passwd}"),))
TITLE = "Does weight decay raise accuracy on modular arithmetic within a fixed budget?"


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


def test_a_good_writer_is_asked_once_for_each_slot_in_order(dossier: Dossier, draft: Draft) -> None:
    mind = ScriptedWriter(GOOD, [TITLE])
    reports: list[str] = []
    result = compose(mind, dossier, report=lambda name, findings: reports.append(name))
    assert [name for name, _ in mind.asked] == ["title", *SLOTS]
    assert result == draft
    assert reports == []


def test_a_rejected_section_is_asked_again_with_the_findings(dossier: Dossier) -> None:
    mind = ScriptedWriter({**GOOD, "method": [BAD, None, GOOD["method"][0]]}, ["Weight decay at 5 levels", TITLE])
    reports: dict[str, list[tuple[Finding, ...]]] = {}
    result = compose(mind, dossier, report=lambda name, findings: reports.setdefault(name, []).append(findings))
    assert result.title == TITLE
    asked = [{f.check for f in findings} for name, findings in mind.asked if name == "method"]
    assert asked == [set(), {"forbidden_latex"}, {"missing_section"}]
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
    assert results is not None
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
