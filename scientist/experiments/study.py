"""What a run studies: its template, and for a change of code the pseudo-factor that switches the change on."""

from __future__ import annotations

from scientist.mind.admissible import CODE_CHANGE
from scientist.types import FactorSpec, Idea, TemplateSpec


def study_spec(spec: TemplateSpec, idea: Idea) -> TemplateSpec:
    """The template as the idea's study sees it: with the factor ``code_change`` if the idea changes the code.

    Plan, analysis, figures and prose then treat the change as any other factor, off at the baseline.
    """
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
