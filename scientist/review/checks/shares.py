"""Percentages in one sentence that should add up to a hundred, and comparisons whose own numbers contradict them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.review.checks.context import Context, warning
from scientist.review.checks.quantities import written_sentences
from scientist.types import Finding

_PERCENT = re.compile(r"(?<![\d.,–-])(\d{1,3}(?:\.\d+)?)\s*(?:%|percent\b)(?!\s*(?:CI|confidence|credible|interval))")
_PARTS = re.compile(
    r"\b(?:remaining|the rest|the remainder|the other)\b[^.;]{0,40}?\d|\b(?:break(?:s)? down|breakdown|divided|"
    r"distributed|made up of|composed of|consist(?:s|ed|ing)? of|partition\w*|fall(?:s)? into|fell into|split) "
    r"[^.;]{0,120}?\d",
    re.IGNORECASE,
)
_PART_OF = re.compile(r"%[^.;%]{0,60}\bof (?:which|these|those|them|whom)\b|\bof the \d[\d.]*\s*%", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\b(?:respectively|accurac\w+|improv\w+|increas\w+|decreas\w+|reduc\w+|outperform\w*|overlap\w*|at least|both|"
    r"each|most|quantile|percentile|level|rate|vs|versus|compared|additional(?:ly)?|further|then|again|later|after)\b",
    re.IGNORECASE,
)
_VERSUS = re.compile(
    r"(?<![\w.,–-])(?P<a>\d+(?:\.\d+)?)\s*(?P<pa>%?)(?P<first>[^.;\d%]{0,40}?)\b(?:vs\.?|versus|compared (?:to|with)|"
    r"against|"
    r"as opposed to|instead of|rather than|over|while)\b(?P<mid>[^.;\d%]{0,60}?)(?P<b>\d+(?:\.\d+)?)\s*(?P<pb>%?)"
    r"(?P<gap>[^.;\d]{0,70}?)\b(?:improvement|gain|increase|decrease|reduction|drop|difference|advantage|rise)s?\s+of\s+"
    r"(?:about |approximately |around |roughly |nearly |almost )?(?P<c>\d+(?:\.\d+)?)\s*"
    r"(?P<unit>%|percent(?:age points?)?\b|points?\b|pp\b)",
    re.IGNORECASE,
)


def shares_of_a_whole(context: Context) -> Iterator[Finding]:
    """Three or more percentages that part a whole, but add up to more or less."""
    for sentence in written_sentences(context):
        written = _PERCENT.findall(sentence)
        if not 3 <= len(written) <= 9 or not _PARTS.search(sentence) or _OTHERWISE.search(sentence):
            continue
        total = sum(float(p) for p in written)
        slack = sum(0.5 * 10.0 ** -len(p.partition(".")[2]) for p in written)
        # The first may be the whole's own share ("40% failed, of which …"); then the others are parts of it.
        wholes = [100.0, *([2 * float(written[0]), 100.0 + float(written[0])] if _PART_OF.search(sentence) else [])]
        if 60 <= total <= 150 and not any(abs(total - whole) <= slack + 1e-9 for whole in wholes):
            yield warning(
                context,
                "shares_of_a_whole",
                f"the parts {', '.join(p + '%' for p in written)} add up to {total:g}%",
                sentence,
                "correct the parts, or say what is counted twice or left out",
            )


def compared_numbers(context: Context) -> Iterator[Finding]:
    """“A against B, a gain of c %”, where c is neither their difference nor its share of either."""
    for sentence in written_sentences(context):
        for match in _VERSUS.finditer(sentence):
            a, b, c = (float(match[name]) for name in ("a", "b", "c"))
            if bool(match["pa"]) != bool(match["pb"]) or not a or not b:
                continue
            gap = abs(a - b)
            possible = [gap, 100 * gap / a, 100 * gap / b, *([100 * gap] if max(a, b) <= 1 else [])]
            if not any(abs(c - p) <= max(0.06, 0.05 * p) for p in possible):
                yield warning(
                    context,
                    "compared_numbers",
                    f"between {match['a']}{match['pa']} and {match['b']}{match['pb']} lies no change of {match['c']}"
                    f"{match['unit']}",
                    sentence,
                    "compute the change again",
                )
