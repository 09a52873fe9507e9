"""Every report type can be requested, and has a document of its format."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import requests

import tap_amazon_sp
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.simulator.reports.columns import columns_of
from tap_amazon_sp.simulator.reports.json_documents import SCHEMAS
from tap_amazon_sp.simulator.reports.types import ReportType, report_types
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import REPORTS, TIMEOUT, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator
from tests.simulator.strict_schemas import schema_problem
from tests.simulator_tables import table_of

LISTED = json.loads(
    (Path(tap_amazon_sp.__file__).parents[1] / "scripts" / "report_types.json").read_text("utf-8")
)
REQUESTABLE = [
    kind for kind in report_types().values() if kind.is_requestable and kind.removed is None
]
AUTOMATIC = [kind for kind in report_types().values() if kind.mode == "amazon" and not kind.removed]
CODECS = {
    "UTF-8": "utf-8-sig",
    "Cp1252": "cp1252",
    "Shift_JIS": "cp932",
    "UTF-16": "utf-16",
    "ISO-8859-1": "iso-8859-1",
}
WEEK = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-07T23:59:59Z"}
RARE = {"GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", "GET_FBA_REIMBURSEMENTS_DATA"}
"""Types that show what follows from few orders, so that a week may have nothing."""


@pytest.fixture(scope="module")
def seller(start_shared: StartSimulator) -> ApiCaller:
    """A seller with 400 orders; tests that only request reports share it."""
    caller = start_shared(orders=400)
    caller.log_in()
    return caller


def request_for(kind: ReportType, marketplace: str = MARKETPLACES[0]) -> dict[str, Any]:
    """Return a request that Amazon would accept: for one week from Sunday to Saturday, or more."""
    options = {
        name: "2026-11-01T00:00:00Z" if "Date" in name else _first(kind.options.get(name))
        for name in kind.needs
    }
    if "reportPeriod" in options:
        options["reportPeriod"] = "WEEK" if "WEEK" in kind.options["reportPeriod"] else "DAY"
    body = {"reportType": kind.name, "marketplaceIds": [marketplace], **WEEK}
    if kind.name in RARE:
        body["dataStartTime"] = "2026-09-25T00:00:00Z"
    return body | ({"reportOptions": options} if options else {})


def _first(values: Any) -> str:
    return str(values[0]) if isinstance(values, list) else "B0SIMULATE"


def document_of(api: ApiCaller, kind: ReportType, document_id: str) -> tuple[bytes, str]:
    """Return the content of a document, unzipped, and its content type."""
    path = f"{REPORTS}/documents/{document_id}"
    if kind.restricted:
        assert api.get(path).status_code == 403
        token = api.restricted_token(path)
    else:
        token = api.token
    document = api.get(path, token=token).json()
    problem = schema_problem(
        "reports_2021-06-30", {"$ref": "#/definitions/ReportDocument"}, document
    )
    assert problem is None
    answer = requests.get(document["url"], timeout=TIMEOUT)
    assert answer.status_code == 200
    content = answer.content
    if document.get("compressionAlgorithm") == "GZIP":
        content = gzip.decompress(content)
    return content, answer.headers["Content-Type"]


def made(api: ApiCaller, clock: FakeClock, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.call("POST", f"{REPORTS}/reports", json=body)
    assert answer.status_code == 202, answer.text
    clock.advance(1)
    report: dict[str, Any] = api.get(f"{REPORTS}/reports/{answer.json()['reportId']}").json()
    assert report["processingStatus"] == "DONE", report
    return report


def table(kind: ReportType, content: bytes, content_type: str) -> list[list[str]]:
    return table_of(kind.name, content.decode(CODECS[content_type.partition("charset=")[2]]))


def check(kind: ReportType, content: bytes, content_type: str) -> None:
    """Read a document with the standard library alone."""
    if kind.format in ("TSV", "CSV"):
        head, *rows = table(kind, content, content_type)
        assert head == list(columns_of(kind.name))
        assert {len(row) for row in rows} <= {len(head)}
        assert rows or kind.name == "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
    elif kind.format == "JSON":
        schema = SCHEMAS.all[kind.schemas[0]]
        checker = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
        document = json.loads(content)
        assert [error.message for error in checker.iter_errors(document)] == []
        assert all(document[name] for name in schema["properties"])
    elif kind.format == "XML":
        assert len(ET.fromstring(content)) > 2  # noqa: S314 - ours
    elif kind.format == "PDF":
        assert content.startswith(b"%PDF-")
    else:
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_every_type_has_its_document(
    seller: ApiCaller, shared_clock: FakeClock, tell: Callable[[str], None]
) -> None:
    formats: dict[str, int] = {}
    for kind in REQUESTABLE:
        report = made(seller, shared_clock, request_for(kind))
        check(kind, *document_of(seller, kind, report["reportDocumentId"]))
        formats[kind.format] = formats.get(kind.format, 0) + 1

    tell(f"{sum(formats.values())} report types: {formats}")
    assert {kind.name for kind in REQUESTABLE} == {
        name
        for name, entry in LISTED.items()
        if "requested" in entry["mode"] and "removed" not in entry
    }
    assert {*formats} == {"TSV", "CSV", "JSON", "XML", "XLSX", "ZIP"}


@pytest.mark.parametrize("region", ["eu", "fe"])
def test_every_flat_file_and_xml_is_readable_elsewhere(
    start: StartSimulator, clock: FakeClock, region: str
) -> None:
    api = start(region=region, orders=400)
    api.log_in()
    charsets = set()
    for kind in REQUESTABLE:
        if kind.format not in ("TSV", "CSV", "XML"):
            continue
        report = made(api, clock, request_for(kind, api.settings["marketplace_ids"][0]))
        content, content_type = document_of(api, kind, report["reportDocumentId"])
        check(kind, content, content_type)
        charsets.add(content_type.partition("charset=")[2])

    extra = {"eu": "Cp1252", "fe": "Shift_JIS"}[region]
    assert charsets == {"UTF-8", "UTF-16", extra, ""}


@pytest.mark.parametrize("kind", AUTOMATIC, ids=lambda kind: kind.name)
def test_reports_that_amazon_makes_by_itself_can_be_read(api: ApiCaller, kind: ReportType) -> None:
    api.log_in()
    reports = api.get(f"{REPORTS}/reports", reportTypes=kind.name).json()["reports"]

    check(kind, *document_of(api, kind, reports[0]["reportDocumentId"]))


def test_a_restricted_token_is_for_one_document(seller: ApiCaller, shared_clock: FakeClock) -> None:
    kind = report_types()["GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"]
    one, other = (
        made(seller, shared_clock, request_for(kind))["reportDocumentId"] for _ in range(2)
    )
    token = seller.restricted_token(f"{REPORTS}/documents/{one}")

    assert seller.get(f"{REPORTS}/documents/{one}", token=token).status_code == 200
    assert seller.get(f"{REPORTS}/documents/{other}", token=token).status_code == 403


def test_days_are_the_same_in_each_report(seller: ApiCaller, shared_clock: FakeClock) -> None:
    kind = report_types()["GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA"]

    def rows(first: int, last: int) -> list[list[str]]:
        window = {
            "dataStartTime": f"2026-11-{first:02d}T00:00:00Z",
            "dataEndTime": f"2026-11-{last:02d}T23:59:59Z",
        }
        report = made(seller, shared_clock, request_for(kind) | window)
        return table(kind, *document_of(seller, kind, report["reportDocumentId"]))[1:]

    week = rows(1, 7)
    assert week == rows(1, 3) + rows(4, 7)
    assert len({tuple(row) for row in week}) == len(week)
    assert all("2026-11-01" <= row[0][:10] <= "2026-11-07" for row in week)


def test_marketplaces_share_a_document(seller: ApiCaller, shared_clock: FakeClock) -> None:
    kind = report_types()["GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA"]

    report = made(seller, shared_clock, request_for(kind) | {"marketplaceIds": MARKETPLACES[:2]})

    head, *rows = table(kind, *document_of(seller, kind, report["reportDocumentId"]))
    assert {row[head.index("currency")] for row in rows} == {"USD", "CAD"}


def test_values_are_as_awkward_as_amazons(seller: ApiCaller, shared_clock: FakeClock) -> None:
    def text(name: str) -> str:
        kind = report_types()[name]
        report = made(seller, shared_clock, request_for(kind))
        return document_of(seller, kind, report["reportDocumentId"])[0].decode()

    flat = text("GET_MERCHANT_LISTINGS_DATA")
    assert "\t0439023483\t" in flat
    assert 'Picture Frame 8" x 10"' in flat
    assert '"two lines,\n""quoted"""' in text("GET_CSV_MFN_PRIME_RETURNS_REPORT")


