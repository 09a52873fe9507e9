"""Facts about report types that the list of types does not have.

Each fact names its source: "page" is one of Amazon's pages below
developer-docs.amazon.com/sp-api/docs/report-type-values, also as of 2022 in the archived repository
amzn/selling-partner-api-docs; "schema" is the JSON Schema of the report in
amzn/selling-partner-api-models; "inferred" has no source at Amazon and does no harm if it is wrong.
`build_report_types.py` fails if a type is not in the list.
"""

from __future__ import annotations

from typing import Any

SETTLEMENT_V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

SUCCESSORS: dict[str, str] = {
    # Page "deprecation schedule": both settlement types were removed on 2026-11-11.
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE": SETTLEMENT_V2,
    "GET_V2_SETTLEMENT_REPORT_DATA_XML": SETTLEMENT_V2,
    # Page fba: the ledger replaced the inventory adjustments on 2023-01-31. Inferred: it also
    # replaced the other reports of inventory events and balances.
    "GET_FBA_FULFILLMENT_CURRENT_INVENTORY_DATA": "GET_LEDGER_SUMMARY_VIEW_DATA",
    "GET_FBA_FULFILLMENT_INVENTORY_ADJUSTMENTS_DATA": "GET_LEDGER_DETAIL_VIEW_DATA",
    "GET_FBA_FULFILLMENT_INVENTORY_RECEIPTS_DATA": "GET_LEDGER_DETAIL_VIEW_DATA",
    "GET_FBA_FULFILLMENT_INVENTORY_SUMMARY_DATA": "GET_LEDGER_DETAIL_VIEW_DATA",
    "GET_FBA_FULFILLMENT_MONTHLY_INVENTORY_DATA": "GET_LEDGER_SUMMARY_VIEW_DATA",
    # Inferred: the report of inventory health has the data of these three.
    "GET_EXCESS_INVENTORY_DATA": "GET_FBA_INVENTORY_PLANNING_DATA",
    "GET_FBA_FULFILLMENT_INVENTORY_HEALTH_DATA": "GET_FBA_INVENTORY_PLANNING_DATA",
    "GET_FBA_INVENTORY_AGED_DATA": "GET_FBA_INVENTORY_PLANNING_DATA",
    # Inferred: today's names of the vendor reports of 2022. The page of 2022 announces new versions
    # with other names.
    "GET_VENDOR_DEMAND_FORECAST_REPORT": "GET_VENDOR_FORECASTING_REPORT",
    "GET_VENDOR_INVENTORY_HEALTH_AND_PLANNING_REPORT": "GET_VENDOR_INVENTORY_REPORT",
    "GET_VENDOR_SALES_DIAGNOSTIC_REPORT": "GET_VENDOR_SALES_REPORT",
    # Inferred: the spellings of 2022 and of today for one type.
    "GET_MFN_PAN_EU_OFFER_STATUS": "GET_MFN_PANEU_OFFER_STATUS",
}

LISTED: tuple[str, ...] = (
    # Reports that Amazon makes by itself, or the seller in Seller Central: they can only be listed.
    # Page tax: the sales tax report is generated from the Tax Document Library.
    "GET_FLAT_FILE_SALES_TAX_DATA",
)

FORMATS: dict[str, str] = {
    # Formats that the list lacks. Inferred: flat files, as the beginning of the name says.
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_INVOICING": "tsv",
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_SHIPPING": "tsv",
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_TAX": "tsv",
    # Page inventory of 2022, under the old spelling.
    "GET_MFN_PANEU_OFFER_STATUS": "tsv",
    # The page of 2022 says CSV, but the schema describes JSON. The first character of a document
    # shows which it is.
    "GET_B2B_PRODUCT_OPPORTUNITIES_NOT_YET_ON_AMAZON": "json",
    "GET_B2B_PRODUCT_OPPORTUNITIES_RECOMMENDED_FOR_YOU": "json",
}

DATES: dict[str, str] = {
    # Whether a request takes a time range, if the tap is stricter than the list. Chosen: the schema
    # requires none, but without a range the days of the records are not known.
    "MARKETPLACE_ASIN_PAGE_VIEW_METRICS": "required",
}

VENDOR_AND_SELLER: tuple[str, ...] = (
    # Pages analytics and performance. All GET_VENDOR_ types are for vendors only.
    "GET_BRAND_ANALYTICS_MARKET_BASKET_REPORT",
    "GET_BRAND_ANALYTICS_REPEAT_PURCHASE_REPORT",
    "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT",
    "GET_COUPON_PERFORMANCE_REPORT",
    "GET_PROMOTION_PERFORMANCE_REPORT",
    "END_USER_DATA_REPORT",
)

