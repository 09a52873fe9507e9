from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tap_amazon_sp.amazon.report_types import (
    REPORT_TYPES,
    RemovedReportTypeError,
    report_type,
    written,
)

SALES_AND_TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
VENDOR_SALES = "GET_VENDOR_SALES_REPORT"
LISTED = json.loads(
    (Path(__file__).resolve().parents[2] / "scripts" / "report_types.json").read_text("utf-8")
)


def test_the_table_has_all_types_in_use() -> None:
    in_use = {name for name, entry in LISTED.items() if not {"removed", "retired"} & entry.keys()}

    assert set(REPORT_TYPES) == in_use
    for name in REPORT_TYPES:
        known = report_type(name)
        assert known.name == name
        assert known.known
        assert known.mistakes(known.default_options) == known.mistakes({})


def test_each_type_has_a_mode() -> None:
    assert report_type(SALES_AND_TRAFFIC).mode == "requested"
    assert report_type(SALES_AND_TRAFFIC).schedulable
    assert report_type("GET_ORDER_REPORT_DATA_SHIPPING").mode == "scheduled"
    for listed in ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", "GET_EASYSHIP_DOCUMENTS"):
        assert report_type(listed).mode == "listed"


def test_sixteen_types_are_restricted() -> None:
    assert sum(report_type(name).restricted for name in REPORT_TYPES) == 16


@pytest.mark.parametrize(
    "name", ["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", "GET_V2_SETTLEMENT_REPORT_DATA_XML"]
)
def test_removed_settlement_types_name_their_successor(name: str) -> None:
    with pytest.raises(RemovedReportTypeError) as raised:
        report_type(name)

    assert str(raised.value) == (
        f"{name}: Amazon removed it on 2026-11-11; "
        "use GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2 instead"
    )


def test_types_without_successor_say_so() -> None:
    with pytest.raises(RemovedReportTypeError, match="2025-12-11; there is no successor"):
        report_type("GET_FBA_SNS_FORECAST_DATA")


def test_successors_are_in_use() -> None:
    for name in ("GET_EXCESS_INVENTORY_DATA", "GET_VENDOR_DEMAND_FORECAST_REPORT"):
        with pytest.raises(RemovedReportTypeError) as raised:
            report_type(name)
        assert raised.value.successor in REPORT_TYPES


def test_an_unknown_type_takes_anything() -> None:
    unknown = report_type("GET_UNHEARD_OF_REPORT")

    assert not unknown.known
    assert unknown.format is None
    assert unknown.mistakes({"any": "thing"}) == []


def test_dates_are_as_documented() -> None:
    fulfilled = report_type("GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL")
    assert fulfilled.dates.wanted == "optional"
    assert fulfilled.dates.longest == dt.timedelta(days=30)
    assert fulfilled.minimum_interval == 30 * 60
    assert report_type("GET_LEDGER_DETAIL_VIEW_DATA").dates.wanted == "required"
    assert report_type("GET_AFN_INVENTORY_DATA").dates.wanted == "none"
    assert report_type("GET_MERCHANT_LISTINGS_ALL_DATA").dates.wanted is None
    assert report_type("GET_FBA_REIMBURSEMENTS_DATA").minimum_interval == 4 * 3600
    assert report_type("GET_REFERRAL_FEE_PREVIEW_REPORT").minimum_interval == 24 * 3600


def test_latency_and_whole_hours_are_as_documented() -> None:
    dates = {name: report_type(name).dates for name in REPORT_TYPES}

    # Schemas: "at least 60 minutes earlier than the time of the request".
    assert {name: one.ends_before for name, one in dates.items() if one.ends_before} == {
        "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT": dt.timedelta(hours=1)
    }
    # Schemas: "all full hours that fall within the range".
    assert {name for name, one in dates.items() if one.whole_hours} == {
        f"GET_VENDOR_REAL_TIME_{what}_REPORT" for what in ("INVENTORY", "SALES", "TRAFFIC")
    }
    # Page fba: "Content updated daily". All with such an interval, if they are of a time.
    assert {
        name: one.latency
        for name, one in dates.items()
        if report_type(name).minimum_interval == 4 * 3600 and one.wanted != "none"
    } == dict.fromkeys(
        [
            "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
            "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_PROMOTION_DATA",
            "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA",
            "GET_FBA_RECOMMENDED_REMOVAL_DATA",
            "GET_FBA_REIMBURSEMENTS_DATA",
        ],
        dt.timedelta(days=3),
    )


def test_periods_are_those_of_the_options() -> None:
    vendor = report_type(VENDOR_SALES)
    assert vendor.period({"reportPeriod": "WEEK"}) == "WEEK"
    assert vendor.period({}) is None
    assert not vendor.dates.moved
    sales = report_type(SALES_AND_TRAFFIC)
    assert sales.period({}) == "DAY"
    assert sales.period({"dateGranularity": "MONTH"}) == "MONTH"
    assert sales.dates.moved
    assert report_type("GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT").dates.single


