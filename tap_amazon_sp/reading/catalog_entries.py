"""What a catalog changes in a stream: its keys, its replication method, its selection.

A catalog may be of another release, of other settings, or changed by hand. The parts of it that
cannot be done are refused or told: otherwise somebody would find out from the data, much later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib import Catalog, CatalogEntry
from singer_sdk.singerlib.catalog import Metadata

from tap_amazon_sp.common.enumerations import first_of
from tap_amazon_sp.reading.deselection import names_of
from tap_amazon_sp.reading.pipeline import ACCOUNT
from tap_amazon_sp.settings.errors import SettingsError

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

_PROPERTIES = "properties"
_MAX_NAMES = 5
"""The most names in a sentence."""


def apply_entry(stream: AmazonStream, entry: CatalogEntry) -> None:
    """Put right what the SDK took from the entry of a catalog.

    Its key counts. If it names none, or one that the catalog's schema does not have, it comes from
    the stream. Keys are always selected: no target takes a record without its key.

    Raises:
        SettingsError: The entry describes another stream of the same name.
    """
    if entry.key_properties is None and not stream.primary_keys:
        stream.primary_keys = stream.own_primary_keys
    # Records are read by it, even if the catalog has another.
    stream.replication_key = stream.own_replication_key
    properties: dict[str, Any] = (stream._input_schema or {}).setdefault(_PROPERTIES, {})  # noqa: SLF001
    _check_key(stream, properties)
    own = stream.schema[_PROPERTIES] if not properties.keys() >= {*stream.primary_keys} else {}
    for name in stream.primary_keys:
        properties.setdefault(name, own.get(name))
        stream.metadata[_PROPERTIES, name].inclusion = Metadata.InclusionType.AUTOMATIC
    _complete(stream, properties)


def _complete(stream: AmazonStream, properties: dict[str, Any]) -> None:
    """Add what the tap adds to every record and a catalog of an older release does not have.

    So the first SCHEMA has it: loaders may lose rows after another one. If the user deselects
    properties, what the catalog does not have is left out, and a warning says so.
    """
    added = {*stream.pipeline.added_properties, *stream.added_properties} - properties.keys()
    if added and all(stream.metadata.resolve_selection().values()):
        own = stream.schema[_PROPERTIES]
        properties |= {name: found for name, found in own.items() if name in added}


def _check_key(stream: AmazonStream, properties: Collection[str]) -> None:
    """Check that records of the stream have the key of the catalog.

    Raises:
        SettingsError: They have not.
    """
    key = tuple(stream.primary_keys)
    if key == stream.own_primary_keys and {*key} <= {*properties}:
        return
    known = {*stream.schema[_PROPERTIES]}
    if not stream.has_whole_schema:
        known |= {*properties}
    missing = [name for name in key if name not in known]
    if key and ACCOUNT in {*key} ^ {*stream.own_primary_keys}:
        missing.append(ACCOUNT)
    if missing:
        message = (
            f"The key of stream '{stream.name}' in the catalog is {', '.join(key)}, but with these "
            f"settings it is {', '.join(stream.own_primary_keys) or 'none'}. If the catalog was "
            "made with other settings, such as `orders_api` or `accounts`, discover again"
        )
        raise SettingsError([message])


def unknown_streams(catalog: Catalog, names: Collection[str]) -> Iterator[str]:
    """Yield the selected streams of a catalog that do not exist.

    Args:
        catalog: The catalog that the user gives.
        names: The names of the streams that exist.
    """
    for entry in catalog.streams:
        if entry.tap_stream_id not in names and entry.metadata.resolve_selection().get((), True):
            yield entry.tap_stream_id


def doubts_about_entry(stream: AmazonStream, entry: CatalogEntry) -> Iterator[str]:
    """Yield a warning for each part of a catalog's entry that has no effect, or a doubtful one."""
    label = f"The catalog's stream '{stream.name}'"
    root = entry.metadata.root
    if {*stream.primary_keys} != {*stream.own_primary_keys}:
        yield (
            f"{label} has the key {_listed(stream.primary_keys)} instead of "
            f"{_listed(stream.own_primary_keys)}: records that are equal in it replace each other"
        )
    replication_key = entry.replication_key or root.replication_key
    if replication_key not in (None, stream.own_replication_key):
        yield (
            f"{label} has the replication key '{replication_key}', which has no effect: it is read "
            + (f"by '{stream.own_replication_key}'" if stream.own_replication_key else "whole")
        )
    elif stream.own_replication_key is None and stream.replication_method == "INCREMENTAL":
        yield f"{label} cannot be read incrementally: it is read whole in each run"
    if without_effect := list(_selections_without_effect(entry)):
        yield (
            f"{label} selects or deselects what its schema does not have: "
            f"{_listed(without_effect)}. That has no effect"
        )


def _selections_without_effect(entry: CatalogEntry) -> Iterator[str]:
    schema = entry.schema.to_dict()
    for breadcrumb, values in entry.metadata.items():
        names = names_of(breadcrumb)
        if values.selected is not None and not _has(schema, names):
            yield ".".join(names)


def _has(schema: dict[str, Any], names: Sequence[str]) -> bool:
    for name in names:
        while "items" in schema:
            schema = schema["items"]
        properties = schema.get(_PROPERTIES) or {}
        if name not in properties:
            return False
        schema = properties[name]
    return True


def _listed(names: Sequence[str]) -> str:
    return first_of(names, _MAX_NAMES) or "no property"
