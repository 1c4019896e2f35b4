"""Two versions of a manuscript compared: which findings are mended, new or left, and how far the scores moved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from math import hypot, sqrt
from statistics import mean, stdev

from scientist.mind.llm.quoting import bare
from scientist.review.form import NEURIPS
from scientist.review.render import finding_lines
from scientist.types import Finding, Frozen, Review, ReviewForm

Reviewed = tuple[Review, str, str]
"""A review, the file, and the title of the manuscript in it."""

_SAME_TITLE = 0.6
"""Likeness of letters from which two titles can be those of one paper."""
ALIKE = 0.7
"""Share of words in common from which two quotes are one passage that was reworded."""

_T95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31)
"""Student's t for a 95 % interval, by degrees of freedom from 1 to 8: panels have at most 9 reviewers."""


class Change(Frozen):
    """A score of both versions. ``low`` and ``high`` bound the change where its uncertainty is known, and ``told``
    says what they rest on."""

    name: str
    old: float
    new: float
    low: float | None = None
    high: float | None = None
    told: str = ""

    @property
    def change(self) -> float:
        return self.new - self.old


class Comparison(Frozen):
    """``left`` are findings of both versions, as the new one has them."""

    title: str
    old_title: str = ""
    old: str
    new: str
    reviewer: str
    old_decision: str
    new_decision: str
    overall: Change
    expected: Change | None = None
    """The rating that people are expected to give, where both reviews predict one."""
    scores: tuple[Change, ...]
    mended: tuple[Finding, ...]
    added: tuple[Finding, ...]
    left: tuple[Finding, ...]


def compare(old: Reviewed, new: Reviewed, form: ReviewForm = NEURIPS) -> Comparison:
    """Compare the reviews of two versions, made by the same reviewer on the same form."""
    before, after = old[0], new[0]
    pairs = matched(before.findings, after.findings)
    kept_old, kept_new = {i for i, _ in pairs}, {j for _, j in pairs}
    scores = [_change(before, after, field.name) for field in form.fields]
    return Comparison(
        title=new[2],
        old_title=old[2],
        old=old[1],
        new=new[1],
        reviewer=after.reviewer,
        old_decision=before.decision,
        new_decision=after.decision,
        overall=_change(before, after, "overall"),
        expected=_expected(before, after),
        scores=tuple(s for s in scores if s.name != "overall"),
        mended=tuple(f for i, f in enumerate(before.findings) if i not in kept_old),
        added=tuple(f for j, f in enumerate(after.findings) if j not in kept_new),
        left=tuple(f for j, f in enumerate(after.findings) if j in kept_new),
    )


def matched(old: Sequence[Finding], new: Sequence[Finding]) -> list[tuple[int, int]]:
    """Pairs of places of one finding in both lists: of the same check, with the same words, else with nearly the same
    words, else the only ones of their check that say the same but for numbers."""
    pairs = _pair(old, new, lambda f, g: float(_key(f) == _key(g)), set(), set(), 1.0)
    taken_old, taken_new = {i for i, _ in pairs}, {j for _, j in pairs}
    pairs += _pair(old, new, _likeness, taken_old, taken_new, ALIKE)
    lone_old, lone_new = _lone(old), _lone(new)
    taken_old |= {i for i, _ in pairs} | (set(range(len(old))) - lone_old)
    taken_new |= {j for _, j in pairs} | (set(range(len(new))) - lone_new)
    return pairs + _pair(old, new, lambda f, g: float(_frame(f) == _frame(g)), taken_old, taken_new, 1.0)


def _pair(
    old: Sequence[Finding],
    new: Sequence[Finding],
    likeness: Callable[[Finding, Finding], float],
    taken_old: set[int],
    taken_new: set[int],
    least: float,
) -> list[tuple[int, int]]:
    """The likest pairs first, each finding once."""
    rated = [
        (likeness(f, g), i, j)
        for i, f in enumerate(old)
        if i not in taken_old
        for j, g in enumerate(new)
        if j not in taken_new and f.check == g.check
    ]
    pairs: dict[int, int] = {}
    for likely, i, j in sorted(rated, key=lambda r: (-r[0], r[1], r[2])):
        if likely >= least and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return list(pairs.items())


def _key(finding: Finding) -> str:
    return bare(finding.span.text) if finding.span else finding.message


def _likeness(f: Finding, g: Finding) -> float:
    if f.span is None or g.span is None:
        return 0.0
    return SequenceMatcher(None, f.span.text.lower().split(), g.span.text.lower().split(), autojunk=False).ratio()


