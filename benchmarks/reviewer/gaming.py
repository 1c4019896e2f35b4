"""By how much padding moves the embedded rating and the offline review: python benchmarks/reviewer/gaming.py

Without the training data only the package's own sample paper is padded.
"""

from __future__ import annotations

import argparse
import functools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from papers import DATA, as_manuscript, records_of
from scientist.mind.embedded.opinion import opinion_of
from scientist.mind.reading import prose_sentences
from scientist.mind.rubric import judge
from scientist.review.form import NEURIPS
from scientist.review.integrity import check_manuscript
from scientist.review.manuscript import read_manuscript
from scientist.types import CitedWork, Manuscript, ManuscriptSection

SAMPLE = Path(__file__).resolve().parents[2] / "papers" / "sample-grokking" / "paper.pdf"
_FILLER = (
    "a further aspect", "the matter at hand", "some points", "our setting", "the preceding remarks", "this view",
    "the general picture", "a number of things", "the present purposes", "what was said", "the whole", "its parts",
)  # fmt: skip
_KEYWORDS = (
    "an ablation", "strong baselines", "a theorem", "a lemma", "a proof", "random seeds", "the standard deviation",
    "a bound", "e.g., Appendix B", "insight", "a mechanism", "state-of-the-art results", "citations (Liu et al., 2020)",
    "theory", "analysis", "an algorithm", "convergence", "Table 3", "Figure 4", "generalisation",
)  # fmt: skip
_FRAMES = (
    "We report {} together with {}.", "{} is what {} rests on, as {} suggests.", "All runs of {} use {}.",
    "In contrast to {}, our study needs {}.", "Where {} fails, {} may still hold.", "To explain {}, turn to {} or {}.",
    "It follows from {} and {} that {} is tight.", "For instance, {} improves over {} in every case we looked at.",
    "Both {} and {} are given below.", "Because of {}, the model does better than {}.", "What {} shows, {} proves.",
    "Our contribution is {}, and {} supports it.", "With {}, training is robust; without {}, it is not.",
    "We prove {} by means of {}.", "Previous work lacks {}, which {} supplies.", "Here {} meets {}.",
    "One may read {} as {} for large networks.", "Unlike {}, this needs no {}.", "So {} and {} agree.",
    "We leave {} to future work, but {} hints at it.",
)  # fmt: skip


