"""Schemas of custom streams: what the catalogue knows of their records."""

from __future__ import annotations

from contextlib import suppress

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.model_types import record_schema
from tap_amazon_sp.amazon.paths import operation_of_path
from tap_amazon_sp.reading.record_places import possible_paths
from tap_amazon_sp.settings.custom_stream_entries import (
    ResourceSettings,
)
from tap_amazon_sp.settings.custom_streams import CustomStreamSettings
from tap_amazon_sp.singer.schemas import ANY_OBJECT, Schema
from tap_amazon_sp.streams.from_settings.whole_pages import (
    page_schema,
)


def custom_record_schema(declared: CustomStreamSettings) -> Schema:
    """Return the schema of what the stream writes, as far as the entry or the catalogue know it."""
    items = item_schema(declared)
    if declared.emit != "page":
        return items
    if not declared.is_in_catalogue:
        return page_schema(items, None, ())
    return page_schema(
        items, declared.operation, place_in(declared.operation, declared.records_path) or ()
    )


def item_schema(declared: CustomStreamSettings) -> Schema:
    """Return the schema of Amazon's records, as far as the entry or the catalogue know it."""
    return dict(declared.schema or catalogue_schema(declared))


def catalogue_schema(declared: CustomStreamSettings) -> Schema:
    """Return the schema of a record from the catalogue, or an empty one."""
    if not declared.is_in_catalogue:
        return {"type": "object", "properties": {}}
    return schema_at(declared.operation, declared.records_path)


def schema_at(operation: Operation, results_key: str | None) -> Schema:
    """Return the schema of a record at a place in an answer, or an empty one."""
    path = place_in(operation, results_key)
    if path is None:
        return {"type": "object", "properties": {}}
    return record_schema(operation, path=path)


def place_in(operation: Operation, results_key: str | None) -> tuple[str, ...] | None:
    """Return the names that lead to the records in an answer; None if the model has none there."""
    own = operation.results if operation.results is not None else operation.record
    for path in (own or (),) if results_key is None else possible_paths(results_key):
        with suppress(KeyError):
            if record_schema(operation, path=path).get("properties"):
                return tuple(path)
    return None


def resource_operation(resource: ResourceSettings) -> tuple[Operation, bool]:
    """Return the operation of `extend_resources`, and whether the catalogue has it."""
    return operation_of_path(resource.path, resource.new_field_name, resource.params)


def resource_schema(resource: ResourceSettings) -> Schema:
    """Return the schema of the property that an entry of `extend_resources` adds."""
    operation, is_in_catalogue = resource_operation(resource)
    items: Schema = {}
    if is_in_catalogue:
        items = ANY_OBJECT | schema_at(operation, resource.results_key)
        items["type"] = ["object", "null"]
    return {"type": ["array", "null"], "items": items if items.get("properties") else {}}
