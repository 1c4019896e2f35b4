"""How strongly a sentence may speak: sureness, sameness, verdicts, plans, causes, scope, the best, one run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scientist.types import Claim, Verdict
from scientist.writeup.meaning import words as w
from scientist.writeup.meaning.families import check_families, one_run
from scientist.writeup.meaning.names import Names
from scientist.writeup.meaning.reading import Reading
from scientist.writeup.scan import CITATION, POINTER

Complaint = tuple[str, str, str]
_INTEREST = re.compile(
    r"\b(?:within|inside|under|below|smaller than|less than) (?:the |its |their )?(?:smallest effect of interest"
    r"|declared bounds"
    r"|what was declared)|\bone-sided tests are passed",
    re.I,
)


def check_strength(seen: Reading, claims: Sequence[Claim], names: Names, *, cited: bool) -> Iterator[Complaint]:
    """Complaints about a sentence's words; ``cited`` marks one that reports what others found."""
    if cited:
        return
    yield from _best(seen)
    yield from _one_run(seen, names, bound=bool(claims))
    yield from _beyond(seen.prose, claims, names)
    if claims:
        yield from _sure(seen.prose, claims)
        yield from _same(seen.prose, claims, names)
        yield from _verdict(seen.prose, claims)
        yield from _planned(seen.prose, claims)
        yield from check_families(seen, claims, names.without_labels(seen.prose))


def _stated(pattern: re.Pattern[str], prose: str, *, guessed: bool = True) -> Iterator[re.Match[str]]:
    """Matches that are neither denied nor, unless ``guessed`` is False, in a clause that supposes or asks."""
    for match in pattern.finditer(prose):
        clause = re.split(r"[;:]\s|,\s(?:but|and|yet|so)\b", prose[: match.start()])[-1]
        near = re.split(r",\s", clause)[-1]
        if w.DENIED.search(near) or (guessed and w.GUESSED.search(near)):
            continue
        yield match


def _best(seen: Reading) -> Iterator[Complaint]:
    for match in _stated(w.BEST, seen.prose.replace("best first", "")):  # the name of a strategy of search
        if not w.OF_ALL.search(seen.prose):
            yield (
                "best_of_n",
                f"it picks one of several by its outcome ({match[0]!r}) and does not say of how many",
                r"say of how many, as in ``of the \val{plan.seeds} seeds'', or report the mean",
            )
            return


def _one_run(seen: Reading, names: Names, *, bound: bool) -> Iterator[Complaint]:
    """A statement about a single run needs a number of that run, or a figure that shows it."""
    prose = re.sub(r"\bthat differ in\b", lambda m: " " * len(m[0]), names.without_labels(seen.prose))
    found = one_run(prose) if bound else _stated(w.ONE_RUN, prose)
    for match in found:
        rest = seen.prose[match.end() :]
        if POINTER in seen.prose or not (bound or w.SAID_OF_RUN.search(rest)):
            continue
        if _one_missed(names) and w.OF_THE_MARK.search(seen.prose) and not w.OF_MORE.search(rest):
            continue
        yield (
            "single_run",
            f"it tells of a single run ({match[0]!r}), of which the ledger holds no number",
            "tell what the counts and means say, or point to a figure that shows every run",
        )
        return


def _one_missed(names: Names) -> bool:
    """Whether the ledger itself counts a single run that missed its mark in some condition."""
    return any(q.id.startswith("censored.") and q.value == 1 for q in names.quantities.values())


def _beyond(prose: str, claims: Sequence[Claim], names: Names) -> Iterator[Complaint]:
    """Laws, causes and scopes that the comparison of a few settings on a few data sets does not give."""
    studied = len(names.datasets)
    for match in _stated(w.SCOPE, prose):
        told = match[0]
        data = re.search(r"data ?set|task", told)
        within = re.match(
            r"\W*(?:that (?:is|was|were) )?(?:examined|studied|tested|tried|here|of the plan)", prose[match.end() :]
        )
        if data and within and studied > 1 and len({c.dataset for c in claims}) == studied:
            continue
        yield (
            "beyond_scope",
            f"{told!r} goes beyond what was tested",
            "say where it was seen: the data and settings studied",
        )
        return
    for match in _stated(w.CAUSE, prose):
        yield (
            "beyond_scope",
            f"{match[0]!r} states a cause or a route, which the comparison does not show",
            "say what was compared and how it came out; a mechanism is a conjecture (may, could)",
        )
        return


def _sure(prose: str, claims: Sequence[Claim]) -> Iterator[Complaint]:
    if any(c.significant for c in claims):
        return
    for match in _stated(w.SURE, prose):
        yield (
            "false_significance",
            f"{match[0]!r} needs a significant test, and no claim that it rests on has one",
            "say that it was observed and is not significant",
        )
        return


