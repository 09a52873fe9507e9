"""Days, weeks, months, quarters and years, in UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tap_amazon_sp.simulator.world.timestamps import UTC


def day_of(seconds: float) -> dt.date:
    """Return the UTC day of a moment (epoch seconds)."""
    return dt.datetime.fromtimestamp(seconds, UTC).date()


def first_day(period: str, day: dt.date) -> dt.date:
    """Return the first day of the period that contains a day.

    Args:
        period: `DAY`, `WEEK` (begins on Sunday), `MONTH`, `QUARTER` or `YEAR`.
        day: Any day of the period.
    """
    if period == "WEEK":
        return day - dt.timedelta(days=(day.weekday() + 1) % 7)
    if period == "MONTH":
        return day.replace(day=1)
    if period == "QUARTER":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1) if period == "YEAR" else day


def last_day(period: str, day: dt.date) -> dt.date:
    """Return the last day of the period that contains a day; see `first_day`."""
    if period == "WEEK":
        return first_day(period, day) + dt.timedelta(days=6)
    if period == "DAY":
        return day
    # No period is longer than this many days, so the sum lies in the next period.
    days = {"MONTH": 31, "QUARTER": 92, "YEAR": 366}[period]
    next_first = first_day(period, first_day(period, day) + dt.timedelta(days=days))
    return next_first - dt.timedelta(days=1)


def periods_between(period: str, start: dt.date, end: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield first and last day of each period that contains a day from start to end."""
    day = first_day(period, start)
    while day <= end:
        last = last_day(period, day)
        yield day, last
        day = last + dt.timedelta(days=1)
