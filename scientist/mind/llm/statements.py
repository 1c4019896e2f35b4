"""The disclosure of a paper that a language model wrote: who did what, by rule and not by the model's own account."""

from __future__ import annotations

from scientist.mind.base import Dossier
from scientist.mind.offline.prose import SECTIONS
from scientist.mind.offline.prose.facts import join, plain
from scientist.types import IdeaKind, Section, Sentence


def disclosure(dossier: Dossier) -> Section:
    """Who chose, coded, measured and wrote; which parts another writer stood in for, and what was struck."""
    told = [*_made_by(dossier), *_written_by(dossier)]
    sentences = tuple(Sentence(text=text) for text in told)
    return Section(name="disclosure", title=SECTIONS["disclosure"][0], paragraphs=(sentences,))


def _made_by(dossier: Dossier) -> list[str]:
    code = (
        "The change of code under study was written by the language model as well, and tried in a sandbox before the "
        "plan was fixed; the rest of the experiment was written beforehand by the authors of the template."
        if dossier.plan.kind is IdeaKind.INTERVENTION or any(c.code_sha256 for c in dossier.plan.conditions)
        else "Experiment code and domain background were written beforehand by the authors of the template."
    )
    return [
        "This paper was produced by an automated system without human intervention between the question and the "
        "typeset page: it "
        + (
            "was given the results of experiments, which it did not run and cannot vouch for, planned their analysis, "
            "computed the statistics and wrote the text."
            if dossier.brought
            else "chose the template, designed and pre-registered the experiment, ran it, computed the statistics and "
            "wrote the text."
        ),
        f"The language model ``{plain(dossier.mind)}'' was asked for the idea and for the prose.",
        "The plan follows from the idea by rule, and no language model was involved in measuring, testing or reporting "
        "any number: the text names quantities, and their values are printed from the ledger.",
        code,
    ]


def _written_by(dossier: Dossier) -> list[str]:
    """The parts that are not the model's, and how the text was checked."""
    told = []
    if dossier.stood_in:
        parts = join([f"``{_called(name)}''" for name in dossier.stood_in])
        told.append(
            f"What the model wrote for {parts} did not pass the checks or was not to be had, and a rule-based writer "
            "that uses no language model wrote there instead."
        )
    if dossier.cut:
        parts = join([f"``{_called(name)}''" for name in dossier.cut])
        told.append(f"Sentences that the checks refused to the last were struck from {parts}.")
    told.append(
        "Every sentence was checked by machine against the ledger for its numbers, its citations and the direction of "
        "what it says, and the text was read by nobody else."
    )
    return told


def _called(name: str) -> str:
    return SECTIONS[name][0] if name in SECTIONS else name.capitalize()
