"""An idea that no template's author wrote is planned, and the offline mind's paper on it passes every check."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scientist.analysis.ledger import build_evidence
from scientist.analysis.tables import build_tables
from scientist.experiments.plan import check_plan
from scientist.experiments.study import study_spec
from scientist.ideation.admit import admit
from scientist.ideation.rank import rank
from scientist.mind.admissible import CODE_CHANGE, priced
from scientist.mind.base import Brief, Dossier
from scientist.mind.offline import OfflineMind
from scientist.types import FactorSpec, Finding, Idea, IdeaKind, Intervention, Plan, TemplateChoice, TemplateSpec
from scientist.writeup.draft import compose
from tests.mind.test_offline_prose import OUTCOMES, TEMPLATES, fake_results, make_plan, material

NAMES = [t.name for t in TEMPLATES]
UNFIT: dict[str, Any] = {
    "title": "Proving that 7 of $x_1$ improves \\everything",
    "question": "Why is the state-of-the-art 50% better, which nobody doubts: is it #1?",
    "hypothesis": "It increases, and decreases, the value by 12.5 % & more.",
    "because": "Undoubtedly, {all} three papers prove that performance increases dramatically.",
}
"""Words as a model may write them, none of which may reach the paper through the offline mind."""


@cache
def spec_of(name: str) -> TemplateSpec:
    return material(name)[0]


def idea_of(kind: IdeaKind, spec: TemplateSpec) -> Idea:
    """An idea of a kind on levels, moderators and data sets that no hypothesis of the template pairs."""
    ordered = next(f for f in spec.factors if f.ordered and len(f.levels) > 2)
    design: dict[str, Any] = {
        "factor": ordered.name, "control": ordered.levels[-1], "treatment": ordered.levels[1],
        "levels": (ordered.levels[-1], ordered.levels[1]), "datasets": (spec.datasets[-1].name,),
        "metric": spec.metrics[0].name, "direction": "increase",
    }  # fmt: skip
    if kind in (IdeaKind.DOSE_RESPONSE, IdeaKind.TRADE_OFF):
        design |= {"levels": ordered.levels[1:] if len(ordered.levels) > 3 else ordered.levels}
    if kind is IdeaKind.TRADE_OFF:
        design |= {"second_metric": spec.metrics[-1].name}
    if kind is IdeaKind.ROBUSTNESS:
        design |= {"datasets": tuple(d.name for d in spec.datasets[-2:])}
    if kind is IdeaKind.INTERACTION:
        moderator = moderator_of(spec, ordered)
        levels = [x for x in moderator.levels if x != moderator.baseline][:2]
        levels = levels if len(levels) == 2 else list(moderator.levels[:2])
        design |= {"moderator": moderator.name, "moderator_levels": tuple(levels), "direction": "none"}
    if kind is IdeaKind.INTERVENTION:
        design |= {"factor": CODE_CHANGE, "control": False, "treatment": True, "levels": (False, True)}
        described = "The loss is computed as it stands now; add to it the squared norm of the first layer's weights."
        design["intervention"] = Intervention(label="norm penalty on the embedding", description=described)
    return Idea(id=f"model-{kind.value}", template=spec.name, kind=kind, **UNFIT, **design)


def moderator_of(spec: TemplateSpec, factor: FactorSpec) -> FactorSpec:
    """The last other factor; one whose baseline can be left out where there is one."""
    others = [f for f in spec.factors if f.name != factor.name]
    return next((f for f in reversed(others) if len(f.levels) > 2), others[-1])


KINDS = [k for k in IdeaKind if k not in (IdeaKind.REPLICATION, IdeaKind.SEARCH)]


def write(name: str, kind: IdeaKind, outcome: str) -> tuple[str, Plan, list[Finding]]:
    """The text of the offline mind's paper on such an idea, its plan, and what the checks refused."""
    bare, _, references, searches = material(name)
    brief = Brief(topic="x", template=bare, preset="cpu", references=references, budget_minutes=60, workers=2)
    (idea,), refused_ideas = admit((priced(idea_of(kind, bare), brief),), brief)
    assert not refused_ideas
    (ranked,) = rank((idea,), brief, ())
    spec = study_spec(bare, idea)
    plan = planned(spec, ranked)
    results = fake_results(plan, spec, ranked, outcome)
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1)
    dossier = Dossier(
        topic="does 2 matter?", template=spec, plan=plan, extended=False, evidence=evidence, runs=results,
        choice=TemplateChoice(template=spec.name, confidence=0.7, reason="r"), chosen=ranked, considered=(ranked,),
        references=references, searches=searches, tables=build_tables(plan, spec, evidence), sandbox="bubblewrap",
        mind="a model",
    )  # fmt: skip
    refused: list[Finding] = []
    report: Callable[..., None] = lambda name, findings, *more: refused.extend(findings)  # noqa: E731
    draft = compose(OfflineMind(), dossier, report=report)
    sentences = [s.text for section in draft.sections for p in section.paragraphs for s in p]
    return " ".join([draft.title, *sentences]), plan, refused