MAX_DAYS: dict[str, int] = {
    # The most days in a report. Page fba: one month.
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL": 30,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING": 30,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX": 30,
    # Inferred, as for the shipments.
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 30,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 30,
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 30,
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 30,
    # Page returns.
    "GET_CSV_MFN_PRIME_RETURNS_REPORT": 60,
    "GET_FLAT_FILE_MFN_SKU_RETURN_ATTRIBUTES_REPORT": 60,
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": 60,
    "GET_XML_MFN_PRIME_RETURNS_REPORT": 60,
    "GET_XML_MFN_SKU_RETURN_ATTRIBUTES_REPORT": 60,
    "GET_XML_RETURNS_DATA_BY_RETURN_DATE": 60,
    # Page invoice data: with the option `all`.
    "GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT": 30,
    "GET_XML_VAT_INVOICE_DATA_REPORT": 30,
    # Schemas.
    "END_USER_DATA_REPORT": 365,
    "GET_VENDOR_REAL_TIME_INVENTORY_REPORT": 1,
    "MARKETPLACE_ASIN_PAGE_VIEW_METRICS": 7,
}

HISTORY_DAYS: dict[str, int] = {
    # How far back the data of a report goes. Schema: two years.
    "GET_SALES_AND_TRAFFIC_REPORT": 730,
    # Schema: 168 hours.
    "GET_VENDOR_REAL_TIME_INVENTORY_REPORT": 7,
    "MARKETPLACE_ASIN_PAGE_VIEW_METRICS": 7,
    # Page fba: 18 months.
    "GET_LEDGER_DETAIL_VIEW_DATA": 547,
    # Page order: orders of the last two years.
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 730,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 730,
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 730,
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 730,
    # Page order: orders of the previous 60 days.
    "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING": 60,
    "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING": 60,
    "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX": 60,
    # Model of Reports 2021-06-30: reports are listed for 90 days.
    SETTLEMENT_V2: 90,
}

LATENCY_HOURS: dict[str, float] = {
    # How late data may arrive. Page fba: one to three hours, rarely 24.
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL": 24,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING": 24,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX": 24,
    "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA": 24,
    # Page order: about half an hour.
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 0.5,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 0.5,
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 0.5,
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 0.5,
    # Chosen: page fba says only "Content updated daily", but not when, and how complete a day is
    # then. The second update of a day is over three days after the day began.
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": 72,
    "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_PROMOTION_DATA": 72,
    "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA": 72,
    "GET_FBA_RECOMMENDED_REMOVAL_DATA": 72,
    "GET_FBA_REIMBURSEMENTS_DATA": 72,
    # Inferred: other connectors wait three or four days for these.
    "GET_SALES_AND_TRAFFIC_REPORT": 72,
    "GET_VENDOR_INVENTORY_REPORT": 72,
    "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT": 72,
    "GET_VENDOR_SALES_REPORT": 72,
    "GET_VENDOR_TRAFFIC_REPORT": 72,
}

ENDS_BEFORE_MINUTES: dict[str, int] = {
    # How long before the request a range must end. Schema: "End time should be at least 60 minutes
    # earlier than the time of the request". The schemas of sales and inventory do not say that.
    "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT": 60,
}

WHOLE_HOURS: tuple[str, ...] = (
    # Schemas: "Output will include all full hours that fall within the range", of start and end.
    "GET_VENDOR_REAL_TIME_INVENTORY_REPORT",
    "GET_VENDOR_REAL_TIME_SALES_REPORT",
    "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT",
)

DAILY = 24 * 3600
MINIMUM_INTERVALS: dict[str, int] = {
    # Seconds between two requests. Pages business, inventory: not more than once in 24 hours.
    "FEE_DISCOUNTS_REPORT": DAILY,
    "GET_REFERRAL_FEE_PREVIEW_REPORT": DAILY,
    # Page fba: the limits of FBA reports do not apply to the four All Orders reports.
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 0,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 0,
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 0,
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 0,
}

SALES_CHANNELS: dict[str, str] = {
    # Reports of the whole region, even if a request names some of its marketplaces, and the column
    # or element that tells the marketplace of a row. Threads of sellers: amzn/selling-partner-api-
    # docs#1404 and #2953, -models#2209. Names: Amazon's documents in public readers.
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": "sales-channel",
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": "sales-channel",
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": "SalesChannel",
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": "SalesChannel",
}

