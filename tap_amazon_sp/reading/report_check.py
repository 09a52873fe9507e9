"""Checking by counts that reports of all orders have listed every order.

getOrderMetrics counts orders by the time of their purchase. Where it counts more than was read, a
page of searchOrders shows whether an order is missing. If one is, what was read by the word of the
reports is read again. If none is, the two only count differently.

Only a run that has read a time from its beginning to the present can count: each order that was
placed in it has changed in it, too. Those that were placed earlier are not counted by anybody.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.counts import DailyCounts
from tap_amazon_sp.reading.order_backlog import OrderBacklog
from tap_amazon_sp.reading.order_list import OrderList
from tap_amazon_sp.reading.placed_orders import MAX_PAGES, placed_between
from tap_amazon_sp.reading.reader import Page, Records
from tap_amazon_sp.reading.window_plan import SETTLING_TIME

if TYPE_CHECKING:
    from tap_amazon_sp.reading.orders_reader import OrdersReader

RECENT = dt.timedelta(minutes=10)
"""The last time that was read: it shows how many orders change in a time."""

CREATED = "createdTime"


class ReportCheck:
    """Checks the reports of one backlog of orders.

    Attributes:
        lists: The lists of orders that were read.
        is_wrong: Whether an order is missing in the reports.
        is_right: Whether all orders are there that are counted.
    """

    def __init__(self, reader: OrdersReader, counted: DailyCounts) -> None:
        """Check nothing yet.

        Args:
            reader: The reader of the orders.
            counted: The orders by the time of their purchase.
        """
        self._reader = reader
        self._counted = counted
        self._others: dict[Any, int] = {}
        self._changes: list[dt.datetime] = []
        self.lists: list[OrderList] = []
        self.is_wrong = self.is_right = False

    def note_lists(self, backlog: OrderBacklog) -> None:
        """Note the orders that reports have listed."""
        self.lists += [one.listed for one in backlog.sections if one.listed is not None]

    def note(self, records: Records) -> None:
        """Note orders that searchOrders has given, where no report lists them."""
        for record in records:
            created = moment_of(record, CREATED)
            changed = self._reader.bookmark.moment_of(record)
            if changed is not None:
                self._changes.append(changed)
            if created is not None:
                self._others[record.get("orderId")] = int(created.timestamp())

    def noted(self, pages: Iterable[Records]) -> Iterator[Records]:
        """Yield pages, and note their orders."""
        for page in pages:
            self.note(page)
            yield page

    def pages(self, before: dt.datetime) -> Iterator[Records]:
        """Yield the pages that show whether an order is missing.

        Args:
            before: The end of the time that is read.
        """
        known, short = self._short_times()
        if not short:
            self.is_right = True
            return
        if sum(short.values()) <= self._changed_since(before):
            return
        tried = sorted(short, key=lambda time: -short[time])[:MAX_PAGES]
        for time in tried:
            page = self._first_page(time)
            yield page.records
            missing = sum(self._is_missing(one, known, before) for one in page.records)
            if missing:
                self.is_wrong = True
                self._reader.tell_useless(
                    time, f"it lacks {missing} orders of a page of searchOrders"
                )
                return
        self._reader.logger.info(
            "'%s': getOrderMetrics counts %d more orders than there are, in %d times: "
            "searchOrders has no others in %d of them",
            self._reader.stream.label,
            sum(short.values()),
            len(short),
            len(tried),
        )

    def _changed_since(self, moment: dt.datetime) -> float:
        """Return about how many orders at most have changed since a moment, unread as yet.

        Amazon gives them only some minutes after their change.
        """
        recent = sum(moment - RECENT <= changed < moment for changed in self._changes)
        return 2.0 * recent * ((self._reader.clock.now() - moment) / RECENT)

    def _is_missing(
        self, record: Mapping[str, Any], known: Container[Any], before: dt.datetime
    ) -> bool:
        """Return whether an order should have been read."""
        if record.get("orderId") in known:
            return False
        changed = self._reader.bookmark.moment_of(record)
        return changed is None or changed < before

    def _short_times(self) -> tuple[set[Any], dict[Window, int]]:
        """Return the ids of all orders that were read, and how many each counted time lacks."""
        known: set[Any] = set()
        moments: list[int] = []
        of_lists = (zip(one.ids, one.purchases, strict=True) for one in self.lists)
        for order_id, moment in chain(chain.from_iterable(of_lists), self._others.items()):
            if order_id not in known:
                known.add(order_id)
                moments.append(moment)
        moments.sort()
        short = {}
        for window, count in self._counted.days:
            first, last = (
                bisect_left(moments, moment.timestamp()) for moment in (window.after, window.before)
            )
            if count > last - first:
                short[window] = count - (last - first)
        return known, short

    def _first_page(self, time: Window) -> Page:
        reader = self._reader
        before = min(time.before, reader.clock.now() - SETTLING_TIME)
        return next(reader.pages_of(placed_between(reader, time.after, before)))
