"""What a template can carry: every rule that an idea must keep to be planned, run and tested, with its price."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.base import Brief
from scientist.types import FactorSpec, Idea, IdeaKind, Setting, TemplateSpec

CODE_CHANGE = "code_change"
"""The factor of an intervention: its code as it stands (False) or changed (True)."""
FOUND = "found_configuration"
"""The factor of a search's study: the baseline (False) or the configuration that the search found (True)."""
MOST_LEVELS = 7
LABEL = re.compile(r"[A-Za-z][A-Za-z]*(?:[ -][A-Za-z]+){0,5}")
_S = "(?:s|es|ed|d|ing)?"
STATES_OUTCOME = re.compile(
    rf"""(?:increas(?:e{_S}|ing)|rais(?:e{_S}|ing)|ris(?:e{_S}|ing|en)|rose|gr[oe]w(?:s|n|ing)?|higher|exceed{_S}
    |climb{_S}|lengthen{_S}|prolong{_S}|decreas(?:e{_S}|ing)|reduc(?:e{_S}|ing|tions?)|lower{_S}|drop(?:s|ped|ping)?
    |f[ae]ll(?:s|en|ing)?|declin(?:e{_S}|ing)|shr[ia]nk(?:s|ing)?|shorten{_S}|diminish{_S}|curb{_S}
    |improv(?:e{_S}|ing|ements?)|better|outperform{_S}|beat(?:s|en)?|surpass{_S}|superior|help{_S}
    |enhanc(?:e{_S}|ing|ements?)|boost{_S}|faster|quicker|sped|speed{_S}|accelerat(?:e{_S}|ing)|benefit{_S}
    |worse|worsen{_S}|degrad(?:e{_S}|ing|ation)|hurt(?:s|ing)?|harm{_S}|inferior|deteriorat(?:e{_S}|ing|ion)
    |underperform{_S}|slow(?:er|s|ed|ing)|delay{_S}|hinder{_S}|impair{_S}|imped(?:e{_S}|ing)
    |larger|greater|longer|bigger|more|smaller|shorter|fewer|less|sooner|earlier|later|best|optimal
    |(?:in|non)?significan(?:t|tly|ce)|equivalent|indistinguishable|irrelevant|unchanged|unaffected
    |not?|never|without|neither|nor|whether|than|hypothes\w+|supported|refuted|confirmed|rejected)""",
    re.VERBOSE | re.IGNORECASE,
)
COUNTS_OR_PRAISES = re.compile(
    r"""(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty
    |ninety|dozens?|hundreds?|thousands?|[mbtr]+illions?|half|halves|halv(?:ed|ing)|twice|thrice|\w+fold|fold|quarters?
    |(?:doubl|tripl|quadrupl|quintupl)\w+|percent\w*|I{2,3}|IV|VI{1,3}|IX|XI{1,3}|XIV|XV|XX|magnitude|third|fourth|fifth
    |prov(?:e|es|ed|en|ing)|proof|art|sota|ground|groundbreaking|unprecedented|remarkab\w+|revolution\w*|break|breakthrough
    |dramatic\w*|impressive\w*|outstanding\w*|striking\w*|superb\w*|excellent|amazing\w*|extraordinar\w+|stunning\w*
    |game|paradigm|edge|class|undeniab\w+|undoubted\w*|unquestionab\w+|doubt|definitive\w*|conclusive\w*
    |drastic\w*|massive\w*|vast\w*|tremendous\w*|unparalleled|unrivall?ed|exceptional\w*|spectacular\w*|phenomenal\w*
    |seminal|trail|trailblaz\w+|vital|huge\w*)""",
    re.VERBOSE | re.IGNORECASE,
)
"""Words that a name of a change may not hold: they would state an outcome, a number or praise wherever it is named."""


