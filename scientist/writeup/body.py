"""The text of the paper in the order of print, with its floats, as LaTeX for one or two columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment
from pylatex import Command, NoEscape, Tabular
from pylatex import Figure as FigureFloat
from pylatex import Section as DocumentSection
from pylatex import Table as TableFloat
from pylatex.base_classes import Environment as LatexEnvironment

from scientist.types import Draft, Evidence, Figure, Section, Sentence, Table
from scientist.writeup.draft import APPENDIX
from scientist.writeup.scan import escape
from scientist.writeup.venue import Venue

MAIN_PAGE = "scientist main text on page"
"""What the log of TeX says of each page that holds main text, as its page is shipped out."""
COLUMN_CHARACTERS = 62
"""About as many characters of a table fit into a column of two."""
GAP_CHARACTERS = 2


class Body:
    """Writes sections and floats; it remembers which quantities were printed where, in the order of first use."""

    def __init__(
        self, draft: Draft, evidence: Evidence, venue: Venue, templates: Environment, moved: Sequence[str] = ()
    ) -> None:
        self.draft = draft
        self.venue = venue
        self.templates = templates
        self.moved = frozenset(moved)
        self.used: dict[str, list[str]] = {}
        """The sections in which each quantity is printed."""
        self._shown = {q.id: (q.display, q.display_interval) for q in evidence.quantities}
        self._here = ""
        self._appendix = False

    def main(self) -> Iterator[Any]:
        """The sections of the main text, each followed by the mark of its page where the venue counts it."""
        for section in self.draft.sections:
            if section.name == APPENDIX or (section.name == "abstract" and self.venue.abstract_first):
                continue
            if section.name in self.moved:
                yield self._pointer(section)
            else:
                yield self.section(section)
            if section.name not in self.venue.uncounted:
                yield Command("ledgermainpage")

    def appendix(self) -> Iterator[Any]:
        """The sections and floats that were moved behind the references, and the figures that belong there."""
        self._appendix = True
        for section in self.draft.sections:
            if section.name in self.moved or section.name == APPENDIX:
                yield self.section(section)
        strays = [
            (section, label, item)
            for section in self.draft.sections
            if section.name not in self.moved
            for label, item in self._floats(section).items()
            if self._key(label) in self.moved
        ]
        if strays:
            yield NoEscape("\\section{Further tables and figures}\\label{sec:moved}\n")
            yield NoEscape("What follows belongs to the main text and was moved here to keep its page limit.\n")
        for section, _, item in strays:
            self._here = section.name
            yield self.float(item)
            yield NoEscape("\\flushfloats\n")

    @property
    def _two_columns(self) -> bool:
        """Whether a float may take one of two columns; an appendix of figures takes the whole width of the page."""
        return self.venue.columns == 2 and not (self._appendix and not self.moved)

    def section(self, section: Section) -> Any:
        """An abstract, or a section with each float after the paragraph that refers to it first."""
        self._here = section.name
        if section.name == "abstract":
            return environment("abstract", [self.paragraph(p) for p in section.paragraphs])
        out = DocumentSection(NoEscape(self._heading(section)), label=False)
        out.append(Command("label", NoEscape(f"sec:{section.name}")))
        waiting = self._floats(section)
        for paragraph in section.paragraphs:
            out.append(self.paragraph(paragraph))
            text = " ".join(s.text for s in paragraph)
            for label in [name for name in waiting if f"\\ref{{{name}}}" in text]:
                out.append(self._placed(label, waiting.pop(label)))
        for label, item in waiting.items():
            out.append(self._placed(label, item))
        return out

    def paragraph(self, sentences: Sequence[Sentence]) -> NoEscape:
        lines = [self.text(s.text) for s in sentences]
        return NoEscape(self.templates.get_template("paragraph.tex.j2").render(sentences=lines))

    def float(self, item: Table | Figure) -> Any:
        return self._table(item) if isinstance(item, Table) else self._figure(item)

    def text(self, text: str) -> str:
        r"""A text whose first ``\val``/``\ci`` of each quantity is marked, so that its row can name the page."""
        return re.sub(r"\\(val|ci)\{([^{}]*)\}", self._mark, text)

    def _mark(self, match: re.Match[str]) -> str:
        command, id = match[1], match[2].strip()
        first = id not in self.used
        places = self.used.setdefault(id, [])
        if self._here not in places:
            places.append(self._here)
        return rf"\{command}first{{{id}}}" if first else rf"\{command}{{{id}}}"

    def _heading(self, section: Section) -> str:
        title = self.venue.headings.get(section.name)
        return section.title if title is None else escape(title)

    def _pointer(self, section: Section) -> NoEscape:
        """What stands in the place of a section that was moved."""
        return NoEscape(
            f"\n\\par\\textit{{{self._heading(section)}.}} This section is in Appendix~\\ref{{sec:{section.name}}}, "
            "whole, where it was moved to keep the page limit.\n\n"
        )

    def _placed(self, label: str, item: Table | Figure) -> Any:
        if self._appendix or self._key(label) not in self.moved:
            return self.float(item)
        kind = "Table" if isinstance(item, Table) else "Figure"
        return NoEscape(
            f"\n({kind}~\\ref{{{label}}} was moved to Appendix~\\ref{{sec:moved}} to keep the page limit.)\n\n"
        )

    def _key(self, label: str) -> str:
        """A float as a venue names it."""
        return label.replace("tab:", "table:").replace("fig:", "figure:")

    def _floats(self, section: Section) -> dict[str, Table | Figure]:
        placed = self.draft.placement.get(section.name, ())
        tables = {t.id: t for t in self.draft.tables}
        figures = {f.id: f for f in self.draft.figures}
        return {f"tab:{i}" if i in tables else f"fig:{i}": tables.get(i) or figures[i] for i in placed}

    def _caption(self, sentences: Sequence[Sentence], label: str) -> Iterator[Command]:
        yield Command("caption", NoEscape(" ".join(self.text(s.text) for s in sentences)))
        yield Command("label", NoEscape(label))
        if not self._appendix:
            yield Command("ledgermainpage")

    def _table(self, table: Table) -> Any:
        out = _float(TableFloat, "table", wide=self._two_columns and self._is_wide(table))
        out.append(Command("centering"))
        out.extend(self._caption(table.caption, f"tab:{table.id}"))
        ragged = table.align.replace("p{", "L{")  # narrow columns are set ragged: justified, they gape
        grid = Tabular(ragged, booktabs=True, width=len(table.header))
        grid.add_row([NoEscape(rf"\tablehead{{{self.text(c)}}}") for c in table.header], escape=False)
        grid.add_hline()
        for row in table.rows:
            grid.add_row([NoEscape(self.text(cell)) for cell in row], escape=False)
        out.append(environment("fitted", [grid]))  # shrunk where it is wider than the line
        return out

    def _is_wide(self, table: Table) -> bool:
        """Whether a table needs both columns: by the characters that its widest cells print."""
        columns = zip(table.header, *table.rows, strict=True)
        printed = [max(len(self._plain(cell)) for cell in column) for column in columns]
        return "p{" in table.align or sum(printed) + GAP_CHARACTERS * len(printed) > COLUMN_CHARACTERS

    def _plain(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            display, interval = self._shown.get(match[2].strip(), ("", ""))
            return display if match[1] == "val" else interval

        return re.sub(r"\\[a-z]+|[{}$]", "", re.sub(r"\\(val|ci)\{([^{}]*)\}", value, text))

    def _figure(self, figure: Figure) -> Any:
        full = figure.width == "full"
        out = _float(FigureFloat, "figure", wide=self._two_columns and full)
        out.append(Command("centering"))
        width = r"\linewidth" if full or self._two_columns else r"0.62\linewidth"
        out.append(Command("includegraphics", NoEscape(figure_path(figure)), options=NoEscape(f"width={width}")))
        out.extend(self._caption(figure.caption, f"fig:{figure.id}"))
        return out


def environment(name: str, data: list[Any]) -> Any:
    """A LaTeX environment that PyLaTeX has no class for."""
    made = LatexEnvironment(data=data)
    made._latex_name = name
    return made


def figure_path(figure: Figure) -> str:
    return f"figures/{figure.id}{Path(figure.file).suffix.lower()}"


def _float(kind: Any, name: str, *, wide: bool) -> Any:
    """A float of one column, or over both, which LaTeX sets at the top of a page only."""
    out = kind(position="tp" if wide else "htbp")
    if wide:
        out._latex_name = f"{name}*"
    return out
