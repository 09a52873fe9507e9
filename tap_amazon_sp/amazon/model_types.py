"""The types of records in Amazon's models, as JSON Schemas for Singer.

The schemas allow more than Amazon's models do, because Amazon's answers do so too: every value may
be null, no property is required, and unknown properties and enum values are allowed. References are
replaced by what they refer to. If a type contains itself, the inner one is an object with any
content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.amazon.catalogue import (
    Api,
    Operation,
    definition_name,
    load_api,
    resolved,
)

KEPT_FORMATS = frozenset({"date", "date-time"})

Schema = dict[str, Any]
"""A JSON Schema."""

ModelType = Mapping[str, Any]
"""A type as Amazon's models describe it, in Swagger 2.0."""


def record_schema(
    operation: Operation,
    api: Api | None = None,
    path: Sequence[str] | None = None,
    *,
    with_values: bool = False,
) -> Schema:
    """Return the schema of one record of an operation.

    Args:
        operation: From the catalogue.
        api: The API of the operation; read from the catalogue by default.
        path: The names that lead from the answer to the record or to a list of records, through the
            items of lists on the way. By default, the operation's `results` or `record`.
        with_values: Also return the values that Amazon documents, as `enum`. Such a schema is for
            readers, and not for checking records.

    Raises:
        KeyError: The answer has no such path.
    """
    builder = _SchemaBuilder(api or load_api(operation.api), with_values=with_values)
    if operation.success_schema is None:
        return _root(_any_object())
    if path is None:
        path = operation.results if operation.results is not None else operation.record
    return _root(builder.build(builder.type_at(operation.success_schema, path or ())))


def answer_schema(operation: Operation) -> Schema:
    """Return the schema of the whole answer of an operation."""
    if operation.success_schema is None:
        return _root(_any_object())
    return _root(_SchemaBuilder(load_api(operation.api)).build(operation.success_schema))


def definition_schema(api: str, name: str) -> Schema:
    """Return the schema of a type that an API defines.

    Raises:
        KeyError: The API has no such type.
        UnknownOperationError: There is no such API.
    """
    loaded = load_api(api)
    return _root(_SchemaBuilder(loaded).build(loaded.definitions[name]))


class _SchemaBuilder:
    """Builds JSON Schemas from the types of one API."""

    def __init__(self, api: Api, *, with_values: bool = False) -> None:
        self._definitions = api.definitions
        self._with_values = with_values

    def type_at(self, model_type: ModelType, path: Sequence[str]) -> ModelType:
        """Return the type at the end of a path, or of the items of the list there."""
        for name in path:
            model_type = self._properties(self._item(model_type))[name]
        return self._item(model_type)

    def build(self, model_type: ModelType, inside: frozenset[str] = frozenset()) -> Schema:
        """Return the schema of a type, without references.

        Args:
            model_type: The type.
            inside: The names of the objects that contain it.
        """
        while "$ref" in model_type:
            name = definition_name(model_type)
            model_type = self._definitions[name]
            # Only objects are cut off: a list that contains itself stays a list.
            if _kind(model_type) == "object":
                if name in inside:
                    return _any_object()
                inside |= {name}

        kind = _kind(model_type)
        if kind == "object":
            properties = self._properties(model_type)
            built = {name: self.build(value, inside) for name, value in properties.items()}
            return _any_object() | {"properties": built}
        if kind == "array":
            return {"type": ["array", "null"], "items": self.build(model_type["items"], inside)}
        schema: Schema = {"type": [kind, "null"]}
        if kind == "string" and model_type.get("format") in KEPT_FORMATS:
            schema["format"] = model_type["format"]
        if self._with_values and "enum" in model_type:
            schema["enum"] = list(model_type["enum"])
        return schema

    def _item(self, model_type: ModelType) -> ModelType:
        """Return the type of a list's items; any other type is its own."""
        found = resolved(model_type, self._definitions)
        return found.get("items", {}) if found.get("type") == "array" else model_type

    def _properties(self, model_type: ModelType) -> dict[str, Any]:
        model_type = resolved(model_type, self._definitions)
        properties: dict[str, Any] = {}
        for part in model_type.get("allOf", ()):
            properties |= self._properties(part)
        properties |= model_type.get("properties", {})
        return properties


def _kind(model_type: ModelType) -> str:
    """Return the `type` of a type that is not a reference, guessed if Amazon does not say it."""
    if "type" in model_type:
        return str(model_type["type"])
    return "string" if "enum" in model_type else "object"


def _any_object() -> Schema:
    return {"type": ["object", "null"], "properties": {}, "additionalProperties": True}


def _root(schema: Schema) -> Schema:
    """Return the schema of a record, which is never null."""
    return schema | {"type": "object"} if "properties" in schema else schema
