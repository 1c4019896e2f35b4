"""Statistics with values that no data can give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.review.checks.context import Context, error
from scientist.review.checks.quantities import prose_of
from scientist.types import Finding

_IS = r"\s*(?:=|:|was|is|of)?\s*"
_NEGATIVE = re.compile(
    rf"(?:\((?:[^()]*[,;]\s*)?(?:SD|SE|s\.d\.){_IS}|\b(?:SD|SE)\s*=\s*|"
    r"(?<!log-)(?<!log )\b(?:variance|standard deviation|standard error)\b[^.;,\d=-]{0,40}?\s(?:was|is|of|=)\s*|"
    r"(?:σ|\\sigma)\s*(?:²|\^\{?2\}?)?\s*=\s*)-\s?(?P<v>\d*\.?\d+)(?!\s*(?:%|[-–]))"
)
_CORRELATION = re.compile(
    r"(?:\br\s*\(\s*\d+\s*\)\s*=\s*|\(\s*r\s*=\s*|\bcorrelat\w+[^.;\d=]{0,40}\br\s*=\s*)-?(?P<v>\d+\.\d+)"
)
_AREA = re.compile(
    r"\b(?:AUROC|AUC|area under the (?:ROC|receiver[- ]operating\w*[^.;\d]{0,20}|curve)(?: curve)?)"
    r"(?:\s+\([A-Z]+\))?(?:\s+of|[^.;,\d=]{0,60}?\s(?:was|is|=|reach\w+))\s*(?P<v>1\.\d+)(?!\d*\s?(?:%|times|x\b))"
)


def impossible_statistics(context: Context) -> Iterator[Finding]:
    """Negative spreads, correlations beyond one, and areas under a ROC curve above one."""
    for sentence in prose_of(context):
        for pattern, limit, words in (
            (_NEGATIVE, 0.0, "a variance, standard deviation or error cannot be negative"),
            (_CORRELATION, 1.0, "a correlation cannot be beyond 1"),
            (_AREA, 1.0, "an area under a ROC curve cannot exceed 1"),
        ):
            for match in pattern.finditer(sentence):
                if float(match["v"]) > limit:
                    yield error(context, "impossible_numbers", words, sentence, "correct the number")
                    break
