"""How many records there are at Amazon, asked before they are read.

Facts: Amazon's models `sales` (getOrderMetrics counts orders by purchase date, of one marketplace
and up to two years) and `listingsItems_2021-08-01` (each answer has the number of results).
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.common.windows import DAY, Window, start_of_day

if TYPE_CHECKING:
    from tap_amazon_sp.reading.connection import Connection

METRICS = "sales.getOrderMetrics"
LISTINGS = "listingsItems_2021-08-01.searchListingsItems"

COUNTED = ("orders_2026-01-01.searchOrders", "ordersV0.getOrders")
"""Operations whose records are the orders that the Sales API counts."""

MAX_INTERVAL = 730 * DAY
"""The longest time of a call. Amazon answers for the last two years."""


@dataclass(frozen=True)
class DailyCounts:
    """Numbers of records of each day; the days of several marketplaces may overlap."""

    days: tuple[tuple[Window, int], ...]

    def between(self, window: Window) -> float:
        """Return about how many records there are in a window: a part of a day has its share."""
        return sum(
            count * ((min(day.before, window.before) - max(day.after, window.after)) / day.length)
            for day, count in self.days
            if day.after < window.before and window.after < day.before
        )

    def first_moment(self, window: Window) -> dt.datetime | None:
        """Return the beginning of the first day in a window with a record; None if it has none."""
        days = (day.after for day, count in self.days if count)
        return min((after for after in days if after < window.before), default=None)


class Counts:
    """Asks Amazon how many records an account has; each number once. Many threads may use it."""

    def __init__(self, connection: Connection) -> None:
        """Ask nothing yet."""
        self._connection = connection
        self._lock = threading.Lock()
        self._orders: dict[Window, DailyCounts] = {}
        self._listings: dict[str, int] = {}

    def orders(self, window: Window) -> DailyCounts:
        """Return the orders by the day of their purchase, over all marketplaces to read.

        Raises:
            SettingsError, SellingPartnerError: Amazon does not tell.
        """
        with self._lock:
            if window not in self._orders:
                days: Counter[Window] = Counter()
                for day, count in self._ask_for_orders(window):
                    days[day] += count
                self._orders[window] = DailyCounts(tuple(days.items()))
            return self._orders[window]

    def listings(self, marketplace_id: str) -> int:
        """Return the number of the seller's own listings in a marketplace.

        Raises:
            SellingPartnerError: Amazon does not tell.
        """
        with self._lock:
            if marketplace_id not in self._listings:
                answer = self._connection.client.send(
                    catalogue.operation(LISTINGS),
                    {
                        "sellerId": self._connection.settings.seller_id,
                        "marketplaceIds": [marketplace_id],
                        "pageSize": 1,
                    },
                    check=_check_listings,
                )
                self._listings[marketplace_id] = answer.body["numberOfResults"]
            return self._listings[marketplace_id]

    def _ask_for_orders(self, window: Window) -> Iterator[tuple[Window, int]]:
        now = self._connection.clock.now()
        oldest = start_of_day(now - MAX_INTERVAL) + DAY
        start = max(window.after, oldest).replace(microsecond=0)
        end = window.before.replace(microsecond=0)
        if start >= end:
            return
        for marketplace_id in self._connection.participating_marketplaces:
            answer = self._connection.client.send(
                catalogue.operation(METRICS),
                {
                    "marketplaceIds": [marketplace_id],
                    "interval": f"{format_timestamp(start)}--{format_timestamp(end)}",
                    "granularity": "Day",
                    "granularityTimeZone": "UTC",
                },
                check=_check_metrics,
            )
            yield from _days_in(answer.body)


def _days_in(body: Any) -> Iterator[tuple[Window, int]]:
    """Yield each part of an interval with the number of its orders.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: It is not as the model says.
    """
    for entry in body["payload"]:
        start, end = map(parse_timestamp, entry["interval"].split("--"))
        if start >= end:
            message = "an interval ends before it begins"
            raise ValueError(message)
        yield Window(start, end), int(entry["orderCount"])


def _check_metrics(body: Any) -> None:
    """Check that an answer counts orders.

    Raises:
        ValueError: It does not.
    """
    try:
        list(_days_in(body))
    except (AttributeError, KeyError, TypeError, ValueError):
        message = "it does not count orders by interval"
        raise ValueError(message) from None


def _check_listings(body: Any) -> None:
    """Check that an answer has the number of listings.

    Raises:
        ValueError: It has none.
    """
    has_number = isinstance(body, Mapping) and type(body.get("numberOfResults")) is int
    if not has_number:
        message = "it has no `numberOfResults`"
        raise ValueError(message)
