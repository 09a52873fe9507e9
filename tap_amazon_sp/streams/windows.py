"""Time windows: how a stretch of time is read piece by piece, so that a run can be resumed.

A window's records may come in any order. Only when all of them are written does the bookmark
move to the window's end, so a killed run reads one window again at most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

SETTLING_TIME = dt.timedelta(minutes=2)
"""Amazon demands that the end of a window is this long past (models of Orders and Finances)."""

PAGES_PER_WINDOW = 5
"""Pages aimed at: few enough to read again after a kill, enough to make windows cheap."""

MAX_GROWTH = 4.0
"""How many times longer the next window may be: activity may rise behind a quiet stretch."""


@dataclass(frozen=True)
class Window:
    """A stretch of time, from `after` to `before`, both inclusive as Amazon's filters are."""

    after: dt.datetime
    before: dt.datetime

    @property
    def length(self) -> dt.timedelta:
        """Time between both ends."""
        return self.before - self.after


class WindowPlan:
    """Cuts a stretch of time into windows whose length follows how much comes back."""

    def __init__(
        self,
        start: dt.datetime,
        end: dt.datetime,
        *,
        first: dt.timedelta,
        shortest: dt.timedelta,
        longest: dt.timedelta,
    ) -> None:
        """Plan from `start` to `end`.

        Args:
            start: Where the first window begins.
            end: Where the last window ends.
            first: Length of the first window.
            shortest: No window but the last is shorter than this.
            longest: No window is longer than this, because Amazon refuses it or because too
                much would be read again after a kill.
        """
        self._position = start
        self._end = end
        self._length = first
        self._shortest = shortest
        self._longest = longest

    def __iter__(self) -> Iterator[Window]:
        """Give window after window; call `adapt` after each to set the next one's length."""
        while self._position < self._end:
            before = min(self._position + self._length, self._end)
            yield Window(self._position, before)
            self._position = before

    def adapt(self, window: Window, pages: int) -> None:
        """Set the next window's length so that about `PAGES_PER_WINDOW` pages come back."""
        growth = min(PAGES_PER_WINDOW / max(pages, 1), MAX_GROWTH)
        length = max(window.length, self._shortest) * growth
        self._length = max(self._shortest, min(length, self._longest))
