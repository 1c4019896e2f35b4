"""Publishes the best draft: the PDF, its sources, its evidence, and the review that it carries wherever it goes."""

from __future__ import annotations

from pathlib import Path

from scientist.graph.state import Services
from scientist.graph.write import draft_folder, read_reviews
from scientist.review.manuscript import read_manuscript
from scientist.review.render import to_markdown
from scientist.types import Action, Decision
from scientist.workspace import write_bytes, write_json, write_text


def publish_paper(s: Services, decision: Decision) -> Path:
    """Copy the best round's draft into ``papers/<run>/`` with its verdict. Returns the path of the PDF."""
    folder = s.folder
    best = draft_folder(folder, decision.best_round)
    review = read_reviews(folder, decision.round + 1)[decision.best_round]
    for name in ("paper.pdf", "paper-source.zip", "evidence.json"):
        write_bytes(folder.papers / name, (best / name).read_bytes())
    write_bytes(folder.papers / "plan.json", folder.plan.read_bytes())
    write_json(folder.papers / "review.json", review)
    text = to_markdown(review, read_manuscript(best / "paper.pdf"))
    write_text(folder.papers / "review.md", f"{_verdict(decision, s.config.min_score)}\n\n{text}")
    write_json(folder.papers / "decision.json", decision)
    write_json(folder.decision, decision)
    return folder.papers / "paper.pdf"


def _verdict(decision: Decision, min_score: float) -> str:
    if decision.action is Action.PUBLISH:
        return f"> **Passed the review gate** (score {decision.score:g}, gate {min_score:g}): {decision.reason}."
    return (
        f"> **Did not pass the review gate** (gate {min_score:g}): {decision.reason}. "
        f"This is the best of {decision.round + 1} drafts; read its weaknesses before using it."
    )
