"""A review from the file to the Markdown, with a scripted model behind the real record of calls."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from paper_maker import GOOD, make_pdf, paper_pages
from reviewing_replies import form, line, point
from typer.testing import CliRunner

from scientist import api
from scientist.cli.main import app
from scientist.config import RunConfig
from scientist.errors import ManuscriptError, RecordingEnds, UsageError
from scientist.review.desk import review_file


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library's index is built once for all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def home(shared_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCIENTIST_HOME", str(shared_home))
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(shared_home / "reviews", ignore_errors=True)
    return shared_home


def script(folder: Path, *lines: dict[str, Any]) -> str:
    file = folder / "script.jsonl"
    given = [{k: v for k, v in row.items() if v is not None} for row in lines]
    file.write_text("".join(json.dumps(row) + "\n" for row in given), encoding="utf-8")
    return f"scripted:{file}"


def paper(folder: Path) -> Path:
    file = folder / "paper.md"
    file.write_text(GOOD, encoding="utf-8")
    return file


def panel_script(folder: Path) -> str:
    return script(folder, line(form(), repeat=True), line(form(overall=6), purpose="review/weigh", repeat=True))


def test_the_command_reviews_with_a_panel_and_pays_once(tmp_path: Path) -> None:
    model, out = panel_script(tmp_path), tmp_path / "out"
    command = ["review", str(paper(tmp_path)), "-o", str(out), "--model", model, "--ensemble", "3"]
    first = CliRunner().invoke(app, [*command, "--reflections", "1"])
    assert first.exit_code == 0, first.output
    assert "panel of 3: rigour, novelty, clarity, 1 second look each" in first.stdout
    assert first.stderr.count("review/judge") == 6 and first.stderr.count("review/weigh") == 1
    record = json.loads((out / "paper.review.json").read_text())
    assert record["overall"] == 6 and len(record["panel"]) == 3
    assert "## Panel" in (out / "paper.review.md").read_text()
    assert (out / "paper.calls" / "calls.sqlite").exists()
    again = CliRunner().invoke(app, command)
    assert again.stdout == first.stdout and again.stderr.count("from the record") == 7


def test_without_a_model_it_measures_and_keeps_nothing(tmp_path: Path, home: Path) -> None:
    reviewed = review_file(paper(tmp_path), RunConfig(), venue="neurips")
    assert reviewed.review.reviewer.startswith("offline") and reviewed.usage.calls == 0
    assert not (home / "reviews").exists()


def test_from_python_the_record_lies_in_the_data_folder(tmp_path: Path, home: Path) -> None:
    review = api.review(paper(tmp_path), model=panel_script(tmp_path), ensemble=1, reflections=0)
    assert review.reviewer.endswith("(one reviewer)")
    assert len(list((home / "reviews").glob("*/calls.sqlite"))) == 1


def test_the_review_model_of_the_configuration_is_the_one_asked(tmp_path: Path) -> None:
    model = panel_script(tmp_path)
    (tmp_path / "scientist.toml").write_text(f'[models]\nreview = "{model}"\n')
    assert api.review(paper(tmp_path), ensemble=1).panel[0].stance == "balance"


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_the_figures_of_a_pdf_are_looked_at(tmp_path: Path) -> None:
    file = make_pdf(tmp_path / "paper.pdf", paper_pages())
    quoted = {"strengths": [point("Repeated.", "We study small networks over five seeds.")], "weaknesses": []}
    seen = {"observations": [{"label": "Figure 1", "problem": "Nothing is drawn.", "grave": True}]}
    model = script(tmp_path, line(form(**quoted), repeat=True), line(seen, purpose="review/look"))
    review = api.review(file, model=model, ensemble=1, reflections=0)
    assert review.strengths[0].span is not None and review.strengths[0].span.page == 1
    (weakness,) = [w for w in review.weaknesses if w.check == "figure"]
    assert weakness.text == "Figure 1: Nothing is drawn."
    assert weakness.span is not None and weakness.span.page == 2


def test_usage_errors_come_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no review form"):
        api.review(paper(tmp_path), venue="nowhere")
    with pytest.raises(ManuscriptError):
        api.review(tmp_path / "missing.pdf", model="scripted:nothing.jsonl")
    bad = CliRunner().invoke(app, ["review", str(paper(tmp_path)), "--ensemble", "40"])
    assert bad.exit_code != 0 and isinstance(bad.exception, UsageError)


def test_a_recording_that_ends_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingEnds):
        api.review(paper(tmp_path), model=script(tmp_path, line(form(), label="nobody")), ensemble=1)