CURRENCIES: dict[str, list[str]] = {
    # Only the first line of a settlement has its currency, beside the total: the column, and the
    # column that is equal in all lines of a settlement. Public readers of the file take that line
    # as the summary of the settlement.
    SETTLEMENT_V2: ["currency", "settlement-id"],
}

ADJUSTED_PERIODS: dict[str, str] = {
    # Schema: a start or end inside a period is moved to that of the period; other types fail.
    "END_USER_DATA_REPORT": "reportPeriod",
    "GET_SALES_AND_TRAFFIC_REPORT": "dateGranularity",
}

SINGLE_PERIOD: tuple[str, ...] = (
    # Page analytics: a request must not span several periods.
    "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT",
)

_BOOLEAN = ["true", "false"]
_ANY: dict[str, Any] = {}
_B2B_OPTIONS: dict[str, Any] = {
    # Page b2b.
    "categories": _ANY,
    "subCategories": _ANY,
    "depersonalized": {"values": _BOOLEAN, "default": "false"},
    "filterMode": {"values": ["include", "exclude"], "default": "include"},
}
_COUPON_START = {"kind": "timestamp"}
_VAT_INVOICE_OPTIONS: dict[str, Any] = {
    # The page names the first two; its examples have the others.
    name: {"values": _BOOLEAN}
    for name in ("pendingInvoices", "all", "ReportOption=pendingInvoices", "ReportOption=All")
}

OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    # Options, or facts about options, that the list lacks. Page invoice data.
    "GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT": _VAT_INVOICE_OPTIONS,
    "GET_XML_VAT_INVOICE_DATA_REPORT": _VAT_INVOICE_OPTIONS,
    "GET_B2B_PRODUCT_OPPORTUNITIES_NOT_YET_ON_AMAZON": _B2B_OPTIONS,
    "GET_B2B_PRODUCT_OPPORTUNITIES_RECOMMENDED_FOR_YOU": _B2B_OPTIONS,
    # Page fba.
    "GET_LEDGER_DETAIL_VIEW_DATA": {
        "eventType": {
            "values": [
                "Adjustments",
                "CustomerReturns",
                "Receipts",
                "Shipments",
                "VendorReturns",
                "WhseTransfers",
                "",
            ],
            "default": "",
        },
    },
    "GET_LEDGER_SUMMARY_VIEW_DATA": {
        # The page of 2022 spells the second FulfillmentCenter.
        "aggregateByLocation": {"values": ["COUNTRY", "FC"], "default": "COUNTRY"},
        "aggregatedByTimePeriod": {
            "values": ["DAILY", "WEEKLY", "MONTHLY"],
            "default": "MONTHLY",
        },
    },
    # Page order.
    **{
        name: {"ShowSalesChannel": {"values": _BOOLEAN, "default": "false"}}
        for name in (
            "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
            "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING",
            "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING",
            "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX",
        )
    },
    # Page inventory: `custom` and, in 2026, the language of the headers. Answers in
    # amzn/selling-partner-api-models#5303 and public code use it for all and active listings;
    # inferred for the other reports of listings.
    **{
        name: ({"custom": {"values": _BOOLEAN, "default": "false"}} if has_custom else {})
        | {"preferredReportDocumentLocale": {"kind": "locale"}}
        for name, has_custom in (
            ("GET_FLAT_FILE_OPEN_LISTINGS_DATA", True),
            ("GET_MERCHANT_CANCELLED_LISTINGS_DATA", True),
            ("GET_MERCHANT_LISTINGS_ALL_DATA", True),
            ("GET_MERCHANT_LISTINGS_DATA", False),
            ("GET_MERCHANT_LISTINGS_DATA_BACK_COMPAT", True),
            ("GET_MERCHANT_LISTINGS_DATA_LITE", False),
            ("GET_MERCHANT_LISTINGS_DATA_LITER", False),
            ("GET_MERCHANT_LISTINGS_INACTIVE_DATA", False),
        )
    },
    # Page browse tree.
    "GET_XML_BROWSE_TREE_DATA": {"RootNodesOnly": {"values": _BOOLEAN, "default": "false"}},
    # Schemas.
    "END_USER_DATA_REPORT": {"reportPeriod": {"default": "MONTH"}},
    "GET_SALES_AND_TRAFFIC_REPORT": {
        "dateGranularity": {"default": "DAY"},
        "asinGranularity": {"default": "PARENT"},
    },
    "GET_BRAND_ANALYTICS_SEARCH_CATALOG_PERFORMANCE_REPORT": {"asins": {"longest": 200}},
    "GET_BRAND_ANALYTICS_SEARCH_QUERY_PERFORMANCE_REPORT": {"asin": {"longest": 200}},
    "GET_PROMOTION_PERFORMANCE_REPORT": {
        "promotionStartDateFrom": {"kind": "timestamp"},
        "promotionStartDateTo": {"kind": "timestamp"},
    },
    # Coupons of sellers and of vendors have different options: see REQUIRED_TOGETHER.
    "GET_COUPON_PERFORMANCE_REPORT": {
        "couponStartDateFrom": _COUPON_START,
        "couponStartDateTo": _COUPON_START,
        "campaignStartDateFrom": _COUPON_START,
        "campaignStartDateTo": _COUPON_START,
    },
}

