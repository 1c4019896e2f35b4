r"""Sentences that a clean draft did not say: each is made from one that it did say, and says what the ledger denies.

A mutation is kept only where it is false by construction: the ledger is asked first (is the claim significant, which
way did it come out, is the other number printed differently), and a change that leaves the sentence true is not made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.claims.wording import Words
from scientist.types import Claim, Draft, Evidence, Quantity, Sentence, Verdict

TOLD = ("abstract", "introduction", "results", "discussion", "conclusion")
_VAL = re.compile(r"\\(val|ci)\{([^}]*)\}")


@dataclass(frozen=True)
class Mutant:
    """A false sentence, the kind of its falsehood, and the true one that it was made from."""

    kind: str
    how: str
    where: str
    text: str
    claims: tuple[str, ...]
    original: str


@dataclass(frozen=True)
class Clean:
    """A sentence of a finished draft, with the ledger that it was written from."""

    sentence: Sentence
    where: str
    evidence: Evidence

    @property
    def claims(self) -> list[Claim]:
        return [c for c in self.evidence.claims if c.id in self.sentence.claims]

    @property
    def known(self) -> dict[str, Quantity]:
        return {q.id: q for q in self.evidence.quantities}


def clean_sentences(draft: Draft, evidence: Evidence) -> Iterator[Clean]:
    """The sentences in which outcomes are told: of the sections in ``TOLD``, and of captions."""
    for section in draft.sections:
        if section.name in TOLD:
            yield from (Clean(s, section.name, evidence) for paragraph in section.paragraphs for s in paragraph)
    for float_ in (*draft.tables, *draft.figures):
        yield from (Clean(s, f"caption of {float_.id}", evidence) for s in float_.caption)


def mutants(clean: Clean, words: Words) -> Iterator[Mutant]:
    """Every mutation of one sentence in one writer's words, in a fixed order."""
    for kind, make in KINDS.items():
        seen = {clean.sentence.text}
        for how, text in make(clean, words):
            if text not in seen:
                seen.add(text)
                yield Mutant(kind, how, clean.where, text, clean.sentence.claims, clean.sentence.text)


# ------------------------------------------------------------------------------------------- the wrong number

Made = Iterator[tuple[str, str]]


def wrong_row(clean: Clean, _: Words) -> Made:
    """Another condition's, data set's or metric's number, where the words name the right one; other ends."""
    known, text = clean.known, clean.sentence.text
    for match in _VAL.finditer(text):
        command, id = match.groups()
        q = known.get(id)
        if q is None:
            continue
        for other in _other_rows(q, clean):
            if (other.display_interval if command == "ci" else other.display) != (
                q.display_interval if command == "ci" else q.display
            ) and (command == "val" or other.display_interval):
                aspect = (
                    "condition"
                    if other.condition != q.condition
                    else "dataset"
                    if other.dataset != q.dataset
                    else "metric"
                )
                yield f"{aspect} of {command}", _swap(text, match, other.id)
    yield from _swapped_levels(clean)


def _other_rows(q: Quantity, clean: Clean) -> Iterator[Quantity]:
    """Rows that differ in one thing which the sentence names."""
    text = clean.sentence.text
    family = q.id.partition(".")[0]
    if family not in ("mean", "sd", "censored", "effect"):
        return
    levels = set(re.findall(r"\\val\{level\.(.+?)\.[a-z_]+\}", text))
    for other in clean.evidence.quantities:
        if other.id == q.id or other.id.partition(".")[0] != family:
            continue
        same = [other.condition == q.condition, other.dataset == q.dataset, other.metric == q.metric]
        if same.count(False) != 1:
            continue
        if (
            (not same[0] and q.condition in levels)
            or (not same[1] and _names(text, q, "dataset", clean))
            or (not same[2] and _names(text, q, "metric", clean))
        ):
            yield other


def _names(text: str, q: Quantity, aspect: str, clean: Clean) -> bool:
    return label_of(q, aspect, clean.evidence) in text.lower()


