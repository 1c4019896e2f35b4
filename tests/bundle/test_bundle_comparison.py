"""Published against reproduced: what counts as identical, as within tolerance, and as different."""

from __future__ import annotations

from typing import Any

import pytest

from scientist.bundle.compare import Agreement, compare, compare_runs
from scientist.types import Claim, DatasetResult, Evidence, Quantity, Run, RunResult, RunStatus, Verdict
from tests.support_runs import three_condition_plan

PLAN = three_condition_plan()


def quantity(value: float | str, **fields: Any) -> Quantity:
    known = {"id": "q", "label": "a quantity", "value": value, "display": str(value), "kind": "mean"}
    return Quantity.model_validate(known | fields)


def evidence(*quantities: Quantity, verdict: Verdict = Verdict.SUPPORTED, observed: str = "increase") -> Evidence:
    claim = Claim.model_validate(
        {"id": "claim.main", "contrast": "main", "statement": "It rises.", "metric": "m", "dataset": "d",
         "hypothesised": "increase", "observed": observed, "verdict": verdict,
         "significant": verdict in (Verdict.SUPPORTED, Verdict.REFUTED), "confirmatory": True, "better": True,
         "test": "t", "quantities": ()}
    )  # fmt: skip
    return Evidence(plan_sha256="0", look=1, quantities=quantities, claims=(claim,))


def agreement(before: Quantity, after: Quantity) -> tuple[Agreement, str]:
    row = compare(evidence(before), evidence(after), PLAN).quantities[0]
    return row.agreement, row.tolerance


@pytest.mark.parametrize(
    ("before", "after", "expected", "reason"),
    [
        (quantity(1.5), quantity(1.5), Agreement.IDENTICAL, ""),
        (quantity(1.5, low=1.0, high=2.0), quantity(1.9, low=1.4, high=2.4), Agreement.WITHIN, "published interval"),
        (quantity(1.5, low=1.0, high=2.0), quantity(2.1, low=1.6, high=2.6), Agreement.DIFFERENT, "published interval"),
        (quantity(1.5, low=1.0, high=2.0), quantity(1.5, low=1.1, high=1.9), Agreement.WITHIN, "published interval"),
        (quantity(1.5), quantity(1.5000001), Agreement.DIFFERENT, "must be the same"),
        (quantity("on", kind="setting"), quantity("off", kind="setting"), Agreement.DIFFERENT, "another value"),
        (quantity(0.01, kind="p_value"), quantity(0.02, kind="p_value"), Agreement.WITHIN, "same side"),
        (quantity(0.01, kind="p_value"), quantity(0.03, kind="p_value"), Agreement.DIFFERENT, "other side"),
        (quantity(1.0, kind="sd", n=5), quantity(1.5, kind="sd", n=5), Agreement.WITHIN, "sampling interval"),
        (quantity(1.0, kind="sd", n=5), quantity(4.0, kind="sd", n=5), Agreement.DIFFERENT, "sampling interval"),
        (quantity(1.0, kind="effect_size", n=6), quantity(1.3, kind="effect_size", n=6), Agreement.WITHIN, "sampling"),
        (quantity(1.0, kind="effect_size", n=6), quantity(3.0, kind="effect_size", n=6), Agreement.DIFFERENT, "outs"),
        (quantity(3, kind="count", n=6), quantity(2, kind="count", n=6), Agreement.DIFFERENT, "must be the same"),
    ],
)
def test_each_kind_of_quantity(before: Quantity, after: Quantity, expected: Agreement, reason: str) -> None:
    found, why = agreement(before, after)
    assert found is expected
    assert reason in why


def test_counts_of_unfinished_runs_have_a_binomial_tolerance() -> None:
    fields: dict[str, Any] = {"id": "censored.a", "kind": "count", "n": 6}
    assert agreement(quantity(3, **fields), quantity(2, **fields))[0] is Agreement.WITHIN
    assert agreement(quantity(6, **fields), quantity(0, **fields))[0] is Agreement.DIFFERENT


def test_times_stand_apart_and_decide_nothing() -> None:
    slow, fast = (quantity(v, id="time.total", kind="time", volatile=True) for v in (90.0, 10.0))
    compared = compare(evidence(slow), evidence(fast), PLAN)
    assert compared.quantities == ()
    assert [(m.published, m.reproduced) for m in compared.volatile] == [("90.0", "10.0")]
    assert compared.agreement is Agreement.IDENTICAL


def test_a_lost_quantity_is_different_and_an_added_one_decides_nothing() -> None:
    compared = compare(evidence(quantity(1.0)), evidence(quantity(1.0, id="other")), PLAN)
    assert [(r.id, r.agreement) for r in compared.quantities] == [("q", Agreement.DIFFERENT)]
    assert [a.id for a in compared.added] == ["other"]
    more = compare(evidence(quantity(1.0)), evidence(quantity(1.0), quantity(1.0, id="other")), PLAN)
    assert more.agreement is Agreement.IDENTICAL


def test_a_claim_must_keep_its_verdict_and_its_direction() -> None:
    published = evidence()
    assert compare(published, evidence(), PLAN).agreement is Agreement.IDENTICAL
    lost = compare(published, evidence(verdict=Verdict.INCONCLUSIVE), PLAN)
    assert (lost.claims[0].reproduced, lost.agreement) == (Verdict.INCONCLUSIVE, Agreement.DIFFERENT)
    assert compare(published, evidence(observed="decrease"), PLAN).agreement is Agreement.DIFFERENT


def test_a_claim_that_was_not_published_is_named() -> None:
    withheld = compare(evidence().model_copy(update={"claims": ()}), evidence(), PLAN)
    assert [(c.id, c.published, c.agreement) for c in withheld.claims] == [("claim.main", None, Agreement.DIFFERENT)]


def run_at(seed: int, value: float | None) -> RunResult:
    status = RunStatus.CRASHED if value is None else RunStatus.OK
    run = Run(condition="a", seed=seed, status=status, wall_s=1.0, sandbox="none", started_at="")
    results = {} if value is None else {"d": DatasetResult(means={"m": value, "k": 2.0})}
    return RunResult(run=run, folder="", results=results)


def test_runs_are_compared_value_by_value() -> None:
    rows = compare_runs(
        [run_at(1, 1.0), run_at(2, 1.0), run_at(3, 1.0)], [run_at(1, 1.0), run_at(2, 1.1), run_at(3, None)]
    )
    assert [r.agreement for r in rows] == [Agreement.IDENTICAL, Agreement.WITHIN, Agreement.DIFFERENT]
    assert [(r.identical, r.values) for r in rows] == [(2, 2), (1, 2), (0, 2)]
    assert rows[1].largest_deviation == pytest.approx(0.1 / 1.1)
