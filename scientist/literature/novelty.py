"""How near an idea is to what was found: what is the same, what differs, and how likely it is that it is not new."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from scientist.literature.merge import same
from scientist.literature.words import Rarity, content_stems, content_words, stem, title_rarity
from scientist.types import Aspect, Idea, Neighbour, NoveltyReport, Paper, Reference, TemplateSpec

Verdict = Literal["novel", "close", "known", "undecided"]
Side = Literal["problem", "method", "data", "finding"]
SIDES: tuple[Side, ...] = ("problem", "method", "data", "finding")

KNOWN = 0.60
"""Overlap with a paper's title and abstract from which an idea counts as already studied.

In ``benchmarks/literature/novelty.py`` ideas were made of published papers, in two wordings that bound what may happen,
and held against a library of 50,000 with abstracts: 20 to 34 % reach this with their own paper, and 0.1 to 3 % with the
nearest other one.
"""
CLOSE = 0.41
"""Overlap with a paper from which it is worth comparing with: 80 % of those ideas reach it with their own paper (by the
title alone 41 to 74 %), 5 to 33 % with another. It is where the odds are about even."""
CURVES = {"read": ((10.2, 0.445), (28.3, 0.380)), "title": ((9.6, 0.402), (9.8, 0.323))}
"""Slope and middle of the logistic curves from overlap to the probability that the paper is this study, fitted there to
either wording, with an abstract and by the title alone; before looking, both answers are equally likely."""
SAME_IDEA, CLOSE_IDEA = 0.95, 0.75
"""The same two for earlier ideas, which share the phrases of their template and differ in few words."""
ENOUGH_ABSTRACTS = 10
"""Abstracts to compare with before the absence of a near one means anything."""
NEAREST = 5
SHARED_WORDS = 6
SAME_SIDE, PART_SIDE = 0.75, 0.35
"""Share of a side's words, weighed by rarity, that a neighbour must have to be the same in it, or partly."""


def novelty(
    text_of_idea: str,
    references: Sequence[Reference],
    archive: Sequence[tuple[str, str]],
    *,
    sides: Mapping[Side, str] | None = None,
    search: Callable[[str], Sequence[Paper]] | None = None,
) -> NoveltyReport:
    """Compare an idea with the papers found, with those that ``search`` finds for its own words, and earlier ideas.

    ``archive`` holds ``(name, text)`` of the earlier ideas; ``sides`` the words of the idea's problem, method, data
    and finding, by which it is compared with each neighbour. ``score`` is one minus the largest overlap: 1 is nothing
    near, 0 is the same words; 0.5 where there was nothing to compare with. The verdict is "novel" only with enough
    abstracts and none of them near; titles alone can show that a work is close, never that none is.
    """
    rarity = title_rarity()
    papers = [_Known(r.paper, r.key) for r in references]
    for paper in search(text_of_idea) if search else ():
        if not any(same(paper, known.paper) for known in papers):
            papers.append(_Known(paper, None))
    idea = _Idea(text_of_idea, sides or {}, rarity)
    near = sorted((_paper_neighbour(idea, known) for known in papers), key=_order)
    earlier = sorted((_idea_neighbour(idea, name, text) for name, text in archive), key=_order)
    abstracts = sum(1 for known in papers if known.paper.abstract)
    verdict, reason = _judge(near, earlier, abstracts)
    nearest = sorted([*near[:NEAREST], *earlier[:NEAREST]], key=_order)[:NEAREST]
    compared = bool(near or earlier) and bool(content_stems(text_of_idea))
    probability, low, high = _chance(near, abstracts) if compared else (None, 0.0, 1.0)
    return NoveltyReport(
        verdict=verdict,
        score=round(1.0 - max((n.overlap for n in nearest), default=0.0), 4) if compared else 0.5,
        nearest=tuple(nearest),
        reason=reason,
        probability=probability,
        low=low,
        high=high,
        compared=len(papers),
        abstracts=abstracts,
    )


def sides_of(idea: Idea, spec: TemplateSpec) -> dict[Side, str]:
    """What an idea studies, by what means, on what data, and what it expects to find, in the template's own words."""
    factors = {f.name: f.label for f in spec.factors}
    metrics = {m.name: m.label for m in spec.metrics}
    data = {d.name: d.label for d in spec.datasets}
    means = [factors.get(str(name), "") for name in (idea.factor, idea.moderator)]
    if idea.intervention is not None:
        means.append(idea.intervention.label)
    return {
        "problem": f"{spec.title} {' '.join(spec.keywords)}",
        "method": " ".join(means),
        "data": " ".join(data.get(name, name) for name in idea.datasets),
        "finding": f"{metrics.get(idea.metric, idea.metric)} {metrics.get(str(idea.second_metric), '')}",
    }


def nearness(text: str, title: str, abstract: str, rarity: Rarity) -> float:
    """Overlap in [0, 1] of an idea with a paper: the cosine with its title; with an abstract, the mean of that and of
    the share of the idea's words, weighed by rarity, that title and abstract hold.

    The cosine with the whole abstract tells less than either (a long text is far from every short one).
    """
    by_title = overlap(text, title, rarity)
    if not abstract:
        return by_title
    asked = content_stems(text)
    whole = rarity.total(asked)
    covered = rarity.total(asked & content_stems(f"{title} {abstract}")) / whole if whole else 0.0
    return round((by_title + covered) / 2, 4)


def overlap(a: str, b: str, rarity: Rarity) -> float:
    """Cosine in [0, 1] of the stems of two texts, each stem weighed by its rarity."""
    first, second = content_stems(a), content_stems(b)
    norm = math.sqrt(_mass(first, rarity) * _mass(second, rarity))
    return round(min(1.0, _mass(first & second, rarity) / norm), 4) if norm else 0.0


