"""How reports are made: waiting, processing, refusing, failing."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import requests

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import REPORTS, TIMEOUT, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
INVENTORY = "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA"
RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
SHIPMENTS = "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL"
SEARCH_TERMS = "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT"
VENDOR_SALES = "GET_VENDOR_SALES_REPORT"
WEEK = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-07T23:59:59Z"}


def create(api: ApiCaller, kind: str, **body: Any) -> requests.Response:
    body = {"reportType": kind, "marketplaceIds": MARKETPLACES[:1]} | body
    return api.call("POST", f"{REPORTS}/reports", json=body)


def created(api: ApiCaller, kind: str, **body: Any) -> str:
    answer = create(api, kind, **body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["reportId"])


def status(api: ApiCaller, report_id: str) -> str:
    return str(api.get(f"{REPORTS}/reports/{report_id}").json()["processingStatus"])


def outcome(api: ApiCaller, clock: FakeClock, kind: str, **body: Any) -> dict[str, Any]:
    report_id = created(api, kind, **body)
    clock.advance(1)
    found: dict[str, Any] = api.get(f"{REPORTS}/reports/{report_id}").json()
    return found


def why(api: ApiCaller, report: dict[str, Any]) -> str:
    document = api.get(f"{REPORTS}/documents/{report['reportDocumentId']}").json()
    content = requests.get(document["url"], timeout=TIMEOUT).content
    if document.get("compressionAlgorithm") == "GZIP":
        content = gzip.decompress(content)
    return str(json.loads(content)["errorDetails"])


def test_reports_take_as_long_as_the_settings_say(start: StartSimulator, clock: FakeClock) -> None:
    api = start(
        speed=1e6,
        processing_seconds=(30e6, 300e6),
        report_processing_seconds={INVENTORY: (1000e6, 1000e6)},
    )
    ids = [created(api, LISTINGS) for _ in range(10)] + [created(api, INVENTORY)]
    *seconds, last = (
        report["readyAt"] - clock.now().timestamp()
        for report in api.simulator.truth("created_reports")
    )

    assert all(29.9 < second < 300 for second in seconds)
    assert max(seconds) - min(seconds) > 60
    assert last == pytest.approx(1000, abs=0.1)
    clock.advance(301)
    assert {status(api, report_id) for report_id in ids[:-1]} == {"DONE"}
    assert status(api, ids[-1]) == "IN_PROGRESS"


def test_the_number_of_reports_made_at_once_is_limited(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(speed=1e6, processing_seconds=(100e6, 100e6), reports_at_once=2)
    ids = [created(api, LISTINGS) for _ in range(5)]

    def statuses() -> list[str]:
        return [status(api, report_id) for report_id in ids]

    clock.advance(50)
    assert statuses() == ["IN_PROGRESS"] * 2 + ["IN_QUEUE"] * 3
    clock.advance(51)
    assert statuses() == ["DONE"] * 2 + ["IN_PROGRESS"] * 2 + ["IN_QUEUE"]
    assert api.call("DELETE", f"{REPORTS}/reports/{ids[4]}").status_code == 200
    clock.advance(75)
    assert statuses() == ["DONE"] * 4 + ["CANCELLED"]


def test_cancelling_a_report_lets_the_next_one_start_earlier(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(speed=1e6, processing_seconds=(100e6, 100e6), reports_at_once=1)
    ids = [created(api, LISTINGS) for _ in range(3)]

    api.call("DELETE", f"{REPORTS}/reports/{ids[1]}")
    clock.advance(180)

    assert status(api, ids[2]) == "DONE"


def test_creating_has_a_quota(start: StartSimulator) -> None:
    api = start(speed=1)

    statuses = [create(api, LISTINGS).status_code for _ in range(16)]

    assert statuses == [202] * 15 + [429]


def test_the_same_report_of_fba_is_not_made_again_at_once(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(speed=1, processing_seconds=(60, 60), token_lifetime=1e6)

    def ends() -> dict[str, Any]:
        report_id = created(api, INVENTORY)
        clock.advance(120)
        found: dict[str, Any] = api.get(f"{REPORTS}/reports/{report_id}").json()
        return found

    first, second, third = ends(), ends(), ends()
    clock.advance(1800)
    fourth = ends()

    statuses = [report["processingStatus"] for report in (first, second, third, fourth)]
    assert statuses == ["DONE", "CANCELLED", "FATAL", "DONE"]
    assert "reportDocumentId" not in third


def test_another_window_or_marketplace_is_another_report(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(orders=3000, speed=1, processing_seconds=(1, 1), token_lifetime=1e6)
    other = {"dataStartTime": "2026-10-25T00:00:00Z", "dataEndTime": "2026-10-31T23:59:59Z"}

    first = outcome(api, clock, RETURNS, **WEEK)
    again = outcome(api, clock, RETURNS, **WEEK)
    earlier = outcome(api, clock, RETURNS, **other)
    elsewhere = outcome(api, clock, RETURNS, **WEEK, marketplaceIds=MARKETPLACES[1:2])

    assert [first["processingStatus"], again["processingStatus"]] == ["DONE", "CANCELLED"]
    assert earlier["processingStatus"] == elsewhere["processingStatus"] == "DONE"


def test_intervals_can_be_set(start: StartSimulator, clock: FakeClock) -> None:
    intervals = {INVENTORY: 0, LISTINGS: 600}
    api = start(speed=1, processing_seconds=(1, 1), report_intervals=intervals)

    found = [
        outcome(api, clock, kind)["processingStatus"]
        for kind in (INVENTORY, INVENTORY, LISTINGS, LISTINGS)
    ]

    assert found == ["DONE", "DONE", "DONE", "CANCELLED"]


def test_other_reports_are_made_twice_at_the_same_time(start: StartSimulator) -> None:
    api = start(speed=1)

    ids = {created(api, LISTINGS), created(api, LISTINGS)}

    assert len(ids) == 2
    assert {status(api, report_id) for report_id in ids} == {"IN_QUEUE"}


@pytest.mark.parametrize(
    ("kind", "body", "part"),
    [
        (VENDOR_SALES, {"reportOptions": {"reportPeriod": "DAY"}}, "distributorView, selling"),
        (SEARCH_TERMS, {"reportOptions": {"reportPeriod": "YEAR"}}, "client error"),
        (SEARCH_TERMS, {"reportOptions": {"reportPeriod": "WEEK"}, "day": 2}, "client error"),
        (SEARCH_TERMS, {"reportOptions": {"reportPeriod": "DAY"}}, "client error"),
        (SHIPMENTS, {"dataStartTime": "2026-09-01T00:00:00Z"}, "client error"),
        ("GET_LEDGER_DETAIL_VIEW_DATA", {"dataStartTime": None, "dataEndTime": None}, "dataStart"),
    ],
)
def test_a_request_that_breaks_the_rules_of_its_type_ends_fatal_and_says_why(
    start: StartSimulator, clock: FakeClock, kind: str, body: dict[str, Any], part: str
) -> None:
    api = start()
    full = WEEK | body
    if full.pop("day", None):
        full["dataStartTime"] = "2026-11-02T00:00:00Z"

    report = outcome(
        api, clock, kind, **{name: value for name, value in full.items() if value is not None}
    )

    assert report["processingStatus"] == "FATAL"
    assert part in why(api, report)


def test_whole_periods_are_accepted(start: StartSimulator, clock: FakeClock) -> None:
    api = start()

    report = outcome(api, clock, SEARCH_TERMS, **WEEK, reportOptions={"reportPeriod": "WEEK"})

    assert report["processingStatus"] == "DONE"


def test_options_that_a_type_does_not_know_are_ignored(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start()

    report = outcome(api, clock, LISTINGS, reportOptions={"custom": "true", "colour": "blue"})

    assert report["processingStatus"] == "DONE"
    (truth,) = api.simulator.truth("created_reports")
    assert truth["ignoredOptions"] == ["colour"]
    assert truth["reportOptions"] == {"custom": "true", "colour": "blue"}


def test_options_must_be_strings(start: StartSimulator) -> None:
    answer = create(start(), LISTINGS, reportOptions={"custom": True})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", "is not allowed at this time"),
        ("GET_EASYSHIP_DOCUMENTS", "is not allowed at this time"),
        ("GET_ORDER_REPORT_DATA_SHIPPING", "is not allowed at this time"),
        ("GET_V2_SETTLEMENT_REPORT_DATA_XML", "no longer available"),
        ("GET_FBA_SNS_FORECAST_DATA", "no longer available"),
        ("GET_SOMETHING_ELSE", "there is no"),
    ],
)
def test_types_that_cannot_be_requested_are_refused(
    api: ApiCaller, kind: str, message: str
) -> None:
    answer = create(api, kind)

    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]


def test_a_type_of_its_own_can_be_served(start: StartSimulator, clock: FakeClock) -> None:
    api = start(report_types={"GET_SOMETHING_ELSE": "TSV"})

    report = outcome(api, clock, "GET_SOMETHING_ELSE", **WEEK)

    assert report["processingStatus"] == "DONE"


@pytest.mark.parametrize(
    ("fault", "ends", "has_document"),
    [
        ("job_fatal", "FATAL", True),
        ("job_fatal_without_document", "FATAL", False),
        ("job_cancelled", "CANCELLED", False),
        ("job_stuck", "IN_QUEUE", False),
    ],
)
def test_faults_decide_how_a_report_ends(
    start: StartSimulator, clock: FakeClock, fault: str, ends: str, *, has_document: bool
) -> None:
    api = start()
    api.simulator.inject(fault, operation="reports_2021-06-30.createReport")

    report = outcome(api, clock, LISTINGS)

    assert report["processingStatus"] == ends
    assert ("reportDocumentId" in report) == has_document
    assert outcome(api, clock, LISTINGS)["processingStatus"] == "DONE"


def test_reports_are_kept_for_90_days_and_those_of_orders_for_30(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(token_lifetime=1e9)
    orders = "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"
    ids = {kind: created(api, kind, **WEEK) for kind in (LISTINGS, orders)}

    def found() -> list[int]:
        return [
            api.get(f"{REPORTS}/reports/{ids[kind]}").status_code for kind in (LISTINGS, orders)
        ]

    def listed(kind: str) -> set[str]:
        reports = api.get(f"{REPORTS}/reports", reportTypes=kind, pageSize=100).json()["reports"]
        return {report["reportId"] for report in reports}

    clock.advance(29 * 86400)
    assert found() == [200, 200]
    clock.advance(2 * 86400)
    assert found() == [200, 404]
    assert ids[orders] not in listed(orders)
    clock.advance(58 * 86400)
    assert ids[LISTINGS] in listed(LISTINGS)
    clock.advance(2 * 86400)
    assert found() == [404, 404]
    assert ids[LISTINGS] not in listed(LISTINGS)


def test_listing_takes_ten_types_and_known_statuses(api: ApiCaller) -> None:
    kinds = [f"GET_TYPE_{number}" for number in range(11)]

    assert "reportTypes" in api.refused(f"{REPORTS}/reports", reportTypes=kinds)
    api.refused(f"{REPORTS}/reports", reportTypes=LISTINGS, processingStatuses="READY")
    api.refused(f"{REPORTS}/reports")
    assert api.get(f"{REPORTS}/reports", reportTypes=kinds[:10]).json() == {"reports": []}


def test_schedules_make_reports(start: StartSimulator, clock: FakeClock) -> None:
    api = start(token_lifetime=1e9)
    kind = "GET_ORDER_REPORT_DATA_SHIPPING"
    body = {"reportType": kind, "marketplaceIds": MARKETPLACES[:1], "period": "PT1H"}
    schedule = api.call("POST", f"{REPORTS}/schedules", json=body).json()["reportScheduleId"]

    clock.advance(3 * 3600 + 60)

    reports = api.get(f"{REPORTS}/reports", reportTypes=kind).json()["reports"]
    assert len(reports) == 3
    assert {report["reportScheduleId"] for report in reports} == {schedule}
    assert {report["processingStatus"] for report in reports} <= {"DONE", "CANCELLED"}
    assert sorted(report["dataEndTime"][11:16] for report in reports) == ["13:00", "14:00", "15:00"]
    assert api.simulator.truth("created_reports") == []
    api.call("DELETE", f"{REPORTS}/schedules/{schedule}")
    clock.advance(3 * 3600)
    assert len(api.get(f"{REPORTS}/reports", reportTypes=kind).json()["reports"]) == 3


@pytest.mark.parametrize(
    "kind", ["GET_EASYSHIP_DOCUMENTS", "GET_FLAT_FILE_SALES_TAX_DATA", "GET_EASYSHIP_PICKEDUP"]
)
def test_reports_that_amazon_makes_by_itself_are_listed(api: ApiCaller, kind: str) -> None:
    reports = api.get(f"{REPORTS}/reports", reportTypes=kind).json()["reports"]

    assert reports
    assert all(report["reportDocumentId"] for report in reports)


def test_created_reports_are_counted(start: StartSimulator, clock: FakeClock) -> None:
    api = start()
    before = len(api.simulator.truth("reports"))

    outcome(api, clock, LISTINGS)
    outcome(api, clock, RETURNS, **WEEK)

    kinds = [report["reportType"] for report in api.simulator.truth("created_reports")]
    assert kinds == [LISTINGS, RETURNS]
    assert len(api.simulator.truth("reports")) == before + 2
    vendor = ApiCaller(api.simulator, refresh_token="Atzr|simulator-vendor")
    assert vendor.simulator.truth("created_reports", "vendor") == []
