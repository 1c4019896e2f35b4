r"""Whether a sentence that cites says no more of the cited work than its record, abstract or passages can carry.

Deterministic part: a clause that reports a finding ("shows that", a comparative, a number) must be covered by the words
of what is known of the work, and each of its numbers must stand there. Words cannot tell "raises" from "lowers"; that
is for a mind, which is asked about the passages (``questions``, ``objections``). What a template's author wrote by hand
(``curated``) is that author's statement and is let through.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from scientist.literature.passages import Passage, of_record, score
from scientist.literature.words import content_stems, content_words, stem, words
from scientist.types import Finding, Frozen, Reference, Severity, Span, TemplateSpec

COVERED = 0.70
"""Share of a reporting clause's content words that an abstract or passages must hold.

Measured on sentences of abstracts with a third of their words left out (benchmarks/literature/support.py): none is
refused against its own paper, 77 % are against the nearest other paper, 89 % against their own without the sentence.
"""
COVERED_BY_TITLE = 0.80
"""The same where only the title is known; a title like "Weight decay shortens grokking" may be reported."""
BEST = 3
"""Passages that a mind is shown for one sentence."""

_CITE = re.compile(r"\\cite[a-z]*\*?(?:\[[^\]]*\])*\{([^{}]*)\}")
_MARKED = re.compile(r"\{(?:cite|cfg|only)(?:\.[a-z0-9_.\-]+)?\}|\\(?:val|ci|ref|cite[a-z]*)\*?\{[^{}]*\}")
_QUOTED = re.compile(r"``.*?''|“.*?”")
_CLAUSE = re.compile(r";|:\s|,?\s+(?:but|whereas|while|although|and we|and here)\s+|,\s+(?=which\b|we\b|our\b|here\b)")
_REPORTS = re.compile(
    r"\b(?:show(?:s|ed|n|ing)?|prove[sdn]?|proving|demonstrat\w+|(?<!be )found|finds?|establish\w*|achiev\w+|attain\w*|"
    r"outperform\w*|surpass\w*|exceed\w*|beats?|report(?:s|ed)|observ(?:es?|ed|ing)|conclud\w+|confirm\w*|refut\w+|"
    r"reveal\w*|discover\w*|improv(?:es?|ed|ing)|reduc(?:es?|ed|ing)|increas(?:es?|ed|ing)|decreas(?:es?|ed|ing)|"
    r"accelerat\w+|shorten\w*|delays?|prevents?|causes?|state[- ]of[- ]the[- ]art|"
    r"better|worse|faster|slower|\w+ than)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*\s?(?:\\?%)?")
_OURS = re.compile(r"\b(?:we|our|ours|us|this (?:paper|study|work)|the present (?:paper|study|work))\b", re.IGNORECASE)
_NEUTRAL = content_stems(
    "show shown prove proved proven demonstrate find found establish achieve attain report observe conclude confirm "
    "refute reveal discover first later authors work study paper result results finding findings evidence known"
)


class Judgement(Frozen):
    """A mind's answer to whether passages say what a sentence claims of their paper; ``passage`` is the one meant."""

    verdict: Literal["supports", "partly", "not"]
    passage: str | None = None
    reason: str


def check(
    sentence: str, references: Sequence[Reference], passages: Sequence[Passage] = (), *, curated: Collection[str] = ()
) -> tuple[Finding, ...]:
    r"""Findings about one LaTeX sentence with ``\citep``/``\citet``; ``references`` are the records that may be cited.

    ``curated`` comes from ``curated(spec)``. A key without a record is another check's finding and is passed over.
    """
    if normal(sentence) in curated:
        return ()
    by_key = {r.key: r for r in references}
    found = []
    for key, clause in _reporting(sentence, references):
        if key in by_key and (wrong := _uncarried(clause, by_key[key], passages)):
            reference = by_key[key]
            found.append(
                Finding(
                    check="unsupported_claim",
                    severity=Severity.ERROR,
                    message=f"it reports a finding of {key} (“{reference.paper.title}”), and {wrong}",
                    span=Span(text=sentence),
                    mend="say only what the work is about, or what its abstract or passages say",
                )
            )
    return tuple(found)


def curated(spec: TemplateSpec) -> frozenset[str]:
    """The sentences of a template's author that may stand as they are, in the form that ``check`` compares."""
    told = (*spec.text.implications.values(), *(r.claim for r in spec.related))
    return _of_author(spec) | frozenset(normal(s) for s in told)


def authored(spec: TemplateSpec, implication: str) -> frozenset[str]:
    """The sentences of a template's author that a study may say: of the implications, that of its outcome alone."""
    return _of_author(spec) | frozenset(sentences(implication))


def is_authored(text: str, authored: frozenset[str]) -> bool:
    """Whether a text is the author's: a sentence of theirs, or several in a row."""
    return bool(authored) and all(s in authored for s in sentences(text))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in the form in which they are compared."""
    return tuple(normal(s) for s in _SENTENCES.split(text) if s)


def _of_author(spec: TemplateSpec) -> frozenset[str]:
    text = spec.text
    every = (*text.background, *text.problem, *text.method, *text.data, *text.measurement, *text.limitations)
    return frozenset(normal(s) for s in every)


_SENTENCES = re.compile(r"(?<=[.;])\s+(?=[A-Z])")


def vouched(spec: TemplateSpec, references: Sequence[Reference]) -> tuple[Passage, ...]:
    """What the template's author says of the records that it names, as passages: it may be said in other words too."""
    claims = {r.id: r.claim for r in spec.related}
    return tuple(
        Passage(id=f"{r.paper.id}#vouched", paper=r.paper.id, page=None, text=_MARKED.sub(" ", claims[r.related]))
        for r in references
        if r.related in claims
    )