def label_of(q: Quantity, aspect: str, evidence: Evidence) -> str:
    """The label of a quantity's data set or metric, from the ledger's own labels."""
    if aspect == "metric":
        told = next((x.label for x in evidence.quantities if x.id == f"sesoi.{q.metric}"), "?, ?")
        return told.split(", ", 1)[1].lower()
    mean = next(x for x in evidence.quantities if x.kind == "mean" and x.dataset == q.dataset)
    metric = label_of(mean, "metric", evidence)
    rest = mean.label.lower().split(f"{metric}, ", 1)[-1]
    return rest.rsplit(", ", 1)[0] if mean.condition else rest


def _swapped_levels(clean: Clean) -> Made:
    """The two levels of a sentence exchanged, where its numbers stay as they are."""
    text = clean.sentence.text
    levels = [m for m in _VAL.finditer(text) if m[2].startswith("level.")]
    told = [c for c in clean.claims if any(f"{k}.{c.contrast}" in text for k in ("effect",)) and c.observed != "none"]
    rows = any(m[2].startswith("mean.") for m in _VAL.finditer(text))
    if (
        len(levels) == 2
        and levels[0][2] != levels[1][2]
        and (rows or (told and "from" in text.lower() and " to " in text))
    ):
        a, b = levels
        yield "levels exchanged", text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def wrong_kind(clean: Clean, _: Words) -> Made:
    """A spread for a mean, a mean for a difference, another p-value, another estimate's interval."""
    known, text = clean.known, clean.sentence.text
    for match in _VAL.finditer(text):
        command, id = match.groups()
        q = known.get(id)
        if q is None:
            continue
        rest = id.partition(".")[2]
        family = id.partition(".")[0]
        others: list[str] = []
        if family == "mean" and command == "val":
            others = [f"sd.{rest}"]
        elif family == "effect" and command == "val":
            others = [f"p.{rest}", f"g.{rest}", f"sesoi.{q.metric}", f"padj.{rest}"]
        elif family == "padj":
            others = [f"p.{rest}", f"tostadj.{rest}", f"effect.{rest}", f"perm.{rest}", f"g.{rest}"]
        elif family == "p":
            others = [f"effect.{rest}", f"g.{rest}"]
        elif family == "sesoi":
            others = [f"effect.{c.contrast}" for c in clean.claims if c.metric == q.metric]
        elif command == "ci" and family == "effect":
            others = [f"effect.{c.contrast}" for c in clean.evidence.claims if c.contrast != rest]
        elif command == "ci" and family == "mean":
            others = [x for x in known if x.startswith("mean.") and x != id and known[x].metric == q.metric]
        for other in others:
            x = known.get(other)
            if other.startswith("tost") and re.search("equivalen|one-sided", text):
                continue  # "Holm-adjusted p" names both there
            if x is None or x.display == q.display or (command == "ci" and not x.display_interval):
                continue
            if command == "ci" and rf"\val{{{id}}}" not in text:
                continue
            yield f"{family}->{other.partition('.')[0]} {command}", _swap(text, match, other)


def wrong_count(clean: Clean, words: Words) -> Made:
    """A count of something else, or the right count before another noun."""
    known, text = clean.known, clean.sentence.text
    counts = ("plan.seeds", "plan.conditions", "runs.planned", "plan.looks", "plan.tests")
    for match in _VAL.finditer(text):
        id = match[2]
        if id not in counts:
            continue
        for other in counts:
            if other in known and known[other].value != known[id].value:
                yield f"{id}->{other}", _swap(text, match, other)
        noun = re.compile(r" (?:planned )?(?:seeds|conditions|runs|models|analyses)\b").match(text, match.end())
        if noun:
            for wrong in words.nouns:
                yield f"noun {wrong}", f"{text[: match.end()]} {wrong}{text[noun.end() :]}"


