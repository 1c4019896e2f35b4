"""The Mind protocol, and the material that a stage hands to a mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from scientist.literature.passages import Passage
from scientist.literature.screening import Judgement as Screening
from scientist.literature.support import Judgement as Support
from scientist.literature.support import Question
from scientist.literature.verify import Verification
from scientist.search.candidate import Candidate
from scientist.search.edit import Edit, Way
from scientist.search.loop import Known, Request
from scientist.types import (
    Amendment,
    Draft,
    Evidence,
    Explored,
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
    Setting,
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
    refused: tuple[str, ...] = ()
    """What an earlier pass refused and why, in words."""
    archive: tuple[str, ...] = ()
    """Ideas that other runs took up, in words."""
    queries: tuple[str, ...] = ()
    """Searches made so far, the first ones first."""
    coding: Literal["auto", "levels", "slot", "patch"] = "auto"
    """How much of the template's code an idea may change; auto goes by the model's strength."""
    code: dict[str, str] = Field(default_factory=dict)
    """The template's code by path, what measures included, for a model that may propose to change some of it."""


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
    found: dict[str, Setting] = Field(default_factory=dict)
    """Of an idea of kind search: the levels by which the found configuration differs from the baseline."""


class Refused(Frozen):
    """What a writer sent last for a section or the title, and why the checks refused it."""

    findings: tuple[Finding, ...]
    section: Section | None = None
    title: str = ""


class Dossier(Frozen):
    """All that a writer may use: nothing that is not in here may be in the paper."""

    topic: str
    template: TemplateSpec
    choice: TemplateChoice
    chosen: RankedIdea
    considered: tuple[RankedIdea, ...]
    plan: Plan
    extended: bool
    amendment: Amendment | None = None
    """The written change of the plan that released the reserved seeds, where they were run."""
    evidence: Evidence
    runs: tuple[RunResult, ...]
    references: tuple[Reference, ...]
    searches: tuple[SearchRecord, ...]
    verifications: tuple[Verification, ...] = ()
    """How each record came out when it was held against other records."""
    passages: tuple[Passage, ...] = ()
    """What was read of the papers that are open."""
    explored: Explored | None = None
    """The search that was made before the plan, if one was."""
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the last review asked to be mended."""
    sandbox: str
    mind: str
    previous: Draft | None = None
    """The draft of the round before, where this round revises it."""
    review: Review | None = None
    """What the reviewer said of it."""
    written: tuple[Section, ...] = ()
    """The sections of this draft that are finished, in the order in which they were written."""
    refused: Refused | None = None
    """The last attempt at what is asked for now, where the checks refused it."""
    stood_in: tuple[str, ...] = ()
    """The finished parts ("title" or a section) that another mind wrote in place of this one."""
    cut: tuple[str, ...] = ()
    """The finished sections that lost sentences which the checks refused to the last."""
    readings: int = 0
    """How often the finished draft was read through before."""

    @property
    def brought(self) -> bool:
        """Whether the results were brought by somebody and not run here."""
        return any(r.run.brought for r in self.runs)


class CodeAttempt(Frozen):
    """An edit that was tried and what came of it; ``log`` is the end of what the trial run printed."""

    edit: Edit
    problem: str
    log: str = ""


class CodeRequest(Frozen):
    """What a coder needs to carry out an idea's intervention: the files it may change, those it may only read."""

    idea: Idea
    template: TemplateSpec
    editable: dict[str, str]
    locked: dict[str, str]
    attempts: tuple[CodeAttempt, ...] = ()
    ways: tuple[Way, ...] = ("slot", "patch")
    """The ways of changing code that the user allows."""


@dataclass(frozen=True)
class Exploration:
    """What a mind is asked in a search over experiments: the step's request, and what the search is about.

    ``first`` is the baseline, ``tried`` the steps that were judged when this one was chosen, ``ways`` those in which
    code may be changed; settings may always be.
    """

    request: Request
    idea: Idea
    template: TemplateSpec
    first: Candidate
    tried: tuple[Known, ...]
    ways: tuple[Way, ...] = ()


class Mind(Protocol):
    """Whoever decides. Stages check everything that a mind returns."""

    name: str

    def choose_template(self, topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
        """The template that can study the topic. Raises CannotStudyError when none can."""

    def given_template(self, topic: str, template: TemplateSpec) -> TemplateChoice:
        """The choice when the user named the template: how far it speaks of the topic is still said."""

    def queries(self, topic: str, template: TemplateSpec) -> tuple[str, ...]:
        """Search queries for the literature, most specific first."""

    def next_query(self, brief: Brief) -> str | None:
        """One more search that would help to find ideas, or None when what was found will do."""

    def screen(
        self, question: str, references: tuple[Reference, ...], template: TemplateSpec
    ) -> Mapping[str, Screening]:
        """What each reference is worth for the question, by key; a key that is missing is kept as it is."""

    def ideas(self, brief: Brief) -> tuple[Idea, ...]:
        """Candidate ideas, unranked; none of ``brief.rejected``."""

    def plan(self, request: PlanRequest) -> Plan:
        """The pre-registration of an idea."""

    def code(self, request: CodeRequest) -> Edit:
        """The change of code that carries out the idea's intervention, mending what the last attempt got wrong."""

    def propose(self, asked: Exploration) -> Edit:
        """The next change of a configuration in a search. Raises ProposalFailed where there is nothing to offer."""

    def title(self, dossier: Dossier) -> str:
        """The paper's title, plain text."""

    def section(self, name: str, dossier: Dossier) -> Section | None:
        """One section; None where this paper needs none of that name."""

    def judge_citations(self, asked: tuple[Question, ...]) -> tuple[Support, ...]:
        """Whether the passages say what the sentences claim, in order; nothing from a mind that cannot read."""

    def read_through(self, draft: Draft, dossier: Dossier) -> tuple[Section, ...]:
        """Sections of a finished draft written anew, where a reading of the whole found them at odds; often none."""

    def review(self, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
        """The form, filled. Each strength and weakness names what it rests on."""
