"""Orders and their items, from Orders 2026-01-01 or from Orders v0 until Amazon removes it.

Facts: Amazon's models `orders_2026-01-01` and `ordersV0`; its pages "Orders API" (orders are kept
for two years, in the Far East since 2016), "Access Orders PII" and "Orders API Migration Guide"
(v0 is removed on 2027-03-27).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tap_amazon_sp.settings import INCLUDED_DATA
from tap_amazon_sp.streams.base import CalledChildStream, ChildStream, WindowedStream
from tap_amazon_sp.timestamps import UTC

ROLES = (
    "Inventory and Order Tracking",
    "Pricing",
    "Product Listing",
    "Finance and Accounting",
    "Amazon Fulfillment",
    "Buyer Communication",
    "Buyer Solicitation",
    "Selling Partner Insights",
    "Direct-to-Consumer Delivery (Restricted)",
    "Tax Invoicing (Restricted)",
    "Tax Remittance (Restricted)",
)

PERSONAL_DATASETS = ("BUYER", "RECIPIENT")
DEFAULT_DATASETS = tuple(name for name in INCLUDED_DATA if name not in PERSONAL_DATASETS)
"""All datasets of searchOrders that hold no personal data."""

FAR_EAST_ORDERS_SINCE = dt.datetime(2016, 1, 1, tzinfo=UTC)


class _OrdersStream(WindowedStream):
    roles = ROLES
    retention = dt.timedelta(days=2 * 365)
    # Two years of silence are crossed in eight calls of the burst of 20.
    longest_window = dt.timedelta(days=180)

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:
        """Return two years ago, or 2016 in the Far East."""
        if self.account.region == "fe":
            return FAR_EAST_ORDERS_SINCE
        return super().oldest_kept(now)


class Orders(_OrdersStream):
    """Orders with their items, packages and amounts, 100 orders a call."""

    name = "orders"
    operation_id = "orders_2026-01-01.searchOrders"
    primary_keys = ("orderId",)
    replication_key = "lastUpdatedTime"
    updated_after = "lastUpdatedAfter"

    def fixed_parameters(self) -> Iterator[dict[str, Any]]:
        """Ask for the datasets in `orders_included_data`."""
        datasets = self.config.get("orders_included_data")
        if datasets is None:
            datasets = [*DEFAULT_DATASETS]
            if self.account.restricted_data:
                datasets += PERSONAL_DATASETS
        for parameters in super().fixed_parameters():
            yield parameters | {"includedData": datasets or None}


class OrderItems(ChildStream):
    """The items inside the orders: no further call."""

    name = "order_items"
    operation_id = Orders.operation_id
    roles = ROLES
    parent_stream_type = Orders
    primary_keys = ("orderId", "orderItemId")

    def records_of(self, parent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the order's items with the order's id, marketplace and time of change."""
        for item in parent.get("orderItems") or ():
            if not isinstance(item, dict):
                continue
            yield {
                "orderId": parent["orderId"],
                "marketplaceId": (parent.get("salesChannel") or {}).get("marketplaceId"),
                "lastUpdatedTime": parent.get("lastUpdatedTime"),
                **item,
            }


class OrdersV0(_OrdersStream):
    """Orders of the old API: without their items, which take a call per order."""

    name = "orders"
    schema_name = "orders_v0"
    operation_id = "ordersV0.getOrders"
    primary_keys = ("AmazonOrderId",)
    replication_key = "LastUpdateDate"
    updated_after = "LastUpdatedAfter"


class OrderItemsV0(CalledChildStream):
    """The items of an order of the old API: a call per order and page."""

    name = "order_items"
    schema_name = "order_items_v0"
    operation_id = "ordersV0.getOrderItems"
    roles = ROLES
    parent_stream_type = OrdersV0
    primary_keys = ("AmazonOrderId", "OrderItemId")

    def parent_parameters(self, parent: Mapping[str, Any]) -> dict[str, Any]:
        """Name the order."""
        return {"orderId": parent["AmazonOrderId"]}

    def child_record(self, parent: Mapping[str, Any], record: dict[str, Any]) -> dict[str, Any]:
        """Add the order's id and time of change."""
        return {
            "AmazonOrderId": parent["AmazonOrderId"],
            "LastUpdateDate": parent.get("LastUpdateDate"),
            **record,
        }


def order_streams(orders_api: str) -> Iterable[type[WindowedStream | ChildStream]]:
    """Return the streams of the chosen version of the API: `2026-01-01` or `v0`."""
    return (OrdersV0, OrderItemsV0) if orders_api == "v0" else (Orders, OrderItems)
