"""Orders that a vendor ships to Amazon's customers (direct fulfillment), and their documents.

Facts: Amazon's models `vendorDirectFulfillmentOrders_2021-12-28`,
`vendorDirectFulfillmentShipping_2021-12-28` (a window covers at most seven days) and
`vendorDirectFulfillmentTransactions_2021-12-28`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.reading.windows import Windows

ROLES = ("Direct-to-Consumer Delivery (Restricted)",)

_ORDERS = "vendorDirectFulfillmentOrders_2021-12-28"
_SHIPPING = "vendorDirectFulfillmentShipping_2021-12-28"


_OVERLAP = dt.timedelta(seconds=1)
_MAX_WINDOW = dt.timedelta(days=7) - _OVERLAP
BY_CREATION = Windows("createdAfter", overlap=_OVERLAP, first=_MAX_WINDOW, longest=_MAX_WINDOW)


class _DocumentStream(AmazonStream):
    """Documents of the orders, as files; records have no time of creation."""

    roles = ROLES
    primary_keys = ("purchaseOrderNumber",)
    replication_key = WINDOW_END
    read = BY_CREATION


class VendorDfOrders(AmazonStream):
    """Direct fulfillment orders with their items; needs `restricted_data`.

    Amazon filters them by creation only, so every run reads those of the last 30 days again.
    """

    name = "vendor_df_orders"
    operation_id = f"{_ORDERS}.getOrders"
    roles = ROLES
    primary_keys = ("purchaseOrderNumber",)
    replication_key = "orderDate"
    parameters = {"includeDetails": "true"}
    lifted = {"orderDate": "orderDetails.orderDate"}
    # The filter is about the time when an order became available, not about that of the order.
    read = dataclasses.replace(BY_CREATION, late_by=dt.timedelta(days=30), key_is_filtered=False)


class VendorDfOrderItems(AmazonStream):
    """The items inside the direct fulfillment orders: no further request."""

    name = "vendor_df_order_items"
    operation_id = VendorDfOrders.operation_id
    roles = ROLES
    primary_keys = ("purchaseOrderNumber", "itemSequenceNumber")
    read = Inside(
        VendorDfOrders,
        "orderDetails.items",
        {
            "purchaseOrderNumber": "purchaseOrderNumber",
            "orderDate": "orderDate",
            "orderStatus": "orderDetails.orderStatus",
        },
    )


class VendorDfShippingLabels(_DocumentStream):
    """Shipping labels of direct fulfillment orders, with their images; needs `restricted_data`."""

    name = "vendor_df_shipping_labels"
    operation_id = f"{_SHIPPING}.getShippingLabels"


class VendorDfCustomerInvoices(_DocumentStream):
    """Customer invoices of direct fulfillment orders, as files; needs `restricted_data`."""

    name = "vendor_df_customer_invoices"
    operation_id = f"{_SHIPPING}.getCustomerInvoices"


class VendorDfPackingSlips(_DocumentStream):
    """Packing slips of direct fulfillment orders, as files; needs `restricted_data`."""

    name = "vendor_df_packing_slips"
    operation_id = f"{_SHIPPING}.getPackingSlips"


class VendorDfTransactions(AmazonStream):
    """The status of direct fulfillment transactions, by the ids in `stream_ids`."""

    name = "vendor_df_transactions"
    operation_id = "vendorDirectFulfillmentTransactions_2021-12-28.getTransactionStatus"
    roles = ROLES
    primary_keys = ("transactionId",)
    missing_is_empty = True
    read = PerId("transactionId")
