"""The scale of time: places between 0 and `WIDTH`, and ticks."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def _length(self) -> dt.timedelta:
        return max(self.ended - self.begun, LEAST)

    @property
    def seconds(self) -> float:
        """What the width stands for."""
        return self._length.total_seconds()

    def place(self, moment: dt.datetime) -> float:
        """Return the place of a moment; one outside is at the nearer end."""
        share = (moment - self.begun) / self._length
        return round(WIDTH * min(1.0, max(0.0, share)), 1)

    def part(self, moment: dt.datetime, parts: int) -> int:
        """Return in which of so many equal parts of the width a moment is, from 0."""
        share = (moment - self.begun) / self._length
        return min(parts - 1, max(0, int(share * parts)))

    def moment(self, place: float) -> dt.datetime:
        """Return the moment at a place."""
        return self.begun + dt.timedelta(seconds=self.seconds * place / WIDTH)

    def text(self, moment: dt.datetime) -> str:
        """Return a moment as text: with its day, if the run goes on over midnight."""
        same_day = self.begun.date() == self.ended.date()
        return f"{moment:%H:%M:%S}" if same_day else f"{moment:%m-%d %H:%M:%S}"

    @cached_property
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
    if moment.hour == moment.minute == moment.second == moment.microsecond == 0:
        # A new day begins.
        return f"{moment:%m-%d %H:%M}"
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
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s"))
    first = next(place for place, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number)
