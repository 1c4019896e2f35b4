r"""Checks before typesetting: no number, citation, float or comparison that the ledger and the library do not carry.

They fail closed: what cannot be read is refused. Each returns findings; an error keeps the draft from the press.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scientist.literature import support
from scientist.literature.passages import Passage
from scientist.types import (
    Draft,
    Evidence,
    Figure,
    Finding,
    Frozen,
    Reference,
    Section,
    Sentence,
    Severity,
    Span,
    Table,
)
from scientist.writeup.citations import check_records, cited_keys, sentences_of
from scientist.writeup.claims import check_claims, check_title_direction, named_contrasts
from scientist.writeup.lexicon import DENIED_PROOF, PRAISE, numerals
from scientist.writeup.meaning import Words, check_meaning
from scientist.writeup.scan import Scan, escape, scan

SLOTS = (
    "abstract",
    "introduction",
    "related_work",
    "method",
    "setup",
    "results",
    "discussion",
    "limitations",
    "conclusion",
    "reproducibility",
    "disclosure",
)
LENIENT = frozenset({"related_work", "method", "setup", "limitations", "reproducibility", "disclosure"})
"""Sections in which a typed number is a warning; everywhere else, unknown sections included, it is an error."""
UNCLAIMING = LENIENT | {"introduction"}
"""Sections that state no outcome of this study; a comparison in them needs claims only beside its numbers."""
MAX_WORDS = 60
NEAR = 0.85


class Context(Frozen):
    """What a text may name, the titles of records that it may quote, and the sentences before it (with where)."""

    evidence: Evidence
    keys: frozenset[str]
    floats: frozenset[str]
    titles: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()
    passages: tuple[Passage, ...] = ()
    curated: frozenset[str] | None = None
    """Sentences of the template's author, who answers for them; None where cited findings are not checked at all."""
    authored: frozenset[str] = frozenset()
    """Of these, the sentences that this study's outcome admits: how they are worded is their author's affair."""
    terms: frozenset[str] = frozenset()
    """Words of the topic, the plan and the template, which name things and may stand where a result is told."""
    composed: frozenset[str] = frozenset()
    """Sentences that were composed by rule: checked like others, but in words of their own."""
    earlier: tuple[tuple[str, Sentence], ...] = ()


def check_section(section: Section, context: Context) -> tuple[Finding, ...]:
    """Findings about one section, its repetition of earlier sentences included."""
    findings = list(_check_heading(section))
    sentences = [s for paragraph in section.paragraphs for s in paragraph]
    if not sentences:
        findings.append(
            _finding("empty_section", "the section has no sentence", section.name, "write it, or leave it out")
        )
    for sentence in sentences:
        findings += check_sentence(sentence, section.name, context)
    findings += _repetitions([*context.earlier, *((section.name, s) for s in sentences)], since=len(context.earlier))
    return tuple(findings)


def check_draft(draft: Draft, evidence: Evidence) -> tuple[Finding, ...]:
    """Findings about a whole draft: title, sections, tables, figures, references and placement."""
    context = context_of(draft, evidence)
    findings = list(check_title(draft.title, evidence))
    for section in draft.sections:
        findings += _check_heading(section)
        for paragraph in section.paragraphs:
            for sentence in paragraph:
                findings += check_sentence(sentence, section.name, context)
        if not any(section.paragraphs):
            findings.append(_finding("empty_section", "the section has no sentence", section.name))
    findings += check_floats(draft.tables, draft.figures, context)
    findings += _repetitions(list(_placed_sentences(draft)))
    findings += _check_placement(draft)
    findings += check_records([r for r in draft.references if r.key in set(cited_keys(draft))])
    findings += _check_displays(draft, evidence)
    return tuple(findings)


def check_floats(tables: Sequence[Table], figures: Sequence[Figure], context: Context) -> tuple[Finding, ...]:
    """Findings about captions and cells."""
    findings: list[Finding] = []
    for figure in figures:
        for sentence in figure.caption:
            findings += check_sentence(sentence, f"caption of {figure.id}", context)
    for table in tables:
        for sentence in table.caption:
            findings += check_sentence(sentence, f"caption of {table.id}", context)
        findings += _check_cells(table, context)
    return tuple(findings)


def check_title(title: str, evidence: Evidence) -> tuple[Finding, ...]:
    """Findings about the title, which is plain text."""
    found = scan(escape(title))
    span = Sentence(text=title)
    complaints = [
        ("bare_numeral", f"the title types the number {n!r}", "leave it out")
        for n in numerals(found.strict, found.prose)
    ]
    complaints += [("praise", f"the title praises: {m[0]!r}", "leave it out") for m in PRAISE.finditer(found.prose)]
    complaints += check_title_direction(found.prose, found, evidence)
    if not title.strip():
        complaints.append(("empty_section", "the title is empty", "give a title"))
    if re.search(r"[\\{}$]", title):
        complaints.append(("forbidden_latex", "the title holds LaTeX", "a title is plain text"))
    return tuple(_finding(check, message, "title", mend, span) for check, message, mend in complaints)


