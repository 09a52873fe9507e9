"""Timestamps: read as instants, written in UTC with `Z`.

Singer targets and the SDK compare bookmarks as text, and target-postgres stores timestamps without
their offset. So a timestamp leaves this tap in one form only: UTC with `Z`, and with the fraction
of a second that Amazon sent.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dateutil.parser import isoparse

UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)

FIRST_RECORDS = dt.datetime(2000, 11, 1, tzinfo=UTC)
"""Amazon Marketplace opened to sellers in this month. Reading begins here if nobody documents how
long records are kept."""


ZONES: Mapping[str, float] = {
    # AST, CST, EST, GST and IST are missing: each means several zones.
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    # Europe, with the German and Turkish names.
    "WET": 0,
    "WEZ": 0,
    "WEST": 1,
    "WESZ": 1,
    "BST": 1,
    "CET": 1,
    "MEZ": 1,
    "MET": 1,
    "CEST": 2,
    "MESZ": 2,
    "MEST": 2,
    "EET": 2,
    "OEZ": 2,
    "EEST": 3,
    "OESZ": 3,
    "MSK": 3,
    "TRT": 3,
    "TSI": 3,
    # America, with the French names of Canada.
    "BRT": -3,
    "BRST": -2,
    "ADT": -3,
    "HAA": -3,
    "HNA": -4,
    "EDT": -4,
    "HAE": -4,
    "HNE": -5,
    "CDT": -5,
    "HAC": -5,
    "HNC": -6,
    "MDT": -6,
    "HAR": -6,
    "HNR": -7,
    "MST": -7,
    "PDT": -7,
    "HAP": -7,
    "PST": -8,
    "HNP": -8,
    "AKDT": -8,
    "AKST": -9,
    "HST": -10,
    # Africa, Asia and Australia.
    "CAT": 2,
    "SAST": 2,
    "HKT": 8,
    "SGT": 8,
    "AWST": 8,
    "JST": 9,
    "KST": 9,
    "ACST": 9.5,
    "ACDT": 10.5,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
}
"""Hours from UTC of the time zones that Amazon abbreviates, in its flat files and in answers.

Sources: the time zone database of IANA; CLDR for the names in German, in Turkish
and in French of Canada.
"""

UTC_TIME_PATTERN = (
    r"(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?Z"
)
"""A time that exists, in UTC, as this tap writes it; 29 February is left to the calendar."""

is_utc_time = re.compile(UTC_TIME_PATTERN).fullmatch
"""Return whether a text is a time in UTC as this tap writes it, except on 29 February."""

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[^0-9].*)?|[0-9]{8}(?:T.*)?")
_AS_WRITTEN = frozenset(map(len, ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00.123Z")))
_LEAP_DAY = re.compile(r"[0-9]{4}-02-29T[0-9:]{8}(?:\.[0-9]+)?Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_JAVA_DATE = re.compile(
    rf"[A-Z][a-z]{{2}} (?P<month>{'|'.join(_MONTHS)}) (?P<day>[0-9]{{2}}) "
    r"(?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2}) (?P<zone>[A-Z]+) (?P<year>[0-9]{4})"
)
_EPOCH = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE]\+?[0-9]{1,2})?")
_SECONDS = (10**9 // 2, 10**11)
_MILLISECONDS = (10**12 // 2, 10**14)
"""What a count since 1970 may be, from 1985 on: no number is both."""


def parse_timestamp(text: str) -> dt.datetime:
    """Read an ISO 8601 date or timestamp as an instant. Without an offset it is UTC.

    Raises:
        ValueError: The text is not an ISO 8601 date or timestamp, or a datetime cannot hold it.
    """
    if len(text) in _AS_WRITTEN and is_utc_time(text):
        # Faster than `isoparse`: the form of this tap, and of most of Amazon's answers.
        return dt.datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
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


def read_date_time(value: Any) -> str | None:
    """Return a value as a time in UTC, as RFC 3339 writes it with `Z`; None if it is not a time.

    A value is read only if there is one way to read it: ISO 8601 with any offset (without one it is
    UTC, a day is its midnight), seconds or milliseconds since 1970, or the form of Java's
    `Date.toString`. Amazon's models document date-times, and answers hold other forms:
    `1.596578152E9` (supply sources), `Mon Oct 28 18:49:32 UTC 2019` (fee estimates),
    `2020-06-09 14:00:00Z` (external fulfillment).
    """
    if value.__class__ is str:
        return value if is_utc_time(value) else _read_text(value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _since_1970(Decimal(str(value)) if isinstance(value, float) else Decimal(value))
    return None


@functools.lru_cache(maxsize=4096)
def _read_text(text: str) -> str | None:
    text = text.strip()
    try:
        if _ISO.fullmatch(text):
            instant = parse_timestamp(text)
            return text if _LEAP_DAY.fullmatch(text) else format_timestamp(instant)
        if match := _JAVA_DATE.fullmatch(text):
            return _of_java(match)
    except ValueError:
        return None
    return _since_1970(Decimal(text)) if _EPOCH.fullmatch(text) else None


def _of_java(match: re.Match[str]) -> str | None:
    hours = ZONES.get(match["zone"])
    if hours is None:
        return None
    month = _MONTHS.index(match["month"]) + 1
    local = dt.datetime.fromisoformat(
        f"{match['year']}-{month:02}-{match['day']}T{match['clock']}+00:00"
    )
    return format_timestamp(local - dt.timedelta(hours=hours))


def _since_1970(number: Decimal) -> str | None:
    """Return the time that is a number of seconds or milliseconds after 1970; None if neither."""
    for (least, most), unit in ((_SECONDS, 10**6), (_MILLISECONDS, 10**3)):
        if number.is_finite() and least <= number < most:
            return format_timestamp(EPOCH + dt.timedelta(microseconds=int(number * unit)))
    return None


def read_date(value: Any) -> str | None:
    """Return a value as a day, as RFC 3339 writes it; None if it is not one.

    A time is a day only if it is midnight in UTC: otherwise its day depends on the time zone.
    """
    if not isinstance(value, str):
        return None
    time = read_date_time(value)
    if time is None or not _MIDNIGHT.fullmatch(time):
        return None
    return time[:10]


_MIDNIGHT = re.compile(r"[0-9-]{10}T00:00:00(?:\.0+)?Z")


def to_utc(value: str) -> str:
    """Return a timestamp in UTC with `Z`; any other text is returned unchanged."""
    return read_date_time(value) or value


def to_milliseconds(instant: dt.datetime) -> dt.datetime:
    """Cut an instant to whole milliseconds. SP-API parameters are not more precise."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
