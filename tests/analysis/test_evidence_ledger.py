"""Tests of the ledger: its numbers lie where it says, its verdicts follow the tests, and order does not matter."""

from __future__ import annotations

import json
import random
import re
from functools import reduce

import numpy as np
import pytest
from scipy import stats
from support_runs import fake_spec, three_condition_plan, two_condition_plan, write_runs

from scientist.analysis.ledger import build_evidence
from scientist.errors import ScientistError
from scientist.types import DatasetResult, Evidence, Verdict
from scientist.workspace import canonical_json


def build(plan, results, look=1, spec=None) -> Evidence:
    return build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec or fake_spec(), results=results, look=look)


def with_values(results, change):
    """The results with each metric replaced by ``change(run, metric, value)``."""
    return [
        r.model_copy(
            update={
                "results": {
                    d: DatasetResult(means={m: change(r.run, m, v) for m, v in x.means.items()})
                    for d, x in r.results.items()
                }
            }
        )
        for r in results
    ]


def follow(root, pointer):
    """The value at ``path#/json/pointer`` under a run folder."""
    path, _, steps = pointer.partition("#/")
    value = json.loads((root / path).read_text())
    keys = [s.replace("~1", "/").replace("~0", "~") for s in steps.split("/")]
    return reduce(lambda v, k: v[int(k)] if isinstance(v, list) else v[k], keys, value)


def test_every_measured_source_exists_and_means_follow_from_it(study):
    for q in study.evidence.quantities:
        values = [follow(study.root, s) for s in q.sources if not s.startswith("plan.json")]
        if q.kind == "mean":
            assert np.mean(values) == pytest.approx(q.value)
            assert len(values) == q.n == len(q.seeds)
        if q.kind == "sd":
            assert np.std(values, ddof=1) == pytest.approx(q.value)


def test_plan_pointers_hold_what_the_ledger_says(study):
    plan = json.loads(study.plan.model_dump_json())
    checked = 0
    for q in study.evidence.quantities:
        if q.kind == "setting" and len(q.sources) == 1 and q.id != "plan.alpha_look":
            keys = q.sources[0].partition("#/")[2].split("/")
            file = q.sources[0].partition("#")[0]
            held = plan if file == "plan.json" else json.loads((study.root / file).read_text())
            value = reduce(lambda v, k: v[int(k)] if isinstance(v, list) else v[k], keys, held)
            shown = {True: "on", False: "off"}[value] if isinstance(value, bool) else value
            assert shown == q.value
            checked += 1
    assert checked >= 2


def test_same_runs_in_any_order_give_the_same_bytes(study):
    shuffled = list(study.results)
    random.Random(4).shuffle(shuffled)
    again = build(study.plan, shuffled, spec=study.spec)
    assert canonical_json(again) == canonical_json(study.evidence)


def test_ids_are_unique_and_claims_name_known_quantities(study):
    ids = [q.id for q in study.evidence.quantities]
    assert len(set(ids)) == len(ids)
    for claim in study.evidence.claims:
        assert set(claim.quantities) <= set(ids)


def test_displays_are_latex_text_without_loose_specials(study):
    for q in study.evidence.quantities:
        for text in (q.display, q.display_interval):
            assert not re.search(r"(?<!\\)[%&#_]|[<>](?!\$)|−", text), q.id
            assert not re.search(r"(?<![$\d])-\d", text), q.id


def test_promised_quantities_are_there(dose):
    ids = {q.id for q in dose.evidence.quantities}
    expected = {
        "cfg.steps", "cfg.optimizer", "plan.seeds", "plan.conditions", "plan.alpha", "plan.alpha_look", "plan.looks",
        "plan.level", "plan.tests", "plan.timeout", "runs.planned", "runs.ok", "runs.failed", "sesoi.val_acc",
        "level.weight_decay-0.1.weight_decay", "mean.weight_decay-0.1.addition.val_acc",
        "sd.weight_decay-0.1.addition.val_acc", "effect.main", "p.main", "padj.main", "g.main", "tost.main",
        "perm.main", "n.main", "censored.weight_decay-0.addition.steps_to_fit", "time.total", "time.run", "rss.peak",
    }  # fmt: skip
    assert expected <= ids
    assert {c.id for c in dose.evidence.claims} == {f"claim.{c.id}" for c in dose.plan.contrasts}


