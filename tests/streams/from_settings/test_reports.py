"""Streams of reports: their names and keys, their requests, and listed reports, with stubs."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from typing import Any

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.errors import NotFoundError, ReportsMissingError
from tap_amazon_sp.amazon.metrics import Metrics
from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.documents.names import snake_case
from tap_amazon_sp.documents.values import schema_of_kind
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.reading.document_windows import DocumentPlan, RunStart
from tap_amazon_sp.reading.documents import DocumentStream
from tap_amazon_sp.reading.listed_documents import ListedDocuments
from tap_amazon_sp.reading.submitted_documents import (
    SubmittedDocuments,
    SubmittedDocumentsReader,
)
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.settings.stream_names import mistakes_in_names
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes
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
LAST = ["_extra_columns", "_misfits"]
WINDOW_AND_ROW = ("_data_start_time", "_marketplace_id", "_row_number")


def tap_with(
    *entries: str | dict[str, Any], state: dict[str, Any] | None = None, **settings: Any
) -> TapAmazonSP:
    config = CREDENTIALS | {"reports": list(entries)} | settings
    return TapAmazonSP(config=config, state=state, clock=FakeClock())


def stream_of(entry: str | dict[str, Any], **settings: Any) -> DocumentStream:
    """Return the first stream of an entry."""
    stream = tap_with(entry, **settings).streams[names_of(entry)[0]]
    assert isinstance(stream, DocumentStream)
    return stream


def names_of(*entries: str | dict[str, Any]) -> list[str]:
    """Return the names of the streams of entries, those of an entry in its own order."""
    return [stream.name for stream in report_stream_classes(map(read_report, entries))]


# --- Names ----------------------------------------------------------------------------------------


def test_all_types_have_streams_of_names_that_no_other_stream_has() -> None:
    built_in = [stream.name for stream in built_in_streams()]
    names = names_of(*REPORT_TYPES)

    assert [name for name, count in Counter(built_in + names).items() if count > 1] == []
    assert len(names) > len(REPORT_TYPES)
    # No longer than the names of tables in PostgreSQL.
    assert [name for name in names if not re.fullmatch("report_[a-z0-9_]{1,56}", name)] == []
    settings = Settings(reports=tuple(map(read_report, REPORT_TYPES)))
    assert list(mistakes_in_names(settings, built_in)) == []


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


# --- Columns --------------------------------------------------------------------------------------

FLAT_TYPES = [kind for kind in map(report_type, REPORT_TYPES) if kind.known_columns]


def schemas_of(style: str, **settings: Any) -> Mapping[str, dict[str, Any]]:
    """Return the properties of the stream of each flat file, by report type, before it is read."""
    entries = [{"report_type": kind.name, "column_names": style} for kind in FLAT_TYPES]
    streams = tap_with(*entries, **settings).streams
    names = names_of(*entries)
    return {
        kind.name: streams[name].schema["properties"]
        for kind, name in zip(FLAT_TYPES, names, strict=True)
    }


def test_the_first_schema_has_all_known_columns_with_their_types(
    tell: Callable[[str], None],
) -> None:
    properties = schemas_of("snake_case")
    original = schemas_of("original")

    tell(f"{len(FLAT_TYPES)} flat files have columns in their first SCHEMA")
    assert len(FLAT_TYPES) > 24
    for kind in FLAT_TYPES:
        kinds = {snake_case(name): form for name, form in kind.columns.items()}
        assert original[kind.name].keys() >= {*kind.known_columns, "_extra_columns", "_misfits"}
        for column in kind.known_columns:
            expected = schema_of_kind(kinds.get(snake_case(column)))
            assert properties[kind.name][snake_case(column)] == expected
            assert original[kind.name][column] == expected
    orders = properties["GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"]
    assert orders["item_price"] == {"type": ["number", "null"]}
    assert orders["purchase_date"] == {"type": ["string", "null"], "format": "date-time"}
    assert orders["amazon_order_id"] == {"type": ["string", "null"]}


def test_keys_are_text_and_the_properties_of_the_tap_keep_their_types() -> None:
    stream = stream_of({"report_type": LISTINGS, "keys": ["price", "other", "_row_number"]})

    properties = stream.schema["properties"]
    assert properties["price"] == properties["other"] == {"type": ["string", "null"]}
    assert properties["_row_number"] == {"type": ["integer"]}


def test_misfits_are_text_in_a_schema_that_is_flattened() -> None:
    settings = {"flattening_enabled": True, "flattening_max_depth": 2}

    properties = stream_of(LISTINGS, **settings).schema["properties"]

    assert properties["_misfits"] == {"type": ["string", "null"]}


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
    connection = tap.connections[0]
    made = report_stream_classes(map(read_report, entries))
    streams = [stream(tap, tap.run, connection) for stream in made]

    for stream in streams:
        assert stream.primary_keys
        assert set(stream.primary_keys) <= stream.schema["properties"].keys(), stream.name
        assert stream.replication_key in stream.schema["properties"]
    assert sum("_row_number" not in stream.primary_keys for stream in streams) > 15


# --- Requests -------------------------------------------------------------------------------------


def read_of(stream: DocumentStream) -> SubmittedDocuments:
    assert isinstance(stream.read, SubmittedDocuments)
    return stream.read


def requests_for(stream: DocumentStream, window: Window | None) -> list[JobRequest]:
    assert isinstance(stream.reader, SubmittedDocumentsReader)
    return list(read_of(stream).jobs.requests(stream.connection, stream.reader.bookmark, window))


def window(after: str, before: str) -> Window:
    return Window(parse_timestamp(after), parse_timestamp(before))


def test_each_marketplace_takes_a_request() -> None:
    requests = requests_for(stream_of(LISTINGS), None)

    assert [request.body for request in requests] == [
        {"reportType": LISTINGS, "marketplaceIds": [US]},
        {"reportType": LISTINGS, "marketplaceIds": [CA]},
    ]


ALL_ORDERS = [name for name in REPORT_TYPES if "_ALL_ORDERS_DATA_" in name]
"""Reports of the whole region."""


@pytest.mark.parametrize("name", ALL_ORDERS)
def test_a_report_of_the_region_takes_one_request(name: str) -> None:
    day = window("2026-11-19", "2026-11-20")
    (request,) = requests_for(stream_of(name), day)
    (of_canada,) = requests_for(stream_of({"report_type": name, "marketplace_ids": ["CA"]}), day)

    assert len(ALL_ORDERS) == 4
    assert request.body["marketplaceIds"] == [US, CA]
    assert of_canada.body["marketplaceIds"] == [CA]
    # Both are the same report.
    assert request.subject == of_canada.subject
    there = {
        "reportId": "R1",
        "reportType": name,
        "reportDocumentId": "D1",
        "processingStatus": "DONE",
        "marketplaceIds": ["A1AM78C64UM0Y8"],
        "createdTime": "2026-11-21T00:00:00Z",
        "dataStartTime": "2026-11-19T00:00:00Z",
        "dataEndTime": "2026-11-19T23:59:59Z",
    }
    assert request.is_met_by(there, NOW)


@pytest.mark.parametrize("style", ["snake_case", "original"])
def test_each_line_of_a_settlement_has_its_currency(style: str) -> None:
    entry = {"report_type": SETTLEMENTS, "column_names": style}
    reports = StubbedReports(entry, marketplace_ids=["US"])
    stream = reports.stream(names_of(entry)[0])
    lines = ["settlement-id\ttotal-amount\tcurrency\tamount", "1\t5.00\tUSD\t", "1\t\t\t2.00"]
    lines += ["1\t\t\t3.00", ""]
    reports.give(stream, {"D": StubbedDocument("\n".join(lines))})
    job = {"reportId": "R1", "reportDocumentId": "D", "processingStatus": "DONE"}

    pages = list(stream.reader.rows.pages_of(job | {"createdTime": "2026-11-21T00:00:00Z"}))

    rows = [row for page in pages for row in page]
    assert [row["_currency"] for row in rows] == ["USD"] * 3
    assert [row["currency"] for row in rows] == ["USD", "", ""]
    assert stream.schema["properties"]["_currency"] == {"type": ["string", "null"]}
    assert "_currency" not in stream_of(TRAFFIC).schema["properties"]


def test_columns_are_those_of_the_key_then_the_added_ones_then_amazons() -> None:
    columns = list(stream_of(SETTLEMENTS).schema["properties"])

    assert columns[:2] == ["_report_id", "_row_number"]
    own = [name for name in columns if name.startswith("_") and name not in LAST]
    amazons = [name for name in columns if not name.startswith("_")]
    assert columns == [*own, *amazons, *LAST]
    assert amazons[:3] == ["settlement_id", "settlement_start_date", "settlement_end_date"]
    assert list(stream_of(TRAFFIC).schema["properties"])[:2] == ["_marketplace_id", "date"]


@pytest.mark.parametrize("style", ["snake_case", "original"])
@pytest.mark.parametrize(
    ("name", "document"),
    [
        (
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
            "amazon-order-id\tsales-channel\n1\tAmazon.com\n2\tAmazon.ca\n3\tNon-Amazon\n4\tAmazon.com\n",
        ),
        (
            "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
            "<AmazonEnvelope>"
            + "".join(
                f"<Message><Order><AmazonOrderID>{number}</AmazonOrderID>"
                f"<SalesChannel>{channel}</SalesChannel></Order></Message>"
                for number, channel in enumerate(
                    ("Amazon.com", "Amazon.ca", "Non-Amazon", "Amazon.com"), 1
                )
            )
            + "</AmazonEnvelope>",
        ),
    ],
)
@pytest.mark.parametrize("mode", ["requested", "listed"])
def test_rows_of_the_region_have_the_marketplace_of_their_sales_channel(
    name: str, document: str, style: str, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    entry = {"report_type": name, "column_names": style, "mode": mode, "marketplace_ids": ["US"]}
    reports = StubbedReports(entry, marketplace_ids=["US", "CA"])
    stream = reports.stream(names_of(entry)[0])
    reports.give(stream, {"D": StubbedDocument(document)})
    job = {"reportId": "R1", "reportDocumentId": "D", "processingStatus": "DONE"}

    pages = list(stream.reader.rows.pages_of(job | {"createdTime": "2026-11-21T00:00:00Z"}))

    found = [(row["_row_number"], row["_marketplace_id"]) for page in pages for row in page]
    assert found == [(1, US), (3, "(none)"), (4, US)]
    assert stream.schema["properties"]["_marketplace_id"] == {"type": ["string"]}
    assert (
        "Report R1: left out are rows of marketplaces that `marketplace_ids` does not name: 1 "
        "(Amazon.ca: 1)"
    ) in caplog.text


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
    requests = requests_for(stream_of(entry), window("2026-11-19", "2026-11-20"))

    assert {
        (request.body["dataStartTime"], request.body["dataEndTime"]) for request in requests
    } == {("2026-11-19T00:00:00Z", end)}


def test_amazons_own_request_is_made_as_it_is() -> None:
    body = {
        "reportType": "GET_FBA_REIMBURSEMENTS_DATA",
        "marketplaceIds": [CA],
        "dataStartTime": "2026-11-01T05:00:00Z",
        "dataEndTime": "2026-11-03T00:00:00Z",
    }
    stream = stream_of(body)
    start, end = (parse_timestamp(str(body[name])) for name in ("dataStartTime", "dataEndTime"))
    run = RunStart(now=NOW, start_date=start, end_date=end)

    (whole,) = DocumentPlan(read_of(stream).jobs.rules, run).windows
    (request,) = requests_for(stream, whole)

    assert request.body == body


def test_a_restricted_type_needs_the_setting() -> None:
    entry = "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"

    assert stream_of(entry).missing_settings() == ["restricted_data"]
    assert stream_of(entry, restricted_data=True).missing_settings() == []
    assert stream_of(LISTINGS).missing_settings() == []


# --- Listed reports -------------------------------------------------------------------------------


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
        **({"reportDocumentId": f"D{number}"} if status == "DONE" else {}),
    }


def read(
    client: StubbedList,
    monkeypatch: pytest.MonkeyPatch,
    state: dict[str, Any] | None = None,
    entry: str | dict[str, Any] = SETTLEMENTS,
    **settings: Any,
) -> tuple[list[str], dict[str, Any]]:
    """Return the ids of the reports that a run reads, and its last state."""
    stream = stream_of(entry, state=state, **settings)
    assert isinstance(stream, DocumentStream)
    assert isinstance(stream.read, ListedDocuments)
    found: list[str] = []

    def pages_of(job: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        found.append(job["reportId"])
        yield [{"_report_id": job["reportId"]}]

    monkeypatch.setattr(stream.reader.rows, "pages_of", pages_of)
    monkeypatch.setattr(type(stream), "client", client)
    with redirect_stdout(io.StringIO()) as stdout:
        assert [record["_report_id"] for page in stream.reader.pages() for record in page] == found
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


def test_a_report_in_progress_is_waited_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = report(1, 60, "IN_QUEUE")
    young = report(3, 3, "IN_PROGRESS")

    first, state = read(StubbedList(stuck, report(2, 30), young, report(4, 1)), monkeypatch)
    second, _ = read(
        StubbedList(stuck, report(2, 30), report(3, 3), report(4, 1)), monkeypatch, state
    )

    assert first == ["R2"]
    assert second == ["R3", "R4"]


def test_cancelled_reports_have_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = report(2, 30, "CANCELLED"), report(3, 3)

    first, state = read(StubbedList(*reports), monkeypatch)

    assert first == ["R3"]
    assert read(StubbedList(*reports), monkeypatch, state)[0] == []


def test_reports_before_the_start_or_older_than_amazon_lists_are_not_listed(
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
        (stream, *_) = report_stream_classes([read_report(name)])
        is_requested = report_type(name).mode == "requested"
        assert isinstance(stream.read, SubmittedDocuments if is_requested else ListedDocuments)


def test_listed_reports_are_of_the_marketplaces_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = StubbedList()

    read(client, monkeypatch, marketplace_ids=["US"])

    assert client.asked[0]["marketplaceIds"] == [US]


@pytest.mark.parametrize("name", [LISTINGS, TRAFFIC, "GET_NEVER_HEARD_OF"])
def test_reports_that_others_requested_are_read_once_each(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = StubbedList(report(1, 60), report(2, 3))
    start = format_timestamp(NOW - dt.timedelta(hours=40))
    entry = {"report_type": name, "mode": "listed", "start_date": start, "marketplace_ids": ["US"]}

    first, state = read(client, monkeypatch, entry=entry)
    second, _ = read(client, monkeypatch, state, entry=entry)

    assert (first, second) == (["R2"], [])
    assert client.asked[0]["reportTypes"] == [name]
    assert client.asked[0]["marketplaceIds"] == [US]
    assert stream_of(entry).primary_keys == ("_report_id", "_row_number")
    assert "_marketplace_id" not in stream_of(entry).schema["properties"]


def test_listed_reports_of_many_marketplaces_are_chosen_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Model: getReports takes up to ten marketplaces."""
    codes = ["ES", "GB", "FR", "BE", "NL", "DE", "IT", "SE", "PL", "TR", "IE"]
    of_sweden = report(1, 5) | {"marketplaceIds": ["A2NODRKZP88ZB9"]}
    of_egypt = report(2, 4) | {"marketplaceIds": ["ARBP9OOSHTCHU"]}
    client = StubbedList(of_sweden, of_egypt, report(3, 3))

    found, _ = read(client, monkeypatch, marketplace_ids=codes, region="eu")

    assert "marketplaceIds" not in client.asked[0]
    assert found == ["R1", "R3"]


