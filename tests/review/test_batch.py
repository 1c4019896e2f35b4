"""Many manuscripts: gathered from folders, reviewed in processes, summed up; one bad one does not stop the rest."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_tasks import work
from docx_maker import make_docx, paper_blocks
from paper_maker import GOOD, make_pdf, paper_pages
from pypdf import PdfReader
from typer.testing import CliRunner

from scientist.cli.main import app
from scientist.config import RunConfig
from scientist.errors import ManuscriptError
from scientist.review.batch import Order, as_csv, review_many, summary
from scientist.review.gather import manuscripts, names
from scientist.review.workers import MEMORY_BYTES, each


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The library's index is built once for all tests."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCIENTIST_HOME", str(folder))
        yield folder


def folder_of_papers(folder: Path) -> Path:
    folder.mkdir()
    make_pdf(folder / "a.pdf", paper_pages())
    (folder / "b.md").write_text(GOOD, encoding="utf-8")
    make_docx(folder / "c.docx", *paper_blocks())
    (folder / "d.pdf").write_bytes(b"%PDF-1.4\nbroken")
    (folder / "latex").mkdir()
    (folder / "latex" / "main.tex").write_text(r"\documentclass{article}\begin{document}x\end{document}")
    (folder / "more").mkdir()
    (folder / "more" / "a.md").write_text(GOOD, encoding="utf-8")
    for name in ("README.md", ".hidden.pdf", "a.review.md", "a.annotated.pdf", "figure.png"):
        (folder / name).write_text("no paper")
    return folder


# ------------------------------------------------------------------------------------------- which are meant


def test_a_folder_stands_for_the_manuscripts_in_it(tmp_path: Path) -> None:
    folder = folder_of_papers(tmp_path / "papers")
    found = manuscripts([folder, folder / "b.md"])
    inside = ["a.pdf", "b.md", "c.docx", "d.pdf", "latex", "more/a.md"]
    assert [p.relative_to(folder).as_posix() for p in found] == [*inside, "b.md"]
    assert names(found) == ["a", "b", "c", "d", "latex", "a-2", "b-2"]


def test_a_folder_with_latex_is_one_manuscript_and_an_empty_one_an_error(tmp_path: Path) -> None:
    latex = folder_of_papers(tmp_path / "papers") / "latex"
    assert manuscripts([latex, tmp_path / "missing.pdf"]) == [latex, tmp_path / "missing.pdf"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ManuscriptError, match="holds no manuscript"):
        manuscripts([tmp_path / "empty"])


# ------------------------------------------------------------------------------------------- workers


def test_every_task_ends_whatever_the_others_do() -> None:
    tasks = ["a", "raise", "exit", "b", "tell", "memory"]
    told: list[str] = []
    found = list(each(tasks, work, jobs=2, seconds=60, emit=lambda kind, **data: told.append(data["label"])))
    done = {tasks[d.place]: d for d in found}
    assert len(found) == len(tasks)
    assert {t: d.result for t, d in done.items() if d.result} == {"a": "A", "b": "B", "tell": "TELL"}
    assert done["raise"].problem == "ValueError: what it was"
    assert "exit code 7" in done["exit"].problem
    assert done["memory"].problem.startswith("MemoryError") and MEMORY_BYTES < 8 << 30
    assert told == ["one", "two"]


def test_a_task_that_never_ends_is_given_up() -> None:
    found = {d.place: d for d in each(["hang", "a"], work, jobs=1, seconds=6)}
    assert "more than 6 s" in found[0].problem and found[1].result == "A"


# ------------------------------------------------------------------------------------------- reviews


def test_a_folder_is_reviewed_with_a_summary(tmp_path: Path) -> None:
    papers, out = folder_of_papers(tmp_path / "papers"), tmp_path / "out"
    called = CliRunner().invoke(app, ["review", str(papers), "-o", str(out), "--html", "--annotate", "--jobs", "2"])
    assert called.exit_code == ManuscriptError.exit_code, called.output
    rows = {r["name"]: r for r in json.loads((out / "summary.json").read_text())}
    assert next(csv.DictReader((out / "summary.csv").open())).keys() == next(iter(rows.values())).keys()
    assert set(rows) == {"a", "b", "c", "d", "latex", "a-2"}
    assert rows["b"]["overall"] == rows["a-2"]["overall"] and rows["b"]["decision"] and not rows["b"]["problem"]
    assert "cannot be read as a PDF" in rows["d"]["problem"] and rows["d"]["overall"] is None
    assert "## " not in called.stdout and "6 manuscripts" in (out / "index.html").read_text()
    assert "only PDFs are annotated" in called.stderr and "6/6" not in called.stdout
    for name in ("a", "b", "c", "a-2"):
        assert json.loads((out / f"{name}.review.json").read_text())["overall"] == rows[name]["overall"]
        assert (out / f"{name}.review.md").exists() and (out / f"{name}.review.html").exists()
    assert len(PdfReader(out / "a.annotated.pdf").pages) == 3
    assert not (out / "d.review.md").exists()


def test_named_files_are_printed_in_their_order(tmp_path: Path) -> None:
    folder = folder_of_papers(tmp_path / "papers")
    called = CliRunner().invoke(app, ["review", str(folder / "b.md"), str(folder / "c.docx")])
    assert called.exit_code == 0, called.output
    assert called.stdout.index("Does warm-up") < called.stdout.index("A Study of Small Networks")
    as_json = CliRunner().invoke(app, ["review", str(folder / "b.md"), str(folder / "d.pdf"), "--json"])
    good, bad = json.loads(as_json.stdout)
    assert good["overall"] >= 1 and "cannot be read" in bad["error"] and as_json.exit_code == 7


def test_reviews_are_the_same_however_many_are_made_at_once(tmp_path: Path) -> None:
    folder = folder_of_papers(tmp_path / "papers")
    orders = [Order(folder / n, n, RunConfig(), "neurips") for n in ("a.pdf", "b.md", "c.docx")]
    one, two = ({o.name: o.review for o in review_many(orders, jobs=n)} for n in (1, 2))
    assert one == two and all(one.values())


def test_the_best_come_first_and_titles_are_no_formulas(tmp_path: Path) -> None:
    folder = folder_of_papers(tmp_path / "papers")
    (folder / "b.md").write_text(GOOD.replace("# Does", "# =HYPERLINK(1) Does", 1), encoding="utf-8")
    orders = [Order(folder / n, n, RunConfig(), "neurips") for n in ("d.pdf", "c.docx", "b.md")]
    rows = summary(list(review_many(orders, jobs=2)))
    assert [r["name"] for r in rows][-1] == "d.pdf" and rows[0]["overall"] >= rows[1]["overall"]
    table = {r["name"]: r for r in csv.DictReader(io.StringIO(as_csv(rows)))}
    assert table["b.md"]["title"].startswith("'=HYPERLINK")
