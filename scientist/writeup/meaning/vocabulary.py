"""The closed vocabulary of sentences that tell a result: a word that is not known there is refused, whatever it says.

Lists of words to refuse end where a writer's wit begins. So the words that such a sentence *may* be made of are listed
(``vocabulary.txt``), with the names of what is studied and with the words of force that the other checks hold against
the ledger; and of what remains some constructions are refused that say much by grammar alone ("is what did it").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files

from scientist.writeup.lexicon import SIGNIFICANCE_TERMS, SIGNIFICANT, directions
from scientist.writeup.meaning import words as w
from scientist.writeup.meaning.moves import moves
from scientist.writeup.meaning.names import Names, stem
from scientist.writeup.meaning.reading import Reading
from scientist.writeup.scan import VALUE

_WORD = re.compile(r"[a-z]+(?:[-'\u2019][a-z]+)*")
_FORCE = (SIGNIFICANT, SIGNIFICANCE_TERMS, w.SURE, w.SAME, w.NOT_SAME, w.BEST, w.OF_ALL, w.FIRM, w.EXPLORING, w.UPHELD,
          w.UNSETTLED, w.OVERTURNED, w.SCOPE, w.CAUSE)  # fmt: skip
"""What the other checks read: its words are theirs to refuse."""


def unknown(seen: Reading, names: Names, terms: frozenset[str], start: int, end: int) -> Iterator[str]:
    """Words between two places of a sentence that are neither known nor names nor read by another check."""
    text = _unread(seen.prose)
    own = terms | _named(names)
    stems = frozenset(_stem(x) for factor in names.factors for x in names.words(factor))
    for match in _WORD.finditer(text, start, end):
        word = match[0].replace("\u2019", "'")
        if not is_known(word, own) and _stem(word.removeprefix("un")) not in stems:
            yield word


def _stem(word: str) -> str:
    """A factor's word however it is bent: smoothing, smoothed; clipping, clipped."""
    return re.sub(r"(.)\1$", r"\1", stem(word))


def is_known(word: str, own: frozenset[str] = frozenset()) -> bool:
    base = word.removesuffix("'s")
    if any(x in known() or x in own for x in (word, base, base.replace("yz", "ys").replace("iz", "is"))):
        return True
    parts = word.split("-")
    return len(parts) > 1 and all(is_known(part, own) for part in parts)


@cache
def known() -> frozenset[str]:
    """Every form of every word of the file."""
    found: set[str] = set()
    for heading, lines in _groups().items():
        if heading in _FORMS:
            found |= {form for word in " ".join(lines).split() for form in _FORMS[heading](word)}
    return frozenset(found)


@cache
def never() -> frozenset[str]:
    """Words that are no names, whoever used them."""
    return frozenset(" ".join(_groups()["never"]).split())


@cache
def phrases() -> tuple[re.Pattern[str], ...]:
    """Patterns of the known phrases, whose groups are the words that they make known: all but the starred ones."""
    rows = sorted(_groups()["phrase"], key=len, reverse=True)
    plain = [" ".join(_NUMBER if x == "%" else x for x in row.split()) for row in rows if "*" not in row]
    starred = [re.sub(r"[^*]*[^* ]", lambda m: f"({m[0]})", row).replace("*", "[a-z]+") for row in rows if "*" in row]
    return tuple(re.compile(rf"\b(?={told}(?![a-z]))") for told in (f"({'|'.join(plain)})", *starred))


_NUMBER = rf"(?:p ?=? ?)?{VALUE}"
_ELLIPSIS = re.compile(r"\bdid(?= ?[.,;)])")
"""Where "did" repeats a verb that stands before it: and the others did."""


@cache
def _groups() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    heading = ""
    for line in files("scientist.writeup.meaning").joinpath("vocabulary.txt").read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            heading = line.strip("[]")
            found.setdefault(heading, [])
        elif line:
            found[heading].append(line)
    return found


def _nouns(word: str) -> set[str]:
    return {word, _with_s(word)}


def _verbs(word: str) -> set[str]:
    stem = word.removesuffix("e")
    past = f"{word[:-1]}ied" if re.search(r"[^aeiou]y$", word) else f"{stem}ed"
    found = {word, _with_s(word), past, f"{stem}ing"}
    if re.search(r"[^aeiou][aeiou][bdgmnplrt]$", word):  # the consonant that is doubled: plan, planned
        found |= {f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"}
    return found


def _adjectives(word: str) -> set[str]:
    if re.search(r"[^aeiou]le$", word):
        return {word, f"{word[:-1]}y"}
    return {word, f"{word}ly", f"{word[:-1]}ily" if word.endswith("y") else word, f"{word}ally"}


def _with_s(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    if word.endswith("sis"):
        return f"{word[:-2]}es"
    return f"{word}es" if re.search(r"(?:s|x|z|ch|sh)$", word) else f"{word}s"


def _as_is(word: str) -> set[str]:
    return {word}


_FORMS: dict[str, Callable[[str], set[str]]] = {
    "as_is": _as_is, "irregular": _as_is, "noun": _nouns, "verb": _verbs, "adjective": _adjectives,
}  # fmt: skip


@lru_cache(maxsize=2048)
def _unread(prose: str) -> str:
    """``prose`` with its known phrases and what the other checks read blanked; positions stay."""
    text = prose
    for known_phrase in (*phrases(), _ELLIPSIS):
        for match in known_phrase.finditer(prose):
            for group in range(min(1, known_phrase.groups), known_phrase.groups + 1):
                text = _blanked(text, *match.span(group))
    for pattern in _FORCE:
        for match in pattern.finditer(prose):
            text = _blanked(text, match.start(), match.end())
    for word in (*directions(prose), *moves(prose)):
        text = _blanked(text, word.start, word.end)
    return text


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


@lru_cache(maxsize=32)
def _named(names: Names) -> frozenset[str]:
    """The words of a ledger's labels and levels; ``names`` are the same object at every sentence of a draft."""
    return (words_of(q.label for q in names.quantities.values()) - never()) | names_of_levels(names)


def names_of_levels(names: Names) -> frozenset[str]:
    shown = (level for levels in names.levels.values() for level in levels.values())
    return words_of((*shown, *names.units))


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of some texts and their plural, as names that a sentence may use."""
    found = {word for text in texts for word in _WORD.findall(text.lower())}
    return frozenset(found | {_with_s(word) for word in found})
