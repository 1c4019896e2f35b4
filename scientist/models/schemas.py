"""A reply's pydantic model as the plain JSON schema that constrained decoding takes."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

DROPPED = frozenset({"title", "default", "minLength", "maxLength", "pattern", "format", "uniqueItems"})
"""Keywords that some providers refuse or turn into huge grammars; pydantic checks them when the reply is there."""


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema without references: every field required, no others allowed, choices as enums."""
    schema = model.model_json_schema()
    plain: dict[str, Any] = _plain(schema, schema.get("$defs", {}))
    plain["title"] = model.__name__
    plain.setdefault("description", "The reply.")
    return plain


BOUNDS = ((8, 400), (6, 300), (4, 240), (3, 160), (2, 120), (1, 80))
"""Most items of a list and most characters of a text, widest first."""
CHARACTERS_PER_TOKEN = 3
"""Fewer than a language has: the words of a model that wanders are cut small."""
NUMBER_LENGTH = 12
"""Characters of a number, a truth value or null."""


def bounded(schema: dict[str, Any], max_tokens: int) -> dict[str, Any]:
    """``schema`` with limits on lists and free texts, so that a reply which keeps to it ends within ``max_tokens``.

    For servers that decode by the schema: a small model that repeats itself there comes to the end all the same.
    The limits are the widest of BOUNDS that fit, else the narrowest; what the schema asks for at the least stays.
    """
    limited: dict[str, Any] = schema
    for items, characters in BOUNDS:
        limited = _limited(schema, items, characters)
        if _longest(limited) <= max_tokens * CHARACTERS_PER_TOKEN:
            break
    return limited


def _limited(node: Any, items: int, characters: int) -> Any:
    if isinstance(node, list):
        return [_limited(part, items, characters) for part in node]
    if not isinstance(node, dict):
        return node
    out = {
        k: {name: _limited(field, items, characters) for name, field in v.items()}
        if k == "properties"
        else _limited(v, items, characters)
        for k, v in node.items()
    }
    if node.get("type") == "string" and "enum" not in node:
        out.setdefault("maxLength", characters)
    if node.get("type") == "array":
        out["maxItems"] = max(min(items, node.get("maxItems", items)), node.get("minItems", 0))
    return out


def _longest(node: dict[str, Any]) -> int:
    """Characters of the longest reply to a schema with limits, without white space between its parts."""
    if "enum" in node:
        return max(len(json.dumps(choice)) for choice in node["enum"])
    if "anyOf" in node:
        return max(_longest(choice) for choice in node["anyOf"])
    match node.get("type"):
        case "object":
            return sum(len(name) + 4 + _longest(field) for name, field in node.get("properties", {}).items())
        case "array":
            return int(node["maxItems"]) * (_longest(node["items"]) + 2)
        case "string":
            return int(node["maxLength"])
        case _:
            return NUMBER_LENGTH


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        return _plain({**target, **{k: v for k, v in node.items() if k != "$ref"}}, definitions)
    out = {k: _plain(v, definitions) for k, v in node.items() if k not in DROPPED and k not in ("$defs", "properties")}
    if "const" in out:
        out["enum"] = [out.pop("const")]
    if "properties" in node:
        out["properties"] = {name: _plain(field, definitions) for name, field in node["properties"].items()}
        out["required"] = list(node["properties"])
        out["additionalProperties"] = False
    return out
