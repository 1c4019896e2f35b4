"""A step of a search: what was proposed from what, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Status = Literal[
    "ok", "invalid", "screened", "crashed", "timeout", "out_of_memory", "output_limit", "refused", "duplicate"
]
"""``invalid``: it returned something that the scorer refuses; ``screened``: an early stage turned it down;
``refused``: the edit could not be applied, so nothing was run; ``duplicate``: the same files were judged before."""

FAILED: frozenset[Status] = frozenset({"invalid", "crashed", "timeout", "out_of_memory", "output_limit"})
"""What a change of the program could mend."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a strategy wants next: an operator on ``parents`` (step numbers, the first is the one that is edited).

    ``inspirations`` are steps that the proposer may look at, ``place`` where the result belongs (an island, say).
    """

    operator: str
    parents: tuple[int, ...]
    inspirations: tuple[int, ...] = ()
    place: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """An evaluator's judgement. ``score`` is larger-is-better, and there only if the status is "ok".

    ``stage`` is the last stage of the cascade that was run; ``artefacts`` are short texts for whoever mends or improves
    the program. ``cpu_s``, ``wall_s`` and ``peak_mb`` vary from run to run and are kept apart from the archive.
    """

    status: Status
    reason: str = ""
    score: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    artefacts: Mapping[str, str] = field(default_factory=dict)
    stage: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0


VOLATILE = ("cpu_s", "wall_s", "peak_mb")


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the archive; nothing in it depends on when or how fast it was made.

    ``candidate`` is the id of the files, None where an edit was refused. ``proposer`` is who made the edit, ``why`` its
    own words. ``seed`` is that of its evaluation: 0, and r at the r-th replication of the same files, so that
    what is repeated equally often is compared on the same seeds. A duplicate carries the score of the step that it
    repeats.
    """

    number: int
    operator: str
    parents: tuple[int, ...] = ()
    inspirations: tuple[int, ...] = ()
    place: int = 0
    proposer: str = ""
    why: str = ""
    seed: int = 0
    candidate: str | None = None
    status: Status = "ok"
    reason: str = ""
    score: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    artefacts: Mapping[str, str] = field(default_factory=dict)
    stage: str = ""

    @property
    def scored(self) -> bool:
        """Whether it may be a parent by its score."""
        return self.status == "ok" and self.score is not None

    def as_json(self) -> str:
        """The canonical text that the archive keeps."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def step_from_json(text: str) -> Step:
    value = json.loads(text)
    return Step(**{**value, "parents": tuple(value["parents"]), "inspirations": tuple(value["inspirations"])})
