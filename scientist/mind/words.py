"""Words of a text as a search engine sees them: lower-cased, stemmed, without question and function words."""

from __future__ import annotations

from functools import cache

from scientist.literature.words import analyzer

STOP_WORDS = frozenset(
    """a about above across after again all also am an and any are as at be because been before being below between
    both but by can cannot change changes could did do does doing down during each effect effects few for from further
    had has have having help helps here how i if impact in influence into is it its itself just may me might more most
    much must my no nor not of off on once one only or other our out over own paper problem role same shall should so
    some study such than that the their them then there these they this those through to too under until up upon us
    use used uses using very was we were what when where whether which while who whom why will with would you your
    affect affects matter matters make makes really show investigate investigating understand understanding
    analysis analyse analyze question improve improves increase increases decrease decreases reduce reduces raise raises
    lower lowers hurt hurts boost boosts better worse""".split()
)


def stems(text: str) -> list[str]:
    """Stemmed content words in order of appearance, repeats kept."""
    return [s for s in analyzer().analyze(_plain(text)) if s not in _stop_stems() and len(s) > 1]


def content_words(text: str) -> list[str]:
    """Unstemmed content words in order, lower-cased."""
    spaced = "".join(c if c.isalnum() or c == "-" else " " for c in text.lower())
    return [w for w in spaced.split() if w not in STOP_WORDS]


@cache
def _stop_stems() -> frozenset[str]:
    return frozenset(analyzer().analyze(" ".join(STOP_WORDS)))


def _plain(text: str) -> str:
    """British and American spellings share a stem."""
    text = text.lower().replace("_", " ")
    return text.replace("isation", "ization").replace("ise ", "ize ").replace("ising", "izing")
