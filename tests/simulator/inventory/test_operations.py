from __future__ import annotations

from typing import Any

import pytest

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

INVENTORY = "/fba/inventory/v1/summaries"
US = MARKETPLACES[0]


@pytest.fixture(scope="module")
def seller(start_shared: StartSimulator) -> ApiCaller:
    return start_shared(orders=3000)


def summaries(api: ApiCaller, marketplace: str = US, **params: Any) -> list[dict[str, Any]]:
    wanted = {
        "granularityType": "Marketplace",
        "granularityId": marketplace,
        "marketplaceIds": marketplace,
        **params,
    }
    found: list[dict[str, Any]] = []
    while True:
        answer = api.get(INVENTORY, **wanted)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        granularity = {"granularityType": "Marketplace", "granularityId": marketplace}
        assert body["payload"]["granularity"] == granularity
        found += body["payload"]["inventorySummaries"]
        token = body.get("pagination", {}).get("nextToken")
        if token is None:
            return found
        assert len(body["payload"]["inventorySummaries"]) == 50
        wanted["nextToken"] = token


def test_summaries_show_what_the_movements_left(seller: ApiCaller) -> None:
    stock = {
        (one["marketplaceId"], one["sellerSku"]): one for one in seller.simulator.truth("inventory")
    }
    reserved = 0
    for marketplace in MARKETPLACES:
        shown = summaries(seller, marketplace, details="true")
        assert len(shown) == 120
        for one in shown:
            truth = stock.pop((marketplace, one["sellerSku"]))
            left: dict[str, int] = {}
            for movement in truth["movements"]:
                kind = movement["disposition"]
                left[kind] = left.get(kind, 0) + movement["quantity"]
            details = one["inventoryDetails"]
            pending = details["reservedQuantity"]["pendingCustomerOrderQuantity"]
            unfulfillable = details["unfulfillableQuantity"]
            assert details["fulfillableQuantity"] + pending == left["SELLABLE"]
            total = unfulfillable.pop("totalUnfulfillableQuantity")
            assert total == sum(unfulfillable.values()) == sum(left.values()) - left["SELLABLE"]
            assert unfulfillable["customerDamagedQuantity"] == left.get("CUSTOMER_DAMAGED", 0)
            inbound = sum(
                details[f"inbound{stage}Quantity"] for stage in ("Working", "Shipped", "Receiving")
            )
            assert one["totalQuantity"] == sum(left.values()) + inbound
            assert (one["asin"], one["fnSku"]) == (truth["asin"], truth["fnSku"])
            reserved += pending
    assert stock == {}
    assert reserved == _units_of_open_orders(seller) > 0
    assert seller.simulator.truth("fbaInventory.getInventorySummaries")[:120] == summaries(
        seller, details="true"
    )


def _units_of_open_orders(seller: ApiCaller) -> int:
    return sum(
        item["quantityOrdered"]
        for order in seller.simulator.truth("orders")
        if order["fulfillment"]["fulfilledBy"] == "AMAZON"
        and order["fulfillment"]["fulfillmentStatus"] in ("PENDING", "UNSHIPPED")
        for item in order["orderItems"]
    )


def test_details_come_only_if_wanted(seller: ApiCaller) -> None:
    assert all("inventoryDetails" not in one for one in summaries(seller))
    assert all("inventoryDetails" in one for one in summaries(seller, details="true"))


def test_the_requested_skus_come(seller: ApiCaller) -> None:
    everything = summaries(seller)
    known = {one["sellerSku"]: one for one in everything}
    first, second = [*known][:2]

    assert summaries(seller, sellerSkus=[second, first, second]) == [known[second], known[first]]
    assert summaries(seller, sellerSkus=[first, "MY-SKU"]) == [known[first]]
    assert summaries(seller, sellerSku=second) == [known[second]]
    # A list takes precedence over a single SKU, and a time over both.
    assert summaries(seller, sellerSkus=[first], sellerSku=second) == [known[first]]
    since = "2026-01-01T00:00:00Z"
    assert summaries(seller, sellerSkus=[first], startDateTime=since) == everything


def test_a_start_date_selects_what_has_changed_since(seller: ApiCaller) -> None:
    everything = summaries(seller)
    since = sorted(one["lastUpdatedTime"] for one in everything)[90]

    assert summaries(seller, startDateTime=since) == [
        one for one in everything if one["lastUpdatedTime"] >= since
    ]


def test_a_new_order_reserves_its_units(start: StartSimulator, clock: FakeClock) -> None:
    api = start(orders=50)

    def total() -> tuple[int, int]:
        details = [
            one["inventoryDetails"]
            for marketplace in MARKETPLACES
            for one in summaries(api, marketplace, details="true")
        ]
        return (
            sum(one["fulfillableQuantity"] for one in details),
            sum(one["reservedQuantity"]["totalReservedQuantity"] for one in details),
        )

    fulfillable, reserved = total()
    clock.advance(60)
    before = _units_of_open_orders(api)
    assert before == reserved
    api.simulator.change_orders(400)

    assert total()[1] == _units_of_open_orders(api) != reserved
    clock.advance(60)
    changed = {
        one["lastUpdatedTime"] for one in summaries(api, startDateTime="2026-11-21T12:00:30Z")
    }
    assert changed
    assert sum(total()) < fulfillable + reserved
