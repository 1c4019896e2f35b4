"""Ideas from a model: it reads what was found, proposes, criticises and improves; a weak one chooses from a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field, create_model

from scientist.mind.admissible import affordable_cells, cells, objections, over_budget, priced
from scientist.mind.base import Brief
from scientist.mind.llm.choices import many, one_of
from scientist.mind.llm.papers import papers
from scientist.mind.llm.proposal import Proposals, level_tokens, read, schema, worded
from scientist.mind.offline import ideas as declared
from scientist.mind.offline.prose.facts import PLACEHOLDER
from scientist.mind.offline.wording import hypothesis_of
from scientist.models.base import Asker, Strength
from scientist.prompts import Material, Prompt, render
from scientist.types import Frozen, Idea, TemplateSpec

MOST_ROUNDS = 3
"""Rounds of reflection at most, those included that are added while nothing can be carried out."""
ABSTRACT_WORDS = 130
TOKENS, TOKENS_PER_IDEA = 1200, 700


class Judged(Frozen):
    """An idea and what stands against it, in words for its author."""

    idea: Idea
    objections: tuple[str, ...]


class Pick(BaseModel):
    """A study chosen from a list."""

    why: str
    study: str


class Picks(BaseModel):
    picks: list[Any]


def ideas(asker: Asker, brief: Brief, *, wanted: int = 4, reflections: int = 1) -> tuple[Idea, ...]:
    """Candidate ideas, about ``wanted`` of them, unranked. Those that the template cannot carry come last.

    A weak model, or one whose every proposal has objections after all rounds of reflection, is asked to choose from the
    studies that the template's own hypotheses allow.
    """
    if brief.template.contract == "v1":
        return declared.ideas(brief)
    if asker.strength("ideate") is Strength.WEAK:
        return _picked(asker, brief, wanted)
    found = _proposed(asker, brief, wanted, reflections)
    good = tuple(worded(j.idea, brief.template) for j in found if not j.objections)
    refused = tuple(j.idea for j in found if j.objections)
    return (*(good or _picked(asker, brief, wanted)), *refused)


def _proposed(asker: Asker, brief: Brief, wanted: int, reflections: int) -> list[Judged]:
    """The ideas after reflection, those that can be carried out first.

    A round that leaves nothing to carry out does not displace what an earlier round had.
    """
    freedom = _freedom(asker, brief)
    reply_model = schema(brief, changes=freedom is not Strength.WEAK)
    limit = TOKENS + TOKENS_PER_IDEA * wanted

    def ask(prompt: Prompt) -> list[Judged]:
        return _judged(asker.ask(prompt, reply_model, max_tokens=limit), brief)[: 2 * wanted]

    found = ask(_prompt("ideate/propose", brief, freedom, wanted))
    best = found
    for number in range(1, MOST_ROUNDS + 1):
        if number > reflections and _sound(best):
            break
        found = ask(_prompt("ideate/reflect", brief, freedom, wanted, round_=number, judged=found))
        best = found if _sound(found) or not _sound(best) else best
    return sorted(best, key=lambda j: bool(j.objections))


def _judged(reply: Proposals, brief: Brief) -> list[Judged]:
    """Each design once, with what the template, the budget or an earlier refusal holds against it."""
    kept: dict[str, Judged] = {}
    for proposed in reply.ideas:
        idea = read(proposed, brief)
        told = [*objections(idea, brief.template), *filter(None, [over_budget(idea, brief)])]
        if idea.id in brief.rejected:
            told.append("this very design was refused before")
        kept.setdefault(idea.id, Judged(idea=priced(idea, brief), objections=tuple(told)))
    return list(kept.values())


def _sound(found: Sequence[Judged]) -> bool:
    return any(not j.objections for j in found)


def _prompt(
    name: str, brief: Brief, freedom: Strength, wanted: int, *, round_: int = 0, judged: Sequence[Judged] = ()
) -> Prompt:
    """``propose`` and ``reflect`` begin alike, so that what they share is paid for once where a provider caches."""
    spec = brief.template
    again = f"after-{len(brief.rejected)}" if brief.rejected else ""
    label = "-".join(x for x in (f"round-{round_}" if round_ else "", again) if x)
    code = tuple(f"{path}\n{text}" for path, text in brief.code.items()) if freedom is Strength.STRONG else ()
    return render(
        name,
        materials=(
            papers(brief.references, spec, words=ABSTRACT_WORDS),
            Material(name="earlier idea", items=brief.archive),
            Material(name="file", items=code),
            Material(name="refused idea", items=brief.refused, essential=True),
        ),
        label=label,
        **_study(brief),
        wanted=wanted,
        has={"papers": bool(brief.references), "archive": bool(brief.archive), "code": bool(code)},
        freedom=freedom.value,
        refused=bool(brief.refused),
        judged=[_told(j, spec) for j in judged],
    )


def _study(brief: Brief) -> dict[str, Any]:
    """What is to be known of the experiment and its price."""
    spec = brief.template
    tokens: dict[str, list[str]] = {f.name: [] for f in spec.factors}
    for token, (factor, level) in level_tokens(spec).items():
        tokens[factor.name].append(f"{token}{' (ordinary practice)' if level == factor.baseline else ''}")
    return {
        "spec": spec,
        "topic": brief.topic,
        "levels": tokens,
        "method": _method(spec, brief.preset),
        "seeds": brief.seeds or spec.preset(brief.preset).seeds,
        "cells": affordable_cells(brief),
    }


def _method(spec: TemplateSpec, preset: str) -> list[str]:
    """The author's account of the experiment, with the settings of the preset and without citations."""
    settings = spec.preset(preset).settings

    def replace(match: re.Match[str]) -> str:
        kind, name = match.groups()
        value = settings.get(name)
        return f"{value} " if kind == "cfg" and value is not None else ""

    sentences = (*spec.text.method, *spec.text.data, *spec.text.measurement)
    plain = (PLACEHOLDER.sub(replace, s).replace("~", " ") for s in sentences if "{only." not in s)
    return [re.sub(r" +([.,;])", r"\1", " ".join(s.split())) for s in plain]