def test_displays_of_settings_and_counts(dose):
    shown = {q.id: q.display for q in dose.evidence.quantities}
    assert shown["cfg.steps"] == r"12\,000"
    assert shown["cfg.lr"] == "0.001"
    assert shown["cfg.optimizer"] == r"adam\_w"
    assert shown["cfg.augment"] == "off"
    assert shown["plan.level"] == r"97.5\%"
    assert (shown["runs.planned"], shown["runs.ok"], shown["runs.failed"]) == ("18", "17", "1")
    assert shown["plan.tests"] == "3"


def test_contrast_is_the_paired_t_test_of_scipy_on_complete_seeds(dose):
    at = {(r.run.condition, r.run.seed): r.results["addition"].means["val_acc"] for r in dose.results if r.results}
    seeds = [1, 3, 4, 5, 6]
    expected = stats.ttest_rel([at["weight_decay-1", s] for s in seeds], [at["weight_decay-0", s] for s in seeds])
    effect = dose.evidence.quantity("effect.main")
    assert effect.seeds == tuple(seeds)
    assert dose.evidence.quantity("p.main").value == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval(0.975)
    assert (effect.low, effect.high, effect.level) == pytest.approx((interval.low, interval.high, 0.975))
    assert effect.display.startswith("+")
    ps = [dose.evidence.quantity(f"p.{c}").value for c in ("main", "trend", "main.division")]
    assert dose.evidence.quantity("padj.main.division").value == pytest.approx(min(max(3 * min(ps), ps[2]), 1), rel=2)


def test_exploratory_contrasts_are_not_in_the_family(dose):
    ids = {q.id for q in dose.evidence.quantities}
    assert "padj.also.ece" not in ids
    assert not dose.evidence.claim("claim.also.ece").confirmatory
    assert "exploratory" in dose.evidence.claim("claim.also.ece").statement


@pytest.mark.parametrize(
    ("shift", "noise", "verdict", "observed"),
    [
        (0.10, 0.010, Verdict.SUPPORTED, "increase"),
        (-0.10, 0.010, Verdict.REFUTED, "decrease"),
        (0.0005, 0.001, Verdict.EQUIVALENT, "increase"),
        (0.02, 0.08, Verdict.INCONCLUSIVE, "increase"),
    ],
)
def test_verdicts(tmp_path, shift, noise, verdict, observed):
    plan = two_condition_plan()
    pattern = dict(zip(plan.seeds, (-1, 1, -0.5, 0.5, -0.8, 0.8), strict=True))

    def value(run, metric, old):
        return 0.7 if run.condition == "weight_decay-0" else 0.7 + shift + noise * pattern[run.seed]

    claim = build(plan, with_values(write_runs(tmp_path, plan), value)).claim("claim.main.addition")
    assert (claim.verdict, claim.observed) == (verdict, observed)
    assert claim.significant is (verdict in (Verdict.SUPPORTED, Verdict.REFUTED))
    assert claim.better is (observed == "increase")


def test_better_follows_the_goal_of_the_metric_and_interactions_have_none(dose, tmp_path):
    ece = dose.evidence.claim("claim.also.ece")
    assert (ece.observed, ece.better) == ("increase", False)
    from support_runs import factorial_plan

    plan = factorial_plan()
    evidence = build(plan, write_runs(tmp_path, plan))
    assert evidence.claim("claim.interaction").better is None
    assert evidence.claim("claim.simple.base").better is not None


def test_equal_values_give_no_interval_and_say_so(tmp_path):
    plan = two_condition_plan()
    results = with_values(write_runs(tmp_path, plan), lambda run, m, v: 0.5)
    evidence = build(plan, results)
    effect = evidence.quantity("effect.main.addition")
    assert (effect.value, effect.low, effect.display_interval) == (0.0, None, "")
    assert evidence.quantity("p.main.addition").value == 1.0
    assert evidence.claim("claim.main.addition").test == "exact sign-flip test over seeds"
    assert any("exactly zero" in w for w in evidence.warnings)


