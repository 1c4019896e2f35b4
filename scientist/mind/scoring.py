"""Scores from measurements: each score is a base, credits for evidence reported, and debits for defects found.

The mapping is additive and every count enters with a bounded, continuous credit, so that a planted defect, which costs
its debit and at most a sliver of credit, cannot raise a score; an error found by a check caps the overall score.
What is not measured here, above all whether an idea is new or matters, gets no credit: those scores end at "good".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scientist.mind.features import Features
from scientist.mind.reading import counted
from scientist.types import Finding, Severity

FIELDS = ("soundness", "presentation", "contribution", "originality", "quality", "clarity", "significance")

ERROR_CAP = 4.0
"""Overall score that a paper with an error cannot pass: borderline reject."""
HIDDEN_CAP = 2.0
"""Overall score that a paper with hidden instructions cannot pass: strong reject."""

_DEBIT = {Severity.ERROR: 1.5, Severity.WARNING: 0.25, Severity.NOTE: 0.05}
_OVERALL_DEBIT = {Severity.ERROR: 1.0, Severity.WARNING: 0.2, Severity.NOTE: 0.05}
_CEILING = {"contribution": 3, "originality": 3, "significance": 3, "presentation": 3, "clarity": 3}
_ABSENCES = frozenset({"no_uncertainty", "no_comparison", "no_limitations", "page_limit", "missing_statement"})
"""Checks that report a missing credit, which is lost, so that no debit is taken as well; and a venue's formalities."""
_PRESENTATION = frozenset(
    {"unresolved_references", "empty_sections", "doubled_sections", "repeated_sentences", "copied_abstract",
     "unmentioned_floats", "missing_floats", "uncited_entries", "filler", "placeholders", "invisible_text"}
)  # fmt: skip


class Score(NamedTuple):
    """A field's score on 1-4, the unrounded value and the sentence that says what it rests on."""

    score: int
    raw: float
    rationale: str


class Credit(NamedTuple):
    points: float
    most: float
    what: str


def score_fields(f: Features, findings: Sequence[Finding]) -> dict[str, Score]:
    """The seven scores on 1-4."""
    base = {
        "soundness": (1.0, _soundness(f, findings)),
        "presentation": (1.6, _presentation(f)),
        "contribution": (1.0, _contribution(f)),
    }
    scores = {name: _score(name, start, credits, findings) for name, (start, credits) in base.items()}
    scores["originality"] = _score("originality", 1.2, _originality(f), findings)
    scores["significance"] = _score("significance", 1.0, _significance(f), findings)
    scores["quality"] = _mixed("quality", {"soundness": 0.7, "presentation": 0.3}, scores)
    clear = _mixed("clarity", {"presentation": 0.8}, scores)
    details = _reproducible(f)
    raw = clear.raw + 0.2 * (1 + 3 * details.points / details.most)
    scores["clarity"] = Score(
        _round("clarity", raw),
        raw,
        f"Follows presentation ({scores['presentation'].raw:.1f} unrounded) and {details.what}.",
    )
    return {name: scores[name] for name in FIELDS}


def overall(scores: dict[str, Score], f: Features, findings: Sequence[Finding]) -> tuple[float, str]:
    """The overall score on 1-10 in half points, and why."""
    s, p, c = (scores[n].raw for n in ("soundness", "presentation", "contribution"))
    value = 0.7 * s + 0.3 * p + 1.4 * c - 1.5
    debit = sum(_OVERALL_DEBIT[x.severity] for x in _counted(findings) if x.check not in _ABSENCES)
    reason = (
        f"0.7 × soundness ({s:.1f}) + 0.3 × presentation ({p:.1f}) + 1.4 × contribution ({c:.1f}) − 1.5"
        f" = {value:.1f}, less {debit:.1f} for findings"
    )
    value -= debit
    cap, because = _cap(findings)
    if value > cap:
        value, reason = cap, f"{reason}; held at {cap:g} because {because}"
    value = min(10.0, max(1.0, round(2 * value) / 2))
    return value, f"{reason}; rounded to {value:g}."


