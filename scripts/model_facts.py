"""Facts about the SP-API that are in the prose of Amazon's models only, or not in them at all.

Each fact names its source: "model" is the text of Amazon's model of that API, "SDK" the source of
`amzn-sp-api`, "documentation" is a page below developer-docs.amazon.com/sp-api/docs/. Operations
are named `<api>.<operationId>`, as in the catalogue. `build_models.py` fails if an operation no
longer exists.
"""

from __future__ import annotations

from typing import Any

# --- Names -------------------------------------------------------------------------------------

RENAMED: dict[tuple[str, str, str], str] = {
    # (method, path, operationId) -> name in the catalogue. Model: PUT and POST of a path have the
    # same operationId. Amazon's SDK uses the same name.
    (
        "post",
        "/shipping/v2/carrierAccounts/{carrierId}",
        "linkCarrierAccount",
    ): "linkCarrierAccount_0",
}

# --- Usage plans -------------------------------------------------------------------------------

DOCUMENTED_RATES: dict[str, tuple[float, float]] = {
    # Requests per second and burst, if the model has no usage plan.
    # Documentation: external-fulfillment-apis-rate-limits.
    "externalFulfillmentInventory_2024-09-11.batchInventory": (50, 100),
    "externalFulfillmentReturns_2024-09-11.getReturn": (10, 20),
    "externalFulfillmentReturns_2024-09-11.listReturns": (10, 20),
}

# --- Pages -------------------------------------------------------------------------------------

PAGING_RULES: dict[str, str] = {
    # How to request the next page; by default with the same arguments and the token.
    # Model: the token must be the only parameter; any other makes the request fail.
    "feeds_2021-06-30.getFeeds": "token_alone",
    "reports_2021-06-30.getReports": "token_alone",
    # Model: QueryType has the value NEXT_TOKEN for this.
    "fulfillmentInboundV0.getShipmentItems": "query_type_next_token",
    "fulfillmentInboundV0.getShipments": "query_type_next_token",
}

PAGING_WITHOUT_TOKEN: dict[str, dict[str, Any]] = {
    # Operations whose pages are numbered: the response has no token.
    # Model: the labels' page index and page size; non-partnered LTL shipments only.
    "fulfillmentInboundV0.getLabels": {
        "token_parameter": "PageStartIndex",
        "token_in": "query",
        "rule": "page_number",
        "size_parameter": "PageSize",
        "max_size": 1000,
    },
    # Model: offset (from 0 to 9,000) and limit in the body, totalResults in the response.
    "replenishment-2022-11-07.listOfferMetrics": {
        "token_parameter": "pagination.offset",
        "token_in": "body",
        "rule": "offset",
        "size_parameter": "pagination.limit",
        "max_size": 500,
        "total": "pagination.totalResults",
        "max_offset": 9000,
    },
    "replenishment-2022-11-07.listOffers": {
        "token_parameter": "pagination.offset",
        "token_in": "body",
        "rule": "offset",
        "size_parameter": "pagination.limit",
        "max_size": 100,
        "total": "pagination.totalResults",
        "max_offset": 9000,
    },
}

PAGING_IN_BODY: dict[str, dict[str, Any]] = {
    # Operations that take the page token in the body. SDK: ListCasesRequest.
    "support_2025-02-01.listCases": {
        "token_parameter": "nextToken",
        "token_in": "body",
        "next_token": "nextToken",
        "rule": "same_arguments",
        "size_parameter": "maxResults",
        "max_size": 50,
    },
}

NEXT_TOKENS: dict[str, str] = {
    # The token of the next page in the answer, if it lies deep inside. SDK: SelectionDetails.
    "promotions_2025-12-01.getSelection": "selection.selectionDetails.pagination.nextToken",
}

MAX_PAGE_SIZES: dict[str, int] = {
    # Model: only in the description of the size parameter.
    "InvoicesApiModel_2024-06-19.getInvoices": 200,
    "InvoicesApiModel_2024-06-19.getInvoicesExports": 100,
    "ordersV0.getOrders": 100,
    "orders_2026-01-01.searchOrders": 100,
}

TOKEN_LIFETIMES: dict[str, int] = {
    # Seconds. Model: the responses of both operations.
    "fbaInventory.getInventorySummaries": 30,
    "orders_2026-01-01.searchOrders": 86400,
}

# --- Lists -------------------------------------------------------------------------------------

MAX_ITEMS: dict[str, dict[str, int]] = {
    # The most values of list parameters, by name. Model: only in the description of the parameter.
    "definitionsProductTypes_2020-09-01.getDefinitionsProductType": {"marketplaceIds": 1},
    "sales.getOrderMetrics": {"marketplaceIds": 1},
}

# --- Encoding ----------------------------------------------------------------------------------

