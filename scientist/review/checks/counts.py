"""Counts, their shares and their sums within a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.review.checks.context import Context, error, warning
from scientist.review.checks.means import COUNTABLE, rounds_to
from scientist.review.checks.quantities import COUNT, WHOLE, prose_of, value_of
from scientist.types import Finding

_SHARE = r"(?P<p>\d{1,3}(?:\.\d+)?)\s?%"
_NAMED = r"(?:\s+[A-Za-z][\w'-]*){1,14}?"
_MAYBE_NAMED = r"(?:\s+[A-Za-z][\w'-]*){0,14}?"
_COUNTED = (
    re.compile(rf"(?P<k>{COUNT})\s+(?:out )?of\s+(?:the |our |all )?(?P<n>{COUNT}){_MAYBE_NAMED}\s*\({_SHARE}\)", re.I),
    re.compile(rf"{_SHARE}\s+of\s+[^.;()\d]{{1,60}}\((?P<k>{COUNT})\s+(?:out )?of\s+(?P<n>{COUNT})\b", re.I),
    re.compile(
        rf"(?P<k>{COUNT})\s+(?:out )?of\s+(?P<n>{COUNT}){_MAYBE_NAMED},?\s+(?:that is|which is|i\.e\.|or),?\s+{_SHARE}",
        re.I,
    ),
    re.compile(
        rf"\b(?:Of|Among|Out of)\s+(?:the |our |all |these )?(?P<n>{COUNT}){_NAMED},\s+(?:only )?(?P<k>{COUNT})"
        rf"(?:\s+[a-z][\w-]*){{0,2}}\s*\({_SHARE}\)",
        re.I,
    ),
)
_OF_FEW = re.compile(
    rf"\b(?:Of|Among) (?:the |our |all )?(?P<n>{COUNT}) (?:\w+ )?{COUNTABLE}\b[^.;,\d]{{0,60}}, {_SHARE}", re.I
)
_PART = re.compile(rf"(?P<k>{WHOLE})(?!\s*(?:%|percent|-|to \d|years|months|of\b))")
_WHOLE_FIRST = (
    re.compile(
        rf"^[^:;\d]*?(?P<n>{WHOLE})[^.:;\d]{{1,60}}\b(?:split|divided|partitioned|separated)\b[^.:;\d]{{0,30}}?\binto"
        r"(?P<parts>.+)$"
    ),
    re.compile(
        rf"^[^:;\d]*?(?P<n>{WHOLE})[^.:;\d]{{1,60}}:"
        rf"(?P<parts>\s*(?:{WHOLE}[^:;.()\d]{{2,40}}){{2,5}}\band {WHOLE}[^:;.()\d]*\.?)$"
    ),
)
_OF_THE = re.compile(rf"^Of (?:the |our |all )?(?P<n>{WHOLE})[^.:;,\d]{{1,40}},(?P<parts>.+)$")
_ASIDE = re.compile(
    rf"(?P<n>{WHOLE})[^.;\d]{{1,80}}\b(?:set aside|held out|removed|excluded|discarded|dropped)\s+(?P<k>{WHOLE})"
    rf"[^.;\d]{{0,60}}\b(?:so that|leaving|which leaves)\s+(?P<r>{WHOLE})"
)
_GIVES = re.compile(rf"^(?P<parts>.+?),? (?:which gives|for a total of|adding up to|which makes) (?P<n>{WHOLE})")
_PERCENTS = re.compile(
    r"^Of (?:the|our|all) [a-z]+(?: [a-z]+)?, "
    r"((?:\d[\d.]*% (?:are|were) [\w -]+,? (?:and )?){2,6}\d[\d.]*% (?:are|were) )"
)
_LOOSE = re.compile(
    r"\b(?:remain\w*|rest|unused|both|also|several|overlap\w*|or more|at least|more than|including|such as|each|per|"
    r"(?:about|approximately|roughly|around|over|up to)(?=\s+\d)|other\w*|additional\w*|class\w*|layers?|"
    r"between|x|×|respectively)\b|[%×≈~+=]",
    re.I,
)

_SEXES = re.compile(
    rf"(?P<n>{WHOLE})\s+[a-z][a-z -]{{2,40}}\((?P<parts>{WHOLE} (?:women|men|females?|males?|girls|"
    rf"boys)\b[^();]*)[();]",
    re.I,
)
_SEX = re.compile(
    rf"({WHOLE}) (?:women|men|females?|males?|girls|boys|(?:of )?(?:an)?other genders?|non-?binary)\b", re.I
)
_TOLD_TWICE = re.compile(r"\b(?:both|also|several|overlap\w*|either|or more)\b", re.IGNORECASE)


def counted_in_words(context: Context) -> Iterator[Finding]:
    """Counts and the share beside them, in any order and also in words; shares that no count of so few gives."""
    for sentence in prose_of(context):
        for match in (m for pattern in _COUNTED for m in pattern.finditer(sentence)):
            k, n = value_of(match["k"]), value_of(match["n"])
            if 0 < k <= n and not rounds_to(100 * k / n, match["p"]):
                message = f"{k:g} of {n:g} is {100 * k / n:.3g}%, not {match['p']}%"
                yield error(context, "counted_shares", message, sentence, "correct the count or the percentage")
        for match in _OF_FEW.finditer(sentence):
            n = int(value_of(match["n"]))
            if 1 < n < 1000 and not any(rounds_to(100 * k / n, match["p"]) for k in range(n + 1)):
                message = f"no count out of {n} gives {match['p']}%"
                yield warning(context, "counted_shares", message, sentence, "give the count as well")


def sums_of_parts(context: Context) -> Iterator[Finding]:
    """Counts that a sentence calls the parts of a whole, but that make up more or less."""
    before = ""
    for sentence in prose_of(context):
        told, before = _with_whole(sentence, before), sentence
        for whole, parts in _wholes(told):
            total = sum(parts)
            message = f"the parts {', '.join(f'{p:,.0f}' for p in parts)} add up to {total:,.0f}, not {whole:,.0f}"
            yield warning(context, "shares_of_a_whole", message, sentence, "correct the parts or their sum")
            break


def _with_whole(sentence: str, before: str) -> str:
    """“Of these, …” with the one count that the sentence before it gives."""
    named = re.findall(WHOLE, before) if re.match(r"Of (?:these|those|them),", sentence) else []
    return re.sub(r"^Of \w+,", f"Of the {named[0]} cases,", sentence) if len(named) == 1 else sentence


def _wholes(sentence: str) -> Iterator[tuple[float, list[float]]]:
    aside = _ASIDE.search(sentence)
    if aside:
        parts = [value_of(aside["k"]), value_of(aside["r"])]
        if sum(parts) != value_of(aside["n"]):
            yield value_of(aside["n"]), parts
    gives = _GIVES.search(sentence)
    if gives:
        parts = [value_of(t) for t in re.findall(rf"\(({WHOLE})[^()\d]*\)", gives["parts"])]
        whole = value_of(gives["n"])
        if len(parts) >= 3 and whole != sum(parts) and 0.6 * whole < sum(parts) < 1.4 * whole:
            yield whole, parts
    sexes = _SEXES.search(sentence)
    if sexes:
        parts = [value_of(t) for t in _SEX.findall(sexes["parts"])]
        if len(parts) >= 2 and sum(parts) > value_of(sexes["n"]):
            yield value_of(sexes["n"]), parts
    percents = _PERCENTS.search(sentence)
    if percents and not _TOLD_TWICE.search(sentence):
        parts = [float(p) for p in re.findall(r"(\d[\d.]*)%", percents[1])]
        if sum(parts) > 100 + 0.5 * len(parts):
            yield 100.0, parts
    bare = re.sub(r"\s*\(\d[\d.]*%\)", "", sentence)
    for pattern in (*_WHOLE_FIRST, _OF_THE):
        match = pattern.search(bare)
        if match is None or _LOOSE.search(match["parts"]) or re.search(r"\d\.\d", bare):
            continue
        whole, parts = value_of(match["n"]), [value_of(m["k"]) for m in _PART.finditer(match["parts"])]
        total = sum(parts)
        # Of some people, fewer may be told of; only a division claims to leave nobody out.
        wrong = total > whole if pattern is _OF_THE else total != whole
        if len(parts) >= 3 and wrong and 0.6 * whole < total < 1.4 * whole and max(parts) < whole:
            yield whole, parts
