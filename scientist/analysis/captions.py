r"""Sentences for captions: what is drawn or listed, and what is seen. Numbers are ``\val`` only."""

from __future__ import annotations

from collections.abc import Sequence

from scientist.analysis.choice import FigureRequest
from scientist.analysis.design import bare, condition_text, contrast_text, dataset_text, factor_text, name_text, shape
from scientist.analysis.observations import metric_spec
from scientist.analysis.quantities import cell_id
from scientist.analysis.sheet import NOT_REACHED, Mark, Scene
from scientist.types import Contrast, Evidence, Plan, Sentence, TemplateSpec, Verdict

INTERVAL = r"\val{plan.level} $t$ intervals over seeds"


MOST_OUTCOMES = 3
FOREST = (
    "The last panel shows the {contrasts} with the value of each seed below, filled where the corrected test passes "
    "its level; the shaded band spans the smallest effect of interest."
)


def caption(scene: Scene, wanted: FigureRequest, marks: Sequence[Mark]) -> tuple[Sentence, ...]:
    """What a figure of conditions or contrasts shows, how it is to be read, and what is seen in it.

    What holds for several figures is said by the one in the main part.
    """
    plan, main = scene.seen.plan, wanted.place == "main"
    forest = FOREST.format(contrasts="confirmatory contrasts" if len(wanted.contrasts) > 1 else "confirmatory contrast")
    drawn = {m.part for m in marks}
    return sentences(
        _what(scene, wanted),
        forest if "contrast" in drawn and wanted.kind != "contrasts" else None,
        _missing(scene, marks) if main else None,
        _ends(scene, marks) if main else None,
        *(_counts(scene, wanted) if wanted.kind == "reached" else ()),
        *(outcomes(plan, scene.spec, scene.evidence, MOST_OUTCOMES) if main else ()),
    )


def _what(scene: Scene, wanted: FigureRequest) -> str:
    plan, spec = scene.seen.plan, scene.spec
    names = [metric_text(plan, spec, m) for m in wanted.metrics] or [""]
    first, last = capital(names[0]), capital(names[-1])
    factors = [bare(factor_text(plan, spec, f)) for f in wanted.factors]
    by = f", by {factors[1]}" if len(factors) > 1 else ""
    single = "single runs as dots" if by else "single seeds as thin lines"
    over = rf"\val{{plan.level}} $t$ intervals over {scene.seeds} seeds"
    pairs = {
        "main": f"{first} of each seed in the two conditions, joined by a line; beside them the means with {over}.",
        "appendix": f"The compared pairs of {names[0]}, seed by seed, at each level of the other factor, with the "
        "means of the conditions beside them.",
    }
    return {
        "effect": f"{first} by condition: means with {over}, and single runs as dots.",
        "paired": pairs[wanted.place],
        "dose": f"{first} against {' and '.join(factors[:1])}: means with {over}, and {single}.",
        "interaction": f"{first} against {' and '.join(factors[:1])}{by}: means with {over}, and {single}.",
        "trade_off": f"{last} against {names[0]}: means with {over} in both, single runs as small marks; the "
        "dashed line joins the conditions that no other dominates, which are filled.",
        "runs": f"What the template measured: means with {over}, and single repeats as dots.",
        "reached": f"Runs of each condition that had reached the mark, against {names[0]}; an open symbol at the end "
        "of a line stands for runs that had not when their budget was spent.",
        "contrasts": r"The other contrasts of the plan with their \val{plan.level} $t$ intervals, each in units of the "
        "smallest effect of interest of its metric, which the band spans; symbols are filled where the test passes its "
        "level, and diamonds are exploratory, without correction.",
    }[wanted.kind]


def _missing(scene: Scene, marks: Sequence[Mark]) -> str | None:
    """Runs that are missing, and those that did not reach the mark."""
    failed = any(q.id == "runs.failed" and q.value for q in scene.evidence.quantities)
    gone = r"\val{runs.failed} of \val{runs.planned} runs failed and are missing" if failed else ""
    open_dots = "open dots at the dotted line did not reach the mark within their budget"
    missed = open_dots if any(m.note == NOT_REACHED for m in marks) else ""
    told = "; ".join(t for t in (gone, missed) if t)
    return f"{told if told.startswith(chr(92)) else capital(told)}." if told else None


