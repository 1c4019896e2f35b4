"""Two versions of a manuscript: findings mended, new and left, and how far the scores moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from paper_maker import GOOD, planted
from typer.testing import CliRunner

from scientist.cli.main import app
from scientist.mind.offline import OfflineMind
from scientist.review.compare import compare, comparison_markdown, matched
from scientist.review.form import NEURIPS
from scientist.review.html import comparison_html
from scientist.review.markdown import manuscript_of
from scientist.review.reviewer import review_manuscript
from scientist.types import Expected, Finding, PanelMember, Review, Severity, Span


def review(text: str) -> tuple[Review, str, str]:
    m = manuscript_of(text, "paper.md", "markdown")
    return review_manuscript(m, mind=OfflineMind(), form=NEURIPS), m.file, m.title


def found(check: str, text: str, quote: str | None = None) -> Finding:
    span = None if quote is None else Span(text=quote, page=1)
    return Finding(check=check, severity=Severity.NOTE, message=text, span=span)


def test_mended_new_and_left() -> None:
    old = review(planted("the loss by condition.", " TODO: say more, as others do [19]."))
    new = review(planted("the loss by condition.", " Others do too [19]; the accuracy of one is 187.9%."))
    c = compare(old, new)
    assert {f.check for f in c.mended} == {"placeholders"}
    assert {f.check for f in c.added} == {"impossible_numbers"}
    assert "missing_entries" in {f.check for f in c.left}
    assert len(c.mended) + len(c.left) == len(old[0].findings)
    assert len(c.added) + len(c.left) == len(new[0].findings)
    text = comparison_markdown(c)
    assert f"{len(c.mended)} mended, {len(c.added)} new, {len(c.left)} left" in text
    assert "<h2>Mended findings (1)</h2>" in comparison_html(c)


def test_a_version_against_itself_is_all_left() -> None:
    same = review(planted("the loss by condition.", " TODO: say more. See also Figure 7."))
    c = compare(same, same)
    assert not c.mended and not c.added and c.left == same[0].findings
    assert c.overall.change == 0 and all(s.change == 0 for s in c.scores)


def test_findings_are_matched_by_their_words_each_once() -> None:
    quote = "the model improves on every data set that we tried by a wide margin"
    old = [found("a", "x", quote), found("a", "x", "other words entirely stand here"), found("b", "Figure 3 is lost")]
    new = [found("b", "Figure 4 is lost"), found("a", "x", quote.replace("wide", "small")), found("c", "x", quote)]
    assert matched(old, new) == [(0, 1), (2, 0)]
    both = [found("b", "Figure 3 is lost"), found("b", "Figure 5 is lost")]
    assert matched(both, [found("b", "Figure 4 is lost"), found("b", "Figure 5 is lost")]) == [(1, 1)]
    assert matched([old[0], old[0]], [old[0]]) == [(0, 0)]


def panel(*overall: int) -> tuple[Review, str, str]:
    filled, file, title = review(GOOD)
    members = tuple(
        PanelMember(stance=s, scores={f.name: 3 for f in NEURIPS.fields} | {"overall": o}, summary="")
        for s, o in zip(("rigour", "novelty", "clarity"), overall, strict=True)
    )
    middle = float(sorted(overall)[1])
    changes: dict[str, Any] = {"panel": members, "overall": middle, "scores": {}}
    return filled.model_copy(update=changes), file, title


def test_a_panel_gives_the_change_an_interval() -> None:
    c = compare(panel(4, 5, 6), panel(5, 7, 7))
    assert c.overall.low == pytest.approx(4 / 3 - 4.30 / 3, abs=0.01)
    assert c.overall.high == pytest.approx(4 / 3 + 4.30 / 3, abs=0.01)
    assert "+1.33, 95 % interval -0.10 to +2.77; no change is shown" in c.overall.told
    sure = compare(panel(4, 5, 6), panel(6, 7, 8)).overall
    assert (sure.low, sure.high) == (2, 2) and "no change" not in sure.told


def test_without_a_panel_the_uncertainty_of_the_score_is_said_to_be_unknown() -> None:
    c = compare(review(GOOD), review(GOOD))
    assert c.overall.low is None and "has not been measured" in c.overall.told


def test_the_expected_rating_changes_within_the_bounds_of_both() -> None:
    old, file, title = review(GOOD)
    expected = [Expected(rating=5.0, low=3.5, high=6.5, told="t"), Expected(rating=5.5, low=3.5, high=7.5, told="t")]
    a, b = (old.model_copy(update={"expected": e}) for e in expected)
    c = compare((a, file, title), (b, file, title))
    assert c.expected is not None
    assert (c.expected.low, c.expected.high) == pytest.approx((0.5 - 2.5, 0.5 + 2.5))
    assert "(+0.50)" in comparison_markdown(c) and "-2.0 to +3.0" in comparison_html(c)
    assert compare((a, file, title), (old.model_copy(update={"expected": None}), file, title)).expected is None


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIENTIST_HOME", str(tmp_path / "home"))
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text(planted("the loss by condition.", " TODO: say more."), encoding="utf-8")
    new.write_text(GOOD, encoding="utf-8")
    out = tmp_path / "out"
    called = CliRunner().invoke(app, ["review", "--compare", str(old), str(new), "-o", str(out), "--html"])
    assert called.exit_code == 0, called.output
    assert "Mended (1)" in called.stdout
    record = json.loads((out / "old-new.comparison.json").read_text())
    assert [f["check"] for f in record["mended"]] == ["placeholders"]
    assert (out / "old-new.comparison.html").exists() and (out / "old.review.md").exists()
    alone = CliRunner().invoke(app, ["review", "--compare", str(old)])
    assert alone.exit_code != 0 and "two manuscripts" in str(alone.exception)
    missing = CliRunner().invoke(app, ["review", "--compare", *[str(tmp_path / "no.md")] * 2])
    assert missing.exit_code == 7 and "there is no file" in missing.stderr
