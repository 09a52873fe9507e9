from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import FEEDS, ORDERS, REPORTS, TIMEOUT, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

SEARCH = "orders_2026-01-01.searchOrders"
WINDOW: dict[str, Any] = {"createdAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": 20}


def statuses(api: ApiCaller, count: int) -> list[int]:
    return [api.get(ORDERS, **WINDOW).status_code for _ in range(count)]


def records(api: ApiCaller, **params: Any) -> list[dict[str, Any]]:
    answer = api.get(ORDERS, **(WINDOW | params))
    assert answer.status_code == 200, answer.text
    orders: list[dict[str, Any]] = answer.json()["orders"]
    return orders


def test_a_fault_strikes_once_by_default(api: ApiCaller) -> None:
    api.simulator.inject("status", status=503)

    assert statuses(api, 3) == [503, 200, 200]


def test_a_fault_strikes_its_operation_count_times_after_skip_requests(api: ApiCaller) -> None:
    api.simulator.inject("status", operation=SEARCH, status=500, count=2, skip=1)

    assert api.get("/sellers/v1/account").status_code == 200
    assert statuses(api, 5) == [200, 500, 500, 200, 200]


def test_a_fault_may_strike_by_chance_for_ever(start: StartSimulator) -> None:
    def draws() -> list[int]:
        api = start()
        api.simulator.inject("throttle", probability=0.5, count=None)
        return statuses(api, 40)

    first = draws()

    assert first == draws()
    assert 5 < first.count(429) < 35


def test_a_fault_may_wait_for_a_page_token(api: ApiCaller) -> None:
    api.simulator.inject("status", status=400, message="No.", only_with_token=True)

    token = api.get(ORDERS, **WINDOW).json()["pagination"]["nextToken"]
    answer = api.get(ORDERS, **WINDOW, paginationToken=token)

    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {"code": "InvalidInput", "message": "No.", "details": ""}


@pytest.mark.parametrize("status", [400, 403, 404, 500, 502, 503, 504])
def test_errors_have_amazons_form_or_are_html(api: ApiCaller, status: int) -> None:
    api.simulator.inject("status", status=status, code="Mishap")
    api.simulator.inject("status", status=status, body="html")

    as_json, as_html = api.get(ORDERS, **WINDOW), api.get(ORDERS, **WINDOW)

    assert as_json.status_code == as_html.status_code == status
    assert as_json.json()["errors"][0]["code"] == "Mishap"
    assert as_html.headers["Content-Type"].startswith("text/html")
    assert as_html.headers["x-amzn-RequestId"]


