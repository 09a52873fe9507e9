"""Answers that Amazon's models allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation, resolved

IN_A_LIST = 2
FREE_FORM = {"shippingV2.getAdditionalInputs"}
"""Operations whose record is any JSON Schema: the model names no property."""


class LegalAnswers:
    """Makes answers that fit the models of one API."""

    def __init__(self, operation: Operation) -> None:
        self._definitions = catalogue.load_api(operation.api).definitions

    def largest(self, schema: Mapping[str, Any], inside: tuple[str, ...] = ()) -> Any:
        """Return a value with all properties, and lists with several items."""
        if (name := schema.get("$ref")) in inside:
            return None
        inside = (*inside, name) if name else inside
        schema = resolved(schema, self._definitions)
        if "enum" in schema:
            return schema["enum"][0]
        properties = dict(self._properties(schema))
        if properties or schema.get("type", "object") == "object":
            found = {key: self.largest(value, inside) for key, value in properties.items()}
            return {key: value for key, value in found.items() if value is not None}
        if schema["type"] == "array":
            item = self.largest(schema["items"], inside)
            return [] if item is None else [item] * IN_A_LIST
        text = {"date-time": "2026-11-01T00:00:00Z", "date": "2026-11-01"}.get(
            schema.get("format", ""), "x"
        )
        return {"integer": 5, "number": 1.5, "boolean": True, "string": text}[schema["type"]]

    def smallest(self, schema: Mapping[str, Any]) -> Any:
        """Return an object with the properties that the model requires, and empty lists."""
        schema = resolved(schema, self._definitions)
        if schema.get("type") == "array":
            return []
        required = self._required(schema)
        found = {
            name: self.smallest(value)
            for name, value in self._properties(schema)
            if name in required
        }
        return found if found or schema.get("type", "object") == "object" else "x"

    def with_way_to(self, path: tuple[str, ...], schema: Mapping[str, Any], end: Any) -> Any:
        """Return the smallest object with a value at a path."""
        if not path:
            return end
        inner = dict(self._properties(resolved(schema, self._definitions)))[path[0]]
        return self.smallest(schema) | {path[0]: self.with_way_to(path[1:], inner, end)}

    def _properties(self, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for part in schema.get("allOf", ()):
            yield from self._properties(resolved(part, self._definitions))
        yield from schema.get("properties", {}).items()

    def _required(self, schema: Mapping[str, Any]) -> set[str]:
        parts = (resolved(part, self._definitions) for part in schema.get("allOf", ()))
        return set(schema.get("required", ())).union(*map(self._required, parts))


def largest_answer(operation: Operation) -> Any:
    """Return an answer with everything that the model has, other than errors."""
    body = LegalAnswers(operation).largest(operation.success_schema or {})
    if isinstance(body, dict):
        body.pop("errors", None)
    if operation.id in FREE_FORM:
        body["payload"] = {"type": "object"}
    return body
