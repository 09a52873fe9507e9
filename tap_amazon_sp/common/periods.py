"""Days, weeks, months and other periods: the time that one report covers.

Periods follow one another without gaps and always begin at the same times, so that a time that is
read again is read in the same pieces. All of them are in UTC. Weeks begin on Sunday, as Amazon's
weeks do (its page "Analytics Reports").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from tap_amazon_sp.common.durations import MIN_WINDOW, parse_duration
from tap_amazon_sp.common.timestamps import EPOCH
from tap_amazon_sp.common.windows import DAY, Window, start_of_day

CALENDAR = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
"""The periods of the calendar, the shortest first."""

_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_MAX_DAYS = {"DAY": 1, "WEEK": 7, "MONTH": 31, "QUARTER": 92, "YEAR": 366}
_CONTAINED_IN = {
    # The periods that consist of whole ones of each kind.
    "DAY": CALENDAR,
    "WEEK": ("WEEK",),
    "MONTH": ("MONTH", "QUARTER", "YEAR"),
    "QUARTER": ("QUARTER", "YEAR"),
    "YEAR": ("YEAR",),
}


@dataclass(frozen=True)
class Period:
    """Periods of one kind: of the calendar, by name, or of one length, counted from 1970 on."""

    length: str | dt.timedelta

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read the name of a period of the calendar, or an ISO 8601 duration.

        Raises:
            ValueError: The text is neither, or the duration is too short.
        """
        name = text.strip().upper()
        if name in CALENDAR:
            return cls(name)
        length = parse_duration(text)
        if length < MIN_WINDOW:
            message = f"{text!r} is too short"
            raise ValueError(message)
        return cls("DAY" if length == DAY else length)

    @property
    def longest(self) -> dt.timedelta:
        """The length of the longest period."""
        if isinstance(self.length, str):
            return dt.timedelta(days=_MAX_DAYS[self.length])
        return self.length

    def is_made_of(self, name: str) -> bool:
        """Return whether each period consists of whole calendar periods of this name."""
        if isinstance(self.length, str):
            return self.length in _CONTAINED_IN[name]
        return name == "DAY" and self.length % DAY == dt.timedelta(0)

    def start_around(self, moment: dt.datetime) -> dt.datetime:
        """Return the beginning of the period that contains a moment."""
        if isinstance(self.length, dt.timedelta):
            return moment - (moment - EPOCH) % self.length
        day = start_of_day(moment)
        if self.length == "WEEK":
            return day - dt.timedelta(days=(day.weekday() + 1) % 7)
        if self.length in _MONTHS:
            months = _MONTHS[self.length]
            return day.replace(month=day.month - (day.month - 1) % months, day=1)
        return day

    def end_after(self, start: dt.datetime) -> dt.datetime:
        """Return the end of the period that begins at `start`. The next one begins there."""
        if isinstance(self.length, dt.timedelta):
            return start + self.length
        # A moment after the end of this period, and within the next.
        return self.start_around(start + dt.timedelta(days=_MAX_DAYS[self.length]))

    def windows(
        self, start: dt.datetime, end: dt.datetime, *, whole: bool = False
    ) -> Iterator[Window]:
        """Yield the periods between two moments as windows; none if the moments are the same.

        Args:
            start: A moment in the first period.
            end: The end of the last window, even if its period ends later.
            whole: Whether to leave out the last period if it ends later.
        """
        position = self.start_around(start) if start < end else end
        while position < end:
            before = self.end_after(position)
            if before > end:
                if whole:
                    return
                before = end
            yield Window(position, before)
            position = before
