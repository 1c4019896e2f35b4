"""The right kind of number in its place: an estimate, a spread, a p-value, a count of what the noun says, a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.writeup.meaning.names import Names
from scientist.writeup.meaning.reading import Print, Reading
from scientist.writeup.scan import CITATION, POINTER, VALUE

Complaint = tuple[str, str, str]
MEASURED = frozenset({"mean", "sd", "contrast"})
COUNTED: tuple[tuple[str, str], ...] = (
    (r"planned (?:runs?|models?|repeats?)", r"runs\.planned"),
    (r"planned (?:analys[ei]s|looks?)", r"plan\.looks"),
    (r"(?:completed|finished) (?:runs?|models?|repeats?)", r"runs\.(?:ok|unused)"),
    (r"failed(?: (?:runs?|models?))?", r"(?:runs|search)\.failed"),
    (r"(?:completed|finished|ended|were completed)", r"runs\.(?:ok|planned|unused)"),
    (r"(?:seeds?|pairs?)", r"(?:plan\.seeds|n\.|runs\.ok\.|runs\.seeds|censored\.)"),
    (r"steps?(?! to)", r"(?!plan\.|runs\.|n\.|censored\.|verdicts\.)"),
    (r"configurations?", r"(?:plan\.conditions|search\.(?:candidates|duplicates|nodes))"),
    (r"(?:conditions?|levels?|settings?|variants?|arms?|treatments?)", r"plan\.conditions"),
    (r"(?:runs?|models?|networks?|executions?|trainings?|results?)", r"(?:runs\.|censored\.|n\.)"),
    (r"(?:repeats?|repetitions?|replicates?|times|trials?)", r"(?:plan\.seeds|runs\.|n\.)"),
    (r"(?:analys[ei]s|looks?)", r"plan\.looks"),
    (
        r"(?:tests?(?! (?:accuracy|error|loss|split|set))|comparisons?|contrasts?|hypothes[ei]s|claims?)",
        r"(?:plan\.tests|verdicts\.)",
    ),
    (
        r"(?:data ?sets?|tasks?|benchmarks?|architectures?|metrics?|domains?|papers?|studies|researchers?|machines?"
        r"|laborator\w+|authors?|gpus?|parameters?)",
        r"cfg\.",
    ),
)
"""Nouns behind a count, most specific first, and the quantities that count them."""
_GAP = (
    r"(?: of(?: the| its| our| these)?)?(?: (?!and\b|or\b|of\b|at\b|in\b|on\b|for\b|with\b|each\b|per\b"
    r"|under\b)[a-z\-]+){0,2}? "
)
_PER_CENT = re.compile(
    r"[- ]?(?:\\?%|percent|per cent|percentage(?:[- ]points?)?|points? of a hundred|points?\b|pp\b|per mille"
    r"|in a hundred"
    r"|basis points?)",
    re.I,
)
_RATIO = re.compile(r"[- ]?(?:times\b|fold\b|x\b|-?fold\b|× |×)|[- ](?:multiples?|factors?)\b", re.I)
_RATIO_BEFORE = re.compile(r"\b(?:a factor of|factor|ratio of|ratio|multiplied by|divided by|times)[ ~]*$", re.I)
_UNITS = frozenset(
    """steps step bits bit nats nat seconds second s ms milliseconds minutes minute hours hour days epochs epoch units
    layers characters tokens points radians mb gb kb iterations updates samples digits parameters""".split()
)
_SPREAD = re.compile(r"\b(?:standard deviations?|sd|s\.d\.|spread|spreads|varied by|scatter)\b", re.I)
_SPREAD_TOUCHES = re.compile(r"(?:standard deviation|sd|spread|scatter)(?: over \w+)?(?: (?:of|is|was))?[ (:=]*$", re.I)
_SIZE = re.compile(r"standard deviation|standardi[sz]ed|effect size|hedges|\bg\b|\bd\b", re.I)
_P = re.compile(r"\bp(?:[- ]values?)?(?: (?:of|is|was|at|=|<|only|below|above))*[ =<~(]*$", re.I)
_P_QUALIFIED: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"\b(?:un-?adjusted|un-?corrected|raw)[ ~]+p\b[^a-z]*$", re.I), frozenset({"p", "tost", "perm"})),
    (re.compile(r"(?<!un)(?<!un-)\b(?:holm|adjusted|holm-adjusted|corrected)[ ~]+p\b[^a-z]*$", re.I),
     frozenset({"padj", "tostadj"})),
    (re.compile(r"\b(?:exact|sign-flip)[ ~]+p\b[^a-z]*$", re.I), frozenset({"perm"})),
    (re.compile(r"\bequivalence[ ~]+p\b[^a-z]*$", re.I), frozenset({"tost", "tostadj"})),
)  # fmt: skip
_ESTIMATE_TOUCHES = re.compile(
    r"\b(?:difference|effect|contrast|estimate|interaction|trend|change)s?(?: (?:on"
    r"|in) [^;:,()]{1,50})?(?: (?:of|is|was|are|were|amounts to|to))?[ :]*$",
    re.I,
)
_MEAN_TOUCHES = re.compile(r"\b(?:averaged|averages|average of|(?<!difference of )mean of|mean was)[ ]*$", re.I)
_BOUND_TOUCHES = re.compile(
    r"\b(?:smallest effect of interest|smallest effect worth \w+)(?: of|,| is| was)[ ]*$"
    r"|\bthan the smallest effect of interest \($",
    re.I,
)
_BOUNDS_LISTED = re.compile(r"\bsmallest effects? of interest in [^.:;]*\($")
_TOLD_BY = {
    "tost": re.compile(r"equivalen|one-sided"),
    "tostadj": re.compile(r"equivalen|one-sided"),
    "perm": re.compile(r"exact|sign-flip|permut"),
}
_ALPHA_TOUCHES = re.compile(r"\b(?:significance level|level of|level)(?: of)?[ ]*$", re.I)


_VERDICTS = {"supported": "support", "refuted": "refut", "equivalent": "", "inconclusive": "inconclusive"}


def check_roles(seen: Reading, names: Names) -> Iterator[Complaint]:
    for p in seen.prints:
        before, after = _around(seen.prose, p.at)
        yield from _units(p, before, after, names)
        yield from _place(p, before, seen.prose)
        yield from _counted(p, after)


def _around(prose: str, at: int) -> tuple[str, str]:
    """The text before a number and behind it, up to the next numbers."""
    stops = VALUE + CITATION + POINTER
    before = re.split(f"[{stops}]", prose[:at])[-1]
    return before[-60:], re.split(f"[{stops}]", prose[at + 1 :])[0][:60]


def _units(p: Print, before: str, after: str, names: Names) -> Iterator[Complaint]:
    q = p.quantity
    if p.interval or q.kind == "p_value":
        if _PER_CENT.match(after) and "%" not in q.display_interval:
            yield "wrong_unit", f"{p.id} is not in percent", "leave the percent out"
        return
    fits = "%" in q.display or q.unit in ("percent", "%")
    told = _PER_CENT.match(after)
    plain = told is not None and "point" in told[0] and "percent" not in told[0] and q.kind == "setting"
    if told and not fits and not plain and not (q.unit == "points" and after.lstrip().startswith("point")):
        yield "wrong_unit", f"{p.id} is not in percent ({_unit(q.unit)})", f"write its unit: {_unit(q.unit)}"
    ratio = _RATIO.match(after) and not (q.kind == "count" and after.lstrip().startswith("times"))
    if (ratio or _RATIO_BEFORE.search(before)) and q.kind != "setting":
        yield "wrong_unit", f"{p.id} is a {q.kind} and no ratio", f"write its unit: {_unit(q.unit)}"
    noun = re.match(r"[ ~]([a-z]+)\b", after)
    if noun and (q.kind in MEASURED or p.id.startswith("sesoi.")):
        measured_in, unit = noun[1], q.unit.lower()
        own = {unit, unit.rstrip("s"), *unit.split()}
        if measured_in in (_UNITS | names.units) and measured_in not in own:
            yield "wrong_unit", f"{p.id} is not in {measured_in}", f"write its unit: {_unit(q.unit)}"


def _unit(unit: str) -> str:
    return unit if unit and unit not in ("fraction", "share") else "a plain number without a unit"


def _place(p: Print, before: str, prose: str) -> Iterator[Complaint]:
    """Words that say what kind of number comes next, and whether it does."""
    kind, family = p.quantity.kind, p.family
    if p.interval:
        return

    def wrong(what: str) -> Complaint:
        return "wrong_kind", f"{p.id} is a {kind.replace('_', ' ')} ({p.quantity.label}), not {what}", f"print {what}"

    spread, p_before = bool(_SPREAD_TOUCHES.search(before)), bool(_P.search(before))
    if spread and kind not in ("sd", "setting") and not _SIZE.search(before.rpartition("standard deviation")[0]):
        yield wrong("a standard deviation")
    if kind == "sd" and not _SPREAD.search(prose):
        yield wrong("a mean; a standard deviation is called one")
    if kind == "effect_size" and not _SIZE.search(prose):
        yield wrong("the effect in the metric's unit; a standardised effect is called one")
    if kind == "p_value" and not (p_before or re.search(r"\bp\b|\bp-values?|smallest possible value", before)):
        yield wrong("an estimate; a p-value is called one")
    if p_before and kind != "p_value" and not p.id.startswith("plan.alpha"):
        yield wrong("a p-value")
    if kind == "p_value":
        for pattern, families in _P_QUALIFIED:
            if pattern.search(before) and family not in families:
                yield wrong(f"the p-value that the words name ({' or '.join(sorted(families))})")
    if family in _TOLD_BY and not _TOLD_BY[family].search(prose):
        yield wrong("the p-value of the test that the words name")
    if family in ("p", "padj", "perm") and re.search(r"\bequivalence test\b[^;:]*$", before):
        yield wrong("the p-value of the equivalence test")
    if _BOUNDS_LISTED.search(prose[: p.at]) and family != "sesoi":
        yield wrong("the smallest effect of interest")
    if _MEAN_TOUCHES.search(before) and kind not in ("mean", "contrast" if "difference" in before else "mean"):
        yield wrong("a mean")
    if _ESTIMATE_TOUCHES.search(before) and kind in ("mean", "sd", "p_value", "count") and family != "verdicts":
        yield wrong("the estimate of a difference")
    if re.search(r"\bdiffer(?:s|ed)? by $", before) and kind != "contrast":
        yield wrong("the estimate of a difference")
    if _BOUND_TOUCHES.search(before) and not p.id.startswith("sesoi."):
        yield wrong("the smallest effect of interest")
    if p.id.startswith("sesoi.") and not re.search(
        r"smallest|interest|worth|margin|bound|negligib|equivalen|within|matter|differences? [^;.]*below", prose[: p.at]
    ):
        yield wrong("an estimate; the smallest effect of interest is called one")
    if family == "censored" and not re.search(r"reach|miss|mark|censor|budget|generali|target|never|not ", prose):
        yield wrong("what the words count; say that these runs did not reach the mark")
    if family == "verdicts" and _VERDICTS[p.id.partition(".")[2]] not in prose:
        yield wrong(f"what the words count; say that they were found {p.id.partition('.')[2]}")
    if p.id == "plan.level" and not re.search(r"interval|confidence|level|band", prose):
        yield wrong("what the words say; it is the level of the intervals")


def _counted(p: Print, after: str) -> Iterator[Complaint]:
    """The noun behind a count must be what it counts; a measured number is no count of anything."""
    q = p.quantity
    if p.interval or (q.kind in ("p_value", "setting") and not p.id.startswith("sesoi.")):
        return
    if q.kind == "count" and not p.interval:
        noun = re.match(r"[ ~]([a-z][a-z\-]*)", after)
        if (
            noun
            and noun[1] not in _AFTER_COUNT
            and not any(re.match(rf"{_GAP}(?:{n})\b(?! (?:famil|class|kind|type))", after) for n, _ in COUNTED)
        ):
            yield (
                "wrong_count",
                f"{p.id} ({q.label}) is followed by {noun[1]!r}, which is not known to be what it counts",
                "write what it counts in plain words: seeds, conditions, runs, tests",
            )
            return
    met = [
        (m.end(), counts)
        for noun, counts in COUNTED
        if (m := re.match(rf"{_GAP}(?:{noun})\b(?! (?:famil|class|kind|type))", after))
    ]
    if not met:
        return
    counts = min(met, key=lambda x: x[0])[1]
    measured = q.kind in MEASURED and q.unit and re.match(rf"[ ~]{re.escape(q.unit.lower())}\b", after)
    if not measured and not re.match(counts, p.id) and not _runs_each(p.id, after):
        yield (
            "wrong_count",
            f"{p.id} ({q.label}) does not count what the words after it name",
            "print the count of what the sentence names",
        )


_AFTER_COUNT = frozenset(
    """of and or out in at on with under per each planned completed failed confirmatory came as within were was are is
    did     do never had have ended repeated to from, neither reached missed for by that which who where when during
    over all, so but if
    could cannot might may found supported refuted inconclusive equivalent""".split()
)
"""Words that may follow a count without being what it counts."""


def _runs_each(id: str, after: str) -> bool:
    if not re.match(rf"{_GAP}(?:runs?|models?|networks?)\b", after):
        return False
    return id == "plan.seeds" and re.search(r"\beach\b|\bper\b|\ba condition\b", after) is not None
