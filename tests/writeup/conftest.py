"""Fixtures of the write-up tests: the small study of small_study.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_study import draw, the_draft, the_evidence, the_facts, the_plan, the_spec

from scientist.types import Draft, Evidence, Plan, TemplateSpec
from scientist.writeup.checks import Context, context_of
from scientist.writeup.latex import RunFacts


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    return the_evidence()


@pytest.fixture(scope="session")
def spec() -> TemplateSpec:
    return the_spec()


@pytest.fixture(scope="session")
def plan() -> Plan:
    return the_plan()


@pytest.fixture(scope="session")
def facts() -> RunFacts:
    return the_facts()


@pytest.fixture(scope="session")
def draft() -> Draft:
    return the_draft()


@pytest.fixture(scope="session")
def context(draft: Draft, evidence: Evidence) -> Context:
    return context_of(draft, evidence)


@pytest.fixture(scope="session")
def run_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("run")
    (root / "figures").mkdir()
    draw(root / "figures" / "effect.pdf")
    return root
