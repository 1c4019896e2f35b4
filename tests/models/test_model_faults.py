"""Every fault that a provider can produce, through LangChain's real clients, against a provider on loopback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from scientist.errors import EnvironmentProblem, ModelError, ModelUnavailable, ReplyInvalid, UsageError
from scientist.models.faults import Patience
from scientist.models.ledger import read_calls
from scientist.models.opening import open_endpoint
from scientist.retry_after import seconds_to_wait
from tests.models.conftest import Opened
from tests.models.provider import Fault, Provider
from tests.models.questions import Answer, question

YES = {"answer": "yes"}


def statuses(opened: Opened) -> list[str]:
    return [call.status for call in read_calls(opened.folder / "calls.sqlite")]


def test_a_reply_comes_through_an_unusable_proxy_setting(opened: Opened, provider: Provider) -> None:
    chat = opened()
    assert chat.ask(question(), Answer, max_tokens=99) == Answer(answer="yes")
    body = provider.requests[0]
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert body["response_format"]["type"] == "json_schema" and body["response_format"]["json_schema"]["strict"]
    assert body["max_completion_tokens"] == 99
    assert opened.kinds() == ["model.called"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(status=429), "rate_limit"),
        (Fault(status=500), "server_error"),
        (Fault(status=503), "server_error"),
        (Fault(status=529), "server_error"),
        (Fault("dropped"), "dropped"),
        (Fault("half"), "dropped"),
        (Fault("html"), "server_error"),
    ],
    ids=["429", "500", "503", "529", "reset", "half an answer", "a page"],
)
def test_faults_that_may_pass_are_waited_for_with_growing_jittered_pauses(
    opened: Opened, provider: Provider, fault: Fault, status: str
) -> None:
    provider.script = [fault, fault, YES]
    assert opened().ask(question(), Answer) == Answer(answer="yes")
    assert statuses(opened) == [status, status, "ok"]
    first, second = opened.waits
    assert 0.5 <= first <= 1.0 <= second <= 2.0
    assert opened.kinds() == ["model.retried", "model.retried", "model.called"]


def test_the_same_seed_waits_the_same(tmp_path: Path) -> None:
    assert list(Patience().waits("0:a")) == list(Patience().waits("0:a")) != list(Patience().waits("1:a"))


@pytest.mark.parametrize("way", ["silent", "drip"])
def test_silence_and_dripping_end_at_the_limit_of_wall_time(opened: Opened, provider: Provider, way: str) -> None:
    opened().ask(question("warm up"), Answer)
    provider.script = [Fault(way), YES]
    chat = opened(patience=Patience(call_s=1.0))
    assert chat.ask(question(), Answer) == Answer(answer="yes")
    timed_out = read_calls(opened.folder / "calls.sqlite")[1]
    assert timed_out.status == "timeout"
    assert timed_out.output_tokens == 2048, "what the provider may have charged is counted at its worst"


def test_a_server_that_is_not_there_charges_nothing(opened: Opened) -> None:
    chat = opened(base_url="http://127.0.0.1:9/v1", patience=Patience(attempts=2))
    with pytest.raises(ModelUnavailable, match="unreached, 2 times"):
        chat.ask(question(), Answer)
    assert (chat.total().calls, chat.total().output_tokens, chat.total().usd) == (2, 0, 0.0)


def test_retry_after_is_kept_to(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault(status=429, headers={"retry-after": "17"}), YES]
    opened().ask(question(), Answer)
    assert opened.waits == [17.0]


def test_a_retry_after_longer_than_our_patience_ends_at_once(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault(status=429, headers={"retry-after": "7200"})]
    with pytest.raises(ModelUnavailable, match="7200 s") as e:
        opened().ask(question(), Answer)
    assert "resume" in e.value.hint and e.value.exit_code == 5
    assert len(provider.requests) == 1 and opened.waits == []


def test_retry_after_may_be_a_date() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert seconds_to_wait(format_datetime(now + timedelta(seconds=40)), now) == 40
    assert seconds_to_wait("soon") is None and seconds_to_wait("-3") == 0 and seconds_to_wait(None) is None


def test_a_provider_that_stays_down_is_given_up_and_asked_again_on_resume(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault(status=503)]
    chat = opened()
    with pytest.raises(ModelUnavailable, match="6 times"):
        chat.ask(question(), Answer)
    assert len(provider.requests) == 6 and len(opened.waits) == 5
    provider.script = [YES]
    assert chat.ask(question(), Answer) == Answer(answer="yes")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=401),
        Fault(status=404),
        Fault(status=429, body={"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}),
    ],
    ids=["key", "name", "money"],
)
def test_what_waiting_cannot_mend_is_not_waited_for(opened: Opened, provider: Provider, fault: Fault) -> None:
    provider.script = [fault]
    with pytest.raises(ModelUnavailable) as e:
        opened().ask(question(), Answer)
    assert len(provider.requests) == 1 and "key" in e.value.hint


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault("truncated"), "truncated"), (Fault("empty"), "empty"), (Fault("filtered"), "refused"),
     (Fault("refusal"), "refused")],
)  # fmt: skip
@pytest.mark.parametrize("method", ["json_schema", "tools", "json"])
def test_replies_that_are_none_are_asked_for_again(
    opened: Opened, provider: Provider, fault: Fault, status: str, method: str
) -> None:
    provider.script = [fault, YES]
    assert opened(method=method).ask(question(), Answer, max_tokens=100) == Answer(answer="yes")
    assert statuses(opened) == [status, "ok"]
    first, second = (r["max_completion_tokens"] for r in provider.requests)
    assert second == (200 if status == "truncated" else 100) and first == 100


def test_a_weak_model_that_rambles_gets_no_more_room(
    opened: Opened, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weak.toml").write_text('[[models]]\npattern = "*"\nstrength = "weak"\n')
    monkeypatch.setenv("SCIENTIST_PRICES", str(tmp_path / "weak.toml"))
    provider.script = [Fault("truncated"), YES]
    opened().ask(question(), Answer, max_tokens=100)
    assert [r["max_completion_tokens"] for r in provider.requests] == [100, 100]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("Certainly. It is so.", "no JSON object"),
        ('{"reply": "yes"}', "answer: Field required"),
        ({"answer": "Это ответ на другом языке, и он довольно длинный."}, "not in English"),
    ],
    ids=["prose", "another schema", "another language"],
)
def test_a_bad_reply_goes_back_with_what_is_wrong(opened: Opened, provider: Provider, bad: Any, said: str) -> None:
    chat = opened()
    chat.ask(question("something else"), Answer)
    provider.script = [bad, YES]
    assert chat.ask(question(), Answer) == Answer(answer="yes")
    *_, shown, complaint = provider.requests[-1]["messages"]
    assert shown["role"] == "assistant" and complaint["role"] == "user" and said in complaint["content"]
    assert "model.repaired" in opened.kinds()


def test_what_the_stage_finds_wrong_goes_back_too(opened: Opened, provider: Provider) -> None:
    provider.script = [{"answer": "no"}, YES]
    reply = opened().ask(question(), Answer, check=lambda r: "it is so" if r.answer == "no" else None)
    assert reply.answer == "yes" and "it is so" in provider.requests[-1]["messages"][-1]["content"]


def test_after_two_repairs_the_reply_is_saved_and_named(opened: Opened, provider: Provider) -> None:
    provider.script = [{"wrong": 1}]
    with pytest.raises(ReplyInvalid) as e:
        opened().ask(question(label="Results & more"), Answer)
    assert len(provider.requests) == 3
    saved = opened.folder / "replies" / "write-answer-results---more-0.txt"
    assert str(saved) in e.value.hint and '{"wrong": 1}' in saved.read_text()


def test_a_model_that_keeps_refusing_is_given_up(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault("refusal")]
    with pytest.raises(ModelUnavailable, match="refused"):
        opened().ask(question(), Answer)
    assert len(provider.requests) == 3 and opened.kinds()[-1] == "model.refused"


def test_the_fallback_answers_when_the_first_model_is_down(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault(status=503)] * 2 + [YES]
    chat = opened(fallback="openai:fake-2", patience=Patience(attempts=2))
    assert chat.ask(question(), Answer) == Answer(answer="yes")
    assert [r["model"] for r in provider.requests] == ["fake", "fake", "fake-2"]
    assert chat.ask(question("next"), Answer) == Answer(answer="yes")
    assert provider.requests[-1]["model"] == "fake-2", "a model that was down is not waited for again"
    assert opened.kinds().count("model.fell_back") == 1
    assert read_calls(opened.folder / "calls.sqlite")[2].model == "openai:fake-2"


def test_a_refusal_goes_to_the_fallback_for_that_request_alone(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault("refusal")] * 3 + [YES]
    chat = opened(fallback="openai:fake-2")
    chat.ask(question(), Answer)
    chat.ask(question("next"), Answer)
    assert [r["model"] for r in provider.requests] == ["fake"] * 3 + ["fake-2", "fake"]


TOO_LONG = Fault(status=400, body={"error": {"message": "This model's maximum context length is 10 tokens."}})


def test_a_prompt_too_long_loses_its_least_useful_material(opened: Opened, provider: Provider) -> None:
    provider.script = [TOO_LONG, TOO_LONG, YES]
    assert opened().ask(question(papers=8), Answer) == Answer(answer="yes")
    kept = [sum(f"paper {i}\n" in r["messages"][1]["content"] for i in range(8)) for r in provider.requests]
    assert kept == [8, 4, 2]
    assert [e["left_out"] for e in opened.events if e["kind"] == "model.shrunk"] == [{"papers": 4}, {"papers": 6}]


def test_a_prompt_that_may_not_be_shortened_says_so(opened: Opened, provider: Provider) -> None:
    provider.script = [TOO_LONG]
    with pytest.raises(ModelError, match="nothing more may be left out"):
        opened().ask(question(), Answer)


def test_a_known_context_shortens_the_prompt_before_it_is_sent(
    opened: Opened, provider: Provider, tmp_path: Path
) -> None:
    table = tmp_path / "prices.toml"
    table.write_text('[[models]]\npattern = "openai:fake"\ncontext = 600\n')
    assert opened().ask(question(papers=64), Answer, max_tokens=4000) == Answer(answer="yes")
    assert len(provider.requests) == 1
    assert provider.requests[0]["max_completion_tokens"] == 300, "half of the context is the most for a reply"
    assert len(provider.requests[0]["messages"][1]["content"]) < 1200


@pytest.mark.parametrize(
    ("trouble", "worked"),
    [({"json_schema"}, "tools"), ({"json_schema", "tools"}, "json")],
)
@pytest.mark.parametrize("way", ["refuses", "ignores"])
def test_another_structured_method_is_found_and_remembered(
    opened: Opened, provider: Provider, trouble: set[str], worked: str, way: str
) -> None:
    setattr(provider, way, trouble)
    if way == "ignores" and worked == "json":
        provider.script = [YES]
    opened().ask(question(), Answer)
    assert read_calls(opened.folder / "calls.sqlite")[-1].method == worked
    assert len(provider.requests) == len(trouble) + 1
    opened().ask(question("in another process"), Answer)
    assert len(provider.requests) == len(trouble) + 2, "the method that works is tried first from now on"


def test_a_request_that_no_method_can_carry_is_given_up(opened: Opened, provider: Provider) -> None:
    provider.script = [Fault(status=400, body={"error": {"message": "unknown parameter"}})]
    with pytest.raises(ModelUnavailable, match="unknown parameter"):
        opened().ask(question(), Answer)
    assert len(provider.requests) == 3


def test_usage_comes_from_the_provider_and_is_bounded_where_it_does_not_say(opened: Opened, provider: Provider) -> None:
    provider.cached_tokens = 60
    chat = opened()
    chat.ask(question(), Answer)
    provider.counts = False
    chat.ask(question("again"), Answer)
    known, bounded = read_calls(opened.folder / "calls.sqlite")
    assert (known.input_tokens, known.cached_tokens, known.output_tokens) == (100, 60, 10)
    assert known.usd == pytest.approx((40 * 1000 + 60 * 100 + 10 * 2000) / 1e6)
    assert bounded.input_tokens > 20 and bounded.output_tokens > 3


def test_pictures_are_sent_with_the_first_message(opened: Opened, provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    opened().ask(question(), Answer, images=(tmp_path / "a.png",))
    text, picture = provider.requests[0]["messages"][1]["content"]
    assert text["type"] == "text" and picture["image_url"]["url"] == "data:image/png;base64,iVBORw=="


class TestAnthropic:
    """The same faults in the other protocol, told apart by the same code."""

    @pytest.mark.parametrize(
        ("fault", "status"),
        [
            (Fault(status=429, headers={"retry-after": "3"}), "rate_limit"),
            (Fault(status=529, body={"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}),
             "server_error"),
            (Fault("half"), "dropped"),
            (Fault("truncated"), "truncated"),
            (Fault("filtered"), "refused"),
            (Fault(status=400, body={"type": "error", "error": {"type": "invalid_request_error",
             "message": "prompt is too long: 9 tokens > 8 maximum"}}), "context"),
        ],
        ids=["429", "529", "half", "truncated", "refused", "context"],
    )  # fmt: skip
    def test_faults(
        self, opened: Opened, provider: Provider, fault: Fault, status: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.address)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        provider.script = [fault, YES]
        chat = opened("anthropic:fake")
        assert chat.ask(question(papers=4), Answer) == Answer(answer="yes")
        assert statuses(opened) == [status, "ok"]
        assert provider.requests[-1]["tools"][0]["name"] == "Answer"
        assert provider.requests[-1]["system"]


def test_a_missing_package_names_the_extra() -> None:
    with pytest.raises(EnvironmentProblem) as e:
        open_endpoint("google_genai:gemini")
    assert e.value.hint == 'pip install "scientist[google]"'


def test_a_missing_key_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(EnvironmentProblem, match="OPENAI_API_KEY"):
        open_endpoint("openai:gpt-4o")


def test_a_model_without_a_provider_is_refused() -> None:
    with pytest.raises(UsageError, match="whose model"):
        open_endpoint("gpt-4o")
