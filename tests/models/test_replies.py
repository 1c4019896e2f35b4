"""What a model's text is read as, and what is said about it when it cannot be."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from scientist.models.replies import judge, whole
from scientist.models.schemas import schema_of


class Sentence(BaseModel):
    text: str
    claims: tuple[str, ...] = ()


class Section(BaseModel):
    kind: Literal["method", "results"]
    sentences: tuple[Sentence, ...] = Field(max_length=3)
    note: str | None = None


GOOD = '{"kind": "results", "sentences": [{"text": "It holds.", "claims": []}], "note": null}'


@pytest.mark.parametrize(
    "text",
    [GOOD, f"```json\n{GOOD}\n```", f"Here it is, {{as asked}}: {GOOD} I hope that it helps.", f"\n\n{GOOD}\n\n  "],
    ids=["bare", "fenced", "in prose with braces", "in white space"],
)
def test_the_json_object_is_found_whatever_stands_around_it(text: str) -> None:
    judged = judge(text, Section)
    assert judged.reply == Section(kind="results", sentences=(Sentence(text="It holds."),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the reply was empty"),
        ("I would rather not.", "no JSON object"),
        ('{"kind": "results", "sentences": [', "not valid JSON"),
        (r'{"kind": "results", "sentences": [{"text": "See \citep{a}."}]}', "a backslash is written twice"),
        (r'{"kind": "results", "sentences": [{"text": "See \ref{fig}."}]}', "a backslash is written twice"),
        ('{"kind": "poem", "sentences": []}', "kind: Input should be 'method' or 'results' (got \"poem\")"),
        ('{"kind": "results"}', "sentences: Field required"),
        ('{"kind": "results", "sentences": [{"text": 5}]}', "sentences.0.text: Input should be a valid string (got 5)"),
        ('{"kind": "results", "sentences": [], "note": "' + "Модель отвечает не по-английски. " * 3 + '"}', "English"),
    ],
)
def test_a_bad_reply_is_told_what_is_wrong(text: str, said: str) -> None:
    judged = judge(text, Section)
    assert judged.reply is None
    assert said in judged.problem


def test_greek_letters_and_accents_are_english_enough() -> None:
    text = "With α = β and γ, as Poincaré and Gödel wrote, the naïve estimate of σ stays below that of Erdős."
    assert judge(f'{{"kind": "results", "sentences": [{{"text": "{text}"}}]}}', Section).reply is not None


def test_the_check_of_the_stage_is_asked_last() -> None:
    judged = judge(GOOD, Section, lambda reply: f"{reply.kind} is not wanted")
    assert (judged.reply, judged.problem) == (None, "results is not wanted")


def test_a_long_list_of_problems_is_cut() -> None:
    class Many(BaseModel):
        numbers: tuple[int, ...]

    problem = judge('{"numbers": [' + ", ".join(['"x"'] * 20) + "]}", Many).problem
    assert "numbers.7" in problem and "numbers.8" not in problem and "and 12 more problems" in problem


def test_whole_tells_a_complete_object_from_one_cut_off() -> None:
    assert whole(GOOD + "  \n") and not whole(GOOD[:-3]) and not whole("words")


def test_the_schema_is_plain_enough_for_strict_decoding() -> None:
    schema = schema_of(Section)
    sentence = schema["properties"]["sentences"]["items"]
    assert schema["required"] == ["kind", "sentences", "note"] and schema["additionalProperties"] is False
    assert schema["properties"]["kind"] == {"enum": ["method", "results"], "type": "string"}
    assert sentence["required"] == ["text", "claims"] and sentence["additionalProperties"] is False
    assert "$ref" not in str(schema) and "default" not in str(schema) and schema["title"] == "Section"


def test_a_field_may_be_called_like_a_keyword_of_the_schema() -> None:
    class Named(BaseModel):
        title: str
        format: Literal["a"]

    assert schema_of(Named)["properties"] == {"title": {"type": "string"}, "format": {"type": "string", "enum": ["a"]}}
