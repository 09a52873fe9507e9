"""Amazon's definitions as JSON Schema that refuses what it does not know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema

from tap_amazon_sp.simulator.server.models import Models


class StrictSchemas:
    """Checks content against Amazon's models; fields the model does not know are mistakes."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._definitions: dict[str, Any] = {}

    def problem(self, api: str, schema: Mapping[str, Any], content: Any) -> str | None:
        """What is wrong with a content, or None.

        Args:
            api: Whose definitions the schema refers to.
            schema: What the content must fit.
            content: JSON.
        """
        definitions = self._definitions.get(api)
        if definitions is None:
            definitions = self._definitions[api] = strict(self._models._definitions[api])
        checker = jsonschema.Draft4Validator({**schema, "definitions": definitions})
        error = next(checker.iter_errors(content), None)
        if error is None:
            return None
        return f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def strict(definitions: dict[str, Any]) -> Any:
    """Close all objects; the parts of an `allOf` are one object."""

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
