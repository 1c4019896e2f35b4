"""What stages read back from the run folder."""

from __future__ import annotations

from scientist.experiments.plan import frozen
from scientist.experiments.study import study_spec
from scientist.graph.state import Desk
from scientist.types import RankedIdea, Reference, TemplateSpec
from scientist.workspace import read_json


def read_references(s: Desk) -> tuple[Reference, ...]:
    """The records that the survey kept."""
    lines = s.folder.literature.read_text(encoding="utf-8").splitlines()
    return tuple(Reference.model_validate_json(line) for line in lines)


def read_ranked(s: Desk) -> tuple[RankedIdea, ...]:
    """The ideas of the last ideation, best first."""
    return tuple(RankedIdea.model_validate(r) for r in read_json(s.folder.ideas)["ranked"])


def studied(s: Desk) -> TemplateSpec:
    """The template as the frozen plan's idea studies it: with the factor of its change of code, if it has one."""
    plan, _ = frozen(s.folder)
    return study_spec(s.spec, next(r.idea for r in read_ranked(s) if r.idea.id == plan.idea_id))
