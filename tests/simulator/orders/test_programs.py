"""Special orders: Easy Ship packages, regulated items, and messages about orders."""

from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.simulator.server.models import load_models
from tests.simulator.api_caller import ORDERS_V0, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

PACKAGE = "/easyShip/2022-03-23/package"
WINDOW: dict[str, Any] = {"CreatedAfter": "2026-01-01T00:00:00Z", "MarketplaceIds": MARKETPLACES}


@pytest.fixture(scope="module")
def forty(start_shared: StartSimulator) -> ApiCaller:
    """A caller of a world with forty orders."""
    return start_shared(orders=40)


def v0_orders(api: ApiCaller, **params: Any) -> list[dict[str, Any]]:
    answer = api.get(ORDERS_V0, **WINDOW, **params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["payload"]["Orders"]
    return found


def test_some_orders_are_easy_ship_in_both_apis(forty: ApiCaller) -> None:
    by_program = {
        order["orderId"]
        for order in forty.simulator.truth("orders")
        if "AMAZON_EASY_SHIP" in order["programs"]
    }
    found = v0_orders(forty)

    by_status = {order["AmazonOrderId"] for order in found if "EasyShipShipmentStatus" in order}
    assert by_program == by_status
    assert 1 <= len(by_status) <= 4
    for order in found:
        if order["AmazonOrderId"] in by_status:
            assert order["FulfillmentChannel"] == "MFN"
            asked = v0_orders(forty, EasyShipShipmentStatuses=order["EasyShipShipmentStatus"])
            assert order["AmazonOrderId"] in {one["AmazonOrderId"] for one in asked} <= by_status
    assert v0_orders(forty, EasyShipShipmentStatuses="Lost") == []


def test_only_easy_ship_orders_have_a_scheduled_package(forty: ApiCaller) -> None:
    packages = set()
    for order in forty.simulator.truth("orders"):
        marketplace = order["salesChannel"]["marketplaceId"]
        answer = forty.get(PACKAGE, amazonOrderId=order["orderId"], marketplaceId=marketplace)
        if "AMAZON_EASY_SHIP" not in order["programs"]:
            assert answer.status_code == 404
            continue
        package = answer.json()
        assert package["scheduledPackageId"]["amazonOrderId"] == order["orderId"]
        assert [item["orderItemId"] for item in package["packageItems"]] == [
            item["orderItemId"] for item in order["orderItems"]
        ]
        packages.add(package["scheduledPackageId"]["packageId"])

        elsewhere = next(name for name in MARKETPLACES if name != marketplace)
        wrong = forty.get(PACKAGE, amazonOrderId=order["orderId"], marketplaceId=elsewhere)
        assert wrong.status_code == 404

    assert packages


def test_only_regulated_orders_have_regulated_information(forty: ApiCaller) -> None:
    token = forty.restricted_token(f"{ORDERS_V0}/{{orderId}}/regulatedInfo")
    regulated = 0
    for order in v0_orders(forty):
        path = f"{ORDERS_V0}/{order['AmazonOrderId']}/regulatedInfo"
        answer = forty.get(path, token=token)
        assert answer.status_code == (200 if order["HasRegulatedItems"] else 404)
        assert forty.get(path).status_code == 403
        if answer.ok:
            regulated += 1
            assert answer.json()["payload"]["AmazonOrderId"] == order["AmazonOrderId"]

    assert 1 <= regulated <= 4


@pytest.mark.parametrize("api_name", ["messaging", "solicitations"])
def test_actions_are_named_and_come_once(api: ApiCaller, api_name: str) -> None:
    seen: set[str] = set()
    embedded_of_all = []
    for order in api.simulator.truth("orders")[:40]:
        marketplace = order["salesChannel"]["marketplaceId"]
        path = f"/{api_name}/v1/orders/{order['orderId']}"
        content = api.get(path, marketplaceIds=marketplace).json()
        names = [link["name"] for link in content["_links"]["actions"]]
        assert len(names) == len(set(names))
        embedded = content.get("_embedded", {}).get("actions")
        if embedded is not None:
            assert [action["_links"]["schema"]["name"] for action in embedded] == names
        embedded_of_all.append(embedded)
        seen |= set(names)

    # Amazon's models allow links alone, and actions that only the link to their schema names.
    assert None in embedded_of_all
    actions = [action for embedded in embedded_of_all for action in embedded or ()]
    assert 0 < sum("payload" in action for action in actions) < len(actions)

    known = {
        operation.path.rpartition("/")[2]
        for operation in load_models()
        if operation.api == api_name and operation.method == "POST"
    }
    assert seen == known


@pytest.mark.parametrize("api_name", ["messaging", "solicitations"])
def test_nothing_can_be_sent_about_an_unknown_order(api: ApiCaller, api_name: str) -> None:
    path = f"/{api_name}/v1/orders/000-0000000-0000000"

    assert api.get(path, marketplaceIds=MARKETPLACES[0]).status_code == 404