def objections(idea: Idea, spec: TemplateSpec) -> tuple[str, ...]:
    """Why ``spec`` cannot carry ``idea``, each in words that its author can act on; empty where it can."""
    if idea.template != spec.name:
        return (f"it is for template {idea.template!r}, not {spec.name!r}",)
    if spec.contract == "v1" or idea.kind is IdeaKind.REPLICATION:
        fits = spec.contract == "v1" and idea.kind is IdeaKind.REPLICATION
        return () if fits else (f"template {spec.name!r} does not carry a study of kind {idea.kind.value}",)
    if idea.kind is IdeaKind.SEARCH:
        return ("a study of kind search follows a search; it is not proposed",)
    found = _of_change(idea, spec) if idea.kind is IdeaKind.INTERVENTION else _of_factor(idea, spec)
    return (*found, *_of_data(idea, spec), *_of_metrics(idea, spec))


def cells(idea: Idea) -> int:
    """How many conditions an idea has, counted once for each of its data sets: the unit of its price."""
    return len(idea.levels) * max(1, len(idea.moderator_levels)) * len(idea.datasets)


def affordable_cells(brief: Brief) -> int:
    """How many such cells the budget pays for, at all seeds."""
    preset = brief.template.preset(brief.preset)
    seconds = preset.seconds_per_run * (brief.seeds or preset.seeds)
    return int(brief.budget_minutes * 60 * brief.workers / seconds + 1e-9)


def over_budget(idea: Idea, brief: Brief) -> str | None:
    """That the budget does not pay for an idea, in words; None where it does, or nothing is known of its price."""
    if not brief.template.presets or cells(idea) <= (paid := affordable_cells(brief)):
        return None
    return f"it needs {cells(idea)} cells, and the budget pays for {paid}"


def priced(idea: Idea, brief: Brief) -> Idea:
    """The idea with its number of runs and the minutes that they take on the brief's workers."""
    spec = brief.template
    if not spec.presets:
        return idea.model_copy(update={"runs": brief.seeds or 3, "minutes": 0.0})
    preset = spec.preset(brief.preset)
    conditions = len(idea.levels) * max(1, len(idea.moderator_levels))
    runs = conditions * (brief.seeds or preset.seeds)
    seconds = runs * len(idea.datasets) * preset.seconds_per_run
    return idea.model_copy(update={"runs": runs, "minutes": round(seconds / brief.workers / 60, 3)})


def _of_change(idea: Idea, spec: TemplateSpec) -> Iterator[str]:
    change = idea.intervention
    if change is None:
        yield "an intervention says what is changed: a label and a description"
        return
    if (idea.factor, idea.control, idea.treatment, idea.levels) != (CODE_CHANGE, False, True, (False, True)):
        yield "an intervention compares the code as it stands (control) with the changed code (treatment), nothing else"
    if idea.moderator or idea.moderator_levels:
        yield "an intervention has no moderator"
    if not LABEL.fullmatch(change.label) or len(change.label) > 60:
        yield f"the label {change.label!r} is not a short name of up to six plain words without figures"
    elif loaded := _loaded(change.label):
        yield f"the label {change.label!r} holds {loaded!r}; a label names what is done, without outcome or number"
    if any(change.label.lower() == f.label.lower() for f in spec.factors if f.name != CODE_CHANGE):
        yield f"{change.label!r} is a factor already; vary its levels instead of the code"
    if len(change.description.split()) < 8:
        yield "the change is not described: say what the code computes now, what it shall compute, and how"
    if change.slot is not None and change.slot not in {s.name for s in spec.slots}:
        yield f"there is no slot {change.slot!r}"


def _loaded(label: str) -> str | None:
    """The first word of a label that would make every sentence with it say more than a name does."""
    found = [w for w in label.split() if STATES_OUTCOME.fullmatch(w)]
    found += [w for w in re.split("[ -]", label) if COUNTS_OR_PRAISES.fullmatch(w)]
    return found[0] if found else None


def _of_factor(idea: Idea, spec: TemplateSpec) -> Iterator[str]:
    factor = next((f for f in spec.factors if f.name == idea.factor), None)
    if factor is None:
        yield f"there is no factor {idea.factor!r}" if idea.factor else "neither control nor treatment is given"
        return
    if idea.intervention is not None:
        yield f"a study of kind {idea.kind.value} changes no code"
    yield from _of_levels(idea, factor)
    if idea.kind is IdeaKind.INTERACTION:
        yield from _of_moderator(idea, spec)
    elif idea.moderator or idea.moderator_levels:
        yield f"a study of kind {idea.kind.value} has no moderator"
    hypothesis = idea.hypothesis_id
    if hypothesis is not None and hypothesis not in {h.id for h in spec.hypotheses}:
        yield f"there is no hypothesis {hypothesis!r}"


