"""False sentences that stand alone: no true sentence is kept before them, and one in two names no claim either.

The frames of ``mutants.py`` put a false clause behind a true sentence with its numbers. A writer can as well say the
same in a sentence of its own, with the claim beside it or without: here are those, false by the same construction.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.claims.mutants import Clean, Mutant, told, told_metric
from benchmarks.claims.wording import Words
from scientist.types import Verdict


def alone(clean: Clean, words: Words, *, bound: bool) -> Iterator[Mutant]:
    """Every false sentence about the claims of ``clean``, bound to them or to none."""
    claims = told(clean)
    if not claims or clean.where == "introduction":
        return
    for kind, how, text in _made(clean, words):
        ids = clean.sentence.claims if bound else ()
        yield Mutant(kind, how, clean.where, text[:1].upper() + text[1:] + ".", ids, "")


def _made(clean: Clean, words: Words) -> Iterator[tuple[str, str, str]]:
    claims = told(clean)
    claim, verdicts = claims[0], {c.verdict for c in claims}
    metric = told_metric(claim, clean.evidence)
    if len({c.observed for c in claims}) == 1:
        for verb in words.down if claim.observed == "increase" else words.up:
            yield "flipped direction", verb, f"{metric} {verb}"
        if not any(c.significant for c in claims):
            moved = "rose" if claim.observed == "increase" else "fell"
            for sure in words.sure:
                yield "significance without a test", sure, f"{metric} {moved} {sure}"
    if Verdict.EQUIVALENT not in verdicts:
        for same in words.same:
            yield "no effect without equivalence", same, f"the change of setting {same}"
    for scope in words.scope:
        yield "beyond the test", scope, f"this holds {scope}"
    for cause in words.cause:
        yield "beyond the test", cause, cause
    if all(c.confirmatory for c in claims):
        lists = {"upheld": words.upheld, "overturned": words.overturned, "unsettled": words.unsettled}
        for name in _denied(verdicts, all(c.significant for c in claims)):
            for verdict in lists[name]:
                yield "another verdict", verdict, verdict


def _denied(verdicts: set[Verdict], significant: bool) -> list[str]:
    """The lists of verdicts that no claim has."""
    denied = {"upheld": Verdict.SUPPORTED not in verdicts, "overturned": Verdict.REFUTED not in verdicts}
    return [name for name, wrong in (denied | {"unsettled": significant}).items() if wrong]
