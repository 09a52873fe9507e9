from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ORDERS, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

ALL = "2026-01-01T00:00:00Z"
DATASETS = {
    "BUYER": "buyer",
    "RECIPIENT": "recipient",
    "PROCEEDS": "proceeds",
    "PAYMENT": "payment",
    "TAX": "tax",
    "FULFILLMENT": "fulfillment",
    "PACKAGES": "packages",
}


def ids(pages: list[list[dict[str, Any]]]) -> list[str]:
    return [order["orderId"] for page in pages for order in page]


def test_pages_contain_every_order_once(api: ApiCaller) -> None:
    pages = api.search_pages(createdAfter=ALL, maxResultsPerPage=30)

    truth = {order["orderId"] for order in api.simulator.truth("orders")}
    assert len(ids(pages)) == len(truth) == 400
    assert set(ids(pages)) == truth
    assert [len(page) for page in pages] == [30] * 13 + [10]


def test_orders_come_unsorted_and_in_the_same_disorder_each_time(api: ApiCaller) -> None:
    first = api.search_pages(lastUpdatedAfter=ALL)
    second = api.search_pages(lastUpdatedAfter=ALL)

    times = [order["lastUpdatedTime"] for page in first for order in page]
    assert times != sorted(times)
    assert ids(first) == ids(second)


def test_a_window_includes_both_ends(api: ApiCaller) -> None:
    truth = sorted(api.simulator.truth("orders"), key=lambda order: str(order["lastUpdatedTime"]))
    after, before = truth[100]["lastUpdatedTime"], truth[180]["lastUpdatedTime"]

    found = ids(api.search_pages(lastUpdatedAfter=after, lastUpdatedBefore=before))

    expected = {o["orderId"] for o in truth if after <= o["lastUpdatedTime"] <= before}
    assert set(found) == expected
    assert truth[100]["orderId"] in found
    assert truth[180]["orderId"] in found


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"createdBefore": "2026-02-01T00:00:00Z"},
        {"createdAfter": ALL, "lastUpdatedAfter": ALL},
        {"createdAfter": ALL, "lastUpdatedBefore": "2026-02-01T00:00:00Z"},
        {"lastUpdatedAfter": ALL, "createdBefore": "2026-02-01T00:00:00Z"},
        {"createdAfter": ALL, "createdBefore": "2025-12-31T23:59:59Z"},
    ],
)
def test_exactly_one_window_is_wanted(api: ApiCaller, params: dict[str, str]) -> None:
    api.refused(ORDERS, **params)


def test_a_window_ends_two_minutes_before_now(start: StartSimulator) -> None:
    api = start()

    assert "120 seconds" in api.refused(
        ORDERS, lastUpdatedAfter=ALL, lastUpdatedBefore="2026-11-21T11:58:01Z"
    )
    answer = api.get(ORDERS, lastUpdatedAfter=ALL, lastUpdatedBefore="2026-11-21T11:58:00Z")
    assert answer.json()["lastUpdatedBefore"] == "2026-11-21T11:58:00Z"
    open_end = api.get(ORDERS, createdAfter=ALL).json()
    assert open_end["createdBefore"] == "2026-11-21T11:58:00Z"
    assert "lastUpdatedBefore" not in open_end


@pytest.mark.parametrize("dataset", DATASETS)
def test_only_the_requested_datasets_are_included(api: ApiCaller, dataset: str) -> None:
    plain = api.get(ORDERS, createdAfter=ALL).json()["orders"]
    orders = api.get(ORDERS, createdAfter=ALL, includedData=dataset).json()["orders"]

    assert not any(set(DATASETS.values()) & set(order) for order in plain)
    assert any(DATASETS[dataset] in order for order in orders)
    others = set(DATASETS.values()) - {DATASETS[dataset]}
    assert not any(others & set(order) for order in orders)


def test_orders_are_filtered_by_status_marketplace_and_fulfiller(api: ApiCaller) -> None:
    found = api.search_pages(
        createdAfter=ALL,
        fulfillmentStatuses=["SHIPPED", "CANCELLED"],
        marketplaceIds=MARKETPLACES[:2],
        fulfilledBy="MERCHANT",
    )

    expected = {
        order["orderId"]
        for order in api.simulator.truth("orders")
        if order["fulfillment"]["fulfillmentStatus"] in ("SHIPPED", "CANCELLED")
        and order["salesChannel"]["marketplaceId"] in MARKETPLACES[:2]
        and order["fulfillment"]["fulfilledBy"] == "MERCHANT"
    }
    assert expected
    assert set(ids(found)) == expected


def test_one_order_is_read_by_its_id(api: ApiCaller) -> None:
    truth = api.simulator.truth("orders")[7]
    datasets = [*DATASETS, "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT_ORDERS"]

    answer = api.get(f"{ORDERS}/{truth['orderId']}", includedData=datasets)

    assert answer.json() == {"order": truth}
    assert api.get(f"{ORDERS}/111-1111111-1111111").status_code == 404


def test_money_adds_up(api: ApiCaller) -> None:
    for order in api.simulator.truth("orders"):
        if "proceeds" not in order:
            assert order["fulfillment"]["fulfillmentStatus"] in ("PENDING", "CANCELLED")
            continue
        total = float(order["proceeds"]["grandTotal"]["amount"])
        parts = [float(part["subtotal"]["amount"]) for part in order["proceeds"]["breakdowns"]]
        items = [float(item["proceeds"]["proceedsTotal"]["amount"]) for item in order["orderItems"]]
        assert total == pytest.approx(sum(parts))
        assert total == pytest.approx(sum(items))