def test_only_what_amazon_is_known_to_refuse_is_a_mistake() -> None:
    vendor = report_type(VENDOR_SALES)

    assert vendor.mistakes({"reportPeriod": "HOUR", "distributor": "X", "sellingProgram": 1.5}) == [
        "`sellingProgram` must be text, not float.",
        "`distributorView` is missing; allowed are `MANUFACTURING`, `SOURCING`.",
    ]
    right = {"reportPeriod": "DAY", "distributorView": "SOURCING", "sellingProgram": "RETAIL"}
    assert vendor.mistakes(right) == []
    assert list(vendor.doubts(right)) == []
    (mistake,) = vendor.mistakes({**right, "reportPeriod": None, "ReportPeriod": "DAY"})[1:]
    assert mistake.startswith("`reportPeriod` is missing; rename `ReportPeriod`; allowed are `DAY`")
    # No option is known, but each is text.
    assert report_type("GET_NEVER_HEARD_OF").mistakes({"a": ["b"]}) == [
        "`a` must be text, not list."
    ]


def test_doubts_about_options_name_what_is_known() -> None:
    vendor = report_type(VENDOR_SALES)

    assert list(vendor.doubts({"reportPeriod": "day", "distributor": "X", "x": 1})) == [
        (
            "`reportPeriod` is 'day', which is not a known value: did you mean `DAY`? Known are "
            "`DAY`, `WEEK`, `MONTH`, `QUARTER`, `YEAR`."
        ),
        (
            "`distributor` is not a known option of GET_VENDOR_SALES_REPORT: did you mean "
            "`distributorView`? Known are `distributorView`, `reportPeriod`, `sellingProgram`."
        ),
        (
            "`x` is not a known option of GET_VENDOR_SALES_REPORT. Known are `distributorView`, "
            "`reportPeriod`, `sellingProgram`."
        ),
    ]
    (doubt,) = report_type("GET_FBA_REIMBURSEMENTS_DATA").doubts({"a": "b"})
    assert doubt == "`a` is not a known option of GET_FBA_REIMBURSEMENTS_DATA. None are known."
    assert list(report_type("GET_NEVER_HEARD_OF").doubts({"a": "b"})) == []


@pytest.mark.parametrize(
    "name",
    [
        "GET_FLAT_FILE_OPEN_LISTINGS_DATA",
        "GET_MERCHANT_LISTINGS_ALL_DATA",
        "GET_MERCHANT_LISTINGS_DATA",
        "GET_MERCHANT_LISTINGS_INACTIVE_DATA",
    ],
)
def test_inventory_reports_take_the_language_of_their_headers(name: str) -> None:
    kind = report_type(name)

    assert list(kind.doubts({"preferredReportDocumentLocale": "en_US"})) == []
    assert list(kind.doubts({"preferredReportDocumentLocale": "german"})) == [
        "`preferredReportDocumentLocale` is 'german', which is not a locale such as `en_US`."
    ]


def test_booleans_are_sent_as_text() -> None:
    assert report_type("GET_MERCHANT_LISTINGS_ALL_DATA").mistakes({"custom": True}) == []
    assert written(value=True) == "true"


def test_an_option_that_is_too_long_is_refused_and_one_that_is_not_a_time_is_doubtful() -> None:
    search = report_type("GET_BRAND_ANALYTICS_SEARCH_QUERY_PERFORMANCE_REPORT")
    promotion = report_type("GET_PROMOTION_PERFORMANCE_REPORT")

    assert search.mistakes({"reportPeriod": "WEEK", "asin": "B" * 201}) == [
        "`asin` has 201 characters; allowed are 200."
    ]
    times = {"promotionStartDateFrom": "yesterday", "promotionStartDateTo": "2026-01-31T00:00:00Z"}
    assert promotion.mistakes(times) == []
    assert list(promotion.doubts(times)) == [
        "`promotionStartDateFrom` is 'yesterday', which is not an ISO 8601 time."
    ]


def test_one_pair_of_options_suffices_for_coupons() -> None:
    coupons = report_type("GET_COUPON_PERFORMANCE_REPORT")
    time = "2026-01-31T00:00:00Z"

    assert coupons.mistakes({}) == [
        (
            "It needs `couponStartDateFrom` and `couponStartDateTo` or "
            "`campaignStartDateFrom` and `campaignStartDateTo`."
        )
    ]
    assert coupons.mistakes({"couponStartDateFrom": time, "couponStartDateTo": time}) == []


def test_keys_of_records_follow_the_options() -> None:
    sales = report_type(SALES_AND_TRAFFIC)
    by_date, by_asin = sales.record_arrays

    assert by_date.path == "salesAndTrafficByDate"
    assert by_date.keys() == ["date"]
    assert not by_date.undated
    assert by_asin.keys({}, sales.default_options) == ["parentAsin"]
    assert by_asin.keys({"asinGranularity": "SKU"}) == ["parentAsin", "childAsin", "sku"]
    assert by_asin.undated
    assert by_date.schema["properties"]["date"] == {"type": "string", "format": "date"}


def test_schemas_of_records_forbid_and_require_nothing() -> None:
    text = json.dumps(
        [array.schema for name in REPORT_TYPES for array in report_type(name).record_arrays]
    )

    for word in ("required", "enum", "$ref", "additionalProperties", "description"):
        assert f'"{word}":' not in text


def test_the_table_is_not_read_on_import() -> None:
    code = (
        "from tap_amazon_sp.amazon import report_types as module;"
        "print(module._table.cache_info().currsize)"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "0\n"
