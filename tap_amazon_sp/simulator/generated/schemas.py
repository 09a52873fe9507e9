"""Schemas of Amazon's models without references and with merged parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Definitions(Protocol):
    """The definitions that schemas refer to."""

    def resolve(self, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema; references are followed."""


def merged(definitions: Definitions, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema whose parts (`allOf`) are merged; the schema itself is not a reference."""
    parts = schema.get("allOf")
    if not parts:
        return schema
    whole: dict[str, Any] = {"properties": {}, "required": []}
    own = {name: value for name, value in schema.items() if name != "allOf"}
    for part in (*(flat(definitions, api, one) for one in parts), own):
        whole["properties"] |= part.get("properties", {})
        whole["required"] += part.get("required", [])
        whole |= {
            name: value for name, value in part.items() if name not in ("properties", "required")
        }
    return whole


def flat(definitions: Definitions, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema; references are followed, and its parts (`allOf`) are merged."""
    return merged(definitions, api, definitions.resolve(api, schema))


def schema_at(
    definitions: Definitions, api: str, schema: Mapping[str, Any], path: str
) -> Mapping[str, Any]:
    """Return the schema at a dotted path of properties; see `flat`."""
    schema = flat(definitions, api, schema)
    for name in filter(None, path.split(".")):
        schema = flat(definitions, api, schema.get("properties", {}).get(name, {}))
    return schema
