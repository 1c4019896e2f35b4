"""The mind that asks language models: each decision is one module of plain functions, whose replies stages check."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scientist.literature.screening import Judgement as Screening
from scientist.literature.support import Judgement as Support
from scientist.literature.support import Question
from scientist.mind.base import Brief, CodeRequest, Dossier, Exploration, PlanRequest
from scientist.models.base import Asker
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

STAGES = ("survey", "ideate", "code", "write", "review")
"""The stages by which models are chosen: the first part of a prompt's name."""


class LLMMind:
    """Decides by asking ``asker``; plans alone follow from an idea by rule, as the offline mind's do.

    ``ideas`` is how many it proposes, ``reflections`` how often it looks at its ideas again.
    """

    def __init__(self, asker: Asker, *, ideas: int = 4, reflections: int = 1) -> None:
        self.asker = asker
        self._ideas = ideas
        self._reflections = reflections
        self.name = ", ".join(dict.fromkeys(_shown(asker.name(stage)) for stage in STAGES))

    def choose_template(self, topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
        from scientist.mind.llm import study

        return study.choose_template(self.asker, topic, templates)

    def given_template(self, topic: str, template: TemplateSpec) -> TemplateChoice:
        from scientist.mind.llm import study

        return study.given_template(topic, template)

    def queries(self, topic: str, template: TemplateSpec) -> tuple[str, ...]:
        from scientist.mind.llm import study

        return study.queries(self.asker, topic, template)

    def next_query(self, brief: Brief) -> str | None:
        from scientist.mind.llm import study

        return study.next_query(self.asker, brief)

    def screen(
        self, question: str, references: tuple[Reference, ...], template: TemplateSpec
    ) -> Mapping[str, Screening]:
        from scientist.mind.llm import study

        return study.screen(self.asker, question, references, template)

    def ideas(self, brief: Brief) -> tuple[Idea, ...]:
        from scientist.mind.llm import ideation

        return ideation.ideas(self.asker, brief, wanted=self._ideas, reflections=self._reflections)

    def plan(self, request: PlanRequest) -> Plan:
        from scientist.mind.offline import design

        return design.plan(request)

    def code(self, request: CodeRequest) -> Edit:
        from scientist.mind.llm import coding

        return coding.code(self.asker, request)

    def propose(self, asked: Exploration) -> Edit:
        from scientist.mind.llm import exploring

        return exploring.propose(self.asker, asked)

    def title(self, dossier: Dossier) -> str:
        from scientist.mind.llm import writing

        return writing.title(self.asker, dossier)

    def section(self, name: str, dossier: Dossier) -> Section | None:
        from scientist.mind.llm import writing

        return writing.section(self.asker, name, dossier)

    def judge_citations(self, asked: tuple[Question, ...]) -> tuple[Support, ...]:
        from scientist.mind.llm import citing

        return citing.judge_citations(self.asker, asked)

    def read_through(self, draft: Draft, dossier: Dossier) -> tuple[Section, ...]:
        from scientist.mind.llm import writing

        return writing.read_through(self.asker, draft, dossier)

    def review(self, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
        from scientist.mind.blending import with_prediction
        from scientist.mind.embedded.opinion import opinion_of
        from scientist.mind.llm import reviewing

        filled = reviewing.review(self.asker, manuscript, form, findings)
        said = opinion_of(manuscript)
        return filled if said is None else with_prediction(filled, said.rating)


def _shown(model: str) -> str:
    """A model's name as a paper prints it: of a file, without its folders."""
    provider, _, name = model.partition(":")
    return f"{provider}:{Path(name).name}" if provider in ("local", "scripted") else model


def expected_calls(*, ideas_reflected: int, reviewers: int) -> dict[str, int]:
    """The calls that a run makes for one round of writing and review, by stage, as far as that can be known before."""
    sections, whole_readings, further_searches = 11, 3, 2
    weighing = 1 if reviewers > 1 else 0
    return {
        "survey": 2 + further_searches,
        "ideate": 1 + ideas_reflected,
        "write": sections + whole_readings,
        "review": reviewers * (1 + ideas_reflected) + weighing,
    }
