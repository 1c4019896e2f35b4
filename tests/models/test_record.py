"""The record of calls: nothing is paid twice, budgets are hard, and a recording replays a run without a network."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scientist.errors import BudgetSpent, RecordingEnds, ReplyInvalid, UsageError
from scientist.models.budget import Budget, most_tokens
from scientist.models.faults import Patience
from scientist.models.ledger import export_recording, read_calls, usage_by_stage
from scientist.models.opening import open_models
from scientist.models.summary import by_purpose, total
from scientist.types import Usage
from tests.models.conftest import Opened
from tests.models.provider import Fault, Provider
from tests.models.questions import Answer, question

YES = {"answer": "yes"}


def calls_of(opened: Opened) -> Path:
    return opened.folder / "calls.sqlite"


def test_the_same_request_is_answered_from_the_record(opened: Opened, provider: Provider) -> None:
    first = opened().ask(question(), Answer)
    again = opened()  # another process, or a resumed run
    assert again.ask(question(), Answer) == first
    assert len(provider.requests) == 1
    assert [e["from_record"] for e in opened.events] == [False, True]


def test_any_difference_makes_another_request(opened: Opened, provider: Provider, tmp_path: Path) -> None:
    class Other(Answer):
        note: str | None = None

    chat = opened()
    for ask in (
        lambda: chat.ask(question(), Answer),
        lambda: chat.ask(question("another text"), Answer),
        lambda: chat.ask(question(label="another label"), Answer),
        lambda: chat.ask(question(), Other),
        lambda: chat.ask(question(), Answer, sample=1),
        lambda: chat.ask(question(), Answer, max_tokens=77),
        lambda: chat.ask(question(), Answer, images=(_picture(tmp_path, b"a"),)),
        lambda: chat.ask(question(), Answer, images=(_picture(tmp_path, b"b"),)),
        lambda: opened("openai:fake-2").ask(question(), Answer),
        lambda: opened(temperature=0.5).ask(question(), Answer),
    ):
        before = len(provider.requests)
        ask()
        ask()
        assert len(provider.requests) == before + 1


def _picture(folder: Path, data: bytes) -> Path:
    path = folder / f"{data.decode()}.png"
    path.write_bytes(data)
    return path


def test_stages_have_models_of_their_own(opened: Opened, provider: Provider) -> None:
    chat = opened({"default": "openai:fake", "review": "openai:fake-2"})
    chat.ask(question(name="write/answer"), Answer)
    chat.ask(question(name="review/answer"), Answer)
    assert [r["model"] for r in provider.requests] == ["fake", "fake-2"]
    assert (chat.name("review"), chat.name("survey")) == ("openai:fake-2", "openai:fake")
    spent = chat.spent()
    assert {s: (u.calls, u.input_tokens, u.output_tokens) for s, u in spent.items()} == {
        "write": (1, 100, 10), "review": (1, 100, 10),
    }  # fmt: skip
    assert spent["write"].usd == pytest.approx(0.12) and usage_by_stage(calls_of(opened)) == spent


def test_every_attempt_is_recorded_with_what_was_sent_and_what_came(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault(status=500), {"wrong": 1}, YES]
    chat = opened()
    chat.ask(question(label="intro"), Answer, sample=3)
    failed, bad, good = read_calls(calls_of(opened))
    assert [failed.status, bad.status, good.status] == ["server_error", "invalid", "ok"]
    assert [failed.last, bad.last, good.last] == [False, False, True]
    assert (good.purpose, good.label, good.sample, good.ordinal, good.stage) == ("write/answer", "intro", 3, 0, "write")
    assert good.reply == '{"answer": "yes"}' and '{"wrong": 1}' in good.request and "Is it so?" in good.request
    assert failed.input_tokens == 0 and bad.input_tokens == 100 and good.usd == pytest.approx(0.12)
    (row,) = by_purpose((failed, bad, good))
    assert (row.attempts, row.answered, row.unanswered, row.invalid, row.faults) == (3, 1, 0, 1, 1)
    assert row.input_tokens == 200 and row.usd == pytest.approx(0.24)
    assert total((row, row)).model_dump(exclude={"purpose", "models"})["attempts"] == 6


def test_ordinals_count_the_different_requests_of_one_purpose(opened: Opened) -> None:
    chat = opened()
    for text in ("first", "second", "first", "third"):
        chat.ask(question(text), Answer)
    assert [call.ordinal for call in read_calls(calls_of(opened))] == [0, 1, 2]


def test_threads_share_one_record(opened: Opened, provider: Provider) -> None:
    chat = opened()
    threads = [
        threading.Thread(target=chat.ask, args=(question(f"text {n % 4}", label=str(n % 4)), Answer)) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(provider.requests) == 4 and len(read_calls(calls_of(opened))) == 4


def test_an_invalid_reply_is_not_paid_for_twice_when_the_run_went_on(opened: Opened, provider: Provider) -> None:
    provider.script = [{"wrong": 1}] * 3 + [YES]
    chat = opened()
    with pytest.raises(ReplyInvalid):
        chat.ask(question("a section"), Answer)
    chat.ask(question("the next section"), Answer)  # the stage had somebody stand in
    with pytest.raises(ReplyInvalid):
        opened().ask(question("a section"), Answer)
    assert len(provider.requests) == 4


def test_a_run_that_stopped_at_an_invalid_reply_asks_again(opened: Opened, provider: Provider) -> None:
    provider.script = [{"wrong": 1}] * 3 + [YES]
    with pytest.raises(ReplyInvalid):
        opened().ask(question(), Answer)
    assert opened().ask(question(), Answer) == Answer(answer="yes")


class TestBudget:
    def test_a_call_that_may_cost_too_much_is_not_made(self, opened: Opened, provider: Provider) -> None:
        with pytest.raises(BudgetSpent, match="resume") as e:
            opened(budget_usd=1.0).ask(question(), Answer, max_tokens=2000)
        assert provider.requests == [] and "4." in e.value.message and e.value.exit_code == 5

    def test_what_was_reserved_and_not_used_is_given_back(self, opened: Opened, provider: Provider) -> None:
        chat = opened(budget_usd=1.0)
        for n in range(5):  # each may cost 0.3 USD and costs 0.12
            chat.ask(question(f"text {n}"), Answer, max_tokens=100)
        with pytest.raises(BudgetSpent):
            for n in range(5, 10):
                chat.ask(question(f"text {n}"), Answer, max_tokens=100)
        assert chat.total().usd <= 1.0 and len(provider.requests) == 6

    def test_tokens_are_a_budget_too_and_hold_over_a_resume(self, opened: Opened, provider: Provider) -> None:
        opened(budget_tokens=400).ask(question(), Answer, max_tokens=100)
        again = opened(budget_tokens=400)
        again.ask(question("next"), Answer, max_tokens=100)
        with pytest.raises(BudgetSpent, match="tokens"):
            again.ask(question("third"), Answer, max_tokens=150)
        assert opened(budget_tokens=2000).ask(question("third"), Answer, max_tokens=150) == Answer(answer="yes")

    def test_time_is_a_budget_too_and_holds_over_a_resume(self, opened: Opened, provider: Provider) -> None:
        opened().ask(question(), Answer)
        with pytest.raises(BudgetSpent, match="minutes"):
            opened(budget_model_minutes=1e-6).ask(question("next"), Answer)
        assert len(provider.requests) == 1
        assert opened(budget_model_minutes=5.0).ask(question("next"), Answer) == Answer(answer="yes")

    def test_a_call_may_take_no_longer_than_is_left(self) -> None:
        with Budget(seconds=60, spent=Usage(seconds=50)).reserved(1, None) as settlement:
            assert settlement.seconds == pytest.approx(10)

    def test_what_the_record_answers_is_free(self, opened: Opened) -> None:
        opened(budget_tokens=400).ask(question(), Answer, max_tokens=100)
        assert opened(budget_tokens=1).ask(question(), Answer, max_tokens=100) == Answer(answer="yes")

    def test_failed_calls_count_at_what_they_may_have_cost(self, opened: Opened, provider: Provider) -> None:
        opened().ask(question("warm up"), Answer)
        provider.script = [Fault("silent"), YES]
        chat = opened(budget_tokens=1500, patience=Patience(call_s=0.5))
        with pytest.raises(BudgetSpent):
            chat.ask(question(), Answer, max_tokens=1000)
        assert chat.total().output_tokens == 1010

    def test_dollars_without_a_price_need_tokens_beside_them(self, opened: Opened, provider: Provider) -> None:
        with pytest.raises(UsageError, match="price of openai:unheard is not known"):
            opened("openai:unheard", budget_usd=1.0)
        opened("openai:unheard", budget_usd=1.0, budget_tokens=10_000).ask(question(), Answer)
        assert opened.kinds() == ["model.price_unknown", "model.called"]
        assert read_calls(calls_of(opened))[0].usd is None

    def test_the_upper_bound_of_tokens_is_one(self) -> None:
        assert most_tokens("The quick brown fox jumps over the lazy dog.") > 10
        assert most_tokens("aGVsbG8gd29ybGQgZm9vYmFy" * 40) >= 920
        assert most_tokens("12345") >= 5 and most_tokens("文字") >= 6 and most_tokens(r"\citep{a}") >= 6


KILLED = """
import os, signal, sys
from pathlib import Path
from scientist.models.opening import open_models
from tests.models.questions import Answer, question
models, folder, server = {"default": "openai:fake"}, Path(sys.argv[1]), sys.argv[2]
chat = open_models(models, folder=folder, base_url=server, emit=lambda *a, **k: None)
chat.ask(question("answered"), Answer)
print("asking", flush=True)
chat.ask(question("lost"), Answer)
"""


def test_a_killed_process_loses_no_answer_and_counts_the_call_it_was_waiting_for(
    opened: Opened, provider: Provider
) -> None:
    provider.script = [YES, Fault("silent"), YES]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(opened.folder), f"{provider.address}/v1"],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while len(provider.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(provider.requests) == 2
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)
    spent = usage_by_stage(calls_of(opened))["write"]
    assert spent.calls == 2 and spent.output_tokens == 10 + 2048
    chat = opened()
    chat.ask(question("answered"), Answer)
    assert len(provider.requests) == 2
    chat.ask(question("lost"), Answer)
    assert len(provider.requests) == 3


class TestReplay:
    def record(self, opened: Opened, provider: Provider) -> Path:
        provider.script = ["not JSON", {"answer": "one"}, {"answer": "two"}, *[{"wrong": 1}] * 3, {"answer": "four"}]
        chat = opened()
        chat.ask(question("1"), Answer)
        chat.ask(question("2"), Answer)
        with pytest.raises(ReplyInvalid):
            chat.ask(question("3", label="bad"), Answer)
        chat.ask(question("4"), Answer, sample=1)
        with pytest.raises(BudgetSpent):
            opened(budget_tokens=1).ask(question("5", label="dear"), Answer)
        provider.requests.clear()
        return opened.folder

    @pytest.mark.parametrize("form", ["folder", "sqlite", "jsonl"])
    def test_a_run_replays_without_a_model(self, opened: Opened, provider: Provider, form: str, tmp_path: Path) -> None:
        folder = self.record(opened, provider)
        exported = tmp_path / "recording.jsonl"
        exported.write_text(export_recording(folder / "calls.sqlite"))
        recording = {"folder": folder, "sqlite": folder / "calls.sqlite", "jsonl": exported}[form]
        chat = opened({}, folder=tmp_path / "again", replay=recording)
        assert chat.name("write") == "openai:fake"
        assert [chat.ask(question(t), Answer).answer for t in ("1", "2", "1")] == ["one", "two", "one"]
        with pytest.raises(ReplyInvalid):
            chat.ask(question("3", label="bad"), Answer)
        assert chat.ask(question("4"), Answer, sample=1).answer == "four"
        with pytest.raises(BudgetSpent):
            chat.ask(question("5", label="dear"), Answer)
        with pytest.raises(RecordingEnds, match="number 3"):
            chat.ask(question("6"), Answer)
        assert provider.requests == [] and chat.total() == Usage(calls=5)

    def test_changed_prompts_are_answered_in_their_order_and_counted(
        self, opened: Opened, provider: Provider, tmp_path: Path
    ) -> None:
        folder = self.record(opened, provider)
        opened.events.clear()
        chat = opened({}, folder=tmp_path / "again", replay=folder)
        replies = [chat.ask(question(t), Answer).answer for t in ("1, reworded", "2")]
        assert replies == ["one", "two"]
        assert [e["exact"] for e in opened.events] == [False, True]

    def test_a_replay_of_a_replay_is_the_same(self, opened: Opened, provider: Provider, tmp_path: Path) -> None:
        folder = self.record(opened, provider)
        chat = opened({}, folder=tmp_path / "again", replay=folder)
        chat.ask(question("1"), Answer)
        chat.ask(question("2"), Answer)
        lines = export_recording(tmp_path / "again" / "calls.sqlite").splitlines()
        assert lines == export_recording(folder / "calls.sqlite").splitlines()[:2]

    def test_the_exported_recording_is_readable_and_editable(self, opened: Opened, provider: Provider) -> None:
        first = json.loads(export_recording(self.record(opened, provider) / "calls.sqlite").splitlines()[0])
        assert first["reply"] == {"answer": "one"} and first["purpose"] == "write/answer"
        assert first["model"] == "openai:fake" and first["status"] == "ok"

    def test_a_recording_that_is_not_there_is_said(self, opened: Opened, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no recording"):
            opened({}, replay=tmp_path / "nowhere")


def test_a_scripted_model_meets_the_same_retries_and_goes_on_after_a_resume(opened: Opened, tmp_path: Path) -> None:
    faults = ["rate_limit", "server_error", "not_json", "timeout", "empty"]
    lines = [{"purpose": "write/answer", "fault": f} for f in faults]
    lines += [{"purpose": "write/answer", "reply": YES}, {"purpose": "write/answer", "reply": {"answer": "next"}}]
    script = tmp_path / "script.jsonl"
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    opened(f"scripted:{script}").ask(question(), Answer)
    assert [c.status for c in read_calls(calls_of(opened))] == [
        "rate_limit", "server_error", "invalid", "timeout", "empty", "ok",
    ]  # fmt: skip
    assert opened(f"scripted:{script}").ask(question("next"), Answer).answer == "next"


@pytest.mark.parametrize("fault", ["truncated", "refusal", "wrong_language", "invalid", "dropped"])
def test_each_scripted_fault_is_mended(opened: Opened, tmp_path: Path, fault: str) -> None:
    script = tmp_path / "script.jsonl"
    lines = [{"purpose": "write/answer", "fault": fault}, {"purpose": "write/answer", "reply": YES}]
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    chat = opened(f"scripted:{script}")
    assert chat.ask(question(), Answer) == Answer(answer="yes")
    recorded = {"refusal": "refused", "wrong_language": "invalid"}.get(fault, fault)
    assert [c.status for c in read_calls(calls_of(opened))] == [recorded, "ok"]


def test_a_file_that_is_no_record_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").write_text("not a database, but somebody's notes" * 100)
    with pytest.raises(UsageError, match="not a record of calls"):
        open_models({"default": "openai:x"}, folder=tmp_path, emit=lambda *_, **__: None)
    assert (tmp_path / "calls.sqlite").read_text().startswith("not a database")


def test_nothing_is_ever_changed_in_the_record(opened: Opened, provider: Provider) -> None:
    opened().ask(question(), Answer)
    with sqlite3.connect(calls_of(opened)) as db:
        before = db.execute("SELECT * FROM calls").fetchall()
    opened().ask(question("more"), Answer)
    with sqlite3.connect(calls_of(opened)) as db:
        assert db.execute("SELECT * FROM calls").fetchall()[: len(before)] == before
