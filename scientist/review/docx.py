"""Word manuscripts (.docx), read from the XML in the archive; nothing is unpacked to disk or loaded from elsewhere."""

from __future__ import annotations

import hashlib
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from scientist.errors import ManuscriptError
from scientist.review.extract import Line
from scientist.review.lines import clean, invisible_characters
from scientist.review.orders import gives_orders
from scientist.review.structure import structure
from scientist.types import Manuscript, ManuscriptImage, Span

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"

_DOCUMENT = "word/document.xml"
_MAX_XML = 60_000_000
_MAX_PARTS = 5000
_TINY_HALF_POINTS = 4
_LEAST_WORDS = 20
_BREAK = "\f"
"""Stands for the end of a page in the text of a paragraph until that is cleaned."""
_SKIPPED = frozenset(
    f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "footnoteReference", "pPr", "rPr", "sectPr", "tblPr")
)


class _Paragraph(NamedTuple):
    text: str
    level: int
    """Of a heading, from 1; 0 for body text, -1 for the title."""
    page: int


def is_docx(path: Path) -> bool:
    """Whether a zip archive is a Word document."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _DOCUMENT in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def read_docx(path: Path) -> Manuscript:
    """Read a Word document as its last version: insertions in, deletions out. Raises ManuscriptError.

    Pages are those that Word noted when the file was last saved; a document that no Word has laid out has none.
    """
    parts = _parts(path)
    reader = _Reader(_levels(parts.get("word/styles.xml")), _targets(parts.get("word/_rels/document.xml.rels")))
    body = _root(parts[_DOCUMENT], path).find(f"{_W}body")
    if body is None:
        raise ManuscriptError(f"{path.name} holds no text", "save it again in Word, or as PDF")
    try:
        paragraphs = [p for p in reader.read(body) if p.text]
    except RecursionError as e:
        raise ManuscriptError(f"{path.name} is nested too deeply to be read", "save it again in Word, or as PDF") from e
    words = sum(len(p.text.split()) for p in paragraphs)
    if words < _LEAST_WORDS:
        raise ManuscriptError(f"{path.name} holds only {words} words", "give the whole paper")
    title = next((p.text for p in paragraphs if p.level < 0), "")
    paged = reader.page > 1
    rest = [p for p in paragraphs if p.level >= 0]
    found = structure([*([Line(text=f"# {title}", page=int(paged))] if title else []), *_lines(rest, paged)])
    return Manuscript(
        file=path.name,
        format="docx",
        title=title or found.title,
        abstract=found.abstract,
        sections=found.sections,
        appendix=found.appendix,
        floats=found.floats,
        references=found.references,
        equations=max(found.equations, reader.equations),
        pages=reader.page if paged else None,
        page_texts=_page_texts(paragraphs, reader.page) if paged else (),
        hidden=(*reader.hidden, *_orders(parts)),
        images=tuple(_images(path, reader.images)),
    )


# ------------------------------------------------------------------------------------------- the archive


def _parts(path: Path) -> dict[str, bytes]:
    """The XML parts that are read, within limits."""
    wanted = re.compile(r"word/(?:document|styles|comments|footnotes|endnotes)\.xml|word/_rels/document\.xml\.rels|"
                        r"docProps/\w+\.xml")  # fmt: skip
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > _MAX_PARTS or sum(i.file_size for i in infos if wanted.fullmatch(i.filename)) > _MAX_XML:
                raise ManuscriptError(f"{path.name} unpacks to too much text", "give the file of one paper")
            for info in infos:
                if wanted.fullmatch(info.filename):
                    parts[info.filename] = archive.read(info)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as e:
        encrypted = _begins(path, b"\xd0\xcf\x11\xe0")
        problem = "is encrypted, or an old .doc file" if encrypted else f"cannot be unpacked: {e}"
        raise ManuscriptError(f"{path.name} {problem}", "save it without a password as .docx, or as PDF") from e
    if _DOCUMENT not in parts:
        raise ManuscriptError(f"{path.name} is no Word document", "save it as .docx or as PDF")
    return parts


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as f:
        return f.read(len(mark)) == mark


def _root(data: bytes, path: Path) -> ElementTree.Element:
    """The XML of a part. Entities are refused: Word writes none, and they can be made to fill the memory."""
    if re.search(rb"<!\s*(?:DOCTYPE|ENTITY)", data) or "<!D".encode("utf-16-le") in data:
        raise ManuscriptError(f"{path.name} holds XML entities, which no Word document does", "save it again in Word")
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as e:
        raise ManuscriptError(f"{path.name} is damaged: {e}", "save it again in Word, or as PDF") from e


def _levels(styles: bytes | None) -> dict[str, int]:
    """The level of each paragraph style that is a heading's or the title's, also through the style it is based on."""
    if not styles:
        return {}
    levels: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in _root(styles, Path("styles.xml")).iter(f"{_W}style"):
        key = style.get(f"{_W}styleId", "")
        name = _value(style.find(f"{_W}name")).lower()
        outline = _value(style.find(f"{_W}pPr/{_W}outlineLvl"))
        heading = re.fullmatch(r"heading (\d)", name)
        if heading:
            levels[key] = int(heading[1])
        elif name == "title":
            levels[key] = -1
        elif outline.isdigit() and int(outline) < 9:
            levels[key] = int(outline) + 1
        based[key] = _value(style.find(f"{_W}basedOn"))
    for key in based:
        parent, steps = key, 0
        while parent and parent not in levels and steps < 10:
            parent, steps = based.get(parent, ""), steps + 1
        if parent in levels:
            levels.setdefault(key, levels[parent])
    return levels


def _targets(relations: bytes | None) -> dict[str, str]:
    """The parts of the archive that relation ids mean; outside targets are left out."""
    if not relations:
        return {}
    found = _root(relations, Path("document.xml.rels")).iter(_RELATION)
    return {r.get("Id", ""): r.get("Target", "") for r in found if r.get("TargetMode") != "External"}


def _value(element: ElementTree.Element | None) -> str:
    return element.get(f"{_W}val", "") if element is not None else ""


# ------------------------------------------------------------------------------------------- the text


class _Reader:
    """Walks through the document in order; keeps the page, and what a reader would not see."""

    def __init__(self, levels: Mapping[str, int], targets: Mapping[str, str]) -> None:
        self._levels = levels
        self._targets = targets
        self.page = 1
        self.equations = 0
        self.hidden: list[Span] = []
        self.images: list[tuple[str, int]] = []

    def read(self, container: ElementTree.Element) -> Iterator[_Paragraph]:
        for child in container:
            if child.tag == f"{_W}p":
                yield self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag not in _SKIPPED:
                yield from self.read(child)

    def _table(self, table: ElementTree.Element) -> Iterator[_Paragraph]:
        """A table's rows, as Markdown writes them; a table of one cell is a frame around text."""
        rows = [list(row.iter(f"{_W}tc")) for row in table.iter(f"{_W}tr")]
        if sum(map(len, rows)) == 1:
            yield from self.read(rows[0][0])
            return
        for number, row in enumerate(rows):
            cells = (" ".join(p.text for p in self.read(cell) if p.text) for cell in row)
            text = " | ".join(cells)
            yield _Paragraph(f"| {text} |", 0, self.page)
            if number == 0:
                yield _Paragraph("|" + "---|" * len(row), 0, self.page)

    def _paragraph(self, paragraph: ElementTree.Element) -> _Paragraph:
        style = _value(paragraph.find(f"{_W}pPr/{_W}pStyle"))
        own = _value(paragraph.find(f"{_W}pPr/{_W}outlineLvl"))
        level = int(own) + 1 if own.isdigit() and int(own) < 9 else self._levels.get(style, 0)
        begun = self.page
        text = "".join(self._text(paragraph))
        begun += text[: len(text) - len(text.lstrip())].count(_BREAK)
        return _Paragraph(" ".join(clean(text).split()), level, begun)

    def _text(self, element: ElementTree.Element) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag in _SKIPPED:
                continue
            if tag == f"{_W}r":
                yield from self._run(child)
            elif tag == f"{_M}oMathPara" or tag == f"{_M}oMath":
                self.equations += tag == f"{_M}oMathPara"
                yield f" {''.join(t.text or '' for t in child.iter(f'{_M}t'))} "
            else:
                yield from self._text(child)

    def _run(self, run: ElementTree.Element) -> Iterator[str]:
        text = "".join(self._pieces(run))
        if text.strip() and _unseen(run.find(f"{_W}rPr")):
            self.hidden.append(Span(text=" ".join(text.split()), page=self.page if self.page > 1 else None))
            return
        characters = invisible_characters(text)
        if len(characters) == 1 and len(characters[0]) > 1:
            self.hidden.append(Span(text=characters[0]))
        yield text

    def _pieces(self, run: ElementTree.Element) -> Iterator[str]:
        for child in run:
            name = child.tag.removeprefix(_W)
            if name == "t":
                yield child.text or ""
            elif name in ("tab", "br", "cr"):
                yield " "
            elif name == "lastRenderedPageBreak":
                self.page += 1
                yield _BREAK
            elif name == "noBreakHyphen":
                yield "-"
            elif child.tag not in _SKIPPED:
                targets = (self._targets.get(b.get(f"{_R}embed", ""), "") for b in child.iter(_BLIP))
                self.images += [(target, self.page) for target in targets if target]