REQUIRED_TOGETHER: dict[str, list[list[str]]] = {
    # All options of one of these groups are required. Schemas.
    "GET_COUPON_PERFORMANCE_REPORT": [
        ["couponStartDateFrom", "couponStartDateTo"],
        ["campaignStartDateFrom", "campaignStartDateTo"],
    ],
}

KEYS: dict[tuple[str, str], Any] = {
    # (schema, array) -> fields that identify a record, if the schema makes that certain. If they
    # depend on an option, they are listed by its value. Other arrays have no keys.
    ("accountHealthReport-2020-11-18", "accountStatuses"): ["marketplaceId"],
    ("accountHealthReport-2020-11-18", "performanceMetrics"): ["marketplaceId"],
    ("b2bProductOpportunitiesRecommendedForYouReport-2020-11-19", "recommendations"): ["asin"],
    ("marketplaceAsinPageViewMetrics", "marketplaceAsinPageViewMetrics"): [
        "startTime",
        "endTime",
        "marketplaceId",
        "asin",
    ],
    ("promotionReport", "promotions"): ["promotionId", "marketplaceId"],
    ("sellerCouponReport", "coupons"): ["couponId", "marketplaceId"],
    ("vendorCouponReport", "campaigns"): ["campaignId", "marketplaceId"],
    ("sellerSalesAndTrafficReport", "salesAndTrafficByDate"): ["date"],
    ("sellerSalesAndTrafficReport", "salesAndTrafficByAsin"): {
        "asinGranularity": {
            "PARENT": ["parentAsin"],
            "CHILD": ["parentAsin", "childAsin"],
            "SKU": ["parentAsin", "childAsin", "sku"],
        }
    },
    ("sellingPartnerMarketBasketAnalysisReport", "dataByAsin"): [
        "startDate",
        "endDate",
        "asin",
        "purchasedWithAsin",
    ],
    ("sellingPartnerRepeatPurchaseReport", "dataByAsin"): ["startDate", "endDate", "asin"],
    ("sellingPartnerSearchCatalogPerformanceReport", "dataByAsin"): [
        "startDate",
        "endDate",
        "asin",
    ],
    ("vendorForecastingReport", "forecastByAsin"): [
        "forecastGenerationDate",
        "startDate",
        "endDate",
        "asin",
    ],
    **{
        (schema, array): keys
        for schema, what in (
            ("vendorInventoryReport", "inventory"),
            ("vendorNetPureProductMarginReport", "netPureProductMargin"),
            ("vendorSalesReport", "sales"),
            ("vendorTrafficReport", "traffic"),
        )
        for array, keys in (
            (f"{what}Aggregate", ["startDate", "endDate"]),
            (f"{what}ByAsin", ["startDate", "endDate", "asin"]),
        )
    },
    **{
        (f"vendorRealTime{what}Report", "reportData"): ["startTime", "endTime", "asin"]
        for what in ("Inventory", "Sales", "Traffic")
    },
}

UNDATED: tuple[tuple[str, str], ...] = (
    # Arrays whose records lack the time of the report: it becomes part of their keys.
    ("accountHealthReport-2020-11-18", "accountStatuses"),
    ("accountHealthReport-2020-11-18", "performanceMetrics"),
    ("b2bProductOpportunitiesRecommendedForYouReport-2020-11-19", "recommendations"),
    ("sellerSalesAndTrafficReport", "salesAndTrafficByAsin"),
)

