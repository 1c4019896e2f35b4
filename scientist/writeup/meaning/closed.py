"""Which clauses of a sentence tell a result, and what is refused of them: words and constructions that are not known.

A sentence that rests on claims, that prints numbers of a comparison, or that stands among the results, is read whole;
of other sentences in which outcomes may be told, the clauses that say something of a metric, a factor or an outcome.
What is supposed or asked ("may", "whether", "perhaps") is free in all of them but in idioms of the perfect ("might
have been left out"), which suppose nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from scientist.writeup.meaning.names import Names
from scientist.writeup.meaning.reading import TESTS, Reading
from scientist.writeup.meaning.vocabulary import unknown
from scientist.writeup.scan import CITATION

Complaint = tuple[str, str, str]
WHOLE = "results"
"""The section of which every sentence is read whole: nothing but results is told there."""
CAPTION, INTRODUCTION = "caption", "introduction"
"""Captions are composed by rule and not read; introductions tell no result and are read where they rest on claims."""
_CUT = re.compile(r"[;:]\s|[.?!]\s|,\s(?:and|but|so|yet|which|while|whereas|though|although|since|because)\b")
_SUPPOSED = re.compile(
    r"\b(?:whether|if|may|might|perhaps|possibly|conjectur\w+|speculat\w+|suspect|suppose|imagine|conceivabl[ey]"
    r"|one (?:possible )?(?:reading|explanation|interpretation|account) is)\b"
    r"(?! (?:as well|just|well|have|anything|and|or|but)\b)(?=[ ,]+[a-z])",
    re.I,
)
_OUTCOMES = (
    r"changes?|effects?|differences?|results?|outcomes?|findings?|settings?|hypothes[ie]s|predictions?|comparisons?"
    r"|manipulations?|interventions?|treatments?|increases?|decreases?|gains?|reductions?|verdicts?|interactions?"
    r"|factors?|contrasts?|trends?|responses?"
)
_SUBJECT = re.compile(
    rf"^\W*(?:(?:and|but|so|yet|while|whereas|though|although|since|because|then|thus|here|also|that)\W+)*"
    rf"(?:(?:the|this|that|our|both|all|these|those|its|such|no|any|every|mean|final|observed|a|an)\W+){{0,3}}"
    rf"(?:{_OUTCOMES})\b(?!-)"
)
_NAMED = "".join(
    rf"(?<!{before})"
    for before in ("of all", "at all", "over all", "in all", "to none", "with none", "than none", "of none",
                   "over none", "against none", "and none", "from none", "in both", "for both", "of both", "in each",
                   "on each", "does neither", "purposes the answer is no")
)  # fmt: skip
"""Before the end of a clause: what "all" and "none" stand for is said."""
_CONSTRUCTIONS = (
    (r"\b(?:is|was|are|were|be|been) what\b(?! (?:(?:was|were) |the (?:plan|tests?|intervals?|data|means?)\b))",
     "a cleft sentence"),
    (r"\bit (?:is|was) (?:not )?(?:the|our|this|that|its)\b[^,;:.]*? (?:that|which|one|who)\b", "a cleft sentence"),
    (r"\bone (?:is|has|can|could|may|might|would|will|need|needs|must|should|does|cannot|finds|sees|gets)\b",
     "an impersonal one"),
    (rf"\b(?:all|every|any|each|no|neither|none|both)(?: and (?:all|every))?(?=\W*(?:[.,;:)]|$)){_NAMED}",
     "a word that stands for what it does not name"),
    (r"\b(?:may|might) (?:just )?as well\b", "an idiom that supposes nothing"),
    (r"\b(?:be|is|was|were|are) either(?=\W*(?:[.,;:)]|$))", "a word that stands for what it does not name"),
)  # fmt: skip
_GRAMMAR = tuple((re.compile(pattern), what) for pattern, what in _CONSTRUCTIONS)
_MEND = (
    "say it in plain words of measurement (rose, fell, differed by, was higher, is significant, inconclusive), or move "
    "the thought to a sentence that tells no result, or supposes (may, might)"
)


def check_closed(seen: Reading, names: Names, terms: frozenset[str], *, bound: bool, where: str) -> Iterator[Complaint]:
    """Complaints about the clauses of a sentence that tell a result; ``terms`` are names beside the ledger's."""
    whole = bound or where == WHOLE or any(p.family in TESTS for p in seen.prints)
    if where.startswith(CAPTION) or (not bound and (CITATION in seen.prose or where == INTRODUCTION)):
        return
    for start, end in _strict(seen, names, whole=whole):
        for word in unknown(seen, names, terms, start, end):
            yield "unheard_word", f"{word!r} is not among the words that a result is told in", _MEND
            return
        for pattern, what in _GRAMMAR:
            match = pattern.search(seen.prose, start, end)
            if match:
                yield "unheard_word", f"{match[0]!r} is {what}, which cannot be held against the ledger", _MEND
                return


def _strict(seen: Reading, names: Names, *, whole: bool) -> Iterator[tuple[int, int]]:
    """Where the clauses stand that tell a result, without what is supposed in them."""
    cuts = [0, *(m.start() for m in _CUT.finditer(seen.prose)), len(seen.prose)]
    for start, end in pairwise(cuts):
        if whole or _tells(seen, names, start, end):
            supposed = _SUPPOSED.search(seen.prose, start, end)
            yield start, supposed.start() if supposed else end


_ABOUT = re.compile(
    r"\b(?:hypothes[ie]s|the (?:setting|study|plan)|(?:this|that|it|which|these) (?:holds?|held|appl(?:y|ies|ied))"
    r"|was asked|the (?:answer|verdict|question) (?:is|was|to))\b"
)


def _tells(seen: Reading, names: Names, start: int, end: int) -> bool:
    """Whether a clause begins with a metric, a factor or an outcome, or speaks of the hypothesis or where it holds."""
    clause = seen.prose[start:end]
    if _SUBJECT.match(clause) or _ABOUT.search(clause):
        return True
    first = re.match(r"^\W*(?:(?:and|but|so|yet|while|whereas|the|mean|final|this|that|our|with|without)\W+)*", clause)
    at = start + (first.end() if first else 0)
    if any(m.start == at for m in (*seen.metrics, *seen.datasets)):
        return True
    return any(label and seen.prose.startswith(label, at) for label in names.factors.values())
