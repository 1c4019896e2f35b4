"""Compose a paper: ask the mind for each part, hold it against the ledger, place the floats, have the whole read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal

from scientist.errors import BudgetSpent, DraftRejected, ReplyInvalid
from scientist.literature import support
from scientist.mind.base import Dossier, Mind, Refused
from scientist.mind.offline import OfflineMind
from scientist.mind.offline.prose.facts import Facts
from scientist.types import Draft, Figure, Finding, Frozen, Section, Sentence, Severity
from scientist.writeup.checks import (
    SLOTS,
    Context,
    check_draft,
    check_floats,
    check_section,
    check_title,
    context_for,
    errors,
    floats_named,
)
from scientist.writeup.scan import scan
from scientist.writeup.terms import terms_of

REQUIRED = frozenset({"abstract", "introduction", "method", "results", "limitations", "conclusion", "disclosure"})
"""Slots that no paper may leave empty; a mind may return None for the others."""
WRITING_ORDER = (
    "method",
    "setup",
    "results",
    "discussion",
    "limitations",
    "related_work",
    "introduction",
    "conclusion",
    "abstract",
    "title",
    "reproducibility",
    "disclosure",
)
"""The order in which parts are asked for: what sums up comes after what it sums up, the disclosure after all."""
ATTEMPTS = 3
READINGS = 2
KEPT_SHARE = 0.5
"""A section that would lose more than this share of its sentences is written anew instead of cut."""


class Note(Frozen):
    """What composition did about a mind's text: in which part, why, and the text that it is about."""

    kind: Literal["sentence.dropped", "part.stood_in", "change.refused", "reading.skipped"]
    part: str
    reason: str
    text: str = ""


APPENDIX = "further_figures"
"""The section of the figures that are placed in the appendix; it comes last."""
Report = Callable[[str, tuple[Finding, ...]], object]
Tell = Callable[[Note], object]
Part = str | Section | None
"""What a mind gives: the title, a section, or no section."""


def compose(
    mind: Mind, dossier: Dossier, *, report: Report, stand_in: Mind | None = None, note: Tell = lambda _: None
) -> Draft:
    """The draft, every sentence of which has passed the checks.

    A refused part is asked again at most twice, with the refusal in the dossier; ``report`` is told its name and the
    findings. If there is a ``stand_in`` and the last attempt fails too, the refused sentences are struck where the
    section stands without them, and else the stand-in writes the part, as it does where a model gives no valid reply or
    the budget is spent; ``note`` is told of each. Raises DraftRejected, listing what is wrong, where nothing helps.
    """
    desk = _Desk(mind, dossier, stand_in, report, note)
    _refuse(check_floats(dossier.tables, dossier.figures, desk.context), "tables and captions", report)
    for name in WRITING_ORDER:
        desk.write(name)
    for reading in range(READINGS):
        desk.read(reading)
    desk.check_citations()
    draft = with_further_figures(desk.draft())
    _refuse(check_draft(draft, dossier.evidence), "draft", report)
    return draft


