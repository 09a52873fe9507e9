"""Sales: order metrics by hour, day, week, month or year.

Source: Amazon's model `sales`: an interval is two times, and the second is exclusive; granularities
above an hour need a time zone, which determines when days begin; the first and the last part of an
interval may be shorter; ASIN and SKU exclude each other; the average price is sales by units. The
model does not say whether cancelled and pending orders count. Here every order that was placed
counts, as searchOrders returns it.
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
import math
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tap_amazon_sp.simulator.orders.details import Item, OrderBook
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_parameter
from tap_amazon_sp.simulator.server.schema_checks import time_of
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.timestamps import UTC

API = "sales"

_MAX_INTERVALS = 20_000
_SUNDAY = 6


class Sales:
    """The Sales API."""

    def __init__(self, book: OrderBook) -> None:
        """Count the orders of a seller."""
        self._book = book
        self._sums: dict[int, _Sum] = {}

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {f"{API}.getOrderMetrics": self.get_order_metrics}

    def get_order_metrics(self, call: Call) -> Answer:
        """Return the metrics of each part of an interval."""
        wanted = call.parameters
        asked = wanted["marketplaceIds"]
        marketplaces = self._book.world.marketplaces_by_id
        if len(asked) != 1 or asked[0] not in marketplaces:
            problem = "it must be one marketplace that the seller sells in"
            msg = "marketplaceIds"
            raise invalid_parameter(msg, problem)
        market = marketplaces[asked[0]]
        start, end = _interval(wanted["interval"], _zone(call))
        cuts = [start, *_cuts(start, end, wanted), end]
        if len(cuts) > _MAX_INTERVALS:
            msg = "interval"
            raise invalid_parameter(msg, "it has too many parts")
        counted = self._counted(market, start, end, wanted)
        moments = [order.created for order, _ in counted]
        places = [bisect.bisect_left(moments, cut.timestamp()) for cut in cuts]
        return Answer(
            {
                "payload": [
                    _metrics(market, first, last, [found for _, found in counted[low:high]])
                    for (first, low), (last, high) in itertools.pairwise(
                        zip(cuts, places, strict=True)
                    )
                ]
            }
        )

    def _counted(
        self, market: Marketplace, start: dt.datetime, end: dt.datetime, wanted: Mapping[str, Any]
    ) -> list[tuple[OrderState, _Sum]]:
        """Return the orders that are counted, oldest first, and what each adds."""
        if wanted.get("amazonProgram"):
            return []
        # Orders have whole seconds, and the end is exclusive.
        placed = self._book.history.created_between(
            start.timestamp(), math.ceil(end.timestamp()) - 1
        )
        network = {"AFN": True, "MFN": False}.get(wanted.get("fulfillmentNetwork") or "")
        business = {"B2B": True, "B2C": False}.get(wanted["buyerType"])
        return [
            (order, found)
            for order in placed
            if order.marketplace.id == market.id
            and network in (None, order.by_amazon)
            and (business is None or self._book.details(order).business == business)
            and (found := self._sum(order, wanted.get("asin"), wanted.get("sku"))).items
        ]

    def _sum(self, order: OrderState, asin: str | None, sku: str | None) -> _Sum:
        """Return what the items of an order, or those of a product, add to the metrics."""
        if asin is None and sku is None:
            found = self._sums.get(order.index)
            if found is None:
                found = self._sums[order.index] = self._sum_of_all(order)
            return found
        return _sum_of(
            item
            for item in self._book.details(order).items
            if item.product.asin == asin or item.product.sku == sku
        )

    def _sum_of_all(self, order: OrderState) -> _Sum:
        """Return what all items of an order add, without making up its other details."""
        units = price = 0
        for position in range(order.items):
            product, quantity = self._book.bought(order, position)
            units += quantity
            price += quantity * product.price(order.marketplace)
        return _Sum(order.items, units, price)


class _Sum(NamedTuple):
    """What an order adds: items, units, and their price before tax and discounts."""

    items: int
    units: int
    price: int


def _sum_of(items: Iterable[Item]) -> _Sum:
    chosen = [*items]
    return _Sum(
        len(chosen), sum(item.quantity for item in chosen), sum(item.price for item in chosen)
    )


def _metrics(
    market: Marketplace, start: dt.datetime, end: dt.datetime, orders: list[_Sum]
) -> dict[str, Any]:
    units = sum(order.units for order in orders)
    total = sum(order.price for order in orders)

    def money(of: int) -> dict[str, str]:
        return {"currencyCode": market.currency, "amount": amount(of, market.currency)}

    return {
        "interval": f"{_written(start)}--{_written(end)}",
        "unitCount": units,
        "orderItemCount": sum(order.items for order in orders),
        "orderCount": len(orders),
        "averageUnitPrice": money(round(total / units) if units else 0),
        "totalSales": money(total),
    }


def _zone(call: Call) -> dt.tzinfo | None:
    name = call.parameters.get("granularityTimeZone")
    if name is None:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        problem = f"'{name}' is not a time zone"
        msg = "granularityTimeZone"
        raise invalid_parameter(msg, problem) from None


def _interval(text: str, zone: dt.tzinfo | None) -> tuple[dt.datetime, dt.datetime]:
    first, separator, second = text.partition("--")
    if not separator:
        msg = "interval"
        raise invalid_parameter(msg, "write it as two times with '--' between them")
    start, end = (
        dt.datetime.fromtimestamp(time_of("interval", part), zone or UTC)
        for part in (first, second)
    )
    if start >= end:
        msg = "interval"
        raise invalid_parameter(msg, "it ends before it begins")
    return start, end


def _cuts(start: dt.datetime, end: dt.datetime, wanted: Mapping[str, Any]) -> Iterator[dt.datetime]:
    """Yield the moments at which a part of an interval ends and the next one begins."""
    granularity = wanted["granularity"]
    if granularity == "Total":
        return
    if granularity == "Hour":
        cut = start.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        while (cut := cut + dt.timedelta(hours=1)) < end:
            if cut > start:
                yield cut.astimezone(start.tzinfo)
        return
    cut = start.replace(hour=0, minute=0, second=0, microsecond=0)
    while (cut := cut + dt.timedelta(days=1)) < end:
        if _begins(cut, granularity, wanted["firstDayOfWeek"]):
            yield cut


def _begins(day: dt.datetime, granularity: str, first_day: str) -> bool:
    return {
        "Day": True,
        "Week": day.weekday() == (_SUNDAY if first_day == "Sunday" else 0),
        "Month": day.day == 1,
        "Year": (day.month, day.day) == (1, 1),
    }[granularity]


def _written(moment: dt.datetime) -> str:
    """Return a moment as Amazon writes it in intervals: `2018-09-01T00:00-07:00`, or with `Z`."""
    text = moment.isoformat(timespec="seconds" if moment.second else "minutes")
    return text.removesuffix("+00:00") + "Z" if moment.utcoffset() == dt.timedelta() else text