def test_connections_break(api: ApiCaller) -> None:
    api.log_in()
    api.simulator.inject("reset")
    with pytest.raises(requests.ConnectionError):
        api.get(ORDERS, **WINDOW)

    api.simulator.inject("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get(ORDERS, **WINDOW)

    assert statuses(api, 1) == [200]


def test_a_body_may_not_be_json(api: ApiCaller) -> None:
    api.simulator.inject("not_json")

    answer = api.get(ORDERS, **WINDOW)

    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_an_answer_may_be_slow(api: ApiCaller) -> None:
    api.log_in()
    api.simulator.inject("slow", delay=0.3)

    began = time.monotonic()
    assert statuses(api, 1) == [200]

    assert time.monotonic() - began >= 0.3


def test_an_access_token_may_expire_early(api: ApiCaller) -> None:
    api.log_in()
    api.simulator.inject("expired_token")

    assert statuses(api, 2) == [403, 403]
    api.log_in()
    assert statuses(api, 1) == [200]


def test_an_empty_page_carries_a_token_and_loses_nothing(api: ApiCaller) -> None:
    api.simulator.inject("empty_page", skip=1)
    api.simulator.inject("empty_page", operation=f"{SEARCH}", skip=4, count=2)

    pages = api.search_pages(**WINDOW)

    assert sum(not page for page in pages) == 3
    assert len({order["orderId"] for page in pages for order in page}) == 400


def test_records_may_have_a_new_field(api: ApiCaller) -> None:
    api.simulator.inject("extra_field")
    api.simulator.inject("extra_field", field="colour")

    assert all("simulatorExtraField" in record for record in records(api))
    assert all("colour" in record for record in records(api))
    assert not any("colour" in record for record in records(api))


def test_an_enumerated_field_may_have_a_new_value(api: ApiCaller) -> None:
    api.simulator.inject("unknown_enum")

    orders = records(api, includedData="FULFILLMENT")

    seen = {order["fulfillment"]["fulfillmentStatus"] for order in orders}
    assert seen == {"SIMULATOR_UNKNOWN_VALUE"}


def test_a_required_field_may_be_null(api: ApiCaller) -> None:
    api.simulator.inject("null_required")
    api.simulator.inject("null_required", field="lastUpdatedTime")

    assert all(order["salesChannel"] is None and order["orderId"] for order in records(api))
    assert all(order["lastUpdatedTime"] is None for order in records(api))


def test_numbers_may_be_strings(api: ApiCaller) -> None:
    api.simulator.inject("number_as_string")

    quantities = [item["quantityOrdered"] for order in records(api) for item in order["orderItems"]]

    assert all(isinstance(quantity, str) for quantity in quantities)


def test_strings_may_have_nul_characters(api: ApiCaller) -> None:
    api.simulator.inject("nul")

    orders = records(api)

    assert all("\x00" in item["product"]["title"] for o in orders for item in o["orderItems"])
    assert not any("\x00" in order["orderId"] for order in orders)


def test_an_array_may_be_missing(api: ApiCaller) -> None:
    api.simulator.inject("missing_array")

    assert not any("orderItems" in order for order in records(api))


def test_a_report_may_fail_be_cancelled_or_take_long(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(speed=1)
    for kind in ("job_fatal", "job_cancelled", "job_slow"):
        api.simulator.inject(kind, operation="reports_2021-06-30.createReport")
    body = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": MARKETPLACES[:1]}
    ids = [api.call("POST", f"{REPORTS}/reports", json=body).json()["reportId"] for _ in range(3)]

    clock.advance(300)
    fatal, cancelled, slow = (api.get(f"{REPORTS}/reports/{name}").json() for name in ids)

    assert fatal["processingStatus"] == "FATAL"
    assert cancelled["processingStatus"] == "CANCELLED"
    assert slow["processingStatus"] in ("IN_QUEUE", "IN_PROGRESS")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "sabotage"},
        {"kind": "status", "body": "pdf"},
        {"kind": "status", "operation": "orders.none"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(api: ApiCaller, fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"unknown|body"):
        api.simulator.inject(**fault)


def test_faults_are_injected_listed_and_cleared_over_http(api: ApiCaller) -> None:
    url = f"{api.simulator.url}/_simulator/faults"
    fault = {"kind": "status", "status": 502, "operation": SEARCH, "count": 5}

    created = requests.post(url, json=fault, timeout=TIMEOUT)
    wrong = requests.post(url, json={"kind": "status", "colour": "blue"}, timeout=TIMEOUT)
    waiting = requests.get(url, timeout=TIMEOUT).json()["faults"]
    struck = statuses(api, 1)
    requests.delete(url, timeout=TIMEOUT)

    assert (created.status_code, wrong.status_code) == (201, 400)
    assert "colour" in wrong.json()["error"]
    assert [entry["operation"] for entry in waiting] == [SEARCH]
    assert struck == [502]
    assert statuses(api, 1) == [200]


def test_the_token_endpoint_and_documents_fail_if_named(api: ApiCaller) -> None:
    api.simulator.inject("status", status=503, count=None)
    api.log_in()
    api.simulator.clear_faults()
    api.simulator.inject("status", operation="lwa.token", status=503)
    api.simulator.inject("truncated", operation="documents")
    document_id = next(
        report["reportDocumentId"]
        for report in api.simulator.truth("reports")
        if "reportDocumentId" in report
    )

    refused = api.post_form(grant_type="refresh_token", refresh_token="x", **api.client())
    url = api.get(f"{REPORTS}/documents/{document_id}").json()["url"]

    assert refused.status_code == 503
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(url, timeout=TIMEOUT)
    assert requests.get(url, timeout=TIMEOUT).status_code == 200


def test_each_fault_counts_the_requests_it_skips(api: ApiCaller) -> None:
    api.simulator.inject("status", status=500)
    api.simulator.inject("status", status=503, skip=2)

    assert statuses(api, 4) == [500, 200, 503, 200]


def test_faults_work_for_feeds_too(api: ApiCaller) -> None:
    api.simulator.inject("extra_field", operation="feeds_2021-06-30.getFeeds")

    feeds = api.get(f"{FEEDS}/feeds", feedTypes="JSON_LISTINGS_FEED").json()["feeds"]

    assert all("simulatorExtraField" in feed for feed in feeds)


def test_a_short_name_of_an_operation_is_completed(api: ApiCaller) -> None:
    with pytest.raises(ValueError, match="unknown operation 'createReport': write reports_2021-06"):
        api.simulator.inject("job_fatal", operation="createReport")
