"""The offline mind's review: it measures and quotes, and says that it understands nothing of what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scientist.mind.embedded.opinion import Opinion, opinion_of
from scientist.mind.features import Features, measure
from scientist.mind.reading import clip, counted, prose_sentences, quote
from scientist.mind.scales import filled, own_overall, own_reasons, own_scores
from scientist.mind.scoring import overall, score_fields
from scientist.types import Expected, Finding, Manuscript, Point, Review, ReviewForm, Severity

_STRENGTHS = {
    "repeats": "Results rest on repeated runs.",
    "uncertainty": "Results are given with their uncertainty.",
    "test": "Differences are tested.",
    "correction": "Multiple comparisons are accounted for.",
    "equivalence": "An absence of effect is tested against a stated bound and not read off a large p-value.",
    "preregistration": "The analysis was fixed before the data.",
    "baseline": "There is a baseline or control to compare with.",
    "ablation": "Parts or settings are varied to see what matters.",
    "theory": "Claims are proved.",
    "limitation": "The paper states its limits.",
    "release": "Code or data are said to be available.",
}
_SHOWN_STRENGTHS = 8
_QUESTIONS = {
    "no_uncertainty": "Over how many seeds or samples were the results measured, and how far do they scatter?",
    "no_comparison": "How does the simplest reasonable alternative perform under the same budget?",
    "no_limitations": "Under which conditions do the authors expect the results not to hold?",
    "untested_significance": "Which test supports the differences called significant, with which sample size?",
    "abstract_numbers": "Where in the paper were the abstract's numbers measured?",
    "p_values": "Can the authors give the statistics and p-values again, with the script that computed them?",
    "impossible_numbers": "What is the right value of the number that cannot be right?",
    "missing_entries": "Which works do the citations without an entry refer to?",
    "contradicted_references": "Which publication is meant where the entry disagrees with the record?",
    "missing_floats": "Where are the figures or tables that the text refers to?",
    "unresolved_references": "Which figures, sections or works do the unresolved references mean?",
    "hidden_instructions": "Who put the instructions to reviewers into the manuscript, and why?",
    "narrow": "Do the results hold on further data sets or tasks?",
    "untested": "Is there a test, or an interval for the difference itself?",
    "unspread": "Were the runs repeated, and with how many seeds?",
}


def judge(manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
    """Fill the form from measurements, findings and trained weights. The same manuscript gives the same review.

    The scores and ``overall`` come from the evidence that is reported; the probability and a veto on "accept" from the
    embedded reviewer, whose accuracy has been measured.
    """
    f = measure(manuscript)
    opinion = opinion_of(manuscript)
    scores = score_fields(f, findings)
    total, because = overall(scores, f, findings)
    errors = [x for x in findings if x.severity is Severity.ERROR]
    reached = own_overall(form, total) >= form.accept_at
    accept = reached and not errors and (opinion is None or opinion.accepted)
    weaknesses = tuple(_weaknesses(f, findings))
    confidence, sure = _confidence(manuscript, f)
    known = {**{name: score.score for name, score in scores.items()}, "overall": total, "confidence": confidence}
    reasons = {**{name: score.rationale for name, score in scores.items()}, "overall": because, "confidence": sure}
    return Review(
        summary=_summary(manuscript, f),
        strengths=tuple(_strengths(manuscript, f)),
        weaknesses=weaknesses,
        questions=tuple(dict.fromkeys(q for w in weaknesses if (q := _question(w)))),
        limitations=_limitations(f),
        ethical_concerns=any(x.check == "hidden_instructions" for x in errors),
        **filled(form, own_scores(form, known)),
        decision="accept" if accept else "reject",
        accept_probability=_probability(opinion, errors),
        reviewer="offline rubric (measures, does not understand)",
        findings=findings,
        expected=Expected(rating=opinion.rating, low=opinion.low, high=opinion.high, told=opinion.sentence())
        if opinion
        else None,
        rationale={
            **own_reasons(form, reasons),
            **({} if opinion else {"prediction": _UNRATED}),
            "decision": _decision(own_overall(form, total), form, errors, opinion),
        },
    )


_UNRATED = "Too short for a prediction: the trained weights know only whole papers."


def _probability(opinion: Opinion | None, errors: Sequence[Finding]) -> float | None:
    """None without an opinion; 0 where a check found an error, because such a paper is rejected."""
    if opinion is None:
        return None
    return 0.0 if errors else round(opinion.probability, 3)


def _decision(total: float, form: ReviewForm, errors: Sequence[Finding], opinion: Opinion | None) -> str:
    if errors:
        return f"Rejected: a check found an error ({errors[0].message})."
    relation = "reaches" if total >= form.accept_at else "does not reach"
    said = f"Overall {total:g} {relation} the {form.accept_at:g} at which the form accepts; no check found an error."
    if opinion is None:
        return said
    side = "would more likely be accepted" if opinion.accepted else "would more likely be rejected"
    return (
        f"{said} By its text it {side} at a large conference: predicted mean rating {opinion.rating:.1f} "
        f"(90 % interval {opinion.low:.1f} to {opinion.high:.1f})."
    )


def _summary(manuscript: Manuscript, f: Features) -> str:
    said = prose_sentences(manuscript.abstract)
    own = (
        f"The paper says of itself: “{clip(said[0], 300)}”" if said else "The paper has no abstract that could be read."
    )
    if len(said) > 2:
        result = next((s for s in said[1:] if any(c.isdigit() for c in s)), said[-1])
        own += f" And: “{clip(result, 300)}”"
    return (
        f"{own} It has {f.words} words of main text, {counted(f.figures, 'figure')}, {counted(f.tables, 'table')}, "
        f"{counted(f.equations, 'numbered equation')} and {counted(f.references, 'reference')}. This review was made "
        "by measuring the text; it does not judge whether the ideas are right, new or important."
    )


def _question(weakness: Point) -> str:
    """What to ask the authors about a weakness, empty where there is nothing to ask."""
    if weakness.check == "no_comparison" and "ablation" in weakness.text:
        return "Which of the parts or settings do the results depend on?"
    return _QUESTIONS.get(weakness.check, "")


def _limitations(f: Features) -> str:
    if f.has("limitation"):
        return f"The authors write: “{clip(f.marks['limitation'])}”"
    if f.section("limitation", "threats to validity"):
        return "The paper has a section on its limitations."
    return "No discussion of limitations was found."


def _confidence(manuscript: Manuscript, f: Features) -> tuple[int, str]:
    well_read = f.words >= 1200 and len(manuscript.sections) >= 4 and f.references >= 3 and f.abstract_words >= 20
    if well_read:
        return 2, "Low by design: the parts of the paper were read, but only measured, not understood."
    return 1, "An educated guess: only measured, and title, abstract, sections or references could not all be read."


# ------------------------------------------------------------------------------------------- points


def _strengths(manuscript: Manuscript, f: Features) -> Iterator[Point]:
    if f.has("negative") and (f.has("equivalence") or (f.has("test") and f.has("uncertainty"))):
        text = "A null or negative result is reported with the statistics that it needs."
        yield Point(text=text, span=quote(manuscript, f.marks["negative"]), check="negative")
    shown = [(mark, text) for mark, text in _STRENGTHS.items() if f.has(mark)]
    for mark, text in shown[:_SHOWN_STRENGTHS]:
        yield Point(text=text, span=quote(manuscript, f.marks[mark]), check=mark)
    if len(f.datasets) >= 3:
        yield Point(
            text=f"{len(f.datasets)} data sets or tasks are named: {', '.join(f.datasets[:6])}.", check="datasets"
        )
    if f.references >= 25:
        yield Point(text=f"{f.references} works are referenced.", check="references")


def _weaknesses(f: Features, findings: Sequence[Finding]) -> Iterator[Point]:
    for finding in findings:
        if finding.severity is not Severity.NOTE or finding.check in (
            "no_limitations",
            "no_comparison",
            "untested_significance",
        ):
            text = finding.message[:1].upper() + finding.message[1:]
            yield Point(text=f"{text}.", span=finding.span, check=finding.check)
    reported = {x.check for x in findings}
    if f.empirical and not f.has("repeats") and f.has("uncertainty"):
        yield Point(text="No number of seeds or repeated runs is stated.", check="unspread")
    if f.empirical and not f.has("test") and "untested_significance" not in reported:
        yield Point(text="No statistical test is reported.", check="untested")
    if f.empirical and len(f.datasets) <= 2:
        found = f"{counted(len(f.datasets), 'data set or task', 'data sets or tasks')} ({', '.join(f.datasets)})"
        named = f"it names {found}" if f.datasets else "it names no data set or task by a known name"
        yield Point(text=f"The evaluation is narrow: {named}.", check="narrow")
    if f.references < 15:
        yield Point(text=f"Only {counted(f.references, 'work is', 'works are')} referenced.", check="references")
    if f.sentence_words > 28:
        yield Point(text=f"Sentences are long ({f.sentence_words:g} words on average).", check="sentence_length")
    if len(f.undefined_acronyms) >= 2:
        yield Point(text=f"Acronyms are not spelled out: {', '.join(f.undefined_acronyms[:6])}.", check="acronyms")
