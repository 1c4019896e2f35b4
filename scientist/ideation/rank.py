"""Ranks ideas. Whichever mind proposed them, feasibility, information and novelty are measured here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scientist.ideation.archive import ArchivedIdea
from scientist.literature.novelty import novelty, sides_of
from scientist.mind.base import Brief
from scientist.mind.offline.wording import factor_label
from scientist.mind.words import stems
from scientist.types import Idea, IdeaKind, Merit, NoveltyReport, Paper, RankedIdea, Scores

Search = Callable[[str], Sequence[Paper]]

WEIGHTS = {"relevance": 0.55, "information": 0.20, "feasibility": 0.10, "novelty": 0.15}
PREFERENCE = 0.5
"""How much of the total is the proposer's own judgement of its idea, where it gave one; the rest is measured.

Half: among ideas that one model words in its own way, shared words tell little of which is the better question, while
cost and nearness to known work are measured better than judged.
"""
MERITS = {"interestingness": 0.5, "novelty": 0.3, "feasibility": 0.2}
"""The weights of what a proposer judges."""

INFORMATION = {
    IdeaKind.DOSE_RESPONSE: (0.85, "several levels show the shape of the response, not only its sign"),
    IdeaKind.INTERACTION: (0.80, "a two-by-two design shows on what the effect depends"),
    IdeaKind.INTERVENTION: (
        0.80,
        "a change that the template does not hold yet is tried against the code as it stands",
    ),
    IdeaKind.ROBUSTNESS: (0.75, "several data sets show how far the effect carries"),
    IdeaKind.TRADE_OFF: (0.70, "two metrics show what is paid for what is gained"),
    IdeaKind.MAIN_EFFECT: (0.50, "two conditions show the sign and the size of one effect"),
    IdeaKind.REPLICATION: (0.30, "repeats show only how far the baseline can be trusted"),
}

CUES = {
    IdeaKind.DOSE_RESPONSE: "amount how strong respond response dose range optimal level speed rate curve scale",
    IdeaKind.INTERACTION: "depend depends interact interaction moderate jointly combination combine together",
    IdeaKind.ROBUSTNESS: "across robust robustness generalize datasets tasks consistent everywhere different noise",
    IdeaKind.TRADE_OFF: "trade trade-off tradeoff cost versus against price sacrifice balance",
    IdeaKind.REPLICATION: "replicate replication repeat repeatable reproduce reproducible reproducibility",
}


def rank(
    ideas: Sequence[Idea], brief: Brief, archive: Sequence[ArchivedIdea], *, search: Search | None = None
) -> tuple[RankedIdea, ...]:
    """All ideas, best first; ties are broken by id, so that the order depends on the inputs alone.

    ``search`` finds papers by an idea's own words, to compare it with besides those of the brief.
    """
    ranked = [_rank_one(idea, brief, archive, search) for idea in ideas]
    return tuple(sorted(ranked, key=lambda r: (-r.scores.total, r.idea.id)))


def acceptable(ranked: RankedIdea) -> bool:
    """Whether an idea may be designed: it fits the budget and is not already known."""
    return ranked.feasible and ranked.novelty.verdict != "known"


def _rank_one(idea: Idea, brief: Brief, archive: Sequence[ArchivedIdea], search: Search | None) -> RankedIdea:
    report = novelty(
        f"{idea.title}. {idea.hypothesis}",
        brief.references,
        [(a.run_id, a.text) for a in archive],
        sides=sides_of(idea, brief.template),
        search=search,
    )
    feasibility, feasible_reason = _feasibility(idea, brief)
    information, information_reason = INFORMATION[idea.kind]
    relevance, relevance_reason = _relevance(idea, brief)
    values = {
        "feasibility": feasibility,
        "information": information,
        "novelty": report.score,
        "relevance": relevance,
    }
    reasons = {
        "feasibility": feasible_reason,
        "information": information_reason,
        "novelty": report.reason,
        "relevance": relevance_reason,
    }
    total = sum(WEIGHTS[k] * v for k, v in values.items())
    if idea.merit is not None:
        preference = _preference(idea.merit)
        total = PREFERENCE * preference + (1 - PREFERENCE) * total
        values["preference"] = preference
        reasons["preference"] = idea.merit.reason
    return RankedIdea(
        idea=idea,
        scores=Scores(**{k: round(v, 3) for k, v in values.items()}, total=round(total, 4), reasons=reasons),
        novelty=NoveltyReport.model_validate(report.model_dump()),
        feasible=idea.minutes <= brief.budget_minutes,
    )


def _preference(merit: Merit) -> float:
    """The proposer's scores, from 1 to 10, as a share."""
    scores = {"interestingness": merit.interestingness, "novelty": merit.novelty, "feasibility": merit.feasibility}
    return sum(MERITS[k] * (score - 1) / 9 for k, score in scores.items())


def _feasibility(idea: Idea, brief: Brief) -> tuple[float, str]:
    if not idea.minutes:
        return 0.5, f"{idea.runs} runs of unknown length"
    share = idea.minutes / brief.budget_minutes
    told = f"{idea.runs} runs, about {idea.minutes:.1f} of {brief.budget_minutes:g} minutes"
    return max(0.0, 1.0 - share), told


def _relevance(idea: Idea, brief: Brief) -> tuple[float, str]:
    """Share of the topic's words that the idea's hypothesis, factor and metric speak of, and of its cues for a kind."""
    topic = set(stems(brief.topic))
    spec = brief.template
    text, factor_words = f"{idea.hypothesis} {idea.question}", set[str]()
    hypothesis = next((h for h in spec.hypotheses if h.id == idea.hypothesis_id), None)
    if idea.factor is not None:
        factor, keywords = factor_label(idea, spec), " ".join(hypothesis.keywords if hypothesis else ())
        text += f" {keywords} {factor} {spec.metric(idea.metric).label}"
        factor_words = set(stems(factor))
    subject = topic & set(stems(text))
    known = topic & (set(stems(text)) | set(stems(f"{spec.title} {' '.join(spec.keywords)} {spec.summary}")))
    share = len(subject) / len(known) if known else 0.0
    factor_named = len(factor_words & topic) / len(factor_words) if factor_words else 0.0
    fits_kind, cues = _fits_kind(idea.kind, topic)
    told = f"speaks of {', '.join(sorted(subject)) or 'none'} among the topic's words"
    if cues:
        told += f"; the topic's wording ({', '.join(sorted(cues))}) asks for this kind of study"
    return 0.45 * share + 0.35 * factor_named + 0.2 * fits_kind, told


def _fits_kind(kind: IdeaKind, topic: set[str]) -> tuple[float, set[str]]:
    """How far the topic's wording asks for this kind of study, and the words that do."""
    cues = _cues(kind) & topic
    asked = any(_cues(k) & topic for k in CUES)
    return (1.0 if cues else 0.4 if asked else 0.7), cues


def _cues(kind: IdeaKind) -> set[str]:
    return set(stems(CUES.get(kind, "")))
