r"""The dossier as a writer wants it: names, phrases with ``\val`` in them, and template sentences made citable."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scientist.literature.support import cited
from scientist.literature.verify import Verification
from scientist.mind.base import Dossier
from scientist.mind.offline.wording import hypothesis_of, question_of, title_of
from scientist.types import (
    Claim,
    Condition,
    Contrast,
    FactorSpec,
    IdeaKind,
    MetricSpec,
    Quantity,
    Reference,
    RelatedSpec,
    Sentence,
    Verdict,
)

PLACEHOLDER = re.compile(r"\{(cfg|cite|only)\.([a-z0-9_.\-]+)\}\s?")
NO_UNIT = frozenset({"", "fraction", "share"})


class Facts:
    """Lookups over one dossier. Phrases name quantities; nothing here types a number."""

    def __init__(self, dossier: Dossier) -> None:
        self.d = dossier
        self.plan = dossier.plan
        self.spec = dossier.template
        self.idea = dossier.chosen.idea
        self.brought = dossier.brought
        self.quantities = {q.id: q for q in dossier.evidence.quantities}
        self.claims = {c.contrast: c for c in dossier.evidence.claims}
        self.contrasts = {c.id: c for c in dossier.plan.contrasts}
        self.by_related = {r.related: r for r in dossier.references if r.related}
        self.figure_ids = {f.id for f in dossier.figures}
        self.table_ids = {t.id for t in dossier.tables}

    # --- the idea's words: its author's where a template's author wrote them, else ours, which type no number

    @property
    def title(self) -> str:
        return self.idea.title if self._authored else title_of(self.idea, self.spec)

    @property
    def question(self) -> str:
        return self.idea.question if self._authored else question_of(self.idea, self.spec)

    @property
    def hypothesis(self) -> str:
        if self._authored:
            return self.idea.hypothesis
        levels = () if self.idea.kind is IdeaKind.INTERACTION else map(self.value_of, self.ends(self.main))
        return hypothesis_of(self.idea, self.spec, *levels)

    @property
    def because(self) -> str:
        return self.idea.because if self._authored else ""

    @property
    def _authored(self) -> bool:
        return self.replication or self.idea.hypothesis_id is not None

    # --- names

    @property
    def replication(self) -> bool:
        return self.idea.kind is IdeaKind.REPLICATION

    @property
    def short(self) -> bool:
        """Whether the time budget ended the runs before the plan."""
        return "runs.seeds" in self.quantities

    @property
    def seeds(self) -> str:
        """The number of seeds that the analysis rests on."""
        return r"\val{runs.seeds}" if self.short else r"\val{plan.seeds}"

    @property
    def runs(self) -> str:
        """The number of runs that the analysis rests on."""
        return r"\val{runs.made}" if self.short else r"\val{runs.planned}"

    @property
    def searched(self) -> bool:
        """Whether the study is of what a search found."""
        return self.idea.kind is IdeaKind.SEARCH

    @property
    def factor(self) -> FactorSpec:
        return self.spec.factor(str(self.idea.factor))

    @property
    def moderator(self) -> FactorSpec:
        return self.spec.factor(str(self.idea.moderator))

    @property
    def metric(self) -> MetricSpec:
        return self.spec.metric(self.plan.metric)

    def metric_of(self, contrast: Contrast) -> MetricSpec:
        return self.spec.metric(contrast.metric)

    def dataset(self, name: str) -> str:
        return self.spec.dataset(name).label

    @property
    def datasets(self) -> str:
        return join([self.dataset(d) for d in self.plan.datasets])

    def condition(self, id: str) -> Condition:
        return next(c for c in self.plan.conditions if c.id == id)

    def level(self, condition: str, factor: FactorSpec | None = None) -> str:
        r"""``weight decay \val{…}``: a condition by the level of one factor."""
        if self.searched:
            return f"the {self.condition(condition).label}"
        factor = factor or self.factor
        value = rf"\val{{level.{condition}.{factor.name}}}"
        if (
            factor.label.startswith("the ") and factor.ordered
        ):  # "a number of steps of 50", not "the number of steps 50"
            name = factor.label.removeprefix("the ")
            return f"{'an' if name[0] in 'aeiou' else 'a'} {name} of {value}"
        return f"{factor.label} {value}"

    def moving(self, contrast: Contrast) -> str:
        r"""``moving weight decay from \val{…} to \val{…}``: what a comparison changes."""
        control, treatment = self.ends(contrast)
        if self.searched:
            return f"moving from {self.level(control)} to {self.value_of(treatment)}"
        return f"moving {self.factor.label} from {self.value_of(control)} to {self.value_of(treatment)}"

    def value_of(self, condition: str, factor: FactorSpec | None = None) -> str:
        if self.searched:
            return self.level(condition)
        factor = factor or self.factor
        return rf"\val{{level.{condition}.{factor.name}}}"

    def ends(self, contrast: Contrast) -> tuple[str, str]:
        """(control, treatment) condition ids of a two-cell contrast."""
        control = next(c for c, w in contrast.weights.items() if w < 0)
        treatment = next(c for c, w in contrast.weights.items() if w > 0)
        return control, treatment

    @property
    def studied(self) -> frozenset[str]:
        """Names of the factors that are varied and the data sets that are run on."""
        factors = {name for c in self.plan.conditions for name in c.settings}
        return frozenset(factors | set(self.plan.datasets))

    @property
    def primary(self) -> tuple[Contrast, ...]:
        return tuple(c for c in self.plan.contrasts if c.confirmatory and c.role == "primary")

    @property
    def exploratory(self) -> tuple[Contrast, ...]:
        return tuple(c for c in self.plan.contrasts if not c.confirmatory)

    @property
    def cited_verifications(self) -> tuple[Verification, ...]:
        """How the records that the finished sections cite came out when they were verified."""
        text = " ".join(s.text for section in self.d.written for p in section.paragraphs for s in p)
        keys = cited(text)
        papers = {r.paper.id for r in self.d.references if r.key in keys}
        return tuple(v for v in self.d.verifications if v.id in papers)

    # --- quantities

    def has(self, *ids: str) -> bool:
        return all(i in self.quantities for i in ids)

    def quantity(self, id: str) -> Quantity:
        return self.quantities[id]

    def count(self, id: str) -> float:
        """A counted quantity's value, 0 where the ledger has none."""
        value = self.quantities[id].value if id in self.quantities else 0
        return float(value)

    def mean(self, condition: str, metric: str, dataset: str) -> str:
        return f"mean.{condition}.{dataset}.{metric}"

    def with_unit(self, id: str) -> str:
        q = self.quantities[id]
        return rf"\val{{{id}}}" + ("" if q.unit in NO_UNIT else f" {q.unit}")

    def p(self, id: str) -> str:
        r"""``$p$ = \val{…}``, or ``$p$ \val{…}`` where the display brings its own "<"."""
        return rf"$p$~\val{{{id}}}" if "<" in self.quantities[id].display else rf"$p$~=~\val{{{id}}}"

    def interval(self, contrast: str) -> str:
        return rf"\val{{plan.level}} interval \ci{{effect.{contrast}}}"

    def estimate(self, contrast: str) -> str:
        """The estimate with its interval and its adjusted p-value, as far as they are defined."""
        q = self.quantities[f"effect.{contrast}"]
        parts = [self.interval(contrast)] if q.low is not None else []
        if f"padj.{contrast}" in self.quantities:
            parts.append(f"Holm-adjusted {self.p(f'padj.{contrast}')}")
        elif f"p.{contrast}" in self.quantities:
            parts.append(f"unadjusted {self.p(f'p.{contrast}')}")
        return self.with_unit(f"effect.{contrast}") + (f" ({', '.join(parts)})" if parts else "")

    def tested(self, contrast: str) -> bool:
        return self.has(f"effect.{contrast}") and (self.has(f"p.{contrast}"))

    def censored(self, condition: str, metric: str, dataset: str) -> str | None:
        """The count of runs of a condition that did not reach the mark, None where all did."""
        id = f"censored.{condition}.{dataset}.{metric}"
        return id if self.count(id) > 0 else None

    def negligible(self, contrast: str) -> bool:
        """Whether the difference, significant or not, lies within the smallest effect of interest."""
        prefix = "tostadj" if self.contrasts[contrast].confirmatory else "tost"
        id = f"{prefix}.{contrast}"
        return id in self.quantities and self.count(id) <= self.count("plan.alpha_look")

    # --- claims and sentences

    def claim(self, contrast: str) -> Claim:
        return self.claims[contrast]

    def verdict(self, contrast: str) -> Verdict:
        return self.claims[contrast].verdict

    def verb(self, contrast: str) -> str:
        """ "raised" or "lowered": what the estimate did to the metric."""
        return {"increase": "raised", "decrease": "lowered", "none": "left unchanged"}[self.claims[contrast].observed]

    @property
    def main(self) -> Contrast:
        """The contrast that answers the question."""
        return self.primary[0]

    def implication(self) -> str:
        """The template author's sentence on what this outcome means; nothing where the data leave it open.

        The author speaks of the effect of the hypothesis' factor, so an interaction, or verdicts that differ between
        data sets, have no sentence.
        """
        keys = {self._outcome_key(c.id) for c in self.primary}
        if self.idea.kind is IdeaKind.INTERACTION or len(keys) != 1:
            return ""
        return self.spec.text.implications.get(f"{self.idea.hypothesis_id}.{keys.pop()}", "")

    def _outcome_key(self, contrast: str) -> str:
        claim = self.claims[contrast]
        if claim.significant:
            return claim.observed
        return "null" if claim.verdict is Verdict.EQUIVALENT else "open"

    # --- template prose

    def authored(self, sentences: Iterable[str]) -> tuple[Sentence, ...]:
        r"""Template sentences with ``{cfg.x}`` as ``\val`` and ``{cite.x}`` as a citation.

        A sentence whose record was not found, or whose setting the ledger lacks, is left out; so is one that begins with
        ``{only.x}`` when the study neither varies the factor x nor runs on the data set x.
        """
        kept = []
        for text in sentences:
            resolved = self._resolve(text)
            if resolved is not None:
                kept.append(Sentence(text=resolved))
        return tuple(kept)

    def related_sentence(self, entry: RelatedSpec) -> Sentence | None:
        """The one sentence that may be said of a related paper, if its record was found."""
        reference = self.by_related.get(entry.id)
        if reference is None:
            return None
        command = "citet" if entry.claim.startswith("{cite}") else "citep"
        text = entry.claim.replace("{cite}", rf"\{command}{{{reference.key}}}")
        return Sentence(text=text) if rf"{{{reference.key}}}" in text else None

    def cite_method(self, title: str) -> str:
        """A citation of a retrieved record by exact title, with a leading tie; empty where it was not found."""
        found = next((r for r in self.d.references if r.paper.title.lower() == title.lower()), None)
        return rf"~\citep{{{found.key}}}" if found else ""

    @property
    def found_by_search(self) -> tuple[Reference, ...]:
        return tuple(r for r in self.d.references if not r.related)

    def _resolve(self, text: str) -> str | None:
        missing = False

        def replace(match: re.Match[str]) -> str:
            nonlocal missing
            kind, name = match.groups()
            space = match[0][match[0].rindex("}") + 1 :]
            if kind == "cfg" and f"cfg.{name}" in self.quantities:
                return rf"\val{{cfg.{name}}}{space}"
            if kind == "cite" and name in self.by_related:
                return rf"\citep{{{self.by_related[name].key}}}{space}"
            missing = missing or kind != "only" or name not in self.studied
            return ""

        resolved = PLACEHOLDER.sub(replace, text)
        return None if missing else resolved


def say(text: str, *claims: str) -> Sentence:
    """A sentence bound to the claims of the named contrasts."""
    return Sentence(text=text, claims=tuple(f"claim.{c}" for c in claims))


def join(items: list[str], word: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"


def lower_first(text: str) -> str:
    """A sentence as a clause: no capital (but for names and acronyms) and no full stop."""
    clause = text.rstrip(".")
    return (
        clause
        if (clause[:2].isalpha() and clause[:2].isupper()) or clause.split()[0] in NAMES
        else clause[:1].lower() + clause[1:]
    )


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """Plain text (a topic, a title of a record) as LaTeX text."""
    for char in "\\{}^~":
        text = text.replace(char, " ")
    for char in "%&_#$":
        text = text.replace(char, "\\" + char)
    return " ".join(text.split())


NAMES = frozenset({"Adam", "AdamW", "Gaussian", "Bayesian", "Fourier", "Lipschitz", "Markov", "Wasserstein"})