XML_RECORDS: dict[str, str] = {
    # Paths to the records, for documents that may have a single one. Page order: order reports
    # follow AmazonEnvelope.xsd; each message has its number and an OrderReport.
    "GET_ORDER_REPORT_DATA_INVOICING": "AmazonEnvelope.Message.OrderReport",
    "GET_ORDER_REPORT_DATA_SHIPPING": "AmazonEnvelope.Message.OrderReport",
    "GET_ORDER_REPORT_DATA_TAX": "AmazonEnvelope.Message.OrderReport",
    # Documents of Amazon in tests of public readers: a message has an Order and nothing else.
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": "AmazonEnvelope.Message.Order",
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": "AmazonEnvelope.Message.Order",
}

XML_LISTS: dict[str, list[str]] = {
    # Elements that may occur several times in a parent (AmazonEnvelope.xsd, OrderReport.xsd).
    name: ["Component", "Item", "OrderItem", "Promotion", "Fee"]
    for name in XML_RECORDS
}

_ITEM_AMOUNTS = [
    "item-price",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "item-promotion-discount",
    "ship-promotion-discount",
]
_ALL_ORDERS = {
    "number": ["quantity", *_ITEM_AMOUNTS],
    "date-time": ["purchase-date", "last-updated-date"],
}
_SHIPMENTS = {
    "number": ["quantity-shipped", *_ITEM_AMOUNTS],
    "date-time": [
        "purchase-date",
        "payments-date",
        "shipment-date",
        "reporting-date",
        "estimated-arrival-date",
    ],
}
_FBA_STOCK = {
    "number": [
        "your-price",
        "afn-warehouse-quantity",
        "afn-fulfillable-quantity",
        "afn-unsellable-quantity",
        "afn-reserved-quantity",
        "afn-total-quantity",
        "per-unit-volume",
        "afn-inbound-working-quantity",
        "afn-inbound-shipped-quantity",
        "afn-inbound-receiving-quantity",
        "afn-researching-quantity",
        "afn-reserved-future-supply",
        "afn-future-supply-buyable",
    ],
}
_LISTING_NUMBERS = [
    "price",
    "quantity",
    "pending-quantity",
    "Business Price",
    *(f"Quantity {what} {number}" for number in range(1, 6) for what in ("Lower Bound", "Price")),
    *(
        f"Progressive {what} {number}"
        for number in range(1, 4)
        for what in ("Lower Bound", "Price")
    ),
    "minimum-seller-allowed-price",
    "maximum-seller-allowed-price",
    "Minimum order quantity",
]
_LISTINGS = {
    # `open-date` is in the time zone of the marketplace, such as 2026-01-31 23:59:59 PST.
    "number": _LISTING_NUMBERS,
    "date-time": ["open-date"],
}
_DATE_RANGE = {
    # Not `Transaction Release Date`, which is an instant in Brazil and a day in Japan.
    "number": [
        "quantity",
        "product sales",
        "product sales tax",
        "shipping credits",
        "shipping credits tax",
        "gift wrap credits",
        "giftwrap credits tax",
        "Regulatory Fee",
        "Tax On Regulatory Fee",
        "promotional rebates",
        "promotional rebates tax",
        "sales tax collected",
        "Marketplace Facilitator Tax",
        "marketplace withheld tax",
        "low value goods",
        "Amazon point costs",
        "selling fees",
        "fba fees",
        "other transaction fees",
        "other",
        "total",
    ],
    "date-time": ["date/time"],
}

DATE_ORDERS = {
    # Order of day, month and year in flat files that are written alike for all marketplaces: the
    # transformers of Airbyte's source-amazon-seller-partner; public readers of the VAT report.
    "GET_LEDGER_DETAIL_VIEW_DATA": "mdy",
    "GET_LEDGER_SUMMARY_VIEW_DATA": "mdy",
    "GET_VAT_TRANSACTION_DATA": "dmy",
}

