"""The schema in which a model proposes ideas, made from what a template declares, and a reply read as ideas."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from pydantic import BaseModel, create_model

from scientist.mind.admissible import CODE_CHANGE
from scientist.mind.base import Brief
from scientist.mind.llm.choices import Score, many, one_of
from scientist.mind.offline import wording
from scientist.types import FactorSpec, Idea, IdeaKind, Intervention, Merit, Setting, TemplateSpec
from scientist.workspace import canonical_json, slug

KINDS = (
    IdeaKind.MAIN_EFFECT,
    IdeaKind.DOSE_RESPONSE,
    IdeaKind.INTERACTION,
    IdeaKind.ROBUSTNESS,
    IdeaKind.TRADE_OFF,
)
MOST_CHARACTERS = 600


class Proposed(BaseModel):
    """An idea as a model words it; a template's own schema narrows the strings to what it declares."""

    question: str
    hypothesis: str
    because: str
    papers: list[str]
    kind: str
    control: str | None = None
    treatment: str | None = None
    further_levels: list[str]
    moderator_levels: list[str]
    change_label: str | None = None
    change_description: str | None = None
    change_slot: str | None = None
    datasets: list[str]
    metric: str
    second_metric: str | None = None
    direction: Literal["increase", "decrease", "none"]
    title: str
    interestingness: Score
    feasibility: Score
    novelty: Score
    scores_reason: str


class Proposals(BaseModel):
    """A model's ideas; ``thoughts`` come first, so that the ideas follow from them."""

    thoughts: str
    ideas: list[Any]


def schema(brief: Brief, *, changes: bool) -> type[Proposals]:
    """``Proposals`` whose choices are those of the template; ``changes`` admits interventions."""
    spec = brief.template
    kinds = [k.value for k in KINDS] + [IdeaKind.INTERVENTION.value] * changes
    level, metric = one_of(level_tokens(spec)), one_of(m.name for m in spec.metrics)
    narrowed: dict[str, Any] = {
        "papers": (many(one_of(r.key for r in brief.references)), ...),
        "kind": (one_of(kinds), ...),
        "control": (level | None, None),
        "treatment": (level | None, None),
        "further_levels": (many(level), ...),
        "moderator_levels": (many(level), ...),
        "datasets": (many(one_of(d.name for d in spec.datasets)), ...),
        "metric": (metric, ...),
        "second_metric": (metric | None, None),
    }
    if changes and spec.slots:
        narrowed["change_slot"] = (one_of(s.name for s in spec.slots) | None, None)
    proposed = create_model("ProposedIdea", __base__=Proposed, **narrowed)
    return create_model("ProposedIdeas", __base__=Proposals, ideas=(many(proposed), ...))


def level_tokens(spec: TemplateSpec) -> dict[str, tuple[FactorSpec, Setting]]:
    """``factor=level`` for each level of each factor, with what it stands for."""
    return {f"{f.name}={_token(x)}": (f, x) for f in spec.factors for x in f.levels}


def read(proposed: Proposed, brief: Brief) -> Idea:
    """The idea, as it is meant: what its kind has no use for is left out, levels are put in order.

    Nothing is mended that would change the question; what a template cannot carry is for the stage to refuse.
    """
    spec, kind = brief.template, IdeaKind(proposed.kind)
    design = _change(proposed) if kind is IdeaKind.INTERVENTION else _comparison(proposed, kind, spec)
    datasets = tuple(dict.fromkeys(proposed.datasets))
    design |= {
        "kind": kind,
        "datasets": datasets if kind is IdeaKind.ROBUSTNESS else datasets[:1],
        "metric": proposed.metric,
        "second_metric": proposed.second_metric if kind is IdeaKind.TRADE_OFF else None,
        "direction": "none" if kind is IdeaKind.INTERACTION else proposed.direction,
    }
    keys = {r.key for r in brief.references}
    return Idea(
        id=_id(design),
        template=spec.name,
        title=_text(proposed.title) or "An idea without a title",
        question=_text(proposed.question),
        hypothesis=_text(proposed.hypothesis),
        because=_text(proposed.because),
        cites=tuple(k for k in dict.fromkeys(proposed.papers) if k in keys),
        merit=Merit(
            interestingness=proposed.interestingness,
            feasibility=proposed.feasibility,
            novelty=proposed.novelty,
            reason=_text(proposed.scores_reason),
        ),
        **design,
    )


def worded(idea: Idea, spec: TemplateSpec) -> Idea:
    """An admissible idea whose empty texts say what its design does."""
    return idea.model_copy(
        update={
            "question": idea.question or wording.question_of(idea, spec),
            "hypothesis": idea.hypothesis or wording.hypothesis_of(idea, spec),
        }
    )


def _comparison(proposed: Proposed, kind: IdeaKind, spec: TemplateSpec) -> dict[str, Any]:
    tokens = level_tokens(spec)
    first, second = (tokens.get(t or "") for t in (proposed.control, proposed.treatment))
    if first is None or second is None or first[0].name != second[0].name:
        given = first or second
        return {"factor": given[0].name if given else None}
    factor, control, treatment = first[0], first[1], second[1]
    design: dict[str, Any] = {
        "factor": factor.name,
        "control": control,
        "treatment": treatment,
        "levels": (control, treatment),
    }
    if kind in (IdeaKind.DOSE_RESPONSE, IdeaKind.TRADE_OFF) and factor.ordered:
        further = [tokens[t][1] for t in proposed.further_levels if t in tokens and tokens[t][0].name == factor.name]
        design["levels"] = tuple(x for x in factor.levels if x in (control, treatment, *further))
    if kind is IdeaKind.INTERACTION:
        design |= _moderation([tokens[t] for t in dict.fromkeys(proposed.moderator_levels) if t in tokens])
    return design


def _moderation(levels: list[tuple[FactorSpec, Setting]]) -> dict[str, Any]:
    """The moderator and its two levels, ordinary practice first."""
    if not levels:
        return {}
    moderator = levels[0][0]
    ordered = sorted((x for f, x in levels if f.name == moderator.name), key=moderator.levels.index)
    ordered.sort(key=lambda x: x != moderator.baseline)
    return {"moderator": moderator.name, "moderator_levels": tuple(ordered)}


def _change(proposed: Proposed) -> dict[str, Any]:
    label, description = (" ".join((t or "").split()) for t in (proposed.change_label, proposed.change_description))
    return {
        "factor": CODE_CHANGE,
        "control": False,
        "treatment": True,
        "levels": (False, True),
        "intervention": Intervention(label=label, description=description, slot=proposed.change_slot or None),
    }


def _id(design: dict[str, Any]) -> str:
    """An id made from the design alone, so that the same design is known again however it is worded."""
    change = design.get("intervention")
    plain = {**design, "kind": design["kind"].value, "intervention": change.model_dump() if change else None}
    digest = hashlib.sha256(canonical_json(plain).encode()).hexdigest()[:8]
    subject = change.label if change else f"{design['factor']} {design['metric']}"
    return f"{slug(subject.replace('_', ' '))}-{slug(design['kind'].value.replace('_', ' '))}-{digest}"


def _token(level: Setting) -> str:
    if isinstance(level, bool):
        return "true" if level else "false"
    return f"{level:g}" if isinstance(level, float) else str(level)


def _text(text: str) -> str:
    """One paragraph of bounded length, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else line[:MOST_CHARACTERS].rpartition(" ")[0]
