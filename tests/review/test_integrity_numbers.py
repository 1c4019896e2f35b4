"""Numbers that cannot be: means, shares, sums, tables and comparisons, each with a sound twin that is left alone."""

from __future__ import annotations

import random
from itertools import product

import pytest
from paper_maker import GOOD, planted

from scientist.review.checks.limits import main_pages
from scientist.review.checks.means import grim, grimmer
from scientist.review.integrity import check_manuscript
from scientist.review.markdown import manuscript_of
from scientist.types import Manuscript, ManuscriptSection

RESULT = "Holm's correction leaves the verdict as it is."
TABLE = """

Table 2: Scores.

| method | SVHN | digits | average |
|---|---|---|---|
| plain descent | 71.0 | 80.0 | 75.5 |
| warm restarts | 75.2 | 82.0 | {average} |
| label smoothing | 73.0 | 81.0 | 77.0 |
| total | {total} | 243.0 | 231.1 |
"""


def checks(text: str) -> set[str]:
    return {f.check for f in check_manuscript(manuscript_of(text, "paper.md", "markdown"), year=2026)}


def in_results(sentence: str) -> set[str]:
    return checks(planted(RESULT, " " + sentence))


PAIRS = {
    "grim": (
        "On a 5-point Likert scale, N = 17, the mean was 3.47.",
        "On a 5-point Likert scale, N = 17, the mean was 3.45.", "impossible_means",
    ),
    "grim, other size": (
        "On a 5-point Likert scale, N = 20 of 23 participants answered; the mean was 3.45.",
        "On a 5-point Likert scale, N = 19 answers of 17 participants; the mean was 3.45.", "impossible_means",
    ),
    "grimmer": (
        "Ten raters? No, 10 participants used whole numbers on a scale from 1 to 5 (M = 3.00, SD = 1.41).",
        "Ten raters? No, 10 participants used whole numbers on a scale from 1 to 5 (M = 3.00, SD = 1.45).",
        "impossible_means",
    ),
    "off scale": (
        "The mean rating was 4.6 on a scale from 1 to 5.", "The mean rating was 5.6 on a scale from 1 to 5.",
        "impossible_means",
    ),
    "counted": ("It failed in 7 of 40 runs (17.5%).", "It failed in 7 of 40 runs (19.5%).", "counted_shares"),
    "percentage first": ("It failed in 33.3% (4/12).", "It failed in 43.3% (4/12).", "counted_shares"),
    "few": ("It was stable in 42.9% of the 7 runs.", "It was stable in 45% of the 7 runs.", "counted_shares"),
    "parts": (
        "The errors break down into 50% labels, 30% images and 20% others.",
        "The errors break down into 50% labels, 30% images and 26% others.", "shares_of_a_whole",
    ),
    "parts of a part": (
        "We found that 40% failed, of which 25% timed out and the remaining 15% crashed.",
        "We found that 40% failed, of which 25% timed out and the remaining 45% crashed.", "shares_of_a_whole",
    ),
    "compared": (
        "It scores 84.1% compared with 70.1% before, an improvement of 14.0 points.",
        "It scores 84.1% compared with 70.1% before, an improvement of 24.0 points.", "compared_numbers",
    ),
    "relative": (
        "It scores 84.0% compared with 70.0% before, an improvement of 20%.",
        "It scores 84.0% compared with 70.0% before, an improvement of 25%.", "compared_numbers",
    ),
    "p at a sentence's end": ("The test gave p = 0.3.", "The test gave p = 1.3.", "impossible_p"),
    "tuned on test": (
        "The learning rate was tuned on the validation set.", "The learning rate was tuned on the test set.",
        "leaking_split",
    ),
    "denied": (
        "The learning rate was not tuned on the test set.", "The best model was selected by test accuracy.",
        "leaking_split",
    ),
    "standardised": (
        "Features were standardised on the training part.", "Features were standardised before splitting.",
        "leaking_split",
    ),
    "split": (
        "The data are cut 70/15/15 (train/validation/test split).",
        "The data are cut 70/15/25 (train/validation/test split).", "impossible_numbers",
    ),
    "twice": (
        "None of these studies asks about networks as small as ours.",
        "None of these studies asks about networks as small as ours. "
        "None of these studies asks about networks as small as ours.", "repeated_sentences",
    ),
    "assistant": ("As an AI language model would, it errs.", "As an AI language model, I cannot run it.", "leftovers"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_the_defect_is_found_and_its_sound_twin_is_not(name: str) -> None:
    sound, faulty, check = PAIRS[name]
    assert in_results(sound) == set()
    assert check in in_results(faulty)


def table(average: str = "78.6", total: str = "219.2", claim: str = "") -> set[str]:
    text = planted(RESULT, f" Table 2 has the scores. {claim}" + TABLE.format(average=average, total=total))
    return checks(text) & {"table_sums", "table_claims", "doubled_rows"}


def test_averages_and_claims_of_a_table() -> None:
    assert table() == set()
    assert table(average="79.9") == {"table_sums"}
    assert table(claim="On SVHN, warm restarts improves over plain descent by 4.2 points.") == set()
    assert table(claim="On SVHN, warm restarts improves over plain descent by 5.9%.") == set()
    assert table(claim="On SVHN, warm restarts improves over plain descent by 7.9 points.") == {"table_claims"}
    assert table(claim="On digits, warm restarts improves over plain descent by 4.2 points.") == {"table_claims"}


def test_totals_of_counts_and_copied_rows() -> None:
    head = "\n\nTable 2: Sizes.\n\n| part | train | test |\n|---|---|---|\n| A | 100 | 20 |\n| B | 150 | 30 |\n"
    assert checks(planted(RESULT, " Table 2 has sizes." + head + "| total | 250 | 50 |\n")) == set()
    assert checks(planted(RESULT, " Table 2 has sizes." + head + "| total | 250 | 60 |\n")) == {"table_sums"}
    twins = head + "| C | 0.11 | 0.52 |\n| D | 0.11 | 0.52 |\n"
    assert "doubled_rows" not in checks(planted(RESULT, " Table 2 has sizes." + twins))  # two numbers may agree
    wide = "\n\nTable 2: Scores.\n\n| m | a | b | c |\n|---|---|---|---|\n| one | 0.11 | 0.52 | 0.37 |\n"
    assert "doubled_rows" in checks(planted(RESULT, " Table 2 shows it." + wide + "| two | 0.11 | 0.52 | 0.37 |\n"))


@pytest.mark.parametrize("n", [5, 8, 13])
def test_grim_and_grimmer_never_blame_a_real_sample(n: int) -> None:
    rng = random.Random(n)
    for _ in range(300):
        answers = [rng.randint(1, 7) for _ in range(n)]
        mean = sum(answers) / n
        sd = (sum((x - mean) ** 2 for x in answers) / (n - 1)) ** 0.5
        assert grim(f"{mean:.2f}", n)
        assert grimmer(f"{mean:.2f}", f"{sd:.2f}", n)


def test_grim_and_grimmer_agree_with_every_sample_there_is() -> None:
    n, means, pairs = 4, set(), set()
    for answers in product(range(6), repeat=n):
        mean = sum(answers) / n
        sd = (sum((x - mean) ** 2 for x in answers) / (n - 1)) ** 0.5
        means.add(f"{mean:.2f}")
        pairs.add((f"{mean:.2f}", f"{sd:.2f}"))
    assert all(grim(f"{k / 100:.2f}", n) == (f"{k / 100:.2f}" in means) for k in range(501))
    blamed = [sd for sd in (f"{k / 100:.2f}" for k in range(150)) if not grimmer("2.25", sd, n)]
    assert len(blamed) > 100
    assert not [sd for sd in blamed if ("2.25", sd) in pairs]


def paged(*texts: str, last: int) -> Manuscript:
    sections = (ManuscriptSection(heading="1 Introduction", text="…", page=1),
                ManuscriptSection(heading="2 Results", text="…", page=last))  # fmt: skip
    return Manuscript(file="p.pdf", format="pdf", title="t", abstract="a", sections=sections, pages=len(texts),
                      page_texts=texts)  # fmt: skip


LONG = "words of the main part " * 20


def test_pages_of_the_main_part() -> None:
    assert main_pages(paged(LONG, LONG + "\n\nReferences\n\n[1] A.", last=2)) == 2
    assert main_pages(paged(LONG, LONG, "References\n\n[1] A.", last=2)) == 2
    assert main_pages(manuscript_of(GOOD, "p.md", "markdown")) is None
    paper = paged(LONG, LONG, LONG + "\n\nReferences\n\n[1] A.", last=2)
    assert "page_limit" in {f.check for f in check_manuscript(paper, year=2026, page_limit=2)}
    assert "page_limit" not in {f.check for f in check_manuscript(paper, year=2026, page_limit=3)}
    assert "page_limit" not in {f.check for f in check_manuscript(paper, year=2026)}
