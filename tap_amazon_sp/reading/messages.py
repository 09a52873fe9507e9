"""The SCHEMA and RECORD messages of a stream, for the records of all accounts."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from singer_sdk.helpers._catalog import get_selected_schema
from singer_sdk.mapper import CustomStreamMap, RemoveRecordTransform, SameRecordTransform, StreamMap

from tap_amazon_sp.documents.names import MAX_NAME
from tap_amazon_sp.documents.values import MISFITS, MISFITS_SCHEMA
from tap_amazon_sp.reading.column_names import equal_names, long_names
from tap_amazon_sp.reading.deselection import Deselection, Names, deselected_in
from tap_amazon_sp.reading.map_expressions import ExpressionsOfStream, expressions_in
from tap_amazon_sp.reading.misfits import names_in_label
from tap_amazon_sp.reading.unchanged_records import UnchangedRecord
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.inference import schema_of
from tap_amazon_sp.singer.schemas import TEXT, without_empty_properties
from tap_amazon_sp.singer.writer import MAX_BATCH, RecordBatch, to_json, write_json

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


class StreamMessages:
    """Writes the messages of one stream: all accounts share its schema.

    `stream` has the schema and the selection of the catalog. Code that changes the schema must hold
    `lock`. `inferred` is the schema inferred from the records so far, if nothing describes them.
    """

    def __init__(self, stream: AmazonStream) -> None:
        """Write nothing yet."""
        self.stream = stream
        self.lock = threading.RLock()
        self.inferred: dict[str, Any] | None = None
        self._has_schema = False
        self._known_properties: frozenset[str] | None = None
        self._deselection: Deselection | None = None
        self._told: set[tuple[str, ...]] = set()

    def one_schema(self) -> AbstractContextManager[Any]:
        """Keep other accounts from changing the schema while a page is fitted to it and written."""
        is_shared = self.stream.fitting.is_inferred and self.stream.run.has_several_accounts
        return self.lock if is_shared else nullcontext()

    def write_first_schema(self) -> None:
        """Write the SCHEMA that comes before all records, once."""
        with self.lock:
            if not self._has_schema:
                self._write_schema()

    def replace_schema(self, schema: dict[str, Any]) -> None:
        """Continue with another schema, and write it."""
        stream = self.stream
        with self.lock:
            selected = get_selected_schema(stream.name, schema, stream.mask)
            self._register(selected)
            # Not before the new maps are there: other threads use those of the stream until then.
            stream.adopt_schema(schema)
            self.tell_long_names()
            self._write_schema()
            self.__dict__.pop("_prefix", None)

    def _register(self, schema: dict[str, Any]) -> None:
        """Make the stream maps for a schema.

        Raises:
            SettingsError: Flattening gives two properties the same name.
        """
        stream = self.stream
        if stream.flattens_records:
            schema = without_empty_properties(schema)
        try:
            stream.mapper.register_raw_stream_schema(stream.name, schema, stream.primary_keys)
        except ValueError as error:
            if (mistake := equal_names(error)) is None:
                raise
            raise SettingsError([f"'{stream.name}': {mistake}"]) from None

    def _write_schema(self) -> None:
        self._has_schema = True
        self.stream._write_schema_message()  # noqa: SLF001 - the SDK's own way
        # Only now: until the SCHEMA is written, no other thread may write records that need it.
        self._known_properties = frozenset(self.stream.effective_schema["properties"])

    @property
    def known_properties(self) -> frozenset[str]:
        """The properties in the last SCHEMA."""
        if self._known_properties is None:
            # Another thread may be about to write a SCHEMA with more of them.
            with self.lock:
                if self._known_properties is None:
                    properties = self.stream.effective_schema["properties"]
                    self._known_properties = frozenset(properties)
        return self._known_properties

    def write(self, record: dict[str, Any], batch: RecordBatch) -> None:
        """Add the RECORD of a record to a batch; first write a new SCHEMA if the record needs one.

        Raises:
            ReaderGoneError, SyncInterrupted: As `RecordBatch.add`.
        """
        if not self.known_properties.issuperset(record) and not self.stream.fitting.is_inferred:
            self._take_in_unknown_properties(record, batch)
        batch.add(self.lines(record, batch.line_end))

    def write_all(self, records: Sequence[dict[str, Any]], batch: RecordBatch) -> None:
        """Add the RECORDs of a page of records to a batch, as `write` does for one record.

        Raises:
            ReaderGoneError, SyncInterrupted: As `RecordBatch.add`.
        """
        prefix, line_end = self._prefix, batch.line_end
        is_inferred = self.stream.fitting.is_inferred
        lines = bytearray()
        for record in records:
            if prefix is None or not (is_inferred or self.known_properties.issuperset(record)):
                batch.add(bytes(lines))
                lines.clear()
                self.write(record, batch)
                continue
            lines += prefix
            if isinstance(record, UnchangedRecord):
                lines += record.json
            else:
                write_json(record, lines, -1)
            lines += line_end
            if len(lines) >= MAX_BATCH:
                batch.add(bytes(lines))
                lines.clear()
        batch.add(bytes(lines))

    def lines(self, record: dict[str, Any], line_end: bytes) -> bytes:
        """Return the RECORD messages of a record, as the SDK would write them.

        Args:
            record: The record; deselected properties are removed from it.
            line_end: The end of a line, after the record.
        """
        if self._prefix is not None:
            json = record.json if isinstance(record, UnchangedRecord) else to_json(record)
            return b"".join((self._prefix, json, line_end))
        # Stream maps are not thread-safe.
        with self.lock:
            self.deselection.apply(record)
            self._select_misfits(record)
            lines = []
            for stream_map in self.stream.stream_maps:
                with self._map_errors_explained(stream_map, record):
                    mapped = stream_map.transform(record)
                if mapped is not None:
                    lines += [_prefix_of(stream_map.stream_alias), to_json(mapped), line_end]
            return b"".join(lines)

    @property
    def writes_records_as_they_are(self) -> bool:
        """Whether nothing in the settings or the catalog changes the records that are written."""
        return not self.stream.is_selected_in_catalog or self._prefix is not None

    @functools.cached_property
    def _prefix(self) -> bytes | None:
        """The line before a record, if records are written unchanged; None if they are not."""
        stream_maps = self.stream.stream_maps
        is_written_as_it_is = (
            len(stream_maps) == 1
            and type(stream_maps[0]) is SameRecordTransform
            and not stream_maps[0].flattening_enabled
            and not self.deselection
        )
        return _prefix_of(stream_maps[0].stream_alias) if is_written_as_it_is else None

    def passes_filter(self, record: dict[str, Any]) -> bool:
        """Return whether the filters of stream maps keep this record and its children.

        Streams that are not selected have no maps. A map that drops the whole stream (null) filters
        nothing: the children are streams of their own.
        """
        if self.writes_records_as_they_are:
            return True
        first = self.stream.stream_maps[0]
        if isinstance(first, RemoveRecordTransform):
            return True
        with self.lock, self._map_errors_explained(first, record):
            return bool(first.get_filter_result(record))

    def map_mistakes(self) -> Iterator[str]:
        """Yield a sentence for each name in the stream maps for this stream that nothing has."""
        for stream_map in self.stream.stream_maps if self._expressions.expressions else ():
            if isinstance(stream_map, CustomStreamMap):
                yield from self._expressions.mistakes_in_names(stream_map)
        yield from self._expressions.mistakes_in_removals(self.stream.config.get("stream_maps"))

    @property
    def _expressions(self) -> ExpressionsOfStream:
        """The expressions of stream maps for this stream."""
        stream = self.stream
        found = tuple(expressions_in(stream.config.get("stream_maps"), stream.name))
        properties = stream.schema["properties"] if stream.has_whole_schema else ()
        return ExpressionsOfStream(stream.name, found, properties)

    @contextmanager
    def _map_errors_explained(
        self, stream_map: StreamMap, record: dict[str, Any]
    ) -> Iterator[None]:
        """Turn what an expression of a stream map raises into an error that names the setting.

        The error itself may quote a value of the record.

        Raises:
            SettingsError: An expression does not work for a record.
        """
        try:
            yield
        except Exception as error:  # noqa: BLE001 - an expression raises anything
            message = self._expressions.why_it_failed(error, stream_map, record)
            raise SettingsError([message]) from None

    def _take_in_unknown_properties(self, record: dict[str, Any], batch: RecordBatch) -> None:
        """Write a new SCHEMA with the properties that Amazon added after the schema was made.

        If the user deselected properties of this stream, unknown properties are left out: they
        may be the kind of data that the user does not want. A null is left out until a value comes,
        because it says nothing about the type.
        """
        with self.lock:
            unknown = [name for name in record if name not in self.known_properties]
            if self.deselection:
                self._drop(record, [name for name in unknown if name != MISFITS])
                unknown = [name for name in unknown if name == MISFITS]
            for name in [name for name in unknown if record[name] is None]:
                unknown.remove(name)
                del record[name]
            if not unknown:
                return
            batch.flush()
            new = [name for name in unknown if name != MISFITS]
            if new:
                self.stream.logger.info("Amazon sends new properties: %s", ", ".join(new))
            # Flattening loses properties of an object that the schema does not name.
            misfits = TEXT if self.stream.flattens_records else MISFITS_SCHEMA
            own = {MISFITS: misfits} | self.stream.schema["properties"]
            added = {name: own.get(name) or schema_of(record[name]) for name in unknown}
            self.replace_schema(_with_properties(self.stream.effective_schema, added))

    def _drop(self, record: dict[str, Any], names: list[str]) -> None:
        for name in names:
            del record[name]
            self._tell_left_out((name,))

    def _tell_left_out(self, names: Names) -> None:
        if self._is_new((*names, "left out")):
            self.stream.logger.warning(
                "%s '%s', which is left out because properties of '%s' are deselected: discover "
                "again to select it",
                # A catalog of an older release lacks what the tap has learned or adds since.
                "The catalog lacks"
                if _declares(self.stream.own_schema(), names)
                else "Amazon sends a new property",
                ".".join(names),
                ".".join([self.stream.name, *names[:-1]]),
            )

    def tell_held_back(self, names: Sequence[str], *, are_names: bool) -> None:
        """Log that undeclared columns are left out, once for each.

        Args:
            names: The columns.
            are_names: Whether they are surely names, and not values of a row.
        """
        if new := [name for name in names if self._is_new((name, "held back"))]:
            self.stream.logger.warning(
                "'%s': columns that the catalog does not have are left out, because others are "
                "deselected: %s. To read them, add them to the catalog",
                self.stream.name,
                ", ".join(new) if are_names else len(new),
            )

    def tell_long_names(self) -> None:
        """Log that the stream has names that PostgreSQL would cut, once."""
        sentence = long_names(self.stream)
        if sentence is not None and self._is_new(("long names",)):
            self.stream.logger.warning(sentence)

    def tell_shortened(self, names: Sequence[str]) -> None:
        """Log that names of properties are shortened, once for each."""
        if new := [name for name in names if self._is_new((name, "shortened"))]:
            self.stream.logger.info(
                "'%s': names of more than %d bytes are shortened: %s",
                self.stream.name,
                MAX_NAME,
                ", ".join(new),
            )

    def tell_misfits(self, label: str, path: str, kind: str, count: int) -> None:
        """Log how many values of a property in a document are not what its schema says."""
        self.stream.logger.warning(
            "%s: %d %s of '%s.%s' cannot be read as %s: they are in '%s', and the property is null "
            "there",
            label,
            count,
            "value" if count == 1 else "values",
            self.stream.name,
            path,
            kind,
            MISFITS,
        )

    def tell_misfit(self, path: str, kind: str) -> None:
        """Log that a property holds values that are not what its schema says, once."""
        if self._is_new((path, kind)):
            self.stream.logger.warning(
                "Amazon sends values of '%s.%s' that cannot be read as %s: they are in '%s', "
                "and the property is null there",
                self.stream.name,
                path,
                kind,
                MISFITS,
            )

    def _is_new(self, what: tuple[str, ...]) -> bool:
        with self.lock:
            is_new = what not in self._told
            self._told.add(what)
        return is_new

    # --- Selection ------------------------------------------------------------------------------

    @property
    def deselection(self) -> Deselection:
        """What the catalog deselects in the records, also as records of streams inside them."""
        if self._deselection is None:
            with self.lock:
                if self._deselection is None:
                    self._deselection = self._new_deselection()
        return self._deselection

    def _new_deselection(self) -> Deselection:
        stream = self.stream
        schema = stream.effective_schema
        if not stream.is_selected_in_catalog:
            return Deselection(schema, ())
        deselected = list(deselected_in(stream.mask))
        for child, place in stream.streams_inside:
            names = child.messages.deselection.within(schema, place)
            if names:
                stream.logger.info(
                    "What is deselected in '%s' is left out of '%s' as well: %s",
                    child.name,
                    ".".join([stream.name, *place]),
                    ", ".join(".".join(one[len(place) :]) for one in names),
                )
                deselected += names
        return Deselection(schema, deselected, self._tell_left_out)

    def _select_misfits(self, record: dict[str, Any]) -> None:
        """Keep only misfits of selected properties; write them as text if records are flattened."""
        misfits = record.get(MISFITS)
        if not isinstance(misfits, dict):
            return
        is_selected = self.deselection.is_selected
        kept = {
            label: text for label, text in misfits.items() if is_selected(names_in_label(label))
        }
        record[MISFITS] = to_json(kept).decode() if self.stream.flattens_records else kept


def _prefix_of(stream_name: str) -> bytes:
    return b'{"type":"RECORD","stream":%b,"record":' % to_json(stream_name)


def _declares(schema: Mapping[str, Any], names: Names) -> bool:
    """Return whether a schema has a property at this place."""
    found: Any = schema
    for name in names:
        found = found.get("items", found).get("properties", {}).get(name)
        if found is None:
            return False
    return True


def _with_properties(schema: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], **added}}