def wrong_unit(clean: Clean, words: Words) -> Made:
    known, text = clean.known, clean.sentence.text
    for match in _VAL.finditer(text):
        q = known.get(match[2])
        if q is None or match[1] == "ci" or q.kind not in ("mean", "contrast", "sd") or "%" in q.display:
            continue
        rest = text[match.end() :]
        if q.unit and rest.startswith(f" {q.unit}"):
            rest = rest[len(q.unit) + 1 :]
        for unit in words.percent:
            if q.unit != unit:
                yield f"percent {unit}", f"{text[: match.end()]} {unit}{rest}"
        for ratio in words.ratio:
            glue = "" if ratio.startswith("-") else " "
            yield f"ratio {ratio}", f"{text[: match.end()]}{glue}{ratio}{rest}"


# ------------------------------------------------------------------------------------------- the wrong words


def _ended(text: str, clause: str, glue: str = ", and ") -> str:
    """A clause put at the end of a sentence."""
    return re.sub(r"\.$", "", text) + f"{glue}{clause}."


def told(clean: Clean) -> list[Claim]:
    """The claims of a sentence that were estimated, all of the same metric, so that "the metric" is one."""
    claims = [c for c in clean.claims if c.observed != "none"]
    return claims if claims and len(claims) == len(clean.claims) and len({c.metric for c in claims}) == 1 else []


def told_metric(claim: Claim, evidence: Evidence) -> str:
    told = next((q.label for q in evidence.quantities if q.id == f"sesoi.{claim.metric}"), None)
    return told.split(", ", 1)[1] if told else claim.metric.replace("_", " ")


_OPPOSED = {
    "raised": "lowered", "lowered": "raised", "increase": "decrease", "decrease": "increase", "higher": "lower",
    "lower": "higher", "better": "worse", "worse": "better", "faster": "slower", "slower": "faster",
    "longer": "shorter", "shorter": "longer", "improved": "worsened", "reduced": "increased",
}  # fmt: skip


def wrong_direction(clean: Clean, words: Words) -> Made:
    """Words turned into their opposites, a wrong direction told of the metric, comparisons turned round, denials."""
    claims, text = told(clean), clean.sentence.text
    if not claims or len({c.observed for c in claims}) != 1:
        return
    claim = claims[0]
    for word, opposite in _OPPOSED.items():
        for match in re.finditer(rf"\b{word}\b", text):
            after = text[match.end() :]
            asked = re.search(r"\b(?:whether|hypothes|predict|expect|if)\w*\b", text[: match.start()])
            if not asked and not after.startswith((" bound", " than what")):
                yield f"{word}->{opposite}", text[: match.start()] + opposite + after
    metric = told_metric(claim, clean.evidence)
    wrong = words.down if claim.observed == "increase" else words.up
    right = words.up if claim.observed == "increase" else words.down
    for verb in wrong:
        yield f"says it {verb}", _ended(text, f"so {metric} {verb}", ": ")
    if claim.significant and len(claims) == 1:
        for verb in right[:4]:
            if not verb.startswith(("was", "came", "ran", "showed")):
                yield f"denies it {verb}", _ended(text, f"{metric} never {verb}")
    yield from _turned(clean, claim, right[0])


def _turned(clean: Clean, claim: Claim, right: str) -> Made:
    """The control said to have what the treatment has."""
    if len(claim.weights) != 2:
        return
    low = min(claim.weights, key=lambda c: claim.weights[c])
    high = max(claim.weights, key=lambda c: claim.weights[c])
    factor = next((q.id.rpartition(".")[2] for q in clean.evidence.quantities if q.id.startswith(f"level.{high}.")
                   and q.display != _level(clean, low, q.id.rpartition(".")[2])), None)  # fmt: skip
    if factor is None:
        return
    a, b = (rf"\val{{level.{c}.{factor}}}" for c in (low, high))
    name = factor.replace("_", " ")
    metric = told_metric(claim, clean.evidence)
    more = "higher" if claim.observed == "increase" else "lower"
    yield "turned than", f"With {name} {a}, {metric} was {more} than with {b}."
    yield "turned at", f"{metric.capitalize()} was {more} at {name} {a} than at {name} {b}."
    yield "turned from", f"Going from {name} {b} to {a}, {metric} was {more} in these runs."


