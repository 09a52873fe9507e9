"""How much of a time window is read, while its pages come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from tap_amazon_sp.common.windows import Window

PLACES_LOOKED_AT = 5
"""Records of a page whose times tell its order: more would cost time, fewer are in order by chance
too often (5 records in no order look sorted once in 60 times)."""


def places_looked_at(count: int) -> range:
    """Return which records of a page to look at for its order: the first, and some after it."""
    return range(0, count, max(1, (count - 1) // (PLACES_LOOKED_AT - 1)))


class PageOrder:
    """Finds how far the pages of a request are, if they are sorted by time, up or down."""

    def __init__(self, window: Window) -> None:
        """Know no page yet of the records of a window."""
        self._window = window
        self._last: list[dt.datetime] = []
        self._may_rise = self._may_fall = True

    def add(self, moments: Sequence[dt.datetime | None]) -> None:
        """Note the times of some records of the next page, in the order of the page."""
        known = [*self._last, *(moment for moment in moments if moment is not None)]
        self._may_rise = self._may_rise and all(one <= other for one, other in pairwise(known))
        self._may_fall = self._may_fall and all(one >= other for one, other in pairwise(known))
        self._last = known[-1:]

    @property
    def share(self) -> float | None:
        """The part of the window that the pages cover, from 0 to 1; None if they are unsorted."""
        if self._may_rise == self._may_fall:
            return None
        window, (last,) = self._window, self._last
        covered = last - window.after if self._may_rise else window.before - last
        return min(1.0, max(0.0, covered / window.length))


class WindowShare:
    """Estimates how much of each window is read, from page to page.

    Sorted pages tell it by the times of their records. Unsorted ones are compared with the number
    of pages of the window before.
    """

    def __init__(self) -> None:
        """Know nothing of any window."""
        self._pages_per_second: float | None = None
        self._pages = self._requests = self._request = 0

    def begin(self, window: Window, requests: int, *, pages: float | None = None) -> None:
        """Begin a window, which takes so many requests; `pages` are counted before, if known."""
        self._window, self._requests, self._pages = window, requests, 0
        if pages is not None and window.length:
            self._pages_per_second = pages / window.length.total_seconds()
        self.begin_request(0)

    def begin_request(self, number: int) -> None:
        """Begin one of the requests, counted from 0."""
        self._request = number
        self._order = PageOrder(self._window)

    def add_page(self, moments: Sequence[dt.datetime | None]) -> None:
        """Note a page: the times of some of its records, in the order of the page."""
        self._pages += 1
        self._order.add(moments)

    def finish(self) -> None:
        """Note that the window is read to its end."""
        seconds = self._window.length.total_seconds()
        # A window without a page says nothing of the next.
        if seconds and self._pages:
            self._pages_per_second = self._pages / seconds

    @property
    def position(self) -> dt.datetime | None:
        """About where in the window reading is; None if nothing is known."""
        share = self._share()
        return None if share is None else self._window.after + share * self._window.length

    def _share(self) -> float | None:
        of_request = self._order.share
        if of_request is not None:
            return (self._request + of_request) / self._requests
        if self._pages_per_second is None:
            return None
        expected = self._pages_per_second * self._window.length.total_seconds()
        # If there are more than expected, nobody knows how many.
        return self._pages / expected if self._pages < expected else None
