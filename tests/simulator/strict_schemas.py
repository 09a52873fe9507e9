"""Checks against Amazon's definitions that refuse fields which the definitions do not have."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

import jsonschema

from tap_amazon_sp.simulator.server.models import load_models


def schema_problem(api: str, schema: Mapping[str, Any], content: Any) -> str | None:
    """Return what is wrong with a content, or None.

    Args:
        api: The API whose definitions the schema refers to.
        schema: The schema that the content must fit.
        content: JSON.
    """
    checker = jsonschema.Draft4Validator({**schema, "definitions": _definitions(api)})
    error = next(checker.iter_errors(content), None)
    if error is None:
        return None
    return f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"


@functools.cache
def _definitions(api: str) -> Any:
    return _strict(load_models()._definitions[api])


def _strict(definitions: dict[str, Any]) -> Any:
    """Return definitions in which all objects are closed; the parts of an `allOf` are merged."""

    def flat(node: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in node:
            return flat(definitions[node["$ref"].rpartition("/")[2]])
        if "allOf" not in node:
            return node
        whole: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        own = {name: part for name, part in node.items() if name != "allOf"}
        for part in map(flat, [*node["allOf"], own]):
            whole["properties"] |= part.get("properties", {})
            whole["required"] += part.get("required", [])
        return whole

    def close(node: Any) -> Any:
        if isinstance(node, list):
            return [close(part) for part in node]
        if not isinstance(node, dict):
            return node
        node = {name: close(part) for name, part in flat(node).items()} if "allOf" in node else node
        node = {name: close(part) for name, part in node.items()}
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        if node.get("required") == []:
            del node["required"]
        return node

    return close(json.loads(json.dumps(definitions)))
