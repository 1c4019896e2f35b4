"""Reads a plan as a design: which factors vary, what a contrast compares, and how both are named in LaTeX."""

from __future__ import annotations

import re
from typing import Literal

from scientist.analysis.display import latex, safe_id, setting
from scientist.analysis.observations import dataset_label
from scientist.types import Condition, Contrast, FactorSpec, IdeaKind, Plan, Setting, TemplateSpec

ContrastShape = Literal["difference", "trend", "interaction"]


def level(plan: Plan, spec: TemplateSpec, condition: Condition, factor: str) -> Setting | None:
    """The value of a factor in a condition: its own, else the preset's, else the template's baseline."""
    if factor in condition.settings:
        return condition.settings[factor]
    value = plan.settings.get(factor)
    if value is not None and not isinstance(value, tuple):
        return value
    return next((f.baseline for f in spec.factors if f.name == factor), None)


def varied(plan: Plan, spec: TemplateSpec) -> tuple[str, ...]:
    """Names of the settings that differ between conditions, the factor under study before its moderator.

    None in the study of a search: its two configurations are whole, and are known by their names.
    """
    if plan.kind is IdeaKind.SEARCH:
        return ()
    names = sorted({name for c in plan.conditions for name in c.settings})
    names = [n for n in names if len({repr(level(plan, spec, c, n)) for c in plan.conditions}) > 1]
    return tuple(sorted(names, key=lambda n: (-_simple_contrasts(plan, spec, n, names), n)))


def factor_spec(spec: TemplateSpec, plan: Plan, name: str) -> FactorSpec:
    """The declared factor; for a setting that the template does not declare, a categorical stand-in."""
    for f in spec.factors:
        if f.name == name:
            return f
    levels = tuple(dict.fromkeys(v for c in plan.conditions if (v := level(plan, spec, c, name)) is not None))
    return FactorSpec.model_construct(
        name=name, type="categorical", levels=levels, baseline=levels[0], label=name.replace("_", " "),
        unit="", description="", log_scale=False,
    )  # fmt: skip


def shape(plan: Plan, spec: TemplateSpec, contrast: Contrast) -> ContrastShape:
    """What a contrast is, read from its weights: of two conditions, of many, or zero at the margin of each factor."""
    used = [c for c in plan.conditions if contrast.weights.get(c.id, 0) != 0]
    if len(used) == 2:
        return "difference"
    for name in varied(plan, spec):
        margin: dict[str, float] = {}
        for c in used:
            key = repr(level(plan, spec, c, name))
            margin[key] = margin.get(key, 0.0) + contrast.weights[c.id]
        if any(abs(w) > 1e-9 for w in margin.values()):
            return "trend"
    return "interaction"


def condition_text(plan: Plan, spec: TemplateSpec, condition: Condition) -> str:
    r"""A condition's name as LaTeX text; levels that are numbers are named as ``\val``, never typed."""
    if not re.search(r"\d", condition.label):
        return latex(condition.label)
    parts = [_level_text(plan, spec, condition, name) for name in varied(plan, spec)]
    return ", ".join(parts) or latex(condition.label)


def contrast_text(plan: Plan, spec: TemplateSpec, contrast: Contrast) -> str:
    """A contrast's name as LaTeX text without typed numbers."""
    if not re.search(r"\d", contrast.label):
        return latex(contrast.label)
    names = [factor_text(plan, spec, n) for n in varied(plan, spec)]
    kind = shape(plan, spec, contrast)
    if kind == "trend":
        return f"trend over {names[0]}" if names else "trend over the conditions"
    if kind == "interaction":
        return f"interaction of {' and '.join(names)}"
    return _difference_text(plan, spec, contrast)


def contrast_name(plan: Plan, spec: TemplateSpec, contrast: Contrast) -> str:
    """A contrast's name in plain words, short enough for the axis of a figure."""
    kind = shape(plan, spec, contrast)
    if kind == "interaction":
        return "interaction"
    if kind == "trend":
        return contrast.label
    up, down, names, moved = _compared(plan, spec, contrast)
    if not moved:
        return contrast.label

    def value(condition: Condition, name: str) -> str:
        found = level(plan, spec, condition, name)
        return "none" if found is None else value_text(found)

    parts = [f"{bare(factor_spec(spec, plan, n).label)} {value(up, n)} versus {value(down, n)}" for n in moved]
    fixed = [f"{bare(factor_spec(spec, plan, n).label)} {value(up, n)}" for n in names if n not in moved]
    return ", ".join(parts) + (f", at {' and '.join(fixed)}" if fixed else "")


