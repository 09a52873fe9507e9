"""The JSON Schema of a stream, from Amazon's models and the declarations of the stream."""

from __future__ import annotations

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.model_types import KEPT_FORMATS, answer_schema, record_schema
from tap_amazon_sp.reading.column_order import in_column_order
from tap_amazon_sp.reading.keys import is_text_key
from tap_amazon_sp.reading.pipeline import OCCURRENCE
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.singer.schemas import TEXT, TIME, Schema


class DeclarationError(Exception):
    """A stream declares something that does not fit Amazon's model."""


def stream_schema(stream_class: type[AmazonStream]) -> Schema:
    """Return the schema of a stream's records: added properties and Amazon's, as columns come.

    Raises:
        DeclarationError: A declared property is missing, or an added property already exists.
    """
    operation = stream_class.find_operation()
    _check_parameters(stream_class, operation)
    schema = record_schema(operation, path=stream_class.answer_path())
    properties = schema["properties"]
    if missing := set(stream_class.date_times) - properties.keys():
        message = f"{stream_class.name}: no properties {sorted(missing)}"
        raise DeclarationError(message)
    for name in stream_class.date_times:
        properties[name] = properties[name] | {"format": "date-time"}

    for name in stream_class.left_out_properties:
        del properties[name]
    for name, more in stream_class.added_inside.items():
        inside = properties[name]["items"]
        inside["properties"] = {**inside["properties"], **more}

    added = _added_properties(stream_class, schema)
    if twice := added.keys() & properties.keys():
        message = f"{stream_class.name}: Amazon has properties {sorted(twice)} itself"
        raise DeclarationError(message)
    found = added | properties
    keys = {*stream_class.primary_keys, stream_class.replication_key} - {None}
    if missing_keys := keys - found.keys():
        message = f"{stream_class.name}: no properties {sorted(missing_keys)}, which are keys: "
        message += "properties that are deeper in the record need `lifted`"
        raise DeclarationError(message)
    if others := set(stream_class.optional_keys) - set(stream_class.primary_keys):
        message = f"{stream_class.name}: {sorted(others)} are not part of the key"
        raise DeclarationError(message)
    for name in (*stream_class.optional_keys, *stream_class.numbered_by):
        if name in stream_class.primary_keys and not is_text_key(found[name]):
            message = f"{stream_class.name}: {name!r} is not text, so it cannot be an optional key"
            raise DeclarationError(message)
    found = in_column_order(found, stream_class.primary_keys, stream_class.replication_key)
    return schema | {"properties": found}


def _check_parameters(stream_class: type[AmazonStream], operation: Operation) -> None:
    read = stream_class.read
    names = {*stream_class.parameters, *stream_class.parameters_from_settings}
    names.update(each.parameter for each in stream_class.each)
    names.update(read.given_parameters)
    unknown = sorted(name for name in names if not operation.takes(name))
    if unknown:
        message = f"{stream_class.name}: {operation.id} has no parameters {unknown}"
        raise DeclarationError(message)


def _added_properties(stream_class: type[AmazonStream], schema: Schema) -> Schema:
    operation = stream_class.find_operation()
    added: Schema = {}
    if (parent := stream_class.read.parent) is not None:
        of_parent = stream_schema(parent)
        for name, path in stream_class.read.from_parent.items():
            added[name] = _at(of_parent, path, stream_class)
    for name, path in stream_class.lifted.items():
        added[name] = _at(schema, path, stream_class)
    for name, parameter_name in stream_class.from_request.items():
        added[name] = parameter_schema(operation, parameter_name)
    for name, path in stream_class.from_answer.items():
        added[name] = _at(answer_schema(operation), path, stream_class)
    added |= {name: dict(value) for name, value in stream_class.added_properties.items()}
    if stream_class.numbered_by and OCCURRENCE not in added:
        added[OCCURRENCE] = {"type": ["integer", "null"]}
    if stream_class.replication_key == WINDOW_END:
        added[WINDOW_END] = TIME
    return added


def _at(schema: Schema, path: str, stream_class: type[AmazonStream]) -> Schema:
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
    """Return the schema of a parameter's value; for a list, of one of its items."""
    parameter = operation.parameter(name)
    if parameter is None:
        return TEXT
    kind = (parameter.items_type if parameter.is_list else parameter.type) or "string"
    schema: Schema = {"type": [kind, "null"]}
    if parameter.format in KEPT_FORMATS and not parameter.is_list:
        schema["format"] = parameter.format
    return schema
