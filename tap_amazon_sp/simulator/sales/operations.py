"""Sales: order metrics by hour, day, week, month or year.

Source: Amazon's model `sales`: an interval is two times, and the second is exclusive; granularities
above an hour need a time zone, which determines when days begin; the first and the last part of an
interval may be shorter; ASIN and SKU exclude each other.
"""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.checks import exclusive, time_of
from tap_amazon_sp.simulator.server.errors import invalid_input, invalid_parameter
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.timestamps import UTC
from tap_amazon_sp.simulator.world.world import World

API = "sales"

_MAX_INTERVALS = 20_000
_SUNDAY = 6


class Sales:
    """The Sales API."""

    def __init__(self, world: World) -> None:
        """Make up the sales of a seller."""
        self._world = world

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {f"{API}.getOrderMetrics": self.get_order_metrics}

    def get_order_metrics(self, call: Call) -> Answer:
        """Return the metrics of each part of an interval."""
        wanted = call.parameters
        refused = exclusive(wanted, "asin", "sku")
        if refused is not None:
            raise refused
        asked = wanted["marketplaceIds"]
        marketplaces = self._world.marketplaces_by_id
        if len(asked) != 1 or asked[0] not in marketplaces:
            problem = "it must be one marketplace that the seller sells in"
            msg = "marketplaceIds"
            raise invalid_parameter(msg, problem)
        market = marketplaces[asked[0]]
        start, end = _interval(wanted["interval"], _zone(call))
        filters = [wanted.get(name) for name in ("buyerType", "fulfillmentNetwork", "asin", "sku")]
        cuts = [start, *_cuts(start, end, wanted), end]
        if len(cuts) > _MAX_INTERVALS:
            msg = "interval"
            raise invalid_parameter(msg, "it has too many parts")
        return Answer(
            {
                "payload": [
                    self._metrics(market, first, last, filters)
                    for first, last in itertools.pairwise(cuts)
                ]
            }
        )

    def _metrics(
        self, market: Marketplace, start: dt.datetime, end: dt.datetime, filters: list[Any]
    ) -> dict[str, Any]:
        rng = self._world.random("sales", market.id, start.timestamp(), *filters)
        hours = (end - start).total_seconds() / 3600
        orders = rng.randrange(1 + int(hours) * 2 + market.share)
        units = orders + rng.randrange(1 + orders // 2)
        per_dollar = 1 if market.currency == "JPY" else 100
        price = max(1, round(rng.randrange(8, 60) * market.price_factor * per_dollar))
        total = {"currencyCode": market.currency, "amount": amount(price * units, market.currency)}
        average = price if units else 0
        return {
            "interval": f"{_written(start)}--{_written(end)}",
            "unitCount": units,
            "orderItemCount": units,
            "orderCount": orders,
            "averageUnitPrice": {**total, "amount": amount(average, market.currency)},
            "totalSales": total,
        }


def _zone(call: Call) -> dt.tzinfo | None:
    name = call.parameters.get("granularityTimeZone")
    if name is None:
        if call.parameters["granularity"] in ("Hour", "Total"):
            return None
        message = "Parameter 'granularityTimeZone' is required for granularities above an hour."
        raise invalid_input(message, details="granularityTimeZone")
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
