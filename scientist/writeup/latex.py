r"""Turn a checked draft into a paper: build the LaTeX sources, compile them, and keep both in the run folder.

``main.tex`` is the same, byte for byte, for two runs of one seed; what may differ lies in ``run_facts.tex``.
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import Field
from pylatex import Command, Document, NoEscape, Package, Tabular
from pylatex import Figure as FigureFloat
from pylatex import Section as DocumentSection
from pylatex import Table as TableFloat
from pylatex.base_classes import Environment as LatexEnvironment

from scientist.errors import DraftRejected, TypesettingError, UsageError
from scientist.literature.bibtex import bibliography
from scientist.types import Draft, Evidence, Figure, Frozen, Plan, Quantity, Section, Sentence, Table, TemplateSpec
from scientist.workspace import canonical_json, sha256_text, write_bytes, write_text
from scientist.writeup.checks import check_draft, errors
from scientist.writeup.citations import cited_references
from scientist.writeup.compiler import BuildFailed, compile_pdf
from scientist.writeup.provenance import appendix
from scientist.writeup.scan import escape

VENUES = Path(__file__).parent / "venues"
SOURCES = ("main.tex", "values.tex", "run_facts.tex", "refs.bib")
EARLIEST = (1980, 1, 1, 0, 0, 0)


class RunFacts(Frozen):
    """What may differ between two runs of the same seed: dates, times, versions, the machine."""

    run_id: str
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    scientist_version: str
    python: str
    platform: str
    cpu: str
    packages: dict[str, str]
    sandbox: str
    wall_minutes: float
    plan_sha256: str
    mind: str
    verdict: str


class Venue(Frozen):
    """A venue's folder: its style and the templates of the parts that it lays out."""

    name: str
    folder: Path
    documentclass: str
    options: tuple[str, ...]
    style: str
    bibliography_style: str
    notice: str


def typeset(
    draft: Draft,
    *,
    evidence: Evidence,
    plan: Plan,
    spec: TemplateSpec,
    facts: RunFacts,
    run_root: Path,
    folder: Path,
    venue: str = "preprint",
) -> Path:
    """Compile ``draft`` into ``folder/main.pdf`` and return that path; sources and ``build.log`` lie beside it.

    Figures are read from ``run_root``. Raises DraftRejected for a draft that breaks the checks, TypesettingError for
    one that TeX cannot set well, EnvironmentProblem where TeX is missing.
    """
    refused = errors(check_draft(draft, evidence))
    if refused:
        listing = "\n".join(f"- {f.check}: {f.message}" for f in refused)
        raise DraftRejected(f"the draft did not pass the checks before typesetting:\n{listing}", "mend the draft")
    sources = build_sources(draft, evidence, plan, spec, facts, run_root=run_root, venue=venue)
    _write_sources(folder, sources)
    epoch = int(datetime.fromisoformat(facts.date).replace(tzinfo=UTC).timestamp())
    try:
        built = compile_pdf(sources, epoch=epoch)
    except BuildFailed as e:
        write_text(folder / "build.log", e.log)
        raise
    write_text(folder / "build.log", built.log)
    write_bytes(folder / "main.pdf", built.pdf)
    return folder / "main.pdf"


def build_sources(
    draft: Draft,
    evidence: Evidence,
    plan: Plan,
    spec: TemplateSpec,
    facts: RunFacts,
    *,
    run_root: Path,
    venue: str = "preprint",
) -> dict[str, bytes]:
    """Every file of the manuscript's source, by its path relative to ``main.tex``."""
    place = load_venue(venue)
    templates = _templates(place)
    body = _Body(draft, templates)
    main = _document(body, evidence, plan, spec, place)
    used = [evidence.quantity(id) for id in body.used]
    values = templates.get_template("values.tex.j2").render(quantities=[_shown(q) for q in used if not q.volatile])
    run_facts = templates.get_template("run_facts.tex.j2").render(
        facts=_printable(facts, evidence), quantities=[_shown(q) for q in used if q.volatile]
    )
    references = cited_references(draft)
    sources = {
        "main.tex": main.encode(),
        "values.tex": values.encode(),
        "run_facts.tex": run_facts.encode(),
        "refs.bib": bibliography(references).encode(),
        place.style: (place.folder / place.style).read_bytes(),
    }
    for figure in draft.figures:
        sources[_figure_path(figure)] = _figure_bytes(figure, run_root)
    return sources


