"""Orders and what belongs to them, from Orders 2026-01-01 or Orders v0 until Amazon removes it.

Facts: Amazon's models `orders_2026-01-01`, `ordersV0`, `messaging` and `solicitations`; its pages
"Orders API" (orders are kept for two years, in the Far East since 2016), "Access Orders PII" and
"Orders API Migration Guide" (v0 is removed on 2027-03-27).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon.client import at_path
from tap_amazon_sp.common.timestamps import UTC
from tap_amazon_sp.reading.children import CalledChildStream, EmbeddedStream
from tap_amazon_sp.reading.items import KnownIdsStream
from tap_amazon_sp.reading.stream import Parameters, SellingPartnerStream
from tap_amazon_sp.reading.windows import WindowedStream

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
DATASETS: Mapping[str, tuple[str, ...]] = {
    "BUYER": ("buyer",),
    "RECIPIENT": ("recipient",),
    "PROCEEDS": ("proceeds", "orderItems.proceeds"),
    "EXPENSE": ("orderItems.expense",),
    "PROMOTION": ("orderItems.promotion",),
    "CANCELLATION": ("orderItems.cancellation",),
    "FULFILLMENT": ("fulfillment", "orderItems.fulfillment"),
    "PACKAGES": ("packages",),
    "TAX": ("tax", "orderItems.tax"),
    "PAYMENT": ("payment",),
    "FULFILLMENT_ORDERS": ("fulfillmentOrders",),
}
"""Where in an order each dataset of searchOrders comes.

From Amazon's page "Get orders with filtering criteria"; of the last three, which it does not name
yet, from the properties of that name in the model.
"""

FAR_EAST_ORDERS_SINCE = dt.datetime(2016, 1, 1, tzinfo=UTC)


class _WithDatasets(SellingPartnerStream):
    def requests(self) -> Iterator[Parameters]:
        """Ask for the datasets in `orders_included_data`, or for those that are selected."""
        datasets = self.config.get("orders_included_data")
        if datasets is None:
            datasets = [
                name
                for name, paths in DATASETS.items()
                if (self.account.restricted_data or name not in PERSONAL_DATASETS)
                and any(map(self.needs, paths))
            ]
        if any(isinstance(child, OrderPackages) for child in self._selected_children):
            datasets = list(dict.fromkeys([*datasets, "PACKAGES"]))
        for parameters in super().requests():
            yield parameters | {"includedData": datasets or None}


class _OrdersStream(WindowedStream):
    selected_by_default = True
    roles = ROLES
    retention = dt.timedelta(days=2 * 365)
    # Two years of silence are crossed in eight calls of the burst of 20.
    longest_window = dt.timedelta(days=180)

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:
        """Return two years ago, or 2016 in the Far East."""
        if self.account.region == "fe":
            return FAR_EAST_ORDERS_SINCE
        return super().oldest_kept(now)


class Orders(_WithDatasets, _OrdersStream):
    """Orders with their items, packages and amounts, 100 orders a call."""

    name = "orders"
    operation_id = "orders_2026-01-01.searchOrders"
    primary_keys = ("orderId",)
    replication_key = "lastUpdatedTime"
    updated_after = "lastUpdatedAfter"


class OrderItems(EmbeddedStream):
    """The items inside the orders: no further call."""

    name = "order_items"
    operation_id = Orders.operation_id
    selected_by_default = True
    roles = ROLES
    parent_stream_type = Orders
    list_in_parent = "orderItems"
    primary_keys = ("orderId", "orderItemId")
    from_parent = {
        "orderId": "orderId",
        "lastUpdatedTime": "lastUpdatedTime",
        "marketplaceId": "salesChannel.marketplaceId",
    }


class OrderPackages(EmbeddedStream):
    """The packages inside the orders that merchants ship themselves: no further call."""

    name = "order_packages"
    operation_id = Orders.operation_id
    roles = ROLES
    parent_stream_type = Orders
    list_in_parent = "packages"
    primary_keys = ("orderId", "packageReferenceId")
    from_parent = OrderItems.from_parent


class OrderDetails(_WithDatasets, KnownIdsStream):
    """Single orders in the form of `orders`, by the order ids in `stream_ids`.

    From Orders 2026-01-01, whatever `orders_api` says.
    """

    name = "order_details"
    operation_id = "orders_2026-01-01.getOrder"
    roles = ROLES
    id_parameter = "orderId"
    primary_keys = ("orderId",)
    missing_is_empty = True


class OrdersV0(_OrdersStream):
    """Orders of the old API: without their items, which take a call per order."""

    name = "orders"
    schema_name = "orders_v0"
    operation_id = "ordersV0.getOrders"
    primary_keys = ("AmazonOrderId",)
    replication_key = "LastUpdateDate"
    updated_after = "LastUpdatedAfter"
    # Model: ISO 8601 date time format, the counterpart of a time filter, or so in its sample.
    date_times = (
        "PurchaseDate",
        "LastUpdateDate",
        "EarliestShipDate",
        "LatestShipDate",
        "EarliestDeliveryDate",
        "LatestDeliveryDate",
        "PromiseResponseDueDate",
    )


class OrderItemsV0(CalledChildStream):
    """The items of an order of the old API: a call per order and page.

    The scheduled delivery's dates stay text: they are in the time zone of the destination, which
    they do not have to name.
    """

    name = "order_items"
    schema_name = "order_items_v0"
    operation_id = "ordersV0.getOrderItems"
    selected_by_default = True
    roles = ROLES
    parent_stream_type = OrdersV0
    primary_keys = ("AmazonOrderId", "OrderItemId")

    parameters_from_parent = {"orderId": "AmazonOrderId"}
    from_parent = {
        "AmazonOrderId": "AmazonOrderId",
        "LastUpdateDate": "LastUpdateDate",
    }


class _OfOrderV0(CalledChildStream):
    roles = ROLES
    parent_stream_type = OrdersV0
    parameters_from_parent = {"orderId": "AmazonOrderId"}
    from_parent = {"LastUpdateDate": "LastUpdateDate"}
    # An order may be gone since it was listed.
    missing_is_empty = True


class OrderBuyerInfo(_OfOrderV0):
    """The buyer of each order of the old API: a call per order.

    Always needs `restricted_data`.
    """

    name = "order_buyer_info"
    schema_name = "order_buyer_info_v0"
    operation_id = "ordersV0.getOrderBuyerInfo"
    primary_keys = ("AmazonOrderId",)


class OrderAddress(_OfOrderV0):
    """The shipping address of each order of the old API: a call per order.

    Always needs `restricted_data`.
    """

    name = "order_address"
    schema_name = "order_address_v0"
    operation_id = "ordersV0.getOrderAddress"
    primary_keys = ("AmazonOrderId",)


class OrderItemsBuyerInfo(_OfOrderV0):
    """Gifts and customizations of the items of each order of the old API: a call per order.

    Always needs `restricted_data`.
    """

    name = "order_items_buyer_info"
    schema_name = "order_items_buyer_info_v0"
    operation_id = "ordersV0.getOrderItemsBuyerInfo"
    primary_keys = ("AmazonOrderId", "OrderItemId")
    from_parent = OrderItemsV0.from_parent


class OrderRegulatedInfo(CalledChildStream):
    """What Amazon knows of orders with regulated items, such as prescriptions: a call per order.

    With `orders_api: v0` only orders with regulated items take a call. Always needs
    `restricted_data`.
    """

    name = "order_regulated_info"
    operation_id = "ordersV0.getOrderRegulatedInfo"
    roles = ROLES
    parent_stream_type: type[SellingPartnerStream] = Orders
    primary_keys = ("AmazonOrderId",)
    parameters_from_parent = {"orderId": "orderId"}
    missing_is_empty = True


class OrderRegulatedInfoV0(OrderRegulatedInfo):
    """What Amazon knows of orders with regulated items, such as prescriptions: a call per order."""

    parent_stream_type = OrdersV0
    parameters_from_parent = {"orderId": "AmazonOrderId"}

    def requests_for(self, parent: Mapping[str, Any]) -> Iterator[Parameters]:
        """Give a request for an order with regulated items; the new API does not tell them."""
        if parent.get("HasRegulatedItems") is not False:
            yield from super().requests_for(parent)


class _AboutOrder(CalledChildStream):
    parent_stream_type: type[SellingPartnerStream] = Orders
    parameters_from_parent = {
        "amazonOrderId": "orderId",
        "marketplaceIds": "salesChannel.marketplaceId",
    }
    from_parent = {"amazonOrderId": "orderId", "marketplaceId": "salesChannel.marketplaceId"}
    missing_is_empty = True


class _AboutOrderV0(CalledChildStream):
    parent_stream_type: type[SellingPartnerStream] = OrdersV0
    parameters_from_parent = {"amazonOrderId": "AmazonOrderId", "marketplaceIds": "MarketplaceId"}
    from_parent = {"amazonOrderId": "AmazonOrderId", "marketplaceId": "MarketplaceId"}


class _ActionStream(SellingPartnerStream):
    primary_keys = ("amazonOrderId", "name")
    lifted = {"name": "payload.name"}

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Take the name of the link where the action has none."""
        record["name"] = record["name"] or at_path(record, ["_links", "self", "name"]) or ""
        return record