def test_listed_reports_of_another_region_are_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    client = StubbedList(report(1, 5))
    entry = {"report_type": SETTLEMENTS, "marketplace_ids": ["DE"]}
    both = {"report_type": SETTLEMENTS, "marketplace_ids": ["DE", "US"]}
    account = {"name": "us", "region": "na", "marketplace_ids": ["US"]}

    for given, asked in ((entry, None), (both, [US])):
        client.asked.clear()
        read(client, monkeypatch, entry=given, accounts=[account], marketplace_ids=None)
        assert [one.get("marketplaceIds") for one in client.asked] == ([asked] if asked else [])
    assert "nothing to read in the region of this account" in caplog.text


def test_a_listed_report_whose_document_is_gone_does_not_keep_others_from_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reports = StubbedReports(SETTLEMENTS)
    stream = reports.stream("report_v2_settlement_report_data_flat_file_v2")

    class Gone(StubbedDocument):
        def __iter__(self) -> Iterator[bytes]:
            operation = "reports_2021-06-30.getReportDocument"
            raise NotFoundError(operation, status=404)

    documents = {"R1": Gone(""), "R2": StubbedDocument("a\tb\tc\n1\t2\t3\n")}
    reports.give(stream, documents)
    jobs = [report(day, 30 - day) | {"reportDocumentId": f"R{day}"} for day in (1, 2)]
    monkeypatch.setattr(type(stream), "client", StubbedList(*jobs))

    with (
        redirect_stdout(io.StringIO()) as stdout,
        pytest.raises(ReportsMissingError, match="R1 is missing"),
    ):
        stream.sync()

    assert '"type":"RECORD"' in stdout.getvalue()


def test_accounts_request_marketplaces_of_their_own_region() -> None:
    reports = StubbedReports(
        {"report_type": LISTINGS, "marketplace_ids": ["US", "DE"]}, accounts=ACCOUNTS
    )
    us = reports.stream("report_merchant_listings_all")

    bodies = [request.body for request in requests_for(us, None)]

    assert [body["marketplaceIds"] for body in bodies] == [[US]]
