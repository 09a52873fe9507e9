from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.reports import (
    ReportSettings,
    hint_for_unknown,
    read_report,
    report_streams,
    stream_name,
)
from tap_amazon_sp.settings.stream_names import mistakes_in_names
from tap_amazon_sp.streams.from_settings import mistakes_in_streams

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
INVENTORY = "GET_AFN_INVENTORY_DATA"
RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
VENDOR_SALES = "GET_VENDOR_SALES_REPORT"
SEARCH_TERMS = "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT"
SETTLEMENT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
RESTRICTED_XLSX = "GET_EPR_MONTHLY_REPORTS"
UNKNOWN = "GET_SOMETHING_NEW_DATA"
VENDOR = {"distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"}


def read(entry: str | dict[str, Any]) -> list[ReportSettings]:
    return report_streams([read_report(entry)])


def mistakes(*entries: Any, names: tuple[str, ...] = (), **settings: Any) -> list[str]:
    found = read_settings({"reports": list(entries), **settings})
    return list(found.discovery_mistakes) or list(mistakes_in_names(found.settings, names))


def of(name: str, /, **about: Any) -> dict[str, Any]:
    return {"report_type": name, **about}


# --- What an entry says ------------------------------------------------------------------------


def test_the_name_of_a_type_is_all_it_takes() -> None:
    (stream,) = read(LISTINGS)

    assert stream == read({"report_type": LISTINGS})[0]
    assert stream.name == "report_merchant_listings_all"
    assert stream.type is report_type(LISTINGS)
    assert (stream.options, stream.marketplace_ids) == ({}, ())
    assert (stream.window, stream.start_date, stream.end_date, stream.lookback) == (None,) * 4
    assert stream.is_requested
    assert not stream.has_times
    assert not stream.is_one_request


def test_an_entry_says_it_all() -> None:
    (stream,) = read(
        of(
            RETURNS,
            name="returns",
            options={"a": True, "b": 5, "c": "text", "d": None},
            marketplace_ids=["US", "ATVPDKIKX0DER", "ca"],
            window="P7D",
            start_date="2026-01-01",
            end_date="2026-02-01T00:00:00+01:00",
            lookback="P2D",
            keys=["sku", "asin"],
            column_names="original",
            save_to="documents",
            format="csv",
            version="2021-06-30",
        )
    )

    assert stream.name == "returns"
    assert stream.options == {"a": "true", "b": "5", "c": "text"}
    assert stream.marketplace_ids == ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")
    assert stream.window == Period(dt.timedelta(days=7))
    assert stream.start_date == parse_timestamp("2026-01-01")
    assert stream.end_date == parse_timestamp("2026-01-31T23:00:00Z")
    assert stream.lookback == dt.timedelta(days=2)
    assert stream.keys == ("sku", "asin")
    assert stream.column_names == "original"
    assert (stream.save_to, stream.format) == ("documents", "csv")
    # It has both its times, but not in Amazon's words.
    assert not stream.is_one_request


def test_a_request_of_amazon_s_form_is_understood() -> None:
    (stream,) = read(
        {
            "reportType": ORDERS,
            "marketplaceIds": ["ATVPDKIKX0DER"],
            "reportOptions": {"a": "1"},
            "dataStartTime": "2026-01-01T00:00:00.000Z",
            "dataEndTime": "2026-01-08T00:00:00+00:00",
        }
    )

    assert stream.name == "report_flat_file_all_orders_data_by_last_update_general"
    assert stream.marketplace_ids == ("ATVPDKIKX0DER",)
    assert stream.options == {"a": "1"}
    assert stream.start_date == parse_timestamp("2026-01-01")
    assert stream.end_date == parse_timestamp("2026-01-08")
    assert stream.is_one_request