def planned(spec: TemplateSpec, ranked: Any) -> Plan:
    """The plan; the changed code of an intervention is pinned before it is checked, as the design stage does."""
    if ranked.idea.kind is not IdeaKind.INTERVENTION:
        return make_plan(spec, ranked)
    from scientist.experiments.template import template_hash
    from scientist.mind.base import PlanRequest

    plan = OfflineMind().plan(
        PlanRequest(
            idea=ranked.idea, template=spec, template_hash=template_hash(Path(spec.path)), preset="cpu", seeds=6,
            first_seed=1, alpha=0.05, looks=2,
        )
    )  # fmt: skip
    cells = [
        c.model_copy(update={"code_sha256": "a" * 64}) if c.settings[CODE_CHANGE] is True else c
        for c in plan.conditions
    ]
    pinned = plan.model_copy(update={"conditions": tuple(cells)})
    check_plan(pinned, spec, 60)
    return pinned


FULL = ("grokking", "digits")
"""Templates with and without censored metrics: every outcome is written for these, two for the others."""
CASES = [(n, o) for n in NAMES for o in (OUTCOMES if n in FULL else ("supported", "inconclusive"))]


@pytest.mark.parametrize(("name", "outcome"), CASES)
def test_the_stand_in_paper_on_a_models_idea_is_written_without_a_refusal(name: str, outcome: str) -> None:
    for kind in KINDS:
        text, plan, refused = write(name, kind, outcome)
        assert not refused, [f"{kind}: {f.check}: {f.message} | {f.span.text if f.span else ''}" for f in refused]
        assert "We test whether" in text
        assert not any(words[:20] in text for words in UNFIT.values())
        assert sum(c.baseline for c in plan.conditions) == 1


def test_a_change_of_code_is_named_described_and_disclosed() -> None:
    text, plan, _ = write(NAMES[0], IdeaKind.INTERVENTION, "supported")
    assert [c.label for c in plan.conditions] == [
        "norm penalty on the embedding off", "norm penalty on the embedding on"
    ]  # fmt: skip
    assert "We test whether introducing norm penalty on the embedding" in text
    assert "in the treated condition norm penalty on the embedding is written into" in text
    assert "but for the change under study, which was written by machine" in text
    assert "One implementation of norm penalty on the embedding was tried" in text


def test_an_interaction_without_the_moderators_baseline_has_a_baseline_condition() -> None:
    spec = spec_of("grokking")
    idea = idea_of(IdeaKind.INTERACTION, spec)
    moderator = spec.factor(str(idea.moderator))
    assert moderator.baseline not in idea.moderator_levels
    _, plan, _ = write("grokking", IdeaKind.INTERACTION, "supported")
    assert plan.baseline.settings[moderator.name] == idea.moderator_levels[0]
