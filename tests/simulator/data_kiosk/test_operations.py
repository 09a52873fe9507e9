"""Data Kiosk: queries, their results, and mistakes in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.simulator.reports.types import report_types
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import DATA_KIOSK, TIMEOUT, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator
from tests.simulator.reports.test_types import document_of, made
from tests.simulator.strict_schemas import schema_problem

QUERIES = f"{DATA_KIOSK}/queries"
VENDOR = "Atzr|simulator-vendor"


@pytest.fixture(scope="module")
def kiosk(start_shared: StartSimulator) -> ApiCaller:
    """A seller for tests that only submit queries and read their results."""
    return start_shared()


def by_date(start: str, end: str, aggregate: str = "DAY", fields: str = "startDate endDate") -> str:
    return (
        "query Sales { analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByDate("
        f'startDate: "{start}", endDate: "{end}", aggregateBy: {aggregate}, '
        f'marketplaceIds: ["{MARKETPLACES[0]}"]) {{ {fields} }} }} }}'
    )


def by_asin(*marketplaces: str, fields: str = "parentAsin marketplaceId") -> str:
    return (
        "{ analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByAsin("
        'startDate: "2026-10-01", endDate: "2026-10-31", aggregateBy: PARENT, '
        f"marketplaceIds: {json.dumps(marketplaces or MARKETPLACES[:1])}) {{ {fields} }} }} }}"
    )


def create(api: ApiCaller, query: str, **more: str) -> requests.Response:
    return api.call("POST", QUERIES, json={"query": query} | more)


def ended(api: ApiCaller, clock: FakeClock, query: str, **more: str) -> dict[str, Any]:
    answer = create(api, query, **more)
    assert answer.status_code == 202, answer.text
    clock.advance(1)
    found: dict[str, Any] = api.get(f"{QUERIES}/{answer.json()['queryId']}").json()
    return found


def content(api: ApiCaller, document_id: str) -> requests.Response:
    document = api.get(f"{DATA_KIOSK}/documents/{document_id}").json()
    assert document["documentId"] == document_id
    return requests.get(document["documentUrl"], timeout=TIMEOUT)


def rows(api: ApiCaller, query: dict[str, Any]) -> list[dict[str, Any]]:
    answer = content(api, query["dataDocumentId"])
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_query_goes_through_its_life(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1, processing_seconds=(60, 60))
    query_id = create(api, by_date("2026-11-01", "2026-11-03")).json()["queryId"]

    seen = []
    for _ in range(8):
        seen.append(api.get(f"{QUERIES}/{query_id}").json())
        clock.advance(10)

    statuses = [query["processingStatus"] for query in seen]
    assert sorted(set(statuses), key=statuses.index) == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert "dataDocumentId" not in seen[0]
    assert seen[-1]["query"] == by_date("2026-11-01", "2026-11-03")


def test_rows_hold_the_selected_fields(kiosk: ApiCaller, shared_clock: FakeClock) -> None:
    fields = (
        "from: startDate marketplaceId sales { unitsOrdered price: averageSellingPrice {amount} }"
    )

    query = ended(kiosk, shared_clock, by_date("2026-11-01", "2026-11-05", fields=fields))

    found = rows(kiosk, query)
    assert [row["from"] for row in found] == [f"2026-11-0{day}" for day in range(1, 6)]
    assert {row["marketplaceId"] for row in found} == {MARKETPLACES[0]}
    for row in found:
        assert [*row] == ["from", "marketplaceId", "sales"]
        assert isinstance(row["sales"]["unitsOrdered"], int)
        assert isinstance(row["sales"]["price"]["amount"], float)
    again = ended(kiosk, shared_clock, by_date("2026-11-03", "2026-11-03", fields=fields))
    assert rows(kiosk, again) == [found[2]]


def test_sales_are_those_of_the_report(kiosk: ApiCaller, shared_clock: FakeClock) -> None:
    kind = report_types()["GET_SALES_AND_TRAFFIC_REPORT"]
    window = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-14T23:59:59Z"}
    body = {"reportType": kind.name, "marketplaceIds": MARKETPLACES[:1], **window}
    report = made(kiosk, shared_clock, body)
    document, _ = document_of(kiosk, kind, report["reportDocumentId"])
    expected = {
        one["date"]: one["salesByDate"] for one in json.loads(document)["salesAndTrafficByDate"]
    }
    names = [*expected["2026-11-01"]]
    money = "{ amount currencyCode }"
    fields = "startDate sales { " + " ".join(
        name if not isinstance(value, dict) else f"{name} {money}"
        for name, value in expected["2026-11-01"].items()
    )

    query = ended(
        kiosk,
        shared_clock,
        by_date("2026-11-01", "2026-11-14", fields=fields + " unitsOrderedB2B }"),
    )

    found = {row["startDate"]: row["sales"] for row in rows(kiosk, query)}
    business = [row.pop("unitsOrderedB2B") for row in found.values()]
    assert found == expected
    assert {*names} == {*found["2026-11-01"]}
    assert 0 < sum(business) < sum(row["unitsOrdered"] for row in found.values())


def test_products_sales_add_up_to_those_of_the_days(
    kiosk: ApiCaller, shared_clock: FakeClock
) -> None:
    sales = "sales { unitsOrdered unitsRefunded orderedProductSales { cents: amount } }"
    of_days = ended(
        kiosk, shared_clock, by_date("2026-10-01", "2026-10-31", "MONTH", "startDate " + sales)
    )
    of_products = ended(kiosk, shared_clock, by_asin(fields="parentAsin " + sales))
    economics = ended(
        kiosk,
        shared_clock,
        "{ analytics_economics_2024_03_15 { economics("
        'startDate: "2026-10-01", endDate: "2026-10-31", aggregateBy: {date: MONTH}, '
        f'marketplaceIds: ["{MARKETPLACES[0]}"]) '
        "{ msku sales { unitsOrdered unitsRefunded netUnitsSold } } } }",
    )

    (month,) = rows(kiosk, of_days)
    products, details = rows(kiosk, of_products), rows(kiosk, economics)
    for name in ("unitsOrdered", "unitsRefunded"):
        assert sum(row["sales"][name] for row in products) == month["sales"][name] > 0
        assert sum(row["sales"][name] for row in details) == month["sales"][name]
    cents = sum(row["sales"]["orderedProductSales"]["cents"] for row in products)
    assert cents == pytest.approx(month["sales"]["orderedProductSales"]["cents"])
    for row in details:
        one = row["sales"]
        assert one["netUnitsSold"] == one["unitsOrdered"] - one["unitsRefunded"]


def test_a_document_says_that_it_is_zipped(kiosk: ApiCaller, shared_clock: FakeClock) -> None:

    query = ended(kiosk, shared_clock, by_date("2026-11-01", "2026-11-05"))

    assert content(kiosk, query["dataDocumentId"]).headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("WEEK", ["2026-10-04", "2026-10-11", "2026-10-18", "2026-10-25"]),
        ("MONTH", ["2026-10-01"]),
    ],
)
def test_only_whole_periods_count(
    kiosk: ApiCaller, shared_clock: FakeClock, aggregate: str, expected: list[str]
) -> None:

    query = ended(kiosk, shared_clock, by_date("2026-10-01", "2026-11-05", aggregate))

    assert [row["startDate"] for row in rows(kiosk, query)] == expected


def test_today_has_no_data_yet(kiosk: ApiCaller, shared_clock: FakeClock) -> None:

    some = ended(kiosk, shared_clock, by_date("2026-11-19", "2026-11-30"))
    nothing = ended(kiosk, shared_clock, by_date("2026-11-21", "2026-11-30"))

    assert [row["startDate"] for row in rows(kiosk, some)] == ["2026-11-19", "2026-11-20"]
    assert nothing["processingStatus"] == "DONE"
    assert not {"dataDocumentId", "errorDocumentId"} & {*nothing}


def test_a_token_leads_to_the_next_page(start: StartSimulator, clock: FakeClock) -> None:
    api = start(query_page_rows=50)
    text = by_asin(*MARKETPLACES[:2])
    found: list[dict[str, Any]] = []
    pages = 0
    more: dict[str, str] = {}
    while True:
        query = ended(api, clock, text, **more)
        found += rows(api, query)
        pages += 1
        if "pagination" not in query:
            break
        more = {"paginationToken": query["pagination"]["nextToken"]}

    assert pages == 5
    assert len({tuple(row.values()) for row in found}) == len(found) == 240
    assert create(api, by_asin(), **more).status_code == 400
    assert create(api, text, paginationToken="x").status_code == 400
    other = ApiCaller(api.simulator, refresh_token=VENDOR)
    assert create(other, text, **more).status_code == 400


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "expected {"),
        (by_date("2026-11-01", "2026-11-03")[:-1], "found the end"),
        (by_date("2026-11-01", "2026-11-03") + "}", "expected the end"),
        ("{ orders { id } }", "'orders' in type 'Query' is undefined"),
        (by_date("2026-11-01", "2026-11-03", fields="colour"), "'colour' in type"),
        (by_date("2026-11-01", "2026-11-03", fields="sales"), "Subselection required"),
        (by_date("2026-11-01", "2026-11-03", fields="startDate { x }"), "not allowed on leaf"),
        (by_date("2026-11-01", "2026-11-03", "YEARLY"), "aggregateBy"),
        (by_date("yesterday", "2026-11-03"), "startDate"),
        (by_date("2026-11-01", "2026-11-03").replace("aggregateBy: DAY,", ""), "Missing argument"),
        (by_date("2026-11-01", "2026-11-03").replace("startDate:", "from:"), "Unknown argument"),
        ("query Q($day: Date) { x }", "variables"),
        (by_date("2026-11-01", "2026-11-03", fields="a: startDate " * 1000), "8000"),
    ],
)
def test_a_wrong_query_is_refused(api: ApiCaller, query: str, problem: str) -> None:
    answer = create(api, query)

    assert answer.status_code == 400
    assert problem in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (by_date("2020-01-01", "2026-11-03"), "two years"),
        (by_date("2026-11-03", "2026-11-01"), "endDate"),
        (by_asin("A1PA6795UKMFR9"), "A1PA6795UKMFR9"),
    ],
)
def test_a_query_without_a_result_ends_fatal_and_says_why(
    kiosk: ApiCaller, shared_clock: FakeClock, query: str, problem: str
) -> None:

    fatal = ended(kiosk, shared_clock, query)

    assert fatal["processingStatus"] == "FATAL"
    assert "dataDocumentId" not in fatal
    errors = content(kiosk, fatal["errorDocumentId"]).json()["errors"]
    assert problem in errors[0]["message"]


@pytest.mark.parametrize(
    ("fault", "ends", "document"),
    [
        ("job_fatal", "FATAL", {"errorDocumentId"}),
        ("job_fatal_without_document", "FATAL", set()),
        ("job_cancelled", "CANCELLED", set()),
        ("job_stuck", "IN_QUEUE", set()),
    ],
)
def test_faults_decide_how_a_query_ends(
    start: StartSimulator, clock: FakeClock, fault: str, ends: str, document: set[str]
) -> None:
    api = start()
    api.simulator.inject(fault, operation="dataKiosk_2023-11-15.createQuery")

    query = ended(api, clock, by_asin())

    assert query["processingStatus"] == ends
    assert {name for name in query if name.endswith("DocumentId")} == document


def test_a_query_can_be_cancelled_until_it_is_over(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1, processing_seconds=(60, 60))
    ids = [create(api, by_asin()).json()["queryId"] for _ in range(3)]

    def cancel(query_id: str) -> int:
        return api.call("DELETE", f"{QUERIES}/{query_id}").status_code

    assert cancel(ids[0]) == 204
    clock.advance(30)
    assert (cancel(ids[0]), cancel(ids[1])) == (204, 204)
    clock.advance(60)
    assert cancel(ids[2]) == 400
    statuses = [api.get(f"{QUERIES}/{one}").json()["processingStatus"] for one in ids]
    assert statuses == ["CANCELLED", "CANCELLED", "DONE"]
    assert cancel("1") == 404


def test_the_number_of_running_queries_is_limited(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1, processing_seconds=(60, 60), queries_at_once=2)
    statuses = [create(api, by_asin()).status_code for _ in range(3)]

    clock.advance(61)

    assert statuses == [202, 202, 429]
    assert create(api, by_asin()).status_code == 202


def test_queries_are_listed_in_pages_of_any_size(start: StartSimulator) -> None:
    api = start(records=30, empty_pages=())
    known = {query["queryId"] for query in api.simulator.truth("queries")}

    first = api.get(QUERIES, pageSize=10).json()
    token = first["pagination"]["nextToken"]
    second = api.get(QUERIES, pageSize=100, paginationToken=token).json()

    found = [query["queryId"] for query in first["queries"] + second["queries"]]
    assert sorted(found) == sorted(known)
    assert (len(first["queries"]), "pagination" in second) == (10, False)
    api.refused(QUERIES, pageSize=10, paginationToken=token, processingStatuses="DONE")


def test_queries_are_kept_for_30_days(start: StartSimulator, clock: FakeClock) -> None:
    api = start(token_lifetime=1e9)
    query = ended(api, clock, by_asin())

    clock.advance(29 * 86400)
    assert api.get(f"{QUERIES}/{query['queryId']}").status_code == 200
    clock.advance(2 * 86400)
    assert api.get(f"{QUERIES}/{query['queryId']}").status_code == 404


ECONOMICS = (
    "{ analytics_economics_2024_03_15 { economics("
    'startDate: "2026-11-01", endDate: "2026-11-02", marketplaceIds: ["ATVPDKIKX0DER"], '
    "aggregateBy: {date: DAY, productId: MSKU}, "
    "includeComponentsForFeeTypes: [FBA_FULFILLMENT_FEE]) { startDate msku fees { feeTypeName "
    "charges { aggregatedDetail { totalAmount { amount } } } } } } }"
)
VENDOR_VIEW = (
    "{ analytics_vendorAnalytics_2024_09_30 { manufacturingView("
    'startDate: "2026-11-01", endDate: "2026-11-03", aggregateBy: DAY, currencyCode: "EUR") '
    "{ __typename startDate metrics { metrics { orders { unfilledOrderedUnits } } } } } }"
)


def test_economics_have_a_row_for_each_product_and_day(
    kiosk: ApiCaller, shared_clock: FakeClock
) -> None:

    found = rows(kiosk, ended(kiosk, shared_clock, ECONOMICS))

    assert len({(row["startDate"], row["msku"]) for row in found}) == len(found) == 240


@pytest.mark.parametrize(
    ("wanted", "fee"),
    [
        ("", None),
        (", includeComponentsForFeeTypes: []", None),
        (", includeComponentsForFeeTypes: FBA_FULFILLMENT_FEE", "Base fulfillment fee"),
    ],
)
def test_fees_have_the_components_that_a_query_includes(
    kiosk: ApiCaller, shared_clock: FakeClock, wanted: str, fee: str | None
) -> None:
    query = (
        "{ analytics_economics_2024_03_15 { economics("
        'startDate: "2026-10-01", endDate: "2026-10-31", aggregateBy: {date: RANGE}, '
        f'marketplaceIds: ["{MARKETPLACES[0]}"]{wanted}) '
        "{ fees { feeTypeName charges { components { name } } } } } }"
    )

    found = rows(kiosk, ended(kiosk, shared_clock, query))

    components = {
        (summary["feeTypeName"], component["name"])
        for row in found
        for summary in row["fees"]
        for charge in summary["charges"]
        for component in charge["components"] or ()
    }
    assert components == (set() if fee is None else {("FBA fulfillment fees", fee)})
    assert sum(len(row["fees"]) for row in found) > 50


def test_a_vendor_queries_the_datasets_of_vendors(
    kiosk: ApiCaller, shared_clock: FakeClock
) -> None:
    vendor = ApiCaller(kiosk.simulator, refresh_token=VENDOR)

    found = rows(vendor, ended(vendor, shared_clock, VENDOR_VIEW))

    assert [row["startDate"] for row in found] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert {row["__typename"] for row in found} == {"ManufacturingView"}


def test_the_model_holds(simulator: Simulator) -> None:
    api = ApiCaller(simulator)
    listed = api.get(QUERIES, pageSize=100).json()

    schema = {"$ref": "#/definitions/GetQueriesResponse"}
    assert schema_problem("dataKiosk_2023-11-15", schema, listed) is None
    statuses = {query["processingStatus"] for query in listed["queries"]}
    assert statuses == {"DONE", "FATAL"}
    for query in listed["queries"]:
        name = "dataDocumentId" if query["processingStatus"] == "DONE" else "errorDocumentId"
        assert query[name]
