"""Reading, comparing and writing timestamps: always instants, always UTC with `Z`.

Singer targets and the SDK compare bookmarks as text, and target-postgres stores timestamps
without their offset, so a timestamp leaves this tap in one form only: UTC, `Z`, with the
fraction of a second that Amazon sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from dateutil.parser import isoparse

UTC = dt.timezone.utc
Normalizer = Callable[[Any], Any]
_WITH_SECONDS = len("2026-01-01T00:00:00Z")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)

FIRST_RECORDS = dt.datetime(2000, 11, 1, tzinfo=UTC)
"""Amazon Marketplace opened to sellers in this month; where nobody documents how long records are
kept, reading begins here."""


def parse_timestamp(text: str) -> dt.datetime:
    """Read an ISO 8601 date or timestamp as an instant; without an offset it is UTC.

    Raises:
        ValueError: The text is no ISO 8601 date or timestamp, or none that a datetime can hold.
    """
    instant = isoparse(text)
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error


def moment_of(values: Mapping[str, Any], name: str) -> dt.datetime | None:
    """Return the time under a name, such as of a record or a job; None where none can be read."""
    try:
        return parse_timestamp(values[name])
    except (KeyError, TypeError, ValueError):
        return None


def format_timestamp(instant: dt.datetime) -> str:
    """Write an instant as ISO 8601 in UTC with `Z`, with a fraction only where it has one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def format_milliseconds(instant: dt.datetime) -> str:
    """Write an instant as `format_timestamp`, cut down to whole milliseconds."""
    timespec = "milliseconds" if instant.microsecond >= 1000 else "seconds"  # noqa: PLR2004
    text = instant.astimezone(UTC).isoformat(timespec=timespec)
    return text.replace("+00:00", "Z")


def to_utc(value: str) -> str:
    """Return a timestamp in UTC with `Z`; text that is no timestamp comes back unchanged."""
    # Amazon writes some without seconds, which RFC 3339 and so JSON Schema want.
    if value.endswith("Z") and len(value) >= _WITH_SECONDS:
        return value
    try:
        return format_timestamp(parse_timestamp(value))
    except ValueError:
        return value


def to_milliseconds(instant: dt.datetime) -> dt.datetime:
    """Cut an instant down to whole milliseconds, the most that SP-API parameters carry."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def timestamp_normalizer(schema: Mapping[str, Any]) -> Normalizer | None:
    """Return a function that brings every `date-time` of a record to UTC, or None if it has none.

    Args:
        schema: JSON Schema of the record.

    Returns:
        A function that changes records in place where they are objects or arrays and returns them.
        Values of another type than the schema says pass unchanged.
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
                # This is asked of every record, and nearly always it is as it should be.
                if time.__class__ is str and (time[-1:] != "Z" or len(time) < _WITH_SECONDS):
                    value[name] = to_utc(time)
            for name, normalize in others:
                inner = value.get(name)
                if inner:
                    normalize(inner)
        return value

    return normalize_object
