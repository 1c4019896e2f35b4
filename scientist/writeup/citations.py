"""Citations rest on retrieved records: which keys a text cites, whether they are known, and what the list prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scientist.types import Draft, Finding, Reference, Sentence, Severity, Span
from scientist.writeup.scan import scan


def cited_keys(draft: Draft) -> tuple[str, ...]:
    """Keys in order of first citation: sections in their order, then captions."""
    return tuple(dict.fromkeys(key for sentence in sentences_of(draft) for key in scan(sentence.text).cites))


def cited_references(draft: Draft) -> tuple[Reference, ...]:
    """The records that the draft cites, by key: the reference list holds these and no others."""
    cited = set(cited_keys(draft))
    return tuple(sorted((r for r in draft.references if r.key in cited), key=lambda r: r.key))


def sentences_of(draft: Draft) -> Iterable[Sentence]:
    """Every sentence of a draft, captions included."""
    for section in draft.sections:
        for paragraph in section.paragraphs:
            yield from paragraph
    for table in draft.tables:
        yield from table.caption
    for figure in draft.figures:
        yield from figure.caption


def check_records(references: Sequence[Reference]) -> tuple[Finding, ...]:
    """Findings about the records themselves: a key used twice, one work under two keys, no authors, no year."""
    findings: list[Finding] = []
    keys: dict[str, Reference] = {}
    works: dict[str, str] = {}
    for reference in references:
        if reference.key in keys:
            findings.append(_finding("duplicate_key", reference, "the key is used by two records"))
        keys[reference.key] = reference
        for identity in _identities(reference):
            if works.setdefault(identity, reference.key) != reference.key:
                findings.append(_finding("duplicate_record", reference, f"the work is also {works[identity]!r}"))
        if not reference.paper.title.strip():
            findings.append(_finding("incomplete_record", reference, "the record has no title"))
        if not reference.paper.authors or reference.paper.year is None:
            findings.append(
                _finding("sparse_record", reference, "the record lacks authors or a year", Severity.WARNING)
            )
    return tuple(findings)


def _identities(reference: Reference) -> Iterable[str]:
    paper = reference.paper
    if paper.doi:
        yield f"doi:{paper.doi.lower()}"
    if paper.arxiv_id:
        yield f"arxiv:{paper.arxiv_id.split('v')[0].lower()}"


def _finding(check: str, reference: Reference, message: str, severity: Severity = Severity.ERROR) -> Finding:
    span = Span(text=f"{reference.key}: {reference.paper.title}")
    return Finding(
        check=check, severity=severity, message=f"{reference.key}: {message}", span=span, mend="mend the record"
    )
