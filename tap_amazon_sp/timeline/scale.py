"""The scale of time: places between 0 and `WIDTH`, and ticks."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

WIDTH = 1000
"""Width of every drawing, in its own units: a page stretches it."""
MAX_TICKS = 8
LEAST = dt.timedelta(milliseconds=10)
"""A shorter run is drawn as if it had lasted so long."""

_DAY = 86400.0
_STEPS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(60.0, 120.0, 300.0, 600.0, 900.0, 1800.0),
    *(3600.0, 7200.0, 10800.0, 21600.0, 43200.0),
    *(_DAY * days for days in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)


@dataclass(frozen=True)
class Scale:
    """Times of a run as places in a drawing."""

    begun: dt.datetime
    ended: dt.datetime

    @property
    def seconds(self) -> float:
        """What the width stands for."""
        return max(self.ended - self.begun, LEAST).total_seconds()

    def place(self, moment: dt.datetime) -> float:
        """Return the place of a moment; one outside is at the nearer end."""
        share = (moment - self.begun).total_seconds() / self.seconds
        return round(WIDTH * min(1.0, max(0.0, share)), 1)

    def moment(self, place: float) -> dt.datetime:
        """Return the moment at a place."""
        return self.begun + dt.timedelta(seconds=self.seconds * place / WIDTH)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """The places of the ticks, and their labels: round times in UTC."""
        step = next((one for one in _STEPS if self.seconds / one <= MAX_TICKS), _STEPS[-1])
        midnight = self.begun.replace(hour=0, minute=0, second=0, microsecond=0)
        first = -(-(self.begun - midnight).total_seconds() // step)
        found: list[tuple[float, str]] = []
        for number in itertools.count(first):
            moment = midnight + dt.timedelta(seconds=number * step)
            if moment > self.begun + dt.timedelta(seconds=self.seconds):
                return found
            found.append((self.place(moment), _label(moment, step)))
        raise AssertionError


def _label(moment: dt.datetime, step: float) -> str:
    if step >= _DAY:
        return f"{moment:%Y-%m-%d}"
    if step >= 60:  # noqa: PLR2004 - seconds of a minute
        return f"{moment:%H:%M}"
    text = f"{moment:%H:%M:%S}"
    return text if step >= 1 else f"{text}.{moment.microsecond // 1000:03d}"


def duration(seconds: float) -> str:
    """Return a time in its two largest units, such as `2 d 4 h`, `3 min 5 s` or `0.25 s`."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 10:  # noqa: PLR2004 - one digit
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
