"""Sentences that say that the test set was used, and their innocent neighbours."""

from __future__ import annotations

import pytest

from scientist.review.checks.context import Context
from scientist.review.checks.overlap import leaking_split
from scientist.types import Manuscript, ManuscriptSection


def hints(sentence: str) -> list[str]:
    section = ManuscriptSection(heading="Set-up", text=f"The data hold a test part. {sentence}")
    paper = Manuscript(file="x", title="T", abstract="", format="text", sections=(section,))
    return [f.message for f in leaking_split(Context(paper, 2026))]


@pytest.mark.parametrize(
    "sentence",
    [
        "All design decisions were taken by test accuracy.",
        "For each method the epoch with the lowest test loss was kept.",
        "We report the seed with the highest test F1.",
        "Several documents appear in both the training and the test corpus.",
        "A few test questions are also present in the training corpus.",
        "Features were standardised before they were divided into training and test parts.",
        "The width is the value that gave the lowest error on the 500 test images.",
        "Rates were settled by looking at what scored best on the test files.",
        "Early stopping monitors the test rows.",
        "The tokeniser was fitted to every letter, those of the test part included.",
    ],
)
def test_a_used_test_set_is_noticed(sentence: str) -> None:
    assert len(hints(sentence)) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "All decisions were made on the validation part.",
        "The width is the value that gave the lowest error on the validation images.",
        "Our method has the highest accuracy on the test set.",
        "Rates are tuned on the validation set and the final accuracy is measured on the test set.",
        "The epoch with the lowest validation loss was kept.",
        "No test question is present in the training corpus.",
        "We checked whether documents appear in both the training and the test corpus.",
        "Documents that appear in both the training and the test corpus were discarded.",
    ],
)
def test_a_kept_test_set_is_left_alone(sentence: str) -> None:
    assert hints(sentence) == []