def check_sentence(sentence: Sentence, where: str, context: Context) -> tuple[Finding, ...]:
    """Findings about one sentence that stands in section or caption ``where``."""
    found = scan(_without_titles(sentence.text, context.titles))
    findings = [*_check_words(sentence, found, where), *_check_names(sentence, found, where, context)]
    authored = support.is_authored(sentence.text, context.authored)
    if not authored and (where not in UNCLAIMING or named_contrasts(found) or sentence.claims):
        cited_may_state = where in UNCLAIMING or where == "discussion"
        for check, message, mend in check_claims(sentence, found, context.evidence, cited_may_state=cited_may_state):
            findings.append(_finding(check, message, where, mend, sentence))
    bound = [c for c in context.evidence.claims if c.id in sentence.claims]
    words = not authored and (where not in UNCLAIMING or bool(bound) or bool(found.quantities and where not in LENIENT))
    told = Words(where, context.terms, support.normal(sentence.text) in context.composed) if words else None
    for check, message, mend in check_meaning(found, bound, context.evidence, words=told):
        findings.append(_finding(check, message, where, mend, sentence))
    if context.curated is not None and found.cites:
        findings += support.check(sentence.text, context.references, context.passages, curated=context.curated)
    return tuple(findings)


def context_of(draft: Draft, evidence: Evidence) -> Context:
    """What the texts of a draft may name."""
    sections = (s.name for s in draft.sections)
    context = context_for(draft.tables, draft.figures, draft.references, evidence, sections)
    return context.model_copy(update={k: frozenset(getattr(draft, k)) for k in ("authored", "terms", "composed")})


def context_for(
    tables: Sequence[Table],
    figures: Sequence[Figure],
    references: Sequence[Reference],
    evidence: Evidence,
    sections: Iterable[str] = SLOTS,
) -> Context:
    floats = {f"tab:{t.id}" for t in tables} | {f"fig:{f.id}" for f in figures} | {f"sec:{s}" for s in sections}
    return Context(
        evidence=evidence,
        keys=frozenset(r.key for r in references),
        floats=frozenset(floats),
        titles=frozenset(_words_of(r.paper.title) for r in references),
    )


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(f for f in findings if f.severity is Severity.ERROR)


def floats_named(sentences: Iterable[Sentence]) -> set[str]:
    r"""The labels that ``\ref`` names in some sentences."""
    return {ref for s in sentences for ref in scan(s.text).refs}


def _without_titles(text: str, titles: frozenset[str]) -> str:
    """A text without the titles that it quotes to the letter: their words are their authors', not claims of ours."""
    return re.sub(r"``(.*?)''", lambda m: "``...''" if _words_of(m[1]) in titles else m[0], text)


def _words_of(title: str) -> str:
    return " ".join(title.replace("\\", "").split())


def _check_words(sentence: Sentence, found: Scan, where: str) -> Iterator[Finding]:
    for check, problem in found.problems:
        yield _finding(
            check, f"it holds {problem}", where, "only text, simple mathematics and the named commands", sentence
        )
    severity = Severity.WARNING if where in LENIENT else Severity.ERROR
    for number in numerals(found.strict, found.prose):
        mend = r"print a number of the ledger with \val{id} or \ci{id}, or leave it out"
        yield _finding("bare_numeral", f"it types the number {number!r}", where, mend, sentence, severity)
    praised = DENIED_PROOF.sub(" ", found.prose)
    for match in PRAISE.finditer(praised):
        yield _finding("praise", f"it praises or overstates: {match[0]!r}", where, "state what was measured", sentence)
    words = len(found.prose.split())
    if not words:
        yield _finding("empty_sentence", "the sentence is empty", where, "leave it out", sentence, Severity.WARNING)
    if words > MAX_WORDS:
        yield _finding(
            "long_sentence", f"the sentence has {words} words", where, "split it", sentence, Severity.WARNING
        )


def _check_names(sentence: Sentence, found: Scan, where: str, context: Context) -> Iterator[Finding]:
    known = {q.id: q for q in context.evidence.quantities}
    for id in found.quantities:
        if id not in known:
            yield _finding(
                "unknown_quantity", f"the quantity {id!r} is not in the ledger", where, "use a known id", sentence
            )
    for id in found.intervals:
        if id in known and not known[id].display_interval:
            yield _finding("no_interval", f"the quantity {id!r} has no interval", where, r"use \val", sentence)
    for key in found.cites:
        if key not in context.keys:
            yield _finding("unknown_citation", f"no record has the key {key!r}", where, "cite a found record", sentence)
    for ref in found.refs:
        if ref not in context.floats:
            yield _finding("unknown_float", f"nothing is labelled {ref!r}", where, "refer to a known float", sentence)


