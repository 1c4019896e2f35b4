"""The gate: when a draft is published, revised, extended or stopped."""

from __future__ import annotations

from typing import Any

from scientist.graph.gate import best_round, decide, lacks_evidence
from scientist.types import (
    Action,
    Claim,
    Condition,
    Contrast,
    Evidence,
    Finding,
    IdeaKind,
    Plan,
    Point,
    Quantity,
    Review,
    Severity,
    Verdict,
)


def make_plan(extension: tuple[int, ...] = (9, 10)) -> Plan:
    contrast = Contrast(
        id="main", label="b minus a", weights={"a": -1, "b": 1}, metric="m", dataset="d", direction="increase"
    )
    return Plan(
        idea_id="i", kind=IdeaKind.MAIN_EFFECT, template="t", template_hash="h", preset="smoke", question="q",
        hypothesis="h", settings={},
        conditions=(Condition(id="a", label="a", baseline=True), Condition(id="b", label="b")),
        datasets=("d",), seeds=(1, 2), extension_seeds=extension, metric="m", metrics=("m",), contrasts=(contrast,),
        test="paired_t", alpha=0.05, looks=2, sesoi=0.1, stopping_rule="s", timeout_s=1, estimated_minutes=1,
    )  # fmt: skip


def make_evidence(verdict: Verdict) -> Evidence:
    claim = Claim(
        id="claim.main", contrast="main", statement="s", metric="m", dataset="d", hypothesised="increase",
        observed="increase", verdict=verdict, significant=verdict is Verdict.SUPPORTED, confirmatory=True, better=True,
        test="t", quantities=(),
    )  # fmt: skip
    return Evidence(plan_sha256="x", look=1, quantities=(), claims=(claim,))


def make_review(overall: float, *, errors: int = 0, weakness: str = "w") -> Review:
    findings = tuple(Finding(check="c", severity=Severity.ERROR, message=f"e{i}") for i in range(errors))
    scores = dict.fromkeys(
        ("soundness", "presentation", "contribution", "originality", "quality", "clarity", "significance"), 2
    )
    return Review(
        summary="s", strengths=(), weaknesses=(Point(text=weakness),), overall=overall, confidence=2, decision="reject",
        reviewer="r", findings=findings, **scores,
    )  # fmt: skip


def gate(*reviews: Review, verdict: Verdict = Verdict.SUPPORTED, **options: Any) -> Any:
    settings: dict[str, Any] = {"min_score": 5.0, "max_rounds": 2, "extended": False, "plan": make_plan()}
    return decide(reviews, evidence=make_evidence(verdict), **(settings | options))


def test_a_good_draft_is_published() -> None:
    assert gate(make_review(5.0)).action is Action.PUBLISH


def test_an_error_finding_is_never_published() -> None:
    assert gate(make_review(9.0, errors=1)).action is Action.REVISE


def test_weak_evidence_asks_for_more_runs_once() -> None:
    weak = make_review(4.0)
    assert gate(weak, verdict=Verdict.INCONCLUSIVE).action is Action.EXTEND
    assert gate(weak, verdict=Verdict.INCONCLUSIVE, extended=True).action is Action.REVISE
    assert gate(weak, verdict=Verdict.INCONCLUSIVE, plan=make_plan(extension=())).action is Action.REVISE


def test_a_null_result_shown_by_equivalence_needs_no_more_runs() -> None:
    assert gate(make_review(4.0), verdict=Verdict.EQUIVALENT).action is Action.REVISE


def test_rounds_are_bounded_and_the_best_draft_is_kept() -> None:
    reviews = (make_review(4.5), make_review(4.8, errors=1), make_review(4.0))
    decision = gate(*reviews)
    assert decision.action is Action.STOP
    assert decision.best_round == 0
    assert best_round((make_review(3.0), make_review(4.0))) == 1


def test_evidence_that_the_time_budget_does_not_pay_for_is_not_asked_for() -> None:
    assert gate(make_review(3), verdict=Verdict.INCONCLUSIVE).action is Action.EXTEND
    assert gate(make_review(3), verdict=Verdict.INCONCLUSIVE, affordable=False).action is Action.REVISE


def test_a_revision_that_changes_nothing_stops() -> None:
    assert gate(make_review(4.0), make_review(4.0)).action is Action.STOP
    assert gate(make_review(4.0), make_review(4.0, weakness="other")).action is Action.REVISE


def with_interval(low: float, high: float, verdict: Verdict = Verdict.SUPPORTED) -> Evidence:
    effect = Quantity(
        id="effect.main", label="e", value=(low + high) / 2, display="e", kind="contrast", low=low, high=high
    )
    bound = Quantity(id="sesoi.m", label="s", value=0.1, display="0.1", kind="setting")
    return make_evidence(verdict).model_copy(update={"quantities": (effect, bound)})


def test_an_interval_wider_than_the_smallest_effect_of_interest_asks_for_more_runs() -> None:
    plan, weak = make_plan(), make_review(4.0)
    assert lacks_evidence(with_interval(0.2, 0.35), plan) == "wide_interval"
    assert lacks_evidence(with_interval(0.2, 0.29), plan) is None
    assert lacks_evidence(with_interval(-0.09, 0.09, Verdict.EQUIVALENT), plan) is None
    assert lacks_evidence(with_interval(-0.01, 0.02, Verdict.INCONCLUSIVE), plan) == "inconclusive"
    decision = decide([weak], evidence=with_interval(0.2, 0.35), plan=plan, min_score=5, max_rounds=2, extended=False)
    assert (decision.action, decision.cause) == (Action.EXTEND, "wide_interval")
    assert "wider than the smallest effect of interest" in decision.reason
    good = decide(
        [make_review(6.0)], evidence=with_interval(0.2, 0.35), plan=plan, min_score=5, max_rounds=2, extended=False
    )
    assert good.action is Action.PUBLISH
