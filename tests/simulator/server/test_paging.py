from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import FEEDS, ORDERS, PURCHASE_ORDERS, REPORTS, ApiCaller
from tests.simulator.conftest import StartSimulator

SEARCH: dict[str, Any] = {"createdAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": 20}
JOBS = [
    (f"{FEEDS}/feeds", "feedTypes", ["JSON_LISTINGS_FEED", "POST_ORDER_FULFILLMENT_DATA"]),
    (
        f"{REPORTS}/reports",
        "reportTypes",
        ["GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"],
    ),
]


def first_token(api: ApiCaller) -> str:
    return str(api.get(ORDERS, **SEARCH).json()["pagination"]["nextToken"])


@pytest.mark.parametrize(
    "changes",
    [
        {"maxResultsPerPage": 21},
        {"createdAfter": "2026-01-02T00:00:00Z"},
        {"includedData": "TAX"},
        {"fulfilledBy": "AMAZON"},
    ],
)
def test_a_token_comes_with_the_same_arguments(api: ApiCaller, changes: dict[str, Any]) -> None:
    token = first_token(api)

    assert api.get(ORDERS, **SEARCH, paginationToken=token).status_code == 200
    assert "paginationToken" in api.refused(ORDERS, **(SEARCH | changes), paginationToken=token)
    api.refused(ORDERS, paginationToken=token)


def test_a_token_expires(start: StartSimulator, clock: FakeClock) -> None:
    api = start(page_token_lifetime=30)
    token = first_token(api)

    clock.advance(29)
    assert api.get(ORDERS, **SEARCH, paginationToken=token).status_code == 200
    clock.advance(2)
    assert "expired" in api.refused(ORDERS, **SEARCH, paginationToken=token)


def test_all_tokens_of_a_list_expire_with_the_first(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(page_token_lifetime=30)
    token = first_token(api)
    clock.advance(20)
    body = api.get(ORDERS, **SEARCH, paginationToken=token).json()

    clock.advance(11)

    second = body["pagination"]["nextToken"]
    assert "expired" in api.refused(ORDERS, **SEARCH, paginationToken=second)


def test_a_changed_token_is_refused(api: ApiCaller) -> None:
    token = first_token(api)
    changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]

    for wrong in (changed, token[:-4], "nonsense", ""):
        assert "paginationToken" in api.refused(ORDERS, **SEARCH, paginationToken=wrong)


def test_a_token_is_good_for_its_operation_and_account_only(simulator: Simulator) -> None:
    seller = ApiCaller(simulator)
    vendor = ApiCaller(simulator, refresh_token="Atzr|simulator-vendor")
    body = seller.get(PURCHASE_ORDERS, limit=1).json()
    token = body["payload"]["pagination"]["nextToken"]

    assert seller.get(PURCHASE_ORDERS, limit=1, nextToken=token).status_code == 200
    vendor.refused(PURCHASE_ORDERS, limit=1, nextToken=token)
    seller.refused(ORDERS, **SEARCH, paginationToken=token)


def test_a_token_of_another_simulator_is_refused(start: StartSimulator) -> None:
    one, other = start(), start()

    other.refused(ORDERS, **SEARCH, paginationToken=first_token(one))


def test_tokens_must_be_percent_encoded(api: ApiCaller) -> None:
    tokens = {first_token(api) for _ in range(20)}

    assert any(set(token) & {"+", "/", "="} for token in tokens)


@pytest.mark.parametrize(("path", "name", "types"), JOBS)
def test_a_token_of_feeds_and_reports_comes_alone(
    api: ApiCaller, path: str, name: str, types: list[str]
) -> None:
    first: dict[str, Any] = {name: types, "pageSize": 3}
    answer = api.get(path, **first)
    token = answer.json()["nextToken"]

    assert api.get(path, nextToken=token).status_code == 200
    others: list[dict[str, Any]] = [
        {name: types},
        {"pageSize": 3},
        {"createdSince": "2026-11-01T00:00:00Z"},
    ]
    for other in others:
        assert "nextToken" in api.refused(path, nextToken=token, **other)
    assert name in api.refused(path)


@pytest.mark.parametrize(("path", "name", "types"), JOBS)
def test_pages_of_feeds_and_reports_contain_each_once(
    api: ApiCaller, path: str, name: str, types: list[str]
) -> None:
    domain = path.rsplit("/", 1)[1]
    identifier = f"{domain[:-1]}Id"
    found: list[str] = []
    params: dict[str, Any] = {name: types, "pageSize": 7}
    while params:
        body = api.get(path, **params).json()
        assert len(body[domain]) <= 7
        found += [job[identifier] for job in body[domain]]
        params = {"nextToken": body["nextToken"]} if "nextToken" in body else {}

    expected = {
        job[identifier] for job in api.simulator.truth(domain) if job[f"{domain[:-1]}Type"] in types
    }
    assert len(found) == len(expected) > 7
    assert set(found) == expected


def test_nothing_is_missing_while_orders_change(start: StartSimulator, clock: FakeClock) -> None:
    api = start(changes_per_minute=600, orders=300)
    clock.advance(600)
    window: dict[str, Any] = {
        "lastUpdatedAfter": "2026-11-21T12:00:00Z",
        "lastUpdatedBefore": "2026-11-21T12:08:00Z",
        "maxResultsPerPage": 10,
    }
    matching = {
        order["orderId"]
        for order in api.simulator.truth("orders")
        if window["lastUpdatedAfter"] <= order["lastUpdatedTime"] <= window["lastUpdatedBefore"]
    }

    found: set[str] = set()
    token: dict[str, str] = {}
    while True:
        body = api.get(ORDERS, **window, **token).json()
        found |= {order["orderId"] for order in body["orders"]}
        if "pagination" not in body:
            break
        token = {"paginationToken": body["pagination"]["nextToken"]}
        clock.advance(5)

    assert len(matching) > 100
    assert matching <= found


def test_empty_pages_with_a_token_come_where_the_settings_say(start: StartSimulator) -> None:
    api = start(empty_pages=("all",), orders=300)

    pages = api.search_pages(**SEARCH)

    assert any(not page for page in pages)
    ids = [order["orderId"] for page in pages for order in page]
    assert len(ids) == len(set(ids)) == 300


def test_empty_pages_do_not_come_by_themselves_where_amazon_has_none(api: ApiCaller) -> None:
    assert all(api.search_pages(**SEARCH))


def test_a_token_stays_good_while_others_ask_for_one_page_each(start: StartSimulator) -> None:
    api = start()
    token = first_token(api)
    pager = api.simulator._sellers.shared.pager

    for day in range(18, 21):
        api.get(ORDERS, createdAfter=f"2026-11-{day:02d}T00:00:00Z")

    assert len(pager._snapshots) == 1
    assert api.get(ORDERS, **SEARCH, paginationToken=token).status_code == 200


def test_a_token_outlives_six_hundred_other_searches(start: StartSimulator) -> None:
    api = start(orders=30)
    token = first_token(api)

    for _ in range(600):
        first_token(api)

    assert api.get(ORDERS, **SEARCH, paginationToken=token).status_code == 200