@pytest.mark.parametrize(
    "entry",
    [
        {"reportType": ORDERS},
        {"reportType": ORDERS, "dataStartTime": "2026-01-01"},
        {"reportType": ORDERS, "dataEndTime": "2026-01-01"},
        {
            "reportType": ORDERS,
            "dataStartTime": "2026-01-01",
            "dataEndTime": "2026-02-01",
            "window": "DAY",
        },
    ],
)
def test_a_request_that_lacks_a_time_or_has_a_window_goes_on(entry: dict[str, Any]) -> None:
    (stream,) = read(entry)

    assert not stream.is_one_request


def test_what_is_null_is_not_given() -> None:
    given = dict.fromkeys(("name", "window", "start_date", "keys", "save_to", "version"))

    assert read(of(LISTINGS, **given)) == read(LISTINGS)
    assert mistakes(of(SETTLEMENT, window=None, lookback=None, options=None)) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (TRAFFIC, "report_sales_and_traffic"),
        (LISTINGS, "report_merchant_listings_all"),
        (SETTLEMENT, "report_v2_settlement_report_data_flat_file_v2"),
        ("FEE_DISCOUNTS_REPORT", "report_fee_discounts"),
        ("MARKETPLACE_ASIN_PAGE_VIEW_METRICS", "report_marketplace_asin_page_view_metrics"),
    ],
)
def test_a_stream_is_named_after_its_type(name: str, expected: str) -> None:
    assert stream_name(name) == expected


def test_all_types_together_have_names_of_their_own() -> None:
    streams = report_streams(map(read_report, REPORT_TYPES))

    names = [stream.name for stream in streams]
    assert len(set(names)) == len(names) >= len(REPORT_TYPES)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (of(ORDERS), True),
        (of(LISTINGS), False),
        # Nothing is known of its times: those who give some know.
        (of(UNKNOWN), False),
        (of(UNKNOWN, start_date="2026-01-01"), True),
        (of(UNKNOWN, window="P1D"), True),
        (of(UNKNOWN, lookback="P1D"), True),
        (of(UNKNOWN, options={"a": "1"}), False),
    ],
)
def test_reports_are_of_a_time_or_show_how_things_are(
    entry: dict[str, Any], *, expected: bool
) -> None:
    assert read(entry)[0].has_times is expected


def test_a_report_with_several_arrays_has_a_stream_for_each() -> None:
    first, second = read(of(TRAFFIC, name="traffic"))

    assert (first.name, second.name) == ("traffic", "traffic_by_asin")
    assert first.array is not None
    assert (first.record_path, second.record_path) == (
        "salesAndTrafficByDate",
        "salesAndTrafficByAsin",
    )
    assert first.array.path == first.record_path


def test_a_record_path_reads_one_array_only() -> None:
    (stream,) = read(of(TRAFFIC, record_path="salesAndTrafficByAsin"))

    assert stream.name == "report_sales_and_traffic"
    assert stream.array is not None
    assert stream.array.path == "salesAndTrafficByAsin"
    (other,) = read(of(TRAFFIC, record_path="reportSpecification"))
    assert other.array is None


# --- Windows and options -----------------------------------------------------------------------


@pytest.mark.parametrize("window", ["DAY", "week", "MONTH", "QUARTER", "YEAR", "P1D"])
def test_a_window_says_the_period_that_the_type_counts_in(window: str) -> None:
    expected = "DAY" if window == "P1D" else window.upper()
    (stream, *_) = read(of(VENDOR_SALES, window=window, options=VENDOR))

    assert stream.options["reportPeriod"] == expected
    assert stream.period == Period(expected)
    assert mistakes(of(VENDOR_SALES, window=window, options=VENDOR)) == []


def test_an_option_says_the_period_before_a_window_does() -> None:
    entry = of(VENDOR_SALES, window="MONTH", options={**VENDOR, "reportPeriod": "DAY"})

    assert read(entry)[0].options["reportPeriod"] == "DAY"
    assert read(entry)[0].period == Period("DAY")
    assert mistakes(entry) == []


