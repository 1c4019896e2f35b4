"""Findings, review forms, reviews, and what is decided on them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from scientist.types.base import Frozen, Identifier
from scientist.types.manuscripts import Span
from scientist.types.studies import Cause


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(Frozen):
    """A defect that a deterministic check found: what, where, the words it rests on, and how to mend it."""

    check: Identifier
    severity: Severity
    message: str
    span: Span | None = None
    mend: str = ""


class Point(Frozen):
    """A strength or a weakness of a manuscript and the span or measurement that it rests on."""

    text: str
    span: Span | None = None
    check: str = ""


class FormField(Frozen):
    """One scored field of a review form: its scale and what each score on it means; only scores with a meaning exist.

    ``basis`` is the score of the NeurIPS form that says the most about this one, for whoever judges by that form.
    """

    name: Identifier
    low: int
    high: int
    meaning: dict[int, str]
    basis: Identifier | None = None


class Statement(Frozen):
    """A statement that a venue asks authors for, and the headings, in small letters, that one has."""

    name: str
    headings: tuple[str, ...]
    required: bool


class ReviewExample(Frozen):
    """A short made-up manuscript and the form as a good reviewer fills it, as JSON, for a model to learn from."""

    manuscript: str
    review: str


class ReviewForm(Frozen):
    """A venue's form: the scored fields and the score that accepts, and how a model is to fill it.

    ``reviewers`` of different stances judge, each with ``reflections`` second looks at its own review; more than one
    are weighed in a meta-review. A mind that measures and does not read ignores these and the examples.
    """

    name: Identifier
    venue: str
    fields: tuple[FormField, ...]
    accept_at: float
    page_limit: int | None = None
    statements: tuple[Statement, ...] = ()
    reviewers: int = Field(default=1, ge=1, le=9)
    reflections: int = Field(default=1, ge=0, le=5)
    examples: tuple[ReviewExample, ...] = ()


class PanelMember(Frozen):
    """One reviewer of a panel: what it looked at most, its scores, and how many of its points quoted nothing."""

    stance: str
    scores: dict[str, int]
    summary: str
    dropped: int = 0


class Expected(Frozen):
    """The mean rating, on 1-10, that a venue's reviewers are expected to give; ``low`` and ``high`` hold nine in ten
    such means. ``told`` says in words what it rests on."""

    rating: float
    low: float
    high: float
    told: str


class Review(Frozen):
    """A review form, filled. ``scores`` are the form's, by field, on its own scales.

    ``overall`` is on 1-10 for every form, 6 where the form accepts; soundness, presentation, contribution,
    originality, quality, clarity and significance are on 1-4 and None where the form does not ask for them.
    ``accept_probability`` is None where the reviewer has not been calibrated.
    """

    summary: str
    strengths: tuple[Point, ...]
    weaknesses: tuple[Point, ...]
    questions: tuple[str, ...] = ()
    limitations: str = ""
    ethical_concerns: bool = False
    soundness: int | None = Field(default=None, ge=1, le=4)
    presentation: int | None = Field(default=None, ge=1, le=4)
    contribution: int | None = Field(default=None, ge=1, le=4)
    originality: int | None = Field(default=None, ge=1, le=4)
    quality: int | None = Field(default=None, ge=1, le=4)
    clarity: int | None = Field(default=None, ge=1, le=4)
    significance: int | None = Field(default=None, ge=1, le=4)
    overall: float = Field(ge=1, le=10)
    confidence: int = Field(ge=1, le=5)
    decision: Literal["accept", "reject"]
    accept_probability: float | None = None
    reviewer: str
    findings: tuple[Finding, ...] = ()
    rationale: dict[str, str] = {}
    """For each score, the sentence that says why it is what it is."""
    panel: tuple[PanelMember, ...] = ()
    """Who judged, where models did."""
    dispersion: dict[str, float] = {}
    """For each score, its standard deviation over the panel; empty for fewer than two."""
    dropped: int = 0
    """Points left out because what they quoted does not stand in the manuscript."""
    form: str = "neurips"
    scores: dict[str, float] = {}
    expected: Expected | None = None

    def score(self, field: str) -> float:
        """A field's score on the form's own scale."""
        return self.scores[field] if field in self.scores else float(getattr(self, field))


class Action(StrEnum):
    """Where the gate sends a draft."""

    PUBLISH = "publish"
    REVISE = "revise"
    EXTEND = "extend"
    STOP = "stop"


class Decision(Frozen):
    """The gate's verdict on a round and its reason."""

    round: int
    action: Action
    score: float
    reason: str
    best_round: int
    cause: Cause | None = None
    """What more evidence is asked for, where the action is to extend."""


class Usage(Frozen):
    """What something cost. The offline mind costs nothing, and says so with zeros."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0
