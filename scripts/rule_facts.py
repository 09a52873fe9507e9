"""Rules about the parameters of reading operations that Amazon states in words.

Each rule follows from the text of Amazon's model of that API ("model", the descriptions of the
operation and its parameters), unless another source is named. `build_models.py` puts them into the
catalogue; it fails if an operation or parameter no longer exists. Rules that the parameters of a
model declare themselves, such as `maxItems`, are not here.

A request for a further page has the token instead of what `exactly_one`, `at_least_one` and
`requires` demand.
"""

from __future__ import annotations

from typing import Any

Rule = dict[str, Any]


def exactly_one(*names: str) -> Rule:
    """Return the rule that one of these parameters is given, and no other of them."""
    return {"rule": "exactly_one", "names": list(names)}


def at_least_one(*names: str, **when: str) -> Rule:
    """Return the rule that one or more of these are given, if another has a value."""
    return {"rule": "at_least_one", "names": list(names), **_condition(when)}


def excludes(name: str, *names: str) -> Rule:
    """Return the rule that a parameter is not given together with any of the others."""
    return {"rule": "excludes", "name": name, "names": list(names)}


def requires(name: str, *names: str) -> Rule:
    """Return the rule that all the others are given if a parameter is."""
    return {"rule": "requires", "name": name, "names": list(names)}


def value_requires(names: list[str], **when: str | list[str]) -> Rule:
    """Return the rule that parameters are given if another has one of some values."""
    return {"rule": "requires", "names": names, **_condition(when)}


def no_longer_than(days: int, after: str, before: str) -> Rule:
    """Return the rule that a range of times is not longer than some days."""
    return {"rule": "range", "after": after, "before": before, "days": days}


def ordered(after: str, before: str) -> Rule:
    """Return the rule that a range of times does not end before it begins."""
    return {"rule": "range", "after": after, "before": before}


def older_than(seconds: int, *names: str) -> Rule:
    """Return the rule that times lie some seconds before the request."""
    return {"rule": "past", "names": list(names), "seconds": seconds}


def _condition(when: Any) -> Rule:
    if not when:
        return {}
    ((name, values),) = when.items()
    return {"name": name, "values": [values] if isinstance(values, str) else values}


def _together(*names: str) -> list[Rule]:
    """Return the rules that parameters are given together or not at all."""
    return [requires(name, *(other for other in names if other != name)) for name in names]


_FINANCIAL_EVENTS = [
    requires("PostedBefore", "PostedAfter"),
    ordered("PostedAfter", "PostedBefore"),
    older_than(120, "PostedAfter", "PostedBefore"),
]
_A_WEEK = [no_longer_than(7, "createdAfter", "createdBefore")]
_ITEMS = [
    value_requires(["Asins"], ItemType="Asin"),
    value_requires(["Skus"], ItemType="Sku"),
]
_SLOTS = [no_longer_than(90, "startTime", "endTime")]

