"""Edits of a program by a language model, for the search that optimises it against an evaluator."""

from __future__ import annotations

from dataclasses import dataclass

from scientist.errors import BudgetSpent, ReplyInvalid
from scientist.mind.llm.coding import ask_for_edit
from scientist.models.base import Asker
from scientist.prompts import Material, Prompt, render
from scientist.search.edit import Edit
from scientist.search.loop import Finished, Known, ProposalFailed, Request

MOST_FEEDBACK = 4000


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is to be optimised, in words: ``metric`` is the headline and ``goal`` "max" or "min"."""

    title: str
    summary: str
    metric: str
    goal: str
    entry: str
    seconds: float


class ModelProposer:
    """Asks a model for each edit. An invalid reply costs its step; a spent budget ends the search."""

    def __init__(self, asker: Asker, assignment: Assignment) -> None:
        self.asker, self.assignment = asker, assignment

    def propose(self, request: Request) -> Edit:
        try:
            return ask_for_edit(self.asker, prompt(request, self.assignment), request.rules.editable)
        except BudgetSpent as e:
            raise Finished(e.message) from e
        except ReplyInvalid as e:
            raise ProposalFailed(e.message) from e


def prompt(request: Request, assignment: Assignment) -> Prompt:
    """What the model is sent for a step; the program's own output is quoted as data."""
    parent = request.parents[0]
    materials = [Material(name=path, items=(text,), essential=True) for path, text in parent.candidate.files.items()]
    materials += [
        Material(name="reason", items=(parent.step.reason,) if parent.step.reason else (), essential=True),
        Material(name="feedback", items=tuple(v[:MOST_FEEDBACK] for v in parent.step.artefacts.values() if v)),
        Material(name="other parent", items=tuple(_shown(k) for k in request.parents[1:]), essential=True),
        Material(name="other programs", items=tuple(_shown(k) for k in request.inspirations)),
        Material(name="refused", items=request.refused, essential=True),
    ]
    return render(
        "evolve/propose",
        materials=tuple(materials),
        label=f"step-{request.number}" + (f"/again-{len(request.refused)}" if request.refused else ""),
        assignment=assignment,
        operator=request.operator,
        parent=parent.step,
        files=tuple(parent.candidate.files),
        editable=request.rules.editable,
        crossed=len(request.parents) > 1,
        inspired=bool(request.inspirations),
        feedback=any(parent.step.artefacts.values()),
        refused=bool(request.refused),
    )


def _shown(known: Known) -> str:
    score = "failed" if known.step.score is None else f"{known.step.score:.6g}"
    text = "\n".join(f"# file {path}\n{content}" for path, content in known.candidate.files.items())
    return f"score {score}\n{text}"
