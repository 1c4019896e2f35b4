"""Writes a paper from its dossier: what the design asked, what the statistics allow, and what they leave open."""

from __future__ import annotations

from collections.abc import Callable

from scientist.mind.base import Dossier
from scientist.mind.offline.prose import back, front, method, results
from scientist.mind.offline.prose.facts import Facts
from scientist.types import Section, Sentence

Paragraphs = tuple[tuple[Sentence, ...], ...]

SECTIONS: dict[str, tuple[str, Callable[[Facts], Paragraphs]]] = {
    "abstract": ("Abstract", front.abstract),
    "introduction": ("Introduction", front.introduction),
    "related_work": ("Related work", front.related_work),
    "method": ("Method", method.method),
    "setup": ("Experimental setup", method.setup),
    "results": ("Results", results.results),
    "discussion": ("Discussion", results.discussion),
    "limitations": ("Limitations", back.limitations),
    "conclusion": ("Conclusion", back.conclusion),
    "reproducibility": ("Reproducibility statement", back.reproducibility),
    "disclosure": ("Disclosure", back.disclosure),
}


def title(dossier: Dossier) -> str:
    """The topic as the user put it, if it can be a title, and what kind of study this is."""
    return front.title(Facts(dossier))


def section(name: str, dossier: Dossier) -> Section | None:
    """One section; None when this study has nothing to say in it."""
    if name not in SECTIONS:
        return None
    heading, write = SECTIONS[name]
    paragraphs = tuple(p for p in write(Facts(dossier)) if p)
    return Section(name=name, title=heading, paragraphs=paragraphs) if paragraphs else None
