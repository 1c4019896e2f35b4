"""Hold a sentence's words against the ledger's claims that it rests on: direction, significance, "no effect"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scientist.types import Claim, Evidence, Sentence, Verdict
from scientist.writeup.lexicon import (
    FRAMES,
    HEDGES,
    NEGATION,
    NO_EFFECT,
    NOT_NO_EFFECT,
    OUTCOME,
    SIGNIFICANCE_TERMS,
    SIGNIFICANT,
    Sense,
    Word,
    directions,
)
from scientist.writeup.meaning.moves import moves
from scientist.writeup.meaning.names import names_of
from scientist.writeup.meaning.reading import Reading, read
from scientist.writeup.meaning.turned import between, turned
from scientist.writeup.scan import CITATION, Scan

CONTRAST_KINDS = ("effect", "p", "padj", "g", "tost", "tostadj", "perm", "boot")
OURS = re.compile(r"\b(?:we|our|ours|here|this)\b", re.I)
VERDICT = re.compile(
    r"\bhypothes[ie]s\b[^.;]*?\b(?P<no>not |n't |neither )?(?:\w+ )?(?P<word>supported|confirmed|refuted)\b", re.I
)
THRESHOLD = re.compile(
    r"[^,.;]{0,20}?\bthan (?:\S+ ){0,6}?"
    r"(?:smallest effect|sesoi|alpha|threshold|level|bound|margin|declared|effect of interest)",
    re.I,
)
CLAUSE = re.compile(
    r"[,;:.]\s|\b(?:but|and yet|however|because|since)\b|\bhypothes[ie]s (?:is|was) (?:not )?\w+ed\b", re.I
)
FRAME_TOUCHES = re.compile(
    r"\b(?:hypothesi[sz]ed|predicted|expected|opposite|registered)\s+(?:\w+\s+)?$|\bneeds?(?:\s+not|n't)\s+(?:\w+\s+){0,2}$"
    r"|(?:\bnot|n't|\bcannot)\s+(?:tell|distinguish|separate|part)\w*\s+(?:\w+\s+){0,4}from\s+(?:(?:an?|the)\s+)?(?:\w+\s+)?$",
    re.I,
)
"""Before a word that states nothing: what was hypothesised, what need not be, a rival that is not told apart."""
COUNTERFACTUAL = re.compile(r"(?:^|[;:]\s)had\b[^;:.]*?,[^;:.,]*\b(?:would|could|might)\b[^;:.,]*", re.I)
"""What would have been: "had the decay been larger, the norm would have been lower", up to the next comma."""
ASKED = re.compile(
    r"\b(?:ask|test|examin|stud|investigat|determin|question|see)\w*(?: \w+){0,2} whether\b"
    r"(?![^.]*(?:, (?:and|but|which|so|yet)\b|[;:]))",
    re.I,
)
DIRECT_QUESTION = re.compile(
    r"\s*(?:do|does|did|is|are|was|were|can|could|will|would|how|what|which|when|where|why)\b", re.I
)
"""How a question begins; a mark at the end of a statement does not make it one."""
LEVEL_WORDS = frozenset("the of level levels amount amounts strength value values setting settings".split())
NO_THINGS = frozenset(
    """of than the in and mean average score accuracy loss error performance result results value values rate quality
    likelihood outcome metric""".split()
)
"""Nouns after which a comparative does say how the metric came out."""
Complaint = tuple[str, str, str]
"""The check that failed, what is wrong, and how to mend it."""


def check_claims(sentence: Sentence, found: Scan, evidence: Evidence, *, cited_may_state: bool) -> Iterator[Complaint]:
    """Complaints about what a sentence states; ``cited_may_state`` lets a cited sentence report others' findings."""
    known = {c.id: c for c in evidence.claims}
    for id in sentence.claims:
        if id not in known:
            yield "unknown_claim", f"the claim {id!r} is not in the ledger", "bind a claim of the evidence"
    named = named_contrasts(found)
    bound = [known[id] for id in sentence.claims if id in known]
    of_named = [c for c in bound if c.contrast in named]
    words = _stating(found, evidence, bool(sentence.claims or named))
    if missing := ", ".join(sorted((named & {c.contrast for c in evidence.claims}) - {c.contrast for c in bound})):
        said = "but binds other claims" if bound else "and binds no claim"
        yield "claim_mismatch", f"it compares by numbers of {missing} {said}", "bind the claims of the numbers"
    if not bound:
        yield from _unbound(found, words, named, cited_may_state=cited_may_state)
        return
    judged = of_named or bound
    yield from _contradictions(found, words, judged, read(found, names_of(evidence)))
    yield from _overclaims(found, words, judged)
    yield from _significance(found.prose, judged)
    yield from _no_effect(found.prose, judged)
    yield from _verdicts(found.prose, judged)


