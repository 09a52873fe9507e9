"""Facts about report types for the simulator's data, with their sources.

"page" is one of Amazon's pages below developer-docs.amazon.com/sp-api/docs/report-type-values, also
as of 2022 in the archived repository amzn/selling-partner-api-docs; "schema" is the JSON Schema of
the report in amzn/selling-partner-api-models; "inferred" has no source at Amazon.

Some facts are also in `report_type_facts.py`. They are written down twice on purpose: the simulator
must reveal mistakes of the tap, which it could not if both read the same table. Only the columns
that sources list are written down once, in `report_columns.json`.
`build_simulator_data.py` fails if a type is not in the list.
"""

from __future__ import annotations

from typing import Any

FORMATS: dict[str, str] = {
    # Formats that the list lacks; all inferred, the last from its name.
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_INVOICING": "TSV",
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_SHIPPING": "TSV",
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_TAX": "TSV",
    "GET_MFN_PANEU_OFFER_STATUS": "TSV",
    "GST_MTR_B2B": "TSV",
    "GST_MTR_B2C": "TSV",
    "GST_MTR_STOCK_TRANSFER_REPORT": "TSV",
    "FBA_BULK_INVOICE": "ZIP",
}

ANY = "string"
"""The values of an option that takes any text."""

_PERIODS = {"reportPeriod": ["DAY", "WEEK", "MONTH", "QUARTER"]}
_B2B_OPTIONS = {"categories": ANY, "depersonalized": ANY, "filterMode": ANY}

OPTIONS: dict[str, dict[str, Any]] = {
    # Instead of those in the list. Page analytics of 2022.
    "GET_BRAND_ANALYTICS_ALTERNATE_PURCHASE_REPORT": _PERIODS,
    "GET_BRAND_ANALYTICS_ITEM_COMPARISON_REPORT": _PERIODS,
    # Page b2b.
    "GET_B2B_PRODUCT_OPPORTUNITIES_NOT_YET_ON_AMAZON": _B2B_OPTIONS,
    "GET_B2B_PRODUCT_OPPORTUNITIES_RECOMMENDED_FOR_YOU": _B2B_OPTIONS | {"subCategories": ANY},
}

NEEDS: dict[str, list[str]] = {
    # Required options, instead of those in the list; sources as for OPTIONS, and the schema
    # sellerCouponReport.
    "GET_BRAND_ANALYTICS_ALTERNATE_PURCHASE_REPORT": ["reportPeriod"],
    "GET_BRAND_ANALYTICS_ITEM_COMPARISON_REPORT": ["reportPeriod"],
    "GET_COUPON_PERFORMANCE_REPORT": ["couponStartDateFrom", "couponStartDateTo"],
}

VENDOR_NEEDS: dict[str, list[str]] = {
    # The same for a vendor, if it differs. Schema vendorCouponReport.
    "GET_COUPON_PERFORMANCE_REPORT": ["campaignStartDateFrom", "campaignStartDateTo"],
}

ONE_PERIOD: tuple[str, ...] = (
    # Page analytics: a request must not span several periods.
    "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT",
)

INTERVALS: dict[str, int] = {
    # Seconds before the same report is made again, if they do not follow from the list. Pages
    # business and inventory: not more than once in 24 hours.
    "FEE_DISCOUNTS_REPORT": 86400,
    "GET_REFERRAL_FEE_PREVIEW_REPORT": 86400,
    # Page fba: the limits of FBA reports do not apply to the four All Orders reports.
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 0,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 0,
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": 0,
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": 0,
}

KEPT_DAYS: dict[str, int] = {
    # Days after which a report is deleted, by the type's category, if not 90. Page order.
    "Orders": 30,
}

UNDESCRIBED: dict[str, dict[str, Any]] = {
    # Properties that Amazon's schemas require but do not describe; others of that kind become text.
    # Inferred: the parts of orderDefectRate are called mfn and afn.
    "fulfillmentType": {"type": "string", "enum": ["MFN", "AFN"]},
}


def _names(text: str) -> tuple[str, ...]:
    """Return the names of columns in a text with commas between them."""
    return tuple(" ".join(name.split()) for name in text.split(","))