def test_the_world_is_the_same_for_the_same_seed(start: StartSimulator) -> None:
    first, second, other = start(), start(), start(seed=2)

    for domain in ("orders", "purchase_orders", "feeds", "reports"):
        assert first.simulator.truth(domain) == second.simulator.truth(domain)
        assert first.simulator.truth(domain) != other.simulator.truth(domain)


def test_a_frozen_world_stands_still(start: StartSimulator, clock: FakeClock) -> None:
    api = start()
    before = api.simulator.truth("orders")

    clock.advance(86400)

    assert api.simulator.truth("orders") == before
    assert max(order["lastUpdatedTime"] for order in before) <= "2026-11-21T11:50:00Z"


def test_orders_change_at_the_pace_of_the_settings(start: StartSimulator, clock: FakeClock) -> None:
    api = start(changes_per_minute=60, orders=2000)
    before = {order["orderId"]: order for order in api.simulator.truth("orders")}

    clock.advance(300)

    after = {order["orderId"]: order for order in api.simulator.truth("orders")}
    new = set(after) - set(before)
    changed = {name for name in before if before[name] != after[name]}
    assert set(before) <= set(after)
    assert 50 < len(new) < 150
    assert len(changed) > 20
    assert all(after[name]["lastUpdatedTime"] >= "2026-11-21T12:00:00Z" for name in new | changed)
    clock.advance(200)
    found = set(ids(api.search_pages(lastUpdatedAfter="2026-11-21T12:00:00Z")))
    assert found >= {
        order["orderId"]
        for order in api.simulator.truth("orders")
        if "2026-11-21T12:00:00Z" <= order["lastUpdatedTime"] <= "2026-11-21T12:06:20Z"
    }


def test_changes_do_not_depend_on_how_often_they_are_read(
    start: StartSimulator, clock: FakeClock
) -> None:
    often, once = start(changes_per_minute=120), start(changes_per_minute=120)

    for _ in range(10):
        clock.advance(30)
        often.simulator.truth("orders")

    assert often.simulator.truth("orders") == once.simulator.truth("orders")
    assert often.simulator.truth("purchase_orders") == once.simulator.truth("purchase_orders")


@pytest.mark.parametrize(("region", "currencies"), [("eu", {"EUR", "GBP"}), ("fe", {"JPY"})])
def test_each_region_has_its_marketplaces(
    start: StartSimulator, region: str, currencies: set[str]
) -> None:
    orders = start(region=region).simulator.truth("orders")

    seen = {
        order["proceeds"]["grandTotal"]["currencyCode"] for order in orders if "proceeds" in order
    }
    assert currencies <= seen


def test_many_orders_start_fast_and_are_served_fast(start: StartSimulator) -> None:
    api = start(orders=50_000)

    answer = api.get(ORDERS, lastUpdatedAfter=ALL)

    assert len(answer.json()["orders"]) == 100


def test_orders_that_are_prepared_are_the_same(start: StartSimulator) -> None:
    usual, prepared = (start(orders=80, prepared=prepared) for prepared in (False, True))
    interval = {"interval": "2026-08-01T00:00:00Z--2026-12-01T00:00:00Z", "granularity": "Total"}
    market = {"marketplaceIds": MARKETPLACES[0]}

    assert usual.simulator.truth("orders") == prepared.simulator.truth("orders")
    assert (
        usual.get("/sales/v1/orderMetrics", **market, **interval).json()
        == prepared.get("/sales/v1/orderMetrics", **market, **interval).json()
    )
    usual.simulator.change_orders(30)
    prepared.simulator.change_orders(30)
    assert usual.simulator.truth("orders") == prepared.simulator.truth("orders")


def test_a_few_orders_have_what_only_amazons_sdk_knows(start: StartSimulator) -> None:
    orders = start(orders=400).simulator.truth("orders")
    by_id = {order["orderId"]: order for order in orders}

    exchanged = [order for order in orders if "associatedOrders" in order]
    covered = [item for order in orders for item in order["orderItems"] if _associated(item)]
    inputs = [
        order["fulfillment"]["promiseCalculationInputs"]
        for order in orders
        if "promiseCalculationInputs" in order["fulfillment"]
    ]

    assert len(exchanged) > 5
    for order in exchanged:
        (other,) = order["associatedOrders"]
        assert by_id[other["orderId"]]["createdTime"] <= order["createdTime"]
        assert by_id[other["orderId"]]["salesChannel"] == order["salesChannel"]
    assert covered
    for item in covered:
        (plan,) = _associated(item)
        (bought,) = [
            one
            for one in by_id[plan["orderId"]]["orderItems"]
            if one["orderItemId"] == plan["orderItemId"]
        ]
        assert plan["asin"] == bought["product"]["asin"]
        if "purchasePrice" in plan:
            unit_price = Decimal(bought["product"]["price"]["unitPrice"]["amount"])
            assert (
                Decimal(plan["purchasePrice"]["amount"]) == unit_price * bought["quantityOrdered"]
            )
    assert {each["transitTime"]["dataSource"] for each in inputs} == {
        "AMAZON_AUTOMATED",
        "SELLER_SET",
        "THIRD_PARTY_INTEGRATOR",
    }


def _associated(item: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = item.get("associatedOrderItems", [])
    return found
