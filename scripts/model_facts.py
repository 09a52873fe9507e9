"""Facts about the SP-API that Amazon's models say only in prose, or not at all.

Each is declared with its source: "model" is the text of Amazon's own model file of that API,
"documentation" a page below developer-docs.amazon.com/sp-api/docs/. Operations are named
`<api>.<operationId>`, as in the catalogue. `build_models.py` fails when one of them is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# --- Names -------------------------------------------------------------------------------------

RENAMED: dict[tuple[str, str, str], str] = {
    # (method, path, operationId) -> name in the catalogue. Model: PUT and POST of one path have the
    # same operationId. Amazon's SDK tells them apart in the same way.
    (
        "post",
        "/shipping/v2/carrierAccounts/{carrierId}",
        "linkCarrierAccount",
    ): "linkCarrierAccount_0",
}

# --- Usage plans -------------------------------------------------------------------------------

DOCUMENTED_RATES: dict[str, tuple[float, float]] = {
    # Requests per second and burst, where the model has no usage plan.
    # Documentation: external-fulfillment-apis-rate-limits.
    "externalFulfillmentInventory_2024-09-11.batchInventory": (50, 100),
    "externalFulfillmentReturns_2024-09-11.getReturn": (10, 20),
    "externalFulfillmentReturns_2024-09-11.listReturns": (10, 20),
}

# --- Pages -------------------------------------------------------------------------------------

PAGING_RULES: dict[str, str] = {
    # How the next page is asked for; every other token goes along with the same arguments.
    # Model: the token must be the only parameter, any other makes the request fail.
    "feeds_2021-06-30.getFeeds": "token_alone",
    "reports_2021-06-30.getReports": "token_alone",
    # Model: QueryType has the value NEXT_TOKEN for this.
    "fulfillmentInboundV0.getShipmentItems": "query_type_next_token",
    "fulfillmentInboundV0.getShipments": "query_type_next_token",
}

PAGING_WITHOUT_TOKEN: dict[str, dict[str, Any]] = {
    # Operations whose pages are counted: the answer holds no token.
    # Model: the labels' page index and page size; non-partnered LTL shipments only.
    "fulfillmentInboundV0.getLabels": {
        "token_parameter": "PageStartIndex",
        "token_in": "query",
        "rule": "page_number",
        "size_parameter": "PageSize",
        "max_size": 1000,
    },
    # Model: offset (from 0 up to 9,000) and limit in the body, totalResults in the answer.
    "replenishment-2022-11-07.listOfferMetrics": {
        "token_parameter": "pagination.offset",
        "token_in": "body",
        "rule": "offset",
        "size_parameter": "pagination.limit",
        "max_size": 500,
    },
    "replenishment-2022-11-07.listOffers": {
        "token_parameter": "pagination.offset",
        "token_in": "body",
        "rule": "offset",
        "size_parameter": "pagination.limit",
        "max_size": 100,
    },
}

MAX_PAGE_SIZES: dict[str, int] = {
    # Model: in the description of the size parameter only.
    "InvoicesApiModel_2024-06-19.getInvoices": 200,
    "InvoicesApiModel_2024-06-19.getInvoicesExports": 100,
    "ordersV0.getOrders": 100,
    "orders_2026-01-01.searchOrders": 100,
}

TOKEN_LIFETIMES: dict[str, int] = {
    # Seconds. Model: both operations' answers.
    "fbaInventory.getInventorySummaries": 30,
    "orders_2026-01-01.searchOrders": 86400,
}

# --- Where the records are ---------------------------------------------------------------------

RESULTS: dict[str, str] = {
    # Paths of lists that do not follow from the shape of the answer (model: the answers' schemas).
    # An answer with several lists of its own records, or with facts about what it lists, is one
    # record: of listFinancialEvents a single path would give one of 34 kinds of events.
    "definitionsProductTypes_2020-09-01.searchDefinitionsProductTypes": "productTypes",
    "externalFulfillmentShipments_2024-09-11.retrieveShippingOptions": "shippingOptions",
    "fulfillmentInbound_2024-03-20.getSelfShipAppointmentSlots": (
        "selfShipAppointmentSlotsAvailability.slots"
    ),
    "messaging.getMessagingActionsForOrder": "_embedded.actions",
    "services.getAppointmentSlots": "payload.appointmentSlots",
    "services.getAppointmmentSlotsByJobId": "payload.appointmentSlots",
    "solicitations.getSolicitationActionsForOrder": "_embedded.actions",
}

# --- Time filters ------------------------------------------------------------------------------

TIME_FILTERS: dict[str, list[tuple[str | None, str | None]]] = {
    # (after, before) where the names of the parameters do not say that they belong together.
    "InvoicesApiModel_2024-06-19.getInvoices": [("dateStart", "dateEnd")],
    "InvoicesApiModel_2024-06-19.getInvoicesExports": [("dateStart", "dateEnd")],
    "fbaInventory.getInventorySummaries": [("startDateTime", None)],
    "financesInvoices_2026-06-25.getInvoiceHeaders": [
        ("fromIssueDate", "toIssueDate"),
        ("invoicesModifiedAfter", None),
    ],
    "finances_2024-06-19.listSummary": [("periodStart", "periodEnd")],
    "fulfillmentOutbound_2020-07-01.getFeatureInventory": [("queryStartDate", None)],
    "fulfillmentOutbound_2020-07-01.listAllFulfillmentOrders": [("queryStartDate", None)],
    "services.getAppointmentSlots": [("startTime", "endTime")],
    "services.getAppointmmentSlotsByJobId": [("startTime", "endTime")],
    "services.getServiceJobs": [
        ("createdAfter", "createdBefore"),
        ("lastUpdatedAfter", "lastUpdatedBefore"),
        ("scheduleStartDate", "scheduleEndDate"),
    ],
}

TIME_FORMATS: dict[str, str] = {
    # Model: these operations' time parameters have no `format`, their descriptions say ISO 8601
    # date and time.
    "ordersV0.getOrders": "date-time",
    "services.getAppointmentSlots": "date-time",
    "services.getAppointmmentSlotsByJobId": "date-time",
    "services.getServiceJobs": "date-time",
    "vehicles_2024-11-01.getVehicles": "date-time",
}

# --- Authorization -----------------------------------------------------------------------------

_ORDER_ELEMENTS = ("buyerInfo", "shippingAddress", "buyerTaxInformation")

RESTRICTED: dict[str, tuple[str, ...]] = {
    # Operations that need a restricted data token, with the data elements to ask for. Only the
    # first three take any (model of the Tokens API). Documentation: tokens-api-use-case-guide.
    # reports_2021-06-30.getReportDocument is left out: only documents of restricted report types
    # need such a token, and each needs one of its own.
    "ordersV0.getOrders": _ORDER_ELEMENTS,
    "ordersV0.getOrder": _ORDER_ELEMENTS,
    "ordersV0.getOrderItems": ("buyerInfo",),
    "ordersV0.getOrderAddress": (),
    "ordersV0.getOrderBuyerInfo": (),
    "ordersV0.getOrderItemsBuyerInfo": (),
    "ordersV0.getOrderRegulatedInfo": (),
    "easyShip_2022-03-23.createScheduledPackageBulk": (),
    "merchantFulfillmentV0.cancelShipment": (),
    "merchantFulfillmentV0.createShipment": (),
    "merchantFulfillmentV0.getShipment": (),
    "shipmentInvoicingV0.getShipmentDetails": (),
    "shipping.getShipment": (),
    "vendorDirectFulfillmentOrdersV1.getOrder": (),
    "vendorDirectFulfillmentOrdersV1.getOrders": (),
    "vendorDirectFulfillmentOrders_2021-12-28.getOrder": (),
    "vendorDirectFulfillmentOrders_2021-12-28.getOrders": (),
    "vendorDirectFulfillmentShippingV1.getCustomerInvoice": (),
    "vendorDirectFulfillmentShippingV1.getCustomerInvoices": (),
    "vendorDirectFulfillmentShippingV1.getPackingSlip": (),
    "vendorDirectFulfillmentShippingV1.getPackingSlips": (),
    "vendorDirectFulfillmentShippingV1.getShippingLabel": (),
    "vendorDirectFulfillmentShippingV1.getShippingLabels": (),
    "vendorDirectFulfillmentShipping_2021-12-28.createShippingLabels": (),
    "vendorDirectFulfillmentShipping_2021-12-28.getCustomerInvoice": (),
    "vendorDirectFulfillmentShipping_2021-12-28.getCustomerInvoices": (),
    "vendorDirectFulfillmentShipping_2021-12-28.getPackingSlip": (),
    "vendorDirectFulfillmentShipping_2021-12-28.getPackingSlips": (),
    "vendorDirectFulfillmentShipping_2021-12-28.getShippingLabel": (),
    "vendorDirectFulfillmentShipping_2021-12-28.getShippingLabels": (),
}

_NOTIFICATIONS = "sellingpartnerapi::notifications"

GRANTLESS: dict[str, str] = {
    # The scope of the access token. Model: the descriptions say "grantless"; documentation:
    # grantless-operations has the scopes.
    "application_2023-11-30.rotateApplicationClientSecret": (
        "sellingpartnerapi::client_credential:rotation"
    ),
    "notifications.createDestination": _NOTIFICATIONS,
    "notifications.deleteDestination": _NOTIFICATIONS,
    "notifications.deleteSubscriptionById": _NOTIFICATIONS,
    "notifications.getDestination": _NOTIFICATIONS,
    "notifications.getDestinations": _NOTIFICATIONS,
    "notifications.getSubscriptionById": _NOTIFICATIONS,
    "notifications.sendTestNotification": _NOTIFICATIONS,
}

# --- Schemas of the built-in streams -----------------------------------------------------------


@dataclass(frozen=True)
class StreamSchema:
    """What the schema of a built-in stream is made of.

    Attributes:
        operation: Whose record it is.
        list_in_record: Property of that record whose items are the stream's records instead.
        added: Properties that the tap adds, which come first.
        date_times: Properties that are times, though the model has no `format` for them.
    """

    operation: str
    list_in_record: str | None = None
    added: dict[str, dict[str, Any]] = field(default_factory=dict)
    date_times: tuple[str, ...] = ()


_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_ANY_OBJECT: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {},
    "additionalProperties": True,
}

STREAM_SCHEMAS: dict[str, StreamSchema] = {
    "orders": StreamSchema("orders_2026-01-01.searchOrders"),
    "order_items": StreamSchema(
        "orders_2026-01-01.searchOrders",
        list_in_record="orderItems",
        # Of the order: its id, time of update, and salesChannel.marketplaceId.
        added={"orderId": _TEXT, "lastUpdatedTime": _TIME, "marketplaceId": _TEXT},
    ),
    "orders_v0": StreamSchema(
        "ordersV0.getOrders",
        # Model: ISO 8601 date time format, the counterpart of a time filter, or so in its sample.
        date_times=(
            "PurchaseDate",
            "LastUpdateDate",
            "EarliestShipDate",
            "LatestShipDate",
            "EarliestDeliveryDate",
            "LatestDeliveryDate",
            "PromiseResponseDueDate",
        ),
    ),
    "order_items_v0": StreamSchema(
        # ScheduledDeliveryStartDate and ScheduledDeliveryEndDate stay text: they are in the time
        # zone of the destination (model), which they do not have to name.
        "ordersV0.getOrderItems",
        added={"AmazonOrderId": _TEXT, "LastUpdateDate": _TIME},
    ),
    "feeds": StreamSchema(
        "feeds_2021-06-30.getFeeds",
        # Out of the feed's result document, which has a form of its own for each feed type.
        added={"processingSummary": _ANY_OBJECT},
    ),
    "reports": StreamSchema("reports_2021-06-30.getReports"),
    "purchase_orders": StreamSchema(
        "vendorOrders.getPurchaseOrders",
        # Out of orderDetails; an order that was never changed has the date of its creation in both.
        added={"purchaseOrderDate": _TIME, "purchaseOrderChangedDate": _TIME},
    ),
}
