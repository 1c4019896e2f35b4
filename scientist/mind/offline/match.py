"""Matches a topic to the template that can study it: BM25 for the ranking, weighted coverage for the confidence."""

from __future__ import annotations

import math

from scientist.errors import CannotStudyError
from scientist.mind.words import content_words, stems
from scientist.types import TemplateChoice, TemplateSpec

CONFIDENT = 0.5
"""Least share of the topic's words (weighted by rarity) that a template must know of to study the topic."""

FIELD_BOOSTS = {"title": 2.0, "keywords": 3.0, "summary": 1.0, "hypotheses": 1.5}


def choose_template(topic: str, templates: tuple[TemplateSpec, ...]) -> TemplateChoice:
    """The best template for ``topic``. Raises CannotStudyError, listing what can be studied, when none fits."""
    words = list(dict.fromkeys(stems(topic)))
    candidates = tuple(t for t in templates if t.hypotheses)
    if not words or not candidates:
        raise cannot_study(topic, candidates)
    bm25 = _bm25(words, candidates)
    known = {t.name: _coverage(words, t, candidates) for t in candidates}
    ranked = sorted(candidates, key=lambda t: (-known[t.name], -bm25.get(t.name, 0.0), t.name))
    best = ranked[0]
    if known[best.name] < CONFIDENT:
        raise cannot_study(
            topic, candidates, f" (the nearest, {best.name}, covers {known[best.name]:.0%} of its words)"
        )
    return TemplateChoice(
        template=best.name,
        confidence=round(known[best.name], 3),
        reason=_reason(topic, best, candidates, bm25),
        alternatives=tuple((t.name, round(known[t.name], 3)) for t in ranked[1:]),
    )


def given_template(topic: str, template: TemplateSpec) -> TemplateChoice:
    """The choice when the user named the template: the confidence is still measured, and said."""
    confidence = coverage(topic, template, (template,))
    return TemplateChoice(template=template.name, confidence=confidence, reason="the template was named by the user")


def _bm25(words: list[str], templates: tuple[TemplateSpec, ...]) -> dict[str, float]:
    """BM25 score of each template that shares a word with the topic."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("name", stored=True, tokenizer_name="raw")
    for field in FIELD_BOOSTS:
        builder.add_text_field(field, tokenizer_name="whitespace")
    index = tantivy.Index(builder.build())
    writer = index.writer(num_threads=1)
    for template in templates:
        writer.add_document(tantivy.Document(name=template.name, **_fields(template)))
    writer.commit()
    index.reload()
    query = index.parse_query(" ".join(words), list(FIELD_BOOSTS), field_boosts=FIELD_BOOSTS)
    searcher = index.searcher()
    return {searcher.doc(a)["name"][0]: s for s, a in searcher.search(query, len(templates)).hits}


def _fields(template: TemplateSpec) -> dict[str, str]:
    texts = {
        "title": template.title,
        "keywords": " ".join((*template.keywords, *template.tags, template.name)),
        "summary": template.summary,
        "hypotheses": " ".join(
            [f"{h.statement} {' '.join(h.keywords)}" for h in template.hypotheses]
            + [f"{x.label} {x.description}" for x in template.factors]
            + [f"{x.label} {x.description}" for x in template.metrics]
            + [f"{x.label} {x.description}" for x in template.datasets]
        ),
    }
    return {name: " ".join(stems(text)) for name, text in texts.items()}


def _known(template: TemplateSpec) -> frozenset[str]:
    return frozenset(" ".join(_fields(template).values()).split())


def _coverage(words: list[str], template: TemplateSpec, templates: tuple[TemplateSpec, ...]) -> float:
    """Share of the topic's words that the template knows; words that few templates know count more."""
    known = {t.name: _known(t) for t in templates}

    def weight(word: str) -> float:
        holders = sum(word in k for k in known.values())
        return math.log(1 + len(templates) / max(1, holders))

    total = sum(weight(w) for w in words)
    return sum(weight(w) for w in words if w in known[template.name]) / total


def _reason(topic: str, best: TemplateSpec, templates: tuple[TemplateSpec, ...], bm25: dict[str, float]) -> str:
    known = _known(best)
    shared = [w for w in content_words(topic) if any(s in known for s in stems(w))]
    missing = [w for w in content_words(topic) if w not in shared]
    text = f"it knows of {', '.join(shared)}"
    if missing:
        text += f"; nothing in it speaks of {', '.join(missing)}"
    others = [t.name for t in templates if t.name != best.name and bm25.get(t.name, 0.0) > 0]
    if others:
        text += f"; {', '.join(others)} also matched, less well"
    return text


def coverage(topic: str, template: TemplateSpec, templates: tuple[TemplateSpec, ...]) -> float:
    """Share of the topic's words, weighted by rarity among ``templates``, that ``template`` knows of; 0 to 1."""
    words = list(dict.fromkeys(stems(topic)))
    return round(_coverage(words, template, templates), 3) if words else 0.0


def cannot_study(topic: str, templates: tuple[TemplateSpec, ...], why: str = "") -> CannotStudyError:
    """The refusal of a topic, with what can be studied instead."""
    listing = "\n".join(f"  {t.name}: {t.title}; factors: {', '.join(f.label for f in t.factors)}" for t in templates)
    return CannotStudyError(
        f"no template can study {topic!r}{why}",
        "What can be studied here:\n"
        f"{listing or '  nothing: no template was found'}\n"
        "Ask about one of these, name one with --template, or add your own: scientist templates new NAME "
        "(docs/templates.md says how).",
    )


def queries(topic: str, template: TemplateSpec) -> tuple[str, ...]:
    """The topic without its question words, then each hypothesis that shares a word with it, then the field's name."""
    words = content_words(topic)
    found = [" ".join(words)]
    asked = set(stems(topic))
    for hypothesis in template.hypotheses:
        factor, metric = template.factor(hypothesis.factor), template.metric(hypothesis.metric)
        if asked & set(stems(f"{factor.label} {' '.join(hypothesis.keywords)}")):
            found.append(" ".join(content_words(f"{factor.label} {metric.label} {' '.join(template.keywords[:2])}")))
    found.append(" ".join(template.keywords[:4]) or template.title)
    return tuple(dict.fromkeys(q for q in found if q))[:6]
