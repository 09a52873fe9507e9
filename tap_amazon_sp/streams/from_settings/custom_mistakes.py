"""Fields that entries of `custom_streams` name, and that the records do not have."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.stream_schemas import stream_schema
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.settings.custom_stream_entries import (
    ParentSettings,
)
from tap_amazon_sp.settings.custom_streams import CustomStreamSettings
from tap_amazon_sp.singer.schemas import TEXT, TIME
from tap_amazon_sp.streams.from_settings.custom_schemas import (
    custom_record_schema,
    item_schema,
)
from tap_amazon_sp.streams.from_settings.custom_streams import CustomStream


def mistakes_in_fields(classes: Iterable[type[AmazonStream]]) -> Iterator[str]:
    """Yield a sentence for each property that does not exist, where the schema is known."""
    for found in classes:
        if not issubclass(found, CustomStream):
            continue
        declared = found.declared
        label = f"`custom_streams`['{declared.name}']"
        known = item_schema(declared).get("properties")
        if known:
            for setting, names, properties in _names_in(declared, known):
                for name in names:
                    if name not in {*properties, *found.from_request}:
                        yield f"{label}: `{setting}`: {_unknown(name, properties)}"
        for resource in declared.resources:
            if known and (name := resource.new_field_name) in known:
                yield f"{label}: the record has a property '{name}' itself, choose another name"
        if declared.parent is not None and found.read.parent is not None:
            yield from _mistakes_in_parent(label, declared.parent, found.read.parent)


def _names_in(
    declared: CustomStreamSettings, known: Mapping[str, Any]
) -> Iterator[tuple[str, Iterable[str], Mapping[str, Any]]]:
    """Yield each setting of an entry that names properties, the names, and the possible ones.

    Args:
        declared: The entry.
        known: The properties of one of Amazon's records.
    """
    written = custom_record_schema(declared)["properties"]
    if declared.is_windowed:
        written = written | {WINDOW_END: TIME}
    yield "primary_keys", declared.primary_keys or (), written
    yield "replication_key", filter(None, [declared.replication_key]), written
    fields = [path for resource in declared.resources for path in resource.fields.values()]
    yield "extend_resources", [path.partition(".")[0] for path in fields], known


def _mistakes_in_parent(
    label: str, settings: ParentSettings, parent: type[AmazonStream]
) -> Iterator[str]:
    if issubclass(parent, CustomStream):
        properties = {}
        if item_schema(parent.declared).get("properties"):
            of_request = dict.fromkeys(parent.from_request, TEXT)
            properties = custom_record_schema(parent.declared)["properties"] | of_request
    else:
        properties = stream_schema(parent)["properties"]
    for path in settings.fields.values():
        known = properties
        for name in path.split("."):
            if known and name not in known:
                yield f"{label}: `parent`: {_unknown(name, known)}"
                break
            inner = known.get(name, {})
            while "items" in inner:
                inner = inner["items"]
            known = inner.get("properties", {})


def _unknown(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    hint = f": did you mean '{close[0]}'?" if close else f", only {', '.join(known)}"
    return f"there is no property '{name}'{hint}"
