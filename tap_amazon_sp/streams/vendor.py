"""Streams of the vendor side (retail procurement).

Facts: Amazon's model `vendorOrders`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tap_amazon_sp.streams.base import WindowedStream
from tap_amazon_sp.timestamps import to_utc


class PurchaseOrders(WindowedStream):
    """Purchase orders with their items.

    An order that never changed has no changed date and is found by its creation only, so each
    window is asked for by both. Amazon does not say whether a change of state alone counts as one.
    """

    name = "purchase_orders"
    operation_id = "vendorOrders.getPurchaseOrders"
    roles = ("Inventory and Order Tracking", "Amazon Fulfillment")
    primary_keys = ("purchaseOrderNumber",)
    replication_key = "purchaseOrderChangedDate"
    updated_after = "createdAfter"
    also_updated_after = ("changedAfter",)
    retention = dt.timedelta(days=180)
    overlap = dt.timedelta(seconds=1)
    first_window = longest_window = dt.timedelta(days=7) - overlap

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Lift the dates out of the details; the latest one is that of the change."""
        details = record.get("orderDetails") or {}
        created = to_utc(details.get("purchaseOrderDate") or "")
        changed = (
            to_utc(details.get(name) or "")
            for name in ("purchaseOrderChangedDate", "purchaseOrderStateChangedDate")
        )
        return {
            **record,
            "purchaseOrderDate": created or None,
            "purchaseOrderChangedDate": max(created, *changed) or None,
        }