def _ends(scene: Scene, marks: Sequence[Mark]) -> str | None:
    """Whether an interval ends because its metric does."""
    for m in marks:
        metric = next((k.name for k in scene.spec.metrics if k.label == m.metric), None)
        limits = scene.limits(metric) if metric is not None and m.part == "mean" else (None, None)
        if (m.low is not None and m.low == limits[0]) or (m.high is not None and m.high == limits[1]):
            return "Intervals stop, without a cap, where the range of the metric does."
    return None


def _counts(scene: Scene, wanted: FigureRequest) -> list[str]:
    """For each data set, in which conditions how many runs did not reach the mark."""
    plan, spec, told = scene.seen.plan, scene.spec, []
    for dataset in plan.datasets:
        parts = []
        for c in plan.conditions:
            id = cell_id("censored", c.id, dataset, wanted.metrics[0])
            if id in scene.ledger and scene.ledger[id].value:
                parts.append(rf"\val{{{id}}} of \val{{runs.ok.{c.id}}} runs at {condition_text(plan, spec, c)}")
        where = f" on {dataset_text(spec, dataset)}" if len(plan.datasets) > 1 else ""
        if parts:
            told.append(f"The mark{where} stayed out of reach for {'; '.join(parts)}.")
    return told


def metric_text(plan: Plan, spec: TemplateSpec, name: str) -> str:
    return name_text("metric", name, metric_spec(spec, plan, name).label)


def outcome(plan: Plan, spec: TemplateSpec, evidence: Evidence, contrast: Contrast) -> Sentence | None:
    """What one contrast was found to be, with its interval and verdict; None where it could not be estimated."""
    claim = evidence.claim(f"claim.{contrast.id}")
    if f"effect.{contrast.id}" not in claim.quantities:
        return None
    where = metric_text(plan, spec, contrast.metric)
    if len(plan.datasets) > 1:
        where += f" on {dataset_text(spec, contrast.dataset)}"
    bounded = evidence.quantity(f"effect.{contrast.id}").low is not None
    interval = rf" (\val{{plan.level}} interval \ci{{effect.{contrast.id}}})" if bounded else ""
    what = "interaction" if shape(plan, spec, contrast) == "interaction" else claim.observed
    directed = contrast.direction != "none"
    said = {
        Verdict.SUPPORTED: f"a significant {what}" + (", as hypothesised" if directed else ""),
        Verdict.REFUTED: f"a significant {claim.observed}, against the hypothesis",
        Verdict.EQUIVALENT: "a difference within the smallest effect of interest",
        Verdict.INCONCLUSIVE: "which is inconclusive",
    }[claim.verdict]
    name = capital(contrast_text(plan, spec, contrast))
    text = rf"{name}: the estimate for {where} is \val{{effect.{contrast.id}}}{interval}"
    return Sentence(text=f"{text}, {said}.", claims=(claim.id,))


def outcomes(plan: Plan, spec: TemplateSpec, evidence: Evidence, limit: int = 1) -> tuple[Sentence, ...]:
    """The outcomes of the first confirmatory contrasts of the plan."""
    tested = [c for c in plan.contrasts if c.confirmatory] if plan.test != "none" else []
    found = (outcome(plan, spec, evidence, c) for c in tested[:limit])
    return tuple(s for s in found if s is not None)


def spread(plan: Plan, spec: TemplateSpec, evidence: Evidence, metric: str, dataset: str) -> Sentence | None:
    """Between which means the conditions lie; None unless there are two."""
    ids = {q.id for q in evidence.quantities}
    cells = [cell_id("mean", c.id, dataset, metric) for c in plan.conditions]
    means = [evidence.quantity(i) for i in cells if i in ids]
    if len(means) < 2:
        return None
    low, high = min(means, key=lambda q: q.value), max(means, key=lambda q: q.value)
    where = f" on {dataset_text(spec, dataset)}" if len(plan.datasets) > 1 else ""
    name = metric_text(plan, spec, metric)
    return Sentence(
        text=rf"Over the conditions the mean {name}{where} lies between \val{{{low.id}}} and \val{{{high.id}}}."
    )


def sentences(*parts: str | Sentence | None) -> tuple[Sentence, ...]:
    return tuple(Sentence(text=p) if isinstance(p, str) else p for p in parts if p)


def capital(text: str) -> str:
    """A name at the head of a sentence, a column or a row, without its article."""
    text = bare(text)
    return text[:1].upper() + text[1:]
