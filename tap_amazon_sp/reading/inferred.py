"""Streams whose schema follows from their records, as nobody describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tap_amazon_sp.reading.declared_schemas import TEXT, TIME
from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.settings.schema import SettingsError
from tap_amazon_sp.singer.inference import (
    Schema,
    fit,
    fit_test,
    widened,
    without_broken_formats,
)


class InferredStream(SellingPartnerStream):
    """A stream whose schema follows from its records, where `is_inferred` says so.

    A SCHEMA is written before the first records, and again where records need a wider one.
    """

    _fit_test: tuple[Schema, Callable[[Any], bool]] | None = None

    @property
    def entry(self) -> str:
        """What to call the entry in the settings that declares the stream."""
        raise NotImplementedError

    def processed(self, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the records as they are written, having written the SCHEMA that they need."""
        if self.is_inferred:
            records = list(records)
            self._widen(records)
        return super().processed(records)

    def write_missing_schema(self) -> None:
        """Write a SCHEMA even if there was no record in the whole run."""
        if self.is_inferred and self.messages.inferred is None and not self.failed:
            self._widen(())

    def write_first_schema(self) -> None:
        """Write no SCHEMA before the first records, from which it follows."""
        if not self.is_inferred:
            super().write_first_schema()

    def _widen(self, records: Sequence[dict[str, Any]]) -> None:
        """Write a new SCHEMA where these records need one; all before them are written.

        Raises:
            SettingsError: They lack their key.
        """
        with self.messages.lock:
            before = self.messages.inferred or self._schema_before(records)
            for name in self._own_primary_keys:
                for record in records:
                    if record.get(name) is None:
                        message = (
                            f"{self.entry}: a record has no '{name}', only {', '.join(record)}"
                        )
                        raise SettingsError([message])
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
        """Write a SCHEMA, if it is another than the last; all records before it are written.

        The lock of the messages must be held.
        """
        if schema is self.messages.inferred or not self.selected:
            return
        self._batch.flush()
        self.messages.inferred = schema
        properties = {name: found or TEXT for name, found in schema["properties"].items()}
        self.messages.replace_schema(schema | {"properties": properties})

    def _schema_before(self, records: Sequence[dict[str, Any]]) -> Schema:
        """Return what is known before the first record: whether its time of change is a text."""
        schema = dict(self.effective_schema)
        key = self._own_replication_key or ""
        value = next((record[key] for record in records if record.get(key) is not None), None)
        if isinstance(value, str) and not schema["properties"].get(key):
            schema["properties"] = schema["properties"] | {key: TIME}
        return schema
