"""Timestamps as Amazon writes and reads them; inside the simulator, time is epoch seconds."""

from __future__ import annotations

import datetime as dt
import re

UTC = dt.timezone.utc
MINUTE = 60
HOUR = 3600
DAY = 86400

_ISO_8601 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?"
)


def utc_now() -> dt.datetime:
    """Return the current time: the clock of a simulator that is given no other."""
    return dt.datetime.now(UTC)


def iso(seconds: float) -> str:
    """Return epoch seconds as `2026-11-21T12:00:00Z`; fractions of a second are cut off."""
    # Not `strftime`, which is slower: a page of orders has many times.
    return dt.datetime.fromtimestamp(int(seconds), UTC).isoformat()[:19] + "Z"


def iso_with_offset(seconds: float) -> str:
    """Return epoch seconds as reports and jobs write them: `2026-11-21T12:00:00+00:00`."""
    return iso(seconds).replace("Z", "+00:00")


def date_of(seconds: float) -> str:
    """Return epoch seconds as a UTC date: `2026-11-21`."""
    return iso(seconds)[:10]


def parse_iso(text: str, *, strict: bool = False) -> float:
    """Return an ISO 8601 timestamp as epoch seconds.

    Args:
        text: A timestamp such as `2026-11-21T12:00:00.5+01:00`; a date, or one without zone, is in
            UTC.
        strict: Whether to refuse a date, or a timestamp without zone.

    Raises:
        ValueError: The text is not such a timestamp.
    """
    match = _ISO_8601.fullmatch(text)
    if match is None or (strict and match[8] is None):
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    fraction = float(f"0.{match[7]}") if match[7] else 0.0
    return moment.timestamp() + fraction - _offset(match[8])


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return (HOUR * hours + MINUTE * minutes) * (-1 if zone[0] == "-" else 1)
