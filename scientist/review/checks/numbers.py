"""Numbers that cannot be right, or that nothing in the paper supports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from scientist.mind.reading import all_text, around
from scientist.review.checks.context import Context, error, listed, note, warning
from scientist.types import Finding

_NUMBER = re.compile(
    r"(?<![\w.,/^–-])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w/])|(?<![\w.,/^–-])[-−]?\d+(?:\.\d+)?(?![\w/]|[.,]\d|"
    r"-[A-Za-z])"
)
_BOUNDED = re.compile(
    r"\b(?:accurac(?:y|ies)|precision|recall|F1(?:[- ]score)?|success rate|consistency|AUC|AUROC|sensitivity|"
    r"specificity|hit rate|"
    r"probability|coverage)\b(?P<between>[^.;\d]{0,40}?)(?P<value>\d+(?:\.\d+)?)\s*(?P<percent>%|percent\b)(?!\s+of\b)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"improv|increas|gain|relative|faster|more|higher|better|over the|reduc|drop|by\b|boost|up\b", re.IGNORECASE
)
_DIFFERENCE = re.compile(
    r"(?:\b(?:by|improvements?|gains?|reductions?|increases?|decreases?|speed-?ups?|savings?)\b[^.;]{0,35}|\+\s?|"
    r"[-–]\s?)$",
    re.IGNORECASE,
)
"""A number that is computed from two others, which the text may give instead."""
_SPLIT = re.compile(
    r"(?<![\d./])(\d{1,2})\s*%?\s*[/:]\s*(\d{1,2})\s*%?\s*[/:]\s*(\d{1,2})\s*(?:%|(?=\s*\(?\s*(?:split|train|ratio|"
    r"partition)))"
)


def abstract_numbers(context: Context) -> Iterator[Finding]:
    """Numbers of the abstract that occur nowhere else, also not rounded, nor as fraction for percent."""
    m = context.manuscript
    if not m.abstract or len(m.body) < 2000:
        return
    elsewhere = _numbers_elsewhere(context)
    missing = [(t, at) for t, at in _result_numbers(m.abstract) if not _supported(t, elsewhere)]
    missing = [(t, at) for t, at in missing if not _follows_beside(m.abstract, t, at)]
    derived = [(t, at) for t, at in missing if _DIFFERENCE.search(m.abstract[max(0, at - 40) : at])]
    measured = [x for x in missing if x not in derived]
    mend = "report the number where it was measured, or take it out of the abstract"
    for found, words, report in (
        (measured, ("number of", "numbers of"), warning),
        (derived, ("difference in", "differences in"), note),
    ):
        if found:
            names = list(dict.fromkeys(t for t, _ in found))
            message = f"{words[len(names) > 1]} the abstract that the text does not give: {listed(names)}"
            yield report(context, "abstract_numbers", message, _around(m.abstract, found[0]), mend)


def _follows_beside(abstract: str, text: str, at: int) -> bool:
    """Whether a number is the difference of two others of its sentence, or (per cent) their relative change."""
    start = max((abstract.rfind(end, 0, at) + 1 for end in (". ", "; ")), default=0)
    stop = re.compile(r"\.(?=\s|$)").search(abstract, at + len(text))
    sentence = abstract[start : stop.start() if stop else len(abstract)]
    beside = [float(m.group().replace(",", "").replace("−", "-")) for m in _NUMBER.finditer(sentence)]
    percent = re.match(r"\s*(?:%|percent)", abstract[at + len(text) :]) is not None
    value, slack = float(text.replace(",", "").replace("−", "-")), 0.5 * 10.0 ** -len(text.partition(".")[2]) * 1.01
    for a, b in combinations([n for n in beside if n != value], 2):
        if abs(abs(a - b) - abs(value)) <= slack * ("." in text) or (
            percent and a and abs(100 * abs(a - b) / abs(a) - abs(value)) <= slack
        ):
            return True
    return False


def _around(text: str, number: tuple[str, int]) -> str:
    return around(text, number[1], number[1] + len(number[0]))


def _numbers_elsewhere(context: Context) -> list[float]:
    m = context.manuscript
    pages = "\n".join(m.page_texts).replace(m.abstract, " ") if m.page_texts else ""
    parts = [m.body, *(f.caption for f in m.floats), *(s.text for s in m.appendix)]
    # The pages also hold the text inside figures, but the abstract too: they only help where it could be cut out.
    if pages and m.abstract[-60:] not in pages:
        parts.append(pages)
    text = "\n".join(parts)
    return [float(t.replace(",", "").replace("−", "-")) for t in re.findall(r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?", text)]


def _result_numbers(abstract: str) -> Iterator[tuple[str, int]]:
    """Numbers that look measured: decimals, percentages, and integers above 12 that are no year."""
    for match in _NUMBER.finditer(abstract):
        text = match.group()
        value = float(text.replace(",", "").replace("−", "-"))
        percent = bool(re.match(r"\s*(?:%|percent)", abstract[match.end() :]))
        if "." in text or percent or (abs(value) > 12 and not 1900 <= value <= 2100):
            yield text, match.start()


def _supported(text: str, elsewhere: list[float]) -> bool:
    value = abs(float(text.replace(",", "").replace("−", "-")))
    decimals = len(text.partition(".")[2])
    slack = 0.5 * 10**-decimals * 1.0001
    for other in elsewhere:
        other = abs(other)
        if abs(other - value) <= slack or abs(other * 100 - value) <= slack or abs(other / 100 - value) <= slack:
            return True
        if value >= 1000 and abs(other - value) <= 0.02 * value:
            return True
    return False


def impossible_numbers(context: Context) -> Iterator[Finding]:
    """Shares above 100 %, three-way splits that do not add up."""
    text = all_text(context.manuscript)
    for match in _BOUNDED.finditer(text):
        before = text[max(0, match.start() - 60) : match.start()].rpartition(". ")[2]
        compared = _RELATIVE.search(match["between"]) or re.search(r"\brelative to\b", before, re.IGNORECASE)
        if float(match["value"]) > 100 and not compared:
            yield error(
                context,
                "impossible_numbers",
                f"{match['value']}% is more than such a share can be",
                around(text, *match.span()),
                "correct the number",
            )
    for match in _SPLIT.finditer(text):
        total = sum(int(match[i]) for i in (1, 2, 3))
        near = text[max(0, match.start() - 80) : match.end() + 60]
        if total != 100 and 60 <= total <= 140 and re.search(r"split|train|valid|partition", near, re.IGNORECASE):
            yield warning(
                context,
                "impossible_numbers",
                f"the parts of a split add up to {total}%",
                around(text, *match.span()),
                "correct it",
            )