def legend_names(plan: Plan, spec: TemplateSpec) -> tuple[str, dict[str, str]]:
    """A name that leads a legend, and what each condition is called after it: the values of the one factor that varies
    where they say it all, else the conditions' own labels after no name."""
    names = varied(plan, spec)
    values = {c.id: level(plan, spec, c, names[0]) for c in plan.conditions} if len(names) == 1 else {}
    if not values or None in values.values() or len({repr(v) for v in values.values()}) < len(values):
        return "", {c.id: c.label for c in plan.conditions}
    return bare(factor_spec(spec, plan, names[0]).label), {c: value_text(v) for c, v in values.items() if v is not None}


def pair_names(plan: Plan, spec: TemplateSpec, pair: tuple[Condition, Condition]) -> tuple[str, tuple[str, str]]:
    """What two conditions differ in, and its value in each; "" and the conditions' labels where that is not one
    factor."""
    moved = [n for n in varied(plan, spec) if level(plan, spec, pair[0], n) != level(plan, spec, pair[1], n)]
    if len(moved) != 1:
        return "", (pair[0].label, pair[1].label)
    first, second = (level(plan, spec, c, moved[0]) for c in pair)
    if first is None or second is None:
        return "", (pair[0].label, pair[1].label)
    return bare(factor_spec(spec, plan, moved[0]).label), (value_text(first), value_text(second))


def dataset_text(spec: TemplateSpec, name: str) -> str:
    return name_text("dataset", name, dataset_label(spec, name))


def factor_text(plan: Plan, spec: TemplateSpec, name: str) -> str:
    return name_text("factor", name, factor_spec(spec, plan, name).label)


def bare(text: str) -> str:
    """A name without its article, to stand beside a level or at the head of a column."""
    return text.removeprefix("the ")


def name_text(kind: str, name: str, label: str) -> str:
    """A label as LaTeX text; one that holds digits is printed from the ledger, as every digit is."""
    return rf"\val{{name.{kind}.{safe_id(name)}}}" if re.search(r"\d", label) else latex(label)


def value_text(value: Setting) -> str:
    """A level in plain words for a figure's axis."""
    return setting(value).replace(r"\,", "").replace("$-$", "−").replace("\\", "")


def _difference_text(plan: Plan, spec: TemplateSpec, contrast: Contrast) -> str:
    """ "factor A versus B", and at which levels of the other factors it is made."""
    up, down, names, moved = _compared(plan, spec, contrast)
    parts = []
    for n in moved:
        label = bare(factor_text(plan, spec, n))
        parts.append(rf"{label} {_level_value(plan, spec, up, n)} versus {_level_value(plan, spec, down, n)}")
    fixed = [_level_text(plan, spec, up, n) for n in names if n not in moved]
    return ", ".join(parts) + (f", at {' and '.join(fixed)}" if fixed else "")


def _compared(
    plan: Plan, spec: TemplateSpec, contrast: Contrast
) -> tuple[Condition, Condition, tuple[str, ...], list[str]]:
    """The two conditions of a difference, the factors of the design, and those in which the two differ."""
    by_id = {c.id: c for c in plan.conditions}
    up = next(by_id[c] for c, w in contrast.weights.items() if w > 0)
    down = next(by_id[c] for c, w in contrast.weights.items() if w < 0)
    names = varied(plan, spec)
    return up, down, names, [n for n in names if level(plan, spec, up, n) != level(plan, spec, down, n)]


def _level_text(plan: Plan, spec: TemplateSpec, condition: Condition, name: str) -> str:
    return f"{bare(factor_text(plan, spec, name))} {_level_value(plan, spec, condition, name)}"


def _level_value(plan: Plan, spec: TemplateSpec, condition: Condition, name: str) -> str:
    value = level(plan, spec, condition, name)
    if isinstance(value, str) and not re.search(r"\d", value):
        return latex(value)
    return rf"\val{{level.{condition.id}.{name}}}"


def _simple_contrasts(plan: Plan, spec: TemplateSpec, name: str, names: list[str]) -> int:
    """How many contrasts compare two conditions that differ in this setting alone."""
    by_id = {c.id: c for c in plan.conditions}
    count = 0
    for contrast in plan.contrasts:
        used = [by_id[c] for c, w in contrast.weights.items() if w != 0]
        if len(used) == 2:
            moved = [n for n in names if level(plan, spec, used[0], n) != level(plan, spec, used[1], n)]
            count += moved == [name]
    return count
