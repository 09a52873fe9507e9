"""Read values of columns that are known to be numbers, dates or instants.

Amazon writes all values of a flat file as text. A value is converted only if there is one way to
read it. Any other value stays text: it moves to `_misfits`, under the name of its column, and the
column itself is null in that row. So a column of numbers contains only numbers and keeps its type.
That matters because many SQL targets cannot change the type of a column.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.common.timestamps import ZONES
from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, Conventions, with_decimal_signs
from tap_amazon_sp.documents.numbers import decimal_sign, number_reader

Read = Callable[[str], Any]
"""Converts a text that is not empty; returns None if it does not fit."""

MISFITS = "_misfits"
"""The property of a row with the values that do not fit their columns, by name of the column."""

TEXT: dict[str, Any] = {"type": ["string", "null"]}
MISFITS_SCHEMA: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {},
    "additionalProperties": TEXT,
}

_SCHEMAS: dict[Kind, dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "date-time": {"type": ["string", "null"], "format": "date-time"},
}

_ISO_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\+00:00|Z)"
)
_is_iso_instant = _ISO_INSTANT.fullmatch
_DATE = re.compile(
    r"(?:(?P<year>[0-9]{4})[-/](?P<month>[0-9]{2})[-/](?P<day>[0-9]{2})"
    # With dots the day comes first; with slashes, it could be the day or the month.
    r"|(?P<day_first>[0-9]{2})\.(?P<month_second>[0-9]{2})\.(?P<year_last>[0-9]{4}))"
)
_TIME = re.compile(
    r"[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<part>[0-9]+))?)?"
    r" ?(?P<zone>Z|[A-Z]{3,4}|[+-][0-9]{2}:?[0-9]{2})"
)


def schema_of_kind(kind: Kind | None) -> dict[str, Any]:
    """Return the JSON Schema of a column of a kind; None means text."""
    return dict(TEXT if kind is None else _SCHEMAS[kind])


@functools.lru_cache(maxsize=16)
def reader(kind: Kind, conventions: Conventions = NO_CONVENTIONS) -> Read:
    """Return the function that converts values of a kind to numbers, or to text as in JSON."""
    if kind == "number":
        return number_reader(conventions)
    return read_date if kind == "date" else read_instant


def column_conventions(
    usual: Conventions, columns: Sequence[tuple[Kind | None, Sequence[str]]]
) -> list[Conventions]:
    """Return the conventions of each column of a file, by what its values show.

    Args:
        usual: The conventions of the file's marketplaces.
        columns: The kind of each column, and values of its first rows.
    """
    return with_decimal_signs(
        usual,
        [
            frozenset(filter(None, map(decimal_sign, values))) if kind == "number" else frozenset()
            for kind, values in columns
        ],
    )


@functools.lru_cache(maxsize=4096)
def read_date(text: str) -> str | None:
    """Return a day as ISO 8601, without converting it to another time zone."""
    match = _DATE.fullmatch(text.strip())
    return None if match is None else _day(match)


def read_instant(text: str) -> str | None:
    """Return an instant in UTC with `Z`; None if its time zone is missing or unknown."""
    if _is_iso_instant(text) and read_date(text[:10]) is not None:
        return text[:19] + "Z"
    return _read_instant(text)


@functools.lru_cache(maxsize=16384)
def _read_instant(text: str) -> str | None:
    text = text.strip()
    date = _DATE.match(text)
    time = _TIME.fullmatch(text, date.end()) if date else None
    if date is None or time is None or (day := _day(date)) is None:
        return None
    zone = time["zone"]
    if zone in ZONES:
        offset = dt.timedelta(hours=ZONES[zone])
    elif zone[0] in "+-":
        sign = -1 if zone[0] == "-" else 1
        offset = sign * dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    else:
        return None
    try:
        clock = dt.time(int(time["hour"]), int(time["minute"]), int(time["second"] or 0))
        local = dt.datetime.combine(dt.date.fromisoformat(day), clock)
        instant = local - offset
    except (ValueError, OverflowError):
        return None
    part = f".{time['part']}" if time["part"] else ""
    return f"{instant.isoformat()}{part}Z"


def _day(match: re.Match[str]) -> str | None:
    year = match["year"] or match["year_last"]
    month = match["month"] or match["month_second"]
    day = match["day"] or match["day_first"]
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