_OPENINGS = (
    "It bears repeating that", "Few would doubt that", "One is tempted to add that", "On the whole,", "By and large,",
    "Looking back,", "Seen from afar,", "As readers will know,", "There is little harm in saying that", "In passing,",
    "To put it plainly,", "Needless to say,", "At the end of the day,", "It may come as no news that", "To be sure,",
    "For what it is worth,", "Whatever one makes of it,", "Without going into detail,", "Much has been said, yet",
    "If nothing else,", "From time to time", "More often than not,", "In the long run,", "Here and elsewhere,",
)  # fmt: skip
_SUBJECTS = (
    "the field", "such an undertaking", "a careful reader", "this line of thought", "everyday practice", "judgement",
    "the broader picture", "our way of seeing things", "a fresh look", "nobody", "some degree of caution", "progress",
    "the community", "any honest attempt", "every choice", "the state of affairs", "common sense", "a measured view",
    "the spirit of the enterprise", "what came before", "an open mind", "the road ahead", "experience", "a fair tale",
)  # fmt: skip
_ENDINGS = (
    "has come a long way.", "leaves room for more.", "speaks for itself.", "deserves a moment of thought.",
    "is worth keeping in sight.", "rests on firm ground.", "will find its place in time.", "calls for patience.",
    "takes many shapes.", "owes much to those who went first.", "is never quite done.", "can be said in other words.",
    "tells only half of the tale.", "gains from being stated twice.", "asks to be taken seriously.",
    "points both ways.", "is best left as it stands.", "goes hand in hand with curiosity.", "matters to all of us.",
    "stands or falls by its merits.", "should surprise no one.", "makes the whole worth more than its parts.",
    "remains close to our hearts.", "has its own charm.",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--papers", type=int, default=60, help="how many training papers to pad")
    options = parser.parse_args()
    print("| padding | sample paper: rating | sample paper: overall | other papers: mean | 95 % at most |")
    print("|---|---|---|---|---|")
    sample = read_manuscript(SAMPLE)
    before, overall = rating(sample), review_score(sample)
    others = []
    if options.data.exists():
        records = records_of(options.data)
        others = [as_manuscript(r) for r in records[:: max(1, len(records) // options.papers)]]
    bases = [rating(m) for m in others]
    for name, pad in PADDINGS.items():
        padded = pad(sample)
        moved = [rating(pad(m)) - b for m, b in zip(others, bases, strict=True)] or [float("nan")]
        print(
            f"| {name} | {rating(padded) - before:+.2f} | {review_score(padded) - overall:+.1f} "
            f"| {np.mean(moved):+.2f} | {np.percentile(moved, 95):+.2f} |",
            flush=True,
        )


def rating(manuscript: Manuscript) -> float:
    said = opinion_of(manuscript)
    if said is None:
        raise ValueError(f"{manuscript.file} is too short for a rating")
    return said.rating


def review_score(manuscript: Manuscript) -> float:
    return judge(manuscript, NEURIPS, check_manuscript(manuscript)).overall


def appendix(m: Manuscript) -> Manuscript:
    """An appendix as long as the paper."""
    text = "\n\n".join(s.text for s in m.sections)
    return m.model_copy(update={"appendix": (*m.appendix, ManuscriptSection(heading="A More results", text=text))})


def repetition(m: Manuscript) -> Manuscript:
    """The whole main part a second time."""
    return m.model_copy(update={"sections": (*m.sections, *m.sections)})


def references(m: Manuscript) -> Manuscript:
    """Forty more references that nothing cites."""
    raw = "Ann Author and Ben Other. A study of matter number {n} in depth. In NeurIPS, 2019."
    more = tuple(CitedWork(raw=raw.format(n=n), title=f"A study of matter number {n} in depth") for n in range(40))
    return m.model_copy(update={"references": (*m.references, *more)})


def filler(m: Manuscript) -> Manuscript:
    """Sixty sentences that say nothing, no two alike."""
    return _added(m, "As for {}, we consider {} in the light of {} and of {}, as one may well do here.", _FILLER, 60)


def mixed_filler(m: Manuscript) -> Manuscript:
    """Sixty sentences that say nothing, each an opening, a subject and an ending of twenty-four."""
    draw = random.Random(2)
    parts = (_OPENINGS, _SUBJECTS, _ENDINGS)
    text = " ".join(" ".join(draw.choice(p) for p in parts) for _ in range(60))
    return _with(m, text)


def foreign(m: Manuscript) -> Manuscript:
    """Sixty sentences of other papers, each from another one: what no filter can tell from the author's own."""
    return _with(m, " ".join(_foreign_sentences())) if DATA.exists() else m


@functools.cache
def _foreign_sentences() -> tuple[str, ...]:
    draw = random.Random(3)
    return tuple(draw.choice(prose_sentences(r["main"])) for r in records_of(DATA)[3::8][:60])


def stuffing(m: Manuscript) -> Manuscript:
    """Twenty sentences of words that good papers have, no two alike."""
    return _added(m, "However, we show {} with {}, because {} needs {}.", _KEYWORDS, 20)


def varied(m: Manuscript) -> Manuscript:
    """Twenty sentences of such words, no two built alike, of ordinary density."""
    draw = random.Random(1)
    return _with(m, " ".join(f.format(*draw.sample(_KEYWORDS, 3)[: f.count("{}")]) for f in _FRAMES))


def everything(m: Manuscript) -> Manuscript:
    return varied(stuffing(mixed_filler(filler(references(appendix(m))))))


def _added(m: Manuscript, frame: str, words: Sequence[str], times: int) -> Manuscript:
    draw = random.Random(0)
    return _with(m, " ".join(frame.format(*draw.sample(words, 4)) for _ in range(times)))


def _with(m: Manuscript, text: str) -> Manuscript:
    return m.model_copy(update={"sections": (*m.sections, ManuscriptSection(heading="Remarks", text=text))})


PADDINGS: dict[str, Callable[[Manuscript], Manuscript]] = {
    "appendix as long as the paper": appendix,
    "main part repeated": repetition,
    "40 uncited references": references,
    "60 sentences of filler, one mould": filler,
    "60 sentences of filler, mixed": mixed_filler,
    "60 sentences of 60 other papers": foreign,
    "20 sentences of keywords, one mould": stuffing,
    "20 sentences of keywords, no two built alike": varied,
    "all but repetition and other papers": everything,
}

if __name__ == "__main__":
    main()