_ORDER_AMOUNTS = ["item-price", "item-tax", "shipping-price", "shipping-tax"]
_ORDERS_TO_SHIP = {
    "number": ["quantity-purchased", *_ORDER_AMOUNTS, "gift-wrap-price", "gift-wrap-tax"],
    "date-time": ["purchase-date", "payments-date"],
}
_GST_TAXES = ("Cgst", "Sgst", "Utgst", "Igst")
_GST = {
    "number": [
        "Quantity",
        "Invoice Amount",
        "Tax Exclusive Gross",
        "Total Tax Amount",
        *(f"{tax} {what}" for tax in _GST_TAXES for what in ("Rate", "Tax")),
        "Compensatory Cess Rate",
        "Compensatory Cess Tax",
        "Principal Amount",
        "Principal Amount Basis",
        *(
            f"{part} {what}"
            for part in ("Shipping", "Gift Wrap")
            for what in ("Amount", "Amount Basis", *(f"{tax} Tax" for tax in _GST_TAXES))
        ),
        "Shipping Cess Tax Amount",
        "Gift Wrap Compensatory Cess Tax",
        *(
            f"{part} Promo {what}"
            for part in ("Item", "Shipping", "Gift Wrap")
            for what in ("Discount", "Discount Basis", "Tax")
        ),
        *(f"Tcs {tax} {what}" for tax in _GST_TAXES for what in ("Rate", "Amount")),
    ],
}
_VAT_INVOICE_PARTS = ("item", "item-promo", "gift-wrap", "gift-promo", "shipping", "shipping-promo")
_VAT_INVOICE_AMOUNTS = ("vat-incl-amount", "vat-amount", "vat-excl-amount", "vat-rate")
_VAT_PRICES = ("PRICE_OF_ITEMS", "SHIP_CHARGE", "GIFT_WRAP")
_VAT_SUMS = ("AMT_VAT_EXCL", "VAT_AMT", "AMT_VAT_INCL")
_SURCHARGE_AGES = (
    *("181-210", "211-240", "241-270", "271-300", "301-330", "331-365"),
    *("365-plus", "366-455", "456-plus"),
)
_STORED_AGES = (
    *("0-to-90", "91-to-180", "181-to-270", "271-to-365", "365-plus"),
    *("0-to-30", "31-to-60", "61-to-90", "181-to-330", "331-to-365"),
)

