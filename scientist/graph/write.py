"""Gathers the dossier that a writer may use, and keeps each round's draft, so that the best one can be published."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scientist import __version__
from scientist.events import read_lines
from scientist.experiments.brought import NOT_RUN
from scientist.experiments.exploring import read_explored
from scientist.experiments.plan import extension_of, frozen, seeds_of
from scientist.experiments.stage import load_results
from scientist.graph.reading import read_ranked, read_references, studied
from scientist.graph.services import venue_of
from scientist.graph.state import Desk, Services, State
from scientist.literature.passages import Passage
from scientist.literature.verify import Verification
from scientist.mind.base import Dossier
from scientist.types import (
    Draft,
    Evidence,
    Figure,
    Review,
    SearchRecord,
    Table,
)
from scientist.workspace import RunFolder, read_json, write_json
from scientist.writeup.latex import LAYOUT, Layout, RunFacts, typeset

REPORTED_PACKAGES = ("torch", "numpy", "scipy", "statsmodels", "scikit-learn", "langgraph", "matplotlib")


def dossier(s: Desk, state: State) -> Dossier:
    """Everything that the writer of this round may use, read from the run folder."""
    plan, _ = frozen(s.folder)
    reviews = read_reviews(s.folder, state["round"])
    record = read_json(s.folder.search_record)
    ideas = read_ranked(s)
    return Dossier(
        topic=state["topic"],
        template=studied(s),
        choice=s.choice,
        chosen=next(r for r in ideas if r.idea.id == plan.idea_id),
        considered=ideas,
        plan=plan,
        extended=state["look"] > 1,
        amendment=extension_of(s.folder) if state["look"] > 1 else None,
        evidence=Evidence.model_validate(read_json(s.folder.evidence)),
        runs=load_results(plan=plan, seeds=seeds_of(s.folder, state["look"]), folder=s.folder),
        references=read_references(s),
        searches=tuple(SearchRecord.model_validate(r) for r in record["searches"]),
        verifications=tuple(Verification.model_validate(v) for v in read_json(s.folder.citations)),
        passages=tuple(Passage.model_validate(p) for p in read_lines(s.folder.passages)),
        explored=read_explored(s.folder),
        tables=tuple(Table.model_validate(t) for t in read_json(s.folder.root / "tables.json")),
        figures=tuple(Figure.model_validate(f) for f in read_json(s.folder.figures(state["look"]) / "figures.json")),
        findings=reviews[-1].findings if reviews else (),
        previous=draft_of(s.folder, state["round"] - 1) if reviews else None,
        review=reviews[-1] if reviews else None,
        sandbox=s.sandbox,
        mind=s.mind.name,
    )


def save_draft(s: Services, round_: int, draft: Draft, material: Dossier) -> Path:
    """Keep a draft with its evidence under ``drafts/round_<k>/`` and typeset it into ``manuscript/``."""
    kept = draft_folder(s.folder, round_)
    write_json(kept / "draft.json", draft)
    write_json(kept / "evidence.json", material.evidence)
    return typeset_draft(s, round_, "This draft has not been reviewed.")


def typeset_draft(s: Services, round_: int, verdict: str) -> Path:
    """Typeset a kept draft into ``manuscript/``, with what the reviewer said of it printed on its first page."""
    evidence = Evidence.model_validate(read_json(draft_folder(s.folder, round_) / "evidence.json"))
    layout = lay_out(s, draft_of(s.folder, round_), evidence, verdict, s.folder.manuscript)
    s.events.emit("paper.laid_out", **layout.model_dump(mode="json"), told=layout.sentence())
    return s.folder.manuscript / "main.pdf"


def lay_out(s: Desk, draft: Draft, evidence: Evidence, verdict: str, folder: Path) -> Layout:
    """Typeset a draft into ``folder`` in the style of the configuration, and say how it came out."""
    plan, digest = frozen(s.folder)
    typeset(
        draft,
        evidence=evidence,
        plan=plan,
        spec=studied(s),
        facts=run_facts(s, digest, verdict),
        run_root=s.folder.root,
        folder=folder,
        venue=venue_of(s.config),
        anonymous=s.config.anonymous,
    )
    return Layout.model_validate(read_json(folder / LAYOUT))


def draft_of(folder: RunFolder, round_: int) -> Draft:
    return Draft.model_validate(read_json(draft_folder(folder, round_) / "draft.json"))


def draft_folder(folder: RunFolder, round_: int) -> Path:
    return folder.root / "drafts" / f"round_{round_}"


def read_reviews(folder: RunFolder, rounds: int) -> tuple[Review, ...]:
    """The reviews of the first ``rounds`` rounds."""
    return tuple(Review.model_validate(read_json(folder.reviews / f"round_{k}.json")) for k in range(rounds))


def run_facts(s: Desk, plan_sha256: str, verdict: str) -> RunFacts:
    """What may differ between two runs of the same seed: dates, times, versions, machine, verdict."""
    events = list(read_lines(s.folder.events))
    first = events[0] if events else None
    brought = any(e["kind"] == "run.brought" for e in events)
    seconds = {(e["condition"], e["seed"]): e["seconds"] for e in events if e["kind"] == "run.finished"}
    began = datetime.fromisoformat(first["at"]) if first else datetime.now(UTC)
    return RunFacts(
        run_id=s.folder.run_id,
        date=began.date().isoformat(),
        scientist_version=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        cpu=_cpu_model(),
        packages={name: v for name in REPORTED_PACKAGES if (v := _version(name))},
        sandbox=f"none: the results were brought, {NOT_RUN}" if brought else s.sandbox,
        wall_minutes=sum(seconds.values()) / 60,
        plan_sha256=plan_sha256,
        mind=s.mind.name,
        verdict=verdict,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _cpu_model() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
