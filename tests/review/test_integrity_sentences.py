"""Numbers within a sentence: changes, counts, sums and bounds, each wrong one beside a sound twin."""

from __future__ import annotations

import pytest
from paper_maker import planted

from scientist.review.integrity import check_manuscript
from scientist.review.markdown import manuscript_of

RESULT = "Holm's correction leaves the verdict as it is."
NUMERIC = {"impossible_numbers", "counted_shares", "shares_of_a_whole", "impossible_means", "impossible_p"}

CASES = [
    ("The queue shrank from 80 to 60 jobs, a decline of {}.", "45%", "25%"),
    ("Latency was lowered by {}, from 200 to 150 ms.", "40%", "25%"),
    ("Compilation became twice as quick, from 90 s to {} s.", "70", "45"),
    ("Coverage rose from 70.0% to 75.0%, a gain of {} points.", "9", "5"),
    ("Seven of the 20 nurses on the ward ({}) agreed.", "41%", "35%"),
    ("Of the 50 nurses, 30 ({}) agreed.", "66%", "60%"),
    ("Among the 8 patients who came back, {} had slept.", "44%", "62.5%"),
    ("The 900 letters were divided into 600 for reading, 200 for tuning and {} for the final check.", "150", "100"),
    ("Of the 60 villages, 30 had a well, 20 had a pump and {} had neither.", "15", "10"),
    ("Comfort was rated on an integer scale from 1 to 7; the mean in the chair group (n = 10) was {}.", "4.27", "4.30"),
    ("Comfort varied little in the chair group (M = 4.2, SD = {}).", "-0.7", "0.7"),
    ("Height was tied to weight (r = {}).", "1.21", "0.21"),
    ("The area under the ROC curve was {} here.", "1.08", "0.88"),
    ("The wait went down from 60 to 45 minutes, so {} of the time was saved.", "a tenth", "a quarter"),
    ("The gap shrank from 2.40 to 2.10 words, a dip of {}.", "0.50", "0.30"),
    ("They agreed on {} of the letters (450 out of 500).", "94.0%", "90.0%"),
    ("So 12 out of 80 runs, that is {}, stopped early.", "19%", "15%"),
    ("There were 90 walks in all. Of these, 50 were short, 30 were long, and {} were cut off.", "24", "10"),
    ("We asked 40 students (22 women, {} men).", "21", "18"),
    ("With age held fixed the group effect stayed, p = {}.", "1.31", ".31"),
]


def numeric_findings(sentence: str) -> set[str]:
    found = check_manuscript(manuscript_of(planted(RESULT, " " + sentence), "paper.md", "markdown"), year=2026)
    return {f.check for f in found} & NUMERIC


@pytest.mark.parametrize(("sentence", "wrong", "sound"), CASES)
def test_a_wrong_number_is_found_and_its_sound_twin_left_alone(sentence: str, wrong: str, sound: str) -> None:
    assert numeric_findings(sentence.format(wrong))
    assert not numeric_findings(sentence.format(sound))


@pytest.mark.parametrize(
    "sentence",
    [
        "The small net reaches 130% of the speed of the large one.",
        "Relative to the first day, recall was 108.0%.",
        "Memory fell from 40 to 30 MB and run time by 60%.",
        "Raising the width from 64 to 256 only brings a gain of 2%.",
    ],
)
def test_what_may_be_read_otherwise_is_left_alone(sentence: str) -> None:
    assert not numeric_findings(sentence)
