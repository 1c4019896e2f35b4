"""Title, sections and read-through of a paper by a language model, which names what the ledger holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scientist.mind.base import Dossier
from scientist.mind.llm import material
from scientist.mind.llm.sentences import sentence
from scientist.mind.llm.statements import disclosure
from scientist.mind.llm.written import (
    TitleReply,
    changes_reply,
    known_places,
    mended_reply,
    own_text,
    section_reply,
    some_change,
    title_of,
)
from scientist.mind.offline.prose import SECTIONS
from scientist.mind.offline.prose import section as plain_section
from scientist.models.base import Asker, Strength
from scientist.prompts import Material, render
from scientist.types import Draft, Evidence, Finding, IdeaKind, Section, Sentence, Severity

PARTS: dict[str, tuple[str, ...]] = {
    "abstract": ("outcome", "means"),
    "introduction": ("short_records", "novelty"),
    "related_work": ("records", "novelty"),
    "method": ("settings",),
    "setup": ("settings",),
    "results": ("outcome", "means", "single", "failures"),
    "discussion": ("outcome", "means", "single", "short_records"),
    "limitations": ("outcome", "means", "failures"),
    "conclusion": ("outcome",),
    "title": ("outcome",),
    "critique": ("outcome", "means", "short_records"),
    "consistency": ("outcome",),
}
"""Which parts of the dossier each prompt shows."""
TEXT: dict[str, tuple[str, ...]] = {
    "abstract": ("background",),
    "introduction": ("background", "problem"),
    "method": ("problem", "method"),
    "setup": ("data", "measurement"),
    "discussion": ("meaning", "limits"),
    "limitations": ("limits",),
}
"""What the template's author says that bears on a section."""
EARLIER: dict[str, tuple[str, ...]] = {
    "setup": ("method",),
    "results": ("setup",),
    "discussion": ("results",),
    "limitations": ("results", "discussion"),
    "introduction": ("related_work", "discussion"),
    "conclusion": ("discussion",),
    "abstract": ("introduction", "results", "discussion"),
}
"""Which finished sections a section builds on."""
TO_WRITE, PRINTED = "# What to write now", "Printed in this section"
"""Between these lines of a prompt stands what the section shall do."""
SECTION_TOKENS = {Strength.WEAK: 900, Strength.MEDIUM: 4096, Strength.STRONG: 4096}
"""The longest reply for a section; a weak model that does not end early rambles."""
READING_TOKENS = 6144
READINGS = (("critique", 14), ("consistency", 8))
"""The readings of a finished draft, in their order, and how many changes each may ask for."""


def section(asker: Asker, name: str, dossier: Dossier) -> Section | None:
    """One section; the statements at the end are written by rule, for a model's word on itself is worth little."""
    if name == "reproducibility":
        return plain_section(name, dossier)
    if name == "disclosure":
        return disclosure(dossier)
    if name not in PARTS or (name == "discussion" and dossier.plan.kind is IdeaKind.REPLICATION):
        return None
    refused = dossier.refused
    if refused is not None and refused.section is not None:
        return _mended(asker, refused.section, refused.findings, dossier)
    return _written(asker, name, dossier)


def title(asker: Asker, dossier: Dossier) -> str:
    """The title, after the paper; a refused one comes back with the reasons."""
    refusals = [_refusal(f) for f in dossier.refused.findings] if dossier.refused else []
    if dossier.refused:
        refusals.insert(0, f'the title "{dossier.refused.title}"')
    prompt = render(
        "write/title",
        materials=_materials(dossier, "title"),
        abstract=_earlier_text(dossier, "abstract"),
        refusals=refusals,
        **_shared(dossier, "title"),
    )
    reply = asker.ask(prompt, TitleReply, check=title_of(_subject(dossier)), max_tokens=256)
    return " ".join(reply.title.split()).strip(" .\"'")


def read_through(asker: Asker, draft: Draft, dossier: Dossier) -> tuple[Section, ...]:
    """Sections with sentences changed: by a critique against the principles, and at the next call by a last read.

    A weak model is not asked, nor is any about a draft that another mind wrote.
    """
    own = tuple(s for s in draft.sections if s.name in PARTS and s.name not in draft.stood_in)
    if dossier.readings >= len(READINGS) or asker.strength("write") is Strength.WEAK or not own:
        return ()
    reading, most = READINGS[dossier.readings]
    prompt = render(
        f"write/{reading}",
        materials=_materials(dossier, reading),
        title=draft.title,
        numbered=material.numbered_draft(draft.sections, own={s.name for s in own}),
        most=most,
        **_shared(dossier, reading),
    )
    reply_type = changes_reply(dossier.evidence, judged=reading == "critique")
    reply: Any = asker.ask(prompt, reply_type, check=known_places(own), max_tokens=READING_TOKENS)
    changes = {c.sentence.strip(): _sentence(c, dossier.evidence) for c in reply.changes[:most]}
    return tuple(changed for s in own if (changed := _changed(s, changes)) != s)


# ------------------------------------------------------------------------------------------- asking


def _written(asker: Asker, name: str, dossier: Dossier) -> Section:
    earlier = [s for n in EARLIER.get(name, ()) for s in dossier.written if s.name == n]
    previous = next((s for s in dossier.previous.sections if s.name == name), None) if dossier.previous else None
    plain = None if asker.strength("write") is Strength.STRONG else plain_section(name, dossier)
    prompt = render(
        "write/section",
        label=name,
        materials=_materials(dossier, name),
        slot=name,
        title=_heading(name),
        earlier=[{"title": s.title, "text": material.as_text(s)} for s in earlier],
        previous=material.as_text(previous) if previous else "",
        plain=material.numbered(plain) if plain else "",
        floats=_floats(dossier, name),
        **_shared(dossier, name),
    )
    reply: Any = asker.ask(
        prompt,
        section_reply(dossier.evidence),
        check=own_text(name, prompt.user.rpartition(TO_WRITE)[2].partition(PRINTED)[0]),
        max_tokens=SECTION_TOKENS[asker.strength("write")],
    )
    paragraphs = (tuple(_sentence(s, dossier.evidence) for s in p.sentences) for p in reply.paragraphs)
    return Section(name=name, title=_heading(name), paragraphs=_filled(paragraphs))