_SHIPMENTS = _names(
    """
    amazon-order-id, merchant-order-id, shipment-id, shipment-item-id, amazon-order-item-id,
    merchant-order-item-id, purchase-date, payments-date, shipment-date, reporting-date,
    buyer-email, buyer-name, buyer-phone-number, sku, product-name, quantity-shipped, currency,
    item-price, item-tax, shipping-price, shipping-tax, gift-wrap-price, gift-wrap-tax,
    ship-service-level, recipient-name, ship-address-1, ship-address-2, ship-address-3, ship-city,
    ship-state, ship-postal-code, ship-country, ship-phone-number, bill-address-1, bill-address-2,
    bill-address-3, bill-city, bill-state, bill-postal-code, bill-country,
    item-promotion-discount, ship-promotion-discount, carrier, tracking-number,
    estimated-arrival-date, fulfillment-center-id, fulfillment-channel, sales-channel
    """
)
_RETURNS = _names(
    """
    Order ID, Order date, Return request date, Return request status, Amazon RMA ID,
    Merchant RMA ID, Label type, Label cost, Currency code, Return carrier, Tracking ID,
    Label to be paid by, A-to-Z Claim, Is prime, ASIN, Merchant SKU, Item Name, Return quantity,
    Return Reason, In policy, Return type, Resolution, Invoice number, Return delivery date,
    Order Amount, Order quantity, SafeT Action reason, SafeT claim id, SafeT claim state,
    SafeT claim creation time, SafeT claim reimbursement amount, Refunded Amount
    """
)
_ORDERS_TO_SHIP = _names(
    """
    order-id, order-item-id, purchase-date, payments-date, buyer-email, buyer-name,
    buyer-phone-number, sku, product-name, quantity-purchased, currency, item-price, item-tax,
    shipping-price, shipping-tax, ship-service-level, recipient-name, ship-address-1,
    ship-address-2, ship-address-3, ship-city, ship-state, ship-postal-code, ship-country,
    ship-phone-number, delivery-start-date, delivery-end-date, delivery-time-zone,
    delivery-Instructions, is-business-order, purchase-order-number, price-designation
    """
)
_GST_BUYER = _names("Customer Bill To Gstid, Customer Ship To Gstid, Buyer Name")
_TAX_COLLECTION = _names("tax-collection-model, tax-collection-responsible-party")
_OFFER_STATUS = _names(
    """
    sku, asin, product-name, offer-status-uk, offer-status-de, offer-status-fr, offer-status-it,
    offer-status-es, eligibility
    """
)