def test_the_charset_of_a_type_can_be_set(start: StartSimulator, clock: FakeClock) -> None:
    kind = report_types()["GET_FBA_REIMBURSEMENTS_DATA"]
    api = start(report_charsets={kind.name: "UTF-16"})

    report = made(api, clock, request_for(kind))

    content, content_type = document_of(api, kind, report["reportDocumentId"])
    assert content_type == "text/plain;charset=UTF-16"
    assert content.startswith(b"\xff\xfe")
    check(kind, content, content_type)


@pytest.mark.parametrize(
    ("language", "charset", "header"),
    [("de", "Cp1252", "Händler-SKU"), ("ja", "UTF-8", "出品者SKU"), ("en", "Cp1252", "seller-sku")],
)
def test_the_language_of_a_type_can_be_set(
    start: StartSimulator, clock: FakeClock, language: str, charset: str, header: str
) -> None:
    kind = report_types()["GET_MERCHANT_LISTINGS_ALL_DATA"]
    api = start(region="eu", report_languages={"*": language})

    report = made(api, clock, request_for(kind, api.settings["marketplace_ids"][0]))

    content, content_type = document_of(api, kind, report["reportDocumentId"])
    assert content_type == f"text/plain;charset={charset}"
    head, *rows = table(kind, content, content_type)
    assert header in head
    assert len(rows) == 120
    decimal = "," if language == "de" else "."
    assert all(decimal in row[4] for row in rows)