RULES: dict[str, list[Rule]] = {
    "InvoicesApiModel_2024-06-19.getInvoices": _together(
        "transactionIdentifierName", "transactionIdentifierId"
    ),
    "catalogItems_2022-04-01.searchCatalogItems": [
        exactly_one("keywords", "identifiers"),
        requires("identifiers", "identifiersType"),
        value_requires(["sellerId"], identifiersType="SKU"),
        excludes("identifiers", "brandNames", "classificationIds", "keywordsLocale"),
    ],
    "definitionsProductTypes_2020-09-01.searchDefinitionsProductTypes": [
        excludes("keywords", "itemName")
    ],
    "deliveryShipmentInvoiceV2022-07-01.getInvoiceStatus": [at_least_one("orderId", "shipmentId")],
    "externalFulfillmentReturns_2024-09-11.listReturns": [
        requires("lastUpdatedSince", "returnLocationId", "status"),
        requires("lastUpdatedUntil", "returnLocationId", "status"),
    ],
    "fbaInbound.getItemEligibilityPreview": [
        value_requires(["marketplaceIds"], program="INBOUND"),
    ],
    "feeds_2021-06-30.getFeeds": [at_least_one("feedTypes")],
    "financesInvoices_2026-06-25.getInvoiceHeaders": [
        *_together("fromIssueDate", "toIssueDate"),
        no_longer_than(90, "fromIssueDate", "toIssueDate"),
    ],
    "financesV0.listFinancialEventGroups": [
        ordered("FinancialEventGroupStartedAfter", "FinancialEventGroupStartedBefore"),
        older_than(120, "FinancialEventGroupStartedAfter", "FinancialEventGroupStartedBefore"),
    ],
    "financesV0.listFinancialEvents": _FINANCIAL_EVENTS,
    "financesV0.listFinancialEventsByGroupId": _FINANCIAL_EVENTS,
    "finances_2024-06-19.listTransactions": [
        at_least_one("postedAfter", "relatedIdentifierName"),
        *_together("relatedIdentifierName", "relatedIdentifierValue"),
        ordered("postedAfter", "postedBefore"),
        older_than(120, "postedAfter", "postedBefore"),
    ],
    "fulfillmentInboundV0.getShipmentItems": [
        value_requires(["LastUpdatedAfter", "LastUpdatedBefore"], QueryType="DATE_RANGE"),
        value_requires(["NextToken"], QueryType="NEXT_TOKEN"),
    ],
    "fulfillmentInboundV0.getShipments": [
        at_least_one("ShipmentStatusList", "ShipmentIdList", QueryType="SHIPMENT"),
        value_requires(["LastUpdatedAfter", "LastUpdatedBefore"], QueryType="DATE_RANGE"),
        value_requires(["NextToken"], QueryType="NEXT_TOKEN"),
    ],
    "fulfillmentInbound_2024-03-20.listTransportationOptions": [
        at_least_one("placementOptionId", "shipmentId")
    ],
    "listingsItems_2021-08-01.searchListingsItems": [
        *_together("identifiers", "identifiersType"),
        excludes("identifiers", "variationParentSku", "packageHierarchySku"),
        excludes("variationParentSku", "packageHierarchySku"),
    ],
    "ordersV0.getOrders": [
        # Orders that are named need no time.
        at_least_one("CreatedAfter", "LastUpdatedAfter", "AmazonOrderIds"),
        excludes("CreatedAfter", "LastUpdatedAfter", "LastUpdatedBefore"),
        excludes("LastUpdatedAfter", "CreatedBefore"),
        excludes(
            "SellerOrderId",
            "FulfillmentChannels",
            "OrderStatuses",
            "PaymentMethods",
            "LastUpdatedAfter",
            "LastUpdatedBefore",
            "BuyerEmail",
        ),
        ordered("CreatedAfter", "CreatedBefore"),
        ordered("LastUpdatedAfter", "LastUpdatedBefore"),
        older_than(120, "CreatedBefore", "LastUpdatedBefore"),
    ],
    "orders_2026-01-01.searchOrders": [
        exactly_one("createdAfter", "lastUpdatedAfter"),
        excludes("createdAfter", "lastUpdatedBefore"),
        excludes("lastUpdatedAfter", "createdBefore"),
        ordered("createdAfter", "createdBefore"),
        ordered("lastUpdatedAfter", "lastUpdatedBefore"),
        older_than(120, "createdBefore", "lastUpdatedBefore"),
    ],
    "productPricingV0.getCompetitivePricing": _ITEMS,
    "productPricingV0.getPricing": _ITEMS,
    "reports_2021-06-30.getReports": [at_least_one("reportTypes")],
    "sales.getOrderMetrics": [
        excludes("asin", "sku"),
        value_requires(["granularityTimeZone"], granularity=["Day", "Week", "Month", "Year"]),
    ],
    "services.getAppointmentSlots": _SLOTS,
    "services.getAppointmmentSlotsByJobId": _SLOTS,
    "services.getServiceJobs": [at_least_one("createdAfter", "lastUpdatedAfter")],
    "tracking_2026-01-30.getShipmentTracking": [
        # The model requires no parameter, although its answer is one shipment. That one identifier
        # is to be given is what a tool that calls it says
        # (glama.ai/mcp/connectors/com.amz-vault/amz-vault).
        exactly_one(
            "id",
            "acsin",
            "aftn",
            "containerNumber",
            "houseBillOfLadingNumber",
            "proNumber",
            "carrierTracking.trackingNumber",
        ),
        *_together("carrierTracking.trackingNumber", "carrierTracking.carrierCode"),
    ],
    "vendorDirectFulfillmentShippingV1.getCustomerInvoices": _A_WEEK,
    "vendorDirectFulfillmentShippingV1.getPackingSlips": _A_WEEK,
    "vendorDirectFulfillmentShippingV1.getShippingLabels": _A_WEEK,
    "vendorDirectFulfillmentShipping_2021-12-28.getCustomerInvoices": _A_WEEK,
    "vendorDirectFulfillmentShipping_2021-12-28.getPackingSlips": _A_WEEK,
    "vendorDirectFulfillmentShipping_2021-12-28.getShippingLabels": _A_WEEK,
    "vendorOrders.getPurchaseOrders": [
        *_A_WEEK,
        no_longer_than(7, "changedAfter", "changedBefore"),
    ],
    "vendorOrders.getPurchaseOrdersStatus": [
        *_A_WEEK,
        no_longer_than(7, "updatedAfter", "updatedBefore"),
    ],
}
