"""The gate after the review: publish, revise, extend, or stop. Pure, so that it can be read and tested alone."""

from __future__ import annotations

from collections.abc import Sequence

from scientist.types import Action, Decision, Evidence, Plan, Review, Severity, Verdict


def decide(
    reviews: Sequence[Review],
    *,
    evidence: Evidence,
    plan: Plan,
    min_score: float,
    max_rounds: int,
    extended: bool,
    affordable: bool = True,
) -> Decision:
    """The verdict on the last of ``reviews`` (one a round, in order).

    A draft is published when it reaches ``min_score`` without an error finding. Below that, an inconclusive primary
    result asks for more evidence if there are seeds in reserve and the time budget pays for them (``affordable``),
    anything else for a revision, until ``max_rounds`` are spent; then the run stops and keeps its best draft.
    """
    round_ = len(reviews) - 1
    review = reviews[-1]
    best = best_round(reviews)
    errors = [f for f in review.findings if f.severity is Severity.ERROR]

    def verdict(action: Action, reason: str) -> Decision:
        kept = reviews[best] if action is Action.STOP else review
        return Decision(round=round_, action=action, score=kept.overall, reason=reason, best_round=best)

    if review.overall >= min_score and not errors:
        return verdict(Action.PUBLISH, f"overall {review.overall:g} reaches {min_score:g} and no check found an error")
    lacking = (
        f"{len(errors)} error{'s' * (len(errors) > 1)} found"
        if errors
        else f"overall {review.overall:g} is below {min_score:g}"
    )
    if round_ >= max_rounds:
        return verdict(Action.STOP, f"{lacking} after {round_ + 1} review{'s' * (round_ > 0)}")
    if not extended and affordable and plan.extension_seeds and inconclusive(evidence, plan):
        return verdict(Action.EXTEND, f"{lacking}, and a primary result is inconclusive")
    if round_ > 0 and not extended and _same_complaints(reviews[-2], review):
        return verdict(Action.STOP, f"{lacking}, and the last revision changed nothing that the review looks at")
    return verdict(Action.REVISE, lacking)


def best_round(reviews: Sequence[Review]) -> int:
    """The round with the fewest errors, then the highest overall score, then the latest."""
    return max(range(len(reviews)), key=lambda i: (-_errors(reviews[i]), reviews[i].overall, i))


def inconclusive(evidence: Evidence, plan: Plan) -> bool:
    """Whether a primary confirmatory claim is neither decided nor shown to be negligible."""
    primary = {c.id for c in plan.contrasts if c.confirmatory and c.role == "primary"}
    return any(c.contrast in primary and c.verdict is Verdict.INCONCLUSIVE for c in evidence.claims)


def _errors(review: Review) -> int:
    return sum(f.severity is Severity.ERROR for f in review.findings)


def _same_complaints(before: Review, after: Review) -> bool:
    def complaints(review: Review) -> set[tuple[str, str]]:
        return {(f.check, f.message) for f in review.findings} | {("weakness", w.text) for w in review.weaknesses}

    return complaints(before) == complaints(after)