def _told(judged: Judged, spec: TemplateSpec) -> dict[str, Any]:
    """An idea for its critic: as it was worded, as it would be tested, and what stands against it."""
    idea = judged.idea
    return {
        "idea": idea,
        "tested": "" if judged.objections else hypothesis_of(idea, spec),
        "cells": cells(idea),
        "objections": judged.objections,
    }


def _freedom(asker: Asker, brief: Brief) -> Strength:
    """How much of the code an idea may change: nothing (weak), a declared slot (medium), files (strong)."""
    strength, spec = asker.strength("code"), brief.template
    if brief.coding == "levels" or (brief.coding == "auto" and strength is Strength.WEAK):
        return Strength.WEAK
    if brief.coding == "patch" or (brief.coding == "auto" and strength is Strength.STRONG):
        return Strength.STRONG if spec.editable else Strength.WEAK
    return Strength.MEDIUM if spec.slots else Strength.WEAK


def _picked(asker: Asker, brief: Brief, wanted: int) -> tuple[Idea, ...]:
    """The model's choice among the studies that the template's hypotheses allow and the budget pays for."""
    every = declared.ideas(brief)
    known = {i.id: i for i in every if cells(i) <= affordable_cells(brief)} or {i.id: i for i in every}
    if not known:
        return ()
    chosen = create_model("Choice", __base__=Pick, study=(one_of(known), ...))
    reply_model = create_model("Choices", __base__=Picks, picks=(many(chosen), Field(min_length=1)))
    prompt = render(
        "ideate/pick",
        materials=(papers(brief.references[:8], brief.template, words=40),),
        label=f"after-{len(brief.rejected)}" if brief.rejected else "",
        studies=tuple(known.values()),
        topic=brief.topic,
        wanted=min(wanted, len(known)),
        papers=bool(brief.references),
    )
    reply = asker.ask(prompt, reply_model, max_tokens=200 + 120 * wanted)
    names = dict.fromkeys(p.study for p in reply.picks)
    return tuple(known[name] for name in list(names)[:wanted])
