"""What a run of a task was asked to do, and what it left."""

from __future__ import annotations

from pydantic import Field

from scientist.types import Frozen, Usage


class EvolveConfig(Frozen):
    """What a run of a task was asked to do. All but the budgets decides what its archive holds."""

    steps: int = Field(default=200, ge=1, le=1_000_000)
    strategy: str = "portfolio"
    seed: int = Field(default=0, ge=0)
    in_flight: int | None = Field(default=None, ge=1, le=64)
    """Proposals at a time; by default 1 without a model and 8 with one."""
    novelty: float = Field(default=1.0, gt=0, le=1)
    models: tuple[str, ...] = ()
    workers: int = Field(default=0, ge=0)
    budget_minutes: float | None = Field(default=None, gt=0)
    target: float | None = None
    """A score at which the search ends."""
    allow_unsandboxed: bool = False
    sandbox: str | None = None

    @property
    def window(self) -> int:
        return self.in_flight or (8 if self.models else 1)


class Result(Frozen):
    """One program's figures: on the last stage of the search and on the sealed instances; None without a score."""

    name: str
    status: str
    reason: str = ""
    score: float | None = None
    metrics: dict[str, float] = Field(default_factory=dict)
    sealed_status: str = ""
    sealed_score: float | None = None
    sealed_metrics: dict[str, float] = Field(default_factory=dict)


class EvolveOutcome(Frozen):
    """What a run of a task left; ``best`` is the path of the winning program."""

    task: str
    folder: str
    reason: str
    steps: int
    failed: int
    best_step: int | None
    best: str
    winner: Result | None
    first: Result
    baselines: tuple[Result, ...]
    cpu_seconds: float
    peak_mb: float
    seconds: float
    usage: dict[str, Usage] = Field(default_factory=dict)
