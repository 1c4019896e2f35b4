"""Schemas of replies, and their limits for models that decode by them."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from scientist.models.schemas import CHARACTERS_PER_TOKEN, bounded, schema_of


class Sentence(BaseModel):
    text: str
    claims: list[Literal["claim.main", "claim.second"]]
    strength: float | None = None


class Section(BaseModel):
    outline: str
    sentences: list[Sentence]


def longest(model: type[BaseModel], schema: dict[str, Any], fill: str = "x") -> BaseModel:
    """A reply as long as ``schema`` lets it be."""

    def value(node: dict[str, Any]) -> Any:
        if "enum" in node:
            return max(node["enum"], key=lambda choice: len(str(choice)))
        if "anyOf" in node:
            return value(node["anyOf"][0])
        match node["type"]:
            case "object":
                return {name: value(field) for name, field in node["properties"].items()}
            case "array":
                return [value(node["items"]) for _ in range(node["maxItems"])]
            case "string":
                return fill * node["maxLength"]
            case _:
                return 0.123456789

    return model.model_validate(value(schema))


@pytest.mark.parametrize("max_tokens", [200, 900, 4000])
def test_the_longest_reply_to_a_bounded_schema_fits_the_tokens_given(max_tokens: int) -> None:
    reply = longest(Section, bounded(schema_of(Section), max_tokens))
    assert len(reply.model_dump_json()) <= max_tokens * CHARACTERS_PER_TOKEN


def test_more_tokens_leave_more_room() -> None:
    lengths = [len(longest(Section, bounded(schema_of(Section), n)).model_dump_json()) for n in (200, 900, 4000)]
    assert lengths == sorted(lengths) and lengths[0] < lengths[-1]


def test_no_list_gets_longer_than_stated_or_shorter_than_asked_for() -> None:
    made = create_model("Made", names=(list[str], Field(max_length=2)), most=(list[str], Field(min_length=12)))
    fields = bounded(schema_of(made), 4000)["properties"]
    assert fields["names"]["maxItems"] == 2
    assert fields["most"]["maxItems"] == 12


def test_a_field_called_type_is_no_type() -> None:
    made = create_model("Made", type=(str, ...), items=(str, ...))
    assert bounded(schema_of(made), 100)["properties"]["type"]["maxLength"] > 0
