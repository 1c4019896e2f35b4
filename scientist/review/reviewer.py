"""A review: the checks first, then whoever judges, who is told what the checks found."""

from __future__ import annotations

from scientist.mind.base import Mind
from scientist.review.checks.context import Lookup
from scientist.review.integrity import by_severity, check_manuscript
from scientist.review.statements import missing_statements
from scientist.types import Manuscript, Review, ReviewForm, Severity


def review_manuscript(manuscript: Manuscript, *, mind: Mind, form: ReviewForm, lookup: Lookup | None = None) -> Review:
    """The mind's review with the findings of the checks attached. An error found by a check stands above the mind:
    such a paper is not accepted."""
    findings = check_manuscript(manuscript, lookup=lookup, page_limit=form.page_limit)
    findings = by_severity((*findings, *missing_statements(manuscript, form)))
    review = mind.review(manuscript, form, findings)
    wrong = [f for f in findings if f.severity is Severity.ERROR]
    if wrong and review.decision == "accept":
        reason = f"rejected in spite of the scores, because a check found an error: {wrong[0].message}"
        review = review.model_copy(update={"decision": "reject", "rationale": {**review.rationale, "decision": reason}})
    return review.model_copy(update={"findings": findings})
