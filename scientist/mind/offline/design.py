"""Pre-registers an idea: its cells, its contrasts, its seeds, and how it will be judged."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

from scientist.mind.base import PlanRequest
from scientist.mind.offline.wording import level_text
from scientist.types import Condition, Contrast, FactorSpec, Idea, IdeaKind, Plan, Setting, TemplateSpec

Direction = Literal["increase", "decrease", "none"]

REPLICATION_TIMEOUT_S = 7200.0
REPLICATION_REPEATS = 3


def plan(request: PlanRequest) -> Plan:
    """A factorial design with the fewest cells that answer the idea's question, run at common seeds."""
    idea, spec = request.idea, request.template
    if idea.kind is IdeaKind.REPLICATION:
        return _replication_plan(request)
    preset = spec.preset(request.preset)
    count = request.seeds or preset.seeds
    seeds = tuple(range(request.first_seed, request.first_seed + count))
    extension = tuple(range(seeds[-1] + 1, seeds[-1] + 1 + max(2, count // 2))) if request.looks > 1 else ()
    conditions = _found(request) if idea.kind is IdeaKind.SEARCH else _conditions(idea, spec)
    runs = len(conditions) * (count + len(extension))
    return Plan(
        idea_id=idea.id,
        kind=idea.kind,
        template=spec.name,
        template_hash=request.template_hash,
        preset=preset.name,
        question=idea.question,
        hypothesis=idea.hypothesis,
        settings=preset.settings,
        conditions=conditions,
        datasets=idea.datasets,
        seeds=seeds,
        extension_seeds=extension,
        metric=idea.metric,
        metrics=_metrics(idea, spec),
        contrasts=_contrasts(idea, spec, conditions),
        test="paired_t",
        alpha=request.alpha,
        looks=request.looks,
        sesoi=spec.metric(idea.metric).sesoi,
        stopping_rule=_stopping_rule(len(extension)),
        timeout_s=preset.seconds_per_run * len(idea.datasets) * spec.timeout_factor,
        estimated_minutes=round(runs * len(idea.datasets) * preset.seconds_per_run / 60, 3),
    )


def _stopping_rule(extension: int) -> str:
    short = (
        "Seeds are run in their order; if the time budget ends first, the seeds that were run under every condition "
        "are analysed, whatever they gave."
    )
    if not extension:
        return f"All planned runs are made and analysed once. {short}"
    return (
        "All planned runs are made before the first analysis. If the review asks for more evidence because a primary "
        "result is inconclusive, every condition is extended by the reserved seeds, once, and analysed again; "
        "the significance level is split evenly over the two looks whether or not the second is taken. "
        f"{short}"
    )


def _metrics(idea: Idea, spec: TemplateSpec) -> tuple[str, ...]:
    first = [idea.metric] + ([idea.second_metric] if idea.second_metric else [])
    return (*first, *(m.name for m in spec.metrics if m.name not in first))


def _conditions(idea: Idea, spec: TemplateSpec) -> tuple[Condition, ...]:
    assert idea.factor is not None
    factor = spec.factor(idea.factor)
    moderator = spec.factor(idea.moderator) if idea.moderator else None
    cells = [(level, m) for m in (idea.moderator_levels or (None,)) for level in idea.levels]
    return tuple(_condition(factor, level, moderator, m, idea) for level, m in cells)


def _found(request: PlanRequest) -> tuple[Condition, ...]:
    """The baseline and the configuration that a search found, each with the levels in which they differ."""
    factor, spec = str(request.idea.factor), request.template
    given = spec.preset(request.preset).settings
    usual = {n: x for n in request.found if (x := given.get(n, spec.factor(n).baseline)) in spec.factor(n).levels}
    return (
        Condition(id="baseline", label="baseline configuration", settings={factor: False, **usual}, baseline=True),
        Condition(id="found", label="found configuration", settings={factor: True, **request.found}),
    )


def _condition(
    factor: FactorSpec, level: Setting, moderator: FactorSpec | None, m: Setting | None, idea: Idea
) -> Condition:
    settings: dict[str, Setting] = {factor.name: level}
    name, label = _cell_name(factor, level), f"{_bare(factor)} {level_text(level)}"
    baseline = level == idea.control
    if moderator is not None and m is not None:
        settings[moderator.name] = m
        name, label = f"{name}.{_cell_name(moderator, m)}", f"{label}, {_bare(moderator)} {level_text(m)}"
        usual = moderator.baseline if moderator.baseline in idea.moderator_levels else idea.moderator_levels[0]
        baseline = baseline and m == usual
    return Condition(id=name, label=label, settings=settings, baseline=baseline)


def _bare(factor: FactorSpec) -> str:
    """A factor's label as it stands in a list."""
    return factor.label.removeprefix("the ")


def _cell_name(factor: FactorSpec, level: Setting) -> str:
    """``factor-level`` as an id; a level whose name is another's too, once made safe, is told apart by its rank."""

    def safe(value: Setting) -> str:
        return re.sub(r"[^a-z0-9_.\-]+", "-", level_text(value).lower()).strip("-") or "x"

    same = [other for other in factor.levels if safe(other) == safe(level)]
    rank = f"-{factor.levels.index(level)}" if len(same) > 1 else ""
    return f"{factor.name}-{safe(level)}{rank}"


def _contrasts(idea: Idea, spec: TemplateSpec, conditions: tuple[Condition, ...]) -> tuple[Contrast, ...]:
    """Confirmatory contrasts, then exploratory ones; a comparison that was listed before is not listed again."""
    kept: dict[tuple[object, ...], Contrast] = {}
    for c in (*_primary_contrasts(idea, conditions), *_exploratory(idea, spec, conditions)):
        kept.setdefault((c.metric, c.dataset, tuple(sorted(c.weights.items()))), c)
    return tuple(kept.values())


def _primary_contrasts(idea: Idea, cells: tuple[Condition, ...]) -> tuple[Contrast, ...]:
    if idea.kind is IdeaKind.INTERACTION:
        return _interaction_contrasts(idea, cells)
    end = _difference(idea, cells, idea.metric, idea.datasets[0], "main")
    if idea.kind is IdeaKind.DOSE_RESPONSE:
        # At three levels the trend is the difference of the ends; the steps then say what the trend cannot.
        return (end, _trend(idea, cells)) if len(cells) > 3 else (end, *_steps(idea, cells, confirmatory=True))
    if idea.kind is IdeaKind.ROBUSTNESS:
        return tuple(_difference(idea, cells, idea.metric, d, f"main.{d}") for d in idea.datasets)
    if idea.kind is IdeaKind.SEARCH:
        others = (_difference(idea, cells, idea.metric, d, f"main.{d}") for d in idea.datasets[1:])
        return (end, *(c.model_copy(update={"role": "secondary"}) for c in others))
    if idea.kind is IdeaKind.TRADE_OFF and idea.second_metric:
        other = _difference(idea, cells, idea.second_metric, idea.datasets[0], "second")
        return (end, other.model_copy(update={"direction": "none", "role": "secondary"}))
    return (end,)


def _difference(idea: Idea, cells: tuple[Condition, ...], metric: str, dataset: str, name: str) -> Contrast:
    """Treatment minus control."""
    treatment = next(c for c in cells if c.settings[str(idea.factor)] == idea.treatment)
    control = next(c for c in cells if c.settings[str(idea.factor)] == idea.control)
    return Contrast(
        id=name,
        label=f"{treatment.label} minus {control.label}",
        weights={treatment.id: 1.0, control.id: -1.0},
        metric=metric,
        dataset=dataset,
        direction=idea.direction,
    )


def _trend(idea: Idea, cells: tuple[Condition, ...]) -> Contrast:
    """Linear trend over the levels' ranks, scaled to the change over the whole range (so in the metric's unit)."""
    n = len(cells)
    centred = [i - (n - 1) / 2 for i in range(n)]
    scale = (n - 1) / sum(c * c for c in centred)
    rising = idea.levels.index(_known(idea.treatment)) > idea.levels.index(_known(idea.control))
    sign = 1.0 if rising else -1.0
    return Contrast(
        id="trend",
        label="linear trend over the ranked levels",
        weights={c.id: sign * scale * w for c, w in zip(cells, centred, strict=True)},
        metric=idea.metric,
        dataset=idea.datasets[0],
        direction=idea.direction,
    )


def _steps(idea: Idea, cells: tuple[Condition, ...], *, confirmatory: bool) -> list[Contrast]:
    """Differences between neighbouring levels, the later minus the earlier."""
    rising = idea.levels.index(_known(idea.treatment)) > idea.levels.index(_known(idea.control))
    opposite: dict[Direction, Direction] = {"increase": "decrease", "decrease": "increase", "none": "none"}
    direction = idea.direction if rising else opposite[idea.direction]
    return [
        Contrast(
            id=f"step.{i + 1}",
            label=f"{high.label} minus {low.label}",
            weights={high.id: 1.0, low.id: -1.0},
            metric=idea.metric,
            dataset=idea.datasets[0],
            direction=direction if confirmatory else "none",
            role="secondary",
            confirmatory=confirmatory,
        )
        for i, (low, high) in enumerate(pairwise(cells))
    ]


def _interaction_contrasts(idea: Idea, cells: tuple[Condition, ...]) -> tuple[Contrast, ...]:
    at = {(c.settings[str(idea.factor)], c.settings[str(idea.moderator)]): c for c in cells}
    base, other = idea.moderator_levels
    control, treatment = _known(idea.control), _known(idea.treatment)
    simple = [
        Contrast(
            id=name,
            label=f"{at[treatment, m].label} minus {at[control, m].label}",
            weights={at[treatment, m].id: 1.0, at[control, m].id: -1.0},
            direction="none",
            role="secondary",
            metric=idea.metric,
            dataset=idea.datasets[0],
        )
        for name, m in (("simple.base", base), ("simple.other", other))
    ]
    interaction = Contrast(
        id="interaction",
        label="difference between the two simple effects",
        weights={
            at[treatment, other].id: 1.0,
            at[control, other].id: -1.0,
            at[treatment, base].id: -1.0,
            at[control, base].id: 1.0,
        },
        direction="none",
        metric=idea.metric,
        dataset=idea.datasets[0],
    )
    return (interaction, *simple)


def _exploratory(idea: Idea, spec: TemplateSpec, cells: tuple[Condition, ...]) -> tuple[Contrast, ...]:
    """Steps between neighbouring levels, and the same comparison on the metrics that the hypothesis does not name."""
    found: list[Contrast] = []
    if (idea.kind is IdeaKind.DOSE_RESPONSE and len(cells) > 3) or (idea.kind is IdeaKind.TRADE_OFF and len(cells) > 2):
        found += _steps(idea, cells, confirmatory=False)
    if idea.kind is not IdeaKind.INTERACTION:
        for name in _metrics(idea, spec):
            if name in (idea.metric, idea.second_metric):
                continue
            contrast = _difference(idea, cells, name, idea.datasets[0], f"also.{name}")
            found.append(contrast.model_copy(update={"direction": "none", "role": "secondary", "confirmatory": False}))
    return tuple(found)


def _known(level: Setting | None) -> Setting:
    assert level is not None, "an idea with a hypothesis has a control and a treatment"
    return level


def _replication_plan(request: PlanRequest) -> Plan:
    """A folder that declares nothing: repeat its baseline as it is, and test nothing."""
    idea = request.idea
    count = request.seeds or REPLICATION_REPEATS
    return Plan(
        idea_id=idea.id,
        kind=idea.kind,
        template=request.template.name,
        template_hash=request.template_hash,
        preset="as-is",
        question=idea.question,
        hypothesis=idea.hypothesis,
        settings={},
        conditions=(Condition(id="baseline", label="unmodified baseline", baseline=True),),
        datasets=idea.datasets,
        seeds=tuple(range(1, count + 1)),
        metric=idea.metric,
        metrics=(),
        contrasts=(),
        test="none",
        alpha=request.alpha,
        looks=1,
        sesoi=None,
        stopping_rule="All planned repeats are made and described once; nothing is tested.",
        timeout_s=REPLICATION_TIMEOUT_S,
        estimated_minutes=0.0,
    )
