"""Days, weeks, months and other stretches of time: what one report is of.

They lie side by side, always in the same places, so that a time that is read again is read in the
same pieces. All in UTC. Weeks begin on Sunday, as Amazon's do (its page "Analytics Reports").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from tap_amazon_sp.common.timestamps import EPOCH
from tap_amazon_sp.reading.window_plan import Window, start_of_day
from tap_amazon_sp.settings.accounts import parse_duration

CALENDAR = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
"""Periods of the calendar, the shortest first."""

DAY = dt.timedelta(days=1)

_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_LONGEST = {"DAY": 1, "WEEK": 7, "MONTH": 31, "QUARTER": 92, "YEAR": 366}
_INSIDE = {
    # What whole periods of each lie in.
    "DAY": CALENDAR,
    "WEEK": ("WEEK",),
    "MONTH": ("MONTH", "QUARTER", "YEAR"),
    "QUARTER": ("QUARTER", "YEAR"),
    "YEAR": ("YEAR",),
}


@dataclass(frozen=True)
class Period:
    """A period of the calendar by its name, or stretches of one length counted from 1970 on."""

    length: str | dt.timedelta

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read the name of a period of the calendar, or an ISO 8601 duration.

        Raises:
            ValueError: The text is neither, or the duration is none.
        """
        name = text.strip().upper()
        if name in CALENDAR:
            return cls(name)
        length = parse_duration(text)
        if length < dt.timedelta(minutes=1):
            message = f"{text!r} is too short"
            raise ValueError(message)
        return cls("DAY" if length == DAY else length)

    @property
    def longest(self) -> dt.timedelta:
        """The length of the longest of them."""
        if isinstance(self.length, str):
            return dt.timedelta(days=_LONGEST[self.length])
        return self.length

    def is_made_of(self, name: str) -> bool:
        """Whether each is one or more whole periods of the calendar of that name."""
        if isinstance(self.length, str):
            return self.length in _INSIDE[name]
        return name == "DAY" and self.length % DAY == dt.timedelta(0)

    def start_around(self, moment: dt.datetime) -> dt.datetime:
        """Return when the one begins that a moment lies in."""
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
        """Return when the one ends that begins then, which is when the next begins."""
        if isinstance(self.length, dt.timedelta):
            return start + self.length
        # Beyond the end of this one, and within the next.
        return self.start_around(start + dt.timedelta(days=_LONGEST[self.length]))

    def windows(
        self, start: dt.datetime, end: dt.datetime, *, whole: bool = False
    ) -> Iterator[Window]:
        """Give those that a time is in, from the one around its start on; none if it has no length.

        Args:
            start: Where the time begins.
            end: Where it ends; the last one ends then, too.
            whole: Leave the last one out if it ends later.
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
