"""What the embedded reviewer reads of a manuscript: title, abstract, main part, references; never the appendix."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property

from scientist.mind.reading import sentences, squeeze
from scientist.types import Frozen, Manuscript

_ASIDE = re.compile(
    r"ethic|reproducib|broader|impact|acknowledg|author contrib|checklist|provenance|funding|availability|deviations",
    re.IGNORECASE,
)
"""Headings of parts that are no argument of the paper."""
_HYPHEN = re.compile(r"(?<=[a-z])-_?\n_?(?=[a-z])")
_MARKUP = re.compile(r"[*_`#|]+")
_SCRIPT = re.compile(r"\[[^\[\]\n]{0,12}\]")
_DATED = re.compile(r"([A-Z][\w’'-]+)(?: et al\.?| (?:&|and) [A-Z][\w’'-]+)?,? \(?((?:19|20)\d\d)[a-z]?")
_ET_AL = re.compile(r"(?:[A-Z][\w’'-]+ )?\bet al\b\.?")
_NUMBERED = re.compile(r"(?<=[\s(~])\[(\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*)\]")
_WORD = re.compile(r"[a-z]+")


class PaperText(Frozen):
    """Plain text. ``main`` holds each sentence once, so that repeating it (or with other numbers) changes nothing."""

    title: str
    abstract: str
    main: str
    sentences: tuple[str, ...]
    references: tuple[str, ...]
    citations: int
    """How often works are cited in the main part."""
    cited: int
    """How many works are cited there."""

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Lower-case words of title, abstract and main part, without the names and years of citations."""
        text = _DATED.sub(" ", f"{self.title} {self.abstract} {self.main}")
        return tuple(_WORD.findall(_ET_AL.sub(" ", text).lower()))


def text_of(manuscript: Manuscript) -> PaperText:
    """The text that is judged. Captions count with the main part; statements and acknowledgements do not."""
    sections = [f"{s.heading}\n\n{s.text}" for s in manuscript.sections if not _ASIDE.search(s.heading)]
    captions = [f"{f.label}: {f.caption}" for f in manuscript.floats]
    raw = "\n\n".join((*sections, *captions))
    distinct = _distinct(sentences(plain(raw)))
    cited = _cited("\n".join(_distinct(sentences(raw))), len(manuscript.references))
    return PaperText(
        title=squeeze(plain(manuscript.title)),
        abstract=squeeze(plain(manuscript.abstract)),
        main="\n".join(distinct),
        sentences=distinct,
        references=tuple(dict.fromkeys(squeeze(plain(w.raw)) for w in manuscript.references)),
        citations=len(cited),
        cited=len(set(cited)),
    )


def _distinct(found: list[str]) -> tuple[str, ...]:
    """Sentences in order without those whose words, four at least, are those of an earlier one."""
    kept: dict[str, str] = {}
    for sentence in found:
        words = _WORD.findall(sentence.lower())
        kept.setdefault(" ".join(words) if len(words) > 3 else sentence, sentence)
    return tuple(kept.values())


def _cited(text: str, listed: int) -> list[str]:
    """A name and year or a number for each citation, in the style that the text uses more."""
    dated = [m[1] + m[2] for m in _DATED.finditer(text)]
    numbers = [n for m in _NUMBERED.finditer(text) for n in re.findall(r"\d+", m[1]) if 0 < int(n) <= listed]
    return dated if 2 * len(dated) >= len(numbers) else numbers


def plain(text: str) -> str:
    """Without ligatures, marks of emphasis, bracketed numbers and scripts, and words broken at a line's end."""
    text = unicodedata.normalize("NFKC", text)
    return _MARKUP.sub("", _SCRIPT.sub("", _HYPHEN.sub("", text)))
