"""A reply's pydantic model as the plain JSON schema that constrained decoding takes."""

from __future__ import annotations

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