COLUMNS: dict[str, dict[str, list[str]]] = {
    # Columns of flat files that are numbers, dates or instants; all others are text. Pages of
    # attributes (fba-sales-reports-attributes and others), and names in public readers of these
    # files. A name that is in no file does no harm, and a value that does not fit stays text.
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": _ALL_ORDERS,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": _ALL_ORDERS,
    "GET_FLAT_FILE_ARCHIVED_ORDERS_DATA_BY_ORDER_DATE": _ALL_ORDERS,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL": _SHIPMENTS,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING": _SHIPMENTS,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX": _SHIPMENTS,
    "GET_AFN_INVENTORY_DATA": {"number": ["Quantity Available"]},
    "GET_AFN_INVENTORY_DATA_BY_COUNTRY": {"number": ["quantity-for-local-fulfillment"]},
    "GET_FBA_MYI_ALL_INVENTORY_DATA": _FBA_STOCK,
    "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA": _FBA_STOCK,
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": {
        "number": ["quantity"],
        "date-time": ["return-date"],
    },
    "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_PROMOTION_DATA": {
        "number": ["item-promotion-discount"],
        "date-time": ["shipment-date"],
    },
    "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA": {
        "number": ["quantity"],
        "date-time": ["shipment-date"],
    },
    "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA": {
        "number": ["quantity", "item-price-per-unit", "shipping-price", "gift-wrap-price"],
        "date-time": ["shipment-date"],
    },
    "GET_RESERVED_INVENTORY_DATA": {
        "number": [
            "reserved_qty",
            "reserved_customerorders",
            "reserved_fc-transfers",
            "reserved_fc-processing",
            "reserved_staging",
        ],
    },
    # Not the dates, whose form is unknown.
    "GET_STRANDED_INVENTORY_UI_DATA": {
        "number": [
            "fulfillable-qty",
            "your-price",
            "unfulfillable-qty",
            "reserved-quantity",
            "inbound-shipped-qty",
        ],
    },
    "GET_FBA_REIMBURSEMENTS_DATA": {
        "number": [
            "amount-per-unit",
            "amount-total",
            "quantity-reimbursed-cash",
            "quantity-reimbursed-inventory",
            "quantity-reimbursed-total",
        ],
        "date-time": ["approval-date"],
    },
    "GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA": {
        "number": [
            "requested-quantity",
            "cancelled-quantity",
            "disposed-quantity",
            "shipped-quantity",
            "in-process-quantity",
            "removal-fee",
        ],
        "date-time": ["request-date", "last-updated-date"],
    },
    "GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA": {
        "number": ["shipped-quantity"],
        "date-time": ["request-date", "shipment-date"],
    },
    "GET_LEDGER_DETAIL_VIEW_DATA": {
        "number": ["Quantity", "Reconciled Quantity", "Unreconciled Quantity"],
        "date": ["Date"],
        "date-time": ["Date and Time"],
    },
    "GET_LEDGER_SUMMARY_VIEW_DATA": {
        "number": [
            "Starting Warehouse Balance",
            "In Transit Between Warehouses",
            "Receipts",
            "Customer Shipments",
            "Customer Returns",
            "Vendor Returns",
            "Warehouse Transfer In/Out",
            "Found",
            "Lost",
            "Damaged",
            "Disposed",
            "Other Events",
            "Ending Warehouse Balance",
            "Unknown Events",
        ],
        "date": ["Date"],
    },
    "GET_MERCHANT_CANCELLED_LISTINGS_DATA": _LISTINGS,
    "GET_MERCHANT_LISTINGS_ALL_DATA": _LISTINGS,
    "GET_MERCHANT_LISTINGS_DATA": _LISTINGS,
    "GET_MERCHANT_LISTINGS_DATA_BACK_COMPAT": _LISTINGS,
    "GET_MERCHANT_LISTINGS_DATA_LITE": _LISTINGS,
    "GET_MERCHANT_LISTINGS_DATA_LITER": _LISTINGS,
    "GET_MERCHANT_LISTINGS_INACTIVE_DATA": _LISTINGS,
    "GET_FLAT_FILE_OPEN_LISTINGS_DATA": {"number": _LISTING_NUMBERS},
    SETTLEMENT_V2: {
        "number": ["total-amount", "amount", "quantity-purchased"],
        "date": ["posted-date"],
        "date-time": [
            "settlement-start-date",
            "settlement-end-date",
            "deposit-date",
            "posted-date-time",
        ],
    },
    # Days as 20-Nov-2026. Not `SafeT claim creation time`, whose form is unknown.
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": {
        "number": ["Order quantity", "Return quantity", "Label cost", "Order Amount"],
        "date": ["Order date", "Return request date", "Return delivery date"],
    },
    # Days in the short form of Java in the country: 11/20/26, 20.11.26, 26/11/20.
    "GET_SELLER_FEEDBACK_DATA": {"number": ["Rating"], "date": ["Date"]},
    # Days as Nov 20, 2026.
    "GET_MERCHANTS_LISTINGS_FYP_REPORT": {"date": ["Status Change Date"]},
    # Days as 20-Nov-2026 UTC.
    "SC_VAT_TAX_REPORT": {
        "number": [
            "Quantity",
            "Tax Rate",
            *(
                f"{part} Tax {what}"
                for part in ("OUR_PRICE", "SHIPPING", "GIFTWRAP")
                for what in (
                    "Inclusive Selling Price",
                    "Amount",
                    "Exclusive Selling Price",
                    "Inclusive Promo Amount",
                    "Amount Promo",
                    "Exclusive Promo Amount",
                )
            ),
        ],
        "date": ["Order Date", "Shipment Date", "Tax Calculation Date"],
    },
    # Days as 20-11-2026.
    "GET_VAT_TRANSACTION_DATA": {
        "number": [
            "QTY",
            "ITEM_WEIGHT",
            "TOTAL_ACTIVITY_WEIGHT",
            "COST_PRICE_OF_ITEMS",
            *(
                f"{prefix}{price}_{total}"
                for total in _VAT_SUMS
                for price in _VAT_PRICES
                for prefix in ("", "PROMO_", "TOTAL_")
            ),
            *(f"{price}_VAT_RATE_PERCENT" for price in _VAT_PRICES),
            *(f"TOTAL_ACTIVITY_VALUE_{total}" for total in _VAT_SUMS),
        ],
        "date": [
            "TAX_CALCULATION_DATE",
            "TRANSACTION_DEPART_DATE",
            "TRANSACTION_ARRIVAL_DATE",
            "TRANSACTION_COMPLETE_DATE",
        ],
    },
    "GET_DATE_RANGE_FINANCIAL_HOLDS_DATA": _DATE_RANGE,
    "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA": _DATE_RANGE,
    # Not the days of supply and the ship date, in which Amazon also writes words.
    "GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT": {
        "number": [
            "Price",
            "Sales last 30 days",
            "Units Sold Last 30 Days",
            "Total Units",
            "Inbound",
            "Available",
            "FC transfer",
            "FC Processing",
            "Customer Order",
            "Unfulfillable",
            "Working",
            "Shipped",
            "Receiving",
            "Recommended replenishment qty",
        ],
    },
    # Amounts and quantities, which readers of these files (`report_columns.json`) read as numbers.
    "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING": {
        "number": [
            "quantity-purchased",
            "quantity-shipped",
            "quantity-to-ship",
            "number-of-items",
            "days-past-promise",
        ],
        "date-time": ["purchase-date", "payments-date", "reporting-date", "promise-date"],
    },
    "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING": _ORDERS_TO_SHIP,
    "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING": _ORDERS_TO_SHIP,
    "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX": _ORDERS_TO_SHIP,
    "GET_FLAT_FILE_PENDING_ORDERS_DATA": {"number": ["quantity-purchased"]},
    "GET_CONVERGED_FLAT_FILE_PENDING_ORDERS_DATA": {"number": ["quantity-purchased"]},
    "GET_EASYSHIP_PICKEDUP": {"number": ["quantity-purchased"]},
    "GET_EASYSHIP_WAITING_FOR_PICKUP": {"number": ["quantity-purchased"]},
    "GET_REFERRAL_FEE_PREVIEW_REPORT": {"number": ["price", "estimated-referral-fee-per-item"]},
    "GET_FBA_FULFILLMENT_INBOUND_NONCOMPLIANCE_DATA": {
        "number": ["problem-quantity", "expected-quantity", "received-quantity", "fee-total"],
    },
    "GET_FBA_FULFILLMENT_LONGTERM_STORAGE_FEE_CHARGES_DATA": {
        "number": ["per-unit-volume", "qty-charged", "amount-charged", "rate-surcharge"],
    },
    "GET_FBA_OVERAGE_FEE_CHARGES_DATA": {
        "number": [
            "charge_rate",
            "storage_usage_volume",
            "storage_limit_volume",
            "overage_volume",
            "charged_fee_amount",
        ],
    },
    "GET_FBA_STORAGE_FEE_CHARGES_DATA": {
        "number": [
            "longest_side",
            "median_side",
            "shortest_side",
            "weight",
            "item_volume",
            "average_quantity_on_hand",
            "average_quantity_pending_removal",
            "average_quantity_customer_orders",
            "estimated_total_item_volume",
            "storage_rate",
            "estimated_monthly_storage_fee",
            "total_incentive_fee_amount",
            "storage_utilization_ratio",
            "base_rate",
            "utilization_surcharge_rate",
            "avg_qty_for_sus",
            "est_vol_for_sus",
            "est_base_msf",
            "est_sus",
        ],
    },
    "GET_FBA_RECOMMENDED_REMOVAL_DATA": {
        "number": [
            "sellable-quantity",
            "sellable-121-180-days",
            "sellable-181-270-days",
            "sellable-271-365-days",
            "sellable-365+-days",
            "sellable-removal-quantity",
            "unsellable-quantity",
            "unsellable-0-7-days",
            "unsellable-8-60-days",
            "unsellable-61-90-days",
        ],
    },
    # Not days of supply and weeks of cover, for which Amazon also writes signs.
    "GET_FBA_INVENTORY_PLANNING_DATA": {
        "number": [
            "available",
            "pending-removal-quantity",
            *(f"inv-age-{age}-days" for age in _STORED_AGES),
            *(f"units-shipped-t{days}" for days in (7, 30, 60, 90)),
            "your-price",
            "sales-price",
            "lowest-price-new-plus-shipping",
            "lowest-price-used",
            "recommended-sales-price",
            "recommended-removal-quantity",
            "estimated-cost-savings-of-recommended-actions",
            "sell-through",
            "item-volume",
            "storage-volume",
            "estimated-excess-quantity",
            "featuredoffer-price",
            *(f"sales-shipped-last-{days}-days" for days in (7, 30, 60, 90)),
            "estimated-storage-cost-next-month",
            "inbound-quantity",
            "inbound-working",
            "inbound-shipped",
            "inbound-received",
            "reserved-quantity",
            "unfulfillable-quantity",
            "Total Reserved Quantity",
            *(f"quantity-to-be-charged-ais-{age}-days" for age in _SURCHARGE_AGES),
            *(f"estimated-ais-{age}-days" for age in _SURCHARGE_AGES),
            "Recommended ship-in quantity",
            "Inventory Supply at FBA",
            "Reserved FC Transfer",
            "Reserved FC Processing",
            "Reserved Customer Order",
            "Reserved Staging",
        ],
    },
    "GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT": {
        "number": [
            "quantity-purchased",
            *(f"{part}-{what}" for part in _VAT_INVOICE_PARTS for what in _VAT_INVOICE_AMOUNTS),
        ],
        "date-time": ["order-date", "shipment-date"],
    },
    "GST_MTR_B2B": _GST,
    "GST_MTR_B2C": _GST,
    "GET_GST_MTR_B2B_CUSTOM": _GST,
    "GET_GST_MTR_B2C_CUSTOM": _GST,
}
