"""Generates ideas from what a template declares: each hypothesis in each shape of question that its design allows."""

from __future__ import annotations

from collections.abc import Iterator

from scientist.mind.admissible import priced
from scientist.mind.base import Brief
from scientist.mind.offline.wording import hypothesis_of, question_of, title_of
from scientist.types import FactorSpec, HypothesisSpec, Idea, IdeaKind, MetricSpec, Setting, TemplateSpec
from scientist.workspace import slug

MAX_LEVELS = 5


def ideas(brief: Brief) -> tuple[Idea, ...]:
    """All ideas that the template's declarations allow, without those already refused."""
    if brief.template.contract == "v1":
        found = [_replication(brief.template)]
    else:
        found = [i for h in brief.template.hypotheses for i in _of_hypothesis(brief.template, h)]
    return tuple(i for i in (priced(idea, brief) for idea in found) if i.id not in brief.rejected)


def _of_hypothesis(spec: TemplateSpec, h: HypothesisSpec) -> Iterator[Idea]:
    factor = spec.factor(h.factor)
    yield _idea(spec, h, IdeaKind.MAIN_EFFECT)
    if factor.ordered and len(factor.levels) > 2:
        levels = _with_ends(_spread(factor.levels), factor, h)
        yield _idea(spec, h, IdeaKind.DOSE_RESPONSE, levels=levels)
    if h.moderator:
        yield _interaction(spec, h)
    if len(spec.datasets) > 1:
        yield _idea(spec, h, IdeaKind.ROBUSTNESS, datasets=tuple(d.name for d in spec.datasets[:3]))
    other = _second_metric(spec, spec.metric(h.metric))
    if other:
        levels = _between(factor, h) if factor.ordered else (h.control, h.treatment)
        yield _idea(spec, h, IdeaKind.TRADE_OFF, levels=levels, second_metric=other.name)


def _idea(spec: TemplateSpec, h: HypothesisSpec, kind: IdeaKind, **changes: object) -> Idea:
    """The hypothesis as a comparison of its control and treatment on the first data set, but for ``changes``."""
    idea = Idea(
        id=f"{h.id}-{slug(kind.value.replace('_', ' '))}",
        template=spec.name,
        kind=kind,
        title="",
        question="",
        hypothesis=h.statement,
        hypothesis_id=h.id,
        factor=h.factor,
        control=h.control,
        treatment=h.treatment,
        levels=(h.control, h.treatment),
        datasets=(spec.datasets[0].name,),
        metric=h.metric,
        direction=h.direction,
        because=h.because,
    ).model_copy(update=changes)
    return idea.model_copy(update={"title": title_of(idea, spec), "question": question_of(idea, spec)})


def _interaction(spec: TemplateSpec, h: HypothesisSpec) -> Idea:
    assert h.moderator is not None
    moderator = spec.factor(h.moderator)
    idea = _idea(
        spec,
        h,
        IdeaKind.INTERACTION,
        moderator=moderator.name,
        moderator_levels=(moderator.baseline, _farthest(moderator)),
        because=h.moderator_because or h.because,
        direction="none",
    )
    return idea.model_copy(update={"hypothesis": hypothesis_of(idea, spec)})


def _replication(spec: TemplateSpec) -> Idea:
    return Idea(
        id="baseline-replication",
        template=spec.name,
        kind=IdeaKind.REPLICATION,
        title=f"How repeatable is the {spec.title} baseline?",
        question=f"What does the baseline of {spec.title} measure, and how far do repeated runs agree?",
        hypothesis="Repeated executions of the unmodified baseline agree within their own reported standard errors.",
        datasets=(),
        metric="all",
        direction="none",
        because="the folder declares neither factors nor hypotheses, so its baseline is all that can be studied",
    )


def _spread(levels: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """At most MAX_LEVELS of the levels, evenly spread over their ranks, both ends among them."""
    if len(levels) <= MAX_LEVELS:
        return levels
    picks = {round(i * (len(levels) - 1) / (MAX_LEVELS - 1)) for i in range(MAX_LEVELS)}
    return tuple(levels[i] for i in sorted(picks))


def _with_ends(levels: tuple[Setting, ...], factor: FactorSpec, h: HypothesisSpec) -> tuple[Setting, ...]:
    """The levels with the hypothesis' own control and treatment among them, ascending."""
    return tuple(x for x in factor.levels if x in levels or x in (h.control, h.treatment))


def _between(factor: FactorSpec, h: HypothesisSpec) -> tuple[Setting, ...]:
    """Levels from control to treatment, ascending."""
    ends = sorted((factor.levels.index(h.control), factor.levels.index(h.treatment)))
    return _spread(factor.levels[ends[0] : ends[1] + 1])


def _farthest(factor: FactorSpec) -> Setting:
    """The level farthest (in rank) from the baseline; the later one on a tie."""
    base = factor.levels.index(factor.baseline)
    index = max(range(len(factor.levels)), key=lambda i: (abs(i - base), i))
    return factor.levels[index]


def _second_metric(spec: TemplateSpec, metric: MetricSpec) -> MetricSpec | None:
    """A metric of another kind to weigh the first against: the primary one, else the first that differs."""
    others = [m for m in spec.metrics if m.name != metric.name]
    return next((m for m in others if m.primary), others[0] if others else None)
