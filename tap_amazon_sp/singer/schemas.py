"""JSON Schemas: the files of the built-in streams, and schemas of single values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "null"]}
TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
INTEGER: Schema = {"type": ["integer"]}
ANY_OBJECT: Schema = {"type": ["object", "null"], "properties": {}, "additionalProperties": True}

_PACKAGE = Path(__file__).parent.parent
# The first is in the wheel, the second in a checkout.
_FOLDERS = (_PACKAGE / "schemas", _PACKAGE.parent / "schemas")


def packaged_schema(name: str) -> Schema:
    """Return the schema in the file `<name>.json`.

    Raises:
        FileNotFoundError: There is no such file, neither in the wheel nor in the checkout.
    """
    for folder in _FOLDERS:
        path = folder / f"{name}.json"
        if path.is_file():
            schema: Schema = json.loads(path.read_text(encoding="utf-8"))
            return schema
    message = (
        f"No schema for stream {name!r}: the installation is broken, install the package again"
    )
    raise FileNotFoundError(message)


def property_schemas(**types: str) -> Mapping[str, Schema]:
    """Return the schemas of scalar properties, given the name of a JSON type or `date-time`."""
    return {
        name: TIME if kind == "date-time" else {"type": [kind, "null"]}
        for name, kind in types.items()
    }


def object_schema(**types: str) -> Schema:
    """Return the schema of an object with scalar properties, or `object` for any object."""
    properties = {
        name: dict(ANY_OBJECT) if kind == "object" else found
        for (name, kind), found in zip(
            types.items(), property_schemas(**types).values(), strict=True
        )
    }
    return ANY_OBJECT | {"properties": properties}


def without_empty_properties(schema: Mapping[str, Any]) -> Schema:
    """Return a schema in which objects of unknown properties have no `properties` at all.

    The SDK flattens an object with empty `properties` to no column, so the object would be lost.
    Without them, it becomes a column of JSON as text.
    """
    changed = dict(schema)
    if properties := schema.get("properties"):
        changed["properties"] = {
            name: without_empty_properties(each) for name, each in properties.items()
        }
    else:
        changed.pop("properties", None)
    return changed
