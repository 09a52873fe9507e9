from __future__ import annotations

import csv
import gzip
import io
import json
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import REPORTS, TIMEOUT, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

BY_LAST_UPDATE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
BY_ORDER_DATE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
RANGE: dict[str, Any] = {
    "dataStartTime": "2026-10-01T00:00:00Z",
    "dataEndTime": "2026-11-21T11:00:00Z",
}


def request_report(api: ApiCaller, kind: str, **body: Any) -> requests.Response:
    body = {"reportType": kind, "marketplaceIds": MARKETPLACES} | body
    return api.call("POST", f"{REPORTS}/reports", json=body)


def report(api: ApiCaller, report_id: str) -> dict[str, Any]:
    answer = api.get(f"{REPORTS}/reports/{report_id}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def download(api: ApiCaller, document_id: str, token: str | None = None) -> tuple[bytes, str]:
    document = api.get(f"{REPORTS}/documents/{document_id}", token=token).json()
    answer = requests.get(document["url"], timeout=TIMEOUT)
    content = answer.content
    if document.get("compressionAlgorithm") == "GZIP":
        content = gzip.decompress(content)
    return content, answer.headers["Content-Type"]


def rows(content: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    text = io.StringIO(content.decode(encoding))
    return list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))


def made(api: ApiCaller, clock: FakeClock, kind: str, **body: Any) -> dict[str, Any]:
    answer = request_report(api, kind, **body)
    assert answer.status_code == 202, answer.text
    clock.advance(1)
    return report(api, answer.json()["reportId"])


def test_a_report_goes_through_its_life(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1)
    report_id = request_report(api, BY_LAST_UPDATE, **RANGE).json()["reportId"]

    seen = []
    for _ in range(10):
        seen.append(report(api, report_id))
        clock.advance(10)

    statuses = [job["processingStatus"] for job in seen]
    assert sorted(set(statuses), key=statuses.index) == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert "reportDocumentId" not in seen[0]
    assert seen[-1]["reportDocumentId"]
    assert seen[-1]["dataStartTime"] == "2026-10-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("kind", "field"), [(BY_LAST_UPDATE, "lastUpdatedTime"), (BY_ORDER_DATE, "createdTime")]
)
def test_all_orders_have_a_row_per_item(
    start: StartSimulator, clock: FakeClock, kind: str, field: str
) -> None:
    api = start()
    window = {"dataStartTime": "2026-10-20T00:00:00Z", "dataEndTime": "2026-11-05T00:00:00Z"}

    job = made(api, clock, kind, **window)

    content, content_type = download(api, job["reportDocumentId"])
    assert content_type == "text/plain;charset=UTF-8"
    expected = [
        (order["orderId"], item["product"]["sellerSku"])
        for order in api.simulator.truth("orders")
        if window["dataStartTime"] <= order[field] <= window["dataEndTime"]
        for item in order["orderItems"]
    ]
    found = [row for row in rows(content) if row["sales-channel"] != "Non-Amazon"]
    assert expected
    assert sorted((row["amazon-order-id"], row["sku"]) for row in found) == sorted(expected)


def test_a_report_without_data_is_cancelled(start: StartSimulator, clock: FakeClock) -> None:
    api = start()

    empty = made(
        api,
        clock,
        BY_ORDER_DATE,
        dataStartTime="2020-01-01T00:00:00Z",
        dataEndTime="2020-01-02T00:00:00Z",
    )
    without_builder = made(api, clock, "GET_FBA_REIMBURSEMENTS_DATA")

    for job in (empty, without_builder):
        assert job["processingStatus"] == "CANCELLED"
        assert "reportDocumentId" not in job


@pytest.mark.parametrize(
    ("region", "encoding", "charset"),
    [("na", "utf-8", "UTF-8"), ("eu", "cp1252", "Cp1252"), ("fe", "cp932", "Shift_JIS")],
)
def test_listings_come_in_the_encoding_of_the_region(
    start: StartSimulator, clock: FakeClock, region: str, encoding: str, charset: str
) -> None:
    api = start(region=region)
    marketplace = api.settings["marketplace_ids"][:1]

    job = made(api, clock, "GET_MERCHANT_LISTINGS_ALL_DATA", marketplaceIds=marketplace)

    content, content_type = download(api, job["reportDocumentId"])
    assert content_type == f"text/plain;charset={charset}"
    listings = rows(content, encoding)
    assert len(listings) == 120
    assert not any("?" in listing["item-name"] for listing in listings)
    assert any(not listing["item-name"].isascii() for listing in listings)
    for listing in listings:
        by_amazon = listing["fulfillment-channel"] != "DEFAULT"
        assert listing["fulfillment-channel"].startswith("AMAZON_") == by_amazon
        assert (listing["quantity"] == "") == by_amazon


def test_sales_and_traffic_is_json(start: StartSimulator, clock: FakeClock) -> None:
    api = start()
    window = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-07T23:59:59Z"}

    job = made(
        api, clock, "GET_SALES_AND_TRAFFIC_REPORT", marketplaceIds=MARKETPLACES[:1], **window
    )

    content, content_type = download(api, job["reportDocumentId"])
    assert content_type.startswith("application/json")
    body = json.loads(content)
    assert [day["date"] for day in body["salesAndTrafficByDate"]] == [
        f"2026-11-0{day}" for day in range(1, 8)
    ]
    units = sum(day["salesByDate"]["unitsOrdered"] for day in body["salesAndTrafficByDate"])
    assert units > 0
    assert units == sum(
        product["salesByAsin"]["unitsOrdered"] for product in body["salesAndTrafficByAsin"]
    )


