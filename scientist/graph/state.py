"""What the graph carries from stage to stage: ids, counters and verdicts. Artefacts stay in the run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypedDict

from scientist.config import RunConfig
from scientist.events import EventLog
from scientist.execution.job import Executor
from scientist.experiments.change import Coder
from scientist.literature.base import Finder, Source
from scientist.mind.base import Mind
from scientist.types import Decision, ReviewForm, TemplateChoice, TemplateSpec, Usage
from scientist.workspace import RunFolder


class State(TypedDict, total=False):
    """LangGraph's state. ``topic`` is the input; every other key is written by a stage."""

    topic: str
    rejected: tuple[str, ...]
    chosen: str
    round: int
    look: int
    decision: Decision
    paper: str


class Desk(Protocol):
    """What gathering a dossier and typesetting a draft need: a run's services, or a finished run opened for writing."""

    @property
    def config(self) -> RunConfig: ...
    @property
    def folder(self) -> RunFolder: ...
    @property
    def spec(self) -> TemplateSpec: ...
    @property
    def choice(self) -> TemplateChoice: ...
    @property
    def mind(self) -> Mind: ...
    @property
    def sandbox(self) -> str: ...


@dataclass(frozen=True)
class Services:
    """What the stages work with, opened once for a run and handed to every node as the runtime context."""

    config: RunConfig
    folder: RunFolder
    spec: TemplateSpec
    choice: TemplateChoice
    mind: Mind
    coder: Coder
    """Who makes changes of code: the mind, or a program outside."""
    stand_in: Mind
    """Writes what the mind cannot get through the checks."""
    usage: Callable[[], dict[str, Usage]]
    """What model calls have cost so far, by stage."""
    sees: bool
    """Whether the reviewer looks at pictures of pages."""
    sources: tuple[Source, ...]
    finders: tuple[Finder, ...]
    """Where the records of references are looked up again."""
    executor: Executor
    sandbox: str
    workers: int
    form: ReviewForm
    events: EventLog

    @property
    def template_folder(self) -> Path:
        return Path(self.spec.path)
