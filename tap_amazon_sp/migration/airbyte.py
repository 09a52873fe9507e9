"""What the bookmarks of Airbyte's source-amazon-seller-partner say.

Facts: in the repository `airbytehq/airbyte`, the connector's `manifest.yaml` (6.5.0) and its
`AGENTS.md`. A connection reads one marketplace (`region`). The bookmark of a report is the last day
that was requested, although a run may end within it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.migration.rules import Rule

_ANOTHER_TIME = (
    "its bookmark is a time of change, but reports were requested by another time: orders of "
    "that time may be missing"
)
_V2 = "Amazon makes this report no longer; the one that follows it is another list of reports"

_DAYS = ("GET_SALES_AND_TRAFFIC_REPORT", "queryEndDate")
_BY_ASIN, _BY_DATE = "salesAndTrafficByAsin", "salesAndTrafficByDate"


def _report(name: str, cursor: str, **other: Any) -> Rule:
    return Rule(report_type=name, cursor=cursor, whole_days=True, **other)


RULES: Mapping[str, Rule] = {
    "Orders": Rule(stream="orders", cursor="LastUpdateDate"),
    "OrderItems": Rule(stream="orders", cursor="LastUpdateDate", covers=("order_items",)),
    "ListFinancialEvents": Rule(
        stream="financial_events", cursor="PostedBefore", of_one_marketplace=False
    ),
    "ListFinancialEventGroups": Rule(
        stream="financial_event_groups",
        cursor="FinancialEventGroupStart",
        of_one_marketplace=False,
    ),
    "VendorOrders": Rule(
        stream="purchase_orders", cursor="changedBefore", of_one_marketplace=False
    ),
    "VendorOrdersStatus": Rule(
        stream="purchase_orders_status",
        reason=(
            "the old connector reads the status of a purchase order once, when it is new, and "
            "not its later changes"
        ),
    ),
    "VendorDirectFulfillmentShipping": Rule(
        stream="vendor_df_shipping_labels", cursor="createdBefore", of_one_marketplace=False
    ),
    **{
        name: _report(name, "dataEndTime")
        for name in (
            "GET_AFN_INVENTORY_DATA",
            "GET_AFN_INVENTORY_DATA_BY_COUNTRY",
            "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL",
            "GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA",
            "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
            "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_PROMOTION_DATA",
            "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA",
            "GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA",
            "GET_FBA_INVENTORY_PLANNING_DATA",
            "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA",
            "GET_FBA_REIMBURSEMENTS_DATA",
            "GET_FBA_STORAGE_FEE_CHARGES_DATA",
            "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
            "GET_FLAT_FILE_OPEN_LISTINGS_DATA",
            "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE",
            "GET_MERCHANT_CANCELLED_LISTINGS_DATA",
            "GET_MERCHANT_LISTINGS_ALL_DATA",
            "GET_MERCHANT_LISTINGS_DATA",
            "GET_MERCHANT_LISTINGS_DATA_BACK_COMPAT",
            "GET_MERCHANT_LISTINGS_INACTIVE_DATA",
            "GET_MERCHANTS_LISTINGS_FYP_REPORT",
            "GET_ORDER_REPORT_DATA_SHIPPING",
            "GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT",
            "GET_STRANDED_INVENTORY_UI_DATA",
            "GET_XML_BROWSE_TREE_DATA",
        )
    },
    **{
        name: _report(name, "Date")
        for name in ("GET_LEDGER_DETAIL_VIEW_DATA", "GET_LEDGER_SUMMARY_VIEW_DATA")
    },
    **{
        name: _report(name, "endDate")
        for name in (
            "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT",
            "GET_VENDOR_SALES_REPORT",
            "GET_VENDOR_TRAFFIC_REPORT",
        )
    },
    "GET_VENDOR_REAL_TIME_INVENTORY_REPORT": _report(
        "GET_VENDOR_REAL_TIME_INVENTORY_REPORT", "endTime"
    ),
    "GET_SELLER_FEEDBACK_DATA": _report("GET_SELLER_FEEDBACK_DATA", "date"),
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": _report(
        "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", "last-updated-date"
    ),
    **{
        name: Rule(report_type=name, reason=_ANOTHER_TIME)
        for name in (
            "GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA",
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
            "GET_FLAT_FILE_ARCHIVED_ORDERS_DATA_BY_ORDER_DATE",
            "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        )
    },
    "GET_SALES_AND_TRAFFIC_REPORT": _report(
        *_DAYS, record_path=_BY_ASIN, options={"dateGranularity": "DAY"}
    ),
    "GET_SALES_AND_TRAFFIC_REPORT_BY_DATE": _report(
        *_DAYS, record_path=_BY_DATE, options={"dateGranularity": "DAY"}
    ),
    "GET_SALES_AND_TRAFFIC_REPORT_BY_MONTH": _report(
        *_DAYS, record_path=_BY_ASIN, options={"dateGranularity": "MONTH"}
    ),
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE": Rule(
        report_type="GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", reason=_V2
    ),
}
"""The streams that have a bookmark. The connector reads all others whole in each run."""
