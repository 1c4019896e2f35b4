"""Whole runs with a scripted model: a competent one, one that misbehaves, one that is killed, one that is poor."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scientist.events import read_lines
from scientist.models.ledger import read_calls
from tests.e2e.conftest import Command

RECORDING = Path(__file__).parent / "recordings" / "descent.jsonl"
FAULTS = {
    "survey/queries": "rate_limit",
    "ideate/propose": "not_json",
    "ideate/reflect": "server_error",
    "write/section": "invalid",
    "write/title": "truncated",
    "write/critique": "refusal",
    "review/judge": "wrong_language",
    "review/weigh": "empty",
}
"""A misbehaviour before the first good reply of each purpose."""


def replies() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDING.read_text(encoding="utf-8").splitlines()[1:]]


def asked() -> dict[str, Any]:
    header: dict[str, Any] = json.loads(RECORDING.read_text(encoding="utf-8").splitlines()[0])
    return header


def arguments(template: Path) -> list[str]:
    config = asked()["config"]
    flags = {k: config[k] for k in ("preset", "seeds", "ensemble")} | {"min-score": config["min_score"]}
    return [asked()["topic"], "--template", str(template), "--json", *(f"--{k}={v}" for k, v in flags.items())]


def script(folder: Path, lines: list[dict[str, Any]]) -> str:
    """A scripted model that plays ``lines``; its strength is set as the recorded one's was."""
    path = folder / "script.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return f"scripted:{path}"


@pytest.fixture(scope="session")
def prices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path = tmp_path_factory.mktemp("prices") / "prices.toml"
    path.write_text('[[models]]\npattern = "*"\ninput = 0.0\noutput = 0.0\ncontext = 200000\nstrength = "strong"\n')
    return {"SCIENTIST_PRICES": str(path)}


@pytest.fixture(scope="module")
def replayed(
    tmp_path_factory: pytest.TempPathFactory, scientist: Command, small_template: Path, prices: dict[str, str]
) -> dict[str, Any]:
    """The recorded run, played again without any model."""
    folder = tmp_path_factory.mktemp("replayed")
    done = scientist(
        "run", "--replay", str(RECORDING), "--template", str(small_template), "--json", cwd=folder, env=prices
    )
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def test_a_recorded_run_is_played_again_to_a_paper(replayed: dict[str, Any]) -> None:
    assert replayed["topic"] == asked()["topic"]
    assert replayed["decision"] == "publish"
    events = list(read_lines(Path(replayed["folder"]) / "events.jsonl"))
    assert not [
        e for e in events if e["kind"] in ("text.mended", "mind.handed_over") and e.get("what") == "part.stood_in"
    ]
    text = subprocess.run(["pdftotext", replayed["paper"], "-"], capture_output=True, text=True, check=True).stdout
    assert "??" not in text
    assert asked()["config"]["model"] in text, "the paper says which model wrote it"


def test_the_recorded_change_of_code_is_what_was_run(replayed: dict[str, Any]) -> None:
    folder = Path(replayed["folder"])
    plan = json.loads((folder / "plan.json").read_text())
    (changed,) = [c for c in plan["conditions"] if c.get("code_sha256")]
    assert "+++" in (folder / "nodes" / changed["id"] / "change.diff").read_text()


def test_misbehaviour_is_mended_and_leaves_no_trace_in_the_paper(
    tmp_path: Path, scientist: Command, small_template: Path, prices: dict[str, str], replayed: dict[str, Any]
) -> None:
    lines, left = [], dict(FAULTS)
    for line in replies():
        if fault := left.pop(line["purpose"], None):
            lines.append({k: line[k] for k in ("purpose", "label", "sample") if k in line} | {"fault": fault})
        lines.append(line)
    assert not left, "each fault has its place in the recording"
    done = scientist("run", *arguments(small_template), "--model", script(tmp_path, lines), cwd=tmp_path, env=prices)
    assert done.returncode == 0, done.stderr
    folder = Path(json.loads(done.stdout)["folder"])
    bad = [c.status for c in read_calls(folder / "calls.sqlite") if c.status != "ok"]
    assert len(bad) == len(FAULTS)
    first, second = (_paper_text(f) for f in (Path(replayed["folder"]), folder))
    assert first == second