class _Desk:
    """A paper in the making: the title and the sections written so far, each of which passes the checks."""

    def __init__(self, mind: Mind, dossier: Dossier, stand_in: Mind | None, report: Report, note: Tell) -> None:
        self.mind = mind
        self.given = dossier
        self.stand_in = stand_in
        self.context = _context(dossier, mind, stand_in)
        self.report = report
        self.note = note
        self.title = ""
        self.sections: dict[str, Section] = {}
        self.stood_in: tuple[str, ...] = ()
        self.cut: tuple[str, ...] = ()

    def dossier(self, **changes: object) -> Dossier:
        so_far = {"written": tuple(self.sections.values()), "stood_in": self.stood_in, "cut": self.cut}
        return self.given.model_copy(update={**so_far, **changes})

    def _authored(self) -> tuple[str, ...]:
        """Those sentences of the draft that the template's author answers for."""
        found = (n for t in self._written() for n in support.sentences(t.text))
        return tuple(dict.fromkeys(n for n in found if n in self.context.authored))

    def _composed(self) -> tuple[str, ...]:
        """Those that are composed by rule."""
        found = (support.normal(t.text) for t in (*self._written(), *_pointers(self.given.figures)))
        return tuple(dict.fromkeys(n for n in found if n in self.context.composed))

    def _written(self) -> Iterable[Sentence]:
        return (sentence for section in self.sections.values() for sentence in _sentences(section))

    def draft(self) -> Draft:
        return Draft(
            title=self.title,
            sections=tuple(self.sections[name] for name in SLOTS if name in self.sections),
            tables=self.given.tables,
            figures=self.given.figures,
            references=self.given.references,
            placement=_placement(self.given, set(self.sections)),
            stood_in=self.stood_in,
            cut=self.cut,
            authored=self._authored(),
            composed=self._composed(),
            terms=tuple(sorted(self.context.terms)),
        )

    def write(self, name: str) -> None:
        """Write a part, by the mind or in its place."""
        try:
            part = self._ask(self.mind, name, ATTEMPTS)
        except (DraftRejected, ReplyInvalid, BudgetSpent) as e:
            if self.stand_in is None:
                raise
            part = self._ask(self.stand_in, name, 1)
            self.stood_in = (*self.stood_in, name)
            self.note(Note(kind="part.stood_in", part=name, reason=e.message))
        if isinstance(part, Section):
            self.sections[name] = part
        elif part is not None:
            self.title = part

    def check_citations(self) -> None:
        """Strike the sentences of which the mind finds that the work they cite does not say so."""
        sentences = [s.text for section in self.sections.values() for s in _sentences(section)]
        d = self.given
        known = (*d.passages, *support.vouched(d.template, d.references))
        asked = support.questions(sentences, d.references, known, curated=support.curated(d.template))
        try:
            objections = support.objections(asked, self.mind.judge_citations(asked)) if asked else ()
        except (ReplyInvalid, BudgetSpent) as e:
            if self.stand_in is None:
                raise
            self.note(Note(kind="reading.skipped", part="citations", reason=e.message))
            return
        for finding in errors(objections):
            wrong = finding.span.text if finding.span else ""
            for name, section in self.sections.items():
                without = section.model_copy(update={"paragraphs": _without(section, wrong)})
                if without != section and without.paragraphs:
                    self.sections[name] = without
                    self.cut = tuple(dict.fromkeys((*self.cut, name)))
                    self.note(Note(kind="sentence.dropped", part=name, reason=finding.message, text=wrong))

    def read(self, reading: int) -> None:
        """Have the finished draft read through, and take the changes that pass the checks."""
        try:
            changed = self.mind.read_through(self.draft(), self.dossier(readings=reading))
        except (ReplyInvalid, BudgetSpent) as e:
            if self.stand_in is None:
                raise
            self.note(Note(kind="reading.skipped", part="draft", reason=e.message))
            return
        for section in changed:
            if section.name in self.sections:
                self.sections[section.name] = self._accepted(self.sections[section.name], section)

    def _ask(self, mind: Mind, name: str, attempts: int) -> Part:
        refused: Refused | None = None
        for _ in range(attempts):
            asked = self.dossier(refused=refused)
            part = mind.title(asked) if name == "title" else mind.section(name, asked)
            findings = self._check(name, part)
            if not errors(findings):
                return part
            self.report(name, findings)
            refused = _refused(part, findings)
        standing = self._without_refused(part) if self.stand_in is not None and isinstance(part, Section) else None
        if standing is None:
            raise _rejected(name, errors(findings))
        self.cut = (*self.cut, name)
        return standing

    def _without_refused(self, section: Section) -> Section | None:
        """The section without the sentences that the checks refuse; None if too little stands, or not without them."""
        left, dropped = section, list[Note]()
        while found := errors(self._check(section.name, left)):
            reasons = {f.span.text: f.message for f in found if f.span}
            gone = [s for s in _sentences(left) if s.text in reasons]
            if not gone:
                return None
            dropped += [
                Note(kind="sentence.dropped", part=section.name, reason=reasons[s.text], text=s.text) for s in gone
            ]
            paragraphs = (tuple(s for s in p if s.text not in reasons) for p in left.paragraphs)
            left = left.model_copy(update={"paragraphs": tuple(p for p in paragraphs if p)})
        if len(_sentences(left)) < KEPT_SHARE * len(_sentences(section)) or self._answers(section) - self._answers(
            left
        ):
            return None
        for note in dropped:
            self.note(note)
        return left

    def _answers(self, section: Section) -> set[str]:
        """The primary estimates that a section prints; results that lose one no longer answer the question."""
        primary = {f"effect.{c.id}" for c in self.given.plan.contrasts if c.confirmatory and c.role == "primary"}
        return primary & {id for s in _sentences(section) for id in scan(s.text).quantities}

    def _accepted(self, old: Section, new: Section) -> Section:
        """``new`` as far as it passes the checks; changes that do not are taken back."""
        change = _Change(old, new)
        while found := errors(self._check(old.name, change.section())):
            if not change.revert({f.span.text for f in found if f.span}):
                return old
            for finding in found:
                text = finding.span.text if finding.span else ""
                self.note(Note(kind="change.refused", part=old.name, reason=finding.message, text=text))
        return change.section()

    def _check(self, name: str, part: Part) -> tuple[Finding, ...]:
        if name == "title" and isinstance(part, str):
            return check_title(part, self.given.evidence)
        if part is None:
            return (_error("missing_section", f"{name}: a paper needs this section"),) if name in REQUIRED else ()
        if not isinstance(part, Section) or part.name != name:
            called = part.name if isinstance(part, Section) else part
            return (_error("wrong_section", f"{name}: the section is called {called!r}"),)
        return self._check_section(part)

    def _check_section(self, section: Section) -> tuple[Finding, ...]:
        """Findings about a section beside all others that are written."""
        d = self.given
        captions = [(f"caption of {t.id}", s) for t in d.tables for s in t.caption]
        captions += [(f"caption of {f.id}", s) for f in d.figures for s in f.caption]
        others = [s for s in self.sections.values() if s.name != section.name]
        beside = [(s.name, sentence) for s in others for sentence in _sentences(s)]
        findings = check_section(section, self.context.model_copy(update={"earlier": tuple(captions + beside)}))
        return findings + self._unnamed_floats(section, [*(s for _, s in beside), *_sentences(section)])

    def _unnamed_floats(self, section: Section, sentences: Iterable[Sentence]) -> tuple[Finding, ...]:
        placed = _placement(self.given, {*self.sections, section.name})
        tables = {t.id for t in self.given.tables}
        named = floats_named(sentences)
        labels = [f"tab:{id}" if id in tables else f"fig:{id}" for ids in placed.values() for id in ids]
        return tuple(
            _error(
                "uncited_float", f"{section.name}: {label} is printed and never referred to", rf"write \ref{{{label}}}"
            )
            for label in labels
            if label not in named
        )


