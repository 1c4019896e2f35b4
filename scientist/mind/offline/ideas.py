"""Generates ideas from what a template declares: each hypothesis in each shape of question that its design allows."""

from __future__ import annotations

from collections.abc import Iterator

from scientist.mind.base import Brief
from scientist.types import FactorSpec, HypothesisSpec, Idea, IdeaKind, MetricSpec, Setting, TemplateSpec
from scientist.workspace import slug

MAX_LEVELS = 5


def ideas(brief: Brief) -> tuple[Idea, ...]:
    """All ideas that the template's declarations allow, without those already refused."""
    if brief.template.contract == "v1":
        found = [_replication(brief.template)]
    else:
        found = [i for h in brief.template.hypotheses for i in _of_hypothesis(brief.template, h)]
    priced = (_priced(idea, brief) for idea in found)
    return tuple(i for i in priced if i.id not in brief.rejected)


def _of_hypothesis(spec: TemplateSpec, h: HypothesisSpec) -> Iterator[Idea]:
    factor, metric = spec.factor(h.factor), spec.metric(h.metric)
    yield _main_effect(spec, h, factor, metric)
    if factor.ordered and len(factor.levels) > 2:
        yield _dose_response(spec, h, factor, metric)
    if h.moderator:
        yield _interaction(spec, h, factor, metric)
    if len(spec.datasets) > 1:
        yield _robustness(spec, h, factor, metric)
    other = _second_metric(spec, metric)
    if other:
        yield _trade_off(spec, h, factor, metric, other)


def _base(spec: TemplateSpec, h: HypothesisSpec, kind: IdeaKind, title: str, question: str) -> Idea:
    return Idea(
        id=f"{h.id}-{slug(kind.value.replace('_', ' '))}",
        template=spec.name,
        kind=kind,
        title=title,
        question=question,
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
    )


def _main_effect(spec: TemplateSpec, h: HypothesisSpec, factor: FactorSpec, metric: MetricSpec) -> Idea:
    return _base(
        spec, h, IdeaKind.MAIN_EFFECT,
        title=f"The effect of {factor.label} on {metric.label}",
        question=f"What does {factor.label} do to {metric.label}?",
    )  # fmt: skip


def _dose_response(spec: TemplateSpec, h: HypothesisSpec, factor: FactorSpec, metric: MetricSpec) -> Idea:
    idea = _base(
        spec, h, IdeaKind.DOSE_RESPONSE,
        title=f"The response of {metric.label} to {factor.label}",
        question=f"What happens to {metric.label} as {factor.label} rises, and is the response monotone?",
    )  # fmt: skip
    return idea.model_copy(update={"levels": _with_ends(_spread(factor.levels), factor, h)})


def _interaction(spec: TemplateSpec, h: HypothesisSpec, factor: FactorSpec, metric: MetricSpec) -> Idea:
    assert h.moderator is not None
    moderator = spec.factor(h.moderator)
    idea = _base(
        spec, h, IdeaKind.INTERACTION,
        title=f"Does {moderator.label} change what {factor.label} does to {metric.label}?",
        question=f"Does the effect of {factor.label} on {metric.label} depend on {moderator.label}?",
    )  # fmt: skip
    levels = (moderator.baseline, _farthest(moderator))
    return idea.model_copy(
        update={
            "moderator": moderator.name,
            "moderator_levels": levels,
            "because": h.moderator_because or h.because,
            "hypothesis": f"The effect of {factor.label} on {metric.label} depends on {moderator.label}.",
            "direction": "none",
        }
    )


def _robustness(spec: TemplateSpec, h: HypothesisSpec, factor: FactorSpec, metric: MetricSpec) -> Idea:
    data = spec.datasets[:3]
    idea = _base(
        spec, h, IdeaKind.ROBUSTNESS,
        title=f"Is the effect of {factor.label} on {metric.label} robust across data sets?",
        question=f"Does the effect of {factor.label} on {metric.label} hold on {_join([d.label for d in data])}?",
    )  # fmt: skip
    return idea.model_copy(update={"datasets": tuple(d.name for d in data)})


def _trade_off(
    spec: TemplateSpec, h: HypothesisSpec, factor: FactorSpec, metric: MetricSpec, other: MetricSpec
) -> Idea:
    idea = _base(
        spec, h, IdeaKind.TRADE_OFF,
        title=f"{metric.label[:1].upper()}{metric.label[1:]} against {other.label} as {factor.label} varies",
        question=f"Does {factor.label} trade {metric.label} against {other.label}?",
    )  # fmt: skip
    levels = _between(factor, h) if factor.ordered else (h.control, h.treatment)
    return idea.model_copy(update={"levels": levels, "second_metric": other.name})


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


def _priced(idea: Idea, brief: Brief) -> Idea:
    """Fill in the number of runs and the minutes they take on the brief's workers."""
    spec = brief.template
    if not spec.presets:
        runs = brief.seeds or 3
        return idea.model_copy(update={"runs": runs, "minutes": 0.0})
    preset = spec.preset(brief.preset)
    cells = len(idea.levels) * max(1, len(idea.moderator_levels))
    runs = cells * (brief.seeds or preset.seeds)
    seconds = runs * len(idea.datasets) * preset.seconds_per_run
    return idea.model_copy(update={"runs": runs, "minutes": round(seconds / brief.workers / 60, 3)})


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


def _join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
