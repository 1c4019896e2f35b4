"""Recordings written by hand, and the fake model that plays them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scientist.errors import ModelUnavailable, RecordingEnds, ReplyInvalid, UsageError
from scientist.models.recording import Recording, read_lines
from scientist.models.scripted import Script
from tests.models.questions import Answer, question


def test_lines_answer_by_purpose_label_and_sample_in_their_order() -> None:
    script = Script(
        [
            {"purpose": "write/answer", "label": "intro", "reply": {"answer": "intro"}},
            {"purpose": "write/answer", "sample": 1, "reply": {"answer": "second sample"}},
            {"purpose": "write/answer", "reply": {"answer": "any"}},
        ]
    )
    assert script.ask(question(label="intro"), Answer).answer == "intro"
    assert script.ask(question(label="intro"), Answer).answer == "any"
    assert script.ask(question(label="other"), Answer, sample=1).answer == "second sample"
    assert script.ask(question(label="other"), Answer).answer == "any"
    assert [p.label for p in script.asked] == ["intro", "intro", "other", "other"]
    with pytest.raises(RecordingEnds, match=r"1 reply for write/answer \(other\), sample 0; number 2"):
        script.ask(question(label="other"), Answer)


def test_a_line_may_answer_for_ever_and_from_the_prompt() -> None:
    script = Script([{"purpose": "write/answer", "reply": lambda p: {"answer": p.label}, "repeat": True}])
    assert [script.ask(question(label=x), Answer).answer for x in ("a", "b", "a")] == ["a", "b", "a"]


def test_invalid_replies_are_followed_by_the_next_lines_at_most_twice() -> None:
    lines = [
        {"purpose": "write/answer", "fault": "not_json"},
        {"purpose": "write/answer", "reply": {"answer": "no"}},
        {"purpose": "write/answer", "reply": {"answer": "yes"}},
        *({"purpose": "write/answer", "fault": fault} for fault in ("invalid", "empty", "wrong_language", "truncated")),
    ]
    script = Script(lines)
    assert script.ask(question(), Answer, check=lambda r: "say yes" if r.answer != "yes" else None).answer == "yes"
    assert script.problems == ["the reply holds no JSON object", "say yes"]
    with pytest.raises(ReplyInvalid):
        script.ask(question(), Answer)


def test_a_script_can_be_unreachable() -> None:
    with pytest.raises(ModelUnavailable):
        Script([{"purpose": "write/answer", "fault": "server_error"}]).ask(question(), Answer)


@pytest.mark.parametrize(
    "line",
    ['{"purpose": "a/b"}', '{"purpose": "a/b", "reply": 1, "fault": "empty"}', '{"purpose": "a/b", "fault": "lazy"}',
     '{"purpose": "a/b", "replies": 1}', "not json"],
    ids=["neither", "both", "unknown fault", "unknown key", "not JSON"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text(json.dumps({"purpose": "a/b", "reply": {}}) + "\n\n" + line + "\n")
    with pytest.raises(UsageError, match="line 3"):
        read_lines(path)


def test_a_recording_keeps_no_position() -> None:
    recording = Recording([{"purpose": "a/b", "reply": n} for n in range(3)])
    assert [recording.nth("a/b", "", 0, n).reply for n in (2, 0, 2)] == [2, 0, 2]