def _same(prose: str, claims: Sequence[Claim], names: Names) -> Iterator[Complaint]:
    if any(c.verdict is Verdict.EQUIVALENT for c in claims):
        return
    text = w.NOT_SAME.sub(lambda m: " " * len(m[0]), prose)
    for match in _stated(w.SAME, text):
        yield (
            "false_null",
            f"{match[0]!r} says that there is no difference, and no claim that it rests on passed the equivalence test",
            "an absent significance is no evidence of absence: say that the result is inconclusive",
        )
        return
    for match in _stated(_INTEREST, prose):
        if not any(_negligible(c, names) for c in claims) and not _only_estimate(prose, match.start()):
            yield "false_null", f"{match[0]!r} is not what the equivalence test found", "say what the test found"
            return


def _only_estimate(prose: str, start: int) -> bool:
    return re.search(r"\b(?:estimate|mean|reading|grid)\w*\b[^,;:.]*$", prose[:start]) is not None


def _negligible(claim: Claim, names: Names) -> bool:
    alpha = names.quantities.get("plan.alpha_look")
    tests = [names.quantities.get(f"{k}.{claim.contrast}") for k in ("tostadj", "tost")]
    found = [float(q.value) for q in tests if q is not None]
    return alpha is None or bool(found and min(found) <= float(alpha.value))


def _verdict(prose: str, claims: Sequence[Claim]) -> Iterator[Complaint]:
    seen = ", ".join(f"{c.id}: {c.verdict}" for c in claims)
    verdicts = {c.verdict for c in claims}
    yield from _taken_back(prose, claims, seen)
    for match in _stated(w.UPHELD, prose):
        if w.INNER_NOT.search(match[0]):
            continue
        pointed = re.match(r"(?:had|has|with|the way|found)", match[0])
        seen_so = any(c.observed == c.hypothesised != "none" and not c.significant for c in claims)
        if Verdict.SUPPORTED not in verdicts and not (
            pointed and seen_so and re.search(r"not significant|inconclusive", prose)
        ):
            yield "contradicts_claim", f"{match[0]!r} is not the ledger's verdict ({seen})", "give the verdict"
            return
    for match in _stated(
        re.compile(r"\bas (?:\w+ )?(?:hypothesi[sz]ed|predicted|expected|anticipated|foreseen)\b(?! on no\b)", re.I),
        prose,
    ):
        if not any(c.observed == c.hypothesised or (c.hypothesised == "none" and c.significant) for c in claims):
            yield "contradicts_claim", f"{match[0]!r} is not what was observed ({seen})", "say what was observed"
            return
    for match in _stated(w.OVERTURNED, prose):
        if w.INNER_NOT.search(match[0]):
            continue
        if Verdict.REFUTED not in verdicts and "decrease" not in match[0]:
            yield "contradicts_claim", f"{match[0]!r} is not the ledger's verdict ({seen})", "give the verdict"
            return
    if all(c.significant for c in claims):
        for match in _stated(w.UNSETTLED, prose, guessed=False):
            if not re.search(r"\bwhether\b|\bhow\b|\bwhy\b|\bwhat\b", prose):
                yield "contradicts_claim", f"{match[0]!r} is not the ledger's verdict ({seen})", "give the verdict"
                return


def _taken_back(prose: str, claims: Sequence[Claim], seen: str) -> Iterator[Complaint]:
    """A verdict that the sentence denies ("the hypothesis did not survive") and the ledger gives."""
    for pattern, verdict in ((w.UPHELD, Verdict.SUPPORTED), (w.OVERTURNED, Verdict.REFUTED)):
        for match in pattern.finditer(prose):
            if w.INNER_NOT.search(match[0]) and all(c.verdict is verdict for c in claims):
                yield "contradicts_claim", f"{match[0]!r} is not the ledger's verdict ({seen})", "give the verdict"
                return


def _planned(prose: str, claims: Sequence[Claim]) -> Iterator[Complaint]:
    if any(c.confirmatory for c in claims) or w.EXPLORING.search(prose):
        return
    for match in _stated(w.FIRM, prose):
        yield (
            "exploratory_as_planned",
            f"{match[0]!r} is a word of a confirmatory test, and the claims it rests on are exploratory",
            "say that the comparison is exploratory",
        )
        return


def reports_others(seen: Reading, ours: re.Pattern[str]) -> bool:
    """Whether a sentence cites a work and says nothing of this study."""
    return CITATION in seen.prose and not seen.prints and not ours.search(seen.prose)