def _cap(findings: Sequence[Finding]) -> tuple[float, str]:
    errors = [x for x in findings if x.severity is Severity.ERROR]
    if any(x.check == "hidden_instructions" for x in errors):
        return HIDDEN_CAP, "the manuscript gives orders to its reviewer"
    if errors:
        return ERROR_CAP, f"a check found an error ({errors[0].check})"
    return 10.0, ""


# ------------------------------------------------------------------------------------------- credits


def _soundness(f: Features, findings: Sequence[Finding]) -> list[Credit]:
    # A test that does not follow from its own statistic is no evidence, whatever other tests there are.
    wrong_test = any(x.check in ("p_values", "impossible_p") for x in findings)
    tested = f.has("test") and not wrong_test
    extra = tested and (f.has("correction") or f.has("equivalence") or f.has("preregistration"))
    results = 0.5 if f.has("theory") else 0.5 * min(1.0, f.numbers / 40)
    return [
        Credit(results, 0.5, "results or proofs"),
        _mark(f, "baseline", 0.4, "a baseline or control"),
        _mark(f, "ablation", 0.3, "ablations or varied conditions"),
        _mark(f, "repeats", 0.5, "repeated runs"),
        _mark(f, "uncertainty", 0.5, "uncertainty of the results"),
        Credit(0.3 if tested else 0.0, 0.3, "a statistical test"),
        Credit(0.2 if extra else 0.0, 0.2, "correction, equivalence bounds or a pre-registration"),
        _mark(f, "held_out", 0.2, "held-out evaluation"),
        Credit(0.1 if _limits(f) else 0.0, 0.1, "limitations"),
        Credit(0.2 * min(1.0, len(f.datasets) / 3), 0.2, "more than one data set"),
    ]


def _presentation(f: Features) -> list[Credit]:
    readable = _fade(abs(f.sentence_words - 20), 5, 14) if f.sentence_words else 0.0
    return [
        Credit(0.3 * min(1.0, f.abstract_words / 80), 0.3, "an abstract"),
        Credit(0.3 * min(1.0, f.references / 15), 0.3, "a reference list"),
        Credit(0.3 * min(1.0, f.figures / 2), 0.3, "figures"),
        Credit(0.3 * min(1.0, f.tables / 2), 0.3, "tables"),
        Credit(0.4 * readable, 0.4, f"sentences of readable length ({f.sentence_words:g} words)"),
        Credit(0.1 * _fade(f.long_sentences, 0.05, 0.2), 0.1, "few very long sentences"),
        Credit(0.2 * _fade(len(f.undefined_acronyms), 0, 4), 0.2, "acronyms spelled out"),
        Credit(0.3 * sum(_standard_parts(f)) / 4, 0.3, "the usual parts (introduction, method, results, conclusion)"),
    ]


def _contribution(f: Features) -> list[Credit]:
    return [
        Credit(0.9 * min(1.0, f.references / 50), 0.9, counted(f.references, "reference")),
        Credit(0.4 * min(1.0, len(f.datasets) / 5), 0.4, counted(len(f.datasets), "data set")),
        Credit(
            0.4 * min(1.0, (f.figures + f.tables) / 10),
            0.4,
            f"{counted(f.figures, 'figure')} and {counted(f.tables, 'table')}",
        ),
        Credit(0.4 * min(1.0, f.equations / 10), 0.4, counted(f.equations, "numbered equation")),
        Credit(0.5 * min(1.0, f.words / 5000), 0.5, f"{f.words} words of main text"),
        _mark(f, "theory", 0.2, "theorems"),
        _mark(f, "ablation", 0.2, "ablations"),
        _mark(f, "baseline", 0.1, "baselines"),
        _mark(f, "release", 0.1, "released code"),
    ]


def _originality(f: Features) -> list[Credit]:
    return [
        _mark(f, "contrast", 0.5, "a statement of how it differs from earlier work"),
        Credit(0.5 * min(1.0, f.references / 30), 0.5, counted(f.references, "reference")),
        Credit(0.3 * min(1.0, f.equations / 8), 0.3, counted(f.equations, "numbered equation")),
        Credit(0.3 if f.section("related work", "prior work", "background") else 0.0, 0.3, "a section on related work"),
        _mark(f, "theory", 0.2, "theorems"),
    ]


