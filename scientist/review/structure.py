"""Lines to the parts of a paper: title, abstract, sections, captions, reference list, appendix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scientist.review.extract import Line
from scientist.review.lines import body_size, join, leading, vocabulary_of
from scientist.review.references import parse_references
from scientist.review.table_lines import table_lines
from scientist.types import CitedWork, Float, ManuscriptSection

KNOWN = re.compile(
    r"(?:abstract|introduction|background|preliminaries|related works?|(?:prior|previous) work|literature review|"
    r"(?:materials and )?methods?|methodology|approach|our (?:approach|method)|model|theory|problem (?:setting|"
    r"statement|"
    r"setup|formulation)|experiments?|experimental (?:setup|settings?|results|evaluation|design|details)|evaluation|"
    r"results(?: and (?:discussion|analysis))?|analysis|ablation(?: stud(?:y|ies))?s?|discussion|limitations?"
    r"(?: and (?:future work|broader impacts?))?|conclusions?(?: and (?:future work|discussion|outlook))?|"
    r"conclusions?, limitations?,? and future work|future work|broader impacts?(?: statement)?|ethics statement|"
    r"ethical considerations|reproducibility(?: statement)?|acknowledge?ments?|author contributions|references|"
    r"bibliography|literature cited|works cited|appendix|appendices|supplementary materials?|"
    r"(?:neurips )?(?:paper )?checklist|data|datasets?|setup|summary|pre-?registration|provenance|deviations)",
    re.IGNORECASE,
)
REFERENCES = re.compile(r"(?:[\dA-Z]+\.?\s+)?(?:references|bibliography|literature cited|works cited)", re.IGNORECASE)
APPENDIX = re.compile(
    r"(?:[A-Z]\.?\s+)?(?:appendix|appendices|supplementary|supplemental|(?:neurips )?(?:paper )?checklist)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z](?:\.\d{1,2}){0,3}|[IVX]{1,5}\.)\.?\s+(?P<name>\S.*)"
)
_CAPTION = re.compile(
    r"(?P<kind>fig(?:ure|\.)?|table|tab\.)\s*(?P<number>[A-Z]?\.?\d{1,3}(?:\.\d+)?|[IVX]+)\s*(?:[:.|—–]|"
    r"(?=\([a-z]\)))\s*(?P<text>.*)",
    re.IGNORECASE,
)  # fmt: skip
_EQUATION = re.compile(r"(?:^|\s|[^\w\s])\((\d{1,3}|[A-Z]\.?\d{1,3})\)\s*$")
_UNNUMBERED = re.compile(
    r"abstract|references|bibliography|literature cited|works cited|acknowledge?ment|limitation|broader|ethic|"
    r"reproducib|append|supplement|author contrib|(?:neurips |paper )*checklist|conclusion|future work|data avail|"
    r"code avail|funding|competing|provenance|deviations",
    re.IGNORECASE,
)
"""Headings that stand without a number in a paper whose sections are numbered."""
_ABSTRACT = re.compile(r"abstract\b[\s.:—–-]*(.*)", re.IGNORECASE)


class Parts(NamedTuple):
    title: str
    abstract: str
    sections: tuple[ManuscriptSection, ...]
    appendix: tuple[ManuscriptSection, ...]
    floats: tuple[Float, ...]
    references: tuple[CitedWork, ...]
    equations: int


class Style(NamedTuple):
    """What a document's ordinary text looks like."""

    size: float
    leading: float
    vocabulary: frozenset[str]


@dataclass
class _Block:
    heading: str
    page: int
    level: int
    letter: bool
    lines: list[Line] = field(default_factory=list)


def structure(lines: Sequence[Line]) -> Parts:
    """The parts of a paper, from its cleaned lines in reading order."""
    text = [line for line in lines if not line.drawn]
    style = Style(body_size(text), leading(text), vocabulary_of(text))
    start, title = _title(text, style)
    rest, floats = _take_captions(text[start:], style)
    front, blocks = _blocks(rest, style)
    abstract, blocks = _abstract(front, blocks, style)
    main, back, references = _split(blocks)
    return Parts(
        title=title,
        abstract=abstract,
        sections=tuple(_section(b, style) for b in main),
        appendix=tuple(_section(b, style) for b in back),
        floats=tuple(floats),
        references=tuple(parse_references(references, style.vocabulary)),
        equations=_equations(rest),
    )


# ------------------------------------------------------------------------------------------- title and abstract


def _title(lines: Sequence[Line], style: Style) -> tuple[int, str]:
    """Where the text after the title begins, and the title: the largest lines above the abstract on the first page."""
    head = []
    for line in lines[:60]:
        if line.page != lines[0].page or _ABSTRACT.match(line.text):
            break
        head.append(line)
    if not head:
        return 0, ""
    largest = max(line.top for line in head)
    if largest <= style.size or largest == 0:
        text = _markup(head[0].text)
        return (1, text) if len(text) < 250 else (0, "")
    picked = [i for i, line in enumerate(head) if line.top >= largest - 0.6 and line.text]
    run = [picked[0]]
    for i in picked[1:]:
        if i == run[-1] + 1:
            run.append(i)
    return run[-1] + 1, " ".join(join([head[i] for i in run], style.vocabulary, 0.0).split())


