"""Streams of the vendor side (retail procurement).

Facts: Amazon's models `vendorOrders` (a window covers at most seven days), `vendorShipments` and
`vendorTransactionStatus`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tap_amazon_sp.common.timestamps import to_utc
from tap_amazon_sp.reading.children import EmbeddedStream
from tap_amazon_sp.reading.declared_schemas import TEXT, TIME
from tap_amazon_sp.reading.items import KnownIdsStream
from tap_amazon_sp.reading.windows import WindowedStream

ROLES = ("Inventory and Order Tracking", "Amazon Fulfillment")

_OVERLAP = dt.timedelta(seconds=1)
_LONGEST_WINDOW = dt.timedelta(days=7) - _OVERLAP


class PurchaseOrders(WindowedStream):
    """Purchase orders with their items.

    An order that never changed has no changed date and is found by its creation only, so each
    window is asked for by both. No filter sees a change of state alone: the bookmark waits for the
    oldest order that is not closed.
    """

    name = "purchase_orders"
    operation_id = "vendorOrders.getPurchaseOrders"
    roles = ROLES
    primary_keys = ("purchaseOrderNumber",)
    replication_key = "purchaseOrderChangedDate"
    # An order that was never changed has the date of its creation in both.
    added_properties = {"purchaseOrderDate": TIME, "purchaseOrderChangedDate": TIME}
    updated_after = "createdAfter"
    also_updated_after = ("changedAfter",)
    retention = dt.timedelta(days=180)
    unfinished = {"purchaseOrderState": frozenset({"New", "Acknowledged"})}
    unfinished_since = "purchaseOrderDate"
    overlap = _OVERLAP
    first_window = longest_window = _LONGEST_WINDOW

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


class PurchaseOrderItems(EmbeddedStream):
    """The items inside the purchase orders: no further call."""

    name = "purchase_order_items"
    operation_id = PurchaseOrders.operation_id
    roles = ROLES
    parent_stream_type = PurchaseOrders
    list_in_parent = "orderDetails.items"
    primary_keys = ("purchaseOrderNumber", "itemSequenceNumber")
    from_parent = {
        "purchaseOrderNumber": "purchaseOrderNumber",
        "purchaseOrderChangedDate": "purchaseOrderChangedDate",
    }


class PurchaseOrdersStatus(WindowedStream):
    """How much of each purchase order was acknowledged and received, item by item.

    An order without an update is found by its creation only, so each window is asked for by both.
    """

    name = "purchase_orders_status"
    operation_id = "vendorOrders.getPurchaseOrdersStatus"
    roles = ROLES
    primary_keys = ("purchaseOrderNumber",)
    replication_key = "lastUpdatedDate"
    updated_after = "updatedAfter"
    also_updated_after = ("createdAfter",)
    overlap = _OVERLAP
    first_window = longest_window = _LONGEST_WINDOW


class VendorShipments(WindowedStream):
    """Shipments of a vendor to Amazon with their containers, items and carriers.

    Amazon has no filter by change: each window is asked for by creation, label, confirmation,
    shipping and delivery. What changes between these shows when the next of them comes. Vendors may
    use an identifier again after a year: `shipmentCreateDate` tells such shipments apart.
    """

    name = "vendor_shipments"
    operation_id = "vendorShipments.GetShipmentDetails"
    roles = ROLES
    primary_keys = ("vendorShipmentIdentifier", "transactionType")
    replication_key = "currentshipmentStatusDate"
    updated_after = "createdAfter"
    also_updated_after = (
        "packageLabelCreatedAfter",
        "shipmentConfirmedAfter",
        "shippedAfter",
        "shipmentDeliveryAfter",
    )
    overlap = _OVERLAP


class VendorTransportLabels(WindowedStream):
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
    # As text, because a key cannot be a time that may be missing.
    added_properties = {"labelCreated": TEXT}
    replication_key = "labelCreateDateTime"
    updated_after = "labelCreatedAfter"
    overlap = _OVERLAP
    lifted = {
        "vendorShipmentIdentifier": "shipmentInformation.vendorDetails.vendorShipmentIdentifier",
        "buyerReferenceNumber": "shipmentInformation.buyerReferenceNumber",
        "masterTrackingId": "shipmentInformation.masterTrackingId",
    }

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the time of the label to the key."""
        record["labelCreated"] = to_utc(record.get("labelCreateDateTime") or "")
        return record


class VendorTransactions(KnownIdsStream):
    """What became of a vendor's transactions, whose ids `stream_ids` has to name."""

    name = "vendor_transactions"
    operation_id = "vendorTransactionStatus.getTransaction"
    roles = ROLES
    primary_keys = ("transactionId",)
    id_parameter = "transactionId"
    missing_is_empty = True


STREAMS = (
    PurchaseOrders,
    PurchaseOrderItems,
    PurchaseOrdersStatus,
    VendorShipments,
    VendorTransportLabels,
    VendorTransactions,
)
