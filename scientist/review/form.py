"""Review forms: what is scored, on which scale, and what each score means."""

from __future__ import annotations

from scientist.types import FormField, ReviewForm

_FOUR = {4: "excellent", 3: "good", 2: "fair", 1: "poor"}


def _graded(name: str, question: str) -> FormField:
    return FormField(name=name, low=1, high=4, meaning={k: f"{v}: {question}" for k, v in _FOUR.items()})


NEURIPS = ReviewForm(
    name="neurips",
    venue="NeurIPS main track",
    fields=(
        _graded("soundness", "do the methods and the evidence carry the claims"),
        _graded("presentation", "is the paper well written, ordered and set among related work"),
        _graded("contribution", "do the questions and the results matter to others"),
        _graded("originality", "is there something new, and is it told apart from what was known"),
        _graded("quality", "is it technically right, complete, and honest about its weak sides"),
        _graded("clarity", "could an expert reproduce it from the text"),
        _graded("significance", "will others use it or build on it"),
        FormField(
            name="overall",
            low=1,
            high=10,
            meaning={
                10: "award quality: flawless, with exceptional impact",
                9: "very strong accept: flawless, with great impact on a field or good impact on several",
                8: "strong accept: strong, novel, excellent impact on a field, no unsolved concern",
                7: "accept: solid, high impact on a part of a field, sound evaluation, no great concern",
                6: "weak accept: solid, moderate to high impact, no great concern about the evaluation",
                5: "borderline accept: solid; reasons to accept outweigh reasons to reject, e.g. a narrow evaluation",
                4: "borderline reject: solid, but reasons to reject outweigh reasons to accept",
                3: "reject: technical flaws, weak evaluation, or not reproducible",
                2: "strong reject: major technical flaws, poor evaluation, little impact, or open ethical questions",
                1: "very strong reject: trivial, known before, or unethical",
            },
        ),
        FormField(
            name="confidence",
            low=1,
            high=5,
            meaning={
                5: "certain: knows the related work and checked the details",
                4: "confident, not certain",
                3: "fairly confident: parts may have been misunderstood, details were not checked",
                2: "willing to defend it, but central parts were likely not understood",
                1: "an educated guess",
            },
        ),
    ),
    accept_at=6.0,
)

FORMS: dict[str, ReviewForm] = {"neurips": NEURIPS}
"""The forms by name."""


def meaning(form: ReviewForm, field: str, score: float) -> str:
    """What a score means on a form; scores between two whole ones have the lower one's meaning."""
    return next(f for f in form.fields if f.name == field).meaning[int(score)]
