"""Time windows: a span of time is read window by window, so that a run can be resumed.

The records of a window may come in any order. The bookmark moves to the end of a window only after
all its records are written. So after a kill, at most one window is read again.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass

from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.windows import Window, start_of_day

WINDOW_END = "_window_end"
"""Replication key of records that have no time of their own: the end of their window."""

SETTLING_TIME = dt.timedelta(minutes=2)
"""Amazon requires that the end of a window is this long ago (models of Orders and Finances)."""

PAGES_PER_WINDOW = 5
"""Target for the pages of a window: few enough to read again, and enough to save requests."""

PAGES_PER_RESUMABLE_WINDOW = 25
"""Target for the pages of a window if the state records pages, too. The last page of a window is
rarely full, so few windows take few requests. A window is read again if its page token expired."""

PAGES_PER_PAGE_TOKEN = 400
"""Target for the pages of a window whose records are counted before. The tokens of a request are
valid for 24 hours, and its pages must be read by then: searchOrders gives 500 in that time."""

PAGES_PER_SAVE = 5
MAX_UNSAVED = 60.0
"""Pages, or seconds of reading, after which the state records how much of a window is written."""

MAX_GROWTH = 4.0
"""How many times longer the next window may be: a busy time may follow a quiet time."""

MIN_AFTER_FAILURE = dt.timedelta(minutes=1)
"""The minimum length of windows that are shortened because they cannot be read to the end."""

MIN_OVERFULL = dt.timedelta(seconds=1)
"""The minimum length of windows that are shortened because Amazon does not return everything."""


@dataclass(frozen=True)
class OpenWindow:
    """A window that is written up to a page: the next page to read.

    `requests` identifies the requests of the window. `number` is the number of the request with the
    next page, counted from 0. `page_token` is Amazon's token of that page.
    """

    window: Window
    requests: str
    number: int
    page_token: str


class SavePace:
    """Decides when the state should record how much of a window is written."""

    def __init__(self, clock: Clock, pages: int = PAGES_PER_SAVE) -> None:
        """Begin with nothing written; save after so many pages, or after `MAX_UNSAVED`."""
        self._clock = clock
        self._pages_per_save = pages
        self._begin()

    def _begin(self) -> None:
        self._pages = 0
        self._since = self._clock.monotonic()

    def is_worth_saving(self) -> bool:
        """Count a written page; return whether to save the progress now."""
        self._pages += 1
        elapsed = self._clock.monotonic() - self._since
        if self._pages < self._pages_per_save and elapsed < MAX_UNSAVED:
            return False
        self._begin()
        return True


class WindowPlan:
    """Cuts a span of time into windows; their length depends on the number of pages returned."""

    def __init__(  # noqa: PLR0913 - they are independent of each other
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
            start: The beginning of the first window.
            end: The end of the last window.
            first: The length of the first window.
            shortest: The minimum length of all windows except the last, as long as none fails.
            longest: The maximum length of a window: Amazon refuses longer ones, or too much
                would be read again after a kill.
            whole_days: Whether windows begin and end at midnight in UTC, except for the end of
                the last window. Windows shorter than a day do not cross midnight.
            pages: The target for the number of pages of a window.
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
        """Read this window first, then continue at its end."""
        self._given = window
        self._position = window.after
        self._length = window.length

    def current(self) -> Window | None:
        """Return the window to read now; None after the last one."""
        if self._given is not None:
            return self._given
        if self._position >= self._end:
            return None
        before = self._position + self._length
        if self._whole_days and start_of_day(before) > self._position:
            before = start_of_day(before)
        return Window(self._position, min(before, self._end))

    def finish(self, window: Window, pages: int) -> None:
        """Move past a window; choose the length of the next for the target number of pages."""
        self._given = None
        self._position = window.before
        growth = min(self._pages_aimed_at / max(pages, 1), MAX_GROWTH)
        length = max(window.length, self._shortest) * growth
        self._length = max(self._shortest, min(length, self._longest))

    def restart(self) -> None:
        """Read the current window again: Amazon refused the page token of an earlier run."""
        self._given = None

    def shorten(self, window: Window) -> bool:
        """Halve a window that could not be read to the end; later windows stay as short.

        Returns:
            Whether it can be shortened.
        """
        length = window.length / 2
        if length < MIN_AFTER_FAILURE:
            return False
        self._given = None
        self._length = self._longest = length
        self._shortest = min(self._shortest, length)
        return True

    def halve(self, window: Window) -> bool:
        """Halve a window that has more records than Amazon returns; later ones may be longer.

        Returns:
            Whether it can be halved.
        """
        self._given = None
        self._length = window.length / 2
        return self._length >= MIN_OVERFULL


class CountedWindowPlan(WindowPlan):
    """Cuts a span of time into as few windows as can be, by the number of records in it.

    Each window costs about half a page, because its last page is rarely full.
    """

    def __init__(
        self,
        start: dt.datetime,
        end: dt.datetime,
        *,
        pages_between: Callable[[dt.datetime, dt.datetime], float],
    ) -> None:
        """Plan from `start` to `end`.

        Args:
            start: The beginning of the first window.
            end: The end of the last window.
            pages_between: Returns about how many pages a time has; it is asked often.
        """
        self._pages_between = pages_between
        self._most_pages = float(PAGES_PER_PAGE_TOKEN)
        super().__init__(
            start, end, first=end - start, shortest=MIN_AFTER_FAILURE, longest=end - start
        )
        self._length = self._next_length()

    def _next_length(self) -> dt.timedelta:
        """Return the length of the next window: the rest is cut into equal numbers of pages."""
        left = self._end - self._position
        pages = self._pages_between(self._position, self._end)
        windows = math.ceil(pages / self._most_pages)
        if windows <= 1:
            return left
        low, high = dt.timedelta(0), left
        while high - low > MIN_AFTER_FAILURE:
            middle = (low + high) / 2
            found = self._pages_between(self._position, self._position + middle)
            low, high = (middle, high) if found < pages / windows else (low, middle)
        return high

    def finish(self, window: Window, pages: int) -> None:  # noqa: ARG002 - the count says more
        """Move past a window; choose the length of the next by what is counted."""
        self._given = None
        self._position = window.before
        self._length = min(self._next_length(), self._longest)

    def restart(self) -> None:
        """Read the current window again, in shorter windows: page tokens expire between runs."""
        super().restart()
        self._most_pages = float(PAGES_PER_RESUMABLE_WINDOW)
        self._length = min(self._next_length(), self._longest)


def first_moment(
    bookmark: dt.datetime | None, start_date: dt.datetime, lookback: dt.timedelta
) -> dt.datetime:
    """Return the first moment to read: the bookmark less the lookback, or the start date.

    A start date limits the lookback. It never skips what follows the bookmark.
    """
    if bookmark is None:
        return start_date
    return min(bookmark, max(bookmark - lookback, start_date))