@pytest.mark.parametrize("window", ["WEEK", "MONTH", "P7D", "DAY"])
def test_windows_of_whole_days_are_for_types_that_count_days(window: str) -> None:
    assert mistakes(of(TRAFFIC, window=window)) == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (of(ORDERS, window="P31D"), "`window` is longer than 30 days, which is Amazon's limit"),
        (of(ORDERS, window="MONTH"), "`window` is longer than 30 days"),
        (of(TRAFFIC, window="PT6H"), "`window` must be made of whole periods, which are DAY by"),
        (
            of(VENDOR_SALES, window="P7D", options={**VENDOR, "reportPeriod": "WEEK"}),
            "`window` must be made of whole periods, which are WEEK by `reportPeriod`",
        ),
        (
            of(VENDOR_SALES, window="MONTH", options={**VENDOR, "reportPeriod": "WEEK"}),
            "`window` must be made of whole periods",
        ),
        (
            of(SEARCH_TERMS, window="MONTH", options={"reportPeriod": "DAY"}),
            "`window` must be DAY: Amazon takes one period at a time",
        ),
        (of(INVENTORY, window="DAY"), "it shows how things are now: `window` has"),
        (of(INVENTORY, start_date="2026-01-01"), "how things are now: `start_date` has no meaning"),
        (of(INVENTORY, end_date="2026-01-01"), "how things are now: `end_date` has no meaning"),
        (of(INVENTORY, lookback="P1D"), "how things are now: `lookback` has no meaning"),
        (of(VENDOR_SALES, options=VENDOR | {"reportPeriod": ["DAY"]}), "must be text, not list"),
        (of(SEARCH_TERMS), "`reportPeriod` is missing; allowed are `DAY`"),
        # Nothing is known of its options but that Amazon wants text.
        (of(UNKNOWN, options={"a": ["DAY"]}), "`options`: `a` must be text, not list"),
        (of(RETURNS, options={"a": 1.5}), "`options`: `a` must be text, not float"),
    ],
)
def test_a_mistake_in_times_and_options_is_told(entry: dict[str, Any], words: str) -> None:
    (mistake,) = mistakes(entry)

    assert mistake.startswith(f"`reports`[0] {entry['report_type']}: ")
    assert words in mistake


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (of(TRAFFIC, options={"dateGranularity": "HOUR"}), "'HOUR', which is not a known value. K"),
        (of(TRAFFIC, options={"datGranularity": "DAY"}), ": did you mean `dateGranularity` or"),
        (
            of(RETURNS, options={"a": "b"}),
            f"`a` is not a known option of {RETURNS}. None are known",
        ),
        (of(UNKNOWN), f"{UNKNOWN} is not a report type that is known here"),
    ],
)
def test_what_may_be_a_mistake_is_told_and_sent(entry: dict[str, Any], words: str) -> None:
    (stream, *_) = read(entry)

    assert mistakes(entry) == []
    (doubt,) = stream.doubts()
    assert words in doubt
    if "options" in entry:
        assert doubt.startswith("`options`: ")
        assert doubt.endswith("Amazon gets it as it is.")
        assert stream.options == entry["options"]