def check_title_direction(prose: str, found: Scan, evidence: Evidence) -> Iterator[Complaint]:
    """A title may ask; if it states a direction, a significant claim of that direction must be in the ledger."""
    asked = prose.rfind("?") + 1
    certain = [c for c in evidence.claims if c.significant]
    for word in _stating(found, evidence):
        if word.start >= asked and not any(_agrees(word.sense, c) for c in certain):
            yield "unbound_claim", f"the title says {word.text!r}, which no significant claim does", "ask, or say less"
    yield from _no_effect(prose[asked:], evidence.claims)


def named_contrasts(found: Scan) -> set[str]:
    """The contrasts whose estimate or tests a text prints."""
    pairs = (id.partition(".") for id in found.quantities)
    return {rest for kind, dot, rest in pairs if dot and kind in CONTRAST_KINDS}


def _unbound(found: Scan, words: Sequence[Word], named: set[str], *, cited_may_state: bool) -> Iterator[Complaint]:
    """What a sentence without claims may not say."""
    prose = found.prose
    mend = "bind the claim that the sentence rests on, or state no outcome"
    if cited_may_state and CITATION in prose and not named and not OURS.search(prose):
        return
    framed = [w for w in words if named or OUTCOME.search(prose) or not _framed(prose, w)]
    if framed:
        yield "unbound_claim", f"it says {framed[0].text!r} without a claim", mend
    if _significance_words(prose):
        yield "unbound_significance", "it speaks of significance without a claim", mend
    stated = [m for m in _no_effect_words(prose) if not _framed_at(prose, m.start())]
    if stated:
        yield "unbound_claim", f"it says {stated[0][0]!r} without a claim", mend
    if re.search(r"\bhypothes[ie]s\b.*\b(?:supported|confirmed|refuted)\b", prose, re.I) and not _framed_verdict(prose):
        yield "unbound_claim", "it gives a verdict on the hypothesis without a claim", mend


def _contradictions(found: Scan, words: Sequence[Word], claims: Sequence[Claim], seen: Reading) -> Iterator[Complaint]:
    judged = between(seen, claims)
    for word in words:
        if _framed(found.prose, word):
            continue
        agree = [_agrees(_turned(word, c, seen), c) for c in judged]
        if _negated(found.prose, word):
            wrong = all(c.significant and agrees for c, agrees in zip(judged, agree, strict=True))
        else:
            wrong = not any(agree)
        if wrong:
            told = "; ".join(f"{c.id}: observed {c.observed}, {_better(c)}" for c in claims)
            yield "contradicts_claim", f"{word.text!r} contradicts the ledger ({told})", "say what was observed"


def _overclaims(found: Scan, words: Sequence[Word], claims: Sequence[Claim]) -> Iterator[Complaint]:
    """A law in the present tense needs a significant test, or words that take it back."""
    if any(c.significant for c in claims) or HEDGES.search(found.prose):
        return
    for word in words:
        if word.law and not _framed(found.prose, word) and not _negated(found.prose, word):
            yield (
                "overclaim",
                f"{word.text!r} states a law, but no claim it rests on is significant",
                "say it was observed",
            )
            return


def _significance(prose: str, claims: Sequence[Claim]) -> Iterator[Complaint]:
    for match in _significance_words(prose):
        negated = match[0].lower().startswith(("in", "non")) or NEGATION.search(prose[: match.start()])
        if not negated and not any(c.significant for c in claims):
            yield "false_significance", "it says significant, but no claim it rests on is", 'write "not significant"'
        if negated and all(c.significant for c in claims):
            yield "false_significance", "it denies significance, but every claim it rests on is significant", "say so"


def _no_effect(prose: str, claims: Sequence[Claim]) -> Iterator[Complaint]:
    stated = [m for m in _no_effect_words(prose) if not _framed_at(prose, m.start())]
    if stated and not any(c.verdict is Verdict.EQUIVALENT for c in claims):
        yield (
            "false_null",
            f"it says {stated[0][0]!r}, but no claim it rests on passed the equivalence test",
            "an absent significance is no evidence of absence: say that the result is inconclusive",
        )


def _verdicts(prose: str, claims: Sequence[Claim]) -> Iterator[Complaint]:
    """A verdict on the hypothesis must be the ledger's."""
    for match in VERDICT.finditer(prose):
        if re.search(r"\bnull hypothes|\bneither\b|\bnor\b", match[0], re.I):
            continue
        denied = match["no"] or re.search(r"\b(?:none|no|nowhere|never)\b[^,;.]*$", prose[: match.start()], re.I)
        needed = Verdict.REFUTED if match["word"].lower() == "refuted" else Verdict.SUPPORTED
        holds = any(c.verdict is needed for c in claims)
        if holds if denied else not holds:
            seen = ", ".join(f"{c.id}: {c.verdict}" for c in claims)
            yield "contradicts_claim", f"{match['word']!r} is not the ledger's verdict ({seen})", "give the verdict"


_OPPOSITE = {Sense.UP: Sense.DOWN, Sense.DOWN: Sense.UP, Sense.BETTER: Sense.WORSE, Sense.WORSE: Sense.BETTER}


