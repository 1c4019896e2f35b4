"""The words in which a study was described before anything came out: they name things, and may stand in its results."""

from __future__ import annotations

from collections.abc import Iterator

from scientist.mind.base import Dossier
from scientist.writeup.meaning.vocabulary import never, words_of


def terms_of(dossier: Dossier) -> frozenset[str]:
    """Words of the topic, the idea, the plan and what the template declares, but for those that name nothing."""
    return words_of(_texts(dossier)) - never()


def _texts(d: Dossier) -> Iterator[str]:
    idea, spec = d.chosen.idea, d.template
    yield from (d.topic, idea.title, idea.question, idea.hypothesis, idea.because, d.plan.question, d.plan.hypothesis)
    yield from (c.label for c in d.plan.conditions)
    yield from (spec.title, spec.summary, *spec.keywords, *spec.tags)
    yield from (f"{m.label} {m.description}" for m in spec.metrics)
    yield from (f"{f.label} {f.description}" for f in spec.factors)
    yield from (f"{s.label} {s.description}" for s in spec.datasets)
    yield from (h.statement for h in spec.hypotheses)
    if idea.intervention:
        yield f"{idea.intervention.label} {idea.intervention.description}"
