"""Pairwise judgements: both orders, agreement, ranking, quotes; and a judge that goes by the place alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from paper_maker import GOOD
from reviewing_replies import NOWHERE, QUOTED, line
from typer.testing import CliRunner

from scientist.cli.main import app
from scientist.config import RunConfig
from scientist.errors import ReplyInvalid, UsageError
from scientist.mind.llm.judging import PRINCIPLES, Agreement, Entry, agreement, judge_pair, pair_prompt, rank
from scientist.models.scripted import Script
from scientist.prompts import Prompt
from scientist.review.markdown import manuscript_of
from scientist.review.ranking import agreement_text, rank_files, ranking_markdown
from scientist.types import Finding, Severity
from tests.golden.prompts import assert_golden

TITLES = {"a": "Warm-up Is Good", "b": "Warm-up Is Fair", "c": "Warm-up Is Poor"}


def entry(name: str) -> Entry:
    text = re.sub(r"\A# .*", f"# {TITLES[name]}", GOOD)
    return Entry(name=name, manuscript=manuscript_of(text, f"{name}.md", "markdown"))


A, B, C = entry("a"), entry("b"), entry("c")


def reply(better: str, *quotes: tuple[str, str]) -> dict[str, Any]:
    reasons = [
        {"manuscript": side, "kind": "merit", "principle": 3, "text": f"The {side} tests.", "quote": quote}
        for side, quote in quotes or (("first", QUOTED),)
    ]
    return {"reasons": reasons, "comparison": "The one tests, the other does not.", "better": better}


def pair(better: str, again: str, **more: Any) -> Script:
    return Script(
        [
            line(reply(better, **more), label="a before b", purpose="review/pair"),
            line(reply(again, **more), label="b before a", purpose="review/pair"),
        ]
    )


@pytest.mark.parametrize(
    ("better", "again", "agreed", "winner"),
    [
        ("first", "second", True, "a"),
        ("second", "first", True, "b"),
        ("equal", "equal", True, None),
        ("first", "first", False, None),
        ("second", "second", False, None),
        ("first", "equal", False, None),
    ],
)
def test_a_verdict_holds_in_both_orders_or_is_none(better: str, again: str, agreed: bool, winner: str | None) -> None:
    verdict = judge_pair(pair(better, again), A, B, venue="a venue")
    assert (verdict.agreed, verdict.winner) == (agreed, winner)


def test_reasons_are_told_of_the_right_manuscript_and_kept_with_their_words() -> None:
    verdict = judge_pair(pair("first", "second"), A, B, venue="a venue")
    assert [(r.entry, r.span.text) for r in verdict.reasons] == [("a", QUOTED), ("b", QUOTED)]


def test_a_reason_that_quotes_nothing_is_dropped_and_counted() -> None:
    lines = [
        line(reply("first", ("first", QUOTED), ("second", NOWHERE)), label="a before b", purpose="review/pair"),
        line(reply("second", ("second", QUOTED)), label="b before a", purpose="review/pair"),
    ]
    verdict = judge_pair(Script(lines), A, B, venue="a venue")
    assert len(verdict.reasons) == 1 and verdict.dropped == 1


def test_a_reply_without_any_true_quote_is_refused() -> None:
    asker = Script([line(reply("first", ("first", NOWHERE)), purpose="review/pair", repeat=True)])
    with pytest.raises(ReplyInvalid):
        judge_pair(asker, A, B, venue="a venue")
    assert "copy the words exactly" in asker.problems[0]


def test_a_quote_of_the_other_manuscript_is_none() -> None:
    changed = B.model_copy(update={"manuscript": manuscript_of("# T\n\n## Abstract\n\nShort.\n", "b.md", "markdown")})
    asker = Script([line(reply("second", ("second", QUOTED)), purpose="review/pair", repeat=True)])
    with pytest.raises(ReplyInvalid):
        judge_pair(asker, A, changed, venue="a venue")


# ------------------------------------------------------------------------------------------- ranking


def by_title(prompt: Prompt) -> str:
    """The reply of a judge who knows that "Good" beats "Fair" beats "Poor"."""
    found = re.findall(r"Warm-up Is (Good|Fair|Poor)", prompt.user)
    worth = [("Poor", "Fair", "Good").index(word) for word in dict.fromkeys(found)]
    return json.dumps(reply("first" if worth[0] > worth[1] else "second"))


def test_a_judge_who_knows_ranks_and_agrees() -> None:
    ranking = rank(Script([{"purpose": "review/pair", "reply": by_title, "repeat": True}]), (C, A, B), venue="v")
    assert ranking.points == {"a": 2, "b": 1, "c": 0} and list(ranking.points) == ["a", "b", "c"]
    assert (ranking.agreement.pairs, ranking.agreement.agreed, ranking.agreement.first) == (3, 3, 0.5)
    assert ranking.agreement.low == pytest.approx(0.4385, abs=1e-3) and ranking.agreement.high == 1


def test_a_judge_who_goes_by_the_place_decides_nothing_and_is_found_out() -> None:
    ranking = rank(Script([line(reply("first"), purpose="review/pair", repeat=True)]), (A, B, C), venue="v")
    assert set(ranking.points.values()) == {1.0}
    assert (ranking.agreement.agreed, ranking.agreement.rate, ranking.agreement.first) == (0, 0, 1)
    assert "0 of 3 judgements agree (0%" in agreement_text(ranking.agreement)
    assert "100% name the one shown first" in agreement_text(ranking.agreement)


def test_an_invalid_pair_is_missed_and_told() -> None:
    lines = [
        line(label="a before b", purpose="review/pair", fault="invalid", repeat=True),
        line(reply("equal"), purpose="review/pair", repeat=True),
    ]
    ranking = rank(Script(lines), (A, B, C), venue="v")
    assert len(ranking.verdicts) == 2 and ranking.missed[0].startswith("a and b: ")
    assert ranking.points == {"c": 1.0, "a": 0.5, "b": 0.5}


def test_nothing_judged_shows_nothing() -> None:
    none = agreement([])
    assert none == Agreement(pairs=0, agreed=0, rate=None, low=0, high=1, first=None)
    assert agreement_text(none) == "No pair was judged."


# ------------------------------------------------------------------------------------------- prompt


def test_a_short_context_takes_from_both_by_turns() -> None:
    prompt: Prompt | None = pair_prompt(A, B, venue="v")
    while prompt is not None:
        kept = [sum(bool(m.items) for m in prompt.materials if re.fullmatch(rf"{s}_\d+", m.name)) for s in SIDES]
        assert abs(kept[0] - kept[1]) <= 1
        prompt = prompt.shrunk()
    assert kept == [0, 0]


SIDES = ("first", "second")


def test_the_orders_differ_in_nothing_but_the_order() -> None:
    there, back = pair_prompt(A, B, venue="v"), pair_prompt(B, A, venue="v")
    assert there.system == back.system
    body = [re.sub(r"first|second", "SIDE", p.user) for p in (there, back)]
    halves = [sorted(re.split(r"(?=The SIDE manuscript:)|(?=Which of the two)", b)[1:3]) for b in body]
    assert halves[0] == halves[1]


def test_every_principle_of_the_constitution_can_be_named() -> None:
    system = pair_prompt(A, B, venue="v").system
    assert [int(n) for n in re.findall(r"(?m)^(\d+)\. ", system)] == list(range(1, PRINCIPLES + 1))


def test_golden_pair() -> None:
    finding = Finding(check="filler", severity=Severity.NOTE, message="5 stock phrases")
    assert_golden(pair_prompt(A.model_copy(update={"findings": (finding,)}), B, venue="NeurIPS"), "review_pair")


# ------------------------------------------------------------------------------------------- files


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCIENTIST_HOME", str(tmp_path / "home"))
    return tmp_path


def test_files_are_ranked_and_the_report_says_how_far_to_trust_it(home: Path) -> None:
    script = home / "script.jsonl"
    script.write_text(json.dumps({"purpose": "review/pair", "reply": reply("first"), "repeat": True}) + "\n")
    paths = []
    for name in ("one", "two"):
        paths.append(home / f"{name}.md")
        paths[-1].write_text(re.sub(r"\A# .*", f"# The {name} *paper*", GOOD), encoding="utf-8")
    config = RunConfig(model=f"scripted:{script}")
    ranked = rank_files(paths, config, venue="general", record=home / "calls")
    assert ranked.ranking.points == {"one": 0.5, "two": 0.5} and ranked.usage.calls == 2
    text = ranking_markdown(ranked)
    assert "0 of 1 judgements agree" in text and "Undecided: one with one first, two with two first." in text
    assert f"  > “{QUOTED}”" in text and "merit (principle 3)" in text
    again = rank_files(paths, config, venue="general", record=home / "calls")
    assert again.ranking == ranked.ranking


def test_the_command_ranks(home: Path) -> None:
    script = home / "script.jsonl"
    script.write_text(json.dumps({"purpose": "review/pair", "reply": reply("first"), "repeat": True}) + "\n")
    files = [home / "one.md", home / "two.md"]
    for file in files:
        file.write_text(re.sub(r"\A# .*", f"# {file.stem}", GOOD), encoding="utf-8")
    command = ["review", *map(str, files), "--rank", "--model", f"scripted:{script}", "-o", str(home / "out")]
    printed = CliRunner().invoke(app, command)
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.strip() == (home / "out" / "ranking.md").read_text().strip()
    asked = CliRunner().invoke(app, [*command, "--json"])
    found = json.loads(asked.stdout)
    assert found["ranking"]["agreement"]["pairs"] == 1 and asked.stderr.count("from the record") == 2
    refused = CliRunner().invoke(app, [*command, "--html"])
    assert isinstance(refused.exception, UsageError)


def test_what_cannot_be_ranked_is_refused(home: Path) -> None:
    with pytest.raises(UsageError, match="none is set"):
        rank_files([home, home], RunConfig(), venue="general")
    for count in (1, 9):
        with pytest.raises(UsageError, match=f"{count} manuscripts cannot be ranked"):
            rank_files([home] * count, RunConfig(model="scripted:x"), venue="general")
