"""Schemas that are inferred from the records, because nothing describes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.reading.fitting import SchemaFitting
from tap_amazon_sp.reading.keys import is_key, lacks_key
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.inference import (
    fit,
    fit_test,
    widened,
    without_broken_formats,
)
from tap_amazon_sp.singer.schemas import TEXT, TIME, Schema

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


class InferredSchema(SchemaFitting):
    """Widens the schema of a stream until its records fit.

    A SCHEMA is written before the first records, and again when records need a wider one.
    """

    is_inferred = True

    def __init__(self, stream: AmazonStream, entry: str) -> None:
        """Write nothing yet.

        Args:
            stream: The stream of the schema.
            entry: The name of the entry in the settings that declares the stream.
        """
        super().__init__(stream)
        self.entry = entry
        self._fit_test: tuple[Schema, Callable[[Any], bool]] | None = None

    def fit(self, page: Records) -> Records:
        """Write the SCHEMA that the records need, and return the records as they are written."""
        self._widen(page)
        for record in page:
            self.stream.pipeline.conformer.conform(record)
        return page

    def write_first_schema(self) -> None:
        """Write no SCHEMA: it is inferred from the first records."""

    def write_missing_schema(self) -> None:
        """Write a SCHEMA if there was no record in the whole run."""
        if self.stream.messages.inferred is None and not self.stream.failed:
            self._widen(())

    def _widen(self, records: Sequence[dict[str, Any]]) -> None:
        """Write a new SCHEMA if these records need one; flush all earlier records first.

        Raises:
            SettingsError: A record lacks its key.
        """
        messages = self.stream.messages
        with messages.lock:
            before = messages.inferred or self._schema_before(records)
            for name in self.stream.own_primary_keys:
                for record in records:
                    if not is_key(record.get(name)):
                        raise SettingsError([lacks_key(self.entry, name, record)])
            fits = self._fit_test_of(before)
            others = [record for record in records if not fits(record)]
            wider = before
            for record in others:
                wider = widened(wider, record)
            wider = without_broken_formats(wider, records)
            for record in others if wider is before else records:
                fit(wider, record)
            self.write_inferred(wider)

    def _fit_test_of(self, schema: Schema) -> Callable[[Any], bool]:
        if self._fit_test is None or self._fit_test[0] is not schema:
            self._fit_test = schema, fit_test(schema)
        return self._fit_test[1]

    def write_inferred(self, schema: Schema) -> None:
        """Write a SCHEMA if it differs from the last one; flush all earlier records first.

        The caller must hold the lock of the messages.
        """
        messages = self.stream.messages
        if schema is messages.inferred or not self.stream.selected:
            return
        self.stream.batch.flush()
        messages.inferred = schema
        properties = {name: found or TEXT for name, found in schema["properties"].items()}
        messages.replace_schema(schema | {"properties": properties})

    def _schema_before(self, records: Sequence[dict[str, Any]]) -> Schema:
        """Return the schema before the first record; a replication key with text is a time."""
        schema = dict(self.stream.effective_schema)
        key = self.stream.own_replication_key or ""
        value = next((record[key] for record in records if record.get(key) is not None), None)
        if isinstance(value, str) and not schema["properties"].get(key):
            schema["properties"] = schema["properties"] | {key: TIME}
        return schema
