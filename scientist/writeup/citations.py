"""Citations rest on retrieved records: which keys a text cites, whether they are known, and what the list prints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from scientist.literature import support
from scientist.literature.agreement import shared_identifier, taken_back
from scientist.literature.merge import same
from scientist.literature.passages import Passage
from scientist.literature.verify import Status, Verification
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


def check_records(
    references: Sequence[Reference], verifications: Sequence[Verification] | None = None
) -> tuple[Finding, ...]:
    """Findings about the records themselves: doubled, incomplete, taken back, or contradicted by another record.

    ``verifications`` are those of the run; where they are given, a record without one is an error too, and one that
    rests on the local library or on nothing is marked by a note.
    """
    findings: list[Finding] = []
    keys: set[str] = set()
    for number, reference in enumerate(references):
        paper = reference.paper
        if reference.key in keys:
            findings.append(_finding("duplicate_key", reference, "the key is used by two records"))
        keys.add(reference.key)
        for other in references[:number]:
            if other.key != reference.key and (same(other.paper, paper) or shared_identifier(other.paper, paper)):
                findings.append(_finding("duplicate_record", reference, f"the work is also {other.key!r}"))
        if not paper.title.strip():
            findings.append(_finding("incomplete_record", reference, "the record has no title"))
        if not paper.authors or paper.year is None:
            findings.append(
                _finding("sparse_record", reference, "the record lacks authors or a year", Severity.WARNING)
            )
        if (how := taken_back(paper)) is not None:
            findings.append(_finding("retracted_record", reference, f"the work was {how}"))
    if verifications is not None:
        findings += _unverified(references, verifications)
    return tuple(findings)


def check_support(
    draft: Draft, passages: Sequence[Passage] = (), curated: Collection[str] = frozenset()
) -> tuple[Finding, ...]:
    """Findings about sentences that say more of a cited work than its record, abstract or passages carry.

    ``curated`` are the sentences of the template's author (``scientist.literature.support.curated``).
    """
    return tuple(
        finding
        for sentence in sentences_of(draft)
        for finding in support.check(sentence.text, draft.references, passages, curated=curated)
    )


def _unverified(references: Sequence[Reference], verifications: Sequence[Verification]) -> Iterable[Finding]:
    by_id = {v.id: v for v in verifications}
    for reference in references:
        verification = by_id.get(reference.paper.id)
        if verification is None:
            yield _finding("unverified_record", reference, "the record was never verified")
        elif verification.status is Status.RETRACTED and taken_back(reference.paper) is None:
            yield _finding("retracted_record", reference, verification.reason)
        elif verification.status is Status.MISMATCH:
            yield _finding("contradicted_record", reference, verification.reason)
        elif verification.status is Status.NOT_FOUND:
            yield _finding("unknown_record", reference, verification.reason)
        elif not verification.online:
            yield _finding("not_verified_online", reference, verification.reason, Severity.NOTE)


def _finding(check: str, reference: Reference, message: str, severity: Severity = Severity.ERROR) -> Finding:
    span = Span(text=f"{reference.key}: {reference.paper.title}")
    return Finding(
        check=check, severity=severity, message=f"{reference.key}: {message}", span=span, mend="mend the record"
    )
