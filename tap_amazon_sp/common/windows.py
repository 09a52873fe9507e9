"""A window: a stretch of time that is read as one piece."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A stretch of time, from `after` to `before`, both inclusive as Amazon's filters are."""

    after: dt.datetime
    before: dt.datetime

    @property
    def length(self) -> dt.timedelta:
        """The time between both ends."""
        return self.before - self.after


def start_of_day(moment: dt.datetime) -> dt.datetime:
    """Return the midnight in UTC at which the day of a moment begins."""
    return moment.astimezone(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
