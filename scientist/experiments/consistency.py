"""What a well-formed ``template.toml`` can still get wrong: names that match nothing, levels that cannot be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from scientist.search.edit import find_function
from scientist.types import FactorSpec, HypothesisSpec, PresetSpec, Setting, TemplateSpec

RESERVED = frozenset({"datasets", "phase", "device", "threads", "seed", "out_dir", "config", "code_change"})
"""Keys of ``config.json`` and of the command line that a setting may not be called; and the pseudo-factor of a study
of changed code."""

REQUIRED_PRESETS = ("smoke", "cpu")


def contradictions(spec: TemplateSpec) -> list[str]:
    """Every inconsistency, as "where: what"; empty for a sound template."""
    checks = (_head, _metrics, _factors, _hypotheses, _presets, _related, _curves, _slots, _text)
    return [problem for check in checks for problem in check(spec)]


def _head(spec: TemplateSpec) -> Iterator[str]:
    if not spec.title.strip():
        yield "[template] title: is empty"
    if not spec.summary.strip():
        yield "[template] summary: is empty; say in a sentence what is studied"
    if not spec.keywords:
        yield "[template] keywords: is empty; a topic is matched to a template by them"
    if not (math.isfinite(spec.timeout_factor) and spec.timeout_factor >= 1):
        yield "[template] timeout_factor: must be at least 1"
    if spec.memory_mb < 64:
        yield "[template] memory_mb: must be at least 64"
    yield from _gpus(spec)
    for key, names in (("editable", spec.editable), ("locked", spec.locked)):
        yield from (f"[template] {key}: {problem}" for name in names for problem in _file(spec, name))
    for name in sorted(set(spec.editable) & set(spec.locked)):
        yield f"[template] editable: {name} is locked too"
    if not spec.datasets:
        yield "[datasets]: declare at least one data set"


def _gpus(spec: TemplateSpec) -> Iterator[str]:
    if spec.gpus is not None and spec.device == "cpu":
        yield '[template] gpus: is of no use with device = "cpu"'
    if spec.gpus is not None and spec.gpus > 1 and spec.gpus != int(spec.gpus):
        yield "[template] gpus: must be a share of one device, or a whole number"
    if spec.oom_batch is None:
        return
    if spec.oom_batch in {f.name for f in spec.factors}:
        yield f"[template] oom_batch: {spec.oom_batch} is a factor; halving it would change what is compared"
    for p in spec.presets:
        value = p.settings.get(spec.oom_batch)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"[template] oom_batch: [presets.{p.name}] must set {spec.oom_batch} to a positive whole number"


def _file(spec: TemplateSpec, name: str) -> Iterator[str]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        yield f"{name} must lie inside the template's folder"
    elif not (Path(spec.path) / path).is_file():
        yield f"there is no file {name} in {spec.path}"


def _metrics(spec: TemplateSpec) -> Iterator[str]:
    primary = [m.name for m in spec.metrics if m.primary]
    if len(primary) != 1:
        named = ", ".join(primary) or "none"
        yield f"[metrics]: exactly one metric must have primary = true; now: {named}"
    for m in spec.metrics:
        if not math.isfinite(m.sesoi):
            yield f"[metrics.{m.name}] sesoi: must be finite"
        if m.censored != (m.budget is not None):
            yield f"[metrics.{m.name}] budget: a censored metric, and no other, names the setting that holds its budget"
        elif m.budget is not None and any(m.budget not in p.settings for p in spec.presets):
            yield f"[metrics.{m.name}] budget: {m.budget} is not set by every preset"
        if not 0 <= m.decimals <= 12:
            yield f"[metrics.{m.name}] decimals: must be between 0 and 12"


# ------------------------------------------------------------------------------------------- factors


def _factors(spec: TemplateSpec) -> Iterator[str]:
    if not spec.factors:
        yield "[factors]: declare at least one factor"
    for f in spec.factors:
        where = f"[factors.{f.name}]"
        yield from (f"{where} {problem}" for problem in _setting_name(f.name))
        wrong = [v for v in f.levels if not fits(f.type, v)]
        if wrong:
            yield f"{where} levels: {wrong[0]!r} is not of type {f.type}"
        elif len(set(f.levels)) < len(f.levels):
            yield f"{where} levels: a level is given twice"
        elif f.ordered and list(f.levels) != sorted(f.levels, key=float):
            yield f"{where} levels: must ascend"
        elif f.log_scale and not f.ordered:
            yield f"{where} log_scale: is for float and int factors"
        elif f.log_scale and any(float(v) < 0 for v in f.levels):
            yield f"{where} log_scale: no level may be negative"
        if not _is_level(f, f.baseline):
            yield f"{where} baseline: {f.baseline!r} is not one of the levels"


def fits(kind: str, value: Setting) -> bool:
    """Whether ``value`` is of a factor's type; bool is no number, and an int may stand for a float."""
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "categorical":
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return isinstance(value, int) if kind == "int" else math.isfinite(value)