def _unseen(properties: ElementTree.Element | None) -> bool:
    """Whether a reader would not see a run of these properties: hidden, white or tiny."""
    if properties is None:
        return False
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None and _value(vanish) not in ("0", "false"):
        return True
    colour = _value(properties.find(f"{_W}color")).upper()
    shaded = properties.find(f"{_W}shd") is not None or properties.find(f"{_W}highlight") is not None
    if not shaded and re.fullmatch(r"F[0-9A-F]F[0-9A-F]F[0-9A-F]", colour):
        return True
    size = _value(properties.find(f"{_W}sz"))
    return size.isdigit() and int(size) <= _TINY_HALF_POINTS


def _lines(paragraphs: list[_Paragraph], paged: bool) -> Iterator[Line]:
    """Headings as Markdown writes them, and a blank line after each paragraph, not within tables."""
    for paragraph in paragraphs:
        mark = "#" * max(2, min(paragraph.level + 1, 6)) + " " if paragraph.level > 0 else ""
        page = paragraph.page if paged else 0
        yield Line(text=f"{mark}{paragraph.text}", page=page)
        if not paragraph.text.startswith("|"):
            yield Line(text="", page=page)


def _page_texts(paragraphs: list[_Paragraph], pages: int) -> tuple[str, ...]:
    texts = [""] * pages
    for paragraph in paragraphs:
        texts[paragraph.page - 1] += paragraph.text + "\n"
    return tuple(texts)


def _orders(parts: Mapping[str, bytes]) -> Iterator[Span]:
    """Comments and document properties that give orders to a reviewer."""
    for name, data in parts.items():
        if name == "word/comments.xml" or name.startswith("docProps/"):
            for text in _root(data, Path(name)).itertext():
                if gives_orders(text):
                    yield Span(text=" ".join(text.split())[:2000])


def _images(path: Path, found: list[tuple[str, int]]) -> Iterator[ManuscriptImage]:
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        for target, page in found:
            name = posixpath.normpath(posixpath.join("word", target))
            if 0 < sizes.get(name, 0) < 50_000_000:
                digest = hashlib.sha256(archive.read(name)).hexdigest()[:24]
                yield ManuscriptImage(digest=digest, name=posixpath.basename(name), page=page, found=True)
