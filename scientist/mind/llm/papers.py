"""Papers as material for prompts: what a record says of itself, or the template of it, cut to a length."""

from __future__ import annotations

from collections.abc import Sequence

from scientist.prompts import Material
from scientist.types import Reference, TemplateSpec


def papers(references: Sequence[Reference], spec: TemplateSpec, *, words: int) -> Material:
    """The records, in their order, those of which only the title is known together at the end.

    A record is its key, title and year with at most ``words`` words of its abstract, or with what the template's author
    says of it.
    """
    said = {r.id: " ".join(r.claim.replace(" {cite}", "").replace("{cite}", "This work").split()) for r in spec.related}
    items, bare = [], []
    for reference in references:
        told = _cut(reference.paper.abstract, words) or said.get(reference.related or "", "")
        if told:
            items.append(f"{_head(reference)}\n{told}")
        else:
            bare.append(_head(reference))
    listed = ("\n".join(["Only the titles are known of:", *bare]),) if bare else ()
    return Material(name="paper", items=(*items, *listed))


def _head(reference: Reference) -> str:
    paper = reference.paper
    return f"{reference.key}: {paper.title}" + (f" ({paper.year})" if paper.year else "")


def _cut(text: str, words: int) -> str:
    every = text.split()
    return f"{' '.join(every[:words])} [...]" if len(every) > words else " ".join(every)
