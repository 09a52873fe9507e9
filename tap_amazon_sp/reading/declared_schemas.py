"""The JSON Schema of a stream, out of Amazon's models and what the stream declares."""

from __future__ import annotations

from collections.abc import Mapping

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.model_types import KEPT_FORMATS, Schema, record_schema
from tap_amazon_sp.reading.children import ChildStream
from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.reading.windows import WINDOW_END

TEXT: Schema = {"type": ["string", "null"]}
TIME: Schema = {"type": ["string", "null"], "format": "date-time"}


class DeclarationError(Exception):
    """A stream declares something that does not fit Amazon's model."""


def stream_schema(stream_class: type[SellingPartnerStream]) -> Schema:
    """Return the schema of a stream's records: what is added to them, then Amazon's properties.

    Raises:
        DeclarationError: A property that is declared is missing, or there already.
    """
    operation = stream_class.find_operation()
    schema = record_schema(operation, path=stream_class.answer_path())
    properties = schema["properties"]
    if missing := set(stream_class.date_times) - properties.keys():
        message = f"{stream_class.name}: no properties {sorted(missing)}"
        raise DeclarationError(message)
    for name in stream_class.date_times:
        properties[name] = properties[name] | {"format": "date-time"}

    for name in stream_class.left_out:
        del properties[name]

    added = _added_properties(stream_class, schema)
    if twice := added.keys() & properties.keys():
        message = f"{stream_class.name}: Amazon has properties {sorted(twice)} itself"
        raise DeclarationError(message)
    found = added | properties
    keys = {*stream_class.primary_keys, stream_class.replication_key} - {None}
    if missing_keys := keys - found.keys():
        message = f"{stream_class.name}: no properties {sorted(missing_keys)}, which are keys"
        raise DeclarationError(message)
    return schema | {"properties": found}


def _added_properties(stream_class: type[SellingPartnerStream], schema: Schema) -> Schema:
    operation = stream_class.find_operation()
    added: Schema = {}
    if issubclass(stream_class, ChildStream):
        parent = stream_schema(stream_class.parent_class())
        for name, path in stream_class.from_parent.items():
            added[name] = _at(parent, path, stream_class)
    for name, path in stream_class.lifted.items():
        added[name] = _at(schema, path, stream_class)
    for name, parameter_name in stream_class.from_request.items():
        added[name] = parameter_schema(operation, parameter_name)
    added |= {name: dict(value) for name, value in stream_class.added_properties.items()}
    if stream_class.replication_key == WINDOW_END:
        added[WINDOW_END] = TIME
    return added


def _at(schema: Schema, path: str, stream_class: type[SellingPartnerStream]) -> Schema:
    for name in path.split("."):
        while "items" in schema:
            schema = schema["items"]
        try:
            schema = schema["properties"][name]
        except KeyError:
            message = f"{stream_class.name}: there is no {path!r}"
            raise DeclarationError(message) from None
    return dict(schema)


def parameter_schema(operation: Operation, name: str) -> Schema:
    """Return the schema of a parameter's value, or of one of them where it takes a list."""
    parameter = operation.parameter(name)
    if parameter is None:
        return TEXT
    is_list = parameter.type == "array"
    kind = (parameter.items_type if is_list else parameter.type) or "string"
    schema: Schema = {"type": [kind, "null"]}
    if parameter.format in KEPT_FORMATS and not is_list:
        schema["format"] = parameter.format
    return schema


def property_schemas(**types: str) -> Mapping[str, Schema]:
    """Return the schemas of scalar properties by name of their type, or `date-time`."""
    return {
        name: TIME if kind == "date-time" else {"type": [kind, "null"]}
        for name, kind in types.items()
    }
