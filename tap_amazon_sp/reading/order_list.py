"""The orders of a time by their ids, as a report of all orders lists them.

Facts: the times in the report are whole seconds, those of the API have milliseconds, so a time in
the report is that of the API or up to a second earlier. A row of the report is an item, so an order
has several (amzn/selling-partner-api-models#442).
"""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.marketplaces import marketplace_of_channel
from tap_amazon_sp.common.timestamps import UTC, parse_timestamp
from tap_amazon_sp.common.windows import Window

ORDER_ID = "amazon_order_id"
LAST_UPDATE = "last_updated_date"
PURCHASE = "purchase_date"
CHANNEL = "sales_channel"
NEEDED = (ORDER_ID, LAST_UPDATE, PURCHASE, CHANNEL)
"""The columns of a report that are needed to list its orders."""

NOT_OF_AMAZON = "non-amazon"
"""The beginning of the sales channel, in small letters, of orders of the seller's own shop. The
Orders API does not have them."""


class UnlistableOrderError(Exception):
    """A row has no order id, or no time: nobody knows what else the report lacks."""


@dataclass(frozen=True)
class OrderList:
    """The orders of a window, sorted by their last update.

    Attributes:
        window: The window, without its end.
        seconds: When each order was last updated, in whole seconds since 1970.
        ids: The ids, in the same order.
        purchases: When each order was placed, in whole seconds since 1970.
    """

    window: Window
    seconds: array[int]
    ids: list[str]
    purchases: array[int]

    def __len__(self) -> int:
        """Return the number of orders."""
        return len(self.ids)

    def place(self, moment: dt.datetime) -> int:
        """Return the number of orders that were last updated before a moment."""
        return bisect_left(self.seconds, moment.timestamp())

    def moment(self, place: int) -> dt.datetime:
        """Return when an order was last updated; the end of the window after the last order."""
        if place >= len(self.seconds):
            return self.window.before
        return dt.datetime.fromtimestamp(self.seconds[place], UTC)

    def beginning_of_second(self, place: int) -> int:
        """Return the place of the first order with the same time as the order at a place."""
        return bisect_left(self.seconds, self.seconds[place]) if place < len(self) else place


def list_orders(
    rows: Iterable[Mapping[str, Any]], window: Window, marketplace_ids: Collection[str]
) -> OrderList:
    """Return the orders in the rows of a report by last update.

    Orders of other marketplaces, and those of the seller's own shop, are left out.

    Args:
        rows: The rows of the flat file.
        window: The window of the report.
        marketplace_ids: The marketplaces to read; empty for all.

    Raises:
        UnlistableOrderError: A row has no order id or no time, or its time is before the window.
    """
    wanted = frozenset(marketplace_ids)
    is_read: dict[str, bool] = {}
    updated: dict[str, int] = {}
    placed: dict[str, int] = {}
    for row in rows:
        channel = row.get(CHANNEL)
        channel = channel if isinstance(channel, str) else ""
        if channel not in is_read:
            is_read[channel] = _is_read(channel, wanted)
        if not is_read[channel]:
            continue
        order_id = row.get(ORDER_ID)
        if not isinstance(order_id, str) or not order_id:
            message = "a row has no order id"
            raise UnlistableOrderError(message)
        seconds = _seconds(row, LAST_UPDATE)
        if order_id not in updated:
            placed[order_id] = _seconds(row, PURCHASE)
            updated[order_id] = seconds
        elif seconds > updated[order_id]:
            updated[order_id] = seconds
    first, last = window.after.timestamp(), window.before.timestamp()
    # An order that changed while Amazon made the report belongs to a later time.
    pairs = sorted((seconds, order_id) for order_id, seconds in updated.items() if seconds <= last)
    if pairs and pairs[0][0] < first - 1:
        message = "it has orders of another time"
        raise UnlistableOrderError(message)
    return OrderList(
        window,
        array("q", (seconds for seconds, _ in pairs)),
        [order_id for _, order_id in pairs],
        array("q", (placed[order_id] for _, order_id in pairs)),
    )


def _is_read(channel: str, wanted: Collection[str]) -> bool:
    if channel.strip().lower().startswith(NOT_OF_AMAZON):
        return False
    marketplace = marketplace_of_channel(channel)
    # Whether the orders of an unknown channel are to be read is for the API to say.
    return marketplace is None or not wanted or marketplace.id in wanted


def _seconds(row: Mapping[str, Any], name: str) -> int:
    try:
        return int(parse_timestamp(row[name]).timestamp())
    except (AttributeError, KeyError, TypeError, ValueError):
        message = f"a row has no time in `{name}`"
        raise UnlistableOrderError(message) from None
