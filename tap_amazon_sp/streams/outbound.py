"""Multi-Channel Fulfillment: Amazon ships a seller's stock for orders from other channels.

Facts: Amazon's models `fulfillmentOutbound_2026-07-04` and `fulfillmentOutbound_2020-07-01` (both
filter orders by the latest change of their status, from a given time up to now).
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

ROLES = ("Amazon Fulfillment",)

_API = "fulfillmentOutbound_2020-07-01"


# The filters see only the status of an order; returns and tracking events change after it.
_CHANGES_FOR = dt.timedelta(days=60)


class McfOrders(AmazonStream):
    """Multi-Channel Fulfillment orders with their items, shipments and packages.

    Every run reads the orders of the last 60 days again, because packages change without the order.
    """

    name = "mcf_orders"
    operation_id = "fulfillmentOutbound_2026-07-04.listOrders"
    roles = ROLES
    primary_keys = ("orderId",)
    replication_key = "statusUpdateTime"
    read = Windows("updatedAfter", late_by=_CHANGES_FOR)


class McfOrderItems(AmazonStream):
    """The items inside the Multi-Channel Fulfillment orders: no further request."""

    name = "mcf_order_items"
    operation_id = McfOrders.operation_id
    roles = ROLES
    primary_keys = ("orderId", "lineItemId")
    read = Inside(
        McfOrders,
        "lineItems",
        {
            "orderId": "orderId",
            "statusUpdateTime": "statusUpdateTime",
            "receiveTime": "receiveTime",
            "status": "status",
        },
    )


class McfShipments(AmazonStream):
    """The shipments inside the Multi-Channel Fulfillment orders: no further request."""

    name = "mcf_shipments"
    operation_id = McfOrders.operation_id
    roles = ROLES
    primary_keys = ("orderId", "amazonShipmentId")
    read = Inside(
        McfOrders, "shipments", {"orderId": "orderId", "statusUpdateTime": "statusUpdateTime"}
    )


class FulfillmentOrders(AmazonStream):
    """Multi-Channel Fulfillment orders of the old API, without items and shipments.

    Every run reads the orders of the last 60 days again, because returns and tracking events come
    after an order is complete.
    """

    name = "fulfillment_orders"
    operation_id = f"{_API}.listAllFulfillmentOrders"
    roles = ROLES
    primary_keys = ("sellerFulfillmentOrderId",)
    replication_key = "statusUpdatedDate"
    read = Windows("queryStartDate", late_by=_CHANGES_FOR)


class FulfillmentOrderDetails(AmazonStream):
    """Fulfillment orders with items, shipments, returns and payments: one request per order."""

    name = "fulfillment_order_details"
    operation_id = f"{_API}.getFulfillmentOrder"
    roles = ROLES
    primary_keys = ("sellerFulfillmentOrderId",)
    missing_is_empty = True
    read = PerParent(
        FulfillmentOrders,
        {"sellerFulfillmentOrderId": "sellerFulfillmentOrderId"},
        {
            "sellerFulfillmentOrderId": "sellerFulfillmentOrderId",
            "statusUpdatedDate": "statusUpdatedDate",
        },
    )


_OF_ORDER = {
    "sellerFulfillmentOrderId": "sellerFulfillmentOrderId",
    "statusUpdatedDate": "statusUpdatedDate",
}


class _PartOfDetails(AmazonStream):
    """Records inside the details of fulfillment orders."""

    operation_id = FulfillmentOrderDetails.operation_id
    roles = ROLES


class FulfillmentOrderItems(_PartOfDetails):
    """The items inside the details of fulfillment orders."""

    name = "fulfillment_order_items"
    primary_keys = ("sellerFulfillmentOrderId", "sellerFulfillmentOrderItemId")
    read = Inside(
        FulfillmentOrderDetails,
        "fulfillmentOrderItems",
        {
            **_OF_ORDER,
            "receivedDate": "fulfillmentOrder.receivedDate",
            "fulfillmentOrderStatus": "fulfillmentOrder.fulfillmentOrderStatus",
            "marketplaceId": "fulfillmentOrder.marketplaceId",
        },
    )


class FulfillmentShipments(_PartOfDetails):
    """The shipments inside the details of fulfillment orders."""

    name = "fulfillment_shipments"
    primary_keys = ("sellerFulfillmentOrderId", "amazonShipmentId")
    read = Inside(FulfillmentOrderDetails, "fulfillmentShipments", _OF_ORDER)


class FulfillmentReturnItems(_PartOfDetails):
    """The items that Amazon accepted for return, inside the details of fulfillment orders."""

    name = "fulfillment_return_items"
    primary_keys = ("sellerFulfillmentOrderId", "sellerReturnItemId")
    read = Inside(FulfillmentOrderDetails, "returnItems", _OF_ORDER)


class FulfillmentPackageTracking(AmazonStream):
    """Where each package is, with all its tracking events: one request per package."""

    name = "fulfillment_package_tracking"
    operation_id = f"{_API}.getPackageTrackingDetails"
    roles = ROLES
    primary_keys = ("packageNumber",)
    missing_is_empty = True
    read = PerParent(
        FulfillmentShipments,
        {"packageNumber": "fulfillmentShipmentPackage.packageNumber"},
        {
            "sellerFulfillmentOrderId": "sellerFulfillmentOrderId",
            "amazonShipmentId": "amazonShipmentId",
        },
        distinct=True,
    )


class McfFeatures(AmazonStream):
    """Features of Multi-Channel Fulfillment in each marketplace, and the seller's eligibility."""

    name = "mcf_features"
    operation_id = f"{_API}.getFeatures"
    roles = ROLES
    primary_keys = ("marketplaceId", "featureName")
    from_request = {"marketplaceId": "marketplaceId"}
    read = Snapshot()


class McfFeatureInventory(AmazonStream):
    """The SKUs that can use each feature: one request per feature and marketplace."""

    name = "mcf_feature_inventory"
    operation_id = f"{_API}.getFeatureInventory"
    roles = ROLES
    primary_keys = ("marketplaceId", "featureName", "sellerSku", "fnSku")
    optional_keys = ("fnSku",)
    missing_is_empty = True
    read = PerParent(
        McfFeatures,
        {"marketplaceId": "marketplaceId", "featureName": "featureName"},
        {"marketplaceId": "marketplaceId", "featureName": "featureName"},
    )