# --- Mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, "it needs a `report_type`"),
        ("", "it needs a `report_type`"),
        ("get_merchant_listings", "`report_type` 'get_merchant_listings' is not one such as GET_"),
        (of(LISTINGS, reportType=LISTINGS), "`reportType` and `report_type` are the same: give"),
        (
            of(ORDERS, dataStartTime="2026-01-01", start_date="2026-01-01"),
            "`dataStartTime` and `start_date` are the same",
        ),
        (of(LISTINGS, version="2020-09-04"), "`version` '2020-09-04': there is only 2021-06-30"),
        (of(RETURNS, window="P1M"), "`window` cannot be 'P1M'"),
        (of(RETURNS, window="PT1S"), "`window` cannot be 'PT1S'"),
        (of(RETURNS, start_date="soon"), "`start_date` cannot be 'soon'"),
        (of(RETURNS, end_date=""), "`end_date` cannot be ''"),
        (of(RETURNS, start_date="0001-01-01T00:00:00+14:00"), "`start_date` cannot be '0001"),
        (of(RETURNS, end_date="9999-12-31T23:59:59-12:00"), "`end_date` cannot be '9999"),
        (of(RETURNS, window="P99999999999D"), "`window` cannot be 'P99999999999D'"),
        (of(RETURNS, lookback="P99999999999D"), "`lookback` cannot be 'P99999999999D'"),
        (of(RETURNS, lookback="2 days"), "`lookback` cannot be '2 days'"),
        (of(RETURNS, marketplace_ids=["XX"]), "`marketplace_ids`: 'XX' is neither"),
        (
            "GET_V2_SETTLEMENT_REPORT_DATA_XML",
            "Amazon removed it on 2026-11-11; use GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
        ),
        (
            of("GET_VENDOR_DEMAND_FORECAST_REPORT"),
            "Amazon no longer lists it; use GET_VENDOR_FORECASTING_REPORT instead",
        ),
        ("GET_PRODUCT_EXCHANGE_DATA", "removed it on 2024-02-21; there is no successor"),
    ],
)
def test_an_entry_that_cannot_be_read_is_told(entry: Any, words: str) -> None:
    (mistake,) = mistakes(entry)

    assert mistake.startswith("`reports`[0]: ")
    assert words in mistake


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (of(RETURNS, name="my returns"), "`name` must be made of letters, digits and underscores"),
        (of(RETURNS, name="1st"), "`name` must be made of"),
        (
            of(RETURNS, start_date="2026-02-01", end_date="2026-02-01T00:00:00Z"),
            "`end_date` must be later than `start_date`",
        ),
        (of(RETURNS, format="csv"), "`format` goes with `save_to`"),
        (of(RETURNS, save_to="nowhere://bucket/folder"), "`save_to` nowhere://bucket/folder: "),
        # What has a password is not shown in full.
        (of(RETURNS, save_to="foo://user:hush@host/folder"), "`save_to` foo://***@host/folder: "),
        (of(RETURNS, save_to="https://user:hush@host/a"), "`save_to` https://***@host/a: it con"),
        (of(RETURNS, save_to="ftp://user:hush@host.invalid/a"), "`save_to` ftp://***@host.invali"),
        (of(RETURNS, save_to="https://host/a"), "`save_to` https://host/a: https:// can be read"),
        (of(RETURNS, save_to=""), "`save_to` is empty: name a folder"),
        (of(RETURNS, save_to=" "), "`save_to` is empty: name a folder"),
        (of(RETURNS, save_to="a\0b"), "`save_to` has a NUL character"),
        (of(RETURNS, keys=[]), "`keys` is empty: name the properties that tell records apart"),
        (of(RETURNS, keys=["a", ""]), "`keys` has an empty name"),
        (of(RETURNS, keys=["a", "b", "a"]), "`keys` has 'a' more than once"),
        (of(RETURNS, start_date="0001-01-01"), "`start_date` is in the year 1: Amazon has no da"),
        (of(RETURNS, start_date="1994-12-31T23:00:00Z"), "`start_date` is in the year 1994"),
        (of(RETURNS, end_date="0001-01-02"), "`end_date` is in the year 1: Amazon has no data"),
        (of(RETURNS, record_path="a.b"), "its documents are tsv: `record_path` is for JSON and X"),
        (of(RETURNS, marketplace_ids=["DE"]), "DE is in region eu, but `region` is na"),
        (of(SETTLEMENT, window="P7D"), "Amazon makes these reports by itself: `window` has no me"),
        (of(SETTLEMENT, lookback="P7D"), "by itself: `lookback` has no meaning"),
        (of(SETTLEMENT, options={"a": "1"}), "by itself: `options` has no meaning"),
        (
            of(RETURNS, mode="listed", window="P7D"),
            "its reports are only listed (`mode`): `window` ",
        ),
        (of(RETURNS, mode="listed", lookback="P7D"), "only listed (`mode`): `lookback` has no me"),
        (of(RETURNS, mode="listed", options={"a": "1"}), "only listed (`mode`): `options` has no "),
        # Named as it was given.
        (
            {"reportType": SETTLEMENT, "reportOptions": {"a": "1"}},
            "by itself: `reportOptions` has no meaning",
        ),
    ],
)
def test_a_mistake_names_its_entry_and_its_setting(entry: dict[str, Any], words: str) -> None:
    (mistake,) = mistakes(of(LISTINGS), entry)

    kind = entry.get("report_type") or entry["reportType"]
    assert mistake.startswith(f"`reports`[1] {kind}: ")
    assert words in mistake
    assert "hush" not in mistake


