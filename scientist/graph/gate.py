"""The gate after the review: publish, revise, extend, or stop. Pure, so that it can be read and tested alone."""

from __future__ import annotations

from collections.abc import Sequence

from scientist.types import Action, Cause, Claim, Decision, Evidence, Plan, Review, Severity, Verdict


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

    A draft is published when it reaches ``min_score`` without an error finding. Below that, with seeds in reserve that
    the time budget pays for (``affordable``), a primary result that is inconclusive, or whose interval is wider than
    the smallest effect of interest, asks for more evidence; anything else asks for a revision, until ``max_rounds``
    are spent; then the run stops and keeps its best draft. Looking once more is paid for beforehand: the plan splits
    its level over its looks.
    """
    round_ = len(reviews) - 1
    review = reviews[-1]
    best = best_round(reviews)
    errors = [f for f in review.findings if f.severity is Severity.ERROR]

    def verdict(action: Action, reason: str, cause: Cause | None = None) -> Decision:
        kept = reviews[best] if action is Action.STOP else review
        return Decision(round=round_, action=action, score=kept.overall, reason=reason, best_round=best, cause=cause)

    if review.overall >= min_score and not errors:
        return verdict(Action.PUBLISH, f"overall {review.overall:g} reaches {min_score:g} and no check found an error")
    lacking = (
        f"{len(errors)} error{'s' * (len(errors) > 1)} found"
        if errors
        else f"overall {review.overall:g} is below {min_score:g}"
    )
    if round_ >= max_rounds:
        return verdict(Action.STOP, f"{lacking} after {round_ + 1} review{'s' * (round_ > 0)}")
    cause = lacks_evidence(evidence, plan) if not extended and affordable and plan.extension_seeds else None
    if cause is not None:
        return verdict(Action.EXTEND, f"{lacking}, and {TOLD[cause]}", cause)
    if round_ > 0 and not extended and _same_complaints(reviews[-2], review):
        return verdict(Action.STOP, f"{lacking}, and the last revision changed nothing that the review looks at")
    return verdict(Action.REVISE, lacking)


def best_round(reviews: Sequence[Review]) -> int:
    """The round with the fewest errors, then the highest overall score, then the latest."""
    return max(range(len(reviews)), key=lambda i: (-_errors(reviews[i]), reviews[i].overall, i))


TOLD: dict[Cause, str] = {
    "inconclusive": "a primary result is inconclusive",
    "wide_interval": "the interval of a primary result is wider than the smallest effect of interest",
}


def lacks_evidence(evidence: Evidence, plan: Plan) -> Cause | None:
    """What a primary confirmatory result lacks, if anything: a verdict, or an interval that says how large it is.

    A result shown to be negligible (equivalent) lacks nothing: its interval lies within the bounds as a whole.
    """
    primary = {c.id for c in plan.contrasts if c.confirmatory and c.role == "primary"}
    claims = [c for c in evidence.claims if c.contrast in primary]
    if any(c.verdict is Verdict.INCONCLUSIVE for c in claims):
        return "inconclusive"
    decided = (c for c in claims if c.verdict is not Verdict.EQUIVALENT)
    return "wide_interval" if any(_wide(c, evidence) for c in decided) else None


def _wide(claim: Claim, evidence: Evidence) -> bool:
    """Whether the interval of a claim's estimate is wider than the smallest effect of interest in its metric."""
    ledger = {q.id: q for q in evidence.quantities}
    effect, bound = ledger.get(f"effect.{claim.contrast}"), ledger.get(f"sesoi.{claim.metric}")
    if effect is None or bound is None or effect.low is None or effect.high is None:
        return False
    return effect.high - effect.low > float(bound.value)


def _errors(review: Review) -> int:
    return sum(f.severity is Severity.ERROR for f in review.findings)


def _same_complaints(before: Review, after: Review) -> bool:
    def complaints(review: Review) -> set[tuple[str, str]]:
        return {(f.check, f.message) for f in review.findings} | {("weakness", w.text) for w in review.weaknesses}

    return complaints(before) == complaints(after)