def _of_levels(idea: Idea, factor: FactorSpec) -> Iterator[str]:
    if idea.control is None or idea.treatment is None:
        yield "control and treatment are not both given, as levels of one factor"
        return
    wrong = [x for x in (idea.control, idea.treatment, *idea.levels) if not _among(x, factor.levels)]
    if wrong:
        yield f"{wrong[0]!r} is not a declared level of {factor.name}"
        return
    if idea.control == idea.treatment:
        yield f"control and treatment are the same level of {factor.name}, so nothing is compared"
    if not {idea.control, idea.treatment} <= set(idea.levels) or len(set(idea.levels)) != len(idea.levels):
        yield "the levels hold control and treatment, each level once"
    elif idea.levels != tuple(sorted(idea.levels, key=factor.levels.index)) and len(idea.levels) > 2:
        yield f"the levels of {factor.name} do not stand in their order"
    if idea.kind is IdeaKind.DOSE_RESPONSE and (not factor.ordered or len(idea.levels) < 3):
        yield "a dose response needs three levels or more of a numeric factor"
    elif idea.kind in (IdeaKind.MAIN_EFFECT, IdeaKind.INTERACTION, IdeaKind.ROBUSTNESS) and len(idea.levels) != 2:
        yield f"a study of kind {idea.kind.value} compares two levels"
    if len(idea.levels) > MOST_LEVELS:
        yield f"more than {MOST_LEVELS} levels cannot be shown"


def _of_moderator(idea: Idea, spec: TemplateSpec) -> Iterator[str]:
    moderator = next((f for f in spec.factors if f.name == idea.moderator), None)
    if moderator is None or moderator.name == idea.factor:
        yield "an interaction needs a moderator: another factor than the one whose effect is asked for"
    elif len(set(idea.moderator_levels)) != 2 or len(idea.moderator_levels) != 2:
        yield f"an interaction needs two different levels of {moderator.name}"
    elif wrong := [x for x in idea.moderator_levels if not _among(x, moderator.levels)]:
        yield f"{wrong[0]!r} is not a declared level of {moderator.name}"


def _of_data(idea: Idea, spec: TemplateSpec) -> Iterator[str]:
    unknown = set(idea.datasets) - {d.name for d in spec.datasets}
    if unknown:
        yield f"there is no data set {sorted(unknown)[0]!r}"
    if len(set(idea.datasets)) != len(idea.datasets):
        yield "a data set is named twice"
    elif idea.kind is IdeaKind.ROBUSTNESS and len(idea.datasets) < 2:
        yield "a study of robustness needs two data sets or more"
    elif idea.kind is not IdeaKind.ROBUSTNESS and len(idea.datasets) != 1:
        yield f"a study of kind {idea.kind.value} runs on one data set; across several it is a study of robustness"


def _of_metrics(idea: Idea, spec: TemplateSpec) -> Iterator[str]:
    known = {m.name for m in spec.metrics}
    if idea.metric not in known:
        yield f"there is no metric {idea.metric!r}"
    if idea.kind is IdeaKind.TRADE_OFF:
        if idea.second_metric not in known or idea.second_metric == idea.metric:
            yield "a trade-off needs a second metric, another than the first"
    elif idea.second_metric is not None:
        yield f"a study of kind {idea.kind.value} has one metric"
    if idea.kind is IdeaKind.INTERACTION:
        if idea.direction != "none":
            yield "an interaction is tested without a direction"
    elif idea.direction == "none":
        yield "the hypothesis does not say whether the metric increases or decreases"


def _among(level: Setting, levels: tuple[Setting, ...]) -> bool:
    """Whether a level is declared; True is not 1 here."""
    return any(level == x and isinstance(level, bool) == isinstance(x, bool) for x in levels)
