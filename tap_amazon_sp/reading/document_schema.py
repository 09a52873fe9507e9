"""The schema of the rows of documents: it is known only after a document is opened."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.columns import row_properties
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.names import EXTRA, is_shortened
from tap_amazon_sp.documents.rows import Rows
from tap_amazon_sp.documents.values import MISFITS, schema_of_kind
from tap_amazon_sp.reading.document_source import DocumentSource, added_properties
from tap_amazon_sp.reading.inferred import InferredSchema
from tap_amazon_sp.reading.keys import NO_VALUE, is_text_key, key_value, lacks_key
from tap_amazon_sp.reading.misfits import put_aside_misfits, select_misfits
from tap_amazon_sp.reading.pipeline import ACCOUNT
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.conforming import Conformer, kind_of
from tap_amazon_sp.singer.inference import Test, kind_test
from tap_amazon_sp.singer.schemas import TEXT, Schema

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

_KINDS: Mapping[str, Kind] = {
    "number": "number",
    "integer": "number",
    "date": "date",
    "date-time": "date-time",
}
"""How columns are read, by what the schema says of their values; others are read as text."""


class DocumentSchema(InferredSchema):
    """Fits rows and schema to each other.

    The columns of a flat file are known before its first row, so its rows are not inspected one by
    one. A column keeps its type: values that do not fit are misfits. For other documents, the
    schema is widened for each row if needed.
    """

    def __init__(self, stream: AmazonStream, source: DocumentSource) -> None:
        """Write nothing yet."""
        super().__init__(stream, source.entry)
        self._source = source
        self._keys = source.declared.keys or ()
        self._file: FlatFile | None = None
        self._fitted: tuple[FlatFile, Schema | None] | None = None
        self._conformer: Conformer | None = None
        self._misfits: Counter[tuple[str, str]] = Counter()
        self._key_times: tuple[str, ...] = ()

    def begin(self, rows: Rows | None) -> None:
        """Prepare for the rows of a document, and choose how its columns are read."""
        self._file = rows if isinstance(rows, FlatFile) else None
        self._misfits.clear()
        # Before the first record, while the schema has only what is declared.
        _ = self._declared
        if self._file is not None:
            self._choose_kinds(self._file)

    def end(self, label: str) -> None:
        """Log how many values of the document did not fit their columns.

        Args:
            label: The name of the document in messages.
        """
        for (name, kind), count in self._misfits.items():
            self.stream.messages.tell_misfits(label, name, kind, count)
        self._misfits.clear()

    def fit(self, page: Records) -> Records:
        """Return the rows as they are written, having written the SCHEMA that they need."""
        self._hold_back(page)
        self._fill(self._natural_keys, page)
        if self._file is None:
            put_aside_misfits(self._documented_columns, page)
            self._select_misfits(page)
            return super().fit(page)
        self._fit_to_columns(self._file)
        if self._conformer is not None:
            for record in page:
                if misfits := self._conformer.conform(record):
                    found = {one.label: one.text for one in misfits}
                    record[MISFITS] = record.get(MISFITS, {}) | found
        self._restore(self._key_times, page)
        self._select_misfits(page)
        self._fill(self._keys, page)
        return page

    def write_inferred(self, schema: Schema) -> None:
        """Write a SCHEMA if it differs from the last one, and name the columns with short names.

        The caller must hold the lock of the messages.
        """
        super().write_inferred(schema)
        if not self.stream.keeps_amazons_names:
            self.stream.messages.tell_shortened(list(filter(is_shortened, schema["properties"])))

    # --- Selection ------------------------------------------------------------------------------

    @functools.cached_property
    def _declared(self) -> frozenset[str] | None:
        """The properties that may be written; None if that is not limited.

        If the user deselects some, what nobody declared may be what the user does not want. Of some
        types nothing is known, so nothing can be declared before a document is read.
        """
        source, stream = self._source, self.stream
        if not source.known_properties or not stream.messages.deselection:
            return None
        declared = {*stream.own_schema()["properties"], *stream.effective_schema["properties"]}
        return frozenset({*declared, *stream.own_primary_keys, ACCOUNT, EXTRA, MISFITS})

    def _held_back(self, names: Iterable[str]) -> list[str]:
        declared = self._declared
        return [] if declared is None else [name for name in names if name not in declared]

    def _hold_back(self, page: Records) -> None:
        """Remove what nobody declared from rows, if the user deselects properties."""
        if self._declared is None:
            return
        if self._file is not None:
            names = [column.name for column in self._file.columns]
            found = self._held_back(names)
            # If most are unknown, they may be the values of a row, because the header is missing.
            are_names = 2 * len(found) <= len(names)
        else:
            found = self._held_back(dict.fromkeys(name for record in page for name in record))
            are_names = True
        if not found:
            return
        self.stream.messages.tell_held_back(found, are_names=are_names)
        for record in page:
            for name in found:
                record.pop(name, None)

    # --- Keys -----------------------------------------------------------------------------------

    def _fill(self, names: Iterable[str], page: Records) -> None:
        """Complete the keys that are text: Amazon leaves out parts of some keys."""
        for name in names:
            for record in page:
                if key_value(record.get(name)) is None:
                    record[name] = NO_VALUE

    def _restore(self, names: Iterable[str], page: Records) -> None:
        """Put the misfits of keys back: a key that cannot be read stays as Amazon sent it."""
        for name in names:
            for record in page:
                if (text := record.get(MISFITS, {}).pop(name, None)) is not None:
                    record[name] = text

    @functools.cached_property
    def _natural_keys(self) -> tuple[str, ...]:
        others = {*added_properties(self._source), ACCOUNT, *self._keys}
        known = self._source.known_properties
        return tuple(
            name
            for name in self.stream.own_primary_keys
            if name not in others and is_text_key(known.get(name, TEXT))
        )

    # --- Misfits --------------------------------------------------------------------------------

    def _select_misfits(self, page: Records) -> None:
        self._count_misfits(page)
        mask = self.stream.mask
        select_misfits(
            page, lambda name: mask["properties", name], as_text=self.stream.flattens_records
        )

    def _count_misfits(self, page: Records) -> None:
        names = Counter(name for record in page for name in record.get(MISFITS, ()))
        if not names:
            return
        columns = self._file.columns if self._file is not None else ()
        kinds = {column.name: column.kind for column in columns}
        known = self._source.known_properties
        for name, count in names.items():
            kind = kinds.get(name) or kind_of(known.get(name, {}))
            self._misfits[name, kind] += count

    @functools.cached_property
    def _documented_columns(self) -> Mapping[str, Test]:
        """The tests of values of documented columns that are not text.

        Key columns have no test: no target accepts a key without a value.
        """
        return {
            name: test
            for name, found in self._source.known_properties.items()
            if name not in self.stream.own_primary_keys and (test := kind_test(found)) is not None
        }

    # --- Flat files -----------------------------------------------------------------------------

    def _choose_kinds(self, flat_file: FlatFile) -> None:
        """Read columns as the schema says: settings, the catalog or earlier documents decide."""
        known = self.stream.messages.inferred or self.stream.effective_schema
        # A key is text, as it is never null. Its days and times are still written in one way only.
        self._key_times = tuple(
            column.name
            for column in flat_file.columns
            if column.name in self._keys and column.kind in ("date", "date-time")
        )
        flat_file.read_as(
            {
                name: _KINDS.get(kind_of(found))
                for name, found in known["properties"].items()
                if found and name not in self._key_times
            }
        )

    def _fit_to_columns(self, flat_file: FlatFile) -> None:
        """Write a new SCHEMA if a column is new.

        Raises:
            SettingsError: A column of the key is missing.
        """
        messages = self.stream.messages
        file, inferred = self._fitted or (None, None)
        if file is flat_file and inferred is messages.inferred:
            return
        columns = self._columns(flat_file)
        with messages.lock:
            schema = messages.inferred or dict(self.stream.effective_schema)
            before = schema["properties"]
            new = {
                name: found
                for name, found in columns.items()
                # A catalog that was made without flattening has another.
                if not before.get(name) or (name == MISFITS and before[name] != found)
            }
            if new or messages.inferred is None:
                schema = schema | {"properties": before | new}
            self.write_inferred(schema)
            self._fitted = flat_file, messages.inferred
            self._conformer = _conformer_of(flat_file, schema, self._key_times)

    def _columns(self, flat_file: FlatFile) -> dict[str, Any]:
        held_back = {*self._held_back(column.name for column in flat_file.columns)}
        written = [column for column in flat_file.columns if column.name not in held_back]
        columns = row_properties(written, is_flattened=self.stream.flattens_records)
        for name in self._keys:
            if name not in {*columns, *added_properties(self._source)}:
                raise SettingsError([lacks_key(self.entry, name, columns)])
        return columns


def _conformer_of(
    flat_file: FlatFile, schema: Schema, besides: Collection[str]
) -> Conformer | None:
    """Return what makes rows conform to a schema; None if they do as they are read.

    Args:
        flat_file: The file of the rows.
        schema: The schema of the rows.
        besides: Columns that conform, although the schema says something else of them.
    """
    differing = {
        column.name: schema["properties"][column.name]
        for column in flat_file.columns
        if column.name in schema["properties"]
        and kind_of(schema["properties"][column.name]) != kind_of(schema_of_kind(column.kind))
        and column.name not in besides
    }
    return Conformer({"type": "object", "properties": differing}) if differing else None