def test_several_mistakes_are_told_at_once() -> None:
    found = mistakes(
        of(RETURNS, name="a b", window="P1D", format="csv"), "", of(TRAFFIC, window="PT1H")
    )

    assert [sentence.partition(":")[0] for sentence in found] == [
        f"`reports`[0] {RETURNS}",
        f"`reports`[0] {RETURNS}",
        "`reports`[1]",
        f"`reports`[2] {TRAFFIC}",
    ]


def file_types() -> list[str]:
    return [name for name in REPORT_TYPES if report_type(name).format in ("pdf", "xlsx", "zip")]


def test_documents_without_rows_are_stored() -> None:
    assert file_types()
    for name in file_types():
        (mistake,) = mistakes(of(name))
        assert "have no rows: set `save_to` to the folder" in mistake
        assert mistakes(of(name, save_to="documents")) == []
        (mistake,) = mistakes(of(name, save_to="documents", format="csv"))
        assert "leave `format` out" in mistake


def test_every_type_can_be_given_by_its_name_or_with_what_it_wants() -> None:
    for name in REPORT_TYPES:
        kind = report_type(name)
        wanted = {
            option.name: option.values[0] if option.values else "1"
            for option in kind.options.values()
            if option.required
        }
        if kind.one_of:
            wanted |= dict.fromkeys(kind.one_of[0], "1")
        entry = of(name, options=wanted) if wanted else of(name)
        if kind.format in ("pdf", "xlsx", "zip"):
            entry["save_to"] = "documents"
        assert mistakes(entry) == []


# --- Names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "taken", "number", "name"),
    [
        ([LISTINGS, LISTINGS], (), 1, "report_merchant_listings_all"),
        ([of(LISTINGS, name="a"), of(RETURNS, name="a")], (), 1, "a"),
        ([of(LISTINGS, name="orders")], ("orders",), 0, "orders"),
        # A name that another entry's second array has.
        (
            [TRAFFIC, of(LISTINGS, name="report_sales_and_traffic_by_asin")],
            (),
            1,
            "report_sales_and_traffic_by_asin",
        ),
    ],
)
def test_a_name_that_is_taken_is_told(
    entries: list[Any], taken: tuple[str, ...], number: int, name: str
) -> None:
    (mistake,) = mistakes(*entries, names=taken)

    assert mistake.startswith(f"`reports`[{number}] ")
    assert f"there is a stream '{name}' already, choose another `name`" in mistake


@pytest.mark.parametrize("name", ["report_merchant_listings_all", "report_sales_and_traffic"])
def test_a_query_does_not_take_the_name_of_a_report(name: str) -> None:
    queries = [{"name": name, "query": "query {a}"}]

    found = read_settings({"reports": [LISTINGS, TRAFFIC], "data_kiosk_queries": queries})

    (mistake,) = mistakes_in_streams(found.settings)

    assert f"there is a stream '{name}' already" in mistake