class _Change:
    """Two versions of a section, and which of the places where they differ are taken from the new one."""

    def __init__(self, old: Section, new: Section) -> None:
        self.heading = old
        self.old, self.new = _flat(old), _flat(new)
        matcher = SequenceMatcher(None, self.old, self.new, autojunk=False)
        self.places = [(tag != "equal", *span) for tag, *span in matcher.get_opcodes()]

    def section(self) -> Section:
        flat: list[Sentence | None] = []
        for taken, i1, i2, j1, j2 in self.places:
            flat += self.new[j1:j2] if taken else self.old[i1:i2]
        paragraphs: list[tuple[Sentence, ...]] = [()]
        for sentence in flat:
            paragraphs = [*paragraphs, ()] if sentence is None else [*paragraphs[:-1], (*paragraphs[-1], sentence)]
        return self.heading.model_copy(update={"paragraphs": tuple(p for p in paragraphs if p)})

    def revert(self, texts: set[str]) -> bool:
        """Take back the changes that hold one of ``texts``, or all of them; False if none was left to take back."""
        taken = [k for k, place in enumerate(self.places) if place[0]]
        guilty = [k for k in taken if any(s and s.text in texts for s in self.new[slice(*self.places[k][3:])])]
        for k in guilty or taken:
            self.places[k] = (False, *self.places[k][1:])
        return bool(taken)


