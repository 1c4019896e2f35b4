"""Signs that the manuscript is not finished: placeholders, unresolved references, empty and doubled sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import all_text, around, counted
from scientist.review.checks.context import Context, error, warning
from scientist.types import Finding

_PLACEHOLDER = re.compile(
    r"\b(?:TODO|FIXME|TBD|TBA|XXX+)\b|(?i:\blorem ipsum\b|\binsert (?:an? |the |your )?(?:\w+ )?(?:figure|table|"
    r"citation|reference|"
    r"results?|numbers?|text|title|name|value|plot|image|caption) ?(?:\d+ )?here\b|\[(?:insert\b|add\b|cite\b|"
    r"citation needed|placeholder|your )[^\]]{0,60}\]|"
    r"<(?:insert|placeholder|your)[^>]{0,40}>|\byour (?:name|title|abstract|text|institution) here\b|\b(?:results|"
    r"section|text|details|figure|table|proof|citation)s? (?:is |are )?to be (?:added|written|completed|filled in)\b)"
)
_UNRESOLVED = re.compile(
    r"(?<![?\w])\?\?(?![?\w])|\[\?(?:\s*[,;]\s*\?)*\]|\(\?\)|\[@\?+\]|\b(?:Figure|Table|Section|Equation|Eq\.|"
    r"Fig\.)\s*\?"
)


def placeholders(context: Context) -> Iterator[Finding]:
    """Words that stand for text that is still to be written; each kind once."""
    m = context.manuscript
    text = f"{m.title}\n{all_text(m)}"
    seen: set[str] = set()
    for match in _PLACEHOLDER.finditer(text):
        kind = match.group().lower()
        if kind not in seen and len(seen) < 5:
            seen.add(kind)
            yield error(
                context,
                "placeholders",
                f"unfinished text: “{match.group()}”",
                around(text, *match.span()),
                "write what is missing",
            )


def unresolved_references(context: Context) -> Iterator[Finding]:
    """Cross-references and citations that the typesetting left as question marks."""
    text = all_text(context.manuscript)
    matches = list(_UNRESOLVED.finditer(text))
    if matches:
        told = counted(len(matches), "cross-reference or citation is", "cross-references or citations are")
        yield warning(
            context,
            "unresolved_references",
            f"{told} not resolved (“{matches[0].group()}”)",
            around(text, *matches[0].span()),
            "name an existing label or entry, and typeset again until no warning is left",
        )


def empty_sections(context: Context) -> Iterator[Finding]:
    """A heading with nothing under it, unless a subsection follows."""
    m = context.manuscript
    for part in (m.sections, m.appendix):
        for i, section in enumerate(part):
            follower = part[i + 1].heading if i + 1 < len(part) else ""
            empty = len(section.text.split()) < 3 and not re.match(r"append|supplement", section.heading, re.IGNORECASE)
            if empty and not _is_below(follower, section.heading) and not _floats_on(context, section.page):
                yield warning(
                    context,
                    "empty_sections",
                    f"section “{section.heading}” is empty",
                    section.heading,
                    "write it or take the heading out",
                )


def _floats_on(context: Context, page: int | None) -> bool:
    """An appendix section may hold a table and no words."""
    later = {page, (page or 0) + 1}
    appendix = {s.page for s in context.manuscript.appendix}
    return page is not None and page in appendix and any(f.page in later for f in context.manuscript.floats)


def _is_below(follower: str, heading: str) -> bool:
    number = re.match(r"[A-Z\d]+(?:\.\d+)*", heading)
    if number:
        return follower.startswith(number.group().rstrip(".") + ".")
    return bool(follower) and not re.match(r"(?:\d|references|appendix)", follower, re.IGNORECASE)


def doubled_sections(context: Context) -> Iterator[Finding]:
    """Two main sections of the same name."""
    seen: dict[str, str] = {}
    for section in context.manuscript.sections:
        number = re.match(r"(\d+)\.?\s+(?!\d)", section.heading)
        name = re.sub(r"^[\d.]+\s*", "", section.heading).strip().lower()
        if number and name in seen:
            yield warning(
                context,
                "doubled_sections",
                f"two sections are called “{name}” ({seen[name]} and {section.heading})",
                section.heading,
                "merge them",
            )
        if number:
            seen[name] = section.heading
