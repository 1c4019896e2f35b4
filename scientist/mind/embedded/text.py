"""What the embedded reviewer reads of a manuscript: title, abstract, main part, references; never the appendix."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from scientist.mind.embedded.marks import occurrences
from scientist.mind.reading import sentences, squeeze
from scientist.types import CitedWork, Frozen, Manuscript

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
_BEYOND = re.compile(r"\b(?i:appendi(?:x|ces)|supplement\w*)\b(?:\s+[A-Z](?:\.\d+)*\b)?|\|?\bCol\d+\b")
"""Pointers to what is not read, and the heads that converters give to tables without any."""
_NUMBERED = re.compile(r"(?<=[\s(~])\[(\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*)\]")
_KEYED = re.compile(r"\[@[^\[\]]*\]")
_KEY = re.compile(r"@([\w:./+-]+)")
_WORD = re.compile(r"[a-z]+")
_FUNCTION = frozenset(
    "the a an of is are was were to and in on for with that we by at from as this these which not than it our be been "
    "can could may might will would have has had do does or but if then when where while since because however thus "
    "hence also both each such its their there they one all any some more most into over between under only".split()
)
_MOULD = 6
"""So many function words in the same order make two sentences one: 0.05 % of the training papers' sentences."""
_OPENING = 6
"""Words of an entry among which the first author's name stands."""
_CRAMMED, _CRAMMED_SHARE = 6, 0.35
"""A sentence with so many of the marks that are counted, a share of its words so large, was written for the count."""


_RUN, _PIECED = 3, 0.6
"""A sentence of whose runs of three words such a share stands in other sentences too was put together from a stock of
phrases: 4 % of the training papers' sentences, of filler from a dozen phrases nearly all."""


class PaperText(Frozen):
    """Plain text. ``main`` holds each sentence once, so that repeating it (or with other numbers, or other nouns in the
    same mould) changes nothing, and none that is pieced together from others' phrases or crammed with what is counted;
    ``references`` holds those cited."""

    title: str
    abstract: str
    main: str
    sentences: tuple[str, ...]
    marks: dict[str, tuple[int, ...]]
    """For each mark that is counted the places of the sentences that hold it, one for each time."""
    references: tuple[str, ...]
    citations: int
    """How often works are cited in the main part."""
    cited: int
    """How many works are cited there."""

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Lower-case words of title, abstract and main part, without citations' names and years and without pointers to
        the appendix."""
        text = f"{self.title} {self.abstract} {self.main}"
        for unread in (_DATED, _ET_AL, _BEYOND):
            text = unread.sub(" ", text)
        return tuple(_WORD.findall(text.lower()))


def text_of(manuscript: Manuscript) -> PaperText:
    """The text that is judged. Captions count with the main part; statements and acknowledgements do not."""
    sections = [f"{s.heading}\n\n{s.text}" for s in manuscript.sections if not _ASIDE.search(s.heading)]
    captions = [f"{f.label}: {f.caption}" for f in manuscript.floats]
    raw = "\n\n".join((*sections, *captions))
    distinct = _own(_distinct(sentences(plain(raw))))
    uncrammed, marks = _uncrammed(distinct)
    cited = _citations(manuscript, raw)
    return PaperText(
        title=squeeze(plain(manuscript.title)),
        abstract=squeeze(plain(manuscript.abstract)),
        main="\n".join(uncrammed),
        sentences=uncrammed,
        marks=marks,
        references=tuple(dict.fromkeys(squeeze(plain(w.raw)) for w in _listed(manuscript, cited))),
        citations=len(cited),
        cited=len(set(cited)),
    )


def _distinct(found: list[str]) -> tuple[str, ...]:
    """Sentences in order without those whose words, four at least, or whose mould are those of an earlier one."""
    kept: dict[str, str] = {}
    for sentence in found:
        words = _WORD.findall(sentence.lower())
        mould = [w for w in words if w in _FUNCTION]
        key = " ".join(words) if len(words) > 3 else sentence
        if len(mould) >= _MOULD:
            key = f"mould {' '.join(mould)}"
        kept.setdefault(key, sentence)
    return tuple(kept.values())


def _own(distinct: Sequence[str]) -> tuple[str, ...]:
    """Sentences without those that are pieced together: none of these stays, since the first says no more."""
    runs = [_runs(s) for s in distinct]
    held = Counter(run for found in runs for run in found)
    pieced = (sum(held[r] > 1 for r in found) >= max(1.0, _PIECED * len(found)) for found in runs)
    return tuple(s for s, out in zip(distinct, pieced, strict=True) if not out)


def _runs(sentence: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(sentence.lower())
    return set(zip(*(words[i:] for i in range(_RUN)), strict=False))


def _uncrammed(distinct: Sequence[str]) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """Sentences without the crammed ones, and where the marks stand among those that stay."""
    where = occurrences(distinct)
    held = Counter(place for places in where.values() for place in set(places))
    kept = [i for i, s in enumerate(distinct) if held[i] < max(_CRAMMED, _CRAMMED_SHARE * len(s.split()))]
    new = {old: i for i, old in enumerate(kept)}
    marks = {name: tuple(new[i] for i in places if i in new) for name, places in where.items()}
    return tuple(distinct[i] for i in kept), marks


def cited_works(manuscript: Manuscript) -> list[CitedWork]:
    """The entries of the reference list that the main part cites."""
    raw = "\n\n".join(s.text for s in manuscript.sections)
    return _listed(manuscript, _citations(manuscript, raw))


def _citations(manuscript: Manuscript, raw: str) -> list[str]:
    return _cited("\n".join(_distinct(sentences(raw))), len(manuscript.references))


def _listed(manuscript: Manuscript, cited: list[str]) -> list[CitedWork]:
    known = frozenset(cited)
    return [w for i, w in enumerate(manuscript.references, 1) if _is_cited(w, i, known)]


def _cited(text: str, listed: int) -> list[str]:
    """A key, a name and year or a number for each citation, in the style that the text uses most."""
    keys = [k.rstrip(".:") for m in _KEYED.finditer(text) for k in _KEY.findall(m[0])]
    dated = [f"{m[1]} {m[2]}" for m in _DATED.finditer(text)]
    numbers = [n for m in _NUMBERED.finditer(text) for n in re.findall(r"\d+", m[1]) if 0 < int(n) <= listed]
    if len(keys) > max(len(dated), len(numbers)):
        return keys
    return dated if 2 * len(dated) >= len(numbers) else numbers


def _is_cited(work: CitedWork, position: int, cited: frozenset[str]) -> bool:
    """Whether an entry of the list has the key or number, or opens with one of the names, of a citation."""
    if work.label in cited or (not work.label.isdigit() and str(position) in cited):
        return True
    names = {c.split()[0] for c in cited}
    return any(re.sub(r"\W+$", "", w) in names for w in work.raw.split()[:_OPENING])


def plain(text: str) -> str:
    """Without ligatures, marks of emphasis, bracketed numbers and scripts, and words broken at a line's end."""
    text = unicodedata.normalize("NFKC", text)
    return _MARKUP.sub("", _SCRIPT.sub("", _KEYED.sub("", _HYPHEN.sub("", text))))
