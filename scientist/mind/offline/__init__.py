"""The mind that needs no model, key or network: it works through the design space that a template declares."""

from __future__ import annotations

from collections.abc import Mapping

from scientist.errors import UsageError
from scientist.literature.screening import Judgement as Screening
from scientist.literature.support import Judgement as Support
from scientist.literature.support import Question
from scientist.mind.base import Brief, CodeRequest, Dossier, Exploration, PlanRequest
from scientist.mind.offline import design, match
from scientist.mind.offline import ideas as ideation
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


class OfflineMind:
    """Deterministic: the same brief gives the same ideas, plan and prose."""

    name = "offline"

    def choose_template(self, topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
        return match.choose_template(topic, templates)

    def given_template(self, topic: str, template: TemplateSpec) -> TemplateChoice:
        return match.given_template(topic, template)

    def queries(self, topic: str, template: TemplateSpec) -> tuple[str, ...]:
        return match.queries(topic, template)

    def next_query(self, brief: Brief) -> str | None:
        return None

    def screen(
        self, question: str, references: tuple[Reference, ...], template: TemplateSpec
    ) -> Mapping[str, Screening]:
        return {}

    def ideas(self, brief: Brief) -> tuple[Idea, ...]:
        return ideation.ideas(brief)

    def plan(self, request: PlanRequest) -> Plan:
        return design.plan(request)

    def code(self, request: CodeRequest) -> Edit:
        raise UsageError("the offline mind changes no code", "give a --model, or an idea without an intervention")

    def propose(self, asked: Exploration) -> Edit:
        from scientist.mind.offline import exploring

        return exploring.propose(asked)

    def title(self, dossier: Dossier) -> str:
        from scientist.mind.offline import prose

        return prose.title(dossier)

    def section(self, name: str, dossier: Dossier) -> Section | None:
        from scientist.mind.offline import prose

        return prose.section(name, dossier)

    def judge_citations(self, asked: tuple[Question, ...]) -> tuple[Support, ...]:
        return ()

    def read_through(self, draft: Draft, dossier: Dossier) -> tuple[Section, ...]:
        return ()

    def review(self, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
        from scientist.mind.rubric import judge

        return judge(manuscript, form, findings)
