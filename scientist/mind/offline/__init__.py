"""The mind that needs no model, key or network: it works through the design space that a template declares."""

from __future__ import annotations

from scientist.mind.base import Brief, Dossier, PlanRequest
from scientist.mind.offline import design, match
from scientist.mind.offline import ideas as ideation
from scientist.types import (
    Finding,
    Idea,
    Manuscript,
    Plan,
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

    def ideas(self, brief: Brief) -> tuple[Idea, ...]:
        return ideation.ideas(brief)

    def plan(self, request: PlanRequest) -> Plan:
        return design.plan(request)

    def title(self, dossier: Dossier) -> str:
        from scientist.mind.offline import prose

        return prose.title(dossier)

    def section(self, name: str, dossier: Dossier) -> Section | None:
        from scientist.mind.offline import prose

        return prose.section(name, dossier)

    def review(self, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
        from scientist.mind.rubric import judge

        return judge(manuscript, form, findings)
