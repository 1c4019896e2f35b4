"""Results are told in known words: idioms are refused whatever they say, and plain or supposing sentences are not."""

from __future__ import annotations

import pytest
from small_study import say

from scientist.types import Severity
from scientist.writeup.checks import Context, check_sentence
from scientist.writeup.meaning.vocabulary import is_known


def unheard(context: Context, text: str, *claims: str, where: str = "discussion") -> bool:
    found = check_sentence(say(text, *claims), where, context)
    return any(f.check == "unheard_word" and f.severity is Severity.ERROR for f in found)


@pytest.mark.parametrize(
    "text",
    [
        "Weight decay left no mark on test accuracy.",
        "Test accuracy rose by a margin that leaves no room for error.",
        "Test accuracy rose, and the change is what did it.",
        "Test accuracy rose, come what may.",
        "Test accuracy rose, and one can bank on it.",
        "Weight decay might as well not have been there.",
        "Test accuracy rose, and this holds for one and all.",
    ],
)
def test_idioms_are_refused_with_a_claim_and_without(context: Context, text: str) -> None:
    assert unheard(context, text, "acc_high")
    assert unheard(context, text, where="results")


@pytest.mark.parametrize(
    "text",
    [
        "Test accuracy was higher with weight decay than without it.",
        "The comparison is planned, and its interval excludes zero.",
        "Test accuracy rose, perhaps since memorised tables cost the network dearly.",
    ],
)
def test_plain_and_supposing_sentences_are_not(context: Context, text: str) -> None:
    assert not unheard(context, text, "acc_high")


def test_what_tells_no_result_is_free(context: Context) -> None:
    text = "A memorised table is a castle on sand."
    assert not unheard(context, text)
    assert unheard(context, text, "acc_high")


def test_the_refusal_names_the_word(context: Context) -> None:
    found = check_sentence(say("Test accuracy rose with a vengeance.", "acc_high"), "results", context)
    assert any("'vengeance'" in f.message for f in found)


def test_words_are_known_in_their_forms_and_never_by_a_part() -> None:
    assert all(
        is_known(w) for w in ("estimates", "estimated", "studies", "planned", "two-sided", "exactly", "analyses")
    )
    assert not any(is_known(w) for w in ("up", "off", "held", "thing", "did"))
