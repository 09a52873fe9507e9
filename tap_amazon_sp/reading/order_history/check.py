"""Checking by counts that reports had every order of a history.

getOrderMetrics counts orders by the day of their purchase. Where it counts more than was read, a
page of searchOrders shows whether an order is missing. If one is, all such days are read with
searchOrders. If none is, the two only count differently.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.common.windows import DAY, Window, start_of_day
from tap_amazon_sp.reading.counts import Counts, DailyCounts
from tap_amazon_sp.reading.placed_orders import placed_between
from tap_amazon_sp.reading.reader import Page, Records
from tap_amazon_sp.settings.errors import SettingsError

if TYPE_CHECKING:
    from tap_amazon_sp.reading.window_reader import WindowReader

_DAY_LENGTH = len("2026-01-31")


class HistoryCheck:
    """Compares the orders that were read with those that Amazon counts.

    In memory are the number of orders of each day, and eight bytes for each order.
    """

    def __init__(self, reader: WindowReader) -> None:
        """Note nothing yet; `reader` is that of the orders."""
        self._reader = reader
        self._seen: Counter[str] = Counter()
        self._hashes = array("q")
        # The day of the purchase of orders of the API, by the hash of their ids.
        self._others: dict[int, str] = {}
        self._start = ""
        self._windows: list[tuple[str, str]] = []

    def begin(self, start: dt.datetime) -> None:
        """Count the orders that were placed since then."""
        self._start = format_timestamp(start)

    def note(self, page: Records) -> None:
        """Note the orders of a page from a report."""
        seen, hashes, start = self._seen, self._hashes, self._start
        for record in page:
            created = record["createdTime"]
            if created >= start:
                seen[created[:_DAY_LENGTH]] += 1
            hashes.append(hash(record["orderId"]))

    def note_window(self, window: Window) -> None:
        """Note that the orders that last changed in a window are all noted."""
        self._windows.append((format_timestamp(window.after), format_timestamp(window.before)))

    def take_back(self, page: Records, returns: Mapping[str, int]) -> None:
        """Take back what was noted too much of orders whose rows are spread over a document.

        Args:
            page: Such orders.
            returns: How often each came after its first time, by order id.
        """
        for record in page:
            created = record["createdTime"]
            if created >= self._start:
                self._seen[created[:_DAY_LENGTH]] -= returns[record["orderId"]]

    def noted(self, pages: Iterable[Records]) -> Iterator[Records]:
        """Yield pages of the API, and note their orders that no report had."""
        for page in pages:
            for record in page:
                created = record.get("createdTime")
                if isinstance(created, str) and created >= self._start:
                    self._others[hash(record.get("orderId"))] = created[:_DAY_LENGTH]
            yield page

    def short_days(self, time: Window) -> list[dt.datetime]:
        """Return the days that lack orders by Amazon's counts, the worst first.

        Args:
            time: The time whose orders should all be read.
        """
        try:
            counted = Counts(self._reader.connection).orders(time)
        except (SellingPartnerError, SettingsError) as error:
            self._reader.logger.info(
                "'%s': nobody knows whether the reports have all orders: %s",
                self._reader.stream.label,
                error,
            )
            return []
        for number in self._hashes:
            self._others.pop(number, None)
        short = self._lacking(counted, time)
        return sorted(short, key=lambda day: -short[day])

    def _lacking(self, counted: DailyCounts, time: Window) -> Mapping[dt.datetime, int]:
        expected: Counter[dt.datetime] = Counter()
        for window, count in counted.days:
            # The first and the last are parts of days.
            if time.contains(window):
                expected[start_of_day(window.after)] += count
        seen = self._seen + Counter(self._others.values())
        lacks = {day: count - seen[_name(day)] for day, count in expected.items()}
        return {day: count for day, count in lacks.items() if count > 0}

    def first_pages(
        self, days: Iterable[dt.datetime], end: dt.datetime
    ) -> Iterator[tuple[Page, int]]:
        """Yield the first page of each of some days, and how many of its orders reports lack."""
        for day in days:
            page = next(self.pages_of(day, end))
            numbers = {hash(one.get("orderId")): one for one in page.records}
            # Without a copy of all hashes: there may be millions.
            known = numbers.keys() & self._hashes
            unknown = numbers.keys() - known - self._others.keys()
            yield page, sum(self._is_of_reports(numbers[number]) for number in unknown)

    def _is_of_reports(self, record: Mapping[str, Any]) -> bool:
        """Return whether an order should be in a report that was read."""
        updated = str(record.get("lastUpdatedTime") or "")
        return any(after <= updated < before for after, before in self._windows)

    def pages_of(self, day: dt.datetime, end: dt.datetime) -> Iterator[Page]:
        """Yield the orders that were placed on a day and before the end, with searchOrders."""
        placed = placed_between(self._reader, day, min(day + DAY, end))
        return self._reader.restarted_pages_of(placed)


def _name(day: dt.datetime) -> str:
    return format_timestamp(day)[:_DAY_LENGTH]