DOUBLE_ENCODED: dict[str, tuple[str, ...]] = {
    # Parameters whose values have `%`, `+` and `,` percent-encoded twice. Model: the descriptions
    # of the operations.
    "fulfillmentInbound_2024-03-20.listItemComplianceDetails": ("mskus",),
    "fulfillmentInbound_2024-03-20.listPrepDetails": ("mskus",),
}

# --- Where the records are ---------------------------------------------------------------------

RESULTS: dict[str, str] = {
    # Paths to lists that do not follow from the form of the response (model: the response schemas).
    # A response with several lists of records, or with facts about its list, is one record: for
    # listFinancialEvents, a single path would select one of 34 kinds of events.
    "definitionsProductTypes_2020-09-01.searchDefinitionsProductTypes": "productTypes",
    "externalFulfillmentShipments_2024-09-11.retrieveShippingOptions": "shippingOptions",
    "fulfillmentInbound_2024-03-20.getSelfShipAppointmentSlots": (
        "selfShipAppointmentSlotsAvailability.slots"
    ),
    "messaging.getMessagingActionsForOrder": "_embedded.actions",
    "promotions_2025-12-01.getSelection": "selection.selectionDetails.items",
    "services.getAppointmentSlots": "payload.appointmentSlots",
    "services.getAppointmmentSlotsByJobId": "payload.appointmentSlots",
    "solicitations.getSolicitationActionsForOrder": "_embedded.actions",
}

# --- Time filters ------------------------------------------------------------------------------

TIME_FILTERS: dict[str, list[tuple[str | None, str | None]]] = {
    # (after, before), if the names of the parameters do not show that they belong together.
    "InvoicesApiModel_2024-06-19.getInvoices": [("dateStart", "dateEnd")],
    "InvoicesApiModel_2024-06-19.getInvoicesExports": [("dateStart", "dateEnd")],
    "fbaInventory.getInventorySummaries": [("startDateTime", None)],
    "financeRemittance-2026-03-17.getRemittanceHeaders": [("startDate", "endDate")],
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
    # Model: the time parameters of these operations have no `format`; their descriptions say
    # ISO 8601 date and time.
    "financeRemittance-2026-03-17.getRemittanceHeaders": "date-time",
    "ordersV0.getOrders": "date-time",
    "services.getAppointmentSlots": "date-time",
    "services.getAppointmmentSlotsByJobId": "date-time",
    "services.getServiceJobs": "date-time",
    "vehicles_2024-11-01.getVehicles": "date-time",
}

# --- Authorization -----------------------------------------------------------------------------

_ORDER_ELEMENTS = ("buyerInfo", "shippingAddress", "buyerTaxInformation")

RESTRICTED: dict[str, tuple[str, ...]] = {
    # Operations that need a restricted data token, with the data elements to request. Only the
    # first three take data elements (model of the Tokens API). Documentation:
    # tokens-api-use-case-guide. reports_2021-06-30.getReportDocument is missing: only documents of
    # restricted report types need such a token, and each document needs its own.
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
    # The scope of the access token. Model: the descriptions say "grantless". Documentation:
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

# --- Queries -----------------------------------------------------------------------------------

QUERIES: frozenset[str] = frozenset(
    # Operations by POST that only read: they compute, search or batch reads. Model: their
    # descriptions.
    {
        "awd_2024-05-09.checkInboundEligibility",
        "easyShip_2022-03-23.listHandoverSlots",
        "fulfillmentOutbound_2020-07-01.deliveryOffers",
        "fulfillmentOutbound_2020-07-01.getFulfillmentPreview",
        "fulfillmentOutbound_2026-07-04.getOffers",
        "fulfillmentOutbound_2026-07-04.getOrderPreview",
        "merchantFulfillmentV0.getAdditionalSellerInputs",
        "merchantFulfillmentV0.getEligibleShipmentServices",
        "productFeesV0.getMyFeesEstimateForASIN",
        "productFeesV0.getMyFeesEstimateForSKU",
        "productFeesV0.getMyFeesEstimates",
        "productPricingV0.getItemOffersBatch",
        "productPricingV0.getListingOffersBatch",
        "productPricing_2022-05-01.getCompetitiveSummary",
        "productPricing_2022-05-01.getFeaturedOfferExpectedPriceBatch",
        "replenishment-2022-11-07.getSellingPartnerMetrics",
        "replenishment-2022-11-07.listOfferMetrics",
        "replenishment-2022-11-07.listOffers",
        "services.getFixedSlotCapacity",
        "services.getRangeSlotCapacity",
        "shipping.getRates",
        "shipping.retrieveShippingLabel",
        "shippingV2.getRates",
        "support_2025-02-01.listCases",
    }
)
