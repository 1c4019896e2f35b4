"""Typesetting: the sources, a real compilation, and TeX kept from the rest of the machine."""

from __future__ import annotations

import io
import os
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from small_study import say, section

from scientist.errors import DraftRejected, EnvironmentProblem, TypesettingError, UsageError
from scientist.types import Draft, Evidence, Plan, TemplateSpec
from scientist.workspace import sha256_file, write_json
from scientist.writeup.compiler import BuildFailed, compile_pdf, read_problems
from scientist.writeup.latex import RunFacts, build_sources, load_venue, source_zip, typeset, venues
from scientist.writeup.provenance import SAME, appendix, breakable, collapse, letter
from scientist.writeup.scan import TYPESETTABLE, escape

SOURCES = ["main.tex", "values.tex", "run_facts.tex", "refs.bib", "ledger.sty", "preprint.sty"]
needs_tex = pytest.mark.skipif(shutil.which("latexmk") is None, reason="latexmk is not installed")


@pytest.fixture
def parts(draft: Draft, evidence: Evidence, plan: Plan, spec: TemplateSpec, facts: RunFacts) -> dict[str, Any]:
    return {"draft": draft, "evidence": evidence, "plan": plan, "spec": spec, "facts": facts}


@pytest.fixture(scope="session")
def paper(
    draft: Draft,
    evidence: Evidence,
    plan: Plan,
    spec: TemplateSpec,
    facts: RunFacts,
    run_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    if shutil.which("latexmk") is None:
        pytest.skip("latexmk is not installed")
    folder = tmp_path_factory.mktemp("manuscript")
    (folder / "main.pdf").write_bytes(b"an old draft")
    return typeset(draft, evidence=evidence, plan=plan, spec=spec, facts=facts, run_root=run_root, folder=folder)


def test_the_paper_is_a_pdf_that_says_what_it_is(paper: Path) -> None:
    from pypdf import PdfReader

    reader = PdfReader(paper)
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert 2 <= len(reader.pages) <= 4
    for words in (
        "Machine-written preprint",
        "automated research system",
        "no human has checked",
        "Provenance of every",
    ):
        assert words.lower() in " ".join(text.split()).lower()
    assert "0.22" in text and "??" not in text and "Not cited" not in text
    assert reader.metadata is not None and reader.metadata.title.startswith("Does weight decay")
    assert "D:20261122" in str(reader.metadata.get("/CreationDate"))
    assert (paper.parent / "build.log").read_text().startswith("This is pdfTeX")


def test_each_number_links_to_its_row_and_back(paper: Path) -> None:
    from pypdf import PdfReader

    reader = PdfReader(paper)
    targets = set(reader.named_destinations)
    links = {
        str(annotation.get_object()["/A"]["/D"])
        for page in reader.pages
        for annotation in page.get("/Annots", [])
        if annotation.get_object().get("/A", {}).get("/S") == "/GoTo"
    }
    assert {"q:effect.acc_high", "use:effect.acc_high", "q:time.total"} <= links
    assert links <= targets


def test_main_holds_nothing_that_may_differ(parts: dict[str, Any], run_root: Path) -> None:
    first = build_sources(**parts, run_root=run_root)
    evidence, facts = parts["evidence"], parts["facts"]
    slower = tuple(
        q.model_copy(update={"value": 99.9, "display": "99.9"}) if q.volatile else q for q in evidence.quantities
    )
    later = facts.model_copy(update={"run_id": "other", "date": "2027-01-01", "python": "3.12.0", "wall_minutes": 99.9})
    again = {**parts, "evidence": evidence.model_copy(update={"quantities": slower}), "facts": later}
    second = build_sources(**again, run_root=run_root)
    assert {name for name in first if first[name] != second[name]} == {"run_facts.tex"}
    assert b"99.9" in second["run_facts.tex"] and b"2027-01-01" in second["run_facts.tex"]


def test_the_pdf_is_the_same_twice(paper: Path) -> None:
    folder = paper.parent
    names = [*SOURCES, "figures/effect.pdf"]
    sources = {name: (folder / name).read_bytes() for name in names}
    assert compile_pdf(sources, epoch=1795305600).pdf == paper.read_bytes()


def test_the_evidence_hash_is_that_of_the_file(parts: dict[str, Any], run_root: Path, tmp_path: Path) -> None:
    write_json(tmp_path / "evidence.json", parts["evidence"])
    facts = build_sources(**parts, run_root=run_root)["run_facts.tex"].decode()
    assert sha256_file(tmp_path / "evidence.json") in facts


def test_the_source_zip_is_whole_and_the_same_twice(paper: Path) -> None:
    data = source_zip(paper.parent)
    for file in paper.parent.iterdir():
        os.utime(file, (0, 0))
    assert source_zip(paper.parent) == data
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert names == [*SOURCES, "figures/effect.pdf"]


def test_an_unchecked_draft_is_not_typeset(parts: dict[str, Any], run_root: Path, tmp_path: Path) -> None:
    draft = parts["draft"]
    sections = (*draft.sections[:-1], section("disclosure", (say(r"\input{/etc/passwd}"),)))
    with pytest.raises(DraftRejected, match="forbidden_latex"):
        typeset(
            **{**parts, "draft": draft.model_copy(update={"sections": sections})}, run_root=run_root, folder=tmp_path
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["figures/none.pdf", "../outside.pdf", "/etc/passwd", "figures/effect.json"])
def test_figures_come_from_the_run_folder(parts: dict[str, Any], run_root: Path, file: str) -> None:
    draft = parts["draft"]
    figure = draft.figures[0].model_copy(update={"file": file})
    with pytest.raises(TypesettingError, match="effect"):
        build_sources(**{**parts, "draft": draft.model_copy(update={"figures": (figure,)})}, run_root=run_root)


def test_unknown_venues_are_named(tmp_path: Path) -> None:
    assert venues() == ["acm", "ieee", "preprint", "preprint2"]
    assert load_venue("preprint").documentclass == "article"
    with pytest.raises(UsageError, match="nature") as caught:
        load_venue("../nature")
    assert "preprint" in caught.value.hint


@needs_tex
def test_tex_cannot_read_or_write_outside_or_run_programs(tmp_path: Path) -> None:
    canary = tmp_path / "written"
    source = rf"""\documentclass{{article}}\begin{{document}}
\newread\f \openin\f=/etc/passwd \ifeof\f SHUT \else \read\f to\x OPEN \x \fi
\openin\f=../../etc/passwd \ifeof\f SHUT \else OPEN \fi
\immediate\write18{{touch {canary}}}
\input{{|"touch {canary}"}}
\end{{document}}"""
    with pytest.raises(BuildFailed) as caught:
        compile_pdf({"main.tex": source.encode()}, epoch=0)
    assert "main.tex:5" in caught.value.message
    assert not canary.exists()
    assert "OPEN" not in caught.value.log and "root:" not in caught.value.log


@needs_tex
@pytest.mark.parametrize(
    "attack", [r"\input{/etc/passwd}", r"\newwrite\w \immediate\openout\w=/tmp/scientist-tex-canary "]
)
def test_tex_stops_at_a_path_outside(attack: str) -> None:
    source = rf"\documentclass{{article}}\begin{{document}}a {attack} b\end{{document}}"
    with pytest.raises(BuildFailed):
        compile_pdf({"main.tex": source.encode()}, epoch=0)
    assert not Path("/tmp/scientist-tex-canary").exists()


@needs_tex
def test_an_endless_document_is_stopped() -> None:
    source = rb"\documentclass{article}\begin{document}\def\x{\x}\x\end{document}"
    began = time.monotonic()
    with pytest.raises(TypesettingError, match="did not end within 2 s"):
        compile_pdf({"main.tex": source}, epoch=0, timeout_s=2)
    assert time.monotonic() - began < 10


@needs_tex
def test_errors_name_file_line_and_source() -> None:
    source = "\\documentclass{article}\n\\begin{document}\nWell \\undefinedhere{} then.\n\\end{document}\n"
    with pytest.raises(BuildFailed) as caught:
        compile_pdf({"main.tex": source.encode()}, epoch=0)
    assert "main.tex:3: Undefined control sequence" in caught.value.message
    assert r"Well \undefinedhere{} then." in caught.value.message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("LaTeX Warning: Citation `a' on page 1 undefined on input line 2.", "citation 'a'"),
        ("Package natbib Warning: Citation `b' on page 1 undefined on input line 2.", "citation 'b'"),
        ("LaTeX Warning: Reference `fig:x' on page 1 undefined on input line 2.", "reference 'fig:x'"),
        ("LaTeX Warning: Label `tab:x' multiply defined.", "defined twice"),
        ("LaTeX Warning: File `figures/x.pdf' not found on input line 2.", "missing"),
        ("Missing character: There is no ż in font ptmr8t!", "lacks the character ż"),
        (r"Overfull \hbox (5.1pt too wide) in paragraph at lines 2--3", "5.1 pt too wide"),
        ("pdfTeX warning (dest): name{q:x} has been referenced but does not exist, replaced by a fixed one", "'q:x'"),
        ("! Emergency stop.", "Emergency stop"),
    ],
)
def test_the_log_is_read(line: str, message: str) -> None:
    (problem,) = read_problems(f"This is pdfTeX\n{line}\n", {"main.tex": b"one\ntwo\n"})
    assert message in problem.message
    if "line" in line:
        assert (problem.place, problem.source) == ("main.tex:2", "two")