def _level(clean: Clean, condition: str, factor: str) -> str:
    return next((q.display for q in clean.evidence.quantities if q.id == f"level.{condition}.{factor}"), "")


def false_sureness(clean: Clean, words: Words) -> Made:
    """Sureness without a significant test."""
    claims = told(clean)
    if not claims or any(c.significant for c in claims):
        return
    c = claims[0]
    if {x.observed for x in claims} != {c.observed}:
        return
    verb = "rose" if c.observed == "increase" else "fell"
    for sure in words.sure:
        yield sure, _ended(clean.sentence.text, f"{told_metric(c, clean.evidence)} {verb} {sure}")


def false_null(clean: Clean, words: Words) -> Made:
    """Sameness without an equivalence verdict."""
    claims = told(clean)
    if not claims or any(c.verdict is Verdict.EQUIVALENT for c in claims):
        return
    for same in words.same:
        yield same, _ended(clean.sentence.text, f"the change of setting {same}")


def best_of_n(clean: Clean, words: Words) -> Made:
    claims = told(clean)
    means = re.findall(r"\\val\{(mean\.[^}]*)\}", clean.sentence.text)
    if not claims or not means or re.search(r"\bof (?:the )?\\val|over all|of all", clean.sentence.text):
        return
    for best in words.best:
        yield best, _ended(clean.sentence.text, rf"{best} \val{{{means[-1]}}}", "; ")


def as_planned(clean: Clean, words: Words) -> Made:
    """The words of a planned test for what was explored."""
    claims = told(clean)
    if not claims or any(c.confirmatory for c in claims):
        return
    text = re.sub(r" \(exploratory\)|, exploratory here,", "", clean.sentence.text)
    text = text.replace("In comparisons that the plan calls exploratory, the", "The").replace(
        "By the same comparisons, ", ""
    )
    if "explorat" in text:
        return
    for planned in words.planned:
        yield planned, _ended(text, planned, ", ")


def wrong_verdict(clean: Clean, words: Words) -> Made:
    claims = told(clean)
    verdicts = {c.verdict for c in claims}
    text = clean.sentence.text
    if not claims or not all(c.confirmatory for c in claims):
        return
    if Verdict.SUPPORTED not in verdicts:
        for said in words.upheld:
            yield f"upheld: {said}", _ended(text, said, ": ")
    if Verdict.REFUTED not in verdicts:
        for said in words.overturned:
            yield f"overturned: {said}", _ended(text, said, ": ")
    if all(c.significant for c in claims):
        for said in words.unsettled:
            yield f"unsettled: {said}", _ended(text, said, ": ")


def beyond_scope(clean: Clean, words: Words) -> Made:
    claims = told(clean)
    if not claims:
        return
    for scope in words.scope:
        yield f"scope: {scope}", _ended(clean.sentence.text, f"this holds {scope}")
    for cause in words.cause:
        yield f"cause: {cause}", _ended(clean.sentence.text, cause)


def single_run(clean: Clean, words: Words) -> Made:
    if clean.where not in ("abstract", "results", "discussion", "conclusion") or r"\ref" in clean.sentence.text:
        return
    if not clean.claims:
        return
    for said in words.one_run:
        yield said, _ended(clean.sentence.text, said, "; ")


KINDS: dict[str, Callable[[Clean, Words], Made]] = {
    "wrong row": wrong_row,
    "wrong kind of number": wrong_kind,
    "flipped direction": wrong_direction,
    "percent against fraction": wrong_unit,
    "significance without a test": false_sureness,
    "no effect without equivalence": false_null,
    "best of n without n": best_of_n,
    "exploratory as confirmatory": as_planned,
    "another verdict": wrong_verdict,
    "beyond the test": beyond_scope,
    "wrong count": wrong_count,
    "a single run": single_run,
}


def _swap(text: str, match: re.Match[str], id: str) -> str:
    return f"{text[: match.start()]}\\{match[1]}{{{id}}}{text[match.end() :]}"
