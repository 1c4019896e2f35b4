"""Wordings for mutations, by what they claim. ``SEEN`` was at hand when the checks were written; ``UNSEEN`` was not.

``UNSEEN`` was written apart, after the checks, and the checks were first run against it as they stood. Phrases are
filled into frames of ``mutants.py``; each claims the same as its neighbours in other words.
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
    up=("rose", "increased", "was higher", "grew", "climbed", "went up", "was raised", "soared", "was elevated", "exceeded that of the control"),
    down=("fell", "decreased", "was lower", "shrank", "dropped", "went down", "was reduced", "declined", "plunged", "was cut"),
    sure=("significantly", "reliably", "clearly", "robustly", "beyond chance", "convincingly", "unambiguously", "with certainty"),
    same=("made no difference", "had no effect", "left it unchanged", "gave the same result", "did not matter", "was equal to the control", "was indistinguishable from the control", "was irrelevant"),
    best=("the best seed reached", "the fastest run came to", "the winner reached", "up to", "at best it was", "the top run reached", "the highest value was", "as much as"),
    planned=("confirms the hypothesis", "as pre-registered", "as we hypothesised", "we show this", "as predicted", "as planned", "verifies the prediction", "demonstrates this"),
    upheld=("the hypothesis is supported", "the hypothesis holds", "this confirms the hypothesis", "this is in line with the prediction", "the prediction is borne out", "the hypothesis is confirmed"),
    overturned=("the hypothesis is refuted", "this contradicts the hypothesis", "the hypothesis fails", "this falsifies the prediction", "the hypothesis is rejected", "the hypothesis was wrong"),
    unsettled=("the result is inconclusive", "the question remains open", "this is undecided", "the outcome is unclear"),
    scope=("always", "in general", "on all data sets", "for every network", "universally", "without exception", "regardless of the task", "across the board"),
    cause=("this is caused by the change of setting", "this is because of the change", "the change led to this", "this is due to the setting", "the mechanism is the change"),
    one_run=("one run fitted its training set and missed only the rule", "a single seed learned the rule at once", "one seed diverged early", "that run never converged", "another seed reached a lower loss", "the last run overfitted"),
    nouns=("data sets", "tasks", "architectures", "benchmarks"),
    percent=("percent", "percentage points", r"\%", "per cent"),
    ratio=("times", "-fold", "times as much"),
)

UNSEEN = Words(
    up=("came out above the control", "ran higher", "ended larger than before", "got bigger", "was pushed to a greater value", "moved upwards", "was on the high side", "showed an increase", "was inflated", "stood higher"),
    down=("came out below the control", "ran lower", "ended smaller than before", "got smaller", "was brought to a lesser value", "moved downwards", "was on the low side", "showed a decrease", "was deflated", "stood lower"),
    sure=("without question", "to a statistically secure degree", "unmistakably", "and not by luck", "far outside the noise", "in a way that chance cannot explain", "with strong statistical support", "decidedly"),
    same=("did nothing", "changed nothing", "was as good as no change at all", "proved inconsequential", "yielded identical values", "came to the same thing", "was without effect", "left things as they were"),
    best=("in the most favourable run it was", "the strongest seed got to", "its maximum over seeds was", "the luckiest run showed", "one could get as far as", "the top seed stood at", "the record was", "picking the finest run gives"),
    planned=("just as our protocol foresaw", "which validates our registered claim", "which corroborates what we set out to show", "as was laid down beforehand", "establishing the point", "exactly what the plan had foretold", "so that our prediction is verified", "which clinches the case"),
    upheld=("our conjecture turned out to be right", "the expectation was met", "the predicted effect is real", "the data back the hypothesis", "the hypothesis came through", "we were right to expect this"),
    overturned=("our conjecture turned out to be wrong", "the expectation was disappointed", "the data speak against the hypothesis", "the hypothesis did not survive", "we were mistaken to expect this", "the prediction is dead"),
    unsettled=("nothing can be concluded from this", "the jury is still out", "the data cannot tell", "this remains to be seen"),
    scope=("in every conceivable setting", "for neural networks as a class", "wherever it is tried", "in each and every case", "as a universal law", "for whatever data one has", "under all circumstances", "at every scale"),
    cause=("the change of setting is what produced this", "this came about through the change", "this can be traced to the setting", "the change is to thank for this", "it is the setting that makes it so"),
    one_run=("one of the seeds memorised its data and got the rule wrong", "in a single run the loss blew up", "a lone seed solved the task in no time", "the third-slowest network stalled halfway", "one network forgot what it had learned", "there was a seed that generalised before it fitted"),
    nouns=("corpora", "laboratories", "model families", "problem domains"),
    percent=("in a hundred", "points in the hundred", "percent of it", "per hundred"),
    ratio=("multiples of it", "times over", "fold of the control"),
)  # fmt: skip
