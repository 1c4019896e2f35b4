"""What a ledger's conditions, levels, data sets and metrics are called, read from the labels of its own quantities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scientist.types import Claim, Evidence, Quantity

OFF = frozenset({"0", "0.0", "off", "false", "no", "none"})
"""What the level of a factor that is not there prints."""
_SUFFIX = re.compile(r"(?:ation|ing|ment|ed|s)$")
_COMMON = frozenset("the a an of in on and or to number rate size weight network training model data learning".split())
_COMMON_LEVELS = frozenset("true on constant large small".split())


@dataclass(frozen=True, eq=False)
class Names:
    """Ids by what is printed of them: ``levels`` by factor and condition, labels of the rest in lower case."""

    conditions: tuple[str, ...]
    levels: dict[str, dict[str, str]]
    factors: dict[str, str]
    datasets: dict[str, str]
    metrics: dict[str, str]
    units: frozenset[str]
    quantities: dict[str, Quantity]
    claims: dict[str, Claim]
    """By contrast."""

    def weights(self, contrast: str) -> dict[str, float]:
        """The contrast's weights that are not zero; empty where the ledger does not tell them."""
        claim = self.claims.get(contrast)
        return {c: w for c, w in claim.weights.items() if w} if claim else {}

    @property
    def controls(self) -> frozenset[str]:
        """The conditions that comparisons of two conditions compare with."""
        return frozenset(c for k in self.claims if len(w := self.weights(k)) == 2 for c, x in w.items() if x < 0)

    def off(self, factor: str) -> frozenset[str]:
        return frozenset(c for c, shown in self.levels[factor].items() if shown.lower() in OFF)

    def without_labels(self, prose: str) -> str:
        """``prose`` (small letters) with the labels of factors, data sets and metrics blanked: "model width" is a name,
        and says nothing of a model; positions stay."""
        labels = sorted(
            {*self.factors.values(), *self.datasets.values(), *self.metrics.values()}, key=len, reverse=True
        )
        for label in filter(None, labels):
            prose = re.sub(rf"\b{re.escape(label.lower())}\b", lambda m: " " * len(m[0]), prose)
        return prose

    def words(self, factor: str) -> tuple[str, ...]:
        """The words of a factor's label that name it and nothing else."""
        return tuple(w for w in re.findall(r"[a-z]+", self.factors[factor]) if len(w) > 3 and w not in _COMMON)

    @cached_property
    def spoken(self) -> tuple[tuple[re.Pattern[str], frozenset[str]], ...]:
        """How prose names conditions without printing a level, the most telling patterns first."""
        return tuple((re.compile(pattern), ids) for pattern, ids in _spoken(self))


def _spoken(names: Names) -> Iterator[tuple[str, frozenset[str]]]:
    for factor, levels in names.levels.items():
        words = "|".join(re.escape(x) for x in names.words(factor))
        if words:
            yield from _extreme_levels(names, factor, words)
        off = names.off(factor)
        if not off:
            continue
        stems = "|".join(re.escape(stem(x)) for x in names.words(factor)) or "x{9}"
        called = f"{words}|it" if words else "it"
        yield rf"\b(?:without|no)(?: \w+){{0,2}}? (?:{called})\b|\bwithout\b|\bun(?:{stems})\w*\b", off
        yield r"(?<!equivalent )\b(?:of|with|to|than|over|and|against) none\b", off
        on = frozenset(levels) - off
        yield rf"\bwith(?: \w+){{0,2}}? (?:{called})\b|(?<![\w-])(?:{stems})(?:p?ed)\b", on
    for word, ids in level_names(names).items():
        yield rf"\b{re.escape(word)}\b(?! (?:trend|in\b|model|contrast|regression))", ids
    if "found" in names.conditions:  # what a search found, beside what it began with
        yield r"\bfound configuration\b", frozenset({"found"})
    if names.controls:
        yield r"\b(?:baseline|control|unmodified|unchanged code|untreated)\b", names.controls


