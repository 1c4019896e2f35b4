"""A review as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.review.form import NEURIPS, meaning
from scientist.types import Finding, Manuscript, Point, Review, ReviewForm, Severity, Span

_NAMES = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}


def to_markdown(review: Review, manuscript: Manuscript, form: ReviewForm = NEURIPS) -> str:
    """Verdict, scores with meaning and reason, summary, points, then every finding with page, quote and mend."""
    return "\n".join(_parts(review, manuscript, form)).rstrip() + "\n"


def _parts(review: Review, manuscript: Manuscript, form: ReviewForm) -> Iterator[str]:
    yield f"# Review of “{_plain(manuscript.title) or manuscript.file}”\n"
    grade = meaning(form, "overall", review.overall)
    yield f"**{review.decision.capitalize()}**: overall {review.overall:g} of 10 ({grade})."
    if review.rationale.get("decision"):
        yield f"{_plain(review.rationale['decision'])}"
    yield f"\nForm: {form.venue}, accepts at {form.accept_at:g}. Reviewer: {review.reviewer}."
    yield f"File: {manuscript.file} ({_size(manuscript)}).\n"
    yield from _scores(review, form)
    yield f"## Summary\n\n{_plain(review.summary)}\n"
    yield from _points("Strengths", review.strengths)
    yield from _points("Weaknesses", review.weaknesses)
    if review.questions:
        yield "## Questions\n"
        yield from (f"{i}. {_plain(q)}" for i, q in enumerate(review.questions, 1))
        yield ""
    if review.limitations:
        yield f"## Limitations\n\n{_plain(review.limitations)}\n"
    yield f"## Ethical concerns\n\n{'Yes: see the findings.' if review.ethical_concerns else 'None found.'}\n"
    yield from _findings(review.findings)


def _scores(review: Review, form: ReviewForm) -> Iterator[str]:
    yield "## Scores\n"
    yield "| | score | meaning | rests on |"
    yield "|---|---|---|---|"
    for field in form.fields:
        score = getattr(review, field.name)
        reason = _plain(review.rationale.get(field.name, ""))
        yield f"| {field.name} | {score:g} of {field.high} | {_plain(meaning(form, field.name, score))} | {reason} |"
    yield ""
    if review.accept_probability is None:
        yield "The reviewer is not calibrated, so no probability of acceptance is given.\n"
    else:
        yield f"Estimated probability of acceptance: {review.accept_probability:.0%}.\n"


def _points(title: str, points: tuple[Point, ...]) -> Iterator[str]:
    yield f"## {title}\n"
    if not points:
        yield "None that a measurement supports."
    for point in points:
        yield f"- {_plain(point.text)}{_quote(point.span)}"
    yield ""


def _findings(findings: tuple[Finding, ...]) -> Iterator[str]:
    yield "## Findings of the checks\n"
    if not findings:
        yield "None.\n"
    for severity, name in _NAMES.items():
        group = [f for f in findings if f.severity is severity]
        if not group:
            continue
        yield f"### {name} ({len(group)})\n"
        for f in group:
            yield f"- **{f.check}**: {_plain(f.message)}{_quote(f.span)}"
            if f.mend:
                yield f"  - To mend: {_plain(f.mend)}."
        yield ""


def _quote(span: Span | None) -> str:
    if span is None:
        return ""
    where = f"p. {span.page}: " if span.page else ""
    return f"\n  > {where}“{_plain(span.text)}”"


def _size(manuscript: Manuscript) -> str:
    pages = f"{manuscript.pages} pages, " if manuscript.pages else ""
    return f"{pages}{len(manuscript.sections)} sections, {len(manuscript.references)} references"


def _plain(text: str) -> str:
    """Text of a manuscript is data: it must not become markup of the review."""
    text = " ".join(text.split())
    for mark in "\\`*<|":
        text = text.replace(mark, "\\" + mark)
    text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
    return text.replace("](", "]\\(")
