"""The schema of the rows of documents: it is known only after a document is opened."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.names import EXTRA
from tap_amazon_sp.documents.rows import Rows
from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.reading.document_source import DocumentSource, added_properties
from tap_amazon_sp.reading.inferred import InferredSchema
from tap_amazon_sp.reading.keys import NO_VALUE, is_text_key, key_value, lacks_key
from tap_amazon_sp.reading.misfits import put_aside_misfits, select_misfits
from tap_amazon_sp.reading.pipeline import ACCOUNT
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.conforming import kind_of
from tap_amazon_sp.singer.inference import Test, kind_test
from tap_amazon_sp.singer.schemas import TEXT, Schema

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


class DocumentSchema(InferredSchema):
    """Fits rows and schema to each other.

    The columns of a flat file are known before its first row, so its rows are not inspected one by
    one. For other documents, the schema is widened for each row if needed.
    """

    def __init__(self, stream: AmazonStream, source: DocumentSource) -> None:
        """Write nothing yet."""
        super().__init__(stream, source.entry)
        self._source = source
        self._keys = source.declared.keys or ()
        self._file: FlatFile | None = None
        self._fitted_to: tuple[FlatFile, frozenset[str]] | None = None
        self._fitted_schema: Schema | None = None
        self._text_columns: tuple[str, ...] = ()

    def begin(self, rows: Rows | None) -> None:
        """Prepare for the rows of a document, and choose how its columns are read."""
        self._file = rows if isinstance(rows, FlatFile) else None
        if self._file is not None:
            self._choose_text_columns(self._file)

    def fit(self, page: Records) -> Records:
        """Return the rows as they are written, having written the SCHEMA that they need."""
        self._fill(self._natural_keys, page)
        if self._file is None:
            put_aside_misfits(self._documented_columns, page)
            self._select_misfits(page)
            return super().fit(page)
        self._select_misfits(page)
        self._fit_to_columns(self._file, page)
        self._fill(self._keys, page)
        for name in self._text_columns:
            for record in page:
                value = record.get(name)
                if value is not None and value.__class__ is not str:
                    record[name] = str(value)
        return page

    # --- Keys -----------------------------------------------------------------------------------

    def _fill(self, names: Iterable[str], page: Records) -> None:
        """Complete the keys that are text: Amazon leaves out parts of some keys."""
        for name in names:
            for record in page:
                if key_value(record.get(name)) is None:
                    record[name] = NO_VALUE

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
        self._tell_misfits(page)
        mask = self.stream.mask
        select_misfits(
            page, lambda name: mask["properties", name], as_text=self.stream.flattens_records
        )

    def _tell_misfits(self, page: Records) -> None:
        columns = self._file.columns if self._file is not None else ()
        kinds = {column.name: column.kind for column in columns}
        known = self._source.known_properties
        for record in page:
            for name in record.get(MISFITS, ()):
                kind = kinds.get(name) or kind_of(known.get(name, {}))
                self.stream.messages.tell_misfit(name, kind)

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

    def _choose_text_columns(self, flat_file: FlatFile) -> None:
        """Read as text the columns that are text by settings or catalog, or new and unreadable."""
        known = self.stream.messages.inferred or self.stream.effective_schema
        properties = known["properties"]
        text = {name for name, found in properties.items() if _is_text(found)}
        new = {name for name in flat_file.unreadable() if not properties.get(name)}
        flat_file.read_as_text(text | new)

    def _fit_to_columns(self, flat_file: FlatFile, page: Records) -> None:
        """Write a new SCHEMA if a column is new.

        Raises:
            SettingsError: A column of the key is missing.
        """
        # Few documents have these, so they become columns only when they occur.
        special = frozenset(
            name for name in (EXTRA, MISFITS) if any(name in record for record in page)
        )
        messages = self.stream.messages
        if self._fitted_to == (flat_file, special) and messages.inferred is self._fitted_schema:
            return
        columns = self._columns(flat_file, special)
        with messages.lock:
            schema = messages.inferred or dict(self.stream.effective_schema)
            before = schema["properties"]
            new = {
                name: found
                for name, found in columns.items()
                # Amazon documents some as JSON and sends them as text.
                if not before.get(name) or (_is_text(found) and not _is_text(before[name]))
            }
            if new or messages.inferred is None:
                schema = schema | {"properties": before | new}
            self.write_inferred(schema)
            self._fitted_to, self._fitted_schema = (flat_file, special), messages.inferred
            # Another account may have made a column text since this document was opened.
            self._text_columns = tuple(
                column.name
                for column in flat_file.columns
                if column.kind is not None and _is_text(schema["properties"][column.name])
            )

    def _columns(self, flat_file: FlatFile, special: frozenset[str]) -> dict[str, Any]:
        columns = flat_file.schema()
        if self.stream.flattens_records:
            # Flattening loses properties of an object that the schema does not name.
            columns[MISFITS] = TEXT
        for name in (EXTRA, MISFITS):
            if name not in special:
                del columns[name]
        for name in self._keys:
            if name not in {*columns, *added_properties(self._source)}:
                raise SettingsError([lacks_key(self.entry, name, columns)])
        return columns


def _is_text(schema: Mapping[str, Any]) -> bool:
    """Return whether a property is text and nothing more."""
    return "string" in schema.get("type", ()) and "format" not in schema
