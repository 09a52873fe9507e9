"""Streams of the vendor side (retail procurement).

Facts: Amazon's models `vendorOrders` (a window covers at most seven days), `vendorShipments` and
`vendorTransactionStatus`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tap_amazon_sp.common.timestamps import to_utc
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.singer.schemas import TEXT, TIME

ROLES = ("Inventory and Order Tracking", "Amazon Fulfillment")

_OVERLAP = dt.timedelta(seconds=1)
_MAX_WINDOW = dt.timedelta(days=7) - _OVERLAP


class PurchaseOrders(AmazonStream):
    """Purchase orders with their items.

    Only the filter by creation finds an order that never changed, because it has no changed date.
    So each window takes requests with both filters. No filter selects a mere change of state, so
    the bookmark does not move past the oldest order that is not closed.
    """

    name = "purchase_orders"
    operation_id = "vendorOrders.getPurchaseOrders"
    roles = ROLES
    primary_keys = ("purchaseOrderNumber",)
    replication_key = "purchaseOrderChangedDate"
    # Both are the date of creation if an order never changed.
    added_properties = {"purchaseOrderDate": TIME, "purchaseOrderChangedDate": TIME}
    read = Windows(
        "createdAfter",
        also_updated_after=("changedAfter",),
        retention=dt.timedelta(days=180),
        overlap=_OVERLAP,
        first=_MAX_WINDOW,
        longest=_MAX_WINDOW,
        unfinished={"purchaseOrderState": frozenset({"New", "Acknowledged"})},
        unfinished_since="purchaseOrderDate",
    )

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the dates of creation and change; the latest date is the change."""
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


class PurchaseOrderItems(AmazonStream):
    """The items inside the purchase orders: no further request."""

    name = "purchase_order_items"
    operation_id = PurchaseOrders.operation_id
    roles = ROLES
    primary_keys = ("purchaseOrderNumber", "itemSequenceNumber")
    read = Inside(
        PurchaseOrders,
        "orderDetails.items",
        {
            "purchaseOrderNumber": "purchaseOrderNumber",
            "purchaseOrderChangedDate": "purchaseOrderChangedDate",
            "purchaseOrderDate": "purchaseOrderDate",
            "purchaseOrderState": "purchaseOrderState",
        },
    )


class PurchaseOrdersStatus(AmazonStream):
    """Acknowledged and received quantities of each purchase order, item by item.

    Only the filter by creation finds an order that was never updated, so each window takes requests
    with both filters.
    """

    name = "purchase_orders_status"
    operation_id = "vendorOrders.getPurchaseOrdersStatus"
    roles = ROLES
    primary_keys = ("purchaseOrderNumber",)
    replication_key = "lastUpdatedDate"
    read = Windows(
        "updatedAfter",
        also_updated_after=("createdAfter",),
        overlap=_OVERLAP,
        first=_MAX_WINDOW,
        longest=_MAX_WINDOW,
    )


class VendorShipments(AmazonStream):
    """Shipments of a vendor to Amazon with their containers, items and carriers.

    Amazon has no filter by change: each window takes requests by the times of creation, label,
    confirmation, shipping and delivery. Other changes appear with the next of these events. Vendors
    may use an identifier again after a year; such shipments differ in `shipmentCreateDate`.
    """

    name = "vendor_shipments"
    operation_id = "vendorShipments.GetShipmentDetails"
    roles = ROLES
    primary_keys = ("vendorShipmentIdentifier", "transactionType")
    replication_key = "currentshipmentStatusDate"
    read = Windows(
        "createdAfter",
        also_updated_after=(
            "packageLabelCreatedAfter",
            "shipmentConfirmedAfter",
            "shippedAfter",
            "shipmentDeliveryAfter",
        ),
        overlap=_OVERLAP,
        # None of these times is that of the current status.
        key_is_filtered=False,
    )


class VendorTransportLabels(AmazonStream):
    """Labels of a vendor's small parcel shipments, with their images."""

    name = "vendor_transport_labels"
    operation_id = "vendorShipments.GetShipmentLabels"
    roles = ROLES
    primary_keys = (
        "vendorShipmentIdentifier",
        "buyerReferenceNumber",
        "masterTrackingId",
        "labelCreated",
    )
    optional_keys = primary_keys
    # Text, because a key cannot be a time that may be missing.
    added_properties = {"labelCreated": TEXT}
    replication_key = "labelCreateDateTime"
    lifted = {
        "vendorShipmentIdentifier": "shipmentInformation.vendorDetails.vendorShipmentIdentifier",
        "buyerReferenceNumber": "shipmentInformation.buyerReferenceNumber",
        "masterTrackingId": "shipmentInformation.masterTrackingId",
    }
    read = Windows("labelCreatedAfter", overlap=_OVERLAP)

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the time of the label to the key."""
        record["labelCreated"] = to_utc(record.get("labelCreateDateTime") or "")
        return record


class VendorTransactions(AmazonStream):
    """The status of a vendor's transactions, by the ids in `stream_ids`."""

    name = "vendor_transactions"
    operation_id = "vendorTransactionStatus.getTransaction"
    roles = ROLES
    primary_keys = ("transactionId",)
    missing_is_empty = True
    read = PerId("transactionId")