def normal(sentence: str) -> str:
    """A sentence's words without citations, quantities and placeholders."""
    return " ".join(words(_MARKED.sub(" ", sentence)))


def best_passages(sentence: str, reference: Reference, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages of the cited paper, its abstract among them, that share most with the sentence."""
    own = [p for p in passages if p.paper == reference.paper.id]
    known = {p.id for p in own}
    own += [p for p in of_record(reference.paper) if p.id not in known]
    return score(normal(sentence), own, limit=BEST, per_paper=BEST)


class Question(Frozen):
    """A sentence that reports a finding of a cited work, and the passages of that work that come nearest to it."""

    sentence: str
    key: str
    passages: tuple[Passage, ...]


def questions(
    sentences: Sequence[str], references: Sequence[Reference], passages: Sequence[Passage],
    *, curated: Collection[str] = (),
) -> tuple[Question, ...]:  # fmt: skip
    """What a mind has to judge: sentence by sentence and citation by citation, where there is a passage to show it."""
    by_key: Mapping[str, Reference] = {r.key: r for r in references}
    asked = []
    for sentence in dict.fromkeys(s for s in sentences if normal(s) not in curated):
        for key in dict.fromkeys(key for key, _ in _reporting(sentence, references)):
            shown = best_passages(sentence, by_key[key], passages) if key in by_key else ()
            if shown:
                asked.append(Question(sentence=sentence, key=key, passages=shown))
    return tuple(asked)


OBJECTIONS = {"not": (Severity.ERROR, "do not"), "partly": (Severity.WARNING, "only partly")}


def objections(asked: Sequence[Question], judgements: Sequence[Judgement]) -> tuple[Finding, ...]:
    """The findings that a mind's answers amount to, in order; an answer that is missing is no objection."""
    found = []
    for question, answer in zip(asked, judgements, strict=False):
        if answer.verdict != "supports":
            severity, how = OBJECTIONS[answer.verdict]
            found.append(
                Finding(
                    check="unsupported_claim",
                    severity=severity,
                    message=f"{question.key}: the passages {how} say so: {answer.reason}",
                    span=Span(text=question.sentence),
                    mend="say what the passages say",
                )
            )
    return tuple(found)


def cited(sentence: str) -> tuple[str, ...]:
    """The keys that a sentence cites, each once, in order."""
    return tuple(dict.fromkeys(k.strip() for m in _CITE.finditer(sentence) for k in m[1].split(",") if k.strip()))


def _reporting(sentence: str, references: Sequence[Reference]) -> Iterator[tuple[str, str]]:
    """Each cited key with each piece of text that reports something of it.

    A clause without a citation of its own speaks of what the sentence cites, unless it speaks of us. Words of the
    titles that a clause cites report nothing: "on accelerating descent" may name what a work is about.
    """
    titles = {r.key: content_stems(r.paper.title) for r in references}
    for clause in _CLAUSE.split(sentence):
        keys = cited(clause) or cited(sentence)
        about_us = _OURS.search(_plain(clause)) is not None
        named = frozenset().union(*(titles.get(key, frozenset()) for key in keys))
        before = ""
        for piece in _pieces(clause):
            before += _plain(piece)
            told = " ".join(w for w in _WORD.findall(before) if stem(w.lower()) not in named)
            if not about_us and (_REPORTS.search(told) or _NUMBER.search(before)):
                yield from ((key, _plain(piece)) for key in cited(piece) or keys)


def _pieces(clause: str) -> list[str]:
    """A clause cut behind each parenthetical citation: in a list of works each answers for its own item."""
    ends = [m.end() for m in _CITE.finditer(clause) if m[0].startswith("\\citep")]
    if len(ends) < 2 or "\\citet" in clause:
        return [clause]
    cuts = [0, *ends[:-1], len(clause)]
    return [clause[i:j] for i, j in pairwise(cuts)]


def _plain(text: str) -> str:
    return _MARKED.sub(" ", _QUOTED.sub(" ", text))


def _uncarried(clause: str, reference: Reference, passages: Sequence[Passage]) -> str:
    """What a clause says that is not known of the work; empty if all is."""
    own = [p.text for p in passages if p.paper == reference.paper.id]
    paper = reference.paper
    text = " ".join([paper.title, paper.abstract, *own])
    only_title = not paper.abstract and not own
    numbers = [n.strip() for n in _NUMBER.findall(clause)]
    absent = [n for n in numbers if _bare(n) not in {_bare(m) for m in _NUMBER.findall(text)} and n != str(paper.year)]
    if absent:
        return f"the number {absent[0]} is not in {_what(only_title)}"
    known = content_stems(text)
    said = {stem(w): w for w in content_words(clause) if stem(w) not in _NEUTRAL and not w.isdigit()}
    said = {s: w for s, w in said.items() if s not in content_stems(" ".join(paper.authors))}
    missing = sorted(w for s, w in said.items() if s not in known)
    enough = COVERED_BY_TITLE if only_title else COVERED
    if said and 1 - len(missing) / len(said) < enough:
        return f"{_what(only_title)} does not speak of {', '.join(missing[:6])}"
    return ""


def _what(only_title: bool) -> str:
    return "its title, which is all that is known of it," if only_title else "what is known of its text"


def _bare(number: str) -> str:
    return re.sub(r"[^\d.]", "", number).rstrip(".")
