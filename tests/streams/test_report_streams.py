"""Streams of reports: their names and keys, what they ask for, and what is listed, with stubs."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout, suppress
from typing import Any, cast

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.amazon.metrics import Metrics
from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.reading.window_plan import Window
from tap_amazon_sp.settings.reports import mistakes_in_reports
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.streams.report_streams import (
    ListedReportStream,
    OrderedReportStream,
    ReportStream,
    report_stream_classes,
)
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.reading.test_documents import ACCOUNTS, StubbedDocument, StubbedReports

CREDENTIALS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
}
US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
NOW = FakeClock().now()
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
VENDOR_SALES = {
    "report_type": "GET_VENDOR_SALES_REPORT",
    "window": "DAY",
    "options": {"distributorView": "SOURCING", "sellingProgram": "RETAIL"},
}
WINDOW_AND_ROW = ("_data_start_time", "_marketplace_id", "_row_number")


def tap_with(
    *entries: str | dict[str, Any], state: dict[str, Any] | None = None, **settings: Any
) -> TapAmazonSP:
    config = CREDENTIALS | {"reports": list(entries)} | settings
    return TapAmazonSP(config=config, state=state, clock=FakeClock())


def stream_of(entry: str | dict[str, Any], **settings: Any) -> ReportStream:
    """Return the first stream of an entry."""
    stream = tap_with(entry, **settings).streams[names_of(entry)[0]]
    assert isinstance(stream, ReportStream)
    return stream


def names_of(*entries: str | dict[str, Any]) -> list[str]:
    """Return the names of the streams of entries, those of an entry in its own order."""
    return [stream.name for stream in report_stream_classes({"reports": entries})]


# --- Names ----------------------------------------------------------------------------------------


def test_all_types_have_streams_of_names_that_no_other_stream_has() -> None:
    built_in = [stream.name for stream in built_in_streams({})]
    names = names_of(*REPORT_TYPES)

    assert [name for name, count in Counter(built_in + names).items() if count > 1] == []
    assert len(names) > len(REPORT_TYPES) == 113
    # No longer than the names of tables in PostgreSQL.
    assert [name for name in names if not re.fullmatch("report_[a-z0-9_]{1,56}", name)] == []
    settings = {"reports": list(REPORT_TYPES)}
    mistakes = list(mistakes_in_reports(settings, built_in))
    assert [mistake for mistake in mistakes if "already" in mistake] == []


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        (LISTINGS, ["report_merchant_listings_all"]),
        ({"report_type": LISTINGS, "name": "listings"}, ["listings"]),
        (TRAFFIC, ["report_sales_and_traffic", "report_sales_and_traffic_by_asin"]),
        (
            {"report_type": TRAFFIC, "record_path": "salesAndTrafficByAsin"},
            ["report_sales_and_traffic"],
        ),
        (VENDOR_SALES, ["report_vendor_sales", "report_vendor_sales_by_asin"]),
        (
            "GET_V2_SELLER_PERFORMANCE_REPORT",
            [
                "report_v2_seller_performance",
                "report_v2_seller_performance_performance_metrics",
            ],
        ),
        ("GET_COUPON_PERFORMANCE_REPORT", ["report_coupon_performance"]),
        ("GET_NEVER_HEARD_OF", ["report_never_heard_of"]),
    ],
)
def test_an_entry_has_a_stream_for_each_array(
    entry: str | dict[str, Any], names: list[str]
) -> None:
    assert names_of(entry) == names


# --- Keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        (LISTINGS, WINDOW_AND_ROW),
        ("GET_NEVER_HEARD_OF", WINDOW_AND_ROW),
        (SETTLEMENTS, ("_report_id", "_row_number")),
        ({"report_type": LISTINGS, "keys": ["seller_sku"]}, ("seller_sku",)),
        (TRAFFIC, ("_marketplace_id", "date")),
        (
            {"report_type": TRAFFIC, "record_path": "salesAndTrafficByAsin"},
            ("_data_start_time", "_marketplace_id", "parent_asin"),
        ),
        (
            {
                "report_type": TRAFFIC,
                "record_path": "salesAndTrafficByAsin",
                "options": {"asinGranularity": "CHILD"},
                "column_names": "original",
            },
            ("_data_start_time", "_marketplace_id", "parentAsin", "childAsin"),
        ),
        (VENDOR_SALES, ("_marketplace_id", "start_date", "end_date")),
    ],
)
def test_keys_are_those_of_the_type_or_window_and_row(
    entry: str | dict[str, Any], keys: tuple[str, ...]
) -> None:
    assert stream_of(entry).primary_keys == keys


@pytest.mark.parametrize("style", ["snake_case", "original"])
def test_the_keys_of_all_types_are_properties(style: str) -> None:
    entries = [{"report_type": name, "column_names": style} for name in REPORT_TYPES]
    tap = tap_with()
    streams = [stream(tap) for stream in report_stream_classes({"reports": entries})]

    for stream in streams:
        assert stream.primary_keys
        assert set(stream.primary_keys) <= stream.schema["properties"].keys(), stream.name
        assert stream.replication_key in stream.schema["properties"]
    assert sum("_row_number" not in stream.primary_keys for stream in streams) > 15


# --- What is asked for ----------------------------------------------------------------------------


def ordered(entry: str | dict[str, Any], **settings: Any) -> OrderedReportStream:
    stream = stream_of(entry, **settings)
    assert isinstance(stream, OrderedReportStream)
    return stream


def window(after: str, before: str) -> Window:
    return Window(parse_timestamp(after), parse_timestamp(before))


def test_each_marketplace_is_asked_for_alone() -> None:
    requests = list(ordered(LISTINGS).requests_for(None))

    assert [request.body for request in requests] == [
        {"reportType": LISTINGS, "marketplaceIds": [US]},
        {"reportType": LISTINGS, "marketplaceIds": [CA]},
    ]


@pytest.mark.parametrize(
    ("entry", "end"),
    [
        # Days: the last instant that is shown in milliseconds.
        ("GET_FBA_REIMBURSEMENTS_DATA", "2026-11-19T23:59:59.999Z"),
        # Periods: Amazon's own last second of a day.
        (TRAFFIC, "2026-11-19T23:59:59Z"),
    ],
)
def test_a_window_ends_before_the_next_begins(entry: str, end: str) -> None:
    requests = ordered(entry).requests_for(window("2026-11-19", "2026-11-20"))

    assert {
        (request.body["dataStartTime"], request.body["dataEndTime"]) for request in requests
    } == {("2026-11-19T00:00:00Z", end)}


def test_amazons_own_request_is_asked_for_as_it_is() -> None:
    body = {
        "reportType": "GET_FBA_REIMBURSEMENTS_DATA",
        "marketplaceIds": [CA],
        "dataStartTime": "2026-11-01T05:00:00Z",
        "dataEndTime": "2026-11-03T00:00:00Z",
    }
    stream = ordered(body)
    start, end = (parse_timestamp(str(body[name])) for name in ("dataStartTime", "dataEndTime"))

    (whole,) = stream.windows_between(start, end)
    (request,) = stream.requests_for(whole)

    assert request.body == body


def test_what_is_not_there_yet_is_only_of_late() -> None:
    stream = ordered(VENDOR_SALES)
    sentence = "The requested data is unavailable. Please try a different date range"
    late = window("2026-11-19", "2026-11-20")

    assert stream.is_not_there_yet(sentence, late)
    assert not stream.is_not_there_yet(sentence, window("2026-10-19", "2026-10-20"))
    assert not stream.is_not_there_yet("The option is wrong.", late)
    assert not stream.is_not_there_yet(sentence, None)


def test_a_restricted_type_needs_the_setting() -> None:
    entry = "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"

    assert stream_of(entry).missing_settings() == ["restricted_data"]
    assert stream_of(entry, restricted_data=True).missing_settings() == []
    assert stream_of(LISTINGS).missing_settings() == []


# --- What is listed -------------------------------------------------------------------------------


class StubbedList:
    """A client that lists reports."""

    def __init__(self, *reports: dict[str, Any]) -> None:
        self.reports = reports
        self.asked: list[Mapping[str, Any]] = []
        self.metrics = Metrics()

    def pages(
        self, operation: Operation, parameters: Mapping[str, Any]
    ) -> Iterator[list[dict[str, Any]]]:
        assert operation.name == "getReports"
        self.asked.append(parameters)
        since = parameters["createdSince"]
        yield [one for one in self.reports if parse_timestamp(one["createdTime"]) >= since]


def report(number: int, hours_ago: float, status: str = "DONE") -> dict[str, Any]:
    return {
        "reportId": f"R{number}",
        "reportType": SETTLEMENTS,
        "processingStatus": status,
        "createdTime": format_timestamp(NOW - dt.timedelta(hours=hours_ago)),
    }


def read(
    client: StubbedList,
    monkeypatch: pytest.MonkeyPatch,
    state: dict[str, Any] | None = None,
    **settings: Any,
) -> tuple[list[str], dict[str, Any]]:
    """Return the ids of the reports that a run reads, and its last state."""
    name = "report_v2_settlement_report_data_flat_file_v2"
    stream = tap_with(SETTLEMENTS, state=state, **settings).streams[name]
    assert isinstance(stream, ListedReportStream)
    found: list[str] = []

    def pages_of_job(job: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        found.append(job["reportId"])
        yield [{"_report_id": job["reportId"]}]

    monkeypatch.setattr(stream, "pages_of_job", pages_of_job)
    monkeypatch.setattr(type(stream), "client", client)
    with redirect_stdout(io.StringIO()) as stdout:
        assert [record["_report_id"] for page in stream.pages() for record in page] == found
    states = [
        message["value"]
        for message in map(json.loads, stdout.getvalue().splitlines())
        if message["type"] == "STATE"
    ]
    return found, states[-1] if states else state or {}


def test_listed_reports_are_read_once_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = report(3, 3), report(1, 60), report(2, 3)

    first, state = read(StubbedList(*reports), monkeypatch)
    second, state = read(StubbedList(*reports), monkeypatch, state)
    third, state = read(StubbedList(*reports, report(4, 3.5), report(5, 1)), monkeypatch, state)
    fourth, _ = read(StubbedList(*reports, report(4, 3.5), report(5, 1)), monkeypatch, state)

    assert first[0] == "R1"
    assert sorted(first) == ["R1", "R2", "R3"]
    assert second == []
    # One of them came late into the list.
    assert third == ["R4", "R5"]
    assert fourth == []


def test_a_lookback_reads_no_listed_report_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = report(1, 60), report(2, 30), report(3, 3)

    first, state = read(StubbedList(*reports), monkeypatch, lookback="P7D")
    second, _ = read(StubbedList(*reports), monkeypatch, state, lookback="P7D")

    assert first == ["R1", "R2", "R3"]
    assert second == []


def test_a_report_that_is_being_made_is_waited_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = report(1, 60, "IN_QUEUE")
    young = report(3, 3, "IN_PROGRESS")

    first, state = read(StubbedList(stuck, report(2, 30), young, report(4, 1)), monkeypatch)
    second, _ = read(
        StubbedList(stuck, report(2, 30), report(3, 3), report(4, 1)), monkeypatch, state
    )

    assert first == ["R2"]
    assert second == ["R3", "R4"]


def test_nothing_is_in_what_failed_or_was_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = report(1, 60, "FATAL"), report(2, 30, "CANCELLED"), report(3, 3)

    first, state = read(StubbedList(*reports), monkeypatch)

    assert first == ["R3"]
    assert read(StubbedList(*reports), monkeypatch, state)[0] == []


def test_what_is_before_the_start_or_longer_ago_than_amazon_lists_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = StubbedList(report(1, 60), report(2, 30), report(3, 3))
    start = format_timestamp(NOW - dt.timedelta(hours=40))

    found, _ = read(client, monkeypatch, start_date=start)
    read(client, monkeypatch)

    assert found == ["R2", "R3"]
    assert client.asked[1]["createdSince"] > NOW - dt.timedelta(days=90)
    assert client.asked[0]["reportTypes"] == [SETTLEMENTS]


def test_types_that_are_not_requested_are_listed() -> None:
    for name in REPORT_TYPES:
        (stream, *_) = report_stream_classes({"reports": [name]})
        is_requested = report_type(name).mode == "requested"
        assert issubclass(stream, OrderedReportStream if is_requested else ListedReportStream)


def test_listed_reports_are_of_the_marketplaces_of_the_settings() -> None:
    reports = StubbedReports(SETTLEMENTS, marketplace_ids=["US"])
    stream = cast("Any", reports.stream("report_v2_settlement_report_data_flat_file_v2"))
    asked: list[dict[str, Any]] = []

    def listed(**about: Any) -> Iterator[Any]:
        asked.append(about)
        return iter(())

    stream._reports_listed = listed

    list(stream.pages())

    assert asked[0]["marketplaceIds"] == [US]


def test_a_listed_report_whose_document_is_gone_does_not_keep_others_from_being_read() -> None:
    reports = StubbedReports(SETTLEMENTS)
    stream = reports.stream("report_v2_settlement_report_data_flat_file_v2")
    assert isinstance(stream, ListedReportStream)

    class Gone(StubbedDocument):
        def __iter__(self) -> Iterator[bytes]:
            operation = "reports_2021-06-30.getReportDocument"
            raise NotFoundError(operation, status=404)

    def document_of(job: Any) -> Any:
        return Gone("") if job["reportId"] == "1" else StubbedDocument("a\tb\tc\n1\t2\t3\n")

    about = {"processingStatus": "DONE", "reportDocumentId": "d"}
    jobs = [about | {"reportId": str(day), "createdTime": f"2026-11-1{day}"} for day in (1, 2)]
    stream._reports_listed = lambda **_: iter(jobs)  # type: ignore[method-assign]
    stream.open_document = document_of  # type: ignore[method-assign]

    with redirect_stdout(io.StringIO()) as stdout, suppress(NotFoundError):
        stream.sync()

    assert '"type":"RECORD"' in stdout.getvalue()


def test_accounts_are_asked_for_marketplaces_of_their_own_region() -> None:
    reports = StubbedReports(
        {"report_type": LISTINGS, "marketplace_ids": ["US", "DE"]}, accounts=ACCOUNTS
    )
    us = cast("Any", reports.stream("report_merchant_listings_all"))

    assert [request.marketplace_ids for request in us.requests_for(None)] == [(US,)]
