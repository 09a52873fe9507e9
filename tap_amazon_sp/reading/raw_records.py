"""Records that are written as Amazon sent them.

Most records need no change: the schema has all their properties, their key is there, their values
have the types in the schema, and their times are in UTC. A quick look at the JSON of a record shows
this, and then the JSON is written as it is. Every other record is decoded, and `RecordPipeline`
does the rest. What is written means the same in both cases.

Where a name comes twice in an object, the last value counts in both cases: the JSON decoders of
Singer targets take it, as ours does.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import msgspec

from tap_amazon_sp.common.json_values import decode
from tap_amazon_sp.common.timestamps import UTC_TIME_PATTERN
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.unchanged_records import UnchangedRecord
from tap_amazon_sp.singer.conforming import MAX_INTEGER, MIN_INTEGER

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

_UTC_TIME = Annotated[str, msgspec.Meta(pattern=rf"\A{UTC_TIME_PATTERN}\Z")]
_TIME = Annotated[dt.datetime, msgspec.Meta(tz=True)]
"""A time that exists, in any form of RFC 3339: decoded three times as fast as `_UTC_TIME`."""

_OTHER_TIME = re.compile(rb"-[0-9][0-9](?:[ t][0-9]|T[0-9:.]*[^0-9:.Z])")
"""The end of the day and what follows, in a `_TIME` that is not in UTC with `T` and `Z`."""

_ESCAPED_ASCII = re.compile(rb"\\u00[0-7]")
"""The escape of a character that a time may consist of."""

_KEY = Annotated[str, msgspec.Meta(pattern=r"\S")]
_SCALARS: Mapping[str, Any] = {
    "string": str,
    "integer": Annotated[int, msgspec.Meta(ge=MIN_INTEGER, le=MAX_INTEGER)],
    "number": float,
    "boolean": bool,
}


class RecordInspector:
    """Finds the records of a stream that may be written as Amazon sent them."""

    def __init__(
        self,
        types: Mapping[str, Any],
        required: Container[str],
        looked_at: Iterable[str],
        inside: Mapping[str, RecordInspector],
    ) -> None:
        """Inspect nothing yet.

        Args:
            types: The properties that a record may have, with the types of their values.
            required: The properties that a record must have.
            looked_at: The properties that are looked at before the record is written.
            inside: What inspects the records of child streams, by the property that lists them.
        """
        record_type = _struct(types, required, is_closed=True)
        self._decode = msgspec.json.Decoder(record_type, float_hook=Decimal).decode
        self._looked_at = [(name, _attribute(name)) for name in looked_at]
        self._inside = [(name, _attribute(name), inspector) for name, inspector in inside.items()]

    def records(self, found: Iterable[msgspec.Raw]) -> list[dict[str, Any]]:
        """Return the records in JSON: unchanged ones, and others decoded."""
        records: list[dict[str, Any]] = []
        for raw in found:
            record = None if _may_hold_other_times(raw) else self.unchanged(raw)
            records.append(decode(bytes(raw)) if record is None else record)
        return records

    def unchanged(self, raw: msgspec.Raw) -> UnchangedRecord | None:
        """Return a record that may be written as Amazon sent it; None if it may not.

        Whether its times are in UTC is checked for records as a whole, with those inside them.
        """
        try:
            seen = self._decode(raw)
        except msgspec.ValidationError:
            return None
        values = {name: getattr(seen, field) for name, field in self._looked_at}
        for name, field, inspector in self._inside:
            values[name] = records = []
            for inner in getattr(seen, field) or ():
                record = inspector.unchanged(inner)
                if record is None:
                    return None
                records.append(record)
        return UnchangedRecord.of(bytes(raw), values)


def inspector_of(stream: AmazonStream) -> RecordInspector | None:
    """Return what inspects the records of a stream; None if all of them have to be decoded.

    The inspectors of the child streams must be there already.
    """
    looked_at = stream.reader.properties_looked_at
    inside = _inspectors_inside(stream)
    if (
        looked_at is None
        or inside is None
        or stream.has_own_code
        or stream.numbered_by
        or stream.is_connection_test
        or stream.fitting.is_inferred
        or not stream.messages.writes_records_as_they_are
    ):
        return None
    # A record that already has what is added to it has to be decoded.
    names = stream.messages.known_properties - stream.pipeline.added_properties
    paths = [*looked_at, *stream.lifted.values()]
    children = stream.selected_children
    for child in children:
        paths += child.read.from_parent.values()
    needed = names & {path.partition(".")[0] for path in paths}
    copies = [(stream, stream.lifted), *((child, child.read.from_parent) for child in children)]
    if any(
        _only_kind(copied_to.schema["properties"][name]) == "number"
        for copied_to, copied in copies
        for name in copied
    ):
        # What is looked at has not all the digits of a number.
        return None
    if needed & inside.keys() or not names >= inside.keys():
        return None
    keys = stream.own_primary_keys
    # Only a decoded record tells its child stream that its list is missing.
    required_places = {
        child.read.place_in_parent
        for child in children
        if child.read.place_in_parent
        and all(child.child_reader.required_in_parent([child.read.place_in_parent]))
    }
    types: dict[str, Any] = {}
    for name in names:
        found = stream.schema["properties"].get(name, {})
        if name in inside:
            is_optional = name not in required_places
            types[name] = list[msgspec.Raw] | None if is_optional else list[msgspec.Raw]
        elif name in stream.pipeline.text_keys:
            types[name] = _KEY
        else:
            kind = _value_type(found) if name in needed else _type_of_unchanged(found)
            types[name] = kind if name in keys else _nullable(kind)
    return RecordInspector(types, {*keys, *required_places}, needed, inside)


def _inspectors_inside(stream: AmazonStream) -> dict[str, RecordInspector] | None:
    """Return what inspects the records inside those of a stream, by the property with their list.

    Returns:
        None if a child stream needs the whole record, or all records of it have to be decoded.
    """
    inside: dict[str, RecordInspector] = {}
    for child in stream.selected_children:
        read, inspector = child.read, child.pipeline.inspector
        if not isinstance(read, Inside) or inspector is None or read.place in inside:
            return None
        items = stream.schema["properties"].get(read.place, {}).get("items", {})
        inner = child.schema["properties"]
        if any(inner.get(name) != found for name, found in items.get("properties", {}).items()):
            # The child stream does not look at all values that this stream looks at.
            return None
        inside[read.place] = inspector
    return inside


def _may_hold_other_times(raw: msgspec.Raw) -> bool:
    """Return whether a time in JSON may be in another form than the one that this tap writes."""
    json = memoryview(raw)
    return _OTHER_TIME.search(json) is not None or _ESCAPED_ASCII.search(json) is not None


def _type_of_unchanged(schema: Mapping[str, Any]) -> Any:
    """Return the type of values that conform to a schema; `msgspec.Raw` if any value does."""
    kind = _only_kind(schema)
    if kind is not None and kind in _SCALARS:
        form = schema.get("format") if kind == "string" else None
        return {"date-time": _TIME, "date": dt.date}.get(form or "", _SCALARS[kind])
    if kind == "array":
        return list[_nullable(_type_of_unchanged(schema.get("items", {})))]  # type: ignore[misc]
    if kind == "object":
        properties = schema.get("properties", {})
        types = {name: _nullable(_type_of_unchanged(found)) for name, found in properties.items()}
        return _struct(types)
    return msgspec.Raw


def _value_type(schema: Mapping[str, Any]) -> Any:
    """Return the type of values that conform to a schema, which are looked at as decoded."""
    kind = _only_kind(schema)
    if kind == "array":
        return list[_nullable(_value_type(schema.get("items", {})))]  # type: ignore[misc]
    if kind == "object":
        properties = schema.get("properties", {})
        types = {name: _nullable(_value_type(found)) for name, found in properties.items()}
        return TypedDict("Properties", types, total=False)  # type: ignore[operator]
    if kind == "string" and schema.get("format") == "date-time":
        return _UTC_TIME
    if kind == "string" and schema.get("format") == "date":
        return Annotated[str, msgspec.Meta(pattern=r"\A(?!)")]
    return Any if kind is None else _type_of_unchanged(schema)


def _only_kind(schema: Mapping[str, Any]) -> str | None:
    """Return the type of a schema without null; None if it allows values of several types."""
    types = schema.get("type", ())
    kinds = [kind for kind in ([types] if isinstance(types, str) else types) if kind != "null"]
    return kinds[0] if len(kinds) == 1 else None


def _nullable(kind: Any) -> Any:
    return kind if kind in (Any, msgspec.Raw) else kind | None


def _struct(
    types: Mapping[str, Any], required: Container[str] = (), *, is_closed: bool = False
) -> type[msgspec.Struct]:
    """Return the type of objects with properties of these types, and of no others if closed."""
    fields = [
        (_attribute(name), kind) if name in required else (_attribute(name), kind, None)
        for name, kind in types.items()
    ]
    return msgspec.defstruct(
        "Properties",
        fields,
        rename={_attribute(name): name for name in types},
        forbid_unknown_fields=is_closed,
        kw_only=True,
        gc=False,
    )


def _attribute(name: str) -> str:
    """Return the attribute for a property; not every name is one that Python allows."""
    return f"property_{name.encode().hex()}"
