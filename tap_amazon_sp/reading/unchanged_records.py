"""Records whose JSON is written as it came; `raw_records` finds those that may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.common.json_values import decode
from tap_amazon_sp.singer.writer import to_json


class Addition:
    """Properties that are added to unchanged records."""

    def __init__(self, properties: dict[str, Any]) -> None:
        """Take the properties, by name."""
        self.properties = properties
        # Up to where the first property of the record begins.
        self.start = to_json(properties)[:-1] + b","
        self._has_texts = all(value.__class__ is str for value in properties.values())

    def is_of_texts(self, properties: dict[str, Any]) -> bool:
        """Return whether these are the same properties, and all of them are texts.

        Other values may be equal and differ in JSON, such as 1 and true.
        """
        return self._has_texts and self.properties == properties


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
        inside = self.json[1:]
        if not inside.startswith(b'"') and not (inside := inside.lstrip()).startswith(b'"'):
            return None
        record = UnchangedRecord.of(addition.start + inside, self)
        record.update(addition.properties)
        return record

    def decoded(self) -> dict[str, Any]:
        """Return the record with all its properties."""
        record: dict[str, Any] = decode(self.json)
        return record