def _mended(asker: Asker, section: Section, findings: Sequence[Finding], dossier: Dossier) -> Section:
    """A refused section with the refused sentences written anew."""
    length = sum(len(p) for p in section.paragraphs)
    prompt = render(
        "write/mend",
        label=section.name,
        materials=_materials(dossier, section.name),
        title=section.title,
        numbered=material.numbered(section),
        refusals=[_refusal(f, section) for f in findings if f.severity is Severity.ERROR],
        floats=_floats(dossier, section.name),
        next_number=length + 1,
        **_shared(dossier, section.name),
    )
    reply: Any = asker.ask(
        prompt, mended_reply(dossier.evidence), check=some_change, max_tokens=SECTION_TOKENS[asker.strength("write")]
    )
    changes = {f"{section.name} {s.number}": _sentence(s, dossier.evidence) for s in reply.sentences}
    added = tuple(_sentence(s, dossier.evidence) for s in reply.sentences if s.number > length)
    changed = _changed(section, changes)
    paragraphs = changed.paragraphs
    if added:
        paragraphs = (*paragraphs[:-1], (*(paragraphs[-1] if paragraphs else ()), *added))
    return changed.model_copy(update={"paragraphs": _filled(paragraphs)})


def _shared(dossier: Dossier, name: str) -> dict[str, Any]:
    parts = PARTS[name]
    study = material.study(dossier)
    shown = {p: p in parts for p in ("outcome", "means", "settings", "novelty")}
    shown["single"] = "single" in parts and bool(study["single"])
    shown["failures"] = "failures" in parts and bool(material.failures(dossier).items)
    shown["records"] = "records" in parts or "short_records" in parts
    return {
        "study": study,
        "text": material.authored(dossier, TEXT.get(name, ())),
        "show": shown,
    }


def _materials(dossier: Dossier, name: str) -> tuple[Material, ...]:
    """What a prompt quotes; the last is the first to be shortened."""
    parts = PARTS[name]
    quoted = [material.novelty(dossier)] if "novelty" in parts else []
    quoted += [material.remarks(dossier)] if dossier.previous is not None else []
    quoted += [material.failures(dossier)] if "failures" in parts else []
    if "records" in parts or "short_records" in parts:
        quoted.append(material.records(dossier, short="records" not in parts))
    return tuple(quoted)


def _earlier_text(dossier: Dossier, name: str) -> str:
    return next((material.as_text(s) for s in dossier.written if s.name == name), "")


def _subject(dossier: Dossier) -> str:
    """The names of what is varied and measured, and the question's words."""
    idea, spec = dossier.chosen.idea, dossier.template
    factors = [f.label for f in spec.factors if f.name in (idea.factor, idea.moderator)]
    metrics = [m.label for m in spec.metrics if m.name == dossier.plan.metric]
    return "; ".join((*factors, *metrics, dossier.topic, spec.title))


def _heading(name: str) -> str:
    return SECTIONS[name][0]


def _floats(dossier: Dossier, name: str) -> list[dict[str, str]]:
    """The floats that are printed in a section: the design with the set-up, all else with the results."""
    wanted = {"setup": lambda id: id == "design", "results": lambda id: id != "design"}.get(name)
    if wanted is None:
        return []
    tables = [(f"tab:{t.id}", t.caption) for t in dossier.tables if wanted(t.id)]
    figures = [(f"fig:{f.id}", f.caption) for f in dossier.figures if wanted(f.id) and f.place == "main"]
    return [{"label": label, "caption": " ".join(s.text for s in told)} for label, told in (*tables, *figures)]


def _refusal(finding: Finding, section: Section | None = None) -> str:
    """A finding as one line, with the number of the sentence that it is about."""
    where = ""
    if section is not None and finding.span is not None:
        sentences = [s.text for p in section.paragraphs for s in p]
        numbers = [str(i) for i, text in enumerate(sentences, 1) if text == finding.span.text]
        where = f"sentence {' and '.join(numbers)}: " if numbers else ""
    part, colon, rest = finding.message.partition(": ")
    message = rest if colon and " " not in part else finding.message  # the part's own name is known to who wrote it
    return where + message + (f" ({finding.mend})" if finding.mend else "")


def _changed(section: Section, changes: dict[str, Sentence]) -> Section:
    """The section with sentences replaced by their number; one of empty text is struck."""
    paragraphs, number = [], 0
    for paragraph in section.paragraphs:
        kept = []
        for old in paragraph:
            number += 1
            new = changes.get(f"{section.name} {number}", old)
            if new.text:
                kept.append(new)
        paragraphs.append(tuple(kept))
    return section.model_copy(update={"paragraphs": _filled(paragraphs)})


def _filled(paragraphs: Iterable[tuple[Sentence, ...]]) -> tuple[tuple[Sentence, ...], ...]:
    without_empty = (tuple(s for s in p if s.text) for p in paragraphs)
    return tuple(p for p in without_empty if p)


def _sentence(written: Any, evidence: Evidence) -> Sentence:
    return sentence(written.text, written.claims, evidence)