def _flat(section: Section) -> list[Sentence | None]:
    """The sentences of a section, with None between paragraphs."""
    return [s for paragraph in section.paragraphs for s in (*paragraph, None)]


def _refused(part: Part, findings: tuple[Finding, ...]) -> Refused:
    if isinstance(part, str):
        return Refused(title=part, findings=errors(findings))
    return Refused(section=part, findings=errors(findings))


def _placement(dossier: Dossier, sections: set[str]) -> dict[str, tuple[str, ...]]:
    """Where each float is set: the design, and what a search found, where the set-up is told; else with the results."""
    placement: dict[str, tuple[str, ...]] = {}
    told = ("search", "design")
    design = [t.id for t in dossier.tables if t.id in told]
    results = [t.id for t in dossier.tables if t.id not in told]
    results += [f.id for f in dossier.figures if f.place == "main"]
    for host, ids in (("setup" if "setup" in sections else "results", design), ("results", results)):
        if ids:
            placement[host] = (*placement.get(host, ()), *ids)
    return {host: ids for host, ids in placement.items() if host in sections}


def with_further_figures(draft: Draft) -> Draft:
    """The draft with its appendix of figures: a section that no mind writes, as it only says what each one shows."""
    behind = [f for f in draft.figures if f.place == "appendix" and f.pointer is not None]
    if not behind:
        return draft
    section = Section(
        name=APPENDIX, title="Further figures", paragraphs=(tuple(f.pointer for f in behind if f.pointer),)
    )
    placement = {**draft.placement, APPENDIX: tuple(f.id for f in behind)}
    return draft.model_copy(update={"sections": (*draft.sections, section), "placement": placement})


def _context(dossier: Dossier, *minds: Mind | None) -> Context:
    """What the texts of a paper may name, and what those of ``minds`` that compose by rule say of its study."""
    context = context_for(dossier.tables, dossier.figures, dossier.references, dossier.evidence)
    return context.model_copy(
        update={
            "references": dossier.references,
            "passages": (*dossier.passages, *support.vouched(dossier.template, dossier.references)),
            "curated": support.curated(dossier.template),
            "authored": support.authored(dossier.template, Facts(dossier).implication()),
            "terms": terms_of(dossier),
            "composed": _by_rule(dossier, *minds),
        }
    )


def _by_rule(dossier: Dossier, *minds: Mind | None) -> frozenset[str]:
    """What the rule-based writer says of a study: its words are its author's, and need not be in the vocabulary."""
    ruled = [mind for mind in minds if isinstance(mind, OfflineMind)]
    sections = [section for mind in ruled for name in SLOTS if (section := mind.section(name, dossier))]
    written = [s for section in sections for s in _sentences(section)]
    return frozenset(support.normal(s.text) for s in (*written, *_pointers(dossier.figures)))


def _pointers(figures: Iterable[Figure]) -> tuple[Sentence, ...]:
    """The sentences of the appendix of figures."""
    return tuple(f.pointer for f in figures if f.pointer)


def _without(section: Section, text: str) -> tuple[tuple[Sentence, ...], ...]:
    """The section's paragraphs without a sentence."""
    return tuple(p for paragraph in section.paragraphs if (p := tuple(s for s in paragraph if s.text != text)))


def _sentences(section: Section) -> list[Sentence]:
    return [s for paragraph in section.paragraphs for s in paragraph]


def _refuse(findings: tuple[Finding, ...], name: str, report: Report) -> None:
    if errors(findings):
        report(name, findings)
        raise _rejected(name, errors(findings))


def _rejected(name: str, findings: Sequence[Finding]) -> DraftRejected:
    lines = [f"- {f.check}: {f.message}" + (f"\n    {f.span.text}" if f.span else "") for f in findings]
    return DraftRejected(
        f"the {name} did not pass the checks before typesetting:\n" + "\n".join(lines),
        "the findings say how to mend each; scientist resume asks again, another mind may do better",
    )


def _error(check: str, message: str, mend: str = "") -> Finding:
    return Finding(check=check, severity=Severity.ERROR, message=message, mend=mend)