def test_a_type_may_be_read_twice_under_two_names() -> None:
    entries = [of(RETURNS, name="here", marketplace_ids=["US"]), of(RETURNS, name="there")]

    assert mistakes(*entries) == []
    assert [one.name for one in report_streams(map(read_report, entries))] == ["here", "there"]


# --- Types that nobody knows -------------------------------------------------------------------


@pytest.mark.parametrize("name", [RETURNS, INVENTORY, SETTLEMENT, SEARCH_TERMS, UNKNOWN])
def test_reports_of_any_type_may_only_be_listed(name: str) -> None:
    entry = of(name, mode="listed", start_date="2026-11-01", marketplace_ids=["US"])

    assert mistakes(entry) == []
    assert not any(stream.is_requested for stream in read(entry))


def test_reports_that_are_known_to_be_listed_may_be_requested_with_a_warning() -> None:
    entry = of(SETTLEMENT, mode="requested", window="P7D")
    (stream,) = read(entry)

    assert stream.is_requested
    assert mistakes(entry) == []
    (doubt,) = stream.doubts()
    assert f"reports of {SETTLEMENT} cannot be requested, only listed" in doubt


@pytest.mark.parametrize(
    "request_of_amazon",
    [
        {"reportType": SETTLEMENT},
        {"reportType": RETURNS, "mode": "listed"},
    ],
)
def test_times_of_a_request_select_listed_reports_by_their_creation_with_a_warning(
    request_of_amazon: dict[str, Any],
) -> None:
    times = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-08T00:00:00Z"}
    (both,) = read(request_of_amazon | times)
    (start,) = read(request_of_amazon | {"dataStartTime": times["dataStartTime"]})

    (doubt,) = both.doubts()
    assert "`dataStartTime` and `dataEndTime` select reports by when they were created" in doubt
    assert "not by the time of their data" in doubt
    assert ["`dataStartTime` selects" in doubt for doubt in start.doubts()] == [True]


def test_times_that_need_no_warning_have_none() -> None:
    times = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-08T00:00:00Z"}
    (requested,) = read({"reportType": RETURNS, **times})
    (listed,) = read(of(SETTLEMENT, start_date="2026-11-01"))

    assert [*requested.doubts(), *listed.doubts()] == []


def test_another_mode_is_a_mistake() -> None:
    (mistake,) = mistakes(of(RETURNS, mode="scheduled"))

    assert "must be one of requested, listed" in mistake


def test_a_type_that_nobody_knows_is_taken_as_it_is() -> None:
    entry = of(UNKNOWN, options={"a": "1"}, window="P3D", save_to="documents")
    (stream,) = read(entry)

    assert mistakes(entry) == []
    assert stream.name == "report_something_new"
    assert stream.is_requested
    assert not stream.type.known


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("GET_MERCHANT_LISTING_ALL_DATA", f"; did you mean {LISTINGS}?"),
        ("GET_SALES_AND_TRAFFIC_REPORTS", f"; did you mean {TRAFFIC}?"),
        ("GET_A_BRAND_NEW_THING", ""),
    ],
)
def test_a_type_that_nobody_knows_may_be_a_mistake(name: str, hint: str) -> None:
    assert hint_for_unknown(name) == hint


# --- Accounts ----------------------------------------------------------------------------------


def test_with_accounts_a_marketplace_may_be_in_any_region() -> None:
    entry = of(RETURNS, marketplace_ids=["DE"])

    assert mistakes(entry, accounts=[{"name": "eu", "region": "eu"}]) == []
    assert mistakes(entry, region="eu") == []
    assert mistakes(entry, region="eu-west-1") == []
    # A wrong region is reported elsewhere.
    assert mistakes(entry, region="moon") == []


def test_without_reports_there_are_no_streams() -> None:
    without: list[dict[str, Any]] = [{}, {"reports": None}, {"reports": []}]
    for settings in without:
        found = read_settings(settings)

        assert found.settings.reports == ()
        assert found.discovery_mistakes == ()