def _markup(text: str) -> str:
    return text.lstrip("# ").strip()


def _abstract(front: list[Line], blocks: list[_Block], style: Style) -> tuple[str, list[_Block]]:
    for i, block in enumerate(blocks[:3]):
        match = _ABSTRACT.fullmatch(block.heading)
        if match:
            lines = _without_notes(block.lines, style)
            text = join(lines, style.vocabulary, style.leading)
            return " ".join(f"{match.group(1)} {text}".split()), blocks[:i] + blocks[i + 1 :]
    for i, line in enumerate(front):
        match = _ABSTRACT.match(line.text)
        if match and (line.text[:8] == "Abstract" or line.text[:8] == "ABSTRACT"):
            lines = [line._replace(text=match.group(1)), *front[i + 1 :]]
            return join(_without_notes(lines, style), style.vocabulary, 0.0), blocks
    return "", blocks


def _without_notes(lines: list[Line], style: Style) -> list[Line]:
    """Without the footnotes of the first page, which are set smaller than the abstract."""
    own = body_size(lines)
    return [line for line in lines if line.size >= own - 0.4] if style.size else lines


# ------------------------------------------------------------------------------------------- captions


def _take_captions(lines: Sequence[Line], style: Style) -> tuple[list[Line], list[Float]]:
    """The lines without captions, and the floats that the captions describe, each once."""
    rest: list[Line] = []
    floats: dict[str, Float] = {}
    i = 0
    while i < len(lines):
        match = _CAPTION.fullmatch(lines[i].text)
        if not match or not _opens_caption(lines, i, match, style):
            rest.append(lines[i])
            i += 1
            continue
        end = _caption_end(lines, i, style)
        caption = [lines[i]._replace(text=match["text"]), *lines[i + 1 : end]]
        kind: Literal["figure", "table"] = "table" if match["kind"].lower().startswith("tab") else "figure"
        label = f"{kind.capitalize()} {match['number']}"
        text = " ".join(join(caption, style.vocabulary, 0.0).split())
        printed = table_lines(lines, i, end) if kind == "table" else ()
        floats.setdefault(label, Float(kind=kind, label=label, caption=text, page=lines[i].page or None, lines=printed))
        i = end
    return rest, list(floats.values())


def _opens_caption(lines: Sequence[Line], i: int, match: re.Match[str], style: Style) -> bool:
    """A sentence may begin with "Figure 3." only by accident of a line break: then the line before is unfinished."""
    if not match["text"] and i + 1 >= len(lines):
        return False
    before = lines[i - 1] if i else None
    if before is None or before.page != lines[i].page or not style.size:
        return True
    gap = before.y - lines[i].y
    tight = 0 < gap <= 1.2 * style.leading
    flows = bool(re.search(r"(?:\b(?:in|see|and|of|from|to|with|by|also|the|our)|[,(])$", before.text))
    return not (tight and flows and before.size == lines[i].size)


def _caption_end(lines: Sequence[Line], start: int, style: Style) -> int:
    end = start + 1
    while end < len(lines) and end - start < 12:
        a, b = lines[end - 1], lines[end]
        if not b.text.strip() or b.page != a.page or _CAPTION.fullmatch(b.text) or abs(a.size - b.size) > 0.6:
            break
        if style.leading and not -2 < a.y - b.y <= 1.3 * style.leading:
            break
        if not style.leading and a.text.rstrip().endswith("."):
            break
        if a.text.rstrip().endswith(".") and len(a.text) < 0.75 * max(len(line.text) for line in lines[start:end]):
            break
        if heading_of(b, style):
            break
        end += 1
    return end


# ------------------------------------------------------------------------------------------- sections


class Heading(NamedTuple):
    text: str
    level: int
    letter: bool


def heading_of(line: Line, style: Style) -> Heading | None:
    """The heading that a line is, if it is one."""
    text = line.text.strip()
    marked = re.match(r"(#{1,6})\s+(.*)", text)
    if marked and not style.size:
        return Heading(_plain(marked[2]), len(marked[1]), bool(re.match(r"[A-Z]\.?\s", marked[2])))
    if not 2 < len(text) <= 110 or len(text.split()) > 16 or text[-1] in ",;":
        return None
    numbered = _NUMBERED.fullmatch(text)
    name = numbered["name"] if numbered else text
    known = KNOWN.fullmatch(name.rstrip(":.")) is not None
    if text.endswith(".") and not known:
        return None
    if numbered and _is_numbered_heading(line, name, style, known):
        number = numbered["number"]
        return Heading(text, number.strip(".").count(".") + 1, number[0].isalpha() and not number.endswith("."))
    if known and name[:1].isupper() and (_stands_out(line, style) or not style.size or len(text) < 14):
        return Heading(text.rstrip(":."), 1, False)
    if APPENDIX.match(text) and _stands_out(line, style):
        return Heading(text, 1, True)
    if _stands_out(line, style) and line.top >= style.size + 1.2 and _wordy(name):
        return Heading(text, 1, False)
    return None


