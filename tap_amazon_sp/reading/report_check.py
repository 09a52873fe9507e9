"""Checking by counts that reports of all orders have listed every order.

getOrderMetrics counts orders by the day of their purchase. Where it counts more than was read, a
page of searchOrders shows whether an order is missing. If one is, what was read by the word of the
reports is read again. If none is, the two only count differently.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.timestamps import UTC, moment_of
from tap_amazon_sp.common.windows import DAY, Window, start_of_day
from tap_amazon_sp.reading.counts import DailyCounts
from tap_amazon_sp.reading.order_backlog import OrderBacklog
from tap_amazon_sp.reading.order_list import OrderList
from tap_amazon_sp.reading.reader import Page, Parameters, Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.orders_reader import OrdersReader

MAX_PAGES = 10
"""Pages of searchOrders that may be read to find out whether an order is missing."""

ONE_MILLISECOND = dt.timedelta(milliseconds=1)

CREATED = "createdTime"


class ReportCheck:
    """Checks the reports of one backlog of orders.

    Attributes:
        lists: The lists of orders that were read.
        is_wrong: Whether an order is missing in the reports.
    """

    def __init__(self, reader: OrdersReader, counted: DailyCounts, before: dt.datetime) -> None:
        """Check nothing yet.

        Args:
            reader: The reader of the orders.
            counted: The orders by the day of their purchase.
            before: The end of the time that the reports cover.
        """
        self._reader = reader
        self._counted = counted
        self._before = before
        self._others: dict[Any, int] = {}
        self.lists: list[OrderList] = []
        self.is_wrong = False

    def note_lists(self, backlog: OrderBacklog) -> None:
        """Note the orders that reports have listed."""
        self.lists += [one.listed for one in backlog.sections if one.listed is not None]

    def note(self, records: Records) -> None:
        """Note orders that searchOrders has given, where no report lists them."""
        for record in records:
            created = moment_of(record, CREATED)
            if created is not None:
                self._others[record.get("orderId")] = created.astimezone(UTC).toordinal()

    def noted(self, pages: Iterable[Records]) -> Iterator[Records]:
        """Yield pages, and note their orders."""
        for page in pages:
            self.note(page)
            yield page

    def pages(self) -> Iterator[Records]:
        """Yield the pages that show whether an order is missing."""
        known, short = self._short_days()
        if not short:
            return
        tried = sorted(short, key=lambda day: -short[day])[:MAX_PAGES]
        for day in tried:
            page = self._first_page(Window(day, day + DAY))
            yield page.records
            missing = sum(record.get("orderId") not in known for record in page.records)
            if missing:
                self.is_wrong = True
                self._reader.tell_useless(
                    Window(day, day + DAY), f"it lacks {missing} orders of a page of searchOrders"
                )
                return
        self._reader.logger.info(
            "'%s': getOrderMetrics counts %d more orders than there are, on %d days: "
            "searchOrders has no others on %d of them",
            self._reader.stream.label,
            sum(short.values()),
            len(short),
            len(tried),
        )

    def _short_days(self) -> tuple[set[Any], dict[dt.datetime, int]]:
        """Return the ids of all orders that were read, and the orders that days lack."""
        known: set[Any] = set()
        seen: Counter[int] = Counter()
        for listed in self.lists:
            for order_id, day in zip(listed.ids, listed.days, strict=True):
                if order_id not in known:
                    known.add(order_id)
                    seen[day] += 1
        for order_id, day in self._others.items():
            if order_id not in known:
                known.add(order_id)
                seen[day] += 1
        expected: Counter[dt.datetime] = Counter()
        for window, count in self._counted.days:
            is_whole = window.length == DAY and window.after == start_of_day(window.after)
            if is_whole and window.before <= self._before:
                expected[window.after] += count
        lacks = {day: count - seen[day.toordinal()] for day, count in expected.items()}
        return known, {day: count for day, count in lacks.items() if count > 0}

    def _first_page(self, day: Window) -> Page:
        reader = self._reader
        parameters: Parameters = next(iter(reader.requests())) | {
            "createdAfter": day.after,
            "createdBefore": day.before - ONE_MILLISECOND,
        }
        return next(reader.pages_of(parameters))