INFERRED_COLUMNS: dict[str, tuple[str, ...]] = {
    # Of flat files that `report_columns.json` lacks. Inferred from the name of the type, Amazon's
    # description of the report, and the columns of similar reports.
    "FEE_DISCOUNTS_REPORT": _names(
        """
        SKU, ASIN, Product Name, Price, Referral Fee, Discounted Referral Fee, Currency,
        Start Date, End Date
        """
    ),
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING": _SHIPMENTS,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX": (
        *_SHIPMENTS,
        *_TAX_COLLECTION,
    ),
    "GET_CSV_MFN_PRIME_RETURNS_REPORT": _RETURNS,
    "GET_DATE_RANGE_FINANCIAL_HOLDS_DATA": _names(
        """
        date/time, settlement id, type, order id, sku, description, quantity, marketplace,
        product sales, product sales tax, total
        """
    ),
    "GET_EPR_ANNUAL_REPORTS": _names(
        """
        Report Year, Country, EPR Category, Producer Number, ASIN, Units Sold, Weight, Weight Unit
        """
    ),
    "GET_EPR_MONTHLY_REPORTS": _names(
        """
        Report Month, Country, EPR Category, Producer Number, ASIN, Units Sold, Weight,
        Weight Unit
        """
    ),
    "GET_EPR_QUARTERLY_REPORTS": _names(
        """
        Report Quarter, Country, EPR Category, Producer Number, ASIN, Units Sold, Weight,
        Weight Unit
        """
    ),
    "GET_EXCESS_INVENTORY_DATA": _names(
        """
        date, msku, fnsku, asin, product-name, condition, your-price, currency, sales-30-days,
        inventory, estimated-excess, days-of-supply, recommended-action
        """
    ),
    "GET_FBA_FULFILLMENT_CURRENT_INVENTORY_DATA": _names(
        """
        snapshot-date, fnsku, sku, product-name, quantity, fulfillment-center-id,
        detailed-disposition, country
        """
    ),
    "GET_FBA_FULFILLMENT_CUSTOMER_TAXES_DATA": _names(
        """
        order-id, transaction-item-id, transaction-date, order-date, ship-date, sku, quantity,
        currency, item-price, item-tax, tax-location-code, tax-type
        """
    ),
    "GET_FBA_FULFILLMENT_INVENTORY_ADJUSTMENTS_DATA": _names(
        """
        adjusted-date, transaction-item-id, fnsku, sku, product-name, fulfillment-center-id,
        quantity, reason, disposition, reconciled, unreconciled
        """
    ),
    "GET_FBA_FULFILLMENT_INVENTORY_HEALTH_DATA": _names(
        """
        snapshot-date, sku, fnsku, asin, product-name, condition, sales-rank, product-group,
        total-quantity, sellable-quantity, unsellable-quantity, inv-age-0-to-90-days,
        inv-age-91-to-180-days, inv-age-181-to-270-days, inv-age-271-to-365-days,
        inv-age-365-plus-days, currency, your-price
        """
    ),
    "GET_FBA_FULFILLMENT_INVENTORY_RECEIPTS_DATA": _names(
        """
        received-date, fnsku, sku, product-name, quantity, fba-shipment-id, fulfillment-center-id
        """
    ),
    "GET_FBA_FULFILLMENT_INVENTORY_SUMMARY_DATA": _names(
        """
        snapshot-date, transaction-type, fnsku, sku, product-name, fulfillment-center-id,
        quantity, disposition
        """
    ),
    "GET_FBA_FULFILLMENT_MONTHLY_INVENTORY_DATA": _names(
        """
        month, fnsku, sku, product-name, average-quantity, end-quantity, fulfillment-center-id,
        detailed-disposition, country
        """
    ),
    "GET_FBA_INVENTORY_AGED_DATA": _names(
        """
        snapshot-date, sku, fnsku, asin, product-name, condition, avaliable-quantity(sellable),
        qty-with-removals-in-progress, inv-age-0-to-90-days, inv-age-91-to-180-days,
        inv-age-181-to-270-days, inv-age-271-to-365-days, inv-age-365-plus-days, currency,
        your-price
        """
    ),
    "GET_FLAT_FILE_GEO_OPPORTUNITIES": _names(
        """
        asin, product-name, brand, source-country, target-country, product-group, sales-rank,
        opportunity-score
        """
    ),
    "GET_FLAT_FILE_MFN_SKU_RETURN_ATTRIBUTES_REPORT": _names(
        """
        Merchant SKU, ASIN, Item Name, Prepaid label eligibility, Returnless refund eligibility,
        Return window days
        """
    ),
    "GET_FLAT_FILE_OFFAMAZONPAYMENTS_SANDBOX_SETTLEMENT_DATA": _names(
        """
        TransactionPostedDate, SettlementId, AmazonTransactionId, SellerReferenceId,
        TransactionType, AmazonOrderReferenceId, StoreName, CurrencyCode, TransactionDescription,
        TransactionAmount, TransactionFixedFee, TotalTransactionFee, NetTransactionAmount
        """
    ),
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_INVOICING": _ORDERS_TO_SHIP,
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_SHIPPING": _ORDERS_TO_SHIP,
    "GET_FLAT_FILE_ORDERS_RECONCILIATION_DATA_TAX": _ORDERS_TO_SHIP,
    "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX": (
        *_ORDERS_TO_SHIP,
        *_TAX_COLLECTION,
    ),
    "GET_GST_STR_ADHOC": _names(
        """
        Transaction Id, Transaction Type, Invoice Number, Invoice Date, Order Id, Ship From City,
        Ship To City, Asin, Sku, Quantity, Taxable Value, Igst Rate, Igst Amount
        """
    ),
    "GET_MERCHANT_LISTINGS_DEFECT_DATA": _names(
        """
        sku, product-name, asin, field-name, alert-type, current-value, last-updated, alert-name,
        status, explanation
        """
    ),
    "GET_MFN_PANEU_OFFER_STATUS": _OFFER_STATUS,
    "GET_MFN_PAN_EU_OFFER_STATUS": _OFFER_STATUS,
    "GET_PAN_EU_OFFER_STATUS": _names(
        """
        sku, fnsku, asin, product-name, offer-status-uk, offer-status-de, offer-status-fr,
        offer-status-it, offer-status-es, enrollment-status
        """
    ),
    "GET_REMOTE_FULFILLMENT_ELIGIBILITY": _names(
        """
        asin, sku, product-name, offer-status-ca, offer-status-mx, offer-status-br, eligibility,
        reason
        """
    ),
    "GET_STRANDED_INVENTORY_LOADER_DATA": _names(
        """
        sku, product-id, product-id-type, price, item-condition, quantity, add-delete,
        fulfillment-center-id, item-note
        """
    ),
    "GST_MTR_STOCK_TRANSFER_REPORT": _names(
        """
        Transaction Id, Transaction Type, Invoice Number, Invoice Date, Order Id, Ship From Fc,
        Ship To Fc, Asin, Sku, Quantity, Taxable Value, Igst Rate, Igst Amount
        """
    ),
    "RFQD_BULK_DOWNLOAD": _names(
        """
        Request ID, Request Date, ASIN, SKU, Product Name, Requested Quantity, Price, Currency,
        Status
        """
    ),
}

