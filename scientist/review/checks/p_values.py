"""Reported p-values against the test statistics that they come with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from scientist.mind.reading import all_text, around
from scientist.review.checks.context import Context, error, note, warning
from scientist.types import Finding

_VALUE = r"(?P<sign>[-−–]?)\s*(?P<value>\d*\.?\d+)"
_TAIL = (
    r"\s*[,;]\s*(?:[^.;()]{0,40}?[,;]\s*)?(?P<symbol>[pP](?:[-_ ]?(?:adj|holm|corr|bonf)\w*)?)(?:-value)?\s*"
    r"(?P<sense>[<>=≤≥≈])\s*(?P<p>\d?\.?\d+(?:e[-−]?\d+)?)"
)
_REPORT = re.compile(
    rf"(?:\bt\s*\(\s*(?P<t>\d+(?:\.\d+)?)\s*\)|\bF\s*\(\s*(?P<f1>\d+(?:\.\d+)?)\s*,\s*(?P<f2>\d+(?:\.\d+)?)\s*\)|"
    rf"(?:χ\s*2?²?|\bchi2|\bX2)\s*\(\s*(?P<chi>\d+)(?:\s*,\s*[Nn]\s*=\s*\d+)?\s*\)|\br\s*\(\s*(?P<r>\d+)\s*\)|"
    rf"(?P<z>\b[zZ]))"
    rf"\s*=\s*{_VALUE}{_TAIL}"
)
_LOOSE = re.compile(r"\bp(?:-value)?\s*=\s*(?P<p>[-−]?\d+(?:\.\d+)?)(?!\d|\.\d|e)")
_ONE_SIDED = re.compile(r"one-(?:sided|tailed)|directional", re.IGNORECASE)
_ADJUSTED = re.compile(r"adjust|Holm|Bonferroni|correct(?:ed|ion)|TOST|equivalence", re.IGNORECASE)


class _Report(NamedTuple):
    low: float
    high: float
    """The p-values (two-sided) that the rounded statistic allows."""
    sense: str
    p: float
    decimals: int


def p_values(context: Context) -> Iterator[Finding]:
    """p-values that do not follow from t, F, chi-squared, r or z; an error where the verdict at .05 would change."""
    text = all_text(context.manuscript)
    one_sided = _ONE_SIDED.search(text) is not None
    for match in _REPORT.finditer(text):
        report = _read(match)
        near = text[max(0, match.start() - 120) : match.end() + 60]
        adjusted = bool(_ADJUSTED.search(near)) or len(match["symbol"]) > 1
        if report is None or _agrees(report, adjusted):
            continue
        halved = report._replace(low=report.low / 2, high=report.high / 2)
        quoted = around(text, *match.span())
        span = f"{report.low:.3g}" if report.high - report.low < 0.001 else f"{report.low:.3g} to {report.high:.3g}"
        message = f"the reported p {report.sense} {match['p']} does not follow from its statistic, which gives {span}"
        if _agrees(halved, adjusted):
            if not one_sided:
                yield note(
                    context,
                    "p_values",
                    message + " (half of it would be one-sided)",
                    quoted,
                    "say that the test is one-sided",
                )
        elif _verdict(report.p, report.sense) != (report.high < 0.05):
            yield error(context, "p_values", message, quoted, "compute the test again and report what it gives")
        else:
            yield warning(context, "p_values", message, quoted, "compute the p-value again")


def impossible_p(context: Context) -> Iterator[Finding]:
    """p-values outside [0, 1], and p = 0."""
    text = all_text(context.manuscript)
    for match in _LOOSE.finditer(text):
        p = float(match["p"].replace("−", "-"))
        before = text[max(0, match.start() - 30) : match.start()]
        near = text[max(0, match.start() - 120) : match.end() + 60]
        in_words = re.search(
            r"\b(?:dropout|probability|prime|modulo|norm|order|with)\s*$|[({,]\s*$", before
        ) or re.search(r"\bprime\b|\bnorms?\b|\bexponents?\b", near)
        if p > 1 and re.search(
            r"(?:=\s*[-−.\d]+|(?:differ|signific|unrelated|associat|correlat|effect|interaction)[^.]{0,40}),\s*\$?$",
            text[max(0, match.start() - 80) : match.start()],
        ):
            in_words = None
        if (p > 1 and "." in match["p"] and not in_words) or p < 0:
            yield error(
                context,
                "impossible_p",
                f"p = {match['p']} is no probability: p cannot exceed 1 or be negative",
                around(text, *match.span()),
                "correct the number",
            )
        elif p == 0 and "." in match["p"]:
            yield note(
                context,
                "impossible_p",
                "no test gives p = 0",
                around(text, *match.span()),
                "report a bound, such as p < .001",
            )


def _read(match: re.Match[str]) -> _Report | None:
    from scipy import stats

    value = float(match["value"])
    slack = 0.5 * 10.0 ** -len(match["value"].partition(".")[2])
    low, high = max(value - slack, 0.0), value + slack
    if match["t"]:
        tail = [2 * stats.t.sf(x, float(match["t"])) for x in (high, low)]
    elif match["f1"]:
        tail = [stats.f.sf(x, float(match["f1"]), float(match["f2"])) for x in (high, low)]
    elif match["chi"]:
        tail = [stats.chi2.sf(x, float(match["chi"])) for x in (high, low)]
    elif match["r"]:
        if low >= 1:
            return None
        df = float(match["r"])
        tail = [2 * stats.t.sf(min(x, 0.999999) * (df / (1 - min(x, 0.999999) ** 2)) ** 0.5, df) for x in (high, low)]
    else:
        tail = [2 * stats.norm.sf(x) for x in (high, low)]
    reported = match["p"].replace("−", "-")
    decimals = len(reported.partition(".")[2].partition("e")[0])
    if "e" in reported:
        decimals += int(reported.partition("e")[2].lstrip("-"))
    return _Report(float(tail[0]), float(tail[1]), match["sense"], float(reported), decimals)


def _agrees(report: _Report, adjusted: bool) -> bool:
    slack = 0.5 * 10.0**-report.decimals * 1.001
    if report.sense in ("=", "≈"):
        if adjusted and report.p + slack >= report.low:
            return True
        return report.p + slack >= report.low and report.p - slack <= report.high
    if report.sense in ("<", "≤"):
        return report.low < report.p + 1e-12
    return adjusted or report.high > report.p - 1e-12


def _verdict(p: float, sense: str) -> bool:
    """Whether the report claims significance at .05."""
    return p <= 0.05 if sense in ("<", "≤") else (p < 0.05 if sense in ("=", "≈") else False)
