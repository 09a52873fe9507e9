from __future__ import annotations

from typing import Any

import pytest
import requests

from tap_amazon_sp.simulator import Simulator
from tests.simulator.api_caller import (
    FEEDS,
    ORDERS,
    ORDERS_V0,
    PURCHASE_ORDERS,
    REPORTS,
    TIMEOUT,
    TOKENS,
    ApiCaller,
)
from tests.simulator.conftest import MARKETPLACES, StartSimulator

WINDOW: dict[str, Any] = {"createdAfter": "2026-01-01T00:00:00Z"}
WINDOW_V0: dict[str, Any] = {"CreatedAfter": "2026-01-01T00:00:00Z", "MarketplaceIds": MARKETPLACES}
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"


def test_a_request_without_a_token_is_refused(simulator: Simulator) -> None:
    answer = requests.get(simulator.url + PARTICIPATIONS, timeout=TIMEOUT)

    assert answer.status_code == 403
    assert answer.json()["errors"] == [
        {
            "code": "Unauthorized",
            "message": "Access to requested resource is denied.",
            "details": "Access token is missing in the request header.",
        }
    ]
    assert answer.headers["x-amzn-RequestId"]
    assert "x-amzn-RateLimit-Limit" not in answer.headers


def test_an_unknown_token_is_refused(api: ApiCaller) -> None:
    assert api.get(PARTICIPATIONS, token="Atza|unknown").status_code == 403


@pytest.mark.parametrize(
    ("strict", "agent", "status"),
    [(False, "", 200), (True, "", 400), (False, "x" * 501, 400), (True, "x" * 500, 200)],
)
def test_a_user_agent_is_required_if_the_simulator_is_strict(
    start: StartSimulator, *, strict: bool, agent: str, status: int
) -> None:
    api = start(strict=strict)

    answer = api.call("GET", PARTICIPATIONS, headers={"User-Agent": agent})

    assert answer.status_code == status
    assert api.simulator.requests[-1]["user_agent"] == agent
    if status != 200:
        assert "user-agent" in answer.json()["errors"][0]["message"]


def test_an_unknown_operation_is_not_found(api: ApiCaller) -> None:
    answer = api.get("/orders/2099-01-01/orders")

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "NotFound"
    assert api.call("DELETE", ORDERS).status_code == 404


def test_answers_carry_the_rate_and_a_request_id(start: StartSimulator) -> None:
    api = start(speed=1000)
    good, bad = api.get(ORDERS, **WINDOW), api.get(ORDERS)

    assert (good.status_code, bad.status_code) == (200, 400)
    for answer in (good, bad):
        # 0.0056 requests a second, times the speed of 1000.
        assert answer.headers["x-amzn-RateLimit-Limit"] == "5.6"
        assert answer.headers["x-amzn-RequestId"]
    assert good.headers["x-amzn-RequestId"] != bad.headers["x-amzn-RequestId"]


def test_a_vendor_may_not_read_orders(simulator: Simulator) -> None:
    vendor = ApiCaller(simulator, refresh_token="Atzr|simulator-vendor")

    assert vendor.get(PURCHASE_ORDERS, limit=1).status_code == 200
    assert vendor.get(f"{FEEDS}/feeds", feedTypes="JSON_LISTINGS_FEED").status_code == 200
    assert vendor.get(f"{REPORTS}/reports", reportTypes="GET_VENDOR_SALES_REPORT").ok
    for path, window in ((ORDERS, WINDOW), (ORDERS_V0, WINDOW_V0), (PARTICIPATIONS, {})):
        answer = vendor.get(path, **window)
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["code"] == "Unauthorized"


def test_feeds_and_reports_are_an_accounts_own(simulator: Simulator) -> None:
    seller = ApiCaller(simulator)
    vendor = ApiCaller(simulator, refresh_token="Atzr|simulator-vendor")
    feed_id = simulator.truth("feeds")[0]["feedId"]

    assert seller.get(f"{FEEDS}/feeds/{feed_id}").status_code == 200
    if feed_id not in {feed["feedId"] for feed in simulator.truth("feeds", "vendor")}:
        assert vendor.get(f"{FEEDS}/feeds/{feed_id}").status_code == 404


