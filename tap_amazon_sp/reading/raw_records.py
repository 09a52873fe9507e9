"""Records that are written as Amazon sent them.

Most records need no change: the schema has all their properties, their key is there, and their
times are in UTC. A quick look at the JSON of a record shows this, and then the JSON is written as
it is. Every other record is decoded, and `RecordPipeline` does the rest. What is written means the
same in both cases.

Where a name comes twice in an object, the last value counts in both cases: the JSON decoders of
Singer targets take it, as ours does.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from tap_amazon_sp.common.json_values import decode
from tap_amazon_sp.common.timestamps import MIN_UTC_LENGTH
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.singer.writer import to_json

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

_UTC_TIME = Annotated[str, msgspec.Meta(min_length=MIN_UTC_LENGTH, pattern=r"Z\Z")]
"""A time that `to_utc` returns unchanged."""


class Addition:
    """Properties that are added to unchanged records."""

    def __init__(self, properties: dict[str, Any]) -> None:
        """Take the properties, by name."""
        self.properties = properties
        # Up to where the first property of the record begins.
        self.start = to_json(properties)[:-1] + b","


class UnchangedRecord(dict[str, Any]):
    """A record whose JSON is written as Amazon sent it.

    As a dict it has only the properties that are looked at before it is written.
    """

    __slots__ = ("json",)

    json: bytes

    @classmethod
    def of(cls, json: bytes, values: Mapping[str, Any]) -> UnchangedRecord:
        """Return the record with this JSON and these properties that are looked at."""
        # Without `__init__`, which takes longer than the rest.
        record = cls(values)
        record.json = json
        return record

    def extended(self, addition: Addition) -> UnchangedRecord | None:
        """Return the record with properties that it lacks; None if it has to be decoded for it."""
        if not addition.properties:
            return self
        if not self.json.startswith(b'{"'):
            return None
        return UnchangedRecord.of(addition.start + self.json[1:], self | addition.properties)

    def decoded(self) -> dict[str, Any]:
        """Return the record with all its properties."""
        record: dict[str, Any] = decode(self.json)
        return record


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
        record_type = _object_type(types, required, is_closed=True)
        self._decode = msgspec.json.Decoder(record_type, float_hook=Decimal).decode
        self._looked_at = [(name, _attribute(name)) for name in looked_at]
        self._inside = [(name, _attribute(name), inspector) for name, inspector in inside.items()]

    def records(self, found: Iterable[msgspec.Raw]) -> list[dict[str, Any]]:
        """Return the records in JSON: unchanged ones, and others decoded."""
        records: list[dict[str, Any]] = []
        for raw in found:
            record = self.unchanged(raw)
            records.append(decode(bytes(raw)) if record is None else record)
        return records

    def unchanged(self, raw: msgspec.Raw) -> UnchangedRecord | None:
        """Return a record that may be written as Amazon sent it; None if it may not."""
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
    for child in stream.selected_children:
        paths += child.read.from_parent.values()
    needed = names & {path.partition(".")[0] for path in paths}
    if needed & inside.keys() or not names >= inside.keys():
        return None
    types: dict[str, Any] = {}
    for name in names:
        unchanged = _type_of_unchanged(stream.schema["properties"].get(name, {}))
        if name in needed and unchanged not in (None, _UTC_TIME):
            # It would have to be decoded twice: for the times in it, and as a whole.
            return None
        if name in inside:
            types[name] = list[msgspec.Raw] | None
        elif name in stream.pipeline.text_keys:
            types[name] = str
        elif unchanged is not None:
            types[name] = unchanged | None
        else:
            types[name] = Any if name in needed else msgspec.Raw
    return RecordInspector(types, stream.pipeline.text_keys, needed, inside)


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
        if not set(_times_in(items)) <= set(_times_in(child.schema)):
            # The child stream does not look at all times that this stream brings to UTC.
            return None
        inside[read.place] = inspector
    return inside


def _times_in(schema: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each time in a value; the items of a list lie under no name."""
    if schema.get("format") == "date-time":
        yield path
    elif items := schema.get("items"):
        yield from _times_in(items, (*path, ""))
    else:
        for name, inner in schema.get("properties", {}).items():
            yield from _times_in(inner, (*path, name))


def _type_of_unchanged(schema: Mapping[str, Any]) -> Any:
    """Return the type of values whose times are in UTC; None if there is no time in them."""
    if schema.get("format") == "date-time":
        return _UTC_TIME
    if items := schema.get("items"):
        item: Any = _type_of_unchanged(items)
        return None if item is None else list[item | None]
    types = {
        name: unchanged | None
        for name, inner in schema.get("properties", {}).items()
        if (unchanged := _type_of_unchanged(inner)) is not None
    }
    return _object_type(types) if types else None


def _object_type(
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
