"""JSON Schemas of the records that operations give, as Singer taps and targets take them.

Amazon's definitions are made generous, because Amazon's answers are: every value may be null, no
property is required, unknown properties and enum values are welcome. References are put in where
they stand. Where a definition holds itself, the inner one is an object of any content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.amazon.catalogue import Api, Operation, load_api

KEPT_FORMATS = frozenset({"date", "date-time"})
_SCALARS = {"string", "integer", "number", "boolean"}

Schema = dict[str, Any]


def record_schema(
    operation: Operation, api: Api | None = None, path: Sequence[str] | None = None
) -> Schema:
    """Return the schema of one record of an operation.

    Args:
        operation: From the catalogue.
        api: The API it belongs to; read from the catalogue by default.
        path: Names that lead from the answer to the record or to a list of records, through the
            items of lists on the way; to the operation's `results` or `record` by default.

    Raises:
        KeyError: The answer has no such path.
    """
    builder = _Builder(api or load_api(operation.api))
    if operation.success_schema is None:
        return _root(_any_object())
    if path is None:
        path = operation.results if operation.results is not None else operation.record
    found: Mapping[str, Any] = builder.at(operation.success_schema, path or ())
    return _root(builder.build(builder.item(found)))


def definition_schema(api: str, name: str) -> Schema:
    """Return the schema of a definition of an API.

    Raises:
        KeyError: The API has no such definition.
        UnknownOperationError: There is no such API.
    """
    loaded = load_api(api)
    return _root(_Builder(loaded).build(loaded.definitions[name]))


class _Builder:
    """Makes schemas out of the definitions of one API."""

    def __init__(self, api: Api) -> None:
        self._definitions = api.definitions

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._definitions[_name(schema)]
        return schema

    def at(self, schema: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
        """Follow the names of properties."""
        for name in path:
            schema = self._properties(self.item(schema))[name]
        return schema

    def item(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema of a list's items; any other is its own."""
        resolved = self.resolved(schema)
        return resolved.get("items", {}) if resolved.get("type") == "array" else schema

    def build(self, schema: Mapping[str, Any], inside: frozenset[str] = frozenset()) -> Schema:
        """Return a schema without references.

        Args:
            schema: Swagger 2.0.
            inside: The definitions of objects that it stands in.
        """
        while "$ref" in schema:
            name = _name(schema)
            schema = self._definitions[name]
            # Only objects are cut, so that a list of itself is a list still.
            if _type(schema) == "object":
                if name in inside:
                    return _any_object()
                inside |= {name}

        kind = _type(schema)
        if kind == "object":
            properties = self._properties(schema)
            built = {name: self.build(value, inside) for name, value in properties.items()}
            return _any_object() | {"properties": built}
        if kind == "array":
            return {"type": ["array", "null"], "items": self.build(schema["items"], inside)}
        result: Schema = {"type": [kind, "null"]}
        if kind == "string" and schema.get("format") in KEPT_FORMATS:
            result["format"] = schema["format"]
        return result

    def _properties(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        schema = self.resolved(schema)
        properties: dict[str, Any] = {}
        for part in schema.get("allOf", ()):
            properties |= self._properties(part)
        properties |= schema.get("properties", {})
        return properties


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a schema that is no reference, guessed where Amazon does not say it."""
    if "type" in schema:
        return str(schema["type"])
    return "string" if "enum" in schema else "object"


def _any_object() -> Schema:
    return {"type": ["object", "null"], "properties": {}, "additionalProperties": True}


def _root(schema: Schema) -> Schema:
    """A record is never null."""
    return schema | {"type": "object"} if "properties" in schema else schema


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