def _frame(finding: Finding) -> str:
    return re.sub(r"\d+(?:[.,]\d+)*", "#", finding.message)


def _lone(findings: Sequence[Finding]) -> set[int]:
    checks = [f.check for f in findings]
    return {i for i, f in enumerate(findings) if checks.count(f.check) == 1}


# ------------------------------------------------------------------------------------------- scores


def _change(old: Review, new: Review, name: str) -> Change:
    before, after = old.score(name), new.score(name)
    stances = [m.stance for m in old.panel]
    if len(stances) > 1 and stances == [m.stance for m in new.panel]:
        low, high, told = _panel_bounds(old, new, name)
        return Change(name=name, old=before, new=after, low=low, high=high, told=told)
    return Change(name=name, old=before, new=after, told=_alone(old, new) if name == "overall" else "")


def _panel_bounds(old: Review, new: Review, name: str) -> tuple[float, float, str]:
    """The 95 % interval of the mean change over the panel, each reviewer against itself."""
    changes = [b.scores[name] - a.scores[name] for a, b in zip(old.panel, new.panel, strict=True)]
    half = _T95[len(changes) - 2] * stdev(changes) / sqrt(len(changes))
    low, high = mean(changes) - half, mean(changes) + half
    verdict = "" if low > 0 or high < 0 or half == 0 else "; no change is shown"
    told = (
        f"{len(changes)} reviewers, each against itself: {mean(changes):+.2f}, 95 % interval {low:+.2f} to {high:+.2f}"
    )
    return low, high, told + verdict


def _expected(old: Review, new: Review) -> Change | None:
    """The change of the predicted rating, with the bounds it would have if the errors of the two were independent."""
    a, b = old.expected, new.expected
    if a is None or b is None:
        return None
    change, half = b.rating - a.rating, hypot((a.high - a.low) / 2, (b.high - b.low) / 2)
    told = (
        f"Expected rating {a.rating:.1f} → {b.rating:.1f} ({change:+.2f}). Nine in ten papers like these are rated "
        f"from {a.low:.1f} to {a.high:.1f}, and from {b.low:.1f} to {b.high:.1f}; if the errors of the two were "
        f"independent, the change would lie from {change - half:+.1f} to {change + half:+.1f}. Two versions of a paper "
        "share most of their error, so this is its wide bound."
    )
    return Change(name="expected", old=a.rating, new=b.rating, low=change - half, high=change + half, told=told)


def _alone(old: Review, new: Review) -> str:
    """One reviewer: what is known of its error."""
    if old.panel or new.panel:
        return (
            "One reviewer judged each version, so how far the change is chance is not known: use --ensemble 3 or more."
        )
    return (
        "It is measured from the text, so the same file always gets the same score; how far such a change carries over "
        "to what people would give has not been measured."
    )


def unlike(comparison: Comparison) -> str:
    """A caution where the titles are so unlike that the files may be no versions of one paper; else empty."""
    a, b = comparison.old_title, comparison.title
    if not a or not b or SequenceMatcher(None, a.lower(), b.lower(), autojunk=False).ratio() >= _SAME_TITLE:
        return ""
    return "The two titles are unlike. If these are not versions of one paper, “mended” only means absent."


# ------------------------------------------------------------------------------------------- Markdown


def comparison_markdown(comparison: Comparison) -> str:
    """Score changes with their uncertainty, then the findings that are new, left and mended."""
    c = comparison
    lines = [f"# {c.old} → {c.new}", ""]
    lines += [other, ""] if (other := unlike(c)) else []
    lines += [f"Overall {c.overall.old:g} → {c.overall.new:g} ({c.overall.change:+.2f}); {c.old_decision} → "
              f"{c.new_decision}. {c.overall.told}", "", f"Reviewer: {c.reviewer}.", ""]  # fmt: skip
    lines += [c.expected.told, ""] if c.expected else []
    lines += [f"Findings: {len(c.mended)} mended, {len(c.added)} new, {len(c.left)} left.", ""]
    lines += ["| | old | new | change | |", "|---|---|---|---|---|"]
    lines += [f"| {s.name} | {s.old:g} | {s.new:g} | {_signed(s.change)} | {s.told} |" for s in c.scores]
    for name, findings in (("New", c.added), ("Left", c.left), ("Mended", c.mended)):
        lines += ["", f"## {name} ({len(findings)})", ""]
        lines += [line for f in findings for line in finding_lines(f)] or ["None."]
    return "\n".join(lines).rstrip() + "\n"


def _signed(change: float) -> str:
    return f"{change:+g}" if change else "0"