def _extreme_levels(names: Names, factor: str, words: str) -> Iterator[tuple[str, frozenset[str]]]:
    """ "The strongest decay": the conditions with the highest or the lowest of the levels that are numbers."""
    found = {c: names.quantities[f"level.{c}.{factor}"].value for c in names.levels[factor]}
    values = {c: float(v) for c, v in found.items() if isinstance(v, int | float)}
    if len(values) != len(found):
        return
    ends = (("strong|high|larg|heavi|wid|long|great", max), ("weak|low|small|light|narrow|short", min))
    for told, pick in ends:
        level = pick(values.values())
        yield rf"\b(?:{told})est (?:\w+ )?(?:{words})\b", frozenset(c for c, x in values.items() if x == level)


def stem(word: str) -> str:
    return _SUFFIX.sub("", word) if len(word) > 5 else word


def level_names(names: Names) -> dict[str, frozenset[str]]:
    """Levels that are words (an optimiser, a schedule), with the conditions that have them."""
    found: dict[str, frozenset[str]] = {}
    for levels in names.levels.values():
        for shown in set(levels.values()):
            word = re.sub(r"\\[a-z]+\{?|\\|\}", "", shown).replace("_", " ").lower()
            if re.fullmatch(r"[a-z][a-z \-]{2,}", word) and word not in OFF | _COMMON_LEVELS:
                found[word] = frozenset(c for c, s in levels.items() if s == shown)
    return found


_KEPT = 32
_known: dict[int, tuple[Evidence, Names]] = {}


def names_of(evidence: Evidence) -> Names:
    """The names of one ledger; read once, as a draft asks for them at every sentence."""
    held = _known.get(id(evidence))
    if held is None or held[0] is not evidence:
        if len(_known) >= _KEPT:
            _known.clear()
        held = _known[id(evidence)] = (evidence, _read(evidence))
    return held[1]


def _read(evidence: Evidence) -> Names:
    levels: dict[str, dict[str, str]] = {}
    factors: dict[str, str] = {}
    labels: dict[str, str] = {}
    for q in evidence.quantities:
        if q.id.startswith("runs.ok.") and q.condition:
            labels[q.condition] = q.label.removeprefix("completed runs of ")
    for q in evidence.quantities:
        if q.id.startswith("level."):
            condition, _, factor = q.id.removeprefix("level.").rpartition(".")
            levels.setdefault(factor, {})[condition] = q.display
            told = q.label.removesuffix(f" in {labels.get(condition, '')}")
            factors[factor] = (told if told != q.label else factor.replace("_", " ")).lower()
    metrics = _metrics(evidence)
    return Names(
        conditions=tuple(dict.fromkeys(q.condition for q in evidence.quantities if q.condition)),
        levels=levels,
        factors=factors,
        datasets=_datasets(evidence, metrics, labels),
        metrics=metrics,
        units=frozenset(q.unit.lower() for q in evidence.quantities if q.unit),
        quantities={q.id: q for q in evidence.quantities},
        claims={c.contrast: c for c in evidence.claims},
    )


def _metrics(evidence: Evidence) -> dict[str, str]:
    found = {q.metric: q.metric.replace("_", " ").lower() for q in evidence.quantities if q.metric}
    for q in evidence.quantities:
        if q.metric and q.id.startswith("sesoi."):
            found[q.metric] = q.label.removeprefix("smallest effect of interest, ").lower()
    return found


def _datasets(evidence: Evidence, metrics: dict[str, str], labels: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for q in evidence.quantities:
        if q.kind == "mean" and q.dataset and q.metric and q.condition:
            middle = q.label.lower().removesuffix(f", {labels.get(q.condition, '').lower()}")
            head = re.match(rf"(?:restricted )?mean {re.escape(metrics[q.metric])}, (.+)", middle)
            found.setdefault(q.dataset, head[1] if head else q.dataset.replace("_", " ").lower())
    return found