def test_small_overfull_lines_and_mere_talk_pass() -> None:
    log = "Overfull \\hbox (4.9pt too wide) in paragraph at lines 2--3\nLaTeX Warning: Label(s) may have changed.\n"
    assert list(read_problems(log, {})) == []


def test_missing_tex_names_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem) as caught:
        compile_pdf({"main.tex": b""}, epoch=0)
    assert "latexmk" in caught.value.message
    assert "texlive-latex-recommended" in caught.value.hint


def test_sources_are_folded() -> None:
    seeds = [f"nodes/{c}/seed_{n}/f.json#/a" for c in ("x", "y") for n in (1, 2)]
    assert collapse(seeds) == ("nodes/{x,y}/seed_*/f.json#/a",)
    assert collapse([*seeds[:2], "plan.json#/alpha"]) == ("nodes/x/seed_*/f.json#/a", "plan.json#/alpha")
    assert collapse([f"nodes/c{n}/seed_1/f" for n in range(9)]) == ("nodes/*/seed_*/f",)
    assert breakable("a/b_c#d") == r"a/\allowbreak{}b\_\allowbreak{}c\#\allowbreak{}d"
    assert [letter(i) for i in (0, 25, 26, 701, 702)] == ["a", "z", "aa", "zz", "aaa"]