def test_a_killed_run_asks_nothing_twice(
    tmp_path: Path, environment: dict[str, str], scientist: Command, small_template: Path, prices: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "scientist.cli.main", "run", *arguments(small_template)]
    command += ["--model", script(tmp_path, replies())]
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**environment, **prices, "SCIENTIST_RUN_OFFLINE": "1"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    _wait_for(tmp_path, "write/section", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = scientist("resume", "latest", "--json", cwd=tmp_path, env=prices)
    assert done.returncode == 0, done.stderr
    calls = read_calls(Path(json.loads(done.stdout)["folder"]) / "calls.sqlite")
    answered = [c.key for c in calls if c.status == "ok"]
    assert len(answered) == len(set(answered))


def test_a_spent_budget_ends_in_a_paper_that_says_who_wrote_it(
    tmp_path: Path, scientist: Command, small_template: Path, prices: dict[str, str]
) -> None:
    model = script(tmp_path, replies())
    done = scientist(
        "run", *arguments(small_template), "--model", model, "--budget-tokens", "60000", "--min-score", "1",
        cwd=tmp_path, env=prices,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    used = sum(u["input_tokens"] + u["output_tokens"] for u in outcome["usage"].values())
    assert 0 < used <= 60000
    kinds = [e["kind"] for e in read_lines(Path(outcome["folder"]) / "events.jsonl")]
    assert "mind.handed_over" in kinds or "text.mended" in kinds


def test_a_reply_that_stays_invalid_is_saved_and_the_run_can_go_on(
    tmp_path: Path, scientist: Command, small_template: Path, prices: dict[str, str]
) -> None:
    bad = [{"purpose": "survey/queries", "reply": {"unheard_of": 1}, "repeat": True}]
    done = scientist("run", *arguments(small_template), "--model", script(tmp_path, bad), cwd=tmp_path, env=prices)
    assert done.returncode == 5
    assert "not valid" in done.stderr and "replies/survey-queries" in done.stderr
    assert list(tmp_path.glob("experiments/*/replies/*.txt"))
    good = [{**line, "repeat": line["purpose"] == "survey/queries"} for line in replies()]
    done = scientist("resume", "latest", "--json", "--model", script(tmp_path, good), cwd=tmp_path, env=prices)
    assert done.returncode == 0, done.stderr


def _paper_text(folder: Path) -> str:
    """The paper's source, but for the name of the model."""
    return re.sub(
        r"``(?:scripted|openai):.*?''", "MODEL", (folder / "manuscript" / "main.tex").read_text(encoding="utf-8")
    )


def _wait_for(folder: Path, purpose: str, process: subprocess.Popen[bytes]) -> None:
    """Until the run has asked for ``purpose``."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert process.poll() is None, "the run ended before it was killed"
        for events in folder.glob("experiments/*/events.jsonl"):
            if any(e["kind"] == "model.called" and e["purpose"] == purpose for e in read_lines(events)):
                return
        time.sleep(0.1)
    raise AssertionError(f"the run never asked for {purpose}")


@pytest.mark.skipif("SCIENTIST_TEST_SLOW" not in os.environ, reason="takes minutes: set SCIENTIST_TEST_SLOW to run it")
def test_the_paper_of_a_strong_model_is_made_again_from_its_replies(
    tmp_path: Path, scientist: Command, prices: dict[str, str]
) -> None:
    """The gallery's paper by a strong model: all its experiments, every stage, each reply from the recording."""
    recording = RECORDING.with_name("grokking.jsonl")
    done = scientist("run", "--replay", str(recording), "--json", cwd=tmp_path, env=prices)
    assert done.returncode in (0, 10), done.stderr
    folder = Path(json.loads(done.stdout)["folder"])
    assert not [c for c in read_calls(folder / "calls.sqlite") if c.status not in ("ok", "invalid")]