def _turned(word: Word, claim: Claim, seen: Reading) -> Sense:
    """What the word says of the claim's treatment against its control, whichever of them the sentence says it of."""
    return _OPPOSITE[word.sense] if turned(seen, word.start, word.end, claim) else word.sense


def _stating(found: Scan, evidence: Evidence, compares: bool = False) -> list[Word]:
    """Directional words but for those that speak of a factor, a threshold, or an object other than the metric.

    ``compares`` marks a sentence that rests on claims or prints numbers of a contrast, in which more words state one.
    """
    prose = found.prose
    factors = _factor_words(evidence)
    metrics = frozenset(part for c in evidence.claims for part in c.metric.split("_"))
    return [
        w
        for w in (*directions(prose), *(moves(prose) if compares else ()))
        if not (
            _of_factor(prose, w, factors)
            or _of_threshold(prose, w)
            or (not found.quantities and _identifies(prose, w, metrics))
        )
    ]


def _factor_words(evidence: Evidence) -> frozenset[tuple[str, ...]]:
    """The names of what was varied or set, as words, from the ids of the ledger's settings."""
    names = {q.id.rsplit(".", 1)[-1] for q in evidence.quantities if q.id.startswith(("level.", "cfg."))}
    metrics = {tuple(c.metric.split("_")) for c in evidence.claims}
    return frozenset(words for n in names if not _within((words := tuple(n.split("_"))), metrics))


def _within(words: tuple[str, ...], names: set[tuple[str, ...]]) -> bool:
    """Whether the words stand in a row in one of the names: such a factor cannot be told from what is measured."""
    return any(words == name[i : i + len(words)] for name in names for i in range(len(name)))


def _of_factor(prose: str, word: Word, factors: frozenset[tuple[str, ...]]) -> bool:
    """Whether the word says how the factor was set ("lower weight decay", "Increasing the weight decay")."""
    if word.start == 0 and word.text.endswith("ing"):
        return True
    after = re.findall(r"[a-z]+", prose[word.end :].lower())[:6]
    while after and after[0] in LEVEL_WORDS:
        after = after[1:]
    return any(tuple(after[: len(f)]) == f for f in factors)


def _of_threshold(prose: str, word: Word) -> bool:
    """Whether a comparative is against a threshold of the analysis and not between conditions."""
    return THRESHOLD.match(prose[word.end :]) is not None


def _identifies(prose: str, word: Word, metrics: frozenset[str]) -> bool:
    """Whether a comparative only says which thing is meant ("the faster fit") and not how the metric came out."""
    noun = re.match(r" ([a-z]+)", prose[word.end :])
    article = re.search(r"\bthe $|(?:^|\b(?:\w+ing|with|by|of|for) )an? $", prose[: word.start], re.I)
    comparative = word.text.endswith("er") or word.text == "worse"
    return bool(article and noun and comparative and noun[1] not in metrics | NO_THINGS)


def _framed(prose: str, word: Word) -> bool:
    return _framed_at(prose, word.start)


def _framed_at(prose: str, start: int) -> bool:
    """Whether a word stands in a clause that hypothesises, plans, asks or speculates."""
    if ASKED.search(prose[:start]) or _asks(prose, start):
        return True
    if any(m.start() <= start < m.end() for m in COUNTERFACTUAL.finditer(prose)):
        return True
    clause = CLAUSE.split(prose[:start])[-1]
    return FRAMES.search(clause + " ") is not None or FRAME_TOUCHES.search(clause) is not None


def _asks(prose: str, start: int) -> bool:
    """Whether a word stands in a direct question."""
    end = re.search(r"[.!?](?=\s|$)", prose[start:])
    opens = re.split(r"[.!?]\s", prose[:start])[-1]
    return bool(end and end[0] == "?" and DIRECT_QUESTION.match(opens))


def _framed_verdict(prose: str) -> bool:
    """Whether a sentence tells when a hypothesis *counts* as supported, and not that it is."""
    return re.search(r"\b(?:if|when|whether|counts?|would)\b", prose, re.I) is not None


def _negated(prose: str, word: Word) -> bool:
    return NEGATION.search(prose[: word.start]) is not None


def _significance_words(prose: str) -> list[re.Match[str]]:
    return list(SIGNIFICANT.finditer(SIGNIFICANCE_TERMS.sub(lambda m: " " * len(m[0]), prose)))


def _no_effect_words(prose: str) -> list[re.Match[str]]:
    return list(NO_EFFECT.finditer(NOT_NO_EFFECT.sub(lambda m: " " * len(m[0]), prose)))


def _agrees(sense: Sense, claim: Claim) -> bool:
    if sense is Sense.UP:
        return claim.observed == "increase"
    if sense is Sense.DOWN:
        return claim.observed == "decrease"
    return claim.better is (sense is Sense.BETTER)


def _better(claim: Claim) -> str:
    return {True: "better", False: "worse", None: "neither better nor worse"}[claim.better]
