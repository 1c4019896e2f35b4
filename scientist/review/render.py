"""A review as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scientist.mind.scales import field_of
from scientist.review.form import NEURIPS, meaning
from scientist.types import Finding, Manuscript, Point, Review, ReviewForm, Severity, Span

if TYPE_CHECKING:
    from scientist.mind.llm.rebuttal import Answer, Rebuttal

_NAMES = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}


def to_markdown(review: Review, manuscript: Manuscript, form: ReviewForm = NEURIPS) -> str:
    """Verdict, scores with meaning and reason, summary, points, then every finding with page, quote and mend."""
    return "\n".join(_parts(review, manuscript, form)).rstrip() + "\n"


def rebuttal_markdown(rebuttal: Rebuttal) -> str:
    """The draft answers, each under the point that it answers, with what it quotes and what to check in it."""
    lines = ["## Draft of a rebuttal", "", f"Drafted by {rebuttal.model}, for the authors to check, mend and sign.", ""]
    for number, answer in enumerate(rebuttal.answers, 1):
        lines += [f"### {number}. {_plain(answer.point)}", "", f"{STANCES[answer.stance]}. {_plain(answer.answer)}"]
        lines += [_quote(answer.span).strip("\n")] if answer.span else []
        lines += ["", f"Change: {_plain(answer.change)}"] if answer.change else []
        lines += ["", f"To check: {caution}"] if (caution := cautions(answer)) else []
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


STANCES = {"answered": "Answered in the manuscript", "change": "To be changed", "granted": "Granted"}


def cautions(answer: Answer) -> str:
    """What the authors must check in a draft answer; empty where nothing stands out."""
    said = []
    if answer.stance == "answered" and answer.span is None:
        said.append("no words of the manuscript were found that carry this answer.")
    if answer.unknown:
        said.append(f"not in the manuscript: {', '.join(answer.unknown)}.")
    return " ".join(said)


def _parts(review: Review, manuscript: Manuscript, form: ReviewForm) -> Iterator[str]:
    yield f"# Review of “{_plain(manuscript.title) or manuscript.file}”\n"
    own = review.score("overall")
    grade, best = meaning(form, "overall", own), field_of(form, "overall").high
    yield f"**{review.decision.capitalize()}**: overall {own:g} of {best} ({grade})."
    if review.rationale.get("decision"):
        yield f"{_plain(review.rationale['decision'])}"
    yield f"\nForm: {form.venue}, accepts at {form.accept_at:g}. Reviewer: {review.reviewer}."
    yield f"File: {manuscript.file} ({_size(manuscript)}).\n"
    yield from _scores(review, form)
    yield from _panel(review, form)
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
        score = review.score(field.name)
        reason = _plain(review.rationale.get(field.name, ""))
        yield f"| {field.name} | {score:g} of {field.high} | {_plain(meaning(form, field.name, score))} | {reason} |"
    yield ""
    if review.accept_probability is None and not review.rationale.get("prediction"):
        yield "The reviewer is not calibrated, so no probability of acceptance is given.\n"
    elif review.accept_probability is not None:
        yield f"Estimated probability of acceptance: {review.accept_probability:.0%}.\n"
    if review.rationale.get("prediction"):
        yield f"{_plain(review.rationale['prediction'])}\n"
    if review.expected is not None:
        within = f"{review.expected.low:.1f} to {review.expected.high:.1f}"
        yield f"{_plain(review.expected.told)} Nine in ten such means lie from {within}.\n"


def _panel(review: Review, form: ReviewForm) -> Iterator[str]:
    """Who judged, how far they agree, and what was left out or could not be done."""
    notes = [_plain(review.rationale[name]) for name in ("panel",) if review.rationale.get(name)]
    if len(review.panel) < 2 and not notes:
        return
    yield "## Panel\n"
    if len(review.panel) > 1:
        yield f"| | {' | '.join(_plain(m.stance) for m in review.panel)} | standard deviation |"
        yield "|---" * (len(review.panel) + 2) + "|"
        for field in form.fields:
            given = " | ".join(str(m.scores[field.name]) for m in review.panel)
            yield f"| {field.name} | {given} | {review.dispersion[field.name]:.2f} |"
        yield ""
    yield from (f"{note}\n" for note in notes)


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
            yield from finding_lines(f)
        yield ""


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding as an item of a list."""
    yield f"- **{finding.check}**: {_plain(finding.message)}{_quote(finding.span)}"
    if finding.mend:
        yield f"  - To mend: {_plain(finding.mend)}."


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
