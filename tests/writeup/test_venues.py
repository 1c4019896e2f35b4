"""Venues: what a folder declares, what TeX lacks for it, page limits, two columns, anonymity, the source zip."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scientist.errors import EnvironmentProblem, UsageError
from scientist.types import Draft, Evidence, Plan, Quantity, Sentence, TemplateSpec
from scientist.workspace import read_json, write_json
from scientist.writeup.body import Body
from scientist.writeup.draft import with_further_figures
from scientist.writeup.latex import WITHHELD, Layout, RunFacts, build_sources, source_zip, typeset
from scientist.writeup.provenance import file_hashes, ranges
from scientist.writeup.venue import Venue, lacking, load_venue, require, venues

needs_tex = pytest.mark.skipif(shutil.which("latexmk") is None, reason="latexmk is not installed")
OWN = """
title = "A style of one's own"
documentclass = "article"
style = "own.sty"
bibliography_style = "plainnat"
"""


@pytest.fixture
def parts(draft: Draft, evidence: Evidence, plan: Plan, spec: TemplateSpec, facts: RunFacts) -> dict[str, Any]:
    return {"draft": draft, "evidence": evidence, "plan": plan, "spec": spec, "facts": facts}


def own(tmp_path: Path, toml: str = OWN) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "venue.toml").write_text(toml)
    (folder / "own.sty").write_text("\\ProvidesPackage{own}\n")
    return folder


def test_every_venue_is_whole() -> None:
    for name in venues():
        venue = load_venue(name)
        assert venue.title and venue.style in venue.files
        assert set(lacking(venue)) <= set(venue.needs) or shutil.which("kpsewhich") is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("colums = 2", "unknown key 'colums'"),
        ("columns = 3", "columns"),
        ('movable = ["results"]', "'results' cannot be moved"),
        ('movable = ["panel:a"]', "'panel:a' cannot be moved"),
        ('uncounted = ["thanks"]', "'thanks' is no section"),
        ("page_limit = 0", "page_limit"),
        ("title =", "not TOML"),
    ],
)
def test_a_folder_that_declares_nonsense_is_told_what_and_where(tmp_path: Path, line: str, told: str) -> None:
    folder = own(tmp_path, OWN + line + "\n")
    with pytest.raises(UsageError, match=re.escape(told)) as caught:
        load_venue("preprint", folder)
    assert "venue.toml" in caught.value.message


def test_a_folder_without_its_style_or_declaration_is_refused(tmp_path: Path) -> None:
    folder = own(tmp_path)
    assert load_venue("preprint", folder).name == "own"
    (folder / "own.sty").unlink()
    with pytest.raises(UsageError, match=r"there is no own\.sty"):
        load_venue("preprint", folder)
    with pytest.raises(UsageError, match="cannot be read"):
        load_venue("preprint", tmp_path)


@needs_tex
def test_a_class_that_tex_lacks_names_its_debian_package(tmp_path: Path) -> None:
    toml = OWN.replace('"article"', '"nosuchclass"') + '\n[needs]\n"nosuchclass.cls" = "texlive-publishers"\n'
    with pytest.raises(EnvironmentProblem, match=r"nosuchclass\.cls") as caught:
        require(load_venue("preprint", own(tmp_path, toml)))
    assert "apt-get install --no-install-recommends texlive-publishers" in caught.value.hint
    (tmp_path / "own" / "nosuchclass.cls").write_text("")
    require(load_venue("preprint", tmp_path / "own"))


def _text(pdf: Path) -> str:
    from pypdf import PdfReader

    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


@needs_tex
def test_a_page_limit_moves_material_and_says_where_and_when_it_cannot_be_kept(
    parts: dict[str, Any], run_root: Path, tmp_path: Path
) -> None:
    """A limit that this short draft cannot keep; every number that it printed is still in it."""
    movable = ("table:main", "figure:none", "discussion")
    venue = load_venue("preprint2").model_copy(update={"page_limit": 1, "movable": movable, "name": "tight"})
    pdf = typeset(**parts, run_root=run_root, folder=tmp_path, venue=venue, anonymous=True)
    layout = read_json(tmp_path / "layout.json")
    assert layout["moved"] == ["table:main", "discussion"][: len(layout["moved"])] and layout["moved"]
    assert layout["kept"] == (layout["main_pages"] <= 1)
    assert "hand in those two alone" in Layout.model_validate(layout).sentence()
    main = (tmp_path / "main.tex").read_text()
    body, _, appendix = main.partition(r"\startappendix")
    assert r"was moved to Appendix~\ref{sec:moved}" in body and r"\label{tab:main}" in appendix
    text = _text(pdf)
    assert all(f"{value:g}" in text for value in (0.71, 0.82, 0.93))
    assert_anonymous(pdf, tmp_path)


def assert_anonymous(pdf: Path, folder: Path) -> None:
    from pypdf import PdfReader

    reader = PdfReader(pdf)
    told = f"{_text(pdf)} {dict(reader.metadata or {})}"
    told += "".join(p.read_text() for p in folder.glob("*.tex"))
    assert "Anonymous" in str((reader.metadata or {}).get("/Author"))
    for secret in ("weight-decay-and-grokking-1a2b", "An Ordinary CPU", "Linux-6.1", str(folder.parent), "/root"):
        assert secret not in told
    assert WITHHELD in told and "automated system" in told


def test_moved_sections_leave_a_pointer_and_nothing_is_lost(parts: dict[str, Any], run_root: Path) -> None:
    whole = build_sources(**parts, run_root=run_root)["main.tex"].decode()
    moved = build_sources(**parts, run_root=run_root, moved=("setup", "table:design"))["main.tex"].decode()
    body, _, appendix = moved.partition(r"\startappendix")
    assert r"This section is in Appendix~\ref{sec:setup}" in body
    assert r"\label{sec:setup}" in appendix and r"\label{tab:design}" in appendix and "sec:moved" not in moved
    used = set(re.findall(r"\\(?:val|ci)(?:first)?\{([^}]+)\}", whole))
    assert used == set(re.findall(r"\\(?:val|ci)(?:first)?\{([^}]+)\}", moved))


def test_further_figures_stand_behind_the_references_and_count_as_no_main_text(
    parts: dict[str, Any], run_root: Path
) -> None:
    draft: Draft = parts["draft"]
    behind = draft.figures[0].model_copy(
        update={"id": "more", "place": "appendix", "pointer": Sentence(text=r"See Figure~\ref{fig:more}.")}
    )
    further = with_further_figures(draft.model_copy(update={"figures": (*draft.figures, behind)}))
    for name in ("preprint", "preprint2"):
        sources = build_sources(**{**parts, "draft": further}, run_root=run_root, venue=load_venue(name))
        body, _, appendix = sources["main.tex"].decode().partition(r"\startappendix")
        assert "Further figures" not in body and r"\bibliography{refs}" in body
        assert appendix.index(r"\label{fig:more}") < appendix.index("Provenance of every number")
        assert r"\ledgermainpage" not in appendix
        # An appendix of figures takes the whole width of a page in two columns.
        assert (r"\onecolumn" in body) == (name == "preprint2") and r"\onecolumn" not in appendix
        assert "figure*" not in appendix


def test_wide_floats_span_both_columns(draft: Draft, evidence: Evidence) -> None:
    def floats(name: str) -> list[str]:
        from scientist.writeup.latex import _templates

        venue: Venue = load_venue(name)
        body = Body(draft, evidence, venue, _templates(venue))
        return [body.float(item).dumps().split("}")[0] for item in (*draft.tables, *draft.figures)]

    assert floats("preprint2") == [r"\begin{table", r"\begin{table*", r"\begin{figure*"]
    assert floats("preprint") == [r"\begin{table", r"\begin{table", r"\begin{figure"]


@needs_tex
@pytest.mark.parametrize("name", ["ieee", "acm"])
def test_the_zip_of_a_conference_style_compiles_by_itself(
    parts: dict[str, Any], run_root: Path, tmp_path: Path, name: str
) -> None:
    venue = load_venue(name)
    if missing := lacking(venue):
        pytest.skip(f"TeX lacks {', '.join(missing)}")
    pdf = typeset(**parts, run_root=run_root, folder=tmp_path / "m", venue=venue)
    assert "Does weight decay" in _text(pdf)
    zipfile.ZipFile(io.BytesIO(source_zip(tmp_path / "m"))).extractall(tmp_path / "empty")
    _plain_tex(tmp_path / "empty")


def _plain_tex(folder: Path) -> None:
    """pdflatex, bibtex, pdflatex twice, as any LaTeX service does it."""
    tex = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main"]
    for command in (tex, ["bibtex", "main"], tex, tex):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    assert not re.search(r"(Citation|Reference) .* undefined", (folder / "main.log").read_text(errors="replace"))


def test_hashes_of_result_files_are_printed_by_condition_and_seed(tmp_path: Path) -> None:
    names = [f"nodes/a/seed_{n}/final_info.json" for n in (7, 8)]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True)
        write_json(tmp_path / name, {"seed": name})
    sources = tuple(f"{name}#/d/means/m" for name in names)
    quantity = Quantity(id="m", label="m", value=1, display="1", kind="mean", sources=sources)
    slow = Quantity(id="t", label="t", value=1, display="1", kind="time", sources=("nodes/a/x.json",), volatile=True)
    shown = file_hashes(Evidence(plan_sha256="", look=1, quantities=(quantity, slow), claims=()), tmp_path)
    assert list(shown) == ["nodes/a/seed_*/final_info.json"]
    assert re.fullmatch(r"7:~[0-9a-f]{12}, 8:~[0-9a-f]{12}", shown["nodes/a/seed_*/final_info.json"])
    assert ranges((3, 1, 2, 7)) == "1--3, 7"
