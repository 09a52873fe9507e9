"""What Amazon sends out of a seller's stock for orders from elsewhere (Multi-Channel Fulfillment).

Facts: Amazon's models `fulfillmentOutbound_2026-07-04` and `fulfillmentOutbound_2020-07-01`: both
filter orders by the latest change of their status, from a time on, up to now.
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.reading.children import CalledChildStream, EmbeddedStream
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.windows import WindowedStream

ROLES = ("Amazon Fulfillment",)

_API = "fulfillmentOutbound_2020-07-01"


# Returns and what carriers tell come later than the last change of an order's status, which is all
# that the filters see.
_TELLS_MORE_FOR = dt.timedelta(days=60)


class McfOrders(WindowedStream):
    """Multi-Channel Fulfillment orders with their items, shipments and packages.

    Those of the last 60 days are read again, as packages change without the order.
    """

    name = "mcf_orders"
    operation_id = "fulfillmentOutbound_2026-07-04.listOrders"
    roles = ROLES
    primary_keys = ("orderId",)
    replication_key = "statusUpdateTime"
    updated_after = "updatedAfter"
    late_by = _TELLS_MORE_FOR


class McfOrderItems(EmbeddedStream):
    """The items inside the Multi-Channel Fulfillment orders: no further call."""

    name = "mcf_order_items"
    operation_id = McfOrders.operation_id
    roles = ROLES
    parent_stream_type = McfOrders
    list_in_parent = "lineItems"
    primary_keys = ("orderId", "lineItemId")
    from_parent = {"orderId": "orderId", "statusUpdateTime": "statusUpdateTime"}


class McfShipments(EmbeddedStream):
    """The shipments inside the Multi-Channel Fulfillment orders: no further call."""

    name = "mcf_shipments"
    operation_id = McfOrders.operation_id
    roles = ROLES
    parent_stream_type = McfOrders
    list_in_parent = "shipments"
    primary_keys = ("orderId", "amazonShipmentId")
    from_parent = {"orderId": "orderId", "statusUpdateTime": "statusUpdateTime"}


class FulfillmentOrders(WindowedStream):
    """Multi-Channel Fulfillment orders of the old API, without items and shipments.

    Those of the last 60 days are read again, as returns and tracking come after the order's end.
    """

    name = "fulfillment_orders"
    operation_id = f"{_API}.listAllFulfillmentOrders"
    roles = ROLES
    primary_keys = ("sellerFulfillmentOrderId",)
    replication_key = "statusUpdatedDate"
    updated_after = "queryStartDate"
    late_by = _TELLS_MORE_FOR


class FulfillmentOrderDetails(CalledChildStream):
    """Fulfillment orders with items, shipments, returns and payments: a call per order."""

    name = "fulfillment_order_details"
    operation_id = f"{_API}.getFulfillmentOrder"
    roles = ROLES
    parent_stream_type = FulfillmentOrders
    primary_keys = ("sellerFulfillmentOrderId",)
    missing_is_empty = True
    parameters_from_parent = {"sellerFulfillmentOrderId": "sellerFulfillmentOrderId"}
    from_parent = {
        "sellerFulfillmentOrderId": "sellerFulfillmentOrderId",
        "statusUpdatedDate": "statusUpdatedDate",
    }


class _PartOfDetails(EmbeddedStream):
    operation_id = FulfillmentOrderDetails.operation_id
    roles = ROLES
    parent_stream_type = FulfillmentOrderDetails
    from_parent = {
        "sellerFulfillmentOrderId": "sellerFulfillmentOrderId",
        "statusUpdatedDate": "statusUpdatedDate",
    }


class FulfillmentOrderItems(_PartOfDetails):
    """The items inside the details of fulfillment orders."""

    name = "fulfillment_order_items"
    list_in_parent = "fulfillmentOrderItems"
    primary_keys = ("sellerFulfillmentOrderId", "sellerFulfillmentOrderItemId")


class FulfillmentShipments(_PartOfDetails):
    """The shipments inside the details of fulfillment orders."""

    name = "fulfillment_shipments"
    list_in_parent = "fulfillmentShipments"
    primary_keys = ("sellerFulfillmentOrderId", "amazonShipmentId")


class FulfillmentReturnItems(_PartOfDetails):
    """The items that Amazon accepted for return, inside the details of fulfillment orders."""

    name = "fulfillment_return_items"
    list_in_parent = "returnItems"
    primary_keys = ("sellerFulfillmentOrderId", "sellerReturnItemId")


class FulfillmentPackageTracking(CalledChildStream):
    """Where each package is, with all events on its way: a call per package."""

    name = "fulfillment_package_tracking"
    operation_id = f"{_API}.getPackageTrackingDetails"
    roles = ROLES
    parent_stream_type = FulfillmentShipments
    primary_keys = ("packageNumber",)
    missing_is_empty = True
    distinct_calls = True
    parameters_from_parent = {"packageNumber": "fulfillmentShipmentPackage.packageNumber"}
    from_parent = {
        "sellerFulfillmentOrderId": "sellerFulfillmentOrderId",
        "amazonShipmentId": "amazonShipmentId",
    }


class McfFeatures(SnapshotStream):
    """Features of Multi-Channel Fulfillment in each marketplace, and who may use them."""

    name = "mcf_features"
    operation_id = f"{_API}.getFeatures"
    roles = ROLES
    primary_keys = ("marketplaceId", "featureName")
    from_request = {"marketplaceId": "marketplaceId"}


class McfFeatureInventory(CalledChildStream):
    """The SKUs for which each feature can be used: a call per feature and marketplace."""

    name = "mcf_feature_inventory"
    operation_id = f"{_API}.getFeatureInventory"
    roles = ROLES
    parent_stream_type = McfFeatures
    primary_keys = ("marketplaceId", "featureName", "sellerSku", "fnSku")
    missing_is_empty = True
    parameters_from_parent = {"marketplaceId": "marketplaceId", "featureName": "featureName"}
    from_parent = {"marketplaceId": "marketplaceId", "featureName": "featureName"}


STREAMS = (
    McfOrders,
    McfOrderItems,
    McfShipments,
    FulfillmentOrders,
    FulfillmentOrderDetails,
    FulfillmentOrderItems,
    FulfillmentShipments,
    FulfillmentReturnItems,
    FulfillmentPackageTracking,
    McfFeatures,
    McfFeatureInventory,
)
