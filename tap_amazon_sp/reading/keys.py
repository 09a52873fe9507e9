"""The keys of records: never null, never empty.

Loaders that keep one row per key end at a key without a value: PostgreSQL refuses null, and
target-duckdb and pipelinewise-target-postgres take empty text for null. So each part of a key has a
value when a record leaves:

- Some parts may be missing, because the others identify the record: a stock without a condition, an
  item without an expiration date. `NO_VALUE` takes their place.
- The other parts identify a record. Two records without them would replace each other in the
  warehouse, so they are left out. The stream fails in the end, and the next run reads them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.errors import RecordWithoutKeyError
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.unchanged_records import UnchangedRecord
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.writer import to_json

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

NO_VALUE = "(none)"
"""What a part of a key is where Amazon sends no value. No id, SKU, code or date looks like it."""


def key_value(value: Any) -> Any:
    """Return a value as part of a key; None for null, empty text and white space alone."""
    return None if isinstance(value, str) and not value.strip() else value


def is_key(value: Any) -> bool:
    """Return whether a value may be part of a key."""
    return key_value(value) is not None and not isinstance(value, (dict, list))


def number_key(record: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    """Return what equal records have in common: the values of the properties that are counted."""
    return tuple(_countable(key_value(record.get(name))) for name in names)


def _countable(value: Any) -> Any:
    """Return a value that a dict may have as a key; JSON for an object or a list."""
    return to_json(value) if isinstance(value, (dict, list)) else value


class RecordKeys:
    """Completes the keys of the records of one stream of one account."""

    def __init__(self, stream: AmazonStream) -> None:
        """Take the keys of the declaration; a catalog may not take any of them away."""
        self._stream = stream
        properties = stream.schema["properties"]
        self._optional = dict.fromkeys((*stream.optional_keys, *stream.numbered_by))
        may_lack_all = set(stream.optional_keys) == set(type(stream).primary_keys)
        self._may_lack_all = may_lack_all and bool(self._optional)
        self._is_text = {name: is_text_key(properties[name]) for name in stream.own_primary_keys}

    def with_keys(self, records: Iterable[dict[str, Any]]) -> Records:
        """Return the records of a page that have their keys, and note that the others are missing.

        Each part of their keys gets a value, in place.

        Raises:
            SettingsError: No record has the key that the settings name.
        """
        whole: Records = []
        lacking: list[tuple[str, dict[str, Any]]] = []
        for record in records:
            name = None if isinstance(record, UnchangedRecord) else self.complete(record)
            if name is None:
                whole.append(record)
            else:
                lacking.append((name, record))
        if not lacking:
            return whole
        name, record = lacking[0]
        entry = self._stream.keys_declared_in
        if entry is not None and not whole:
            raise SettingsError([lacks_key(entry, name, record)])
        one = f"a record without '{name}', which identifies it"
        several = f"{len(lacking)} records without '{name}', which identifies them"
        message = f"Amazon sent {one if len(lacking) == 1 else several}"
        error = RecordWithoutKeyError(self._stream.operation.id, message=message)
        self._stream.shortfalls.add(error)
        return whole

    def complete(self, record: dict[str, Any]) -> str | None:
        """Change a record in place so that each part of its key has a value.

        Returns:
            The part of the key that identifies the record, if it lacks it; otherwise None.
        """
        for name, is_text in self._is_text.items():
            value = record.get(name)
            if value.__class__ is str and not value.isspace() and value:
                continue
            if is_text and _is_number(value):
                record[name] = to_json(value).decode()
            elif is_text and name in self._optional and key_value(value) is None:
                record[name] = NO_VALUE
            elif is_text or not is_key(value):
                return name
        if self._may_lack_all and all(record[name] == NO_VALUE for name in self._optional):
            return " or ".join(self._optional)
        return None


def lacks_key(entry: str, name: str, properties: Mapping[str, Any]) -> str:
    """Return the message for a record without a part of the key that the settings name."""
    if properties.get(name) is None:
        others = ", ".join(other for other in properties if other != name)
        return f"{entry}: a record has no '{name}', only {others}"
    return f"{entry}: a record's '{name}' is empty, or not an id: choose other keys"


def is_text_key(schema: Mapping[str, Any]) -> bool:
    """Return whether a key is text and not a time."""
    return "string" in schema.get("type", ()) and "format" not in schema


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