@pytest.mark.parametrize(
    "body",
    [
        {"reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"},
        {"reportType": "GET_V2_SETTLEMENT_REPORT_DATA_XML"},
        {"reportType": "my report"},
        {"marketplaceIds": ["A1PA6795UKMFR9"]},
        {"dataStartTime": "2026-11-02T00:00:00Z", "dataEndTime": "2026-11-01T00:00:00Z"},
        {"dataEndTime": "2099-01-01T00:00:00Z"},
    ],
)
def test_wrong_requests_are_refused(api: ApiCaller, body: dict[str, Any]) -> None:
    full = {"reportType": BY_ORDER_DATE, "marketplaceIds": MARKETPLACES} | body
    answer = api.call("POST", f"{REPORTS}/reports", json=full)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "InvalidInput"


def test_settlements_are_listed_and_can_be_read(api: ApiCaller) -> None:
    listed = api.get(
        f"{REPORTS}/reports", reportTypes="GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
    ).json()["reports"]

    content, _ = download(api, listed[0]["reportDocumentId"])

    head, *lines = rows(content)
    assert head["total-amount"]
    assert {line["amount-type"] for line in lines} >= {"ItemPrice", "ItemFees"}
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal(head["total-amount"])
    assert {line["settlement-id"] for line in lines} == {head["settlement-id"]}


def test_a_fatal_report_says_why(api: ApiCaller) -> None:
    fatal = [r for r in api.simulator.truth("reports") if r["processingStatus"] == "FATAL"]

    content, _ = download(api, fatal[0]["reportDocumentId"])

    assert json.loads(content)["errorDetails"]


def test_a_restricted_report_needs_a_restricted_token(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(orders=2000)
    job = made(api, clock, "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING")
    path = f"{REPORTS}/documents/{job['reportDocumentId']}"

    refused = api.get(path)
    content, _ = download(api, job["reportDocumentId"], api.restricted_token(path))

    assert refused.status_code == 403
    assert all(row["recipient-name"] for row in rows(content))


def test_only_a_queued_report_can_be_cancelled(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1)
    report_id = request_report(api, BY_LAST_UPDATE, **RANGE).json()["reportId"]

    assert api.call("DELETE", f"{REPORTS}/reports/{report_id}").status_code == 200
    clock.advance(300)

    assert report(api, report_id)["processingStatus"] == "CANCELLED"
    assert api.call("DELETE", f"{REPORTS}/reports/{report_id}").status_code == 400
    assert api.get(f"{REPORTS}/reports/1").status_code == 404


def test_a_schedule_replaces_the_one_for_the_same_type_and_marketplaces(api: ApiCaller) -> None:
    def schedule(period: str) -> str:
        body = {
            "reportType": "GET_MERCHANT_LISTINGS_ALL_DATA",
            "marketplaceIds": MARKETPLACES[:1],
            "period": period,
        }
        answer = api.call("POST", f"{REPORTS}/schedules", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["reportScheduleId"])

    first, second = schedule("P1D"), schedule("PT8H")

    listed = api.get(f"{REPORTS}/schedules", reportTypes="GET_MERCHANT_LISTINGS_ALL_DATA")
    assert [s["reportScheduleId"] for s in listed.json()["reportSchedules"]] == [second]
    assert api.get(f"{REPORTS}/schedules/{first}").status_code == 404
    assert api.get(f"{REPORTS}/schedules/{second}").json()["period"] == "PT8H"
    assert api.call("DELETE", f"{REPORTS}/schedules/{second}").status_code == 200
    assert api.get(f"{REPORTS}/schedules/{second}").status_code == 404


def test_the_seller_has_a_few_schedules_of_reports_that_are_served(api: ApiCaller) -> None:
    kinds = [BY_LAST_UPDATE, BY_ORDER_DATE, "GET_SALES_AND_TRAFFIC_REPORT"]

    listed = api.get(f"{REPORTS}/schedules", reportTypes=kinds).json()["reportSchedules"]

    assert all(schedule["period"] for schedule in listed)
    assert {schedule["reportType"] for schedule in listed} == set(kinds)
    truth = api.simulator.truth("reports_2021-06-30.getReportSchedules")
    assert all(schedule in truth for schedule in listed)
    (only,) = api.get(f"{REPORTS}/schedules", reportTypes=kinds[:1]).json()["reportSchedules"]
    assert api.get(f"{REPORTS}/schedules/{only['reportScheduleId']}").json() == only


def test_a_schedule_shows_when_the_next_report_is_due(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(token_lifetime=1e6)
    due = []
    for _ in range(6):
        (schedule,) = api.get(f"{REPORTS}/schedules", reportTypes=BY_LAST_UPDATE).json()[
            "reportSchedules"
        ]
        due.append(schedule["nextReportCreationTime"])
        assert due[-1] > clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        clock.advance(4 * 3600)

    assert due == sorted(due)
    assert len(set(due)) in {3, 4}


def test_a_new_schedule_is_listed_until_it_is_cancelled(start: StartSimulator) -> None:
    api = start()
    kind = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"

    def listed() -> list[str]:
        answer = api.get(f"{REPORTS}/schedules", reportTypes=kind).json()
        return [schedule["reportScheduleId"] for schedule in answer["reportSchedules"]]

    assert listed() == []
    next_time = "2026-12-24T00:00:00Z"
    body = {"reportType": kind, "marketplaceIds": MARKETPLACES[:1], "period": "PT5M"}
    made = api.call(
        "POST", f"{REPORTS}/schedules", json=body | {"nextReportCreationTime": next_time}
    ).json()["reportScheduleId"]
    assert listed() == [made]
    shown = api.get(f"{REPORTS}/schedules/{made}").json()
    assert shown == {"reportScheduleId": made, **body, "nextReportCreationTime": next_time}
    api.call("DELETE", f"{REPORTS}/schedules/{made}")
    assert listed() == []