def _is_level(factor: FactorSpec, value: Setting) -> bool:
    return any(value == level and isinstance(value, bool) == isinstance(level, bool) for level in factor.levels)


def _setting_name(name: str) -> Iterator[str]:
    if name in RESERVED:
        yield f"{name}: the name is reserved"
    elif not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        yield f"{name}: a setting's name is a lower-case identifier"


# ------------------------------------------------------------------------------------------- hypotheses, presets


def _hypotheses(spec: TemplateSpec) -> Iterator[str]:
    if not spec.hypotheses:
        yield "[[hypotheses]]: declare at least one"
    yield from (f"[[hypotheses]] {id}: the id is given twice" for id in _twice([h.id for h in spec.hypotheses]))
    for h in spec.hypotheses:
        yield from (f"[[hypotheses]] {h.id} {problem}" for problem in _hypothesis(spec, h))


def _hypothesis(spec: TemplateSpec, h: HypothesisSpec) -> Iterator[str]:
    factors = {f.name: f for f in spec.factors}
    metrics = [m.name for m in spec.metrics]
    if h.factor not in factors:
        yield f"factor: {h.factor} is not declared; factors: {_list(factors)}"
    else:
        for key, value in (("control", h.control), ("treatment", h.treatment)):
            if not _is_level(factors[h.factor], value):
                levels = ", ".join(map(repr, factors[h.factor].levels))
                yield f"{key}: {value!r} is not a level of {h.factor}; levels: {levels}"
        if h.control == h.treatment:
            yield "treatment: is the same as control"
    if h.metric not in metrics:
        yield f"metric: {h.metric} is not declared; metrics: {_list(metrics)}"
    if h.moderator is not None and h.moderator not in factors:
        yield f"moderator: {h.moderator} is not declared; factors: {_list(factors)}"
    elif h.moderator == h.factor:
        yield "moderator: is the factor itself"
    elif h.moderator is not None and not h.moderator_because.strip():
        yield "moderator_because: say why the moderator should matter"
    for key, text in (("statement", h.statement), ("because", h.because)):
        if not text.strip():
            yield f"{key}: is empty"
    for id in h.cites:
        if id not in {r.id for r in spec.related}:
            yield f"cites: no [[related]] entry has the id {id}"


def _presets(spec: TemplateSpec) -> Iterator[str]:
    names = [p.name for p in spec.presets]
    for name in REQUIRED_PRESETS:
        if name not in names:
            yield f"[presets.{name}]: the preset is missing"
    for p in spec.presets:
        yield from (f"[presets.{p.name}] {problem}" for problem in _preset(spec, p))


def _preset(spec: TemplateSpec, preset: PresetSpec) -> Iterator[str]:
    factors = {f.name: f for f in spec.factors}
    if not math.isfinite(preset.seconds_per_run):
        yield "seconds_per_run: must be finite"
    for name, value in preset.settings.items():
        yield from (f"settings.{problem}" for problem in _setting_name(name))
        for v in value if isinstance(value, tuple) else (value,):
            if isinstance(v, float) and not math.isfinite(v):
                yield f"settings.{name}: must be finite"
        if name in factors and (isinstance(value, tuple) or not fits(factors[name].type, value)):
            yield f"settings.{name}: {value!r} is not of the factor's type {factors[name].type}"


