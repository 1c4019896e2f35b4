r"""Turn a checked draft into a paper: build the LaTeX sources, compile them, and keep both in the run folder.

``main.tex`` is the same, byte for byte, for two runs of one seed; what may differ lies in ``run_facts.tex``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import Field
from pylatex import Command, Document, NoEscape, Package

from scientist.errors import DraftRejected, TypesettingError
from scientist.literature.bibtex import bibliography
from scientist.types import Draft, Evidence, Figure, Frozen, Plan, Quantity, TemplateSpec
from scientist.workspace import canonical_json, sha256_text, write_bytes, write_json, write_text
from scientist.writeup.body import MAIN_PAGE, Body, figure_path
from scientist.writeup.checks import check_draft, errors
from scientist.writeup.citations import cited_references
from scientist.writeup.compiler import BuildFailed, Built, compile_pdf
from scientist.writeup.provenance import appendix, breakable, file_hashes
from scientist.writeup.scan import escape
from scientist.writeup.venue import SHARED, SHIPPED, Venue, load_venue, venues

SOURCES = ("main.tex", "values.tex", "run_facts.tex", "refs.bib")
LAYOUT = "layout.json"
WITHHELD = "withheld for review"
ANONYMOUS = (
    "anonymous are paper.pdf and paper-source.zip: hand in those two alone, since the bundle, the review and the other "
    "files name the run or the machine"
)
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


class Layout(Frozen):
    """How a paper came out: its pages, those of its main text, and what was moved to keep a venue's limit.

    ``kept`` is False where the main text is longer than ``page_limit`` even with all that may move moved.
    """

    venue: str
    pages: int
    main_pages: int
    page_limit: int | None
    moved: tuple[str, ...]
    kept: bool
    anonymous: bool

    def sentence(self) -> str:
        """What a user should know of the limit and of an anonymous paper; "" where there is nothing to know."""
        return "; ".join(told for told in (self._limit(), ANONYMOUS if self.anonymous else "") if told)

    def _limit(self) -> str:
        if self.page_limit is None:
            return ""
        moved = f"; moved to the appendix: {', '.join(self.moved)}" if self.moved else ""
        if self.kept:
            return f"the main text has {self.main_pages} of at most {self.page_limit} pages{moved}"
        return (
            f"THE PAGE LIMIT IS NOT KEPT: the main text has {self.main_pages} pages, {self.venue} allows "
            f"{self.page_limit}, and nothing more may be moved{moved}"
        )


def typeset(
    draft: Draft,
    *,
    evidence: Evidence,
    plan: Plan,
    spec: TemplateSpec,
    facts: RunFacts,
    run_root: Path,
    folder: Path,
    venue: Venue | None = None,
    anonymous: bool = False,
) -> Path:
    """Compile ``draft`` into ``folder/main.pdf`` and return that path; sources and ``build.log`` lie beside it.

    Figures are read from ``run_root``. ``layout.json`` says how many pages there are and what was moved to keep the
    venue's limit. Raises DraftRejected for a draft that breaks the checks, TypesettingError for one that TeX cannot set
    well, EnvironmentProblem where TeX is missing.
    """
    refused = errors(check_draft(draft, evidence))
    if refused:
        listing = "\n".join(f"- {f.check}: {f.message}" for f in refused)
        raise DraftRejected(f"the draft did not pass the checks before typesetting:\n{listing}", "mend the draft")
    place = venue or load_venue("preprint")
    epoch = int(datetime.fromisoformat(facts.date).replace(tzinfo=UTC).timestamp())
    moved: tuple[str, ...] = ()
    waiting = [item for item in place.movable if _has(draft, item)]
    while True:
        sources = build_sources(
            draft, evidence, plan, spec, facts, run_root=run_root, venue=place, anonymous=anonymous, moved=moved
        )
        built = _built(folder, sources, epoch)
        pages = _main_pages(built.log)
        if place.page_limit is None or pages <= place.page_limit or not waiting:
            break
        moved = (*moved, waiting.pop(0))
    layout = Layout(
        venue=place.name,
        pages=_pages(built.log),
        main_pages=pages,
        page_limit=place.page_limit,
        moved=moved,
        kept=place.page_limit is None or pages <= place.page_limit,
        anonymous=anonymous or place.anonymous,
    )
    write_json(folder / LAYOUT, layout)
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
    venue: Venue | None = None,
    anonymous: bool = False,
    moved: Sequence[str] = (),
) -> dict[str, bytes]:
    """Every file of the manuscript's source, by its path relative to ``main.tex``.

    ``anonymous`` leaves out what tells whose paper it is: authors, the run's id, the machine. ``moved`` are the parts
    that stand in the appendix, as a venue names them.
    """
    place = venue or load_venue("preprint")
    hidden = anonymous or place.anonymous
    templates = _templates(place)
    body = Body(draft, evidence, place, templates, moved)
    hashes = file_hashes(evidence, run_root)
    main = _document(body, evidence, plan, spec, place, hidden, tuple(hashes))
    used = [evidence.quantity(id) for id in body.used]
    values = templates.get_template("values.tex.j2").render(quantities=[_shown(q) for q in used if not q.volatile])
    told = _withheld(facts) if hidden else facts
    run_facts = templates.get_template("run_facts.tex.j2").render(
        facts=_printable(told, evidence), quantities=[_shown(q) for q in used if q.volatile], hashes=hashes
    )
    sources = {
        "main.tex": main.encode(),
        "values.tex": values.encode(),
        "run_facts.tex": run_facts.encode(),
        "refs.bib": bibliography(cited_references(draft)).encode(),
        **{name: path.read_bytes() for name, path in place.files.items()},
    }
    for figure in draft.figures:
        sources[figure_path(figure)] = _figure_bytes(figure, run_root)
    return sources


def source_zip(folder: Path) -> bytes:
    """The sources of a typeset manuscript as a zip that any LaTeX service compiles; same files, same bytes."""
    styles = sorted(p for p in folder.iterdir() if p.suffix in SHIPPED)
    files = [folder / name for name in SOURCES] + styles + sorted((folder / "figures").glob("*"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EARLIEST)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()


def _built(folder: Path, sources: dict[str, bytes], epoch: int) -> Built:
    """Compile, with sources and log in ``folder`` also where it fails."""
    _write_sources(folder, sources)
    try:
        built = compile_pdf(sources, epoch=epoch)
    except BuildFailed as e:
        write_text(folder / "build.log", e.log)
        raise
    write_text(folder / "build.log", built.log)
    return built


def _main_pages(log: str) -> int:
    return max((int(n) for n in re.findall(rf"{MAIN_PAGE} (\d+)", log)), default=0)


def _pages(log: str) -> int:
    found = re.search(r"Output written on \S+ \((\d+) pages?", log)
    return int(found[1]) if found else 0


def _has(draft: Draft, item: str) -> bool:
    """Whether the draft has what a venue may move."""
    kind, colon, id = item.partition(":")
    if not colon:
        return any(s.name == item for s in draft.sections)
    floats = {"table": {t.id for t in draft.tables}, "figure": {f.id for f in draft.figures}}
    return id in floats[kind] and any(id in ids for ids in draft.placement.values())


def _document(
    body: Body, evidence: Evidence, plan: Plan, spec: TemplateSpec, venue: Venue, anonymous: bool, hashed: Sequence[str]
) -> str:
    draft = body.draft
    document = Document(
        documentclass=venue.documentclass,
        document_options=[*venue.options, *(venue.anonymous_options if anonymous else ())],
        fontenc=None,
        inputenc=None,
        lmodern=False,
        textcomp=False,
        microtype=False,
        indent=True,
    )
    document.packages.clear()  # PyLaTeX asks for lastpage, which is in texlive-latex-extra
    cited = "numbers,sort&compress" if venue.citations == "numbers" else "round,sort&compress"
    document.preamble.append(Command("PassOptionsToPackage", [NoEscape(cited), "natbib"]))
    if venue.style:
        document.preamble.append(Package(Path(venue.style).stem, options=list(venue.style_options) or None))
    document.preamble.append(Package("ledger"))
    for file in ("values.tex", "run_facts.tex"):
        document.preamble.append(Command("input", NoEscape(file)))
    document.preamble.append(Command("title", NoEscape(escape(draft.title))))
    front = body.templates.get_template("front.tex.j2").render(
        title=draft.title, keywords=spec.keywords, anonymous=anonymous
    )
    document.preamble.append(NoEscape(front))
    abstract = next((s for s in draft.sections if s.name == "abstract"), None)
    if venue.abstract_first and abstract is not None:
        document.append(body.section(abstract))
    document.append(Command("maketitle"))
    document.append(NoEscape(rf"\firstpagenotice{{{escape(venue.notice)} \runfact{{verdict}}}}"))
    for part in body.main():
        document.append(part)
    if cited_references(draft):
        document.append(Command("bibliographystyle", NoEscape(venue.bibliography_style)))
        document.append(Command("bibliography", "refs"))
    whole_width = venue.columns == 2 and not body.moved
    document.append(NoEscape(("\\onecolumn" if whole_width else "\\flushfloats") + "\n\\startappendix\n"))
    for part in body.appendix():
        document.append(part)
    rows = appendix(evidence, body.used)
    template = body.templates.get_template("provenance.tex.j2")
    document.append(
        NoEscape(
            template.render(
                appendix=rows, plan=plan, spec=spec, hashed=hashed, widen=venue.columns == 2 and not whole_width
            )
        )
    )
    text: str = document.dumps()
    return text + "\n"


def _withheld(facts: RunFacts) -> RunFacts:
    """The facts without what names a run, a machine or a day."""
    return facts.model_copy(update={"run_id": WITHHELD, "cpu": WITHHELD, "platform": WITHHELD})


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
    styles = [p for p in folder.glob("*") if p.suffix in SHIPPED]
    for old in (*styles, *(folder / "figures").glob("*")):
        if old.relative_to(folder).as_posix() not in sources:
            old.unlink()
    for name, data in sources.items():
        write_bytes(folder / name, data)


def _templates(venue: Venue) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([venue.folder, SHARED]),
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
    environment.filters["breakable"] = breakable
    return environment


__all__ = ["Layout", "RunFacts", "Venue", "build_sources", "load_venue", "source_zip", "typeset", "venues"]