def source_zip(folder: Path) -> bytes:
    """The sources of a typeset manuscript as a zip that any LaTeX service compiles; same files, same bytes."""
    files = [folder / name for name in SOURCES] + sorted(folder.glob("*.sty")) + sorted((folder / "figures").glob("*"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EARLIEST)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()


def venues() -> list[str]:
    return sorted(p.parent.name for p in VENUES.glob("*/venue.toml"))


def load_venue(name: str) -> Venue:
    """A venue by name. Raises UsageError, listing those there are."""
    if name not in venues():
        raise UsageError(f"no venue is called {name!r}", f"known: {', '.join(venues())}")
    table = tomllib.loads((VENUES / name / "venue.toml").read_text(encoding="utf-8"))
    return Venue(name=name, folder=VENUES / name, **table)


def _document(body: _Body, evidence: Evidence, plan: Plan, spec: TemplateSpec, venue: Venue) -> str:
    draft = body.draft
    document = Document(
        documentclass=venue.documentclass,
        document_options=list(venue.options),
        fontenc=None,
        inputenc=None,
        lmodern=False,
        textcomp=False,
        microtype=False,
        indent=True,
    )
    document.packages.clear()  # PyLaTeX asks for lastpage, which is in texlive-latex-extra
    document.packages.append(Package(Path(venue.style).stem))
    for file in ("values.tex", "run_facts.tex"):
        document.preamble.append(Command("input", NoEscape(file)))
    document.preamble.append(Command("title", NoEscape(escape(draft.title))))
    front = body.templates.get_template("front.tex.j2").render(
        title=draft.title, keywords=spec.keywords, notice=venue.notice
    )
    document.preamble.append(NoEscape(front))
    document.append(Command("maketitle"))
    for section in draft.sections:
        document.append(body.section(section))
    if cited_references(draft):
        document.append(Command("bibliographystyle", venue.bibliography_style))
        document.append(Command("bibliography", "refs"))
    rows = appendix(evidence, body.used)
    template = body.templates.get_template("provenance.tex.j2")
    document.append(NoEscape(template.render(appendix=rows, plan=plan, spec=spec)))
    text: str = document.dumps()
    return text + "\n"


class _Body:
    """The text in the order of print; it remembers which quantities were printed, in the order of their first use."""

    def __init__(self, draft: Draft, templates: Environment) -> None:
        self.draft = draft
        self.templates = templates
        self.used: list[str] = []

    def section(self, section: Section) -> Any:
        """An abstract, or a section with each float after the paragraph that refers to it first."""
        if section.name == "abstract":
            return _environment("abstract", [self.paragraph(p) for p in section.paragraphs])
        out = DocumentSection(NoEscape(section.title), label=False)
        out.append(Command("label", NoEscape(f"sec:{section.name}")))
        waiting = self._floats(section)
        for paragraph in section.paragraphs:
            out.append(self.paragraph(paragraph))
            text = " ".join(s.text for s in paragraph)
            for label in [name for name in waiting if f"\\ref{{{name}}}" in text]:
                out.append(self.float(waiting.pop(label)))
        for item in waiting.values():
            out.append(self.float(item))
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
        if id in self.used:
            return rf"\{command}{{{id}}}"
        self.used.append(id)
        return rf"\{command}first{{{id}}}"

    def _floats(self, section: Section) -> dict[str, Table | Figure]:
        placed = self.draft.placement.get(section.name, ())
        tables = {t.id: t for t in self.draft.tables}
        figures = {f.id: f for f in self.draft.figures}
        return {f"tab:{i}" if i in tables else f"fig:{i}": tables.get(i) or figures[i] for i in placed}

    def _caption(self, sentences: Sequence[Sentence], label: str) -> Iterator[Command]:
        yield Command("caption", NoEscape(" ".join(self.text(s.text) for s in sentences)))
        yield Command("label", NoEscape(label))

    def _table(self, table: Table) -> TableFloat:
        out = TableFloat(position="htbp")
        out.append(Command("centering"))
        out.extend(self._caption(table.caption, f"tab:{table.id}"))
        ragged = table.align.replace("p{", "L{")  # narrow columns are set ragged: justified, they gape
        grid = Tabular(ragged, booktabs=True, width=len(table.header))
        grid.add_row([NoEscape(rf"\tablehead{{{self.text(c)}}}") for c in table.header], escape=False)
        grid.add_hline()
        for row in table.rows:
            grid.add_row([NoEscape(self.text(cell)) for cell in row], escape=False)
        out.append(_environment("fitted", [grid]))  # shrunk where it is wider than the line
        return out

    def _figure(self, figure: Figure) -> FigureFloat:
        out = FigureFloat(position="htbp")
        out.append(Command("centering"))
        width = r"\linewidth" if figure.width == "full" else r"0.62\linewidth"
        out.append(Command("includegraphics", NoEscape(_figure_path(figure)), options=NoEscape(f"width={width}")))
        out.extend(self._caption(figure.caption, f"fig:{figure.id}"))
        return out


def _environment(name: str, data: list[Any]) -> Any:
    """A LaTeX environment that PyLaTeX has no class for."""
    environment = LatexEnvironment(data=data)
    environment._latex_name = name
    return environment


def _figure_path(figure: Figure) -> str:
    return f"figures/{figure.id}{Path(figure.file).suffix.lower()}"


def _figure_bytes(figure: Figure, run_root: Path) -> bytes:
    """The figure's file, which must lie in the run folder and be a format that pdflatex takes."""
    file = (run_root / figure.file).resolve()
    if not file.is_relative_to(run_root.resolve()):
        raise TypesettingError(f"the figure {figure.id!r} lies outside the run folder: {figure.file}", "draw it again")
    if file.suffix.lower() not in (".pdf", ".png", ".jpg"):
        raise TypesettingError(f"the figure {figure.id!r} is no PDF, PNG or JPEG: {figure.file}", "draw it again")
    if not file.is_file():
        raise TypesettingError(f"the figure {figure.id!r} is missing: {file}", "scientist resume draws it again")
    return file.read_bytes()


def _shown(quantity: Quantity) -> dict[str, str]:
    return {
        "id": quantity.id,
        "display": _with_minus(quantity.display),
        "interval": _with_minus(quantity.display_interval),
    }


def _with_minus(display: str) -> str:
    """A typewriter's minus sign before a number as the printed one."""
    return re.sub(r"(?<![\w.)\]}])-(?=\.?\d)", r"\\ensuremath{-}", display)


def _printable(facts: RunFacts, evidence: Evidence) -> dict[str, str]:
    packages = ", ".join(f"{name} {version}" for name, version in sorted(facts.packages.items()))
    fields = {k: str(v) for k, v in facts.model_dump(exclude={"packages", "wall_minutes"}).items()}
    evidence_sha256 = sha256_text(canonical_json(evidence, indent=2) + "\n")
    texts = {
        **fields,
        "packages": packages or "none",
        "wall_minutes": f"{facts.wall_minutes:.1f}",
        "evidence_sha256": evidence_sha256,
    }
    return {key: escape(text) for key, text in texts.items()}


def _write_sources(folder: Path, sources: dict[str, bytes]) -> None:
    """Write the sources and take away what an earlier draft left, so that no old PDF passes for a new one."""
    (folder / "main.pdf").unlink(missing_ok=True)
    for old in (*folder.glob("*.sty"), *(folder / "figures").glob("*")):
        if old.relative_to(folder).as_posix() not in sources:
            old.unlink()
    for name, data in sources.items():
        write_bytes(folder / name, data)


def _templates(venue: Venue) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(venue.folder),
        undefined=StrictUndefined,
        block_start_string=r"\BLOCK{",
        block_end_string="}",
        variable_start_string=r"\VAR{",
        variable_end_string="}",
        comment_start_string=r"\REM{",
        comment_end_string="}",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["tex"] = escape
    return environment
