"""Time windows: how a stretch of time is read piece by piece, so that a run can be resumed.

A window's records may come in any order. Only when all of them are written does the bookmark
move to the window's end, so a killed run reads one window again at most.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tap_amazon_sp.common.clock import Clock

SETTLING_TIME = dt.timedelta(minutes=2)
"""Amazon demands that the end of a window is this long past (models of Orders and Finances)."""

PAGES_PER_WINDOW = 5
"""Pages aimed at: few enough to read again after a kill, enough to make windows cheap."""

PAGES_PER_RESUMABLE_WINDOW = 25
"""Pages aimed at where the state tells of pages, too: the last of a window is seldom full, so few
windows make few calls. Read again where the token of the page has expired."""

PAGES_PER_SAVE = 5
LONGEST_UNSAVED = 60.0
"""Pages, and seconds of reading, after which the state tells how much of a window is written."""

MAX_GROWTH = 4.0
"""How many times longer the next window may be: activity may rise behind a quiet stretch."""

SHORTEST_AFTER_FAILURE = dt.timedelta(minutes=1)
"""Windows that cannot be read to their end are shortened down to this."""

SHORTEST_OVERFULL = dt.timedelta(seconds=1)
"""Windows that hold more than Amazon gives are shortened down to this."""


@dataclass(frozen=True)
class Window:
    """A stretch of time, from `after` to `before`, both inclusive as Amazon's filters are."""

    after: dt.datetime
    before: dt.datetime

    @property
    def length(self) -> dt.timedelta:
        """Time between both ends."""
        return self.before - self.after


@dataclass(frozen=True)
class OpenWindow:
    """A window that is written up to a page: where to go on.

    `requests` tells all requests of the window from others, `number` says which of them gives the
    page, counted from 0, and `page_token` is Amazon's for it.
    """

    window: Window
    requests: str
    number: int
    page_token: str


class Progress:
    """Says when enough of a window is written for the state to tell of it."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nothing written."""
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._pages = 0
        self._since = self._clock.monotonic()

    def is_worth_saving(self) -> bool:
        """Hear that a page is written, and tell whether to save that."""
        self._pages += 1
        elapsed = self._clock.monotonic() - self._since
        if self._pages < PAGES_PER_SAVE and elapsed < LONGEST_UNSAVED:
            return False
        self._begin()
        return True


class WindowPlan:
    """Cuts a stretch of time into windows whose length follows how much comes back."""

    def __init__(  # noqa: PLR0913 - each says something of its own
        self,
        start: dt.datetime,
        end: dt.datetime,
        *,
        first: dt.timedelta,
        shortest: dt.timedelta,
        longest: dt.timedelta,
        whole_days: bool = False,
        pages: int = PAGES_PER_WINDOW,
    ) -> None:
        """Plan from `start` to `end`.

        Args:
            start: Where the first window begins.
            end: Where the last window ends.
            first: Length of the first window.
            shortest: No window but the last is shorter than this, while all goes well.
            longest: No window is longer than this, because Amazon refuses it or because too
                much would be read again after a kill.
            whole_days: Windows begin and end at midnight in UTC, but for the last; the first
                begins with its day. Those shorter than a day lie within one.
            pages: Pages that a window is to have.
        """
        self._position = start_of_day(start) if whole_days else start
        self._whole_days = whole_days
        self._end = end
        self._length = first
        self._shortest = min(shortest, longest)
        self._longest = longest
        self._pages_aimed_at = pages
        self._given: Window | None = None

    def begin_with(self, window: Window) -> None:
        """Read this window first, then on from its end."""
        self._given = window
        self._position = window.after
        self._length = window.length

    def current(self) -> Window | None:
        """Return the window to be read now, or None when all are finished."""
        if self._given is not None:
            return self._given
        if self._position >= self._end:
            return None
        before = self._position + self._length
        if self._whole_days and start_of_day(before) > self._position:
            before = start_of_day(before)
        return Window(self._position, min(before, self._end))

    def finish(self, window: Window, pages: int) -> None:
        """Go on behind a window; size the next so that about as many pages come as aimed at."""
        self._given = None
        self._position = window.before
        growth = min(self._pages_aimed_at / max(pages, 1), MAX_GROWTH)
        length = max(window.length, self._shortest) * growth
        self._length = max(self._shortest, min(length, self._longest))

    def shorten(self, window: Window) -> bool:
        """Halve a window that could not be read to its end, and keep all later ones as short.

        Returns:
            Whether it can be shortened.
        """
        length = window.length / 2
        if length < SHORTEST_AFTER_FAILURE:
            return False
        self._given = None
        self._length = self._longest = length
        self._shortest = min(self._shortest, length)
        return True

    def halve(self, window: Window) -> bool:
        """Halve a window that holds more than Amazon gives; later ones may be longer again.

        Returns:
            Whether it can be halved.
        """
        self._given = None
        self._length = window.length / 2
        return self._length >= SHORTEST_OVERFULL


def start_of_day(moment: dt.datetime) -> dt.datetime:
    """Return the midnight in UTC with which the day of a moment begins."""
    return moment.astimezone(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
