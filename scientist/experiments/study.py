"""What a run studies: its template, and the pseudo-factor that switches on a change of code, or what a search found."""

from __future__ import annotations

from scientist.mind.admissible import CODE_CHANGE, FOUND
from scientist.types import FactorSpec, Idea, IdeaKind, TemplateSpec


def study_spec(spec: TemplateSpec, idea: Idea) -> TemplateSpec:
    """The template as the idea's study sees it: with the factor ``code_change`` if the idea changes the code.

    Plan, analysis, figures and prose then treat the change as any other factor, off at the baseline. So does the study
    of a search with ``found_configuration``.
    """
    if idea.kind is IdeaKind.SEARCH:
        return _with_found(spec)
    if idea.intervention is None or any(f.name == CODE_CHANGE for f in spec.factors):
        return spec
    factor = FactorSpec(
        name=CODE_CHANGE,
        type="bool",
        levels=(False, True),
        baseline=False,
        label=idea.intervention.label,
        description=idea.intervention.description,
    )
    return spec.model_copy(update={"factors": (*spec.factors, factor)})


def _with_found(spec: TemplateSpec) -> TemplateSpec:
    if any(f.name == FOUND for f in spec.factors):
        return spec
    factor = FactorSpec(
        name=FOUND,
        type="bool",
        levels=(False, True),
        baseline=False,
        label="the found configuration",
        description="the settings, and the code if it was changed, that a search on validation data found",
    )
    return spec.model_copy(update={"factors": (*spec.factors, factor)})
