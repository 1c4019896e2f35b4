"""Changes “from a to b” against the change that the same clause claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from scientist.review.checks.context import Context, warning
from scientist.review.checks.quantities import NUMBER, prose_of, unit_of, value_of
from scientist.types import Finding

_PAIR = re.compile(
    rf"\bfrom\s+(?P<a>{NUMBER})\s?(?P<ua>%|[A-Za-zµ]+)?\s+(?:down |up )?to\s+(?P<b>{NUMBER})\s?(?P<ub>%)?", re.I
)
_NOUN = (
    r"(?:increase|decrease|improvement|reduction|gain|drop|rise|saving|cut|decline|growth|fall|loss|speed-?up|jump|climb|"
    r"dip|slide|slump)s?"
)
_VERB = (
    r"(?:reduc|decreas|increas|dropp|improv|shr[aiu]nk|grew|grow|fell|fall|ris|rose|cut|lower|rais|declin|boost|sav)\w*"
)
_MORE = r"(?:fewer|less|more|lower|higher|faster|slower|shorter|longer|smaller|larger|cheaper|better)"
_PARTS = {"a third": 33.3, "a quarter": 25.0, "a fifth": 20.0, "a tenth": 10.0, "two thirds": 66.7}
"""Percent; told loosely, so that a fifth of themselves is allowed."""
_SIZE = rf"(?P<c>{NUMBER})\s?(?P<unit>%|percent(?:age points?)?\b|points?\b|pp\b)(?: points?\b)?"
_CLAIM = re.compile(
    rf"(?:\b(?P<kind>relative |absolute )?"
    rf"(?:{_NOUN}\s+(?:(?:on|in|for)\s+[\w-]+\s+)?(?:of|is|was)|(?:{_VERB}\s+(?:[\w-]+\s+){{0,4}}?|or |is |"
    rf"other words,? |that is,? )by)\s+"
    rf"{_SIZE}(?!\s+of\b)|"
    rf"\b{_SIZE.replace('<c>', '<c2>').replace('<unit>', '<unit2>')}\s+(?P<kind2>relative |absolute )?"
    rf"(?:{_NOUN}|{_MORE})\b|\b{_NOUN} of (?P<plain>{NUMBER})(?!\s?(?:%|percent|points?\b|pp\b|x\b|times|-?fold|\w))|"
    rf"\b(?P<part>{'|'.join(_PARTS)})\s+of\s+(?:the |its |their )\w+\s+(?:was|were|is|are)\s+(?:saved|gone|lost|"
    rf"removed)\b|"
    rf"\b(?P<half>by half|halved|halving)\b|\b(?P<double>twice as|doubled|doubling)\b)",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:and|while|whereas|but|with|average|mean|across|between|then|only|results?|leads?|yields?|causes?|brings?|gives?)\b|[.;]",
    re.I,
)


def wrong_changes(context: Context) -> Iterator[Finding]:
    """A claimed change that is neither the difference of its two ends nor their ratio, under any usual reading."""
    for sentence in prose_of(context):
        pairs, claims = list(_PAIR.finditer(sentence)), list(_CLAIM.finditer(sentence))
        if len(pairs) != 1 or len(claims) != 1:
            continue
        pair, claim = pairs[0], claims[0]
        after = claim.start() >= pair.end()
        gap = sentence[pair.end() : claim.start()] if after else sentence[claim.end() : pair.start()]
        if len(gap) > 50 or _OTHER.search(gap) or re.search(r"\d", gap):
            continue
        if value_of(pair["a"]) and value_of(pair["b"]) and not _follows(pair, claim, sentence):
            ends = f"{pair['a']}{pair['ub'] or ''} to {pair['b']}{pair['ub'] or ''}"
            yield warning(
                context,
                "impossible_numbers",
                f"a change from {ends} is not “{claim.group().strip()}”",
                sentence,
                "compute the change again",
            )


def _follows(pair: re.Match[str], claim: re.Match[str], sentence: str) -> bool:
    """Whether some values that round to the ends give one that rounds to the claim."""
    readings = [
        sorted(r) for r in zip(*(_readings(a, b, pair, claim, sentence) for a, b in _corners(pair)), strict=True)
    ]
    written = claim["c"] or claim["c2"] or claim["plain"]
    if claim["part"]:
        wanted = _PARTS[claim["part"].lower()]
        slack = wanted / 5
    elif written is None:
        wanted, slack = (50.0 if claim["half"] else 2.0), (3.0 if claim["half"] else 0.15)
    else:
        wanted, slack = value_of(written), max(unit_of(written), 0.03 * value_of(written))
    return any(low - slack - 1e-9 <= wanted <= high + slack + 1e-9 for low, *_, high in readings)


def _corners(pair: re.Match[str]) -> Iterator[tuple[float, float]]:
    for i, j in product((-0.5, 0.0, 0.5), repeat=2):
        a = value_of(pair["a"]) + i * unit_of(pair["a"])
        b = value_of(pair["b"]) + j * unit_of(pair["b"])
        yield max(a, 1e-9), max(b, 1e-9)


def _readings(a: float, b: float, pair: re.Match[str], claim: re.Match[str], sentence: str) -> list[float]:
    gap, ratio = abs(b - a), max(a, b) / min(a, b)
    if claim["double"]:
        return [ratio]
    relative = [100 * gap / a, 100 * gap / b]
    if claim["half"] or claim["part"]:
        return relative[:1]
    if claim["plain"]:
        return [gap]
    kind = (claim["kind"] or claim["kind2"] or "").strip().lower()
    share = pair["ub"] == "%" or pair["ua"] is None
    # A share may also be told by what is missing from the whole: accuracy as error.
    if pair["ub"] == "%" and re.search(r"\berrors?\b", sentence) and max(a, b) < 100:
        relative += [100 * gap / (100 - a), 100 * gap / (100 - b)]
    points = [gap, *([100 * gap] if max(a, b) <= 1 else [])] if share else []
    if "point" in (claim["unit"] or claim["unit2"]).lower() or claim["unit"] == "pp":
        return points or [gap]
    return (
        relative[:1] + relative[2:]
        if kind == "relative"
        else (points or relative)
        if kind == "absolute"
        else relative + points
    )
