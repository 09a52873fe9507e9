from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import PURCHASE_ORDERS, ApiCaller
from tests.simulator.conftest import START, StartSimulator

STATUSES = f"{PURCHASE_ORDERS}Status"


@pytest.fixture(scope="module")
def vendor(start_shared: StartSimulator) -> ApiCaller:
    """A caller of a world in which no purchase order changes."""
    return start_shared()


def iso(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def read(api: ApiCaller, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = api.get(PURCHASE_ORDERS, **params, **token)
        assert answer.status_code == 200, answer.text
        payload = answer.json()["payload"]
        found += payload["orders"]
        if "pagination" not in payload:
            return found
        token = {"nextToken": payload["pagination"]["nextToken"]}


def numbers(orders: list[dict[str, Any]]) -> set[str]:
    return {order["purchaseOrderNumber"] for order in orders}


def test_weeks_of_creation_contain_every_order_once(vendor: ApiCaller) -> None:
    found: list[str] = []

    for week in range(10):
        before = START - dt.timedelta(days=7 * week)
        after = before - dt.timedelta(days=7)
        orders = read(vendor, createdAfter=iso(after), createdBefore=iso(before), limit=9)
        found += [order["purchaseOrderNumber"] for order in orders]

    truth = vendor.simulator.truth("purchase_orders")
    assert len(found) == len(truth) == 300
    assert set(found) == numbers(truth)


def test_changes_are_found_by_their_date_only(vendor: ApiCaller) -> None:
    after = iso(START - dt.timedelta(days=7))

    found = read(vendor, changedAfter=after)

    truth = vendor.simulator.truth("purchase_orders")
    changed = [o for o in truth if "purchaseOrderChangedDate" in o["orderDetails"]]
    assert 0 < len(changed) < len(truth)
    assert numbers(found) == numbers(
        [o for o in changed if o["orderDetails"]["purchaseOrderChangedDate"] > after]
    )
    assert all(
        o["orderDetails"]["purchaseOrderChangedDate"] > o["orderDetails"]["purchaseOrderDate"]
        for o in changed
    )


def test_orders_are_filtered(vendor: ApiCaller) -> None:
    window = {"createdAfter": iso(START - dt.timedelta(days=7))}
    orders = read(vendor, **window)

    for state in ("New", "Acknowledged", "Closed"):
        found = read(vendor, **window, purchaseOrderState=state)
        assert numbers(found) == numbers([o for o in orders if o["purchaseOrderState"] == state])
    assert numbers(read(vendor, **window, isPOChanged="true")) == numbers(
        [o for o in orders if "purchaseOrderChangedDate" in o["orderDetails"]]
    )
    codes = {o["orderDetails"]["sellingParty"]["partyId"] for o in orders}
    assert codes == {"SIMVA", "SIMVB"}
    assert {
        o["orderDetails"]["sellingParty"]["partyId"]
        for o in read(vendor, **window, orderingVendorCode="SIMVA")
    } == {"SIMVA"}
    cancelled = read(vendor, **window, poItemState="Cancelled")
    assert all(
        any(item["orderedQuantity"]["amount"] == 0 for item in o["orderDetails"]["items"])
        for o in cancelled
    )


def test_details_can_be_left_out_and_results_sorted(vendor: ApiCaller) -> None:
    window = {"createdAfter": iso(START - dt.timedelta(days=7))}

    assert all(
        set(order) == {"purchaseOrderNumber", "purchaseOrderState"}
        for order in read(vendor, **window, includeDetails="false")
    )
    for direction in ("ASC", "DESC"):
        dates = [
            order["orderDetails"]["purchaseOrderDate"]
            for order in read(vendor, **window, sortOrder=direction, limit=5)
        ]
        assert dates == sorted(dates, reverse=direction == "DESC")


@pytest.mark.parametrize("name", ["created", "changed"])
def test_a_window_covers_at_most_seven_days(vendor: ApiCaller, name: str) -> None:
    after, before = f"{name}After", f"{name}Before"

    assert "7 days" in vendor.refused(
        PURCHASE_ORDERS, **{after: "2026-11-01T00:00:00Z", before: "2026-11-08T00:00:01Z"}
    )
    assert "7 days" in vendor.refused(PURCHASE_ORDERS, **{after: "2026-11-01T00:00:00Z"})
    vendor.refused(
        PURCHASE_ORDERS, **{after: "2026-11-02T00:00:00Z", before: "2026-11-01T00:00:00Z"}
    )
    assert vendor.get(
        PURCHASE_ORDERS, **{after: "2026-11-01T00:00:00Z", before: "2026-11-08T00:00:00Z"}
    ).ok


def test_one_order_is_read_by_its_number(api: ApiCaller) -> None:
    truth = api.simulator.truth("purchase_orders")[3]

    answer = api.get(f"{PURCHASE_ORDERS}/{truth['purchaseOrderNumber']}")

    assert answer.json() == {"payload": truth}
    assert api.get(f"{PURCHASE_ORDERS}/NOTTHERE").status_code == 404


def test_purchase_orders_keep_changing(start: StartSimulator, clock: FakeClock) -> None:
    api = start(changes_per_minute=60)
    before = {o["purchaseOrderNumber"]: o for o in api.simulator.truth("purchase_orders")}

    clock.advance(3600)

    after = {o["purchaseOrderNumber"]: o for o in api.simulator.truth("purchase_orders")}
    assert len(after) > len(before)
    changed = [after[number] for number in before if after[number] != before[number]]
    assert any("purchaseOrderChangedDate" in o["orderDetails"] for o in changed)
    assert numbers(read(api, changedAfter=iso(START))) == {
        number
        for number, o in after.items()
        if o["orderDetails"].get("purchaseOrderChangedDate", "") > iso(START)
    }


def statuses(api: ApiCaller, **params: Any) -> list[dict[str, Any]]:
    answer = api.get(STATUSES, **params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["payload"]["ordersStatus"]
    return found


def test_the_status_is_that_of_the_same_purchase_orders(vendor: ApiCaller) -> None:
    orders = {o["purchaseOrderNumber"]: o for o in vendor.simulator.truth("purchase_orders")}
    truth = vendor.simulator.truth("vendorOrders.getPurchaseOrdersStatus")

    assert {status["purchaseOrderNumber"] for status in truth} == set(orders)
    for status in truth:
        order = orders[status["purchaseOrderNumber"]]
        details = order["orderDetails"]
        is_closed = order["purchaseOrderState"] == "Closed"
        assert status["purchaseOrderStatus"] == ("CLOSED" if is_closed else "OPEN")
        assert status["lastUpdatedDate"] == max(
            details["purchaseOrderStateChangedDate"],
            details.get("purchaseOrderChangedDate", ""),
        )
        assert [item["orderedQuantity"]["orderedQuantity"] for item in status["itemStatus"]] == [
            item["orderedQuantity"] for item in details["items"]
        ]
        assert statuses(vendor, purchaseOrderNumber=status["purchaseOrderNumber"]) == [status]


def test_statuses_are_found_by_creation_and_by_update(vendor: ApiCaller) -> None:
    after, before = iso(START - dt.timedelta(days=14)), iso(START - dt.timedelta(days=7))
    truth = vendor.simulator.truth("vendorOrders.getPurchaseOrdersStatus")

    for prefix, name in (("created", "purchaseOrderDate"), ("updated", "lastUpdatedDate")):
        found = statuses(vendor, **{f"{prefix}After": after, f"{prefix}Before": before})
        expected = [status for status in truth if after < status[name] < before]
        assert numbers(found) == numbers(expected) != set()


def test_statuses_are_filtered_and_read_page_by_page(vendor: ApiCaller) -> None:
    window: dict[str, Any] = {"updatedAfter": iso(START - dt.timedelta(days=7))}
    everything = statuses(vendor, **window)

    closed = statuses(vendor, **window, purchaseOrderStatus="CLOSED")
    assert numbers(closed) == numbers(
        [status for status in everything if status["purchaseOrderStatus"] == "CLOSED"]
    )
    unconfirmed = statuses(vendor, **window, itemConfirmationStatus="UNCONFIRMED")
    received = statuses(vendor, **window, itemReceiveStatus="RECEIVED")
    assert not numbers(unconfirmed) & numbers(received)
    first = vendor.get(STATUSES, **window, limit=2).json()["payload"]
    token = first["pagination"]["nextToken"]
    second = statuses(vendor, **window, limit=2, nextToken=token)
    assert not numbers(first["ordersStatus"]) & numbers(second)


@pytest.mark.parametrize("name", ["created", "updated"])
def test_a_window_of_statuses_covers_at_most_seven_days(vendor: ApiCaller, name: str) -> None:
    window = {f"{name}After": "2026-11-01T00:00:00Z", f"{name}Before": "2026-11-08T00:00:01Z"}

    assert "7 days" in vendor.refused(STATUSES, **window)
