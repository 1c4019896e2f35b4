"""p-values against their statistics: what follows from t, F, chi-squared, r and z, and what does not."""

from __future__ import annotations

import pytest
from paper_maker import planted

from scientist.review.integrity import check_manuscript
from scientist.review.markdown import manuscript_of

AFTER = "seldom measured with repeated runs."


def severities(sentence: str) -> list[str]:
    m = manuscript_of(planted(AFTER, f" {sentence}"), "paper.md", "markdown")
    return [f.severity.value for f in check_manuscript(m, year=2026) if f.check in ("p_values", "impossible_p")]


@pytest.mark.parametrize(
    "sentence",
    [
        "The effect was clear, t(28) = 2.20, p = .036.",
        "The effect was clear, t(28) = −2.20, p = 0.04.",
        "The effect was clear (t(9.4) = 3.10, p < .05).",
        "There was none, F(2, 27) = 1.12, p = .34.",
        "Counts differed, χ2(1) = 3.84, p = .05.",
        "Counts differed, χ²(1, N = 90) = 6.71, p = .0096.",
        "They correlate, r(48) = .35, p = .013.",
        "It holds, z = 1.96, p = .05.",
        "It holds, z = 4.5, p < .001.",
        "It holds, t(20) = 1.20, p > .05.",
        "With Holm's adjusted value, t(28) = 2.20, p = .11.",
        "One-sided as planned, t(28) = 2.20, p = .018.",
        "For dropout p = 0.5 and a prime p = 97 nothing changes.",
    ],
)
def test_consistent(sentence: str) -> None:
    assert severities(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "severity"),
    [
        ("The effect was clear, t(28) = 1.20, p = .03.", "error"),
        ("The effect was clear, t(28) = 1.20, p < .05.", "error"),
        ("There was none, F(2, 27) = 8.00, p = .34.", "error"),
        ("Counts differed, χ2(1) = 9.50, p = .03.", "warning"),
        ("They correlate, r(48) = .60, p = .04.", "warning"),
        ("It holds, z = 1.00, p = .01.", "error"),
        ("Adjusted by Holm, t(28) = 2.20, p = .001.", "warning"),
        ("The effect was clear, t(28) = 2.20, p = .018.", "note"),
        ("The value was p = 0.000 here.", "note"),
        ("The value was p = -0.02 here.", "error"),
        ("The value was p = 1.7 here.", "error"),
    ],
)
def test_inconsistent(sentence: str, severity: str) -> None:
    assert severities(sentence) == [severity]