def test_rows_of_one_contrast_stand_together_and_repeat_nothing(evidence: Evidence) -> None:
    used = {"padj.acc_high": ["results"], "plan.seeds": ["abstract", "setup"], "effect.fit_high": ["results"],
            "effect.acc_high": ["abstract", "results"], "time.total": ["setup"]}  # fmt: skip
    table = appendix(evidence, used)
    assert [g.title for g in table.groups] == ["Settings and counts", "Contrasts and tests", "Times and other"]
    contrasts = table.groups[1].rows
    assert [r.id for r in contrasts] == ["effect.acc_high", "padj.acc_high", "effect.fit_high"]
    assert contrasts[0].source.startswith("nodes/") and "{}*/" in contrasts[0].source
    assert contrasts[1].source == SAME and contrasts[2].source != SAME
    assert contrasts[0].interval and not contrasts[1].interval
    assert contrasts[0].used == r"abs., \ref*{sec:results}"
    assert contrasts[1].method in dict(table.methods)


def test_escaping() -> None:
    assert (
        escape(r"a_b \% 5% {x} \input ^~")
        == r"a\_b \% 5\% \{x\} \textbackslash{}input \textasciicircum{}\textasciitilde{}"
    )
    assert escape("β ≥ − 王 Łódź") == r"\ensuremath{\beta} \ensuremath{\geq} \ensuremath{-} [U+738B] Łódź"


@needs_tex
def test_every_character_that_passes_has_a_glyph() -> None:
    styles = {name: path.read_bytes() for name, path in load_venue("preprint").files.items()}
    body = " ".join(sorted(TYPESETTABLE))
    text = (
        rf"\documentclass{{article}}\usepackage{{preprint}}\begin{{document}}{body} \texttt{{{body}}}\end{{document}}"
    )
    compile_pdf({"main.tex": text.encode(), **styles}, epoch=0)
