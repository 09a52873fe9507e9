"""Orders and records that belong to them, from Orders 2026-01-01 or, until its removal, Orders v0.

Facts: Amazon's models `orders_2026-01-01`, `ordersV0`, `messaging`, `solicitations` and
`easyShip_2022-03-23`; its pages "Orders API" (orders are kept for two years, in the Far East since
2016), "Access Orders PII" and "Orders API Migration Guide" (v0 is removed on 2027-03-27).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from tap_amazon_sp.amazon.hal import name_of
from tap_amazon_sp.amazon.order_datasets import DATASETS, PERSONAL_DATASETS
from tap_amazon_sp.amazon.roles import ORDER_ROLES
from tap_amazon_sp.common.timestamps import UTC
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.order_history.records import (
    ITEM_PROPERTIES,
    ORDER_ITEMS,
    ORDER_PROPERTIES,
)
from tap_amazon_sp.reading.orders_reader import OrderWindows
from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.single_orders import GET_ORDER
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.settings.definitions import ORDERS_APIS

NEW, OLD = ORDERS_APIS

_KEPT_FOR = dt.timedelta(days=2 * 365)
_KEPT_SINCE = {"fe": dt.datetime(2016, 1, 1, tzinfo=UTC)}
# Two years without orders take eight requests, out of a burst of 20.
_LONGEST = dt.timedelta(days=180)


class _WithDatasets(AmazonStream):
    """Orders with the datasets that the settings or the selected properties name."""

    def requests(self) -> Iterator[Parameters]:
        """Yield requests for the datasets in `orders_included_data`, or for the selected ones."""
        datasets = self.settings.orders_included_data
        if datasets is None:
            datasets = tuple(
                name
                for name, paths in DATASETS.items()
                if (self.account.restricted_data or name not in PERSONAL_DATASETS)
                and any(map(self.needs, paths))
            )
        if any(isinstance(child, OrderPackages) for child in self.selected_children):
            datasets = tuple(dict.fromkeys((*datasets, "PACKAGES")))
        for parameters in super().requests():
            yield parameters | {"includedData": list(datasets) or None}


_MARKETPLACE = {"marketplaceId": "salesChannel.marketplaceId"}


class Orders(_WithDatasets):
    """Orders with their items, packages and amounts: 100 orders per request."""

    name = "orders"
    orders_api = NEW
    operation_id = "orders_2026-01-01.searchOrders"
    further_operations = (GET_ORDER,)
    selected_by_default = True
    roles = ORDER_ROLES
    primary_keys = ("orderId",)
    replication_key = "lastUpdatedTime"
    lifted = _MARKETPLACE
    added_properties = ORDER_PROPERTIES
    added_inside = {ORDER_ITEMS: ITEM_PROPERTIES}
    read = OrderWindows(
        "lastUpdatedAfter", retention=_KEPT_FOR, kept_since=_KEPT_SINCE, longest=_LONGEST
    )


_OF_ORDER = {
    "orderId": "orderId",
    "lastUpdatedTime": "lastUpdatedTime",
    **_MARKETPLACE,
}


class OrderItems(AmazonStream):
    """The items inside the orders: no further request."""

    name = "order_items"
    orders_api = NEW
    operation_id = Orders.operation_id
    selected_by_default = True
    roles = ORDER_ROLES
    primary_keys = ("orderId", "orderItemId")
    added_properties = ITEM_PROPERTIES
    read = Inside(
        Orders,
        "orderItems",
        {
            **_OF_ORDER,
            "createdTime": "createdTime",
            "fulfillmentStatus": "fulfillment.fulfillmentStatus",
        },
    )


class OrderPackages(AmazonStream):
    """The packages inside orders that merchants ship themselves: no further request."""

    name = "order_packages"
    orders_api = NEW
    operation_id = Orders.operation_id
    roles = ORDER_ROLES
    primary_keys = ("orderId", "packageReferenceId")
    read = Inside(Orders, "packages", _OF_ORDER)


class OrderDetails(_WithDatasets):
    """Single orders in the form of `orders`, by the order ids in `stream_ids`.

    Always from Orders 2026-01-01; `orders_api` has no effect.
    """

    name = "order_details"
    operation_id = "orders_2026-01-01.getOrder"
    roles = ORDER_ROLES
    primary_keys = ("orderId",)
    lifted = _MARKETPLACE
    missing_is_empty = True
    read = PerId("orderId")


class OrdersV0(AmazonStream):
    """Orders of the old API, without their items: these take one request per order."""

    name = "orders"
    orders_api = OLD
    schema_name = "orders_v0"
    operation_id = "ordersV0.getOrders"
    selected_by_default = True
    roles = ORDER_ROLES
    primary_keys = ("AmazonOrderId",)
    replication_key = "LastUpdateDate"
    # Times by the model: its text says ISO 8601, a time filter matches, or its sample is a time.
    date_times = (
        "PurchaseDate",
        "LastUpdateDate",
        "EarliestShipDate",
        "LatestShipDate",
        "EarliestDeliveryDate",
        "LatestDeliveryDate",
        "PromiseResponseDueDate",
    )
    read = Windows(
        "LastUpdatedAfter", retention=_KEPT_FOR, kept_since=_KEPT_SINCE, longest=_LONGEST
    )


_ID_V0 = {"orderId": "AmazonOrderId"}
_CHANGED_V0 = {"LastUpdateDate": "LastUpdateDate"}


class OrderItemsV0(AmazonStream):
    """The items of each order of the old API: one request per order and page.

    The dates of scheduled deliveries stay text: they are in the time zone of the destination, and
    may not name it.
    """

    name = "order_items"
    orders_api = OLD
    schema_name = "order_items_v0"
    operation_id = "ordersV0.getOrderItems"
    selected_by_default = True
    roles = ORDER_ROLES
    primary_keys = ("AmazonOrderId", "OrderItemId")
    read = PerParent(
        OrdersV0,
        _ID_V0,
        {
            "AmazonOrderId": "AmazonOrderId",
            **_CHANGED_V0,
            "PurchaseDate": "PurchaseDate",
            "OrderStatus": "OrderStatus",
            "MarketplaceId": "MarketplaceId",
        },
    )


class _OfOrderV0(AmazonStream):
    """Records that take one request per order of the old API; Amazon may have removed the order."""

    orders_api = OLD
    roles = ORDER_ROLES
    primary_keys: Sequence[str] = ("AmazonOrderId",)
    missing_is_empty = True
    read = PerParent(OrdersV0, _ID_V0, _CHANGED_V0)


class OrderBuyerInfo(_OfOrderV0):
    """The buyer of each order of the old API: one request per order.

    Always needs `restricted_data`.
    """

    name = "order_buyer_info"
    schema_name = "order_buyer_info_v0"
    operation_id = "ordersV0.getOrderBuyerInfo"


class OrderAddress(_OfOrderV0):
    """The shipping address of each order of the old API: one request per order.

    Always needs `restricted_data`.
    """

    name = "order_address"
    schema_name = "order_address_v0"
    operation_id = "ordersV0.getOrderAddress"


class OrderItemsBuyerInfo(_OfOrderV0):
    """Gifts and customizations of the items of each order of the old API: one request per order.

    Always needs `restricted_data`.
    """

    name = "order_items_buyer_info"
    schema_name = "order_items_buyer_info_v0"
    operation_id = "ordersV0.getOrderItemsBuyerInfo"
    primary_keys = ("AmazonOrderId", "OrderItemId")
    read = PerParent(OrdersV0, _ID_V0, {"AmazonOrderId": "AmazonOrderId", **_CHANGED_V0})


class OrderRegulatedInfo(AmazonStream):
    """Regulated information of orders, such as prescriptions: one request per order.

    With `orders_api: v0`, only orders with regulated items take a request. Always needs
    `restricted_data`.
    """

    name = "order_regulated_info"
    orders_api = NEW
    operation_id = "ordersV0.getOrderRegulatedInfo"
    roles = ORDER_ROLES
    primary_keys = ("AmazonOrderId",)
    missing_is_empty = True
    read = PerParent(Orders, {"orderId": "orderId"})


class OrderRegulatedInfoV0(OrderRegulatedInfo):
    """Regulated information of orders, such as prescriptions: one request per order."""

    orders_api = OLD
    # Only the old API says which orders have regulated items.
    read = PerParent(
        OrdersV0, _ID_V0, where=lambda order: order.get("HasRegulatedItems") is not False
    )


PER_ORDER = PerParent(
    Orders,
    {"amazonOrderId": "orderId", "marketplaceIds": "salesChannel.marketplaceId"},
    {"amazonOrderId": "orderId", "marketplaceId": "salesChannel.marketplaceId"},
)
PER_ORDER_V0 = PerParent(
    OrdersV0,
    {"amazonOrderId": "AmazonOrderId", "marketplaceIds": "MarketplaceId"},
    {"amazonOrderId": "AmazonOrderId", "marketplaceId": "MarketplaceId"},
)


class OrderAttributes(AmazonStream):
    """The preferred language of the buyer of each order: one request per order."""

    name = "order_attributes"
    orders_api = NEW
    operation_id = "messaging.GetAttributes"
    roles = ("Buyer Communication",)
    primary_keys = ("amazonOrderId",)
    missing_is_empty = True
    read = PER_ORDER


class OrderAttributesV0(OrderAttributes):
    """The preferred language of the buyer of each order: one request per order."""

    orders_api = OLD
    read = PER_ORDER_V0


class _Actions(AmazonStream):
    """Actions that a seller may take for an order.

    Amazon may send the actions themselves, or only links to them.
    """

    orders_api = NEW
    primary_keys = ("amazonOrderId", "name")
    lifted = {"name": "payload.name"}
    missing_is_empty = True
    read = PER_ORDER

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Use the name in the links where the action itself has none."""
        record["name"] = record["name"] or name_of(record) or ""
        return record


