"""Fake runs of each kind of plan, with the ledger built from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from support_runs import (
    factorial_plan,
    fake_spec,
    replication_plan,
    replication_spec,
    three_condition_plan,
    two_condition_plan,
    write_runs,
)

from scientist.analysis.figures import draw_figures
from scientist.analysis.ledger import build_evidence
from scientist.types import Evidence, Figure, IdeaKind, Plan, RunResult, TemplateSpec

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


class Studies:
    """Each study, run and drawn once in a test session."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._studies: dict[str, Study] = {}
        self._figures: dict[str, tuple[Figure, ...]] = {}

    def get(self, name: str) -> Study:
        if name not in self._studies:
            self._studies[name] = _study(name, self.root / name)
        return self._studies[name]

    def figures(self, name: str) -> tuple[Figure, ...]:
        if name not in self._figures:
            study = self.get(name)
            self._figures[name] = self.draw(study, study.root / "figures")
        return self._figures[name]

    @staticmethod
    def draw(study: Study, folder: Path) -> tuple[Figure, ...]:
        return draw_figures(
            plan=study.plan,
            spec=study.spec,
            results=study.results,
            evidence=study.evidence,
            run_root=study.root,
            folder=folder,
        )


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Studies:
    return Studies(tmp_path_factory.mktemp("studies"))


@pytest.fixture(params=PLANS)
def study(request: pytest.FixtureRequest, studies: Studies) -> Study:
    return studies.get(request.param)


@pytest.fixture
def dose(studies: Studies) -> Study:
    return studies.get("dose")


def _study(name: str, root: Path) -> Study:
    """One run of the first condition has failed, as runs do."""
    plan = PLANS[name]()
    spec = replication_spec() if name == "runs" else fake_spec()
    results = write_runs(root, plan, failed=[(plan.conditions[0].id, 2)])
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1)
    return Study(name, root, plan, spec, results, evidence)
