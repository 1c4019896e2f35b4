"""False sentences made from true ones are refused, and the true ones are not: a small copy of benchmarks/claims."""

from __future__ import annotations

from functools import cache

import pytest
from small_study import say

from benchmarks.claims.mutants import KINDS
from benchmarks.claims.mutations import Tried, Written, attack, refused_clean
from benchmarks.claims.wording import SECOND, SEEN, Words
from scientist.types import Severity
from scientist.writeup.checks import Context, check_sentence
from tests.mind.test_offline_prose import first_of_each_kind, material, write

STUDIES = (("grokking", 0, "inconclusive"), ("digits", 1, "supported"), ("digits", 3, "refuted"))
"""Template, place among its kinds of study, and outcome."""
EACH = 25


@cache
def drafts() -> tuple[Written, ...]:
    made = []
    for template, kind, outcome in STUDIES:
        draft, dossier, _ = write(material(template)[0], first_of_each_kind(template)[kind], outcome)
        made.append(Written(f"{template} {outcome}", draft, dossier.evidence))
    return tuple(made)


@cache
def tried(words: Words) -> list[Tried]:
    return attack(drafts(), words, most=EACH)


def _refused(words: Words, kind: str) -> float:
    found = [bool(t.checks) for t in tried(words) if t.mutant.kind == kind]
    return sum(found) / len(found)


@pytest.mark.parametrize("kind", KINDS)
def test_false_sentences_of_each_kind_are_refused(kind: str) -> None:
    through = [t.mutant.text for t in tried(SEEN) if t.mutant.kind == kind and not t.checks]
    assert any(t.mutant.kind == kind for t in tried(SEEN)), "the drafts give mutations of this kind"
    assert len(through) <= 1, through  # one of EACH: below 0.96 the check has lost something


def test_other_wordings_are_mostly_refused() -> None:
    assert sum(_refused(SECOND, kind) for kind in KINDS) / len(KINDS) >= 0.93


def test_true_sentences_are_not_refused() -> None:
    assert [(c.sentence.text, checks) for c, checks in refused_clean(drafts()) if checks] == []


def failed(context: Context, text: str, *claims: str, where: str = "results") -> set[str]:
    return {f.check for f in check_sentence(say(text, *claims), where, context) if f.severity is Severity.ERROR}


def test_a_single_run_needs_a_number_of_its_own(context: Context) -> None:
    text = "One run without weight decay fitted its training set and missed only the rule."
    assert "single_run" in failed(context, text)
    assert "single_run" in failed(context, text, "acc_high")


@pytest.mark.parametrize(
    "text",
    [
        "Test error need not fall over training.",
        "The data do not tell it from a higher rate.",
        "Had the decay been larger, the accuracy would have been higher.",
    ],
)
def test_what_is_denied_or_supposed_is_not_stated(context: Context, text: str) -> None:
    assert failed(context, text, where="discussion") == set()


@pytest.mark.parametrize(
    "text",
    [
        "The accuracy need not concern us, and it was higher.",
        "The data do not tell it from chance and the accuracy was higher.",
        "Had the decay been larger, we would know, and the accuracy was higher.",
    ],
)
def test_what_is_denied_or_supposed_hides_nothing_else(context: Context, text: str) -> None:
    assert "unbound_claim" in failed(context, text, where="discussion")
