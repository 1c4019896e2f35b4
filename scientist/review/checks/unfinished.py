"""Signs that the manuscript is not finished: placeholders, unresolved references, empty and doubled sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import all_text, around, counted
from scientist.review.checks.context import Context, error, warning
from scientist.types import Finding

_PLACEHOLDER = re.compile(
    r"\b(?:TODO|FIXME|TBD|TBA|XXX+)\b|\[TO[- ]?DO\b[^\]]{0,80}\]|(?<![\w.])XX\.XX?\b(?!\.\w)|\b(?:Table|Figure|"
    r"Section|Fig\.|Tab\.|Eq\.|"
    r"Equation)\s+XX?\b(?![-\w])|"
    r"(?<![-\w])XX(?=\s*(?:%|minutes|hours|seconds|days|percent|participants|samples|points|epochs|ms|GB)\b)|"
    r"\[(?:REFS?|CITE|CITATION|NUMBER|VALUE|DATE|URL|LINK)\]|"
    r"\[(?:(?:first |second |corresponding )?author(?:['’]s)?(?: names?)?|affiliations?|institution|university|name|"
    r"names? of \w+(?: \w+)?|funding(?: agency)?|grant number|funder|anonymous author)\](?!\()|<names? of [^<>]{2,40}>|"
    r"<(?:author|funder|institution|university|grant number|url|link|citation|reference)(?: names?)?>|"
    r"(?i:\blorem ipsum\b|\binsert (?:an? |the |your )?(?:\w+ )?(?:figure|table|citation|reference|"
    r"results?|numbers?|text|title|name|value|plot|image|caption) ?(?:\d+ )?here\b|\[(?:insert\b|add\b|cite\b|"
    r"citation needed|placeholder|your |name of |to be (?:added|written|completed|filled))[^\]]{0,60}\]|"
    r"\[(?:author|funder|institution|affiliation)s? ?(?:names?)?\](?!\()|"
    r"<(?:insert|placeholder|your)[^>]{0,40}>|\byour (?:name|title|abstract|text|institution) here\b|\b(?:results|"
    r"section|text|details|figure|table|proof|citation)s? (?:is |are )?to be (?:added|written|completed|filled in)\b)"
)
_TALKED_OF = re.compile(
    r"\s*(?:[”’\"'`]|[-–]?\s*(?:source )?(?:comments?|tags?|patterns?|markers?|items?|tokens?|strings?|placeholders?|"
    r"masks?|texts?|"
    r"passages?|filler|notes? in|lists?|entries|labels?|annotations?|format|templates?|prefix(?:es)?|words?|"
    r"paragraphs?)\b)",
    re.IGNORECASE,
)
_MAIN = re.compile(
    r"\d|references|appendix|(?:introduction|background|related works?|methods?|discussion|conclusions?|limitations?|"
    r"acknowledge?ments?)$",
    re.IGNORECASE,
)
"""Headings that stand below no other."""
_QUOTE_MARKS = "“‘`\"'"
_OFTEN = 4
"""Times from which a word is a paper's subject and not what was left open in it."""
_UNRESOLVED = re.compile(
    r"(?<![?\w])\?\?(?![?\w])|[(\[][^()\[\]]{2,80}\d{4}[a-z]?\s*[;,]\s*\?+\s*[);,\]]|"
    r"[(\[]\?+\s*[;,]\s*[A-Z][^()\[\]]{2,80}\d{4}[a-z]?[)\]]|\[\s*\?(?:\s*[,;]\s*\?)*\s*\]|\(\?\)|\[@\?+\]|"
    r"\b(?:Figure|Table|Section|Equation|Eq\.|Fig\.)\s*\?"
)


def placeholders(context: Context) -> Iterator[Finding]:
    """Words that stand for text that is still to be written; each kind once."""
    m = context.manuscript
    text = f"{m.title}\n{all_text(m)}"
    seen: set[str] = set()
    for match in _PLACEHOLDER.finditer(text):
        kind = match.group().lower()
        if kind not in seen and not _is_subject(text, match) and len(seen) < 5:
            seen.add(kind)
            yield error(
                context,
                "placeholders",
                f"unfinished text: “{match.group()}”",
                around(text, *match.span()),
                "write what is missing",
            )


def _is_subject(text: str, match: re.Match[str]) -> bool:
    """Whether the word is talked about: quoted, followed by a word such as comment or pattern, part of a pattern of
    its own, or found again and again."""
    before, after = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + 60]
    word = re.escape(match.group())
    pattern = re.match(r"(?:-X+)+", after)
    rest = after[pattern.end() :] if pattern else after
    if re.search(r"\b(?:marked|tagged|labell?ed|called|reads?|word|comments?|strings?)\s*$", before):
        return True
    quoted = before[-1:] in set(_QUOTE_MARKS) and after[:12].strip(".,")[:1] in set("”’`\"'")
    if match.group()[0] in "[<":
        return quoted
    if quoted or (
        re.match(r"\s*(?:and|or|,)\s+(?:[A-Z]{3,}\s+)?", rest)
        and _TALKED_OF.match(
            re.sub(
                r"^\s*(?:and|or|"
                r",)\s+[A-Z]+",
                "",
                rest,
            )
        )
    ):
        return True
    return _TALKED_OF.match(rest) is not None or len(re.findall(rf"(?<!\w){word}(?!\w)", text)) >= _OFTEN


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
            if i == 0 and part is m.sections and _is_author_line(section.heading, follower):
                continue
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


def _is_author_line(heading: str, follower: str) -> bool:
    """Names set as large as a heading, before the first numbered section."""
    named = re.search(
        r"\[author|\b[A-Z]\.\s*(?:[A-Z]\.\s*)*[A-Z][a-z]|,\s*[A-Z]\w+\s+[A-Z]|\band\s+[A-Z]\w+\s+[A-Z]", heading, re.I
    )
    return named is not None and not heading[:1].isdigit() and re.match(r"1\.?\s", follower) is not None


def _is_below(follower: str, heading: str) -> bool:
    """Whether the next heading may be a subsection's; a main section's usual name is none."""
    number = re.match(r"(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)\.?(?=\s|$)", heading)
    if number:
        return follower.startswith(number.group().rstrip(".") + ".")
    return bool(follower) and not _MAIN.match(follower)


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