_TEXT: dict[str, Any] = {"type": "string"}
_DAY: dict[str, Any] = {"type": "string", "format": "date"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Return the schema of an object that requires all its properties, or some."""
    needed = list(properties) if required is None else required
    return {"type": "object", "required": needed, "properties": properties}


_AMOUNT = _object({"amount": {"type": "number", "minimum": 0}, "currencyCode": _TEXT})


def _report(name: str, options: list[str], array: str, record: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a report with one array, in the form of Amazon's schemas."""
    specification = {
        "reportType": {"type": "string", "enum": [name]},
        "reportOptions": _object(dict.fromkeys(options, _TEXT), required=[]),
        "dataStartTime": _DAY,
        "dataEndTime": _DAY,
        "marketplaceIds": {"type": "array", "items": _TEXT},
    }
    records = {"type": "array", "items": _object(record)}
    return _object({"reportSpecification": _object(specification), array: records})


_PERIOD = {"startDate": _DAY, "endDate": _DAY, "asin": _TEXT}

INFERRED_SCHEMAS: dict[str, dict[str, Any]] = {
    # JSON reports of page analytics of 2022. Amazon no longer publishes their schemas. The page
    # names the options, purchasedAsin and comparedAsin; the rest is inferred from the reports that
    # replaced them.
    name: _report(name, options, array, record)
    for name, options, array, record in (
        (
            "GET_BRAND_ANALYTICS_ALTERNATE_PURCHASE_REPORT",
            ["reportPeriod"],
            "dataByAsin",
            _PERIOD | {"purchasedAsin": _TEXT, "purchasedRank": _COUNT, "purchasedPct": _SHARE},
        ),
        (
            "GET_BRAND_ANALYTICS_ITEM_COMPARISON_REPORT",
            ["reportPeriod"],
            "dataByAsin",
            _PERIOD | {"comparedAsin": _TEXT, "comparedRank": _COUNT, "comparedPct": _SHARE},
        ),
        (
            "GET_VENDOR_DEMAND_FORECAST_REPORT",
            [],
            "forecastByAsin",
            {
                "forecastGenerationDate": _DAY,
                "asin": _TEXT,
                "startDate": _DAY,
                "endDate": _DAY,
                "meanForecastUnits": _COUNT,
            },
        ),
        (
            "GET_VENDOR_INVENTORY_HEALTH_AND_PLANNING_REPORT",
            [],
            "inventoryByAsin",
            _PERIOD
            | {
                "sellableOnHandUnits": _COUNT,
                "openPurchaseOrderUnits": _COUNT,
                "netReceived": _AMOUNT,
            },
        ),
        (
            "GET_VENDOR_SALES_DIAGNOSTIC_REPORT",
            ["distributorView"],
            "salesByAsin",
            _PERIOD
            | {
                "orderedUnits": _COUNT,
                "orderedRevenue": _AMOUNT,
                "shippedUnits": _COUNT,
                "shippedRevenue": _AMOUNT,
            },
        ),
    )
}
