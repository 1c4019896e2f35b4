"""Compose a paper: ask the mind for each section, hold it against the ledger, and place the floats."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scientist.errors import DraftRejected
from scientist.mind.base import Dossier, Mind
from scientist.types import Draft, Finding, Section, Sentence, Severity
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

REQUIRED = frozenset({"abstract", "introduction", "method", "results", "limitations", "conclusion", "disclosure"})
"""Slots that no paper may leave empty; a mind may return None for the others."""
ATTEMPTS = 3
Report = Callable[[str, tuple[Finding, ...]], object]


def compose(mind: Mind, dossier: Dossier, *, report: Report) -> Draft:
    """The draft, every sentence of which has passed the checks.

    A rejected title or section is asked again at most twice, with the findings in the dossier. ``report`` is told the
    name and the findings of each refused attempt. Raises DraftRejected, listing what is wrong, when the last fails too.
    """
    _refuse(check_floats(dossier.tables, dossier.figures, _context(dossier)), "tables and captions", report)
    title = _title(mind, dossier, report)
    sections: list[Section] = []
    for name in SLOTS:
        section = _section(mind, dossier, name, sections, report)
        if section is not None:
            sections.append(section)
    draft = Draft(
        title=title,
        sections=tuple(sections),
        tables=dossier.tables,
        figures=dossier.figures,
        references=dossier.references,
        placement=_placement(dossier, {s.name for s in sections}),
    )
    _refuse(check_draft(draft, dossier.evidence), "draft", report)
    return draft


def _title(mind: Mind, dossier: Dossier, report: Report) -> str:
    asked = dossier
    for _ in range(ATTEMPTS):
        title = mind.title(asked)
        findings = check_title(title, dossier.evidence)
        if not errors(findings):
            return title
        report("title", findings)
        asked = dossier.model_copy(update={"findings": (*dossier.findings, *findings)})
    raise _rejected("title", errors(findings))


def _section(mind: Mind, dossier: Dossier, name: str, before: Sequence[Section], report: Report) -> Section | None:
    asked = dossier
    for _ in range(ATTEMPTS):
        section = mind.section(name, asked)
        findings = _check(section, dossier, name, before)
        if not errors(findings):
            return section
        report(name, findings)
        asked = dossier.model_copy(update={"findings": (*dossier.findings, *findings)})
    raise _rejected(name, errors(findings))


def _check(section: Section | None, dossier: Dossier, name: str, before: Sequence[Section]) -> tuple[Finding, ...]:
    if section is None:
        return (_error("missing_section", f"{name}: a paper needs this section"),) if name in REQUIRED else ()
    if section.name != name:
        return (_error("wrong_section", f"{name}: the section is called {section.name!r}"),)
    captions = [(f"caption of {t.id}", s) for t in dossier.tables for s in t.caption]
    captions += [(f"caption of {f.id}", s) for f in dossier.figures for s in f.caption]
    earlier = [(s.name, sentence) for s in before for sentence in _sentences(s)]
    context = _context(dossier).model_copy(update={"earlier": tuple(captions + earlier)})
    findings = check_section(section, context)
    named = floats_named([*(s for _, s in earlier), *_sentences(section)])
    hosted = _placement(dossier, {*(s.name for s in before), name}).get(name, ())
    labels = [f"tab:{i}" if i in {t.id for t in dossier.tables} else f"fig:{i}" for i in hosted]
    uncited = tuple(
        _error("uncited_float", f"{name}: {label} is set here and never referred to", rf"write \ref{{{label}}}")
        for label in labels
        if label not in named
    )
    return findings + uncited


def _placement(dossier: Dossier, sections: set[str]) -> dict[str, tuple[str, ...]]:
    """Where each float is set: the design where the set-up is told, all else with the results."""
    placement: dict[str, tuple[str, ...]] = {}
    design = [t.id for t in dossier.tables if t.id == "design"]
    results = [t.id for t in dossier.tables if t.id != "design"] + [f.id for f in dossier.figures]
    for host, ids in (("setup" if "setup" in sections else "results", design), ("results", results)):
        if ids:
            placement[host] = (*placement.get(host, ()), *ids)
    return {host: ids for host, ids in placement.items() if host in sections}


def _context(dossier: Dossier) -> Context:
    return context_for(dossier.tables, dossier.figures, dossier.references, dossier.evidence)


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