def _significance(f: Features) -> list[Credit]:
    return [
        Credit(0.7 * min(1.0, len(f.datasets) / 5), 0.7, counted(len(f.datasets), "data set")),
        Credit(0.5 * min(1.0, f.numbers / 150), 0.5, f"{f.numbers} distinct reported numbers"),
        Credit(0.4 * min(1.0, f.references / 40), 0.4, counted(f.references, "reference")),
        _mark(f, "theory", 0.2, "theorems"),
        _mark(f, "release", 0.3, "released code"),
    ]


def _reproducible(f: Features) -> Credit:
    parts = {
        "reproducibility": "settings of training",
        "repeats": "repeats",
        "release": "code",
        "held_out": "data splits",
    }
    named = [label for mark, label in parts.items() if f.has(mark)]
    what = (
        f"the details it gives ({', '.join(named)})"
        if named
        else "the absence of details (settings, repeats, code, splits)"
    )
    return Credit(len(named) / len(parts), 1.0, what)


def _mark(f: Features, mark: str, points: float, what: str) -> Credit:
    return Credit(points if f.has(mark) else 0.0, points, what)


def _limits(f: Features) -> bool:
    return f.has("limitation") or f.section("limitation", "threats to validity")


def _standard_parts(f: Features) -> list[bool]:
    return [
        f.section("introduction"),
        f.section("method", "approach", "model", "algorithm", "framework", "design", "theory", "setup"),
        f.section("result", "experiment", "evaluation", "analysis", "theorem"),
        f.section("conclusion", "discussion", "summary"),
    ]


def _fade(x: float, full: float, none: float) -> float:
    """1 up to ``full``, 0 from ``none``, linear between."""
    return max(0.0, min(1.0, (none - x) / (none - full)))


# ------------------------------------------------------------------------------------------- from credits to a score


def _score(name: str, base: float, credits: list[Credit], findings: Sequence[Finding]) -> Score:
    debits = [x for x in _counted(findings) if x.check not in _ABSENCES and _touches(name, x)]
    debit = sum(_DEBIT[x.severity] for x in debits)
    raw = max(1.0, base + sum(c.points for c in credits) - debit)
    have = [c.what for c in credits if c.points >= 0.5 * c.most]
    lack = [c.what for c in credits if c.points < 0.5 * c.most]
    parts = [f"Rests on {', '.join(have)}" if have else "Nothing that could be measured speaks for it"]
    if lack:
        parts.append(f"little or no credit for {', '.join(lack)}")
    if debits:
        parts.append(f"{debit:.2f} off for {', '.join(sorted({x.check for x in debits}))}")
    return Score(_round(name, raw), raw, "; ".join(parts) + f" ({raw:.1f} unrounded).")


def _mixed(name: str, weights: dict[str, float], scores: dict[str, Score]) -> Score:
    raw = sum(w * scores[n].raw for n, w in weights.items())
    parts = " and ".join(f"{n} ({scores[n].raw:.1f} unrounded)" for n in weights)
    return Score(_round(name, raw), raw, f"Follows {parts}.")


def _round(name: str, raw: float) -> int:
    return min(_CEILING.get(name, 4), max(1, int(raw + 0.5)))


def _touches(name: str, finding: Finding) -> bool:
    """Errors count against every score; other defects against the side of the paper that they spoil."""
    if finding.severity is Severity.ERROR:
        return True
    if finding.check in _PRESENTATION:
        return name == "presentation"
    return name in ("soundness", "presentation") if finding.check == "missing_parts" else name == "soundness"


def _counted(findings: Sequence[Finding]) -> list[Finding]:
    """At most three findings of one check and severity count."""
    seen: dict[tuple[str, Severity], int] = {}
    kept = []
    for finding in findings:
        key = (finding.check, finding.severity)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= 3:
            kept.append(finding)
    return kept
