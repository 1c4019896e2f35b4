"""Ideas, plans, searches before them and amendments to them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from scientist.types.base import Frozen, Identifier, Setting
from scientist.types.literature import NoveltyReport


class IdeaKind(StrEnum):
    """The shapes of question that a factorial design can answer."""

    MAIN_EFFECT = "main_effect"
    DOSE_RESPONSE = "dose_response"
    INTERACTION = "interaction"
    ROBUSTNESS = "robustness"
    TRADE_OFF = "trade_off"
    INTERVENTION = "intervention"
    REPLICATION = "replication"
    SEARCH = "search"
    """Not proposed by a mind: the baseline against the configuration that a search found."""


class Scores(Frozen):
    """Ranking of an idea, each in [0, 1], with the reason for each.

    ``preference`` is what the mind that proposed it makes of it, None where it did not say.
    """

    feasibility: float = Field(ge=0, le=1)
    information: float = Field(ge=0, le=1)
    novelty: float = Field(ge=0, le=1)
    relevance: float = Field(ge=0, le=1)
    preference: float | None = Field(default=None, ge=0, le=1)
    total: float = Field(ge=0, le=1)
    reasons: dict[str, str] = {}


class Intervention(Frozen):
    """A change of the template's code that an idea wants to try: what it is called and what the coder is told.

    ``label`` reads like a factor's ("sharpness-aware update"); the study compares it off and on.
    """

    label: str
    description: str
    slot: Identifier | None = None


class Merit(Frozen):
    """What a mind makes of its own idea, each from 1 to 10, and why; ranking weighs it against what is measured."""

    interestingness: int = Field(ge=1, le=10)
    feasibility: int = Field(ge=1, le=10)
    novelty: int = Field(ge=1, le=10)
    reason: str


class Idea(Frozen):
    """A question with a measurable hypothesis on one template.

    ``hypothesis_id`` is None where the hypothesis is not one that the template declares; ``cites`` are keys of records
    that its reason rests on.
    """

    id: Identifier
    template: Identifier
    kind: IdeaKind
    title: str
    question: str
    hypothesis: str
    hypothesis_id: Identifier | None = None
    factor: Identifier | None = None
    control: Setting | None = None
    treatment: Setting | None = None
    levels: tuple[Setting, ...] = ()
    moderator: Identifier | None = None
    moderator_levels: tuple[Setting, ...] = ()
    datasets: tuple[Identifier, ...]
    metric: Identifier
    second_metric: Identifier | None = None
    direction: Literal["increase", "decrease", "none"]
    because: str = ""
    cites: tuple[Identifier, ...] = ()
    merit: Merit | None = None
    intervention: Intervention | None = None
    runs: int = 0
    minutes: float = 0.0


class RankedIdea(Frozen):
    """An idea with its scores and its novelty report; ``feasible`` is the budget's verdict."""

    idea: Idea
    scores: Scores
    novelty: NoveltyReport
    feasible: bool


class RefusedIdea(Frozen):
    """An idea that a template cannot carry, and why."""

    idea: Idea
    reasons: tuple[str, ...] = Field(min_length=1)


class Condition(Frozen):
    """One cell of the design: the settings that differ from the preset.

    ``code_sha256`` is the hash of the changed code that the cell runs; None, and not written, where it runs the
    template's own.
    """

    id: Identifier
    label: str
    settings: dict[str, Setting] = {}
    baseline: bool = False
    code_sha256: str | None = None

    @model_serializer(mode="wrap")
    def _without_absent_code(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A plan without a change of code keeps the bytes, and so the hash, that it always had."""
        value: dict[str, Any] = write(self)
        return {k: v for k, v in value.items() if k != "code_sha256" or v is not None}


class Contrast(Frozen):
    """A linear contrast of condition means, computed per seed and tested over seeds (a paired analysis).

    ``weights`` maps condition ids to coefficients that sum to zero. ``direction`` is the hypothesised sign of the
    contrast. ``confirmatory`` contrasts are in the pre-registered plan and share the Holm correction.
    """

    id: Identifier
    label: str
    weights: dict[str, float]
    metric: Identifier
    dataset: Identifier
    direction: Literal["increase", "decrease", "none"]
    role: Literal["primary", "secondary"] = "primary"
    confirmatory: bool = True


class Plan(Frozen):
    """The pre-registration. Its canonical JSON is hashed before the first confirmatory run.

    ``alpha`` is the family-wise level of the whole study; ``looks`` the greatest number of analyses (an extension
    after review is a second look), over which ``alpha`` is split evenly. ``estimated_minutes`` are those of all its
    runs one after another, so that no plan depends on a machine's workers (older plans divided by theirs).
    """

    idea_id: Identifier
    kind: IdeaKind
    template: Identifier
    template_hash: str
    preset: Identifier
    question: str
    hypothesis: str
    settings: dict[str, Setting | tuple[Setting, ...]]
    conditions: tuple[Condition, ...]
    datasets: tuple[Identifier, ...]
    seeds: tuple[int, ...]
    extension_seeds: tuple[int, ...] = ()
    metric: Identifier
    metrics: tuple[Identifier, ...]
    contrasts: tuple[Contrast, ...]
    test: Literal["paired_t", "none"]
    alpha: float = Field(gt=0, lt=1)
    looks: int = Field(ge=1)
    correction: Literal["holm"] = "holm"
    sesoi: float | None = Field(gt=0)
    stopping_rule: str
    timeout_s: float
    estimated_minutes: float

    @property
    def baseline(self) -> Condition:
        return next(c for c in self.conditions if c.baseline)


class Shortfall(Frozen):
    """The time budget ended the runs of a look before the plan did."""

    look: int
    budget_minutes: float
    spent_minutes: float
    seeds_planned: int
    runs_planned: int
    runs_finished: int


Cause = Literal["inconclusive", "wide_interval"]
"""Why a review asked for more seeds: a primary result is open, or less well known than the smallest effect matters."""


class Piloted(Frozen):
    """A configuration of a search and the mean of its pilot runs, which are on validation data.

    ``node`` is the step that made it first. ``score`` is larger-is-better, the mean over ``seeds``; ``values`` holds
    the mean of the metric on each data set.
    """

    node: int
    candidate: str
    score: float
    seeds: tuple[int, ...]
    values: dict[str, float]


class Moved(Frozen):
    """A factor whose level the found configuration changes."""

    factor: Identifier
    baseline: Setting
    found: Setting


class Explored(Frozen):
    """What a search over configurations tried before anything was registered, and what it found.

    Exploratory: every score is of pilot runs on validation data. ``nodes`` counts the steps made of ``asked``, and
    ``candidates`` the distinct configurations among them that were run. ``idea_id`` is the idea that the search serves,
    ``found_id`` that of the study of what it found, None where nothing scored better than the baseline.
    """

    strategy: Identifier
    idea_id: Identifier
    found_id: Identifier | None
    metric: Identifier
    datasets: tuple[Identifier, ...]
    preset: Identifier
    asked: int
    nodes: int
    candidates: int
    failed: int
    refused: int
    duplicates: int
    replications: int
    ending: str
    baseline: Piloted
    best: Piloted
    moved: tuple[Moved, ...] = ()
    code_files: tuple[str, ...] = ()
    code_sha256: str | None = None


class Amendment(Frozen):
    """A written change of the plan, made before the runs or the analysis that it bears on.

    ``seeds`` are those that it adds after a look at the data; with a ``shortfall``, those that are analysed.
    """

    round: int
    reason: str
    seeds: tuple[int, ...]
    plan_sha256: str
    shortfall: Shortfall | None = None
    cause: Cause | None = None