def _plain(text: str) -> str:
    return re.sub(r"[*_`]+|\s*\{#[^}]*\}", "", text).strip().rstrip("#").strip()


def _is_numbered_heading(line: Line, name: str, style: Style, known: bool) -> bool:
    if not _wordy(name) or re.search(r"[=<>∈±%]|\d\.\d", name):
        return False
    if style.size:
        return _stands_out(line, style) or name.upper() == name
    if line.text.strip()[0].isalpha():
        return known or name.isupper() or ("," not in name and "." not in name and len(name.split()) <= 8)
    return known or name.istitle() or name.isupper() or len(name.split()) <= 8


def _stands_out(line: Line, style: Style) -> bool:
    return bool(style.size) and (line.bold or line.top >= style.size + 0.9)


def _wordy(name: str) -> bool:
    letters = sum(c.isalpha() for c in name)
    return (
        (name[:1].isupper() or name[:2] in ("1D", "2D", "3D"))
        and letters >= 3
        and letters >= 0.7 * len(name.replace(" ", ""))
    )


def _blocks(lines: Sequence[Line], style: Style) -> tuple[list[Line], list[_Block]]:
    """The lines before the first heading, and a block for each heading."""
    front: list[Line] = []
    blocks: list[_Block] = []
    last: Line | None = None
    found = [heading_of(line, style) for line in lines]
    numbers = sum(h is not None and _NUMBERED.fullmatch(h.text) is not None for h in found) >= 3 and style.size > 0
    for line, heading in zip(lines, found, strict=True):
        if numbers and heading and not _NUMBERED.fullmatch(heading.text) and not _UNNUMBERED.match(heading.text):
            heading = None
        if heading and not style.size and line.text[:1] != "#" and not _in_sequence(heading, blocks):
            heading = None
        listed = bool(blocks) and REFERENCES.fullmatch(blocks[-1].heading) is not None
        if heading and listed and not _ends_list(heading, style):
            heading = None
        if (
            heading is None
            and last is not None
            and blocks
            and not blocks[-1].lines
            and _continues(blocks[-1], last, line, style)
        ):
            blocks[-1].heading = join([last._replace(text=blocks[-1].heading), line], style.vocabulary, 0.0)
            last = line
            continue
        if heading is None:
            (blocks[-1].lines if blocks else front).append(line)
            last = None
            continue
        blocks.append(_Block(heading.text, line.page, heading.level, heading.letter))
        last = line
    return front, blocks


def _ends_list(heading: Heading, style: Style) -> bool:
    """Whether a heading ends the reference list: in plain text "J. Smith" looks like a lettered appendix."""
    if style.size:
        return heading.level == 1 or heading.letter
    name = re.sub(r"^\S+\s+", "", heading.text) if heading.letter else heading.text
    return heading.level == 1 and bool(name.isupper() or KNOWN.fullmatch(name) or APPENDIX.match(heading.text))


def _in_sequence(heading: Heading, blocks: list[_Block]) -> bool:
    """In plain text the items of a list look like headings; a main section's number is one more than the last one's."""
    number = re.match(r"(\d+)\.?\s", heading.text)
    before = [int(m[1]) for b in blocks if (m := re.match(r"(\d+)\.?\s", b.heading))]
    return not (number and before) or int(number[1]) == before[-1] + 1


def _continues(block: _Block, last: Line, line: Line, style: Style) -> bool:
    """A heading that runs on to a second line: same weight and size, close below, a number before the first."""
    if not style.size or not _NUMBERED.fullmatch(block.heading) or not _stands_out(line, style):
        return False
    if line.page != last.page or len(line.text) > 60 or line.bold != last.bold:
        return False
    return line.top == last.top and 0 < last.y - line.y < 1.6 * (line.top or 1)


def _split(blocks: Sequence[_Block]) -> tuple[list[_Block], list[_Block], list[Line]]:
    """Main part, appendix, and the lines of the reference list."""
    main: list[_Block] = []
    back: list[_Block] = []
    references: list[Line] = []
    in_appendix = False
    for block in blocks:
        if REFERENCES.fullmatch(block.heading):
            references += block.lines
            continue
        started = len(main) >= 3
        if started and (block.letter or APPENDIX.match(block.heading)):
            in_appendix = True
        (back if in_appendix or references else main).append(block)
    return main, back, references


def _section(block: _Block, style: Style) -> ManuscriptSection:
    text = join(block.lines, style.vocabulary, style.leading)
    return ManuscriptSection(heading=block.heading, text=text, page=block.page or None)


def _equations(lines: Sequence[Line]) -> int:
    """How many numbered equations: the run 1, 2, 3, … in brackets at line ends, plus lettered ones."""
    found = {m[1] for line in lines if (m := _EQUATION.search(line.text))}
    count = 0
    misses = 0
    for n in range(1, 400):
        if str(n) in found:
            count += 1
            misses = 0
        else:
            misses += 1
        if misses > 2:
            break
    return count + sum(1 for f in found if str(f)[0].isalpha())
