"""Checking by counts that reports had every order of a history.

getOrderMetrics counts orders by the day of their purchase. Days of which the reports had fewer are
read with searchOrders, the worst first, until some in a row lack nothing: then the two only count
differently, or the orders have changed since, and the API gives them anyway.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.common.windows import DAY, Window, start_of_day
from tap_amazon_sp.reading.counts import Counts, DailyCounts
from tap_amazon_sp.reading.reader import Parameters, Records
from tap_amazon_sp.settings.errors import SettingsError

if TYPE_CHECKING:
    from tap_amazon_sp.reading.window_reader import WindowReader

MAX_IN_VAIN = 3
"""Days in a row that lack nothing, after which no other is read."""

MAX_PAGES_IN_VAIN = 10
"""Pages of them, if days have many orders."""

_DAY_LENGTH = len("2026-01-31")
_ONE_MILLISECOND = dt.timedelta(milliseconds=1)


class HistoryCheck:
    """Compares the orders that reports had with those that Amazon counts.

    Attributes:
        seen: Numbers of orders by the day of their purchase in UTC, such as `2026-01-31`.
    """

    def __init__(self, reader: WindowReader, until: dt.datetime) -> None:
        """See nothing yet.

        Args:
            reader: The reader of the orders.
            until: The reports have no orders that changed later.
        """
        self._reader = reader
        self._until = format_timestamp(until)
        self.seen: Counter[str] = Counter()

    def note(self, page: Records) -> None:
        """Note the orders of a page from a report."""
        seen = self.seen
        for record in page:
            seen[record["createdTime"][:_DAY_LENGTH]] += 1

    def take_back(self, page: Records, returns: Mapping[str, int]) -> None:
        """Take back what was noted too much of orders whose rows are spread over a document.

        Args:
            page: Such orders.
            returns: How often each came after its first time, by order id.
        """
        for record in page:
            self.seen[record["createdTime"][:_DAY_LENGTH]] -= returns[record["orderId"]]

    def pages(self, time: Window) -> Iterator[Records]:
        """Yield the orders of days of which the reports had too few.

        Args:
            time: The reports have all orders that were placed in it.

        Raises:
            SellingPartnerError: searchOrders cannot be called.
        """
        try:
            counted = Counts(self._reader.connection).orders(time)
        except (SellingPartnerError, SettingsError) as error:
            self._reader.logger.info(
                "'%s': nobody knows whether the reports have all orders: %s",
                self._reader.stream.label,
                error,
            )
            return
        days = lacking = in_vain = pages_in_vain = 0
        for day in self._short_days(counted, time):
            found = pages = 0
            for page in self._pages_of_day(day):
                pages += 1
                found += sum(self._is_in_reports(record.get("lastUpdatedTime")) for record in page)
                yield page
            more = found - self.seen[_name(day)]
            if more > 0:
                days, lacking, in_vain, pages_in_vain = days + 1, lacking + more, 0, 0
                continue
            in_vain, pages_in_vain = in_vain + 1, pages_in_vain + pages
            if in_vain >= MAX_IN_VAIN or pages_in_vain >= MAX_PAGES_IN_VAIN:
                break
        if lacking:
            self._reader.logger.warning(
                "'%s': the reports lacked %d orders of %d days, which the API has given",
                self._reader.stream.label,
                lacking,
                days,
            )

    def _short_days(self, counted: DailyCounts, time: Window) -> list[dt.datetime]:
        """Return the days of which the reports had fewer orders than Amazon counts, worst first."""
        expected: Counter[dt.datetime] = Counter()
        for window, count in counted.days:
            is_whole = window.length == DAY and window.after == start_of_day(window.after)
            if is_whole and time.contains(window):
                expected[window.after] += count
        short = {
            day: lack
            for day, count in expected.items()
            if (lack := count - self.seen[_name(day)]) > 0
        }
        return sorted(short, key=lambda day: -short[day])

    def _pages_of_day(self, day: dt.datetime) -> Iterator[Records]:
        parameters: Parameters = next(iter(self._reader.requests())) | {
            "createdAfter": day,
            "createdBefore": day + DAY - _ONE_MILLISECOND,
        }
        for page in self._reader.restarted_pages_of(parameters):
            yield page.records

    def _is_in_reports(self, updated: object) -> bool:
        return isinstance(updated, str) and updated < self._until


def _name(day: dt.datetime) -> str:
    return format_timestamp(day)[:_DAY_LENGTH]
