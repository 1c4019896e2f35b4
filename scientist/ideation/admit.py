"""Lets through the ideas that the template can carry; whichever mind proposed them, the others are refused here."""

from __future__ import annotations

from collections.abc import Sequence

from scientist.errors import CannotStudyError
from scientist.mind.admissible import objections, over_budget
from scientist.mind.base import Brief
from scientist.types import Idea, RefusedIdea


def admit(ideas: Sequence[Idea], brief: Brief) -> tuple[tuple[Idea, ...], tuple[RefusedIdea, ...]]:
    """The ideas that may be ranked, in their order, and those refused, with every reason.

    An idea that an earlier pass rejected, or whose design stands earlier in ``ideas``, is refused too, and so is one
    that the budget does not pay for, unless its hypothesis is the template's own: those are ranked with their price.
    Raises CannotStudyError, with the reasons, where ideas were proposed and none is left.
    """
    admitted: dict[str, Idea] = {}
    refused: list[RefusedIdea] = []
    for idea in ideas:
        reasons = objections(idea, brief.template)
        if idea.hypothesis_id is None and (cost := over_budget(idea, brief)):
            reasons = (*reasons, cost)
        if idea.id in brief.rejected:
            reasons = ("an earlier pass rejected it", *reasons)
        if idea.id in admitted:
            reasons = ("it is proposed twice", *reasons)
        if reasons:
            refused.append(RefusedIdea(idea=idea, reasons=reasons))
        else:
            admitted[idea.id] = idea
    if refused and not admitted:
        raise _none_left(refused, brief)
    return tuple(admitted.values()), tuple(refused)


def _none_left(refused: Sequence[RefusedIdea], brief: Brief) -> CannotStudyError:
    listed = "\n".join(f"  {r.idea.title}: {'; '.join(r.reasons)}" for r in refused)
    return CannotStudyError(
        f"none of the {len(refused)} ideas proposed can be studied on template {brief.template.name!r}:\n{listed}",
        "a stronger model may do better (--model-ideate), and so may a narrower question; "
        "scientist resume asks again, without a --model the template's own hypotheses are studied",
    )
