"""The paper of a run that searched first passes every check, whether the search found something or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from scientist.analysis.ledger import build_evidence
from scientist.analysis.tables import build_tables
from scientist.experiments.found import found_idea, found_levels
from scientist.experiments.plan import check_plan
from scientist.experiments.study import study_spec
from scientist.experiments.template import template_hash
from scientist.mind.base import Dossier, PlanRequest
from scientist.mind.configuration import ordinary
from scientist.types import Draft, Explored, Finding, Moved, Piloted, RankedIdea, TemplateChoice, TemplateSpec
from scientist.writeup.draft import compose
from tests.mind.test_offline_prose import MIND, fake_results, make_plan, material


def explored(spec: TemplateSpec, served: RankedIdea, *, found: bool, pilot: float, nodes: int = 12) -> Explored:
    """A search whose best pilot stands ``pilot`` smallest effects of interest from the baseline."""
    metric, usual = spec.metric(served.idea.metric), ordinary(spec, "cpu")
    base = dict.fromkeys(served.idea.datasets, 40 * metric.sesoi)
    best = {d: v + (pilot * metric.sesoi if found else 0.0) for d, v in base.items()}
    moved = tuple(
        Moved(factor=f.name, baseline=usual[f.name], found=next(x for x in f.levels if x != usual[f.name]))
        for f in spec.factors[:3]
    )
    first = Piloted(node=0, candidate="a" * 64, score=1.0, seeds=(0, 11), values=base)
    return Explored(
        strategy="best_first", idea_id=served.idea.id, found_id=f"search.{metric.name}" if found else None,
        metric=metric.name, datasets=served.idea.datasets, preset="cpu", asked=12, nodes=nodes, candidates=9, failed=1,
        refused=1, duplicates=1, replications=2, ending="the time for the search was used up", baseline=first,
        best=first.model_copy(update={"node": 7, "candidate": "b" * 64, "values": best}) if found else first,
        moved=moved if found else (),
    )  # fmt: skip


def write(name: str, served: RankedIdea, outcome: str, e: Explored) -> tuple[Draft, list[Finding], str]:
    spec, every, references, searches = material(name)
    ranked = served
    if e.found_id is not None:
        ranked = served.model_copy(update={"idea": found_idea(e, served.idea, spec)})
        spec = study_spec(spec, ranked.idea)
        plan = MIND.plan(
            PlanRequest(
                idea=ranked.idea, template=spec, template_hash=template_hash(Path(spec.path)), preset="cpu", seeds=6,
                first_seed=1001, alpha=0.05, looks=2, found=found_levels(e),
            )
        )  # fmt: skip
        check_plan(plan, spec, 60)
    else:
        plan = make_plan(spec, ranked)
    results = fake_results(plan, spec, ranked, outcome)
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1, explored=e)
    dossier = Dossier(
        topic="what helps most?", template=spec, choice=TemplateChoice(template=name, confidence=0.7, reason="r"),
        chosen=ranked, considered=every, plan=plan, extended=False, evidence=evidence, runs=results,
        references=references, searches=searches, explored=e, tables=build_tables(plan, spec, evidence, e),
        sandbox="bubblewrap", mind="offline",
    )  # fmt: skip
    refused: list[Finding] = []
    draft = compose(MIND, dossier, report=lambda name, findings: refused.extend(findings))
    return draft, refused, " ".join(s.text for x in draft.sections for p in x.paragraphs for s in p)


def told(refused: list[Finding]) -> list[str]:
    return [f"{f.check}: {f.message} | {f.span.text if f.span else ''}" for f in refused]


@pytest.mark.parametrize(
    ("name", "kind", "outcome"),
    [*(("grokking", "main_effect", o) for o in ("supported", "refuted", "equivalent", "inconclusive", "failed_runs")),
     ("digits", "robustness", "supported"), ("digits", "robustness", "inconclusive")],
)  # fmt: skip
def test_what_a_search_found_is_told_with_its_test(name: str, kind: str, outcome: str) -> None:
    spec, every, _, _ = material(name)
    served = next(r for r in every if r.idea.kind.value == kind)
    sign = 1.0 if spec.metric(served.idea.metric).goal == "max" else -1.0
    e = explored(spec, served, found=True, pilot=20 * sign, nodes=9)
    draft, refused, text = write(name, served, outcome, e)
    assert not refused, told(refused)
    assert "exploratory" in text and r"\val{search.nodes}" in text and r"\ref{tab:search}" in text
    assert r"\val{search.asked}" in text, "that the search was cut short is said"
    assert "the distance of the found configuration from the baseline" in text and "search" in [
        t.id for t in draft.tables
    ]


@pytest.mark.parametrize("outcome", ["supported", "inconclusive"])
def test_a_search_that_found_nothing_is_told_beside_the_study_of_the_question(outcome: str) -> None:
    spec, every, _, _ = material("grokking")
    e = explored(spec, every[0], found=False, pilot=0.0)
    draft, refused, text = write("grokking", every[0], outcome, e)
    assert not refused, told(refused)
    assert "none that scored above the baseline" in text and r"\val{search.candidates}" in text
    assert "search" not in [t.id for t in draft.tables] and r"\val{search.asked}" not in text
