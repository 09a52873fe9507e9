from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.api_caller import ORDERS_V0, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

WINDOW: dict[str, Any] = {
    "LastUpdatedAfter": "2026-01-01T00:00:00Z",
    "MarketplaceIds": MARKETPLACES,
}
STATUSES = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
}


def all_orders(api: ApiCaller, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = api.get(ORDERS_V0, **(WINDOW | params), **token)
        assert answer.status_code == 200, answer.text
        payload = answer.json()["payload"]
        found += payload["Orders"]
        if "NextToken" not in payload:
            return found
        token = {"NextToken": payload["NextToken"]}


def all_items(api: ApiCaller, order_id: str) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    token: dict[str, str] = {}
    while True:
        payload = api.get(f"{ORDERS_V0}/{order_id}/orderItems", **token).json()["payload"]
        assert payload["AmazonOrderId"] == order_id
        pages.append(payload["OrderItems"])
        if "NextToken" not in payload:
            return pages
        token = {"NextToken": payload["NextToken"]}


def test_they_are_the_same_orders_in_the_old_form(api: ApiCaller) -> None:
    truth = {order["orderId"]: order for order in api.simulator.truth("orders")}

    orders = all_orders(api)

    assert {order["AmazonOrderId"] for order in orders} == set(truth)
    for order in orders:
        new = truth[order["AmazonOrderId"]]
        assert order["LastUpdateDate"] == new["lastUpdatedTime"]
        assert order["PurchaseDate"] == new["createdTime"]
        assert order["OrderStatus"] == STATUSES[new["fulfillment"]["fulfillmentStatus"]]
        assert order["MarketplaceId"] == new["salesChannel"]["marketplaceId"]
        if "OrderTotal" in order:
            assert order["OrderTotal"]["Amount"] == new["proceeds"]["grandTotal"]["amount"]


@pytest.mark.parametrize(
    ("after", "time"), [("LastUpdatedAfter", "LastUpdateDate"), ("CreatedAfter", "PurchaseDate")]
)
def test_the_oldest_comes_first_unless_shuffled(
    start_shared: StartSimulator, after: str, time: str
) -> None:
    def times(caller: ApiCaller) -> list[str]:
        window = {"LastUpdatedAfter": None, after: "2026-01-01T00:00:00Z", "MaxResultsPerPage": 60}
        return [order[time] for order in all_orders(caller, **window)]

    in_order, shuffled = (times(start_shared(shuffle=shuffle)) for shuffle in (False, True))

    assert in_order == sorted(in_order)
    assert len(in_order) == len(shuffled) == 150
    assert shuffled != sorted(shuffled)


def test_items_of_a_large_order_come_on_several_pages(api: ApiCaller) -> None:
    largest = max(api.simulator.truth("orders"), key=lambda order: len(order["orderItems"]))

    pages = all_items(api, largest["orderId"])

    assert len(pages) > 1
    assert [item["OrderItemId"] for page in pages for item in page] == [
        item["orderItemId"] for item in largest["orderItems"]
    ]


def test_a_pending_order_has_no_prices(start: StartSimulator) -> None:
    api = start(changes_per_minute=0, orders=2000)
    pending = [
        order["orderId"]
        for order in api.simulator.truth("orders")
        if order["fulfillment"]["fulfillmentStatus"] == "PENDING"
    ]

    for order_id in pending[:3]:
        (items, *_) = all_items(api, order_id)
        assert not any("ItemPrice" in item for item in items)
        assert "OrderTotal" not in api.get(f"{ORDERS_V0}/{order_id}").json()["payload"]


def test_orders_are_filtered(api: ApiCaller) -> None:
    found = all_orders(api, OrderStatuses=["Shipped"], FulfillmentChannels=["MFN"])

    assert found
    assert {order["OrderStatus"] for order in found} == {"Shipped"}
    assert {order["FulfillmentChannel"] for order in found} == {"MFN"}
    assert {
        order["MarketplaceId"] for order in all_orders(api, MarketplaceIds=MARKETPLACES[1])
    } == {MARKETPLACES[1]}


def test_orders_are_found_by_their_ids_without_a_window(api: ApiCaller) -> None:
    ids = [order["orderId"] for order in api.simulator.truth("orders")[:3]]

    answer = api.get(ORDERS_V0, MarketplaceIds=MARKETPLACES, AmazonOrderIds=ids)

    assert {order["AmazonOrderId"] for order in answer.json()["payload"]["Orders"]} == set(ids)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"CreatedAfter": "2026-01-01T00:00:00Z", "LastUpdatedAfter": "2026-01-01T00:00:00Z"},
        {"CreatedAfter": "2026-01-01", "LastUpdatedBefore": "2026-02-01"},
        {"LastUpdatedAfter": "2026-01-01", "CreatedBefore": "2026-02-01"},
        {"LastUpdatedAfter": "2026-02-01", "LastUpdatedBefore": "2026-01-01"},
        {"LastUpdatedAfter": "2026-01-01", "LastUpdatedBefore": "2099-01-01T00:00:00Z"},
        {"LastUpdatedAfter": "2026-01-01", "MaxResultsPerPage": 0},
        {"LastUpdatedAfter": "2026-01-01", "SellerOrderId": "S-1"},
    ],
)
def test_windows_have_rules(api: ApiCaller, params: dict[str, Any]) -> None:
    api.refused(ORDERS_V0, MarketplaceIds=MARKETPLACES, **params)


def test_a_token_comes_with_the_same_arguments(api: ApiCaller) -> None:
    first = api.get(ORDERS_V0, **WINDOW, MaxResultsPerPage=10).json()["payload"]
    token = first["NextToken"]

    assert api.get(ORDERS_V0, **WINDOW, MaxResultsPerPage=10, NextToken=token).ok
    api.refused(ORDERS_V0, **WINDOW, NextToken=token)
    api.refused(ORDERS_V0, MarketplaceIds=MARKETPLACES, NextToken=token)


def test_an_unknown_order_is_not_found(api: ApiCaller) -> None:
    for resource in ("", "/orderItems", "/address", "/buyerInfo"):
        assert api.get(f"{ORDERS_V0}/000-0000000-0000000{resource}").status_code == 404