@pytest.mark.parametrize(
    ("locale", "header", "price"), [("de_DE", "Preis", ","), ("en_US", "price", ".")]
)
def test_a_request_can_ask_for_a_language(
    seller: ApiCaller, shared_clock: FakeClock, locale: str, header: str, price: str
) -> None:
    kind = report_types()["GET_MERCHANT_LISTINGS_ALL_DATA"]
    options = {"preferredReportDocumentLocale": locale}

    report = made(seller, shared_clock, request_for(kind) | {"reportOptions": options})

    head, *rows = table(kind, *document_of(seller, kind, report["reportDocumentId"]))
    assert head[4] == header
    assert all(price in row[4] for row in rows)
    assert seller.simulator.truth("created_reports")[-1]["ignoredOptions"] == []


def test_a_dialect_and_a_language_count_for_large_reports_too(
    start: StartSimulator, clock: FakeClock
) -> None:
    kind = report_types()["GET_MERCHANT_LISTINGS_ALL_DATA"]
    api = start(
        region="eu",
        report_rows={kind.name: 5000},
        report_languages={kind.name: "de"},
        report_dialects={kind.name: "quoted,semicolon,cr"},
    )

    report = made(api, clock, request_for(kind, api.settings["marketplace_ids"][0]))

    content, _ = document_of(api, kind, report["reportDocumentId"])
    head, *rows = csv.reader(io.StringIO(content.decode("cp1252"), newline=""), delimiter=";")
    assert content.count(b"\r") == 5001
    assert b"\n" not in content
    assert head[3:5] == ["Händler-SKU", "Preis"]
    assert len({row[3] for row in rows}) == 5000
    assert all("," in row[4] for row in rows)


def test_windows_before_all_data_have_none(seller: ApiCaller, shared_clock: FakeClock) -> None:
    window = {"dataStartTime": "2023-01-01T00:00:00Z", "dataEndTime": "2023-01-05T00:00:00Z"}
    kinds = ("GET_FBA_REIMBURSEMENTS_DATA", "GET_SALES_AND_TRAFFIC_REPORT")

    for name in kinds:
        body = request_for(report_types()[name]) | window
        answer = seller.call("POST", f"{REPORTS}/reports", json=body).json()
        shared_clock.advance(1)
        report = seller.get(f"{REPORTS}/reports/{answer['reportId']}").json()
        assert report["processingStatus"] == "CANCELLED"
        assert "reportDocumentId" not in report


@pytest.mark.parametrize(
    ("options", "dates", "ids"),
    [
        ({}, 14, {"parentAsin"}),
        ({"dateGranularity": "WEEK"}, 3, {"parentAsin"}),
        ({"dateGranularity": "MONTH", "asinGranularity": "CHILD"}, 1, {"parentAsin", "childAsin"}),
        ({"asinGranularity": "SKU"}, 14, {"parentAsin", "childAsin", "sku"}),
    ],
)
def test_sales_and_traffic_have_the_requested_granularity(
    seller: ApiCaller, shared_clock: FakeClock, options: dict[str, str], dates: int, ids: set[str]
) -> None:
    kind = report_types()["GET_SALES_AND_TRAFFIC_REPORT"]
    window = {"dataStartTime": "2026-11-04T00:00:00Z", "dataEndTime": "2026-11-17T23:59:59Z"}

    report = made(seller, shared_clock, request_for(kind) | window | {"reportOptions": options})

    content, content_type = document_of(seller, kind, report["reportDocumentId"])
    check(kind, content, content_type)
    body = json.loads(content)
    assert len(body["salesAndTrafficByDate"]) == dates
    of_product = body["salesAndTrafficByAsin"][0]
    assert {*of_product} - {"salesByAsin", "trafficByAsin"} == ids


