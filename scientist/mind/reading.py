"""Reading a manuscript's prose: sentences, quotes and the pages they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scientist.types import Manuscript, Span

QUOTE_LIMIT = 240
"""Longest quote in characters; longer ones are cut at a word and end with an ellipsis."""

_ABBREVIATIONS = re.compile(
    r"(?:\b(?:et al|e\.g|i\.e|cf|vs|etc|fig|figs|tab|eq|eqs|eqn|sec|sect|app|resp|approx|w\.r\.t|a\.k\.a|i\.i\.d|dr|"
    r"prof|"
    r"mr|ms|st|no|nos|vol|pp|ed|eds|ave|max|min|avg|std|ref|refs|def|thm|lem|prop|cor|ch|alg)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?](?:[\"”’')\]]|\[\d[\d,\s–-]*\])*\s+(?=[\"“‘(\[]?[A-Z0-9•])|\n{2,}")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")


def sentences(text: str) -> list[str]:
    """Sentences in order, white space made single. Abbreviations, initials and decimals do not end one."""
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()]
        if not match.group().startswith("\n") and _ABBREVIATIONS.search(_stem(text[start : match.start() + 1])):
            continue
        found.append(squeeze(piece))
        start = match.end()
    found.append(squeeze(text[start:]))
    return [s for s in found if s]


def prose_sentences(text: str) -> list[str]:
    """Sentences of at least six words that are mostly words: no table rows, formulas or headings."""
    return [s for s in sentences(text) if is_prose(s)]


def is_prose(sentence: str) -> bool:
    words = _WORD.findall(sentence)
    letters = sum(len(w) for w in words)
    long_enough = len(words) >= 6 and sum(len(w) > 1 for w in words) >= 5
    return long_enough and letters >= 0.6 * len(sentence.replace(" ", "")) and len(words) <= 120


def words(text: str) -> list[str]:
    """Words of letters, as they stand."""
    return _WORD.findall(text)


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count and its noun: “1 figure”, “2 figures”; for times “once”, “twice”, “3 times”."""
    if noun == "time" and count in (1, 2):
        return ("once", "twice")[count - 1]
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def squeeze(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def clip(text: str, limit: int = QUOTE_LIMIT) -> str:
    """At most ``limit`` characters on one line, cut at a word."""
    text = squeeze(text)
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def around(text: str, start: int, end: int, reach: int = 70) -> str:
    """The words around ``text[start:end]``, cut at words."""
    left, right = max(0, start - reach), min(len(text), end + reach)
    piece = text[left:right]
    if left:
        piece = "…" + piece[piece.find(" ", 0, start - left) + 1 :]
    if right < len(text):
        cut = piece.rfind(" ", end - left)
        piece = (piece[:cut] if cut > 0 else piece) + "…"
    return squeeze(piece)


def quote(manuscript: Manuscript, text: str) -> Span:
    """A span with the page on which the text stands, None where there are no pages or it is not found verbatim."""
    return Span(text=clip(text), page=page_of(manuscript, text))


def page_of(manuscript: Manuscript, text: str) -> int | None:
    """The first page that holds the text, or its longest beginning that some page holds; white space does not count."""
    if not manuscript.page_texts:
        return None
    needle = _bare(text.strip("…"))
    for size in (len(needle), 80, 40, 24):
        if size > len(needle) or size == 0:
            continue
        for number, page in enumerate(manuscript.page_texts, start=1):
            if needle[:size] in _bare(page):
                return number
    return None


def all_text(manuscript: Manuscript) -> str:
    """Abstract, body, captions and appendix: everything but the reference list."""
    return "\n\n".join(_parts(manuscript))


def body_text(manuscript: Manuscript) -> str:
    """The main part with each heading a paragraph of its own, so that no sentence begins with one."""
    return "\n\n".join(f"{s.heading}\n\n{s.text}" for s in manuscript.sections)


def _parts(manuscript: Manuscript) -> Iterable[str]:
    yield manuscript.abstract
    yield body_text(manuscript)
    yield from (f.caption for f in manuscript.floats)
    yield from (f"{s.heading}\n\n{s.text}" for s in manuscript.appendix)


def _stem(text: str) -> str:
    return text[-12:]


def _bare(text: str) -> str:
    return re.sub(r"[\s\-‐]+", "", text).lower()
