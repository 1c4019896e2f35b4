"""Means, deviations and shares of whole numbers that no sample of the stated size can have (GRIM, GRIMMER)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from scientist.mind.reading import all_text, sentences
from scientist.review.checks.context import Context, error, warning
from scientist.types import Finding

_PEOPLE = (
    r"(?:participants?|respondents?|annotators?|raters?|subjects|people|persons|students|users|volunteers|workers|"
    r"reviewers|patients|experts|judges|evaluators|children|adults|programmers|developers)"
)
_THINGS = r"(?:runs|seeds|trials|questions|cases|tasks|episodes|games|problems|prompts|examinees|attempts)"
COUNTABLE = rf"(?:{_PEOPLE}|{_THINGS})"
_WHOLE = re.compile(
    r"\bLikert\b|\b(?:integer|whole)[- ](?:scores?|ratings?|numbers?|valued)|"
    r"\bpoint scale\b|\bwhole points\b|\bmean number of\b|\bscale (?:of|from)\b|"
    r"\b\d\s*(?:–|-|to)\s*\d+ scale\b|\bwhole numbers?\b",
    re.IGNORECASE,
)
_FINER = re.compile(
    r"\b(?:items|(?:two|three|four|five|six|seven|eight|nine|ten|\d+)-item|(?:ratings?|answers?|scores?) each|"
    r"sub-?scales?|averaged? over|composite|weighted|half[- ]points?|standardi[sz]ed)\b",
    re.I,
)
_MEAN = re.compile(
    r"\b(?:(?:averaged|[Mm]ean\b(?:[^.;=±\d()]|\b\d-point|\(\$?[nN]\s*=\s*\d+\$?\)){0,60}?\b(?:was|of|were))\s*|"
    r"(?:M|[Mm]ean(?: (?:rating|score|answer|response|value|grade))?|(?:average|mean) (?:rating|score|answer|"
    r"response|"
    r"grade))\s*(?:\([^)]*\))?\s*(?:=|:|was|is|of|were)\s*)(?P<mean>\d+\.\d+)"
    r"(?:\s*[,;]?\s*(?:±|\(?\s*(?:SD|s\.d\.|std\.?|standard deviation)\s*(?:=|:|of|was)?)\s*(?P<sd>\d+\.\d+))?"
)
_SIZE = re.compile(rf"\b[nN]\s*=\s*(?P<n>\d{{1,3}})\b|(?<![\d.,])(?P<people>\d{{1,3}})\s+(?:\w+\s+)?{_PEOPLE}\b")
_SCALE = re.compile(
    r"\bscale\s+(?:of|from)\s+(?P<a>\d)\s*(?:to|–|-)\s*(?P<b>\d{1,2})\b|\b(?P<c>\d)\s*(?:–|-|to)\s*(?P<d>\d{1,2})"
    r"\s+(?:Likert |point |rating )?scale\b"
)
_COUNTED = re.compile(
    r"(?<![\d.,/–-])(?P<k>\d{1,5})\s*(?:of(?: the| our| all)?|out of(?: the)?|/)\s*(?P<n>\d{1,5})(?![\d./])"
    r"(?:\s+[a-z][\w-]*){0,3}\s*(?:\(|, (?:or|i\.e\.,?) )\s*(?:i\.e\.,?\s*)?(?P<p>\d{1,3}(?:\.\d+)?)\s*%"
)
_PERCENT_FIRST = re.compile(
    r"(?<![\d.,–-])(?P<p>\d{1,3}(?:\.\d+)?)\s*%\s*\(\s*(?P<k>\d{1,5})\s*(?:of|out of|/)\s*(?:the\s+)?(?P<n>\d{1,5})"
    r"(?:\s+[a-z][\w-]*){0,2}\s*\)"
)
_SHARE = re.compile(
    r"(?P<vague>(?:about|approximately|around|roughly|nearly|almost|over|than|least|most|top|bottom|only|~|≈|–|-|to|"
    r"or|between|and)\s*)?(?<![\d.,])(?P<p>\d{1,3}(?:\.\d+)?)\s*(?:%|percent)\s+of\s+(?:the|our|all|these)?\s*"
    rf"(?P<n>\d{{1,3}})\s+(?:\w+\s+)?(?:{_PEOPLE}|{_THINGS})\b"
)


def counted_shares(context: Context) -> Iterator[Finding]:
    """Counts with a percentage beside them, and percentages of a stated number of people or runs."""
    text = all_text(context.manuscript)
    for match in [*_COUNTED.finditer(text), *_PERCENT_FIRST.finditer(text)]:
        k, n = int(match["k"]), int(match["n"])
        if 0 < k <= n and not rounds_to(100 * k / n, match["p"]):
            yield error(
                context,
                "counted_shares",
                f"{k} of {n} is {100 * k / n:.3g}%, not {match['p']}%",
                match.group(),
                "correct the count or the percentage",
            )
    for match in _SHARE.finditer(text):
        n = int(match["n"])
        if n and not match["vague"] and not any(rounds_to(100 * k / n, match["p"]) for k in range(n + 1)):
            yield warning(
                context,
                "counted_shares",
                f"no count out of {n} gives {match['p']}%",
                match.group(),
                "give the count, or the number that the percentage rests on",
            )


def rounds_to(value: float, written: str) -> bool:
    """Whether a value may be written so: rounded either way at a half, or cut off."""
    unit = 10.0 ** -len(written.partition(".")[2])
    return -0.5001 * unit <= value - float(written) < unit * 0.9999


def impossible_means(context: Context) -> Iterator[Finding]:
    """GRIM and GRIMMER: means and deviations of ratings that no so many whole numbers can have."""
    for text in (context.manuscript.abstract, *(s.text for s in context.manuscript.sections)):
        found = sentences(text)
        for i, sentence in enumerate(found):
            near = " ".join(found[max(0, i - 2) : i + 2])
            if _WHOLE.search(near) and not _FINER.search(near):
                yield from _means_of(context, sentence, near)


def _means_of(context: Context, sentence: str, near: str) -> Iterator[Finding]:
    sizes = _sizes(sentence) or _sizes(near)
    bounds = _scale(near)
    for match in _MEAN.finditer(sentence):
        mean, sd = match["mean"], match["sd"]
        if bounds and not bounds[0] <= float(mean) <= bounds[1]:
            message = f"a mean of {mean} lies outside the scale from {bounds[0]} to {bounds[1]}"
        elif sizes and not any(grim(mean, n) for n in sizes):
            message = f"no {_either(sizes)} whole numbers have a mean of {mean}"
        elif sizes and sd and not any(grimmer(mean, sd, n) for n in sizes if grim(mean, n)):
            message = f"no {_either(sizes)} whole numbers have a mean of {mean} and a standard deviation of {sd}"
        else:
            continue
        yield error(
            context,
            "impossible_means",
            message,
            sentence,
            "compute it again from the data, or say how many answers it rests on",
        )


def _sizes(text: str) -> list[int]:
    """Every sample size that the words allow; the check speaks where none of them fits."""
    return sorted({int(m["n"] or m["people"]) for m in _SIZE.finditer(text) if int(m["n"] or m["people"]) > 1})


def _either(sizes: list[int]) -> str:
    return " or ".join(str(n) for n in sizes)


def _scale(text: str) -> tuple[int, int] | None:
    match = _SCALE.search(text)
    if match is None:
        return None
    low, high = int(match["a"] or match["c"]), int(match["b"] or match["d"])
    return (low, high) if low < high else None


def grim(mean: str, n: int) -> bool:
    """Whether ``n`` whole numbers can have this mean, as it is rounded."""
    return any(True for _ in _totals(mean, n))


def grimmer(mean: str, sd: str, n: int) -> bool:
    """Whether ``n`` whole numbers can have this mean together with this standard deviation (of either kind).

    The sum of their squares is a whole number, odd exactly where their sum is.
    """
    half = 0.5 * 10.0 ** -len(sd.partition(".")[2])
    low, high = max(float(sd) - half, 0.0) - 1e-9, float(sd) + half + 1e-9
    for total in _totals(mean, n):
        for freedom in (n - 1, n):
            least = max(low, 0.0) ** 2 * freedom + total**2 / n
            most = high**2 * freedom + total**2 / n
            squares = range(math.ceil(least - 1e-6), math.floor(most + 1e-6) + 1)
            if any(s % 2 == total % 2 for s in squares):
                return True
    return False


def _totals(mean: str, n: int) -> Iterator[int]:
    unit = 10.0 ** -len(mean.partition(".")[2])
    middle = float(mean) * n
    reach = 0.5001 * unit * n
    yield from range(math.ceil(middle - reach), math.floor(middle + reach) + 1)
