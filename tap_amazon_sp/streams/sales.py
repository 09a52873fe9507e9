"""Sales metrics by day.

Facts: Amazon's model `sales`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.roles import ORDER_ROLES
from tap_amazon_sp.common.timestamps import format_timestamp, to_utc
from tap_amazon_sp.common.windows import DAY, Window, start_of_day
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.singer.schemas import TIME


def _whole_days(operation: Operation, name: str, window: Window) -> Parameters:  # noqa: ARG001
    """Return a window as one interval of whole days: Amazon would return a part of a cut day."""
    before = start_of_day(window.before)
    if before < window.before:
        before += DAY
    after = start_of_day(window.after)
    return {name: f"{format_timestamp(after)}--{format_timestamp(before)}"}


class OrderMetrics(AmazonStream):
    """Orders, units and sales of each day (UTC) and marketplace, over all buyers and offers.

    Amazon answers for the last two years. Every run reads the latest day of the run before again,
    and the two days before that day, because their orders may still change.
    """

    name = "order_metrics"
    operation_id = "sales.getOrderMetrics"
    roles = ORDER_ROLES
    primary_keys = ("marketplaceId", "interval")
    replication_key = "intervalStart"
    one_marketplace_per_request = True
    from_request = {"marketplaceId": "marketplaceIds"}
    added_properties = {"intervalStart": TIME, "intervalEnd": TIME}
    parameters = {"granularity": "Day", "granularityTimeZone": "UTC"}
    read = Windows(
        "interval",
        times=_whole_days,
        # The first window begins at midnight, which must not be more than two years ago.
        retention=dt.timedelta(days=2 * 365 - 1),
        shortest=DAY,
        whole_days=True,
        late_by=2 * DAY,
    )

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add both ends of the interval as times."""
        start, _, end = (record.get("interval") or "").partition("--")
        record["intervalStart"] = to_utc(start) or None
        record["intervalEnd"] = to_utc(end) or None
        return record