def shared_words(a: str, b: str, rarity: Rarity) -> tuple[str, ...]:
    """The rarest words of ``a`` whose stems ``b`` shares, rarest first."""
    theirs = content_stems(b)
    return tuple(w for s, w in _ranked_words(a, rarity) if s in theirs)[:SHARED_WORDS]


class _Known(NamedTuple):
    """A paper to compare with, and its key if it is among the run's references."""

    paper: Paper
    key: str | None


class _Idea(NamedTuple):
    text: str
    sides: Mapping[Side, str]
    rarity: Rarity


def _paper_neighbour(idea: _Idea, known: _Known) -> Neighbour:
    paper = known.paper
    text = f"{paper.title} {paper.abstract}"
    return Neighbour(
        title=paper.title,
        key=known.key,
        overlap=nearness(idea.text, paper.title, paper.abstract, idea.rarity),
        shared=shared_words(idea.text, text, idea.rarity),
        kind="paper",
        read=bool(paper.abstract),
        found_by=paper.source,
        aspects=_aspects(idea, text, read=bool(paper.abstract)),
    )


def _idea_neighbour(idea: _Idea, name: str, text: str) -> Neighbour:
    return Neighbour(
        title=name,
        overlap=overlap(idea.text, text, idea.rarity),
        shared=shared_words(idea.text, text, idea.rarity),
        kind="idea",
        read=True,
        found_by="archive",
        aspects=_aspects(idea, text, read=True),
    )


def _aspects(idea: _Idea, text: str, *, read: bool) -> tuple[Aspect, ...]:
    """Each side of the idea that has words, against a neighbour's text. A bare title is silent, it does not differ."""
    theirs = content_stems(text)
    aspects = []
    for name in SIDES:
        ranked = _ranked_words(idea.sides.get(name, ""), idea.rarity)
        whole = idea.rarity.total(s for s, _ in ranked)
        if not whole:
            continue
        share = idea.rarity.total(s for s, _ in ranked if s in theirs) / whole
        verdict: Literal["same", "partly", "different", "unknown"] = (
            "same" if share >= SAME_SIDE else "unknown" if not read else "partly" if share >= PART_SIDE else "different"
        )
        held = tuple(w for s, w in ranked if s in theirs)[:SHARED_WORDS]
        lacking = tuple(w for s, w in ranked if s not in theirs)[:SHARED_WORDS] if read else ()
        aspects.append(Aspect(name=name, verdict=verdict, same=held, differs=lacking))
    return tuple(aspects)


def _judge(papers: Sequence[Neighbour], ideas: Sequence[Neighbour], abstracts: int) -> tuple[Verdict, str]:
    paper = papers[0] if papers else None
    idea = ideas[0] if ideas else None
    known = next((p for p in papers if p.overlap >= KNOWN and p.read), None)
    total = len(papers)
    if idea and idea.overlap >= SAME_IDEA:
        return "known", f"an earlier run studied the same idea ({idea.title}, overlap {idea.overlap:.2f})"
    if known:
        return "known", f"“{known.title}” covers the idea (overlap {known.overlap:.2f})"
    if paper and paper.overlap >= CLOSE:
        return "close", f"“{paper.title}” shares {', '.join(paper.shared)} (overlap {paper.overlap:.2f})"
    if idea and idea.overlap >= CLOSE_IDEA:
        return "close", f"an earlier idea ({idea.title}) is worded much like it (overlap {idea.overlap:.2f})"
    if not total:
        what = "only earlier ideas were at hand" if ideas else "nothing was found to compare with"
        return "undecided", f"{what}; that says nothing about the literature"
    if abstracts < ENOUGH_ABSTRACTS:
        return "undecided", (
            f"no near work among {total} papers, but the abstracts of only {abstracts} of them are known, "
            "and titles cannot rule a work out"
        )
    return "novel", (
        f"no near work among {total} papers, {abstracts} of them with abstracts "
        f"(largest overlap {paper.overlap if paper else 0.0:.2f}); judged by shared words alone"
    )


def _chance(papers: Sequence[Neighbour], abstracts: int) -> tuple[float | None, float, float]:
    """The probability that one of the papers is this study, between the two wordings of CURVES.

    Where too little could be read, what was not found may still be there: the upper bound is then 1.
    """
    if not papers:
        return None, 0.0, 1.0
    ends = [[_logistic(p.overlap, curve) for curve in CURVES["read" if p.read else "title"]] for p in papers]
    worst = max(ends, key=lambda e: (sum(e), e))
    high = max(worst) if abstracts >= ENOUGH_ABSTRACTS else 1.0
    return round(sum(worst) / len(worst), 4), round(min(worst), 4), round(high, 4)


def _logistic(x: float, curve: tuple[float, float]) -> float:
    slope, middle = curve
    return 1 / (1 + math.exp(-slope * (x - middle)))


def _ranked_words(text: str, rarity: Rarity) -> list[tuple[str, str]]:
    """The content words of a text with their stems, each stem once, rarest first."""
    first: dict[str, str] = {}
    for word in content_words(text):
        first.setdefault(stem(word), word)
    return sorted(first.items(), key=lambda item: (-rarity.weight(item[0]), item[0]))


def _order(neighbour: Neighbour) -> tuple[float, str]:
    return -neighbour.overlap, neighbour.title


def _mass(stems: frozenset[str], rarity: Rarity) -> float:
    return math.fsum(rarity.weight(s) ** 2 for s in sorted(stems))