def test_grantless_tokens_and_grantless_operations_belong_together(api: ApiCaller) -> None:
    def grantless(scope: str) -> str:
        answer = api.post_form(grant_type="client_credentials", scope=scope, **api.client())
        return str(answer.json()["access_token"])

    notifications = grantless("sellingpartnerapi::notifications")
    rotation = grantless("sellingpartnerapi::client_credential:rotation")
    destinations = "/notifications/v1/destinations"

    assert api.get(destinations, token=notifications).status_code == 200
    assert api.get(destinations, token=rotation).status_code == 403
    assert api.get(destinations).status_code == 403
    assert api.get(PARTICIPATIONS, token=notifications).status_code == 403


def test_personal_data_of_v0_needs_a_restricted_token(api: ApiCaller) -> None:
    token = api.restricted_token(ORDERS_V0, "buyerInfo", "shippingAddress")

    without = api.get(ORDERS_V0, **WINDOW_V0).json()["payload"]["Orders"]
    given = api.get(ORDERS_V0, token=token, **WINDOW_V0).json()["payload"]["Orders"]

    assert not any("BuyerInfo" in order or "ShippingAddress" in order for order in without)
    assert all(order["BuyerInfo"]["BuyerName"] for order in given)
    assert any("ShippingAddress" in order for order in given)


def test_a_restricted_token_gives_the_elements_it_was_made_for(api: ApiCaller) -> None:
    token = api.restricted_token(ORDERS_V0, "shippingAddress")

    orders = api.get(ORDERS_V0, token=token, **WINDOW_V0).json()["payload"]["Orders"]

    assert any("ShippingAddress" in order for order in orders)
    assert not any("BuyerInfo" in order for order in orders)


def test_a_restricted_token_is_for_its_resource_only(api: ApiCaller) -> None:
    first, second = (order["orderId"] for order in api.simulator.truth("orders")[:2])
    specific = api.restricted_token(f"{ORDERS_V0}/{first}", "buyerInfo")
    template = api.restricted_token(f"{ORDERS_V0}/{{orderId}}", "buyerInfo")

    assert "BuyerInfo" in api.get(f"{ORDERS_V0}/{first}", token=specific).json()["payload"]
    assert api.get(f"{ORDERS_V0}/{second}", token=specific).status_code == 403
    assert api.get(f"{ORDERS_V0}/{second}", token=template).status_code == 200
    assert api.get(ORDERS_V0, token=template, **WINDOW_V0).status_code == 403
    assert api.get(ORDERS, token=template, **WINDOW).status_code == 403


@pytest.mark.parametrize("resource", ["buyerInfo", "address", "orderItems/buyerInfo"])
def test_the_parts_of_an_order_that_are_personal_come_with_a_restricted_token(
    api: ApiCaller, resource: str
) -> None:
    order_id = next(
        order["orderId"]
        for order in api.simulator.truth("orders")
        if order["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    )
    path = f"{ORDERS_V0}/{order_id}/{resource}"

    without = api.get(path).json()["payload"]
    given = api.get(path, token=api.restricted_token(path)).json()["payload"]

    assert without["AmazonOrderId"] == given["AmazonOrderId"] == order_id
    if resource != "orderItems/buyerInfo":
        assert set(without) == {"AmazonOrderId"}
        assert len(given) > 1


@pytest.mark.parametrize(
    "resource",
    [
        {"method": "GET", "path": "/sellers/v1/account"},
        {"method": "GET", "path": "/no/such/path"},
        {"method": "GET", "path": ORDERS_V0},
        {"method": "GET", "path": ORDERS_V0, "dataElements": ["shoeSize"]},
        {"method": "GET", "path": f"{REPORTS}/documents/{{reportDocumentId}}"},
        {"method": "FETCH", "path": ORDERS_V0, "dataElements": ["buyerInfo"]},
        {"path": ORDERS_V0},
    ],
)
def test_restricted_tokens_are_made_for_restricted_resources_only(
    api: ApiCaller, resource: dict[str, object]
) -> None:
    answer = api.call("POST", TOKENS, json={"restrictedResources": [resource]})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "InvalidInput"