def _check_cells(table: Table, context: Context) -> Iterator[Finding]:
    where = f"table {table.id}"
    columns = re.findall(r"[lcr]|p\{0?\.\d+\\(?:linewidth|textwidth)\}", table.align)
    if "".join(columns) != table.align:
        yield _finding("table_shape", f"the preamble {table.align!r} holds more than l, c, r and p{{}}", where)
    for row in (table.header, *table.rows):
        if len(row) != len(columns):
            yield _finding("table_shape", f"a row of {len(row)} cells in a table of {len(columns)} columns", where)
        for cell in filter(str.strip, row):
            sentence = Sentence(text=cell)
            found = scan(cell)
            yield from _check_words(sentence, found, where)
            yield from _check_names(sentence, found, where, context)


def _check_heading(section: Section) -> Iterator[Finding]:
    sentence = Sentence(text=section.title)
    yield from _check_words(sentence, scan(section.title), section.name)


def _check_placement(draft: Draft) -> Iterator[Finding]:
    """Each float is placed once, in a section that exists, and is referred to in the text."""
    text = [s for section in draft.sections for paragraph in section.paragraphs for s in paragraph]
    named = floats_named(text)
    floats = {t.id: f"tab:{t.id}" for t in draft.tables} | {f.id: f"fig:{f.id}" for f in draft.figures}
    if len(floats) != len(draft.tables) + len(draft.figures):
        yield _finding("misplaced_float", "two floats have the same id", "floats")
    placed = [id for ids in draft.placement.values() for id in ids]
    for id, label in floats.items():
        if label not in named:
            yield _finding(
                "uncited_float", f"{label} is never referred to", "floats", rf"refer to it with \ref{{{label}}}"
            )
        if placed.count(id) != 1:
            yield _finding("misplaced_float", f"{label} is placed {placed.count(id)} times", "floats", "place it once")
    sections = {s.name for s in draft.sections}
    for name, ids in draft.placement.items():
        if name not in sections or set(ids) - set(floats):
            yield _finding("misplaced_float", f"the placement of {', '.join(ids)} in {name!r} is impossible", "floats")


def _check_displays(draft: Draft, evidence: Evidence) -> Iterator[Finding]:
    """What the ledger would have typeset for the quantities used must be harmless LaTeX too."""
    used = used_quantities(draft)
    for quantity in evidence.quantities:
        for display in (quantity.display, quantity.display_interval):
            problems = scan(display).problems if quantity.id in used else []
            for _, problem in problems:
                yield _finding(
                    "unsafe_display", f"{quantity.id} displays {problem}", "ledger", span=Sentence(text=display)
                )


def used_quantities(draft: Draft) -> tuple[str, ...]:
    """Ids in the order in which the typeset paper prints them first: text and floats by section, then cells."""
    texts = [s.text for s in sentences_of(draft)]
    texts += [cell for t in draft.tables for row in (t.header, *t.rows) for cell in row]
    return tuple(dict.fromkeys(id for text in texts for id in scan(text).quantities))


def _placed_sentences(draft: Draft) -> Iterator[tuple[str, Sentence]]:
    for section in draft.sections:
        for paragraph in section.paragraphs:
            yield from ((section.name, s) for s in paragraph)
    for table in draft.tables:
        yield from ((f"caption of {table.id}", s) for s in table.caption)
    for figure in draft.figures:
        yield from ((f"caption of {figure.id}", s) for s in figure.caption)


def _repetitions(placed: Sequence[tuple[str, Sentence]], since: int = 0) -> Iterator[Finding]:
    """Sentences from ``since`` on that say again what an earlier one said, nearly word for word."""
    seen = [(where, _content(s)) for where, s in placed]
    for i in range(since, len(placed)):
        where, said = seen[i]
        again = next((before for before, other in seen[:i] if _same(said, other)), None)
        if again is not None:
            message = f"it repeats a sentence of {again}"
            yield _finding("duplicate_sentence", message, where, "leave it out or say more", placed[i][1])


class _Content(NamedTuple):
    """What a sentence says: its words, the quantities that it prints and the claims that it rests on."""

    words: frozenset[str]
    quantities: frozenset[str]
    claims: frozenset[str]


def _content(sentence: Sentence) -> _Content:
    found = scan(sentence.text)
    words = {*re.findall(r"[a-z0-9]+", found.prose.lower()), *found.cites, *found.refs}
    return _Content(frozenset(words), frozenset(found.quantities), frozenset(sentence.claims))


def _same(a: _Content, b: _Content) -> bool:
    """Nearly the same words; sentences of other numbers are not the same, nor are near ones on other claims."""
    if not a.words or a.quantities != b.quantities:
        return False
    near = len(a.words & b.words) > NEAR * len(a.words | b.words)
    return near and (a.words == b.words or a.claims == b.claims)


def _finding(
    check: str,
    message: str,
    where: str,
    mend: str = "",
    span: Sentence | None = None,
    severity: Severity = Severity.ERROR,
) -> Finding:
    quoted = Span(text=span.text) if span is not None and span.text else None
    return Finding(check=check, severity=severity, message=f"{where}: {message}", span=quoted, mend=mend)
