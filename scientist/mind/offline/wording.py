"""Says what an idea asks in the template's own words: of use where an idea's words are a model's, not an author's."""

from __future__ import annotations

from scientist.types import FactorSpec, Idea, IdeaKind, TemplateSpec


def title_of(idea: Idea, spec: TemplateSpec) -> str:
    """A title by the kind of study; plain text without a number."""
    factor, metric = factor_label(idea, spec), spec.metric(idea.metric).label
    if idea.kind is IdeaKind.DOSE_RESPONSE:
        return f"The response of {metric} to {factor}"
    if idea.kind is IdeaKind.INTERACTION:
        return f"Does {spec.factor(str(idea.moderator)).label} change what {factor} does to {metric}?"
    if idea.kind is IdeaKind.ROBUSTNESS:
        return f"Is the effect of {factor} on {metric} robust across data sets?"
    if idea.kind is IdeaKind.TRADE_OFF:
        other = spec.metric(str(idea.second_metric)).label
        return f"{metric[:1].upper()}{metric[1:]} against {other} as {factor} varies"
    if idea.kind is IdeaKind.SEARCH:
        return f"A search for a configuration with a better {metric}"
    return f"The effect of {factor} on {metric}"


def question_of(idea: Idea, spec: TemplateSpec) -> str:
    """The question, as a sentence without a number."""
    factor, metric = factor_label(idea, spec), spec.metric(idea.metric).label
    if idea.kind is IdeaKind.DOSE_RESPONSE:
        return f"What happens to {metric} as {factor} rises, and is the response monotone?"
    if idea.kind is IdeaKind.INTERACTION:
        return f"Does the effect of {factor} on {metric} depend on {spec.factor(str(idea.moderator)).label}?"
    if idea.kind is IdeaKind.ROBUSTNESS:
        labels = [spec.dataset(d).label for d in idea.datasets]
        return f"Does the effect of {factor} on {metric} hold on {', '.join(labels[:-1])} and {labels[-1]}?"
    if idea.kind is IdeaKind.TRADE_OFF:
        return f"Does {factor} trade {metric} against {spec.metric(str(idea.second_metric)).label}?"
    if idea.kind is IdeaKind.SEARCH:
        verb = {"increase": "raise", "decrease": "lower", "none": "change"}[idea.direction]
        return f"Does the configuration that a search found {verb} {metric}, compared with the baseline?"
    return f"What does {factor} do to {metric}?"


def hypothesis_of(idea: Idea, spec: TemplateSpec, control: str = "", treatment: str = "") -> str:
    """The hypothesis as it is tested. ``control`` and ``treatment`` name the levels, for prose that types no number."""
    factor, metric = factor_label(idea, spec), spec.metric(idea.metric).label
    if idea.kind is IdeaKind.INTERACTION:
        return f"The effect of {factor} on {metric} depends on {spec.factor(str(idea.moderator)).label}."
    verb = {"increase": "increases", "decrease": "decreases", "none": "changes"}[idea.direction]
    where = " on each of the data sets" if idea.kind is IdeaKind.ROBUSTNESS else ""
    if idea.kind is IdeaKind.SEARCH:
        verb = {"increase": "raises", "decrease": "lowers", "none": "changes"}[idea.direction]
        return f"The found configuration {verb} {metric}{where}, compared with the baseline."
    if idea.kind is IdeaKind.INTERVENTION:
        return f"Introducing {factor} {verb} {metric}."
    spoken = control or level_text(idea.control), treatment or level_text(idea.treatment)
    return f"Moving {factor} from {spoken[0]} to {spoken[1]} {verb} {metric}{where}."


def factor_label(idea: Idea, spec: TemplateSpec) -> str:
    """The label of what an idea varies, whether the template declares it or the idea brings it."""
    if idea.intervention is not None:
        return idea.intervention.label
    return _factor(idea, spec).label


def level_text(level: object) -> str:
    """A level as it is said in plain text."""
    if isinstance(level, bool):
        return "on" if level else "off"
    if not isinstance(level, float):
        return str(level)
    text = f"{level:g}"
    return f"{level:.12f}".rstrip("0") if "e-0" in text else text  # as the ledger prints it


def _factor(idea: Idea, spec: TemplateSpec) -> FactorSpec:
    return spec.factor(str(idea.factor))
