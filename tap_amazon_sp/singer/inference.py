"""JSON Schemas that are inferred from records, for data that no model describes.

A schema only grows: what a value needs is added to it, so all records that were written before
still fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tap_amazon_sp.common.timestamps import read_date, read_date_time
from tap_amazon_sp.singer.conforming import is_integer
from tap_amazon_sp.singer.schemas import ANY_OBJECT, Schema
from tap_amazon_sp.singer.writer import to_json

_SCALARS: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "number",
}

_CLASSES: dict[str, frozenset[type]] = {
    "boolean": frozenset({bool}),
    "integer": frozenset({int}),
    "number": frozenset({int, float, Decimal}),
    "string": frozenset({str}),
}

Test = Callable[[Any], bool]
"""Returns whether something holds for a value."""


FORMAT_TESTS: Mapping[str, Test] = {
    "date": lambda value: read_date(value) is not None,
    "date-time": lambda value: read_date_time(value) is not None,
}
"""Tests whether a text has a format, for the formats that are checked."""


def schema_of(value: Any) -> Schema:
    """Return the JSON Schema of a value; for null it is `{}`, which allows anything."""
    if value is None:
        return {}
    if isinstance(value, dict):
        properties = {name: schema_of(item) for name, item in value.items()}
        return ANY_OBJECT | {"properties": properties}
    if isinstance(value, list):
        items: Schema = {}
        for item in value:
            items = widened(items, item)
        return {"type": ["array", "null"], "items": items}
    kind = _SCALARS.get(type(value), "string")
    if kind == "integer" and not is_integer(value):
        # Numbers in SQL hold more digits than integers.
        kind = "number"
    return {"type": [kind, "null"]}


def widened(schema: Schema, value: Any) -> Schema:
    """Return a schema that allows this value, too; the same object if it already does.

    Integers become numbers. Values that have no common type become strings, because targets can
    store everything as a string.
    """
    if value is None:
        return schema
    kind = _kind(schema)
    if kind is None:
        return schema_of(value)
    if kind == "object" and isinstance(value, dict):
        return _widened_object(schema, value)
    if kind == "array" and isinstance(value, list):
        return _widened_array(schema, value)
    wanted = _kind(schema_of(value))
    if kind in (wanted, "string") or (kind, wanted) == ("number", "integer"):
        return schema
    both_numbers = (kind, wanted) == ("integer", "number")
    return {"type": ["number" if both_numbers else "string", "null"]}


def _widened_array(schema: Schema, value: list[Any]) -> Schema:
    items = wider = schema.get("items", {})
    for item in value:
        wider = widened(wider, item)
    return schema if wider is items else schema | {"items": wider}


def _widened_object(schema: Schema, value: Mapping[str, Any]) -> Schema:
    properties = schema.get("properties", {})
    changed = {}
    for name, item in value.items():
        before = properties.get(name)
        after = widened({} if before is None else before, item)
        if before is None or after is not before:
            changed[name] = after
    return schema | {"properties": properties | changed} if changed else schema


def without_broken_formats(schema: Schema, records: Sequence[Mapping[str, Any]]) -> Schema:
    """Return a schema without the date and time formats that a record's values do not have.

    It is the same object if all values have their format.
    """
    for path, is_of_format in list(_formats(schema)):
        if any(_breaks(is_of_format, record, path) for record in records):
            schema = _without_format(schema, path)
    return schema


def _formats(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Test]]:
    """Yield the path to each date or time, with its test; lists are not part of a path."""
    if (is_of_format := FORMAT_TESTS.get(schema.get("format", ""))) is not None:
        yield path, is_of_format
    for name, inner in schema.get("properties", {}).items():
        yield from _formats(inner, (*path, name))
    if "items" in schema:
        yield from _formats(schema["items"], path)


def _breaks(is_of_format: Test, value: Any, path: tuple[str, ...]) -> bool:
    """Return whether a text at a path inside a value does not have the format."""
    if isinstance(value, str):
        return not path and not is_of_format(value)
    if isinstance(value, list):
        return any(_breaks(is_of_format, item, path) for item in value)
    return (
        bool(path)
        and isinstance(value, dict)
        and _breaks(is_of_format, value.get(path[0]), path[1:])
    )


def _without_format(schema: Schema, path: tuple[str, ...]) -> Schema:
    if "items" in schema:
        return schema | {"items": _without_format(schema["items"], path)}
    if not path:
        return {"type": schema["type"]}
    properties = schema["properties"]
    changed = {path[0]: _without_format(properties[path[0]], path[1:])}
    return schema | {"properties": properties | changed}


def _kind(schema: Mapping[str, Any]) -> str | None:
    """Return the type of a schema, without null; None if the schema allows anything."""
    types = schema.get("type")
    if types is None:
        return None
    if isinstance(types, str):
        return types
    return next((name for name in types if name != "null"), None)


def fit_test(schema: Mapping[str, Any]) -> Test:
    """Return a function that returns whether a value fits a schema as it is.

    Such a value needs neither `widened` nor `fit`, which are much slower.
    """
    kind = _kind(schema)
    if kind == "object":
        return _object_test(schema.get("properties", {}))
    if kind == "array":
        fits_items = fit_test(schema.get("items", {}))

        def fits_array(value: Any) -> bool:
            return value is None or (value.__class__ is list and all(map(fits_items, value)))

        return fits_array
    classes = _CLASSES.get(kind or "", frozenset()) | {None.__class__}
    return lambda value: value.__class__ in classes


def _object_test(properties: Mapping[str, Any]) -> Test:
    classes = {}
    tests = {}
    for name, found in properties.items():
        if (kind := _kind(found)) in _CLASSES:
            classes[name] = _CLASSES[kind or ""] | {None.__class__}
        else:
            tests[name] = fit_test(found)

    def fits_object(value: Any) -> bool:
        if value.__class__ is not dict:
            return value is None
        for name, item in value.items():
            allowed = classes.get(name)
            if allowed is not None:
                if item.__class__ not in allowed:
                    return False
            elif (test := tests.get(name)) is None or not test(item):
                return False
        return True

    return fits_object


def kind_test(schema: Mapping[str, Any]) -> Test | None:
    """Return a function that returns whether a value that is not null has the type of a schema.

    Return None if there is nothing to check: text without a format can hold any value, and objects
    and arrays are checked elsewhere.
    """
    kind = _kind(schema)
    if kind == "string":
        is_of_format = FORMAT_TESTS.get(schema.get("format", ""))
        if is_of_format is None:
            return None
        return lambda value: isinstance(value, str) and is_of_format(value)
    return fit_test(schema) if kind in _CLASSES else None


def nullable(schema: Mapping[str, Any]) -> Schema:
    """Return a schema that also allows null, at every depth."""
    result = dict(schema)
    if (types := schema.get("type")) is not None:
        names = [types] if isinstance(types, str) else list(types)
        result["type"] = names if "null" in names else [*names, "null"]
    if "properties" in schema:
        result["properties"] = {
            name: nullable(found) for name, found in schema["properties"].items()
        }
    if "items" in schema:
        result["items"] = nullable(schema["items"])
    return result


def fit(schema: Mapping[str, Any], value: Any) -> Any:
    """Change a value in place so that it fits a schema that was widened for it.

    If values of several types made a property a string, values of other types become JSON text.
    """
    kind = _kind(schema)
    if kind == "object" and isinstance(value, dict):
        properties = schema.get("properties", {})
        for name, item in value.items():
            value[name] = fit(properties.get(name, {}), item)
    elif kind == "array" and isinstance(value, list):
        value[:] = [fit(schema.get("items", {}), item) for item in value]
    elif kind == "string" and value is not None and not isinstance(value, str):
        return to_json(value).decode()
    return value
