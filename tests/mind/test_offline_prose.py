"""The offline mind's paper passes every check, for every template, kind of study and outcome."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scientist.analysis.ledger import build_evidence
from scientist.analysis.tables import build_tables
from scientist.experiments.plan import check_plan, wall_minutes
from scientist.experiments.template import builtin_folder, find_templates, template_hash
from scientist.ideation.rank import rank
from scientist.literature.library import Library
from scientist.literature.survey import survey
from scientist.mind.base import Brief, Dossier, PlanRequest
from scientist.mind.offline import OfflineMind
from scientist.types import (
    Amendment,
    DatasetResult,
    Draft,
    Finding,
    IdeaKind,
    Plan,
    RankedIdea,
    Reference,
    Run,
    RunResult,
    RunStatus,
    SearchRecord,
    Shortfall,
    TemplateChoice,
    TemplateSpec,
    Verdict,
)
from scientist.writeup.draft import compose
from tests.support_runs import replication_spec, write_runs

MIND = OfflineMind()
TEMPLATES = tuple(t for t in find_templates() if Path(t.path).parent == builtin_folder() and t.hypotheses)
OUTCOMES = ("supported", "refuted", "equivalent", "inconclusive", "bent", "failed_runs", "out_of_budget", "out_of_time")
SESOI_UNITS = {"supported": (8.0, 0.5), "refuted": (-8.0, 0.5), "equivalent": (0.0, 0.05), "inconclusive": (0.3, 4.0),
               "bent": (8.0, 0.5), "failed_runs": (8.0, 0.5), "out_of_budget": (8.0, 0.5),
               "out_of_time": (8.0, 0.5), "mixed": (8.0, 0.05)}  # fmt: skip
"""Effect and noise of each outcome, in units of the smallest effect of interest."""


@cache
def material(name: str) -> tuple[TemplateSpec, tuple[RankedIdea, ...], tuple[Reference, ...], tuple[SearchRecord, ...]]:
    spec = next(t for t in TEMPLATES if t.name == name)
    topic = f"{spec.factors[0].label} and {spec.metrics[0].label}"
    found = survey(MIND.queries(topic, spec), sources=(Library(),), related=spec.related, limit=24, budget_s=20.0)
    brief = Brief(topic=topic, template=spec, preset="cpu", references=found.references, budget_minutes=60, workers=2)
    return spec, rank(MIND.ideas(brief), brief, ()), found.references, found.searches


def make_plan(spec: TemplateSpec, ranked: RankedIdea) -> Plan:
    plan = MIND.plan(
        PlanRequest(
            idea=ranked.idea,
            template=spec,
            template_hash=template_hash(Path(spec.path)),
            preset="cpu",
            seeds=6,
            first_seed=1,
            alpha=0.05,
            looks=2,
        )
    )
    check_plan(plan, spec, 60)
    return plan


def fake_results(plan: Plan, spec: TemplateSpec, ranked: RankedIdea, outcome: str) -> tuple[RunResult, ...]:
    """Results whose effects have the asked-for size and sign; deterministic."""
    effect, noise = SESOI_UNITS[outcome]
    rng = np.random.default_rng(5)
    idea, results = ranked.idea, []
    for seed in plan.seeds[: 4 if outcome == "out_of_time" else None]:
        for index, condition in enumerate(plan.conditions):
            means: dict[str, DatasetResult] = {}
            for dataset in plan.datasets:
                values = {}
                for metric in plan.metrics:
                    m = spec.metric(metric)
                    position = _position(plan, spec, ranked, index, outcome)
                    sign = -1.0 if idea.direction == "decrease" else 1.0
                    moved = sign * effect * position if metric == plan.metric else 0.2 * position
                    if outcome == "mixed" and dataset == plan.datasets[0]:
                        moved = 0.0
                    values[metric] = m.sesoi * (40.0 + moved + noise * rng.normal())
                    if outcome == "out_of_budget" and m.budget and condition.baseline:
                        values[metric] = float(str(plan.settings[m.budget]))
                means[dataset] = DatasetResult(means=values)
            failed = outcome == "failed_runs" and seed == 2 and index == 0
            run = Run(
                condition=condition.id, seed=seed, status=RunStatus.CRASHED if failed else RunStatus.OK,
                wall_s=9.0 + index, peak_rss_mb=300, sandbox="bubblewrap", started_at="2026-01-01T00:00:00Z",
            )  # fmt: skip
            folder = f"nodes/{condition.id}/seed_{seed}"
            results.append(RunResult(run=run, folder=folder, results={} if failed else means))
    return tuple(results)


def _position(plan: Plan, spec: TemplateSpec, ranked: RankedIdea, index: int, outcome: str) -> float:
    """Where a condition stands between control (0) and treatment (1)."""
    idea, cell = ranked.idea, plan.conditions[index]
    levels = list(idea.levels)
    at, control, treatment = (levels.index(x) for x in (cell.settings[str(idea.factor)], idea.control, idea.treatment))
    position = (at - control) / (treatment - control)
    if outcome == "bent" and 0 < index < len(plan.conditions) - 1:
        position += 2.0
    if idea.moderator and cell.settings[idea.moderator] != idea.moderator_levels[0]:
        position *= 0.2
    return position


def write(spec: TemplateSpec, ranked: RankedIdea, outcome: str) -> tuple[Draft, Dossier, list[Finding]]:
    _, every, references, searches = material(spec.name)
    plan = make_plan(spec, ranked)
    results = fake_results(plan, spec, ranked, outcome)
    short = shortfall(plan) if outcome == "out_of_time" else None
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1, shortfall=short)
    dossier = Dossier(
        topic=f"how does {spec.factor(str(ranked.idea.factor)).label} matter?", template=spec,
        choice=TemplateChoice(template=spec.name, confidence=0.7, reason="r"), chosen=ranked, considered=every,
        plan=plan,
        extended=False, evidence=evidence, runs=results, references=references, searches=searches,
        tables=build_tables(plan, spec, evidence), sandbox="bubblewrap", mind="offline",
    )  # fmt: skip
    refused: list[Finding] = []
    report: Callable[[str, tuple[Finding, ...]], None] = lambda name, findings: refused.extend(findings)  # noqa: E731
    return compose(MIND, dossier, report=report), dossier, refused


def shortfall(plan: Plan) -> Amendment:
    """Four complete seeds, and one run at a fifth."""
    planned = len(plan.conditions) * len(plan.seeds)
    finished = 4 * len(plan.conditions) + 1
    return Amendment(
        round=0, reason="r", seeds=plan.seeds[:4], plan_sha256="0" * 64,
        shortfall=Shortfall(
            look=1, budget_minutes=15, spent_minutes=15.02, seeds_planned=len(plan.seeds), runs_planned=planned,
            runs_finished=finished,
        ),
    )  # fmt: skip


def first_of_each_kind(name: str) -> list[RankedIdea]:
    _, ranked, _, _ = material(name)
    return [
        next(r for r in ranked if r.idea.kind is kind) for kind in IdeaKind if any(r.idea.kind is kind for r in ranked)
    ]


def test_reserved_seeds_are_priced() -> None:
    """Every planned and reserved run has its price, and two workers take half as long as one."""
    spec, (ranked, *_), _, _ = material("digits")
    planned = make_plan(spec, ranked)
    runs = len(planned.conditions) * len((*planned.seeds, *planned.extension_seeds))
    each = spec.preset("cpu").seconds_per_run * len(planned.datasets)
    assert planned.extension_seeds
    assert planned.estimated_minutes == pytest.approx(runs * each / 60, abs=0.01)
    assert wall_minutes(planned, 2) == pytest.approx(planned.estimated_minutes / 2)


def test_the_same_idea_priced_for_other_workers_gives_the_same_plan() -> None:
    spec, (ranked, *_), _, _ = material("digits")
    alone = ranked.model_copy(update={"idea": ranked.idea.model_copy(update={"minutes": 2 * ranked.idea.minutes})})
    assert make_plan(spec, alone) == make_plan(spec, ranked)
    assert make_plan(spec, ranked).estimated_minutes > 0


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("name", [t.name for t in TEMPLATES])
def test_the_first_idea_of_each_kind_is_written_without_a_refusal(name: str, outcome: str) -> None:
    for ranked in first_of_each_kind(name):
        draft, dossier, refused = write(dossier_spec(name), ranked, outcome)
        assert not refused, [f"{f.check}: {f.message} | {f.span.text if f.span else ''}" for f in refused]
        text = " ".join(s.text for section in draft.sections for p in section.paragraphs for s in p)
        assert r"\val{plan.seeds}" in text
        told = [name in text for name in (r"\val{time.budget}", r"\val{runs.unused}", "deviates from its plan")]
        assert all(told) if outcome == "out_of_time" else not any(told)
        main = next(c for c in dossier.evidence.claims if c.confirmatory)
        if outcome == "inconclusive" and main.verdict is Verdict.INCONCLUSIVE:
            assert "inconclusive" in text


@pytest.mark.parametrize("name", [t.name for t in TEMPLATES])
def test_every_hypothesis_has_its_meaning_told(name: str) -> None:
    spec, ranked, _, _ = material(name)
    for hypothesis in spec.hypotheses:
        idea = next(r for r in ranked if r.idea.hypothesis_id == hypothesis.id and r.idea.kind is IdeaKind.MAIN_EFFECT)
        for outcome in ("supported", "refuted", "inconclusive"):
            _, _, refused = write(spec, idea, outcome)
            assert not refused, [f"{f.check}: {f.message} | {f.span.text if f.span else ''}" for f in refused]


def dossier_spec(name: str) -> TemplateSpec:
    return material(name)[0]


@pytest.mark.parametrize("prefix", ["", "best_"])
def test_a_folder_that_declares_nothing_is_described(tmp_path: Path, prefix: str) -> None:
    """Also one that is named as published templates name theirs and their metrics ("2d_diffusion", "best_val_loss")."""
    spec = replication_spec().model_copy(update={"title": f"{prefix}2d_diffusion"} if prefix else {})
    plan = MIND.plan(
        PlanRequest(
            idea=MIND.ideas(_brief(spec))[0],
            template=spec,
            template_hash="0",
            preset="cpu",
            seeds=3,
            first_seed=1,
            alpha=0.05,
            looks=2,
        )
    )
    check_plan(plan, spec, 60)
    results = tuple(
        r.model_copy(
            update={"results": {d: DatasetResult(means={prefix + m: x for m, x in v.means.items()})
                                for d, v in r.results.items()}}
        )
        for r in write_runs(tmp_path, plan)
    )  # fmt: skip
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1)
    ranked = rank(MIND.ideas(_brief(spec)), _brief(spec), ())
    dossier = Dossier(
        topic="how repeatable is it?", template=spec, choice=MIND.given_template("how repeatable is it?", spec),
        chosen=ranked[0], considered=ranked, plan=plan, extended=False, evidence=evidence, runs=results, references=(),
        searches=(), tables=build_tables(plan, spec, evidence), sandbox="bubblewrap", mind="offline",
    )  # fmt: skip
    refused: list[Finding] = []
    draft = compose(MIND, dossier, report=lambda name, findings: refused.extend(findings))
    assert not refused
    assert "nothing is tested" in " ".join(s.text for p in draft.sections[0].paragraphs for s in p)
    given = tuple(r.model_copy(update={"run": r.run.model_copy(update={"brought": True})}) for r in results)
    draft = compose(MIND, dossier.model_copy(update={"runs": given}), report=lambda name, findings: None)
    told = " ".join(s.text for section in draft.sections for p in section.paragraphs for s in p)
    assert "given results" in draft.title and told.count("given to us") >= 3
    for untrue in ("We execute", "is executed", "was executed", "same seeds give the same"):
        assert untrue not in told


def _brief(spec: TemplateSpec) -> Brief:
    return Brief(topic="repeat", template=spec, preset="cpu", references=(), budget_minutes=60, workers=2)


def test_no_data_set_answers_for_another() -> None:
    """Null on the first data set and an effect on the second: no part says only one of them."""
    spec, every, _, _ = material("digits")
    idea = next(r for r in every if r.idea.kind is IdeaKind.ROBUSTNESS)
    draft, dossier, refused = write(spec, idea, "mixed")
    assert not refused
    found = {c.contrast.removeprefix("main."): c.verdict for c in dossier.evidence.claims if c.contrast[:5] == "main."}
    labels = {d.name: d.label for d in spec.datasets}
    null = [labels[d] for d, v in found.items() if v is Verdict.EQUIVALENT]
    shown = [labels[d] for d, v in found.items() if v is Verdict.SUPPORTED]
    assert len(null) == 1 and len(shown) == 2
    for name in ("abstract", "results", "discussion", "conclusion"):
        section = next(s for s in draft.sections if s.name == name)
        text = " ".join(s.text for p in section.paragraphs for s in p)
        assert all(label in text for label in (*null, *shown)), name
    discussion = next(s for s in draft.sections if s.name == "discussion")
    no = next(s.text for p in discussion.paragraphs for s in p if "the answer is no" in s.text)
    assert null[0] in no and not any(label in no for label in shown)
