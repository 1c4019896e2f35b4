"""``scientist models`` and ``scientist show --calls``, with a scripted model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scientist.cli.main import app
from scientist.errors import EnvironmentProblem, ModelUnavailable, UsageError
from scientist.models.checking import check_model
from scientist.models.faults import Patience
from scientist.models.opening import open_models
from tests.models.questions import Answer, question


def script(path: Path, *lines: dict[str, object]) -> str:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return f"scripted:{path}"


WORD = {"purpose": "check/word", "reply": {"sum": 42, "word": "grokking"}}


def test_check_says_what_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen = {"purpose": "check/picture", "reply": {"colour": "blue"}}
    spec = script(tmp_path / "good.jsonl", {"purpose": "check/word", "fault": "not_json"}, WORD, seen)
    done = CliRunner().invoke(app, ["models", "check", "--model", spec, "--json"], catch_exceptions=False)
    checked = json.loads(done.stdout)
    assert done.exit_code == 0
    assert checked["sees"] and checked["price_known"] and checked["context"] is None
    assert (checked["method"], checked["attempts"], checked["input_tokens"] > 50) == ("json", 2, True)
    told = CliRunner().invoke(app, ["models", "check", "--model", spec], catch_exceptions=False).stdout
    assert "structured json, after 2 attempts" in " ".join(told.split())


@pytest.mark.parametrize("reply", [{"colour": "red"}, "I see a cat."], ids=["another colour", "no reply"])
def test_a_model_that_does_not_see_is_told_so(tmp_path: Path, reply: object) -> None:
    blind = {"purpose": "check/picture", "reply": reply, "repeat": True}
    checked = check_model(script(tmp_path / "blind.jsonl", WORD, blind))
    assert not checked.sees and checked.seeing


def test_check_ends_with_code_4_when_the_model_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = script(tmp_path / "bad.jsonl", {"purpose": "check/word", "fault": "invalid", "repeat": True})
    done = CliRunner().invoke(app, ["models", "check", "--model", spec])
    assert isinstance(done.exception, EnvironmentProblem) and done.exception.exit_code == 4
    assert "not valid" in done.exception.message


def test_check_without_a_model_says_how_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["models", "check"])
    assert isinstance(done.exception, UsageError) and "--model" in done.exception.hint


def test_a_server_that_is_not_there_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="unreached"):
        check_model("openai:x", base_url="http://127.0.0.1:9/v1", patience=Patience(attempts=1))


def test_list_prints_the_table_of_prices() -> None:
    rows = json.loads(CliRunner().invoke(app, ["models", "list", "--json"]).stdout)
    assert {"pattern", "input", "output", "context", "vision", "strength"} <= set(rows[0])
    assert "strength" in CliRunner().invoke(app, ["models", "list"]).stdout


def test_show_calls_adds_up_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "experiments" / "a-run"
    root.mkdir(parents=True)
    (root / "run.toml").write_text('topic = "t"\n')
    lines = [{"purpose": "write/answer", "fault": f} for f in ("rate_limit", "empty")]
    answers = [{"purpose": "write/answer", "reply": {"answer": "yes"}, "repeat": True}]
    spec = script(tmp_path / "run.jsonl", *lines, *answers)
    with open_models({"default": spec}, folder=root, emit=lambda *_, **__: None, pause=lambda _: None) as chat:
        chat.ask(question("first"), Answer)
        chat.ask(question("second"), Answer)
    shown = CliRunner().invoke(app, ["show", "a-run", "--calls"], catch_exceptions=False, env={"COLUMNS": "140"}).stdout
    (row,) = (line for line in shown.splitlines() if "write/answer" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")][:5] == ["write/answer", "2", "4", "1", "1"]
    listed = CliRunner().invoke(app, ["show", "a-run", "--calls", "--json"], catch_exceptions=False)
    calls = json.loads(listed.stdout)
    assert [c["status"] for c in calls] == ["rate_limit", "empty", "ok", "ok"] and calls[-1]["request"]
