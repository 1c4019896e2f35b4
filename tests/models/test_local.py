"""A model in a file: its server starts at need, answers on loopback, and never outlives the process that asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from scientist.errors import EnvironmentProblem, ModelError, UsageError
from scientist.models.ledger import read_calls
from scientist.models.opening import open_models
from tests.models.gguf import small_model
from tests.models.questions import Answer, question


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("notes")
    for name, said in (("absent.gguf", "no model file"), ("notes.gguf", "not a GGUF file")):
        with (
            open_models({"default": f"local:{tmp_path / name}"}, folder=tmp_path, emit=lambda *_, **__: None) as chat,
            pytest.raises(UsageError, match=said),
        ):
            chat.ask(question(), Answer)


def test_a_damaged_model_is_said_to_be_one(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="no xllamacpp here")
    (tmp_path / "damaged.gguf").write_bytes(b"GGUF" + bytes(100))
    spec = f"local:{tmp_path / 'damaged.gguf'}"
    with (
        open_models({"default": spec}, folder=tmp_path, emit=lambda *_, **__: None) as chat,
        pytest.raises(EnvironmentProblem, match="could not be loaded"),
    ):
        chat.ask(question(), Answer)


def test_a_small_model_answers_and_its_server_ends_with_the_run(tmp_path: Path) -> None:
    spec = f"local:{small_model()}"
    with open_models({"default": spec}, folder=tmp_path, temperature=0.0, emit=lambda *_, **__: None) as chat:
        assert chat.ask(question("What is the capital of France?"), Answer, max_tokens=64).answer
        (server,) = psutil.Process().children()
        assert chat.context("write") == 8192 and server.is_running()
    assert not psutil.pid_exists(server.pid)
    (call,) = read_calls(tmp_path / "calls.sqlite")
    assert call.status == "ok" and call.input_tokens > 10 and call.usd == 0


def test_a_prompt_too_long_for_a_small_model_is_told_from_other_errors(tmp_path: Path) -> None:
    spec = f"local:{small_model()}"
    with (
        open_models({"default": spec}, folder=tmp_path, emit=lambda *_, **__: None) as chat,
        pytest.raises(ModelError, match="does not fit its context"),
    ):
        chat.ask(question("1 2 3 " * 6000), Answer, max_tokens=32)


KILLED = """
import sys
from pathlib import Path
import psutil
from scientist.models.opening import open_models
from tests.models.questions import Answer, question
chat = open_models({"default": "local:" + sys.argv[1]}, folder=Path(sys.argv[2]), emit=lambda *a, **k: None)
chat.ask(question(), Answer, max_tokens=32)
print(psutil.Process().children()[0].pid, flush=True)
sys.stdin.read()
"""


def test_a_killed_process_leaves_no_server_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(small_model()), str(tmp_path)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        server = int(process.stdout.readline())
        assert psutil.pid_exists(server)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)
    deadline = time.monotonic() + 20
    while _alive(server) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(server)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
