"""What is left of a backlog of orders, for two operations that read it from both ends.

searchOrders reads full pages from the oldest order on, getOrder single orders from the newest one
back. Each takes a part when it has a token for it, so that they meet where both are done.
"""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.order_list import OrderList
from tap_amazon_sp.reading.order_reports import OrderReport
from tap_amazon_sp.reading.window_plan import PAGES_PER_RESUMABLE_WINDOW

ORDERS_PER_PAGE = 100
"""Orders on a page of searchOrders (model `orders_2026-01-01`)."""

SINGLES_PER_PART = 20
"""Orders that getOrder takes at once: after each part, the state records what is read."""

MAX_PAGES_PER_PART = 5
"""Pages that searchOrders takes at once."""

RESERVED = 90
"""The newest orders are left to the last call of searchOrders, as far as there is room. It reads
what the reports do not have yet: otherwise, its page would be nearly empty."""

PAGES_BEYOND_BURST = 2
"""Pages by which the first part may be longer than the tokens of searchOrders reach: only a report
tells how many orders it really has."""


@dataclass(eq=False)
class Section:
    """A part of the backlog, with the report that lists its orders.

    Attributes:
        window: The window of the report.
        report: The report; None if none could be requested.
        low: Up to here, searchOrders has taken it.
        high: From here on, getOrder has taken it.
        listed: Its orders; None as long as they are not known.
        is_useless: Whether the report does not tell the orders, so that searchOrders reads all.
    """

    window: Window
    report: OrderReport | None
    low: dt.datetime = field(init=False)
    high: dt.datetime = field(init=False)
    listed: OrderList | None = None
    is_useless: bool = False

    def __post_init__(self) -> None:
        """Begin with nothing taken."""
        self.low, self.high = self.window.after, self.window.before

    @property
    def is_waiting(self) -> bool:
        """Whether the report is still awaited."""
        return self.listed is None and not self.is_useless

    @property
    def is_taken(self) -> bool:
        """Whether nothing of it is left."""
        return self.low >= self.high

    @property
    def orders_left(self) -> int:
        """How many listed orders are left."""
        if self.listed is None or self.is_taken:
            return 0
        return self.listed.place(self.high) - self.listed.place(self.low)


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the backlog that one operation has taken.

    Attributes:
        sections: The sections in which it lies.
        window: The time of the part.
        ids: The orders to read with getOrder; those that are listed, for searchOrders.
        is_listed: Whether the ids were known when the part was taken.
    """

    sections: Sequence[Section]
    window: Window
    ids: Sequence[str] = ()
    is_listed: bool = True

    def listed(self) -> Sequence[str] | None:
        """Return the orders that the reports list in it; None as long as they are not known."""
        if self.is_listed:
            return self.ids
        ids: list[str] = []
        for listed in [section.listed for section in self.sections]:
            if listed is None:
                return None
            ids += listed.ids[listed.place(self.window.after) : listed.place(self.window.before)]
        return ids


class OrderBacklog:
    """The sections of a backlog, oldest first; many threads take parts of it."""

    def __init__(
        self,
        sections: Sequence[Section],
        *,
        singles_per_page: float,
        orders_between: Callable[[dt.datetime, dt.datetime], float],
        reserved: int = RESERVED,
    ) -> None:
        """Take nothing yet.

        Args:
            sections: The sections, oldest first.
            singles_per_page: How many single orders are read in the time for a page.
            orders_between: Returns about how many orders a time has.
            reserved: How many of the newest orders are left to a page after all others.
        """
        self._reserved = reserved
        self.sections = sections
        self._singles_per_page = singles_per_page
        self._orders_between = orders_between
        self._left_over: list[Part] = []
        self._lock = threading.Lock()

    # --- What is known --------------------------------------------------------------------------

    @property
    def is_awaited(self) -> bool:
        """Whether a report is still awaited for something that is left."""
        with self._lock:
            return any(one.is_waiting and not one.is_taken for one in self.sections)

    @property
    def is_hopeless(self) -> bool:
        """Whether no report tells the orders of anything that is left."""
        with self._lock:
            left = [one for one in self.sections if not one.is_taken]
            return bool(left) and all(one.is_useless for one in left)

    @property
    def orders_left(self) -> tuple[int | None, int]:
        """How many orders nobody has taken, None as long as it is not known, and how many of."""
        with self._lock:
            left = [one for one in self.sections if not one.is_taken]
            total = sum(len(one.listed or ()) for one in self.sections)
            if any(one.listed is None for one in left):
                return None, total
            return sum(one.orders_left for one in left), total

    def list_orders(self, section: Section, listed: OrderList) -> None:
        """Note the orders of a section."""
        with self._lock:
            section.listed = listed
            if section is self.sections[-1]:
                place = max(0, len(listed) - self._reserved)
                section.high = min(section.high, listed.moment(place))

    def give_up(self, section: Section) -> None:
        """Note that a report does not tell the orders: searchOrders reads what is left."""
        with self._lock:
            section.listed, section.is_useless = None, True

    # --- Single orders --------------------------------------------------------------------------

    def leave_over(self, part: Part) -> None:
        """Leave some orders of a part to getOrder."""
        with self._lock:
            self._left_over.append(part)

    def take_singles(self) -> Part | None:
        """Return orders to read with getOrder; None if there are none now."""
        with self._lock:
            if self._left_over:
                return self._left_over.pop()
            for section in reversed(self.sections):
                if section.listed is None or section.is_taken:
                    continue
                return self._newest_of(section, section.listed)
            return None

    def _newest_of(self, section: Section, listed: OrderList) -> Part:
        low, high = listed.place(section.low), listed.place(section.high)
        begin = max(low, high - SINGLES_PER_PART)
        begin = max(low, listed.beginning_of_second(begin)) if begin < high else low
        after = section.low if begin == low else listed.moment(begin)
        part = Part([section], Window(after, section.high), listed.ids[begin:high])
        section.high = after
        return part

    # --- Pages ----------------------------------------------------------------------------------

    def take_pages(self, tokens: int) -> Part | None:
        """Return a part to read with searchOrders; None if getOrder reads the rest as soon.

        Args:
            tokens: How many pages can be read at once.
        """
        with self._lock:
            if self._is_left_to_singles():
                return None
            section = next((one for one in self.sections if not one.is_taken), None)
            if section is None:
                return None
            if section.listed is None:
                return self._unlisted_part(tokens)
            return _oldest_of(section, section.listed, min(tokens, MAX_PAGES_PER_PART))

    @property
    def is_left_to_singles(self) -> bool:
        """Whether getOrder reads what is left as soon as another page would be."""
        with self._lock:
            return self._is_left_to_singles()

    def _is_left_to_singles(self) -> bool:
        left = [one for one in self.sections if not one.is_taken]
        if any(one.listed is None for one in left):
            return False
        return sum(one.orders_left for one in left) <= self._singles_per_page

    def _unlisted_part(self, tokens: int) -> Part:
        """Return a part whose orders are only estimated, about as long as the tokens reach."""
        left = [one for one in self.sections if not one.is_taken]
        taken = list(itertools.takewhile(lambda one: one.listed is None, left))
        pages = tokens + PAGES_BEYOND_BURST
        if all(one.is_useless for one in taken):
            pages = max(pages, PAGES_PER_RESUMABLE_WINDOW)
        after, before = taken[0].low, taken[-1].high
        wanted = pages * ORDERS_PER_PAGE
        if self._orders_between(after, before) > wanted:
            before = self._moment_after(after, before, wanted)
        within = [one for one in taken if one.low < before]
        for section in within:
            section.low = min(before, section.high)
        return Part(within, Window(after, before), is_listed=False)

    def _moment_after(self, after: dt.datetime, before: dt.datetime, orders: int) -> dt.datetime:
        """Return the moment by which a time has about so many orders, in whole seconds."""
        low, high = after, before
        while high - low > dt.timedelta(minutes=1):
            middle = low + (high - low) / 2
            is_short = self._orders_between(after, middle) < orders
            low, high = (middle, high) if is_short else (low, middle)
        return min(before, high.replace(microsecond=0))


def _oldest_of(section: Section, listed: OrderList, pages: int) -> Part:
    """Return as many of the oldest orders as fill some pages."""
    low, high = listed.place(section.low), listed.place(section.high)
    end = min(high, low + max(pages, 1) * ORDERS_PER_PAGE)
    if end < high:
        # Orders of one second stay together.
        begin = listed.beginning_of_second(end)
        while begin <= low and end < high:
            end = _end_of_second(listed, end, high)
            begin = end
        end = begin
    before = section.high if end >= high else listed.moment(end)
    part = Part([section], Window(section.low, before), listed.ids[low:end])
    section.low = before
    return part


def _end_of_second(listed: OrderList, place: int, high: int) -> int:
    """Return the place after the orders of the same second as the order at a place."""
    second = listed.seconds[place]
    while place < high and listed.seconds[place] == second:
        place += 1
    return place
