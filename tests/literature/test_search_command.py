"""``scientist search`` and the survey stage on the sources of a configuration, over the loopback services."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scientist.config import RunConfig
from scientist.events import EventLog, read_lines
from scientist.graph import nodes
from scientist.literature.answers import Answers, remembered
from scientist.literature.base import Finder
from scientist.literature.library import Library
from scientist.literature.openalex import OpenAlexSource
from scientist.literature.patience import Patience
from scientist.literature.semantic_scholar import SemanticScholarSource
from scientist.mind.offline import OfflineMind
from scientist.types import Reference, RelatedSpec, TemplateSpec
from scientist.workspace import RunFolder, read_json

ONLINE = ("arxiv", "semantic_scholar", "openalex")


@pytest.fixture
def environment(service: Any, tmp_path: Path, library_home: Path) -> dict[str, str]:
    """The command's environment: the loopback services, and a cache of its own; online."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SCIENTIST_")}
    return kept | {
        "SCIENTIST_HOME": str(library_home),
        "SCIENTIST_CACHE_DIR": str(tmp_path / "cache"),
        "SCIENTIST_ARXIV_URL": f"{service.address}/api/query",
        "SCIENTIST_S2_URL": service.address,
        "SCIENTIST_OPENALEX_URL": f"{service.address}/openalex",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


def search(environment: dict[str, str], *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scientist.cli.main", "search", "grokking overfitting", *args]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_the_command_says_which_sources_answered(service: Any, environment: dict[str, str], tmp_path: Path) -> None:
    done = search(environment, "--limit", "3", cwd=tmp_path)
    assert all(f"{name} (3 found)" in done.stderr for name in ONLINE), done.stderr
    assert "library (" in done.stderr
    asked = len(service.requests)
    assert asked == 3, "one request for each online source"
    again = search(environment, "--offline", "--json", cwd=tmp_path)
    assert all(f"{name} (3 found, on 20" in again.stderr for name in ONLINE), again.stderr
    found = [Reference.model_validate(r) for r in json.loads(again.stdout)]
    assert any(r.reason.startswith("found by “grokking overfitting” in arxiv") for r in found)
    assert len(service.requests) == asked, "offline nothing is asked"


def test_the_command_reports_a_fault_and_prints_what_the_others_found(
    service: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    service.script = [401]
    done = search(environment, cwd=tmp_path)
    assert "arxiv: arXiv answered HTTP 401" in done.stderr
    assert "answered: library (" in done.stderr
    assert "Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets" in done.stdout


def test_offline_from_the_environment_asks_nothing(service: Any, environment: dict[str, str], tmp_path: Path) -> None:
    done = search(environment | {"SCIENTIST_RUN_OFFLINE": "1"}, cwd=tmp_path)
    assert service.requests == []
    assert "offline, others were not asked" in done.stderr and "HTTP" not in done.stderr


def survey_stage(root: Path, sources: tuple[Any, ...], *, offline: bool) -> tuple[RunFolder, list[dict[str, Any]]]:
    """Run the stage in ``root``; its folder and its events."""
    folder = RunFolder(root, root)
    root.mkdir()
    events = EventLog(folder.events)
    related = (RelatedSpec(id="adam", title="Adam: A Method for Stochastic Optimization", claim="It is {cite}."),)
    (root / "experiment.py").write_text("")
    mind = OfflineMind()
    mind.queries = lambda topic, template: ("grokking overfitting",)  # type: ignore[method-assign]
    services = SimpleNamespace(
        config=RunConfig(offline=offline, search_seconds=5.0),
        folder=folder,
        events=events,
        spec=TemplateSpec(name="t", path=str(root), contract="scientist", title="Grokking", related=related),
        template_folder=root,
        workers=1,
        mind=mind,
        sources=sources,
        finders=tuple(s for s in sources[:1] if isinstance(s, Finder)),
    )
    nodes.survey({"topic": "does weight decay speed up grokking?"}, SimpleNamespace(context=services))  # type: ignore[arg-type]
    return folder, list(read_lines(folder.events))


def test_the_survey_stage_writes_what_was_found_why_and_by_whom(
    service: Any, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIENTIST_ARXIV_PDF_URL", f"{service.address}/pdf")
    store = Answers(tmp_path / "cache")

    def sources(offline: bool) -> tuple[Any, ...]:
        online = (
            SemanticScholarSource(base_url=service.address, patience=Patience()),
            OpenAlexSource(base_url=f"{service.address}/openalex", patience=Patience()),
        )
        return remembered((library, *online), offline=offline, answers=store)

    folder, events = survey_stage(tmp_path / "one", sources(False), offline=False)
    lines = folder.literature.read_text(encoding="utf-8").splitlines()
    references = [Reference.model_validate_json(line) for line in lines]
    assert references[0].related == "adam" and references[0].reason == "named by the template"
    assert all(r.reason for r in references)
    assert any(r.reason.startswith("cited by “") and "says" in r.reason for r in references)
    rows = read_json(folder.root / "survey.json")
    assert [row["key"] for row in rows] == [r.key for r in references]
    assert {"key", "title", "year", "reason", "did", "open"} == set(rows[0])
    answered = next(e for e in events if e["kind"] == "sources.answered")
    assert answered["answered"] == ["library", "semantic_scholar", "openalex"] and answered["silent"] == {}
    searches = read_json(folder.search_record)["searches"]
    assert len([e for e in events if e["kind"] == "search.finished"]) == len(searches)

    asked = len(service.requests)
    again, _ = survey_stage(tmp_path / "two", sources(True), offline=True)
    assert len(service.requests) == asked
    assert again.literature.read_bytes() == folder.literature.read_bytes(), "kept answers give the same references"