REAL_TIME = ["INVENTORY", "SALES", "TRAFFIC"]


def hours_of(
    api: ApiCaller, clock: FakeClock, name: str, start: str, end: str
) -> list[dict[str, Any]]:
    kind = report_types()[f"GET_VENDOR_REAL_TIME_{name}_REPORT"]
    window = {"dataStartTime": start, "dataEndTime": end}
    report = made(api, clock, request_for(kind) | window)
    content, _ = document_of(api, kind, report["reportDocumentId"])
    records: list[dict[str, Any]] = json.loads(content)["reportData"]
    return records


@pytest.mark.parametrize("name", REAL_TIME)
@pytest.mark.parametrize(
    ("start_time", "end_time", "first", "last", "count"),
    [
        ("2026-11-05T00:00:00Z", "2026-11-06T00:00:00Z", "05T00", "06T00", 24),
        # Hours that lie only partly in the range are left out.
        ("2026-11-05T00:00:00Z", "2026-11-05T23:59:59Z", "05T00", "05T23", 23),
        ("2026-11-05T07:00:01Z", "2026-11-05T10:59:59.999Z", "05T08", "05T10", 2),
    ],
)
def test_reports_in_real_time_hold_the_hours_that_lie_completely_in_their_range(  # noqa: PLR0913, PLR0917 - a range and its hours
    seller: ApiCaller,
    shared_clock: FakeClock,
    name: str,
    start_time: str,
    end_time: str,
    first: str,
    last: str,
    count: int,
) -> None:

    records = hours_of(seller, shared_clock, name, start_time, end_time)

    starts = {record["startTime"] for record in records}
    assert len(starts) == count
    assert min(starts) == f"2026-11-{first}:00:00Z"
    assert max(record["endTime"] for record in records) == f"2026-11-{last}:00:00Z"
    assert len({(record["startTime"], record["asin"]) for record in records}) == len(records)


def test_an_hour_is_the_same_in_each_report(seller: ApiCaller, shared_clock: FakeClock) -> None:
    day = "2026-11-05"

    whole = hours_of(seller, shared_clock, "SALES", f"{day}T00:00:00Z", f"{day}T12:00:00Z")
    parts = [
        hours_of(
            seller, shared_clock, "SALES", f"{day}T{first:02d}:00:00Z", f"{day}T{end:02d}:00:00Z"
        )
        for first, end in ((0, 5), (5, 12))
    ]

    assert whole == parts[0] + parts[1]


@pytest.mark.parametrize("name", REAL_TIME)
def test_a_report_in_real_time_without_a_whole_hour_is_cancelled(
    seller: ApiCaller, shared_clock: FakeClock, name: str
) -> None:
    kind = report_types()[f"GET_VENDOR_REAL_TIME_{name}_REPORT"]
    window = {"dataStartTime": "2026-11-05T07:10:00Z", "dataEndTime": "2026-11-05T08:50:00Z"}

    answer = seller.call("POST", f"{REPORTS}/reports", json=request_for(kind) | window).json()
    shared_clock.advance(1)

    report = seller.get(f"{REPORTS}/reports/{answer['reportId']}").json()
    assert report["processingStatus"] == "CANCELLED"


def test_coupons_of_a_vendor_are_called_campaigns(
    seller: ApiCaller, shared_clock: FakeClock
) -> None:
    kind = report_types()["GET_COUPON_PERFORMANCE_REPORT"]
    vendor = ApiCaller(seller.simulator, refresh_token="Atzr|simulator-vendor")
    vendor.log_in()
    options = dict.fromkeys(kind.vendor_needs, "2026-11-01T00:00:00Z")

    report = made(vendor, shared_clock, request_for(kind) | {"reportOptions": options})

    body = json.loads(document_of(vendor, kind, report["reportDocumentId"])[0])
    assert body["campaigns"]


def test_all_reports_fit_the_model(simulator: Simulator) -> None:

    for report in simulator.truth("reports"):
        schema = {"$ref": "#/definitions/Report"}
        assert schema_problem("reports_2021-06-30", schema, report) is None
