"""Publishes the best draft: the PDF with its evidence inside, its sources, its review, and the bundle to check it."""

from __future__ import annotations

from pathlib import Path

from scientist import __version__
from scientist.bundle.attachment import attach
from scientist.bundle.export import Exported, export_bundle, recorded_environment, source_hashes
from scientist.errors import UsageError
from scientist.experiments.plan import seeds_of
from scientist.graph.state import Services
from scientist.graph.write import draft_folder, read_reviews, typeset_draft
from scientist.review.manuscript import read_manuscript
from scientist.review.render import to_markdown
from scientist.types import Action, Decision, Evidence, Review, TemplateSpec
from scientist.workspace import RunFolder, read_json, write_bytes, write_json, write_text
from scientist.writeup.latex import LAYOUT, WITHHELD, Layout, source_zip


def publish_paper(s: Services, decision: Decision) -> Path:
    """Typeset the best round's draft with its verdict on it into ``papers/<run>/``. Returns the path of the PDF."""
    folder, papers = s.folder, s.folder.papers
    review = read_reviews(folder, decision.round + 1)[decision.best_round]
    pdf = typeset_draft(s, decision.best_round, verdict_line(decision, review, s.config.min_score))
    text = to_markdown(review, read_manuscript(pdf), s.form)
    evidence = (draft_folder(folder, decision.best_round) / "evidence.json").read_bytes()
    write_bytes(papers / "paper-source.zip", source_zip(folder.manuscript))
    write_bytes(papers / "evidence.json", evidence)
    write_bytes(papers / "plan.json", folder.plan.read_bytes())
    write_json(papers / "review.json", review)
    write_text(papers / "review.md", f"> {_gate(decision, review, s.config.min_score)}\n\n{text}")
    write_json(papers / "decision.json", decision)
    sources = source_hashes(folder.root, Evidence.model_validate_json(evidence))
    named = WITHHELD if Layout.model_validate(read_json(folder.manuscript / LAYOUT)).anonymous else folder.run_id
    paper = attach(pdf.read_bytes(), run_id=named, scientist=__version__, evidence=evidence, sources=sources)
    write_bytes(papers / "paper.pdf", paper)
    recorded_environment(folder)
    made = publish_bundle(folder, s.spec)
    s.events.emit("bundle.written", **made.model_dump(mode="json"))
    write_json(folder.decision, decision)
    return papers / "paper.pdf"


def publish_bundle(
    folder: RunFolder, spec: TemplateSpec, *, out: Path | None = None, licence: Path | None = None
) -> Exported:
    """Write the bundle of a published run, with its hash beside it; into its papers folder if ``out`` is not given."""
    if not (folder.papers / "evidence.json").is_file():
        raise UsageError(f"run {folder.run_id} has published no paper", f"finish it: scientist resume {folder.root}")
    place = out or folder.papers / "bundle.zip"
    evidence = Evidence.model_validate(read_json(folder.papers / "evidence.json"))
    made = export_bundle(
        folder, spec=spec, look=evidence.look, seeds=seeds_of(folder, evidence.look), out=place, licence=licence
    )
    write_text(place.with_suffix(".sha256"), f"{made.sha256}  {place.name}\n")
    return made


CONFIDENCE = {1: "very low", 2: "low", 3: "moderate", 4: "high", 5: "very high"}


def verdict_line(decision: Decision, review: Review, min_score: float) -> str:
    """One sentence for the first page: the automated reviewer's score and what the gate made of it."""
    passed = "passed" if decision.action is Action.PUBLISH else "DID NOT PASS"
    score = f"An automated reviewer gave it {review.overall:g} of 10, with {CONFIDENCE[review.confidence]} confidence"
    return f"{score}; it {passed} the gate at {min_score:g}."


def _gate(decision: Decision, review: Review, min_score: float) -> str:
    bar = f"The venue's form has a bar of its own; by that its verdict is: {review.decision}."
    if decision.action is Action.PUBLISH:
        return f"**Passed the gate of this run**: {decision.reason}. {bar}"
    return (
        f"**Did not pass the gate of this run** ({min_score:g}): {decision.reason}. {bar} "
        f"This is the best of {decision.round + 1} drafts; read its weaknesses before using it."
    )
