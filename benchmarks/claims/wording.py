"""Wordings for mutations, by what they claim: three lists, each written apart.

``SEEN`` was at hand when the checks were written. ``SECOND`` was written after them and met them as they stood, and
they were mended where it got through; ``THIRD`` was written after that, and nothing was mended by it. Phrases are
filled into the frames of ``mutants.py``; each claims the same as its neighbours in other words.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One writer's wordings. Verbs are in the past tense and take the metric as their subject."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    sure: tuple[str, ...]
    same: tuple[str, ...]
    best: tuple[str, ...]
    planned: tuple[str, ...]
    upheld: tuple[str, ...]
    overturned: tuple[str, ...]
    unsettled: tuple[str, ...]
    scope: tuple[str, ...]
    cause: tuple[str, ...]
    one_run: tuple[str, ...]
    nouns: tuple[str, ...]
    percent: tuple[str, ...]
    ratio: tuple[str, ...]


SEEN = Words(
    up=(
        "rose",
        "increased",
        "was higher",
        "grew",
        "climbed",
        "went up",
        "was raised",
        "soared",
        "was elevated",
        "exceeded that of the control",
    ),
    down=(
        "fell",
        "decreased",
        "was lower",
        "shrank",
        "dropped",
        "went down",
        "was reduced",
        "declined",
        "plunged",
        "was cut",
    ),
    sure=(
        "significantly",
        "reliably",
        "clearly",
        "robustly",
        "beyond chance",
        "convincingly",
        "unambiguously",
        "with certainty",
    ),
    same=(
        "made no difference",
        "had no effect",
        "left it unchanged",
        "gave the same result",
        "did not matter",
        "was equal to the control",
        "was indistinguishable from the control",
        "was irrelevant",
    ),
    best=(
        "the best seed reached",
        "the fastest run came to",
        "the winner reached",
        "up to",
        "at best it was",
        "the top run reached",
        "the highest value was",
        "as much as",
    ),
    planned=(
        "confirms the hypothesis",
        "as pre-registered",
        "as we hypothesised",
        "we show this",
        "as predicted",
        "as planned",
        "verifies the prediction",
        "demonstrates this",
    ),
    upheld=(
        "the hypothesis is supported",
        "the hypothesis holds",
        "this confirms the hypothesis",
        "this is in line with the prediction",
        "the prediction is borne out",
        "the hypothesis is confirmed",
    ),
    overturned=(
        "the hypothesis is refuted",
        "this contradicts the hypothesis",
        "the hypothesis fails",
        "this falsifies the prediction",
        "the hypothesis is rejected",
        "the hypothesis was wrong",
    ),
    unsettled=(
        "the result is inconclusive",
        "the question remains open",
        "this is undecided",
        "the outcome is unclear",
    ),
    scope=(
        "always",
        "in general",
        "on all data sets",
        "for every network",
        "universally",
        "without exception",
        "regardless of the task",
        "across the board",
    ),
    cause=(
        "this is caused by the change of setting",
        "this is because of the change",
        "the change led to this",
        "this is due to the setting",
        "the mechanism is the change",
    ),
    one_run=(
        "one run fitted its training set and missed only the rule",
        "a single seed learned the rule at once",
        "one seed diverged early",
        "that run never converged",
        "another seed reached a lower loss",
        "the last run overfitted",
    ),
    nouns=("data sets", "tasks", "architectures", "benchmarks"),
    percent=("percent", "percentage points", r"\%", "per cent"),
    ratio=("times", "-fold", "times as much"),
)

SECOND = Words(
    up=(
        "came out above the control",
        "ran higher",
        "ended larger than before",
        "got bigger",
        "was pushed to a greater value",
        "moved upwards",
        "was on the high side",
        "showed an increase",
        "was inflated",
        "stood higher",
    ),
    down=(
        "came out below the control",
        "ran lower",
        "ended smaller than before",
        "got smaller",
        "was brought to a lesser value",
        "moved downwards",
        "was on the low side",
        "showed a decrease",
        "was deflated",
        "stood lower",
    ),
    sure=(
        "without question",
        "to a statistically secure degree",
        "unmistakably",
        "and not by luck",
        "far outside the noise",
        "in a way that chance cannot explain",
        "with strong statistical support",
        "decidedly",
    ),
    same=(
        "did nothing",
        "changed nothing",
        "was as good as no change at all",
        "proved inconsequential",
        "yielded identical values",
        "came to the same thing",
        "was without effect",
        "left things as they were",
    ),
    best=(
        "in the most favourable run it was",
        "the strongest seed got to",
        "its maximum over seeds was",
        "the luckiest run showed",
        "one could get as far as",
        "the top seed stood at",
        "the record was",
        "picking the finest run gives",
    ),
    planned=(
        "just as our protocol foresaw",
        "which validates our registered claim",
        "which corroborates what we set out to show",
        "as was laid down beforehand",
        "establishing the point",
        "exactly what the plan had foretold",
        "so that our prediction is verified",
        "which clinches the case",
    ),
    upheld=(
        "our conjecture turned out to be right",
        "the expectation was met",
        "the predicted effect is real",
        "the data back the hypothesis",
        "the hypothesis came through",
        "we were right to expect this",
    ),
    overturned=(
        "our conjecture turned out to be wrong",
        "the expectation was disappointed",
        "the data speak against the hypothesis",
        "the hypothesis did not survive",
        "we were mistaken to expect this",
        "the prediction is dead",
    ),
    unsettled=(
        "nothing can be concluded from this",
        "the jury is still out",
        "the data cannot tell",
        "this remains to be seen",
    ),
    scope=(
        "in every conceivable setting",
        "for neural networks as a class",
        "wherever it is tried",
        "in each and every case",
        "as a universal law",
        "for whatever data one has",
        "under all circumstances",
        "at every scale",
    ),
    cause=(
        "the change of setting is what produced this",
        "this came about through the change",
        "this can be traced to the setting",
        "the change is to thank for this",
        "it is the setting that makes it so",
    ),
    one_run=(
        "one of the seeds memorised its data and got the rule wrong",
        "in a single run the loss blew up",
        "a lone seed solved the task in no time",
        "the third-slowest network stalled halfway",
        "one network forgot what it had learned",
        "there was a seed that generalised before it fitted",
    ),
    nouns=("corpora", "laboratories", "model families", "problem domains"),
    percent=("in a hundred", "points in the hundred", "percent of it", "per hundred"),
    ratio=("multiples of it", "times over", "fold of the control"),
)

THIRD = Words(
    up=(
        "crept upwards",
        "reached a larger figure than the control",
        "turned out greater",
        "gained ground",
        "overshot the control",
        "landed above where it began",
        "thickened",
        "had risen by the end",
    ),
    down=(
        "crept downwards",
        "reached a smaller figure than the control",
        "turned out lesser",
        "lost ground",
        "undershot the control",
        "landed below where it began",
        "thinned out",
        "had fallen by the end",
    ),
    sure=(
        "indisputably",
        "by a margin that leaves no room for error",
        "as any statistician would agree",
        "hands down",
        "to a degree that can be relied upon",
        "palpably",
        "well outside what sampling would give",
        "for good",
    ),
    same=(
        "left no mark",
        "was neither a help nor a hindrance",
        "kept everything level",
        "amounted to zero",
        "made not the slightest difference",
        "turned out to be neutral",
        "brought about no change",
        "had the same outcome",
    ),
    best=(
        "the outstanding seed managed",
        "its ceiling was",
        "on a good day it was",
        "the foremost run gave",
        "it peaked at",
        "with the right seed one gets",
        "the best among them was",
        "it could be pushed as high as",
    ),
    planned=(
        "fulfilling the forecast",
        "as announced in the protocol",
        "which seals the matter",
        "which proves our point",
        "this was the predicted outcome",
        "in accordance with the registration",
        "as the study was designed to show",
        "so the planned test succeeds",
    ),
    upheld=(
        "what we had foreseen came to pass",
        "the forecast was accurate",
        "our guess was right",
        "the hypothesis is vindicated",
        "theory and data agree",
        "the hypothesis gains firm support",
    ),
    overturned=(
        "what we had foreseen did not come to pass",
        "the forecast was off",
        "our guess was wrong",
        "the hypothesis is in ruins",
        "theory and data disagree",
        "the hypothesis must be given up",
    ),
    unsettled=(
        "no answer emerges",
        "the matter is up in the air",
        "one cannot say which way it goes",
        "the evidence is mixed",
    ),
    scope=(
        "for anyone's network",
        "whichever data are chosen",
        "throughout machine learning",
        "come what may",
        "on any task whatsoever",
        "with all optimisers",
        "in perpetuity",
        "as an iron law",
    ),
    cause=(
        "the setting is the culprit",
        "the change is what did it",
        "such is the power of the setting",
        "it was brought on by the setting",
        "the effect flows from the change",
    ),
    one_run=(
        "a certain seed found the rule first",
        "the slowest run gave up",
        "one training run stood out",
        "the eighth run spoiled the mean",
        "some network got stuck",
        "an unlucky seed never left its plateau",
    ),
    nouns=("languages", "experimenters", "hospitals", "algorithms"),
    percent=("percentage units", "parts per hundred", "per centum", "percent points"),
    ratio=("times the control", "fold", "multiples"),
)
