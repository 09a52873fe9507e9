"""Whole pages as records: `emit: page` in an entry of `custom_streams`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.model_types import answer_schema
from tap_amazon_sp.common.json_paths import without
from tap_amazon_sp.singer.schemas import ANY_OBJECT, Schema

RESULTS = "results"
"""The property that holds the records of a page."""

PAGE_NUMBER = "page_number"
"""The property with the number of a page in its request, from 1."""


def page_record(
    body: Any, path: Sequence[str] | None, records: list[dict[str, Any]], token: Sequence[str] = ()
) -> dict[str, Any] | None:
    """Return a whole page as one record: its records, and everything that Amazon gives beside them.

    Args:
        body: The answer.
        path: The names that lead to the records in it; () if the answer itself is a record, or is
            the list of them; None if it has no place for records.
        records: Its records.
        token: The path of the next page's token.

    Returns:
        The answer, with its records in `results` instead of their place. An answer that has other
        things in a property `results` stays as it is. None if there is nothing but a token in it.
    """
    beside: dict[str, Any] = {}
    if isinstance(body, Mapping) and path != ():
        beside = without(body, path) if path else dict(body)
    if not records and not _has_content(without(beside, token) if token else beside):
        return None
    return dict(body) if RESULTS in beside else {RESULTS: records, **beside}


def page_schema(items: Schema, operation: Operation | None, path: Sequence[str]) -> Schema:
    """Return the JSON Schema of whole pages.

    Args:
        items: The schema of a record in them.
        operation: The operation; None if the catalogue does not know it.
        path: As for `page_record`.
    """
    inner = ANY_OBJECT | items | {"type": ["object", "null"]} if items.get("properties") else {}
    results: Schema = {"type": ["array", "null"], "items": inner}
    beside = _without(answer_schema(operation), path) if operation is not None and path else {}
    return {
        "type": "object",
        "properties": {
            PAGE_NUMBER: {"type": ["integer", "null"]},
            RESULTS: results,
            **beside.get("properties", {}),
        },
        "additionalProperties": True,
    }


def _without(schema: Schema, path: Sequence[str]) -> Schema:
    """Return the schema of an object without the property at a path, as `without` does."""
    name, *rest = path
    properties = dict(schema.get("properties", {}))
    inner = properties.pop(name, {})
    if rest and (left := _without(inner, rest)).get("properties"):
        properties[name] = left
    return schema | {"properties": properties}


def _has_content(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_content, value.values()))
    return value not in (None, "", [])