# ------------------------------------------------------------------------------------------- papers, curves, prose


def _related(spec: TemplateSpec) -> Iterator[str]:
    known = {f.name for f in spec.factors} | {m.name for m in spec.metrics}
    yield from (f"[[related]] {id}: the id is given twice" for id in _twice([r.id for r in spec.related]))
    for r in spec.related:
        if r.claim.count("{cite}") != 1:
            yield f"[[related]] {r.id} claim: must hold {{cite}} exactly once"
        for name in r.bears_on:
            if name not in known:
                yield f"[[related]] {r.id} bears_on: {name} is neither a factor nor a metric"


def _curves(spec: TemplateSpec) -> Iterator[str]:
    yield from (f"[[curves]] {name}: the series is given twice" for name in _twice([c.series for c in spec.curves]))


def _slots(spec: TemplateSpec) -> Iterator[str]:
    for slot in spec.slots:
        where = f"[slots.{slot.name}]"
        if not slot.purpose.strip():
            yield f"{where} purpose: is empty; say what the function does and what it may be replaced by"
        if slot.file not in spec.editable:
            yield f"{where} file: {slot.file} is not one of the editable files"
        elif problem := _slot_problem(Path(spec.path) / slot.file, slot.function):
            yield f"{where} function: {problem}"


def _slot_problem(file: Path, function: str) -> str:
    try:
        found = find_function(file.read_text(encoding="utf-8"), function)
    except (OSError, ValueError, SyntaxError) as e:
        return f"{file.name} cannot be read: {e}"
    return "" if found else f"{file.name} has no undecorated top-level function {function}, or several"


_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\.([A-Za-z0-9_.\-]+)\}")
_NUMERAL = re.compile(r"(?<![A-Za-z0-9_\-])\d+(?:[.,]\d+)*(?![A-Za-z0-9_])")


def _text(spec: TemplateSpec) -> Iterator[str]:
    settings = {name for p in spec.presets for name in p.settings} | {f.name for f in spec.factors}
    known = {
        "cfg": (settings, "no preset or factor sets"),
        "cite": ({r.id for r in spec.related}, "no [[related]] entry is called"),
        "only": ({x.name for x in spec.factors} | {x.name for x in spec.datasets}, "no factor or data set is called"),
    }
    sections = ("background", "problem", "method", "data", "measurement", "limitations")
    for where, sentence in (
        *((f"[text] {s} {i + 1}", t) for s in sections for i, t in enumerate(getattr(spec.text, s))),
        *((f"[text.implications] {key}", t) for key, t in spec.text.implications.items()),
    ):
        for kind, name in _PLACEHOLDER.findall(sentence):
            if kind not in known:
                yield (
                    f"{where}: {{{kind}.{name}}} is unknown; there are {{cfg.<setting>}}, {{cite.<related id>}} and "
                    "{only.<factor or data set>}"
                )
            elif name not in known[kind][0]:
                yield f"{where}: {{{kind}.{name}}}: {known[kind][1]} {name}"
        plain = re.sub(r"\$[^$]*\$", "", _PLACEHOLDER.sub("", sentence))
        if found := _NUMERAL.search(plain):
            yield f"{where}: the number {found.group()} is typed; name a setting with {{cfg.<setting>}} instead"
    yield from _implications(spec)


def _implications(spec: TemplateSpec) -> Iterator[str]:
    ids = {h.id for h in spec.hypotheses}
    for key in spec.text.implications:
        id, _, outcome = key.rpartition(".")
        if id not in ids or outcome not in ("increase", "decrease", "null"):
            yield f"[text.implications] {key}: the key must be <hypothesis id>.<increase|decrease|null>"


def _twice(values: list[str]) -> list[str]:
    return sorted({v for v in values if values.count(v) > 1})


def _list(names: object) -> str:
    return ", ".join(names) if isinstance(names, (list, dict)) and names else "none"
