r"""Sentences for captions: what is drawn or listed, and what is seen. Numbers are ``\val`` only."""

from __future__ import annotations

from scientist.analysis.design import bare, contrast_text, dataset_text, name_text, shape
from scientist.analysis.observations import metric_spec
from scientist.analysis.quantities import cell_id
from scientist.types import Contrast, Evidence, Plan, Sentence, TemplateSpec, Verdict

INTERVAL = r"\val{plan.level} $t$ intervals over seeds"


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
