"""ISO 8601 durations of a fixed length."""

from __future__ import annotations

import datetime as dt
import re

MAX_DURATION = dt.timedelta(days=3650)
MIN_WINDOW = dt.timedelta(minutes=1)
"""Shorter windows would take more calls than Amazon allows to keep up with time."""

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def parse_duration(text: str) -> dt.timedelta:
    """Read an ISO 8601 duration of weeks, days, hours, minutes and seconds (`P1D`, `PT30M`).

    Raises:
        ValueError: The text is not such a duration. Years and months have no fixed length.
    """
    match = _DURATION.fullmatch(text)
    parts = (
        {name: float(number) for name, number in match.groupdict().items() if number}
        if match
        else {}
    )
    if not parts:
        message = f"{text!r} is not an ISO 8601 duration such as PT30M, PT6H or P2D"
        raise ValueError(message)
    try:
        duration = dt.timedelta(**parts)
    except OverflowError:
        duration = dt.timedelta.max
    if duration > MAX_DURATION:
        message = f"{text!r} is longer than ten years"
        raise ValueError(message)
    return duration
