"""Schemas of Amazon's models without references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.server.models import Models


def flat(models: Models, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema; references are followed, and its parts (`allOf`) are merged."""
    schema = models.resolve(api, schema)
    parts = schema.get("allOf")
    if not parts:
        return schema
    whole = {name: value for name, value in schema.items() if name != "allOf"}
    for part in parts:
        inner = flat(models, api, part)
        whole = {
            **inner,
            **whole,
            "properties": {**whole.get("properties", {}), **inner.get("properties", {})},
            "required": [*whole.get("required", ()), *inner.get("required", ())],
        }
    return whole


def schema_at(models: Models, api: str, schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the schema at a dotted path of properties; see `flat`."""
    schema = flat(models, api, schema)
    for name in filter(None, path.split(".")):
        schema = flat(models, api, schema.get("properties", {}).get(name, {}))
    return schema
