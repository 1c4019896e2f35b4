"""A mind that hands over to another for good when its budget is spent, so that a run writes up what it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from scientist.errors import BudgetSpent
from scientist.literature.screening import Judgement as Screening
from scientist.literature.support import Judgement as Support
from scientist.literature.support import Question
from scientist.mind.base import Brief, CodeRequest, Dossier, Exploration, Mind, PlanRequest
from scientist.search.edit import Edit
from scientist.types import (
    Draft,
    Finding,
    Idea,
    Manuscript,
    Plan,
    Reference,
    Review,
    ReviewForm,
    Section,
    TemplateChoice,
    TemplateSpec,
)

T = TypeVar("T")


class Handover:
    """Asks ``first`` until it raises BudgetSpent, and ``then`` from that moment on; ``told`` hears of the change.

    Code and prose are left to ``first`` alone, whose BudgetSpent reaches the caller.
    """

    def __init__(self, first: Mind, then: Mind, told: Callable[[str, str], object]) -> None:
        self._first = first
        self._then = then
        self._told = told
        self._spent = False
        self.name = first.name

    def choose_template(self, topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
        return self._decide("choose_template", lambda mind: mind.choose_template(topic, templates))

    def given_template(self, topic: str, template: TemplateSpec) -> TemplateChoice:
        return self._decide("given_template", lambda mind: mind.given_template(topic, template))

    def queries(self, topic: str, template: TemplateSpec) -> tuple[str, ...]:
        return self._decide("queries", lambda mind: mind.queries(topic, template))

    def next_query(self, brief: Brief) -> str | None:
        return self._decide("next_query", lambda mind: mind.next_query(brief))

    def screen(
        self, question: str, references: tuple[Reference, ...], template: TemplateSpec
    ) -> Mapping[str, Screening]:
        return self._decide("screen", lambda mind: mind.screen(question, references, template))

    def ideas(self, brief: Brief) -> tuple[Idea, ...]:
        return self._decide("ideas", lambda mind: mind.ideas(brief))

    def plan(self, request: PlanRequest) -> Plan:
        return self._decide("plan", lambda mind: mind.plan(request))

    def code(self, request: CodeRequest) -> Edit:
        return self._first.code(request)

    def propose(self, asked: Exploration) -> Edit:
        return self._decide("propose", lambda mind: mind.propose(asked))

    def title(self, dossier: Dossier) -> str:
        return self._first.title(dossier)

    def section(self, name: str, dossier: Dossier) -> Section | None:
        return self._first.section(name, dossier)

    def judge_citations(self, asked: tuple[Question, ...]) -> tuple[Support, ...]:
        return self._first.judge_citations(asked)

    def read_through(self, draft: Draft, dossier: Dossier) -> tuple[Section, ...]:
        return self._first.read_through(draft, dossier)

    def review(self, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
        return self._decide("review", lambda mind: mind.review(manuscript, form, findings))

    def _decide(self, what: str, ask: Callable[[Mind], T]) -> T:
        if not self._spent:
            try:
                return ask(self._first)
            except BudgetSpent as e:
                self._spent = True
                self._told(what, e.message)
        return ask(self._then)
