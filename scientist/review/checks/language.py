"""Wording that says more, or less, than the evidence: filler and overclaiming."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import all_text, around, body_text, counted, sentences, words
from scientist.review.checks.context import Context, error, note
from scientist.review.checks.reported import is_reported
from scientist.types import Finding

_FILLER = re.compile(
    r"\b(?:delv(?:e|es|ing) into|in the realm of|ever-(?:evolving|changing|growing)|pav(?:es?|ing) the way|open(?:s|"
    r"ing)?(?: up)? new "
    r"(?:avenues|possibilities|doors|directions)|it is (?:important|worth) (?:to note|noting)|rich tapestry|play(?:s|"
    r"ing)? an? (?:crucial|pivotal|vital|"
    r"increasingly important) role|underscor(?:es?|ing) the (?:importance|potential|need)|a testament to|"
    r"current landscape|multifaceted|intricate interplay|"
    r"seamless(?:ly)?|shed(?:s|ding)? (?:new )?light on|unlock(?:s|ing)? the (?:potential|power)|(?:deeper|"
    r"comprehensive|nuanced|holistic) (?:understanding|view)|"
    r"unravel(?:ing|ling)? the (?:mysteries|complexities)|unveil(?:s|ing)?|(?:valuable|crucial|key) insights into|"
    r"remarkable (?:capabilities|performance|success)|"
    r"showcas(?:es?|ing)|harness(?:es|ing)? the (?:power|potential)|cutting-edge|ground-?breaking|notably|"
    r"this work (?:contributes|opens)|"
    r"more (?:sophisticated|nuanced|robust)|advancing the field|significant implications)\b",
    re.IGNORECASE,
)
_OVERCLAIM = re.compile(
    r"\b(?:revolutioni[sz](?:e|es|ing|ary)|ground-?breaking|game-chang\w+|unprecedented|paradigm shift|undoubtedly|"
    r"indisputabl[ey]|flawless(?:ly)?|"
    r"far superior|perfectly solves?|solves? the problem of|conclusively|definitively|without any doubt|never before|"
    r"(?:provides?|strong) (?:definitive|irrefutable|conclusive) (?:proof|evidence)|proves? (?:that|the effectiveness|"
    r"conclusively)|"
    r"guarantee(?:s|d)? (?:success|optimal|superior|better)|in all (?:cases|settings|scenarios)|universally)\b",
    re.IGNORECASE,
)
_LEFTOVER = re.compile(
    r"\bas an? (?:AI|large|artificial) (?:language )?model,? I\b|\bas of my (?:last|"
    r"latest) (?:knowledge )?(?:update|cut-?off)|"
    r"\b(?:certainly|sure|of course)[!,] here(?: is|['’]s| are)\b|\bI hope this (?:helps|meets)\b|"
    r"\b(?:certainly|sure|of course|absolutely)(?:! (?:below|here|this|i)\b|, (?:below|here) is\b)|"
    r"\bregenerate response\b|"
    r"\b(?:here is|here['’]s|below is|this is) (?:a|the|your) (?:revised|rewritten|improved|"
    r"polished) (?:version|paragraph|section|"
    r"abstract)\b|"
    r"\bI (?:cannot|can['’]t|do not|don['’]t) (?:have access to|browse|access) (?:real-time|the internet|"
    r"external|your)|"
    r"\bwould you like me to\b|\blet me know if you(?:['’]d| would| need)\b|\bas requested, (?:here|I)\b",
    re.IGNORECASE,
)
_STOCK = re.compile(
    r"\b(?:in (?:today['’]s|the modern|an? (?:rapidly|ever))|(?:rapidly|ever|constantly)[- ](?:evolving|changing|"
    r"growing|"
    r"expanding)|landscapes?|delv(?:e|es|ed|ing)|tapestry|testament to|intricate(?: \w+)?|(?:pivotal|crucial|vital|"
    r"paramount) (?:role|importance)|is paramount|it is (?:crucial|important|essential|imperative|worth\w*) (?:to|"
    r"noting|"
    r"mentioning)|underscor(?:e|es|ed|ing)|(?:in|within) the realm of|multifaceted|navigat(?:e|es|ing) the|"
    r"embark(?:s|ed|ing)? (?:on|upon)|(?:harness|unlock|unleash)(?:es|ed|ing)? the|seamless(?:ly)?|cutting-edge|"
    r"foster(?:s|ed|ing)?|pav(?:e|es|ed|ing) the way|symphony|beacon|transformative|shed(?:s|ding)? (?:new )?light|"
    r"holistic|synerg\w+|game-chang\w+|myriad|plethora|interplay)\b",
    re.IGNORECASE,
)
_HEAPED = 4
"""Different stock phrases from which one sentence is filler, however sparing the rest of the text."""
FILLER_LIMIT = 3.0
"""Filler phrases for every 1000 words above which the check speaks: two human papers have 0.0 and 0.3, three
machine-written ones 0.7, 2.8 and 3.3."""


def filler(context: Context) -> Iterator[Finding]:
    """Stock phrases of machine-written prose, where they are dense."""
    text = f"{context.manuscript.abstract}\n\n{body_text(context.manuscript)}"
    found = list(_FILLER.finditer(text))
    rate = 1000 * len(found) / max(len(words(text)), 1)
    if len(found) >= 5 and rate > FILLER_LIMIT:
        kinds = sorted({m.group().lower() for m in found})
        yield note(
            context,
            "filler",
            f"{len(found)} stock phrases ({rate:.1f} in 1000 words), such as “{'”, “'.join(kinds[:3])}”",
            around(text, *found[0].span()),
            "say the particular thing, or nothing",
        )
        return
    for sentence in sentences(text):
        kinds = list(dict.fromkeys(m.group().lower() for m in _STOCK.finditer(sentence)))
        if len(kinds) >= _HEAPED:
            told = f"one sentence heaps {len(kinds)} stock phrases: “{'”, “'.join(kinds[:4])}”"
            yield note(context, "filler", told, sentence, "say the particular thing, or nothing")
            return


def leftovers(context: Context) -> Iterator[Finding]:
    """Sentences that a chat assistant spoke to its user, left in the text."""
    text = all_text(context.manuscript)
    match = next((m for m in _LEFTOVER.finditer(text) if not is_reported(text, m)), None)
    if match:
        yield error(
            context,
            "leftovers",
            f"a chat assistant's words stand in the text: “{match.group()}”",
            around(text, *match.span()),
            "take them out, and read the rest of the text again",
        )


def overclaiming(context: Context) -> Iterator[Finding]:
    """Words that no finite experiment can back; silent where the paper proves theorems."""
    text = f"{context.manuscript.abstract}\n\n{body_text(context.manuscript)}"
    if re.search(r"\b(?:Theorem|Lemma)\s+\d", text):
        return
    found = list(_OVERCLAIM.finditer(text))
    if found:
        kinds = sorted({m.group().lower() for m in found})
        yield note(
            context,
            "overclaiming",
            f"{counted(len(found), 'claim')} stronger than measurements can be: “{'”, “'.join(kinds[:3])}”",
            around(text, *found[0].span()),
            "claim what was measured, where it was measured",
        )
