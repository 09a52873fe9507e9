"""Sales in numbers, by day.

Facts: Amazon's model `sales`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tap_amazon_sp.common.timestamps import format_timestamp, to_utc
from tap_amazon_sp.reading.declared_schemas import TIME
from tap_amazon_sp.reading.stream import Parameters
from tap_amazon_sp.reading.window_plan import Window, start_of_day
from tap_amazon_sp.reading.windows import WindowedStream
from tap_amazon_sp.streams.orders import ROLES

DAY = dt.timedelta(days=1)


class OrderMetrics(WindowedStream):
    """Orders, units and sales of each day (UTC) and marketplace, over all buyers and offers.

    Amazon answers for two years. The current day is read again in the next run, as are the two
    days before it, whose orders may still change.
    """

    name = "order_metrics"
    operation_id = "sales.getOrderMetrics"
    roles = ROLES
    primary_keys = ("marketplaceId", "interval")
    replication_key = "intervalStart"
    one_marketplace_per_request = True
    from_request = {"marketplaceId": "marketplaceIds"}
    added_properties = {"intervalStart": TIME, "intervalEnd": TIME}
    parameters = {"granularity": "Day", "granularityTimeZone": "UTC"}
    updated_after = "interval"
    whole_days = True
    shortest_window = DAY
    # The first window begins with its day, which must not be older than two years.
    retention = dt.timedelta(days=2 * 365 - 1)
    late_by = 2 * DAY

    def window_times(self, name: str, window: Window) -> Parameters:
        """Give the days of a window as one interval, whole ones: Amazon would cut them."""
        before = start_of_day(window.before)
        if before < window.before:
            before += DAY
        after = start_of_day(window.after)
        return {name: f"{format_timestamp(after)}--{format_timestamp(before)}"}

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add both ends of the interval as times."""
        start, _, end = (record.get("interval") or "").partition("--")
        record["intervalStart"] = to_utc(start) or None
        record["intervalEnd"] = to_utc(end) or None
        return record


STREAMS = (OrderMetrics,)
