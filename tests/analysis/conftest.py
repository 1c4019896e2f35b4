"""Fake runs of each kind of plan, with the ledger built from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from support_runs import (  # noqa: E402
    factorial_plan,
    fake_spec,
    replication_plan,
    replication_spec,
    three_condition_plan,
    two_condition_plan,
    write_runs,
)

from scientist.analysis.ledger import build_evidence  # noqa: E402
from scientist.types import Evidence, IdeaKind, Plan, RunResult, TemplateSpec  # noqa: E402

PLANS = {
    "dose": three_condition_plan,
    "interaction": factorial_plan,
    "effect": lambda: two_condition_plan(IdeaKind.ROBUSTNESS),
    "trade_off": lambda: two_condition_plan(IdeaKind.TRADE_OFF),
    "runs": replication_plan,
}


class Study(NamedTuple):
    """A plan that was run: its folder, its results and its ledger."""

    name: str
    root: Path
    plan: Plan
    spec: TemplateSpec
    results: tuple[RunResult, ...]
    evidence: Evidence


@pytest.fixture(scope="session", params=PLANS)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return _study(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session")
def dose(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return _study("dose", tmp_path_factory.mktemp("dose"))


def _study(name: str, root: Path) -> Study:
    """One run of the first condition has failed, as runs do."""
    plan = PLANS[name]()
    spec = replication_spec() if name == "runs" else fake_spec()
    results = write_runs(root, plan, failed=[(plan.conditions[0].id, 2)])
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1)
    return Study(name, root, plan, spec, results, evidence)