class MessagingActions(_ActionStream, _AboutOrder):
    """The kinds of messages that may be sent to the buyer of each order: a call per order."""

    name = "messaging_actions"
    operation_id = "messaging.getMessagingActionsForOrder"
    roles = ("Buyer Communication",)


class MessagingActionsV0(_AboutOrderV0, MessagingActions):
    """The kinds of messages that may be sent to the buyer of each order: a call per order."""


class SolicitationActions(_ActionStream, _AboutOrder):
    """Whether the buyer of each order may be asked for a review: a call per order."""

    name = "solicitation_actions"
    operation_id = "solicitations.getSolicitationActionsForOrder"
    roles = ("Buyer Solicitation", "Product Listing")


class SolicitationActionsV0(_AboutOrderV0, SolicitationActions):
    """Whether the buyer of each order may be asked for a review: a call per order."""


class OrderAttributes(_AboutOrder):
    """The language that the buyer of each order prefers: a call per order."""

    name = "order_attributes"
    operation_id = "messaging.GetAttributes"
    roles = ("Buyer Communication",)
    primary_keys = ("amazonOrderId",)


class OrderAttributesV0(_AboutOrderV0, OrderAttributes):
    """The language that the buyer of each order prefers: a call per order."""


def order_streams(orders_api: str) -> Iterable[type[SellingPartnerStream]]:
    """Return the streams of the chosen version of the API: `2026-01-01` or `v0`."""
    if orders_api == "v0":
        return (
            OrdersV0,
            OrderItemsV0,
            OrderDetails,
            OrderBuyerInfo,
            OrderAddress,
            OrderItemsBuyerInfo,
            OrderRegulatedInfoV0,
            OrderAttributesV0,
            MessagingActionsV0,
            SolicitationActionsV0,
        )
    return (
        Orders,
        OrderItems,
        OrderPackages,
        OrderDetails,
        OrderRegulatedInfo,
        OrderAttributes,
        MessagingActions,
        SolicitationActions,
    )
