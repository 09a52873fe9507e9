"""Windows: stretches of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A stretch of time, from `after` to `before`, both inclusive as Amazon's filters are."""

    after: dt.datetime
    before: dt.datetime

    @property
    def length(self) -> dt.timedelta:
        """The time between both ends."""
        return self.before - self.after

    def contains(self, other: Window) -> bool:
        """Return whether another window lies in this one."""
        return self.after <= other.after and other.before <= self.before


def start_of_day(moment: dt.datetime) -> dt.datetime:
    """Return the midnight in UTC at which the day of a moment begins."""
    return moment.astimezone(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)


def start_of_week(moment: dt.datetime) -> dt.datetime:
    """Return the midnight in UTC with which the Monday of a moment's week begins."""
    day = start_of_day(moment)
    return day - dt.timedelta(days=day.weekday())
