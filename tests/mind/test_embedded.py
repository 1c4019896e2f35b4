"""The embedded reviewer: its weights, its sums, its modesty, and that padding does not help."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from scientist.mind.embedded.marks import RATES
from scientist.mind.embedded.measures import SHAPES, SIZES, measures, wording
from scientist.mind.embedded.model import WEIGHTS, load, predict
from scientist.mind.embedded.opinion import opinion_of
from scientist.mind.embedded.text import text_of
from scientist.mind.rubric import judge
from scientist.review.form import NEURIPS
from scientist.review.manuscript import read_manuscript
from scientist.types import CitedWork, Finding, Manuscript, ManuscriptSection, Severity

SAMPLE = Path(__file__).parents[2] / "papers" / "sample-grokking" / "paper.pdf"


@pytest.fixture(scope="module")
def sample() -> Manuscript:
    return read_manuscript(SAMPLE)


CRAMMED, STUFFED, FILLED = 0.25, 0.6, 0.05
"""Rating points that keywords may gain, crammed into sentences and in ordinary ones no two built alike, and filler."""


def rating(manuscript: Manuscript) -> float:
    return predict(text_of(manuscript)).rating


def with_section(m: Manuscript, text: str) -> Manuscript:
    return m.model_copy(update={"sections": (*m.sections, ManuscriptSection(heading="Remarks", text=text))})


def test_weights_are_small_numbers_and_words_only() -> None:
    weights = files("scientist.mind.embedded") / WEIGHTS
    with weights.open("rb") as f:
        assert len(f.read()) < 5_000_000
    with weights.open("rb") as f, np.load(f, allow_pickle=False) as data:
        assert all(data[name].dtype.kind in "iuf" for name in data.files)
    model = load()
    assert all(re.fullmatch(r"[a-z]+( [a-z]+){0,2}", term) for term in model.positions)
    assert model.names == list(measures(text_of(_short())))


def test_the_parts_sum_to_the_rating(sample: Manuscript) -> None:
    said = predict(text_of(sample))
    assert 1 < said.rating < 10
    assert said.rating == pytest.approx(float(load().arrays["average"]) + sum(said.parts.values()), abs=1e-5)
    assert said.low < said.rating < said.high and 0 < said.probability < 1


def test_every_measure_has_words_for_an_author() -> None:
    assert all(wording(name) for name in load().names)
    assert not set(RATES) & set(SIZES) and not set(RATES) & set(SHAPES)


def test_the_appendix_does_not_count(sample: Manuscript) -> None:
    more = ManuscriptSection(heading="A Proofs", text="We prove Theorem 1 by an ablation. " * 500)
    assert rating(sample.model_copy(update={"appendix": (more,)})) == rating(sample)


def test_repeating_the_paper_changes_nothing(sample: Manuscript) -> None:
    doubled = sample.model_copy(update={"sections": sample.sections * 2})
    assert rating(doubled) == pytest.approx(rating(sample), abs=0.02)


def test_sentences_of_one_mould_count_once(sample: Manuscript) -> None:
    mould = "In study {n} we report an ablation, a baseline, a theorem, a lemma, a proof, seeds and see Appendix {n}."
    once = rating(with_section(sample, mould.format(n=0)))
    assert rating(with_section(sample, " ".join(mould.format(n=n) for n in range(30)))) == once


def test_filler_from_a_stock_of_phrases_gains_nothing(sample: Manuscript) -> None:
    stock = (
        "a further aspect",
        "the matter at hand",
        "some points",
        "our setting",
        "this view",
        "the whole",
        "its parts",
    )
    said = (f"As for {a}, we look at {b} in the light of {c}, as one may do." for a, b, c in permutations(stock, 3))
    assert abs(rating(with_section(sample, " ".join(said))) - rating(sample)) < FILLED


def test_uncited_references_gain_nothing(sample: Manuscript) -> None:
    listed = tuple(CitedWork(raw=f"Ann Author. A study of matter {n} in depth. In NeurIPS, 2019.") for n in range(40))
    assert rating(sample.model_copy(update={"references": (*sample.references, *listed)})) == rating(sample)


WORDS = ("an ablation", "a baseline", "a theorem", "a lemma", "a proof", "seeds", "a bound", "Appendix B")


def test_crammed_sentences_and_those_of_one_mould_gain_next_to_nothing(sample: Manuscript) -> None:
    crammed = " ".join(f"However, we show {a} with {b}, because it needs {c}." for a, b, c in permutations(WORDS, 3))
    assert rating(with_section(sample, crammed[:1500])) - rating(sample) < CRAMMED
    alike = [w for w in WORDS if w.startswith("a ")]
    mould = " ".join(f"We see that {a} is what the {b} of this is for." for a, b in permutations(alike, 2))
    once = rating(with_section(sample, mould[: mould.index(".") + 1]))
    assert rating(with_section(sample, mould)) == pytest.approx(once, abs=0.05)


def test_keywords_in_sentences_no_two_built_alike_gain_less_than_their_bound(sample: Manuscript) -> None:
    frames = (
        "We report {} together with {}.", "In contrast to {}, our study needs {}.", "Where {} fails, {} may hold.",
        "It follows from {} that {} is tight.", "For instance, {} improves over {} in every case we looked at.",
        "Both {} and {} are given below.", "What {} shows, {} proves.", "Our contribution is {}, and {} supports it.",
        "With {}, training is robust; without {}, it is not.", "Previous work lacks {}, which {} supplies.",
    )  # fmt: skip
    pairs = list(permutations(WORDS, 2))
    text = " ".join(f.format(*pairs[5 * i]) for i, f in enumerate(frames))
    assert rating(with_section(sample, text)) - rating(sample) < STUFFED


def test_names_of_cited_authors_and_years_are_not_read() -> None:
    one = text_of(_short("As Kingma & Ba (2014) and (Vaswani et al., 2017; He et al., 2016) show, it works."))
    two = text_of(_short("As Someone & Other (1999) and (Nobody et al., 2001; Noone et al., 1980) show, it works."))
    assert one.tokens == two.tokens and one.cited == two.cited == 3


def test_numbered_citations_count_as_dated_ones() -> None:
    references = tuple(CitedWork(raw=f"Work {n}") for n in range(5))
    text = text_of(_short("It works [1, 3] and is known [2] since long.").model_copy(update={"references": references}))
    assert (text.citations, text.cited) == (3, 3)


def test_reasons_name_values_and_direction(sample: Manuscript) -> None:
    said = opinion_of(sample)
    assert said is not None and said.reasons_against
    assert all(re.search(r"\(\+\d\.\d\d\)$", r) for r in said.reasons_for)
    assert all(re.search(r"\(-\d\.\d\d\)$", r) for r in said.reasons_against)
    assert any("accepted papers" in r for r in (*said.reasons_for, *said.reasons_against))
    assert f"{said.rating:.1f}" in said.sentence()


def test_a_short_text_gets_no_opinion() -> None:
    assert opinion_of(_short()) is None
    review = judge(_short(), NEURIPS, ())
    assert review.accept_probability is None and "short" in review.rationale["prediction"]


def test_the_review_gives_the_probability_and_its_reasons(sample: Manuscript) -> None:
    review, said = judge(sample, NEURIPS, ()), opinion_of(sample)
    assert said is not None and review.accept_probability == round(said.probability, 3)
    assert review.expected is not None and review.expected.rating == said.rating
    assert f"{said.rating:.1f}" in review.expected.told
    error = Finding(check="hidden_instructions", severity=Severity.ERROR, message="orders to the reviewer")
    assert judge(sample, NEURIPS, (error,)).accept_probability == 0.0


def _short(text: str = "We train a model. It works well on the data that we have.") -> Manuscript:
    return Manuscript(
        file="x.md",
        format="markdown",
        title="A title",
        abstract="An abstract.",
        sections=(ManuscriptSection(heading="1 Results", text=text),),
    )