class MessagingActions(_Actions):
    """The kinds of messages that the seller may send to the buyer: one request per order."""

    name = "messaging_actions"
    operation_id = "messaging.getMessagingActionsForOrder"
    roles = ("Buyer Communication",)


class MessagingActionsV0(_Actions):
    """The kinds of messages that the seller may send to the buyer: one request per order."""

    name = MessagingActions.name
    operation_id = MessagingActions.operation_id
    roles = MessagingActions.roles
    orders_api = OLD
    read = PER_ORDER_V0


class SolicitationActions(_Actions):
    """Whether the seller may ask the buyer of each order for a review: one request per order."""

    name = "solicitation_actions"
    operation_id = "solicitations.getSolicitationActionsForOrder"
    roles = ("Buyer Solicitation", "Product Listing")


class SolicitationActionsV0(_Actions):
    """Whether the seller may ask the buyer of each order for a review: one request per order."""

    name = SolicitationActions.name
    operation_id = SolicitationActions.operation_id
    roles = SolicitationActions.roles
    orders_api = OLD
    read = PER_ORDER_V0


class EasyShipPackages(AmazonStream):
    """The scheduled package of each Easy Ship order: one request per Easy Ship order."""

    name = "easy_ship_packages"
    orders_api = NEW
    operation_id = "easyShip_2022-03-23.getScheduledPackage"
    roles = ("Direct-to-Consumer Delivery (Restricted)", "Inventory and Order Tracking")
    primary_keys = ("amazonOrderId", "packageId")
    optional_keys = ("packageId",)
    lifted = {
        "amazonOrderId": "scheduledPackageId.amazonOrderId",
        "packageId": "scheduledPackageId.packageId",
    }
    # The package of an order may not be scheduled yet.
    missing_is_empty = True
    read = PerParent(
        Orders,
        {"amazonOrderId": "orderId", "marketplaceId": "salesChannel.marketplaceId"},
        where=lambda order: "AMAZON_EASY_SHIP" in (order.get("programs") or ()),
    )


class EasyShipPackagesV0(EasyShipPackages):
    """The scheduled package of each Easy Ship order: one request per Easy Ship order."""

    orders_api = OLD
    read = PerParent(
        OrdersV0,
        {"amazonOrderId": "AmazonOrderId", "marketplaceId": "MarketplaceId"},
        where=lambda order: bool(order.get("EasyShipShipmentStatus")),
    )
