"""Orders that a vendor ships to Amazon's customers (direct fulfillment), and their documents.

Facts: Amazon's models `vendorDirectFulfillmentOrders_2021-12-28`,
`vendorDirectFulfillmentShipping_2021-12-28` (a window covers at most seven days) and
`vendorDirectFulfillmentTransactions_2021-12-28`.
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.reading.children import EmbeddedStream
from tap_amazon_sp.reading.items import KnownIdsStream
from tap_amazon_sp.reading.windows import WINDOW_END, WindowedStream

ROLES = ("Direct-to-Consumer Delivery (Restricted)",)

_ORDERS = "vendorDirectFulfillmentOrders_2021-12-28"
_SHIPPING = "vendorDirectFulfillmentShipping_2021-12-28"


class _CreatedStream(WindowedStream):
    roles = ROLES
    primary_keys = ("purchaseOrderNumber",)
    updated_after = "createdAfter"
    overlap = dt.timedelta(seconds=1)
    first_window = longest_window = dt.timedelta(days=7) - overlap


class VendorDfOrders(_CreatedStream):
    """Direct fulfillment orders with their items; needs `restricted_data`.

    They are found by creation, so those of the last 30 days are read again in every run.
    """

    name = "vendor_df_orders"
    operation_id = f"{_ORDERS}.getOrders"
    replication_key = "orderDate"
    parameters = {"includeDetails": "true"}
    lifted = {"orderDate": "orderDetails.orderDate"}
    late_by = dt.timedelta(days=30)


class VendorDfOrderItems(EmbeddedStream):
    """The items inside the direct fulfillment orders: no further call."""

    name = "vendor_df_order_items"
    operation_id = VendorDfOrders.operation_id
    roles = ROLES
    parent_stream_type = VendorDfOrders
    list_in_parent = "orderDetails.items"
    primary_keys = ("purchaseOrderNumber", "itemSequenceNumber")
    from_parent = {"purchaseOrderNumber": "purchaseOrderNumber", "orderDate": "orderDate"}


class VendorDfShippingLabels(_CreatedStream):
    """Shipping labels of direct fulfillment orders, with their images; needs `restricted_data`."""

    name = "vendor_df_shipping_labels"
    operation_id = f"{_SHIPPING}.getShippingLabels"
    replication_key = WINDOW_END


class VendorDfCustomerInvoices(_CreatedStream):
    """Invoices of direct fulfillment orders to customers as files; needs `restricted_data`."""

    name = "vendor_df_customer_invoices"
    operation_id = f"{_SHIPPING}.getCustomerInvoices"
    replication_key = WINDOW_END


class VendorDfPackingSlips(_CreatedStream):
    """Packing slips of direct fulfillment orders as files; needs `restricted_data`."""

    name = "vendor_df_packing_slips"
    operation_id = f"{_SHIPPING}.getPackingSlips"
    replication_key = WINDOW_END


class VendorDfTransactions(KnownIdsStream):
    """What became of direct fulfillment transactions, whose ids `stream_ids` has to name."""

    name = "vendor_df_transactions"
    operation_id = "vendorDirectFulfillmentTransactions_2021-12-28.getTransactionStatus"
    roles = ROLES
    primary_keys = ("transactionId",)
    id_parameter = "transactionId"
    missing_is_empty = True


STREAMS = (
    VendorDfOrders,
    VendorDfOrderItems,
    VendorDfShippingLabels,
    VendorDfCustomerInvoices,
    VendorDfPackingSlips,
    VendorDfTransactions,
)
