"""What is studied and what is read: a model matches the topic to a template and words the searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, create_model

from scientist.errors import CannotStudyError
from scientist.literature.screening import Judgement
from scientist.mind.base import Brief
from scientist.mind.llm.choices import Tenths, many, one_of
from scientist.mind.llm.papers import papers
from scientist.mind.offline import match
from scientist.mind.words import content_words, stems
from scientist.models.base import Asker, Strength
from scientist.prompts import render
from scientist.types import Reference, TemplateChoice, TemplateSpec

MOST_QUERIES = 7
MOST_QUERY_WORDS = 10
UNMATCHED = 0.5
"""The most that is believed of a weak model's confidence where no word of the topic is known to the template."""
PAPERS_SHOWN = 24
NONE = "none"


class Choice(BaseModel):
    """A model's choice of a template."""

    reason: str
    template: str
    confidence: Tenths


class Query(BaseModel):
    """One search, and the side of the question that it looks at."""

    facet: Literal["method", "problem", "mechanism", "benchmark", "synonym"]
    query: str


class Queries(BaseModel):
    queries: list[Query]


class Screened(BaseModel):
    """What a model says of one paper that was found."""

    key: str
    keep: bool
    reason: str
    did: str
    open: str


class NextQuery(BaseModel):
    """One more search, or that what was found will do."""

    missing: str
    enough: bool
    query: str | None = None


def choose_template(asker: Asker, topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
    """The template that the model finds fit for ``topic``. Raises CannotStudyError, with its reason, when none is.

    A weak model is not believed alone: where it finds none, words decide, as they do without a model; and its
    confidence in a template that knows no word of the topic counts for little.
    """
    candidates = tuple(t for t in templates if t.factors and t.metrics and t.presets)
    if not candidates:
        raise match.cannot_study(topic, candidates)
    weak = asker.strength("survey") is Strength.WEAK
    reply = _choice(asker, topic, candidates)
    if reply.template == NONE:
        if weak:
            return _by_words(topic, templates)
        raise match.cannot_study(topic, candidates, f": {_one_line(reply.reason)}")
    known = {t.name: match.coverage(topic, t, candidates) for t in candidates}
    confidence, reason = reply.confidence / 10, _one_line(reply.reason) or "the model gave no reason"
    if known[reply.template] == 0:
        reason += "; no word of the topic is known to this template, so the match rests on the model alone"
        confidence = min(confidence, UNMATCHED) if weak else confidence
    others = sorted((t for t in known if t != reply.template), key=lambda t: (-known[t], t))
    return TemplateChoice(
        template=reply.template,
        confidence=confidence,
        reason=reason,
        alternatives=tuple((t, known[t]) for t in others),
    )


def given_template(topic: str, template: TemplateSpec) -> TemplateChoice:
    """The choice when the user named the template; how much of the topic it knows is counted, not asked."""
    return match.given_template(topic, template)


def queries(asker: Asker, topic: str, template: TemplateSpec) -> tuple[str, ...]:
    """The model's searches, most specific first, without question words or doubles, and the topic's own words last."""
    prompt = render("survey/queries", spec=template, topic=topic, most=MOST_QUERIES - 1)
    reply = asker.ask(prompt, Queries, max_tokens=600)
    asked = [_words(q.query) for q in reply.queries]
    kept = _different(asked)[: MOST_QUERIES - 1]
    return tuple(_different([*kept, _words(topic)]))


def next_query(asker: Asker, brief: Brief) -> str | None:
    """One more search, where the model names one that was not made yet; None when it has enough."""
    prompt = render(
        "survey/more",
        materials=(papers(brief.references[:PAPERS_SHOWN], brief.template, words=60),),
        spec=brief.template,
        topic=brief.topic,
        found=len(brief.references),
        queries=brief.queries,
    )
    reply = asker.ask(prompt, NextQuery, max_tokens=400)
    query = _words(reply.query or "")
    if reply.enough or not query:
        return None
    return query if len(_different([*brief.queries, query])) > len(_different(brief.queries)) else None


def screen(asker: Asker, question: str, references: Sequence[Reference], spec: TemplateSpec) -> dict[str, Judgement]:
    """The model's judgement of each reference for the question; a weak model is not asked."""
    if not references or asker.strength("survey") is Strength.WEAK:
        return {}
    keys = one_of(r.key for r in references)
    entry = create_model("Screened", __base__=Screened, key=(keys, ...))
    schema = create_model("Screening", papers=(many(entry), ...))
    prompt = render("survey/screen", materials=(papers(references, spec, words=120),), question=question)
    reply: Any = asker.ask(prompt, schema, max_tokens=120 * len(references) + 200)
    return {
        p.key: Judgement(keep=p.keep, reason=_one_line(p.reason), did=_one_line(p.did), open=_one_line(p.open))
        for p in reply.papers
    }


def _choice(asker: Asker, topic: str, candidates: tuple[TemplateSpec, ...]) -> Choice:
    names = one_of((*(t.name for t in candidates), NONE))
    schema = create_model("TemplateChoice", __base__=Choice, template=(names, ...))
    prompt = render("survey/choose", specs=candidates, topic=topic)
    return asker.ask(prompt, schema, max_tokens=500)


def _by_words(topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
    try:
        choice = match.choose_template(topic, templates)
    except CannotStudyError as e:
        raise CannotStudyError(f"{e.message}; the model found none either", e.hint) from e
    return choice.model_copy(update={"reason": f"{choice.reason}; the model found no template fit, but words decide"})


def _words(query: str) -> str:
    return " ".join(content_words(query)[:MOST_QUERY_WORDS])


def _different(found: list[str] | tuple[str, ...]) -> list[str]:
    """The queries that are not another one's words in another order."""
    kept: dict[frozenset[str], str] = {}
    for query in found:
        words = frozenset(stems(query))
        if words:
            kept.setdefault(words, query)
    return list(kept.values())


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
