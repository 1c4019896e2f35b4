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

from scientist.analysis.choice import FigureRequest
from scientist.analysis.figures import draw_figures, drawings, write_figures
from scientist.analysis.ledger import build_evidence
from scientist.analysis.sheet import Drawing
from scientist.analysis.style import styled
from scientist.types import Evidence, Figure, IdeaKind, Plan, RunResult, TemplateSpec

PLANS = {
    "dose": three_condition_plan,
    "interaction": factorial_plan,
    "effect": lambda: two_condition_plan(IdeaKind.ROBUSTNESS),
    "trade_off": lambda: two_condition_plan(IdeaKind.TRADE_OFF),
    "runs": replication_plan,
}
DRAWN = {
    **PLANS,
    "cells": lambda: two_condition_plan(seeds=tuple(range(1, 15)), looks=1, extension_seeds=()),
    "censored": lambda: on_metric(three_condition_plan(), "steps_to_fit"),
}
"""Plans of whose figures the others have none."""
TRACED = ("dose", "effect", "runs")
"""Studies whose runs leave curves and samples; drawing those of all takes too long."""


def on_metric(plan: Plan, metric: str) -> Plan:
    """The same design with its confirmatory contrasts on another metric."""
    moved = (c.model_copy(update={"metric": metric}) if c.confirmatory else c for c in plan.contrasts)
    kept = tuple(c for c in moved if c.confirmatory or c.metric != metric)
    return plan.model_copy(update={"metric": metric, "sesoi": 500.0, "contrasts": kept})


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
        self._figures: dict[str, tuple[tuple[Figure, ...], tuple[tuple[FigureRequest, Drawing], ...]]] = {}

    def get(self, name: str) -> Study:
        if name not in self._studies:
            self._studies[name] = _study(name, self.root / name)
        return self._studies[name]

    def figures(self, name: str) -> tuple[Figure, ...]:
        return self._drawn(name)[0]

    def drawings(self, name: str) -> tuple[tuple[FigureRequest, Drawing], ...]:
        """The same figures as they were drawn, laid out."""
        return self._drawn(name)[1]

    def _drawn(self, name: str) -> tuple[tuple[Figure, ...], tuple[tuple[FigureRequest, Drawing], ...]]:
        if name not in self._figures:
            s = self.get(name)
            with styled():
                found = tuple(
                    drawings(plan=s.plan, spec=s.spec, results=s.results, evidence=s.evidence, run_root=s.root)
                )
                written = write_figures(found, s.root, s.root / "figures")
                for _, drawing in found:
                    drawing.canvas.draw_without_rendering()
            self._figures[name] = (written, found)
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


@pytest.fixture(params=DRAWN)
def drawn(request: pytest.FixtureRequest, studies: Studies) -> Study:
    """A study with figures to look at; every form of figure is in one."""
    return studies.get(request.param)


@pytest.fixture
def dose(studies: Studies) -> Study:
    return studies.get("dose")


def _study(name: str, root: Path) -> Study:
    """One run of the first condition has failed, as runs do."""
    plan = DRAWN[name]()
    spec = replication_spec() if name == "runs" else fake_spec()
    results = write_runs(root, plan, failed=[(plan.conditions[0].id, 2)])
    for file in root.glob("nodes/*/seed_*/*.json") if name not in TRACED else ():
        if file.name in ("curves.json", "samples.json"):
            file.unlink()
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1)
    return Study(name, root, plan, spec, results, evidence)
