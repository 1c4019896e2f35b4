"""Whether words are the paper's own, or words that it quotes or tells of."""

from __future__ import annotations

import re

_REPORTED = re.compile(
    r"(?:\b(?:with|using|by|following|this|our|same|system|fixed|judge)\s+(?:\w+\s+){0,2}(?:prompts?|instructions?|"
    r"templates?|messages?)|\b(?:prompt|instruct|ask|tell|told)(?:ed|s|ing)?\b[^.!?:]{0,60}|\b(?:reads?|said|says|"
    r"wrote|"
    r"such as|for example|e\.g\.,?))\s*(?::|,?\s*[“\"‘'`]+)[^“”\"‘’`.!?:]{0,60}$",
    re.IGNORECASE,
)
"""What stands before words that are told of and not spoken to the reader."""
_OPEN, _SHUT = "“‘`", "”’'"


def is_reported(text: str, match: re.Match[str]) -> bool:
    """Whether the words are quoted, or are said to be the prompt of another model."""
    before = text[max(0, match.start() - 160) : match.start()].rsplit("\n\n", 1)[-1]
    opened = max((before.rfind(mark) for mark in _OPEN), default=-1)
    quoted = opened >= 0 and not any(mark in before[opened + 1 :] for mark in _SHUT)
    return quoted or before.count('"') % 2 == 1 or _REPORTED.search(before) is not None
