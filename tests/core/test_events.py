"""The event log survives torn lines."""

from __future__ import annotations

from pathlib import Path

from scientist.events import EventLog, read_lines


def test_events_are_appended_and_told(tmp_path: Path) -> None:
    heard = []
    log = EventLog(tmp_path / "events.jsonl")
    log.subscribe(heard.append)
    log.emit("a", x=1)
    log.emit("b", text="é")
    assert [e["kind"] for e in read_lines(log.path)] == ["a", "b"]
    assert [e["kind"] for e in heard] == ["a", "b"]


def test_a_torn_line_is_lost_alone(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log.emit("a")
    with log.path.open("a") as f:
        f.write('{"kind": "torn", "x": ')
    log.emit("b")
    assert [e["kind"] for e in read_lines(log.path)] == ["a", "b"]
