"""Draft answers to a review: each point once, quotes and numbers looked up, and useless replies refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from paper_maker import GOOD
from reviewing_replies import ALSO_QUOTED, NOWHERE, form, line
from typer.testing import CliRunner

from scientist.cli.main import app
from scientist.errors import ReplyInvalid, UsageError
from scientist.mind.llm.rebuttal import draft_rebuttal, points_of, rebuttal_prompt
from scientist.mind.llm.reviewing import review
from scientist.models.scripted import Script
from scientist.review.form import form_for
from scientist.review.markdown import manuscript_of
from scientist.review.render import rebuttal_markdown
from scientist.types import Review
from tests.golden.prompts import assert_golden

PAPER = manuscript_of(GOOD, "paper.md", "markdown")


def reviewed() -> Review:
    return review(Script([line(form())]), PAPER, form_for("neurips", reviewers=1, reflections=0), ())


def answer(number: int, **changes: Any) -> dict[str, Any]:
    given = {"number": number, "stance": "granted", "answer": "The point is right.", "quote": "", "change": ""}
    return given | changes


def script(*answers: dict[str, Any]) -> Script:
    return Script([line({"answers": list(answers)}, purpose="review/rebuttal", repeat=True)], name="maker:model")


def test_each_point_is_answered_in_order() -> None:
    review_ = reviewed()
    given = (answer(2, stance="change", change="Section 5 says so."), answer(1, stance="answered", quote=ALSO_QUOTED))
    drafted = draft_rebuttal(script(*given), PAPER, review_)
    assert [a.point for a in drafted.answers] == [*review_.questions, *(w.text for w in review_.weaknesses)]
    first, second = drafted.answers
    assert first.span is not None and first.span.text == ALSO_QUOTED and second.span is None
    text = rebuttal_markdown(drafted)
    assert "Answered in the manuscript. The point is right." in text and "Change: Section 5 says so." in text
    assert "To check" not in text


def test_quotes_and_numbers_that_are_not_in_the_manuscript_are_told() -> None:
    invented = answer(1, stance="answered", quote=NOWHERE, answer="We ran 37 more seeds; the difference is 0.013.")
    drafted = draft_rebuttal(script(invented, answer(2)), PAPER, reviewed())
    assert drafted.answers[0].span is None and drafted.answers[0].unknown == ("37",)
    text = rebuttal_markdown(drafted)
    assert "not in the manuscript: 37." in text and "no words of the manuscript were found" in text


def test_a_review_without_points_needs_no_call() -> None:
    bare = reviewed().model_copy(update={"questions": (), "weaknesses": ()})
    assert points_of(bare) == ()
    asker = script()
    assert draft_rebuttal(asker, PAPER, bare).answers == () and asker.asked == []


@pytest.mark.parametrize("answers", [(), (answer(1),), (answer(1), answer(1)), (answer(1), answer(2, answer=" "))])
def test_replies_that_leave_points_out_are_refused(answers: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(ReplyInvalid):
        draft_rebuttal(script(*answers), PAPER, reviewed())


def test_golden_prompt() -> None:
    assert_golden(rebuttal_prompt(PAPER, reviewed(), "NeurIPS main track"), "review_rebuttal")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIENTIST_HOME", str(tmp_path / "home"))
    file, lines, out = tmp_path / "paper.md", tmp_path / "script.jsonl", tmp_path / "out"
    file.write_text(GOOD, encoding="utf-8")
    rows = [line(form(), repeat=True), line({"answers": [answer(1), answer(2)]}, purpose="review/rebuttal")]
    lines.write_text("".join(json.dumps({k: v for k, v in r.items() if v is not None}) + "\n" for r in rows))
    command = ["review", str(file), "--rebuttal", "--ensemble", "1", "--reflections", "0", "-o", str(out)]
    called = CliRunner().invoke(app, [*command, "--venue", "neurips", "--model", f"scripted:{lines}"])
    assert called.exit_code == 0, called.output
    assert "## Draft of a rebuttal" in called.stdout and "Granted. The point is right." in called.stdout
    assert (out / "paper.rebuttal.md").exists()
    without = CliRunner().invoke(app, command)
    assert isinstance(without.exception, UsageError) and "none is set" in str(without.exception)
