"""The Mind protocol, and the material that a stage hands to a mind."""

from __future__ import annotations

from typing import Protocol

from scientist.types import (
    Evidence,
    Figure,
    Finding,
    Frozen,
    Idea,
    Manuscript,
    Plan,
    RankedIdea,
    Reference,
    Review,
    ReviewForm,
    RunResult,
    SearchRecord,
    Section,
    Table,
    TemplateChoice,
    TemplateSpec,
)


class Brief(Frozen):
    """What ideation knows: the question, what can be studied, what was found, what was tried and what may be spent."""

    topic: str
    template: TemplateSpec
    preset: str
    references: tuple[Reference, ...]
    budget_minutes: float
    workers: int
    seeds: int | None = None
    rejected: tuple[str, ...] = ()
    """Ids of ideas that an earlier pass refused."""


class PlanRequest(Frozen):
    """What a mind needs to pre-register an idea."""

    idea: Idea
    template: TemplateSpec
    template_hash: str
    preset: str
    seeds: int | None
    first_seed: int
    alpha: float
    looks: int
    workers: int


class Dossier(Frozen):
    """All that a writer may use: nothing that is not in here may be in the paper."""

    topic: str
    template: TemplateSpec
    choice: TemplateChoice
    chosen: RankedIdea
    considered: tuple[RankedIdea, ...]
    plan: Plan
    extended: bool
    evidence: Evidence
    runs: tuple[RunResult, ...]
    references: tuple[Reference, ...]
    searches: tuple[SearchRecord, ...]
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the last review asked to be mended."""
    sandbox: str
    mind: str


class Mind(Protocol):
    """Whoever decides. Stages check everything that a mind returns."""

    name: str

    def choose_template(self, topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
        """The template that can study the topic. Raises CannotStudyError when none can."""

    def given_template(self, topic: str, template: TemplateSpec) -> TemplateChoice:
        """The choice when the user named the template: how far it speaks of the topic is still said."""

    def queries(self, topic: str, template: TemplateSpec) -> tuple[str, ...]:
        """Search queries for the literature, most specific first."""

    def ideas(self, brief: Brief) -> tuple[Idea, ...]:
        """Candidate ideas, unranked; none of ``brief.rejected``."""

    def plan(self, request: PlanRequest) -> Plan:
        """The pre-registration of an idea."""

    def title(self, dossier: Dossier) -> str:
        """The paper's title, plain text."""

    def section(self, name: str, dossier: Dossier) -> Section | None:
        """One section; None where this paper needs none of that name."""

    def review(self, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
        """The form, filled. Each strength and weakness names what it rests on."""
