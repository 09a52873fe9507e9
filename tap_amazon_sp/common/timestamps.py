"""Timestamps: read as instants, written in UTC with `Z`.

Singer targets and the SDK compare bookmarks as text, and target-postgres stores timestamps without
their offset. So a timestamp leaves this tap in one form only: UTC with `Z`, and with the fraction
of a second that Amazon sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from dateutil.parser import isoparse

UTC = dt.timezone.utc
Normalizer = Callable[[Any], Any]
MIN_UTC_LENGTH = len("2026-01-01T00:00:00Z")
"""The length of a timestamp without a fraction of a second; Amazon writes some without seconds."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)

FIRST_RECORDS = dt.datetime(2000, 11, 1, tzinfo=UTC)
"""Amazon Marketplace opened to sellers in this month. Reading begins here if nobody documents how
long records are kept."""


def parse_timestamp(text: str) -> dt.datetime:
    """Read an ISO 8601 date or timestamp as an instant. Without an offset it is UTC.

    Raises:
        ValueError: The text is not an ISO 8601 date or timestamp, or a datetime cannot hold it.
    """
    instant = isoparse(text)
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error


def moment_of(values: Mapping[str, Any], name: str) -> dt.datetime | None:
    """Return the time under a name, such as a record's or a job's; None if it cannot be read."""
    try:
        return parse_timestamp(values[name])
    except (KeyError, TypeError, ValueError):
        return None


def format_timestamp(instant: dt.datetime) -> str:
    """Write an instant as ISO 8601 in UTC with `Z`, with a fraction only if it has one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def format_milliseconds(instant: dt.datetime) -> str:
    """Write an instant like `format_timestamp`, cut to whole milliseconds."""
    timespec = "milliseconds" if instant.microsecond >= 1000 else "seconds"  # noqa: PLR2004
    text = instant.astimezone(UTC).isoformat(timespec=timespec)
    return text.replace("+00:00", "Z")


def to_utc(value: str) -> str:
    """Return a timestamp in UTC with `Z`; any other text is returned unchanged."""
    # Amazon writes some without seconds, but RFC 3339 and so JSON Schema want them.
    if value.endswith("Z") and len(value) >= MIN_UTC_LENGTH:
        return value
    try:
        return format_timestamp(parse_timestamp(value))
    except ValueError:
        return value


def to_milliseconds(instant: dt.datetime) -> dt.datetime:
    """Cut an instant to whole milliseconds. SP-API parameters are not more precise."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def timestamp_normalizer(schema: Mapping[str, Any]) -> Normalizer | None:
    """Return a function that writes every `date-time` of a record in UTC; None if it has none.

    Args:
        schema: JSON Schema of the record.

    Returns:
        A function that changes records in place if they are objects or arrays, and returns them.
        Values of another type than in the schema pass unchanged.
    """
    if schema.get("format") == "date-time":
        return _normalize_text
    if items := schema.get("items"):
        return _array_normalizer(timestamp_normalizer(items))
    return _object_normalizer(
        {
            name: normalizer
            for name, property_schema in schema.get("properties", {}).items()
            if (normalizer := timestamp_normalizer(property_schema)) is not None
        }
    )


def _normalize_text(value: Any) -> Any:
    return to_utc(value) if isinstance(value, str) else value


def _array_normalizer(normalize_item: Normalizer | None) -> Normalizer | None:
    if normalize_item is None:
        return None

    def normalize_array(value: Any) -> Any:
        if isinstance(value, list):
            value[:] = [normalize_item(item) for item in value]
        return value

    return normalize_array


def _object_normalizer(normalizers: Mapping[str, Normalizer]) -> Normalizer | None:
    if not normalizers:
        return None
    times = [name for name, normalize in normalizers.items() if normalize is _normalize_text]
    others = [item for item in normalizers.items() if item[0] not in times]

    def normalize_object(value: Any) -> Any:
        if isinstance(value, dict):
            for name in times:
                time = value.get(name)
                # This runs for every record, and nearly every time is in UTC already.
                if time.__class__ is str and (time[-1:] != "Z" or len(time) < MIN_UTC_LENGTH):
                    value[name] = to_utc(time)
            for name, normalize in others:
                inner = value.get(name)
                if inner:
                    normalize(inner)
        return value

    return normalize_object
