"""Catalogs as users have them: checked before the SDK reads them.

The SDK passes over some mistakes without a word: it takes `selected` for true if it is a text, does
not know `replication-method` in the metadata, and reads the last of two entries of a stream. Here
they are understood or refused.

Source: the Singer specification (discovery mode, metadata and its older form, in which `selected`
is beside the schema or in it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.json_input import mistake_in_shape, written_place

FULL_TABLE, INCREMENTAL = "FULL_TABLE", "INCREMENTAL"
_METHODS = (FULL_TABLE, INCREMENTAL)
_MAX_MISTAKES = 5
_JSON_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_METHOD_NAMES = ("replication-method", "forced-replication-method")
"""In the metadata of a stream: what users write, and what others take for it."""


class _Values(msgspec.Struct, rename="kebab"):
    selected: bool | None = None
    selected_by_default: bool | None = None
    inclusion: Literal["available", "automatic", "unsupported"] | None = None
    table_key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None
    forced_replication_method: str | None = None


class _Metadata(msgspec.Struct):
    breadcrumb: list[str]
    metadata: _Values


class _Entry(msgspec.Struct):
    tap_stream_id: str
    schema: dict[str, Any]
    stream: str | None = None
    selected: bool | None = None
    metadata: list[_Metadata] | None = None
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None
    is_view: bool | None = None
    database_name: str | None = None
    table_name: str | None = None
    stream_alias: str | None = None
    row_count: int | None = None


class _Catalog(msgspec.Struct):
    streams: list[dict[str, Any]]


def read_catalog(content: Any) -> dict[str, Any]:
    """Return the catalog that a user gives, as the SDK understands it.

    Args:
        content: The JSON value that is given.

    Raises:
        SettingsError: It is not a catalog.
    """
    if mistake := mistake_in_shape(content, _Catalog, "The catalog"):
        raise SettingsError([f"{mistake}: `--discover` prints a catalog"])
    mistakes = []
    entries = []
    for number, given in enumerate(content["streams"], 1):
        entry = _with_id(given)
        label = f"stream '{entry.get('tap_stream_id', number)}'"
        found = [*_mistakes_in_entry(entry, label)]
        mistakes += found
        if not found:
            entries.append(_understood(entry))
    names = [entry["tap_stream_id"] for entry in entries]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        mistakes.append(f"stream '{name}' is in it more than once: remove one of them")
    if mistakes:
        raise SettingsError([f"The catalog: {mistake}" for mistake in mistakes[:_MAX_MISTAKES]])
    return {**content, "streams": entries}


def _with_id(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with an id: catalogs of older tools have only the name `stream`."""
    entry = dict(given)
    if entry.get("tap_stream_id") is None and isinstance(entry.get("stream"), str):
        entry["tap_stream_id"] = entry["stream"]
    return entry


def _mistakes_in_entry(entry: Mapping[str, Any], label: str) -> Iterator[str]:
    if mistake := mistake_in_shape(entry, _Entry, label):
        yield mistake
        return
    if not entry["tap_stream_id"]:
        yield f"{label} has an empty `tap_stream_id`"
    if entry.get("stream", entry["tap_stream_id"]) != entry["tap_stream_id"]:
        yield f"{label} has another name as `stream`: stream maps can rename it (`__alias__`)"
    if not isinstance(entry["schema"].get("properties"), dict):
        yield f"the schema of {label} has no `properties`"
    else:
        yield from _mistakes_in_schema(entry["schema"], label, ("schema",))
    yield from _mistakes_in_metadata(entry.get("metadata") or [], label)
    for method in _methods(entry):
        if method.upper() not in _METHODS:
            yield f"{label}: the replication method must be {' or '.join(_METHODS)}, not {method!r}"


def _mistakes_in_schema(schema: Any, label: str, path: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield f"{label}: {written_place(path)} must be a JSON Schema, which is an object"
        return
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if not isinstance(types, list) or any(one not in _JSON_TYPES for one in types):
        yield f"{label}: `type` of {written_place(path)} must be one of {', '.join(_JSON_TYPES)}"
    if not isinstance(schema.get("format", ""), str):
        yield f"{label}: `format` of {written_place(path)} must be a text"
    required = schema.get("required")
    if required is not None and not (
        isinstance(required, list) and all(isinstance(name, str) for name in required)
    ):
        yield f"{label}: `required` of {written_place(path)} must be a list of names"
    properties = schema.get("properties")
    if properties is not None and not isinstance(properties, dict):
        yield f"{label}: `properties` of {written_place(path)} must be an object"
        return
    for name, inner in (properties or {}).items():
        yield from _mistakes_in_schema(inner, label, (*path, "properties", name))
    if schema.get("items") is not None:
        yield from _mistakes_in_schema(schema["items"], label, (*path, "items"))


def _mistakes_in_metadata(metadata: list[dict[str, Any]], label: str) -> Iterator[str]:
    seen: set[tuple[str, ...]] = set()
    for item in metadata:
        breadcrumb = item["breadcrumb"]
        if tuple(breadcrumb) in seen:
            yield f"{label} has the breadcrumb {breadcrumb} more than once in its `metadata`"
        if not _leads_to_a_property(breadcrumb):
            yield (
                f"{label}: the breadcrumb {breadcrumb} must be made of `properties` and a name, "
                "once for each level"
            )
        seen.add(tuple(breadcrumb))
    if metadata and () not in seen:
        yield f"{label} has no `metadata` with the breadcrumb [], where `selected` belongs"


def _leads_to_a_property(breadcrumb: list[str]) -> bool:
    """Return whether a breadcrumb is that of a property, or of the stream."""
    crumbs = iter(breadcrumb)
    for number, crumb in enumerate(crumbs):
        # Some catalogs name the items of a list, too.
        if crumb == "items" and number > 0:
            continue
        if crumb != "properties" or next(crumbs, None) is None:
            return False
    return True


def _methods(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the replication methods in an entry; the first one counts.

    What the metadata says was written by hand: a discovery writes it beside the schema only.
    """
    root = _root(entry.get("metadata") or [])
    for method in (*map(root.get, _METHOD_NAMES), entry.get("replication_method")):
        if method is not None:
            yield method


def _understood(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry that was checked, in the form that the SDK knows."""
    metadata = [*(entry.get("metadata") or [])]
    root = _root(metadata)
    selected = entry.get("selected", entry["schema"].get("selected"))
    if isinstance(selected, bool) and root.get("selected") is None:
        metadata = [item for item in metadata if item["breadcrumb"]]
        metadata.append({"breadcrumb": [], "metadata": {**root, "selected": selected}})
    method = next(_methods(entry), None)
    return {
        **entry,
        "metadata": metadata,
        "replication_method": None if method is None else method.upper(),
    }


def _root(metadata: list[dict[str, Any]]) -> Mapping[str, Any]:
    return next((item["metadata"] for item in metadata if not item["breadcrumb"]), {})