def test_one_seed_claims_nothing(tmp_path):
    plan = two_condition_plan(seeds=(1,))
    evidence = build(plan, write_runs(tmp_path, plan))
    claim = evidence.claim("claim.main.addition")
    assert (claim.verdict, claim.significant, claim.test) == (Verdict.INCONCLUSIVE, False, "no test")
    assert "p.main.addition" not in {q.id for q in evidence.quantities}


def test_all_runs_of_a_condition_failed(tmp_path):
    plan = two_condition_plan()
    results = write_runs(tmp_path, plan, failed=[("weight_decay-0", s) for s in plan.seeds])
    evidence = build(plan, results)
    assert evidence.claim("claim.main.addition").verdict is Verdict.INCONCLUSIVE
    assert not any(q.id.startswith(("effect.", "mean.weight_decay-0.")) for q in evidence.quantities)
    assert any("failed (crashed)" in w for w in evidence.warnings)


def test_wholly_censored_conditions_are_not_called_equivalent(tmp_path):
    plan = three_condition_plan()
    results = with_values(write_runs(tmp_path, plan), lambda run, m, v: 12_000.0 if m == "steps_to_fit" else v)
    evidence = build(plan, results)
    claim = evidence.claim("claim.also.steps_to_fit")
    assert (claim.verdict, claim.test) == (Verdict.INCONCLUSIVE, "no test")
    assert evidence.quantity("censored.weight_decay-1.addition.steps_to_fit").value == 6
    assert evidence.quantity("mean.weight_decay-1.addition.steps_to_fit").label.startswith("restricted mean")


@pytest.mark.parametrize(("reaching", "verdict"), [(1, Verdict.INCONCLUSIVE), (3, Verdict.EQUIVALENT)])
def test_mostly_censored_conditions_are_not_called_equivalent(tmp_path, reaching, verdict):
    """Runs that end at their budget differ little there, whatever they would have taken: three of four say nothing."""
    plan = three_condition_plan()
    late = sorted(plan.seeds)[:reaching]

    def steps(run, m, v):
        early = run.seed in late and run.condition == plan.conditions[-1].id
        return v if m != "steps_to_fit" else 11_999.0 if early else 11_998.0 if run.seed in late else 12_000.0

    evidence = build(plan, with_values(write_runs(tmp_path, plan), steps))
    claim = evidence.claim("claim.also.steps_to_fit")
    assert claim.verdict is verdict
    assert ("did not reach the mark" in claim.statement) is (verdict is Verdict.INCONCLUSIVE)
    assert any(q.id == "effect.also.steps_to_fit" for q in evidence.quantities)


def test_second_look_uses_all_seeds_and_the_same_alpha(tmp_path):
    plan = two_condition_plan()
    evidence = build(plan, write_runs(tmp_path, plan, extended=True), look=2)
    assert evidence.quantity("n.main.addition").value == 9
    assert evidence.quantity("plan.alpha_look").value == 0.025
    assert evidence.quantity("plan.seeds").value == 9


def test_runs_outside_the_plan_are_refused(tmp_path):
    plan = two_condition_plan()
    extended = write_runs(tmp_path, plan, extended=True)
    with pytest.raises(ScientistError, match="not in the plan at look 1"):
        build(plan, extended)
    with pytest.raises(ScientistError, match="run twice"):
        build(plan, [extended[0], extended[0]])
    with pytest.raises(ScientistError, match="look 3"):
        build(plan, extended, look=3)


def test_replication_describes_and_claims_nothing(tmp_path):
    from support_runs import replication_plan, replication_spec

    plan = replication_plan()
    evidence = build(plan, write_runs(tmp_path, plan), spec=replication_spec())
    shown = {q.id: q for q in evidence.quantities}
    assert evidence.claims == ()
    assert shown["mean.baseline.enwik8.train-time"].metric == "Train Time"
    assert shown["sd.baseline.shakespeare_char.val_loss"].n == 3
    assert shown["name.dataset.enwik8"].display == "enwik8"
    assert re.fullmatch(r"\d\.\d{4}", shown["mean.baseline.enwik8.val_loss"].display)
