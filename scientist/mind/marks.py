"""Evidence that a paper may report, and the words that show it: repeats, intervals, tests, baselines, limits."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = (
    r"(?:[2-9]|[1-9]\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred|"
    r"several|"
    r"multiple)"
)
_TEST_NAMES = (
    r"(?:t|z|F|sign|rank|permutation|randomi[sz]ation|sign-flip|significance|hypothesis|equivalence|confirmatory|Welch|"
    r"Wilcoxon|Mann[-–]Whitney|McNemar|Kruskal[-–]Wallis|chi-squared?|log-rank|Friedman|Nemenyi)"
)

MARKS: dict[str, tuple[str, ...]] = {
    "repeats": (
        rf"\b{_NUMBER}\s+(?:(?:random|independent|different|separate|paired|fresh|training|common|matched)\s+)*"
        r"(?:seeds?|runs|trials|repetitions|repeats|replicates|replications|restarts|initiali[sz]ations|folds)\b",
        r"\brandom seeds\b|\bseeds? (?:per|for each|in each)\b|\bcross-validation\b",
    ),
    "uncertainty": (
        r"±\s*\d|\+/-\s*\d|\b(?:9\d(?:\.\d)?|68)\s*% (?:CI|confidence|t|intervals?|credible)",
        r"\berror bars?\b|\b(?:confidence|credible|prediction|bootstrap|Student|t)[ -]intervals?\b|\bCIs?\b\s*[\[=:(]",
        r"\bstandard (?:errors?|deviations?)\b|\bstd\b|\binterquartile\b|\bshaded (?:area|region|band)s?\b|\bs\.e\.m\.",
    ),
    "test": (
        r"\bp\s*[<>=≤]\s*0?\.\d",
        rf"\b{_TEST_NAMES}(?:'s|’s)?[- ](?:t[- ]|U[- ]|signed[- ]rank )?tests?\b|\bt-tests?\b",
        r"\bANOVA\b|\bTOST\b|\btwo one-sided tests\b|\bp-values?\b|\b(?:Wilcoxon|Mann[-–]Whitney)\b",
    ),
    "correction": (
        r"\b(?:Holm|Bonferroni|Benjamini)\b",
        r"\b(?:family-?wise|false discovery rate|multiple (?:comparisons|testing))\b",
    ),
    "equivalence": (
        r"\btwo one-sided\b|\bTOST\b|\bequivalence (?:test|bound|margin|region)s?\b",
        r"\bsmallest effect(?: size)? of interest\b|\b(?:statistically equivalent|equivalen(?:t|ce) within)\b",
    ),
    "preregistration": (
        r"\bplan\b[^.]{0,40}\b(?:fixed|hashed|frozen|registered|written)\b[^.]{0,40}\bbefore\b",
        r"\bpre-?regist\w+|\bregistered report\b",
    ),
    "baseline": (
        r"\b(?:compar\w+|outperform\w*|than|over|against|versus|vs\.?)\b[^.;]{0,50}\b(?:baselines?|controls?)\b",
        r"\bbaselines?\b|\bcontrol (?:condition|group|arm|runs?)\b|\breference condition\b",
        r"\bcompar(?:ed|ing|ison) (?:with|to|against)\b|\bstate[- ]of[- ]the[- ]art (?:methods|models|approaches)\b",
    ),
    "ablation": (
        r"\bablat\w+|\bsensitivity (?:analysis|study)\b",
        r"\bfactorial\b|\bdose[- ]response\b|\beach a level of\b|\blevel by level\b",
        r"\bwe (?:vary|varied|removed?|replaced?|disabled?) (?:the (?:number|size|type|choice|level|depth|width)|each|"
        r"our)\b",
        r"\bvariants? of (?:our|the)\b|\bwith and without\b",
    ),
    "theory": (r"\b(?:Theorem|Lemma|Proposition|Corollary)\s+\d|\bProof\b",),
    "release": (
        r"\b(?:code|scripts?|implementation|bundle)\b[^.]{0,60}\b(?:available|released?|open[- ]sourced?|published|"
        r"accompan\w+|re-?execut\w+|provided)\b",
        r"\bgithub\.com\b|\bwe (?:release|open-source|publish) (?:our|the|all)\b|"
        r"\bcode\b[^.]{0,40}\bkept with the results\b",
    ),
    "reproducibility": (
        r"\blearning rate\b|\bbatch size\b|\bhyper-?parameters?\b",
        r"\boptimi[sz]er\b|\bGPUs?\b|\bCPUs?\b|\bhardware\b",
    ),
    "held_out": (
        r"\b(?:held-?out|test) (?:set|split|data|partition)s?\b|\bnewstest\w*\b|\bmeta-test\w*",
        r"\b(?:held-?out|test|validation) (?:accuracy|loss|error|set|split|data)\b",
    ),
    "negative": (
        r"\bnull results?\b|\bno (?:\w+ )?(?:evidence|difference|effect|benefit)\b",
        r"\b(?:is|are|was|were|remains?|stays) (?:refuted|inconclusive|equivalent|not supported|undecided)\b",
        r"\b(?:did|does) not (?:improve|help|differ)\b",
    ),
    "limitation": (
        r"^limitations?(?: and [\w ]{3,30})?[.:](?: |$)",
        r"\blimitations? of (?:our|this|these|the (?:present|proposed|current)) \w+|\bthreats to validity\b",
        r"\bour \w+ (?:\w+ )?has (?:\w+ )?limitations\b|\b(?:some|several|its|main|one|following) limitations?\b|"
        r"\blimitations (?:include|and areas)",
    ),
    "contrast": (
        r"\bour work (?:differs|extends|builds)|\bunlike\b|\bin contrast (?:to|with)\b|\bdiffers? from\b",
        r"\bto (?:the best of )?our knowledge\b|\bhas not been (?:studied|tested|measured|reported)\b",
    ),
}
"""Kinds of evidence; for each, patterns from the plainest to the vaguest."""

_PATTERNS = {name: [re.compile(p, re.IGNORECASE) for p in patterns] for name, patterns in MARKS.items()}
_DENIED = re.compile(
    r"\b(?:no|not|without|lack(?:s|ed|ing)?|missing|absent|neither|never|cannot|future work|instead of|should|would)\b"
    r"[^.;:]{0,60}$",
    re.IGNORECASE,
)
_WISHED = re.compile(r"\b(?:needs?|must|remains?|to be|awaits?|future|could|might)\b[^.;:]{0,80}$", re.IGNORECASE)
"""A study that is yet to be pre-registered."""
_CONDITION = re.compile(r"\b(?:if|whether|when|because|would|could|never|unless|so a)\b", re.IGNORECASE)
_DENIABLE = frozenset(
    {"repeats", "uncertainty", "test", "baseline", "ablation", "preregistration", "release", "equivalence"}
)
_OF_OTHERS = re.compile(
    r"\b(?:address|overcom|mitigat|tackl|alleviat|resolv|remov|circumvent|avoid)\w*\b[^.;]{0,50}\blimitations?\b|"
    r"\blimitations? (?:of|in|with) (?:these|those|such|existing|previous|prior|earlier|traditional|other|current)\b",
    re.IGNORECASE,
)
"""Limits that the paper says it lifts, or that others have."""
_UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX)\b|lorem ipsum|\binsert \w+|\bwill be (?:added|reported|run)\b", re.IGNORECASE
)


def find_marks(statements: Iterable[str]) -> dict[str, str]:
    """For each kind of evidence that is reported, the first statement that shows it most plainly."""
    lines = [line for line in statements if not _UNFINISHED.search(line)]
    marks: dict[str, str] = {}
    for name, patterns in _PATTERNS.items():
        shown = (line for pattern in patterns for line in lines if _shows(name, pattern, line))
        first = next(shown, None)
        if first is not None:
            marks[name] = first
    return marks


def _shows(name: str, pattern: re.Pattern[str], line: str) -> bool:
    """Whether the line shows it: “no error bars” shows none, noise with a standard deviation is no spread of results,
    and a condition (“if the result is inconclusive”) is no result."""
    match = pattern.search(line)
    if match is None:
        return False
    if name in _DENIABLE and _DENIED.search(line[: match.start()]):
        return False
    if name == "preregistration" and _WISHED.search(line[: match.start()]):
        return False
    if name == "negative" and _CONDITION.search(line):
        return False
    if name == "limitation" and _OF_OTHERS.search(line):
        return False
    noise = name == "uncertainty" and "deviation" in match.group()
    return not (noise and re.search(r"nois|Gaussian|initiali|drawn|prior", line))
