"""Destinations and subscriptions are kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import StartSimulator

DESTINATIONS = "/notifications/v1/destinations"
SUBSCRIPTIONS = "/notifications/v1/subscriptions"
QUEUE = {"sqs": {"arn": "arn:aws:sqs:us-east-1:123456789012:mine"}}
TYPE = "ORDER_CHANGE"
OTHER_TYPE = "BRANDED_ITEM_CONTENT_CHANGE"


class Application:
    """Calls with the token of the application, and with that of its seller."""

    def __init__(self, api: ApiCaller) -> None:
        self.api = api
        answer = api.post_form(
            grant_type="client_credentials",
            scope="sellingpartnerapi::notifications",
            **api.client(),
        )
        self.token = answer.json()["access_token"]

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call a grantless operation; return the answer."""
        return self.api.call(method, path, token=self.token, **options)

    def destinations(self) -> list[dict[str, Any]]:
        """Return all destinations."""
        found: list[dict[str, Any]] = self.call("GET", DESTINATIONS).json()["payload"]
        return found

    def subscriptions(self, name: str) -> list[dict[str, Any]]:
        """Return the seller's subscriptions to a type."""
        answer = self.api.get(SUBSCRIPTIONS, notificationTypes=name)
        found: list[dict[str, Any]] = answer.json()["payload"]["subscriptions"]
        return found


@pytest.fixture
def application(start: StartSimulator) -> Application:
    return Application(start())


def test_some_exist_at_the_start(application: Application) -> None:
    places = application.destinations()

    assert {next(iter(place["resource"])) for place in places} == {"sqs", "eventBridge"}
    (subscription,) = application.subscriptions(TYPE)
    assert subscription["destinationId"] in {place["destinationId"] for place in places}
    assert application.subscriptions(OTHER_TYPE) == []


def test_a_destination_is_kept_until_it_is_deleted(application: Application) -> None:
    request = {"name": "Mine", "resourceSpecification": QUEUE}
    made = application.call("POST", DESTINATIONS, json=request).json()["payload"]
    path = f"{DESTINATIONS}/{made['destinationId']}"

    assert made in application.destinations()
    assert application.call("GET", path).json() == {"payload": made}
    assert application.call("POST", DESTINATIONS, json=request).status_code == 409
    assert application.call("DELETE", path).status_code == 200
    assert application.call("GET", path).status_code == 404
    assert made not in application.destinations()


def test_a_destination_is_a_queue_or_an_event_bus(application: Application) -> None:
    bus = {"eventBridge": {"accountId": "123456789012", "region": "eu-west-1"}}
    for resource in ({}, {**QUEUE, **bus}):
        request = {"name": "Mine", "resourceSpecification": resource}
        assert application.call("POST", DESTINATIONS, json=request).status_code == 400
    request = {"name": "Mine", "resourceSpecification": bus}
    made = application.call("POST", DESTINATIONS, json=request).json()["payload"]

    assert "123456789012" in made["resource"]["eventBridge"]["name"]


def test_a_destination_in_use_stays(application: Application) -> None:
    (subscription,) = application.subscriptions(TYPE)
    path = f"{DESTINATIONS}/{subscription['destinationId']}"

    assert application.call("DELETE", path).status_code == 409


def test_a_subscription_is_kept_until_it_is_deleted(application: Application) -> None:
    destination = application.destinations()[0]["destinationId"]
    request = {"payloadVersion": "1.0", "destinationId": destination}
    path = f"{SUBSCRIPTIONS}/{OTHER_TYPE}"
    made = application.api.call("POST", path, json=request).json()["payload"]
    by_id = f"{path}/{made['subscriptionId']}"

    assert application.subscriptions(OTHER_TYPE) == [made]
    assert application.api.get(path).json() == {"payload": made}
    assert application.api.get(path, payloadVersion="2.0").status_code == 404
    assert application.call("GET", by_id).json() == {"payload": made}
    assert application.api.call("POST", path, json=request).status_code == 409
    assert application.call("DELETE", by_id).status_code == 200
    assert application.api.get(path).status_code == 404
    assert application.call("GET", by_id).status_code == 404


def test_a_subscription_needs_a_destination_that_exists(application: Application) -> None:
    request = {"payloadVersion": "1.0", "destinationId": "nowhere"}
    path = f"{SUBSCRIPTIONS}/{OTHER_TYPE}"

    assert application.api.call("POST", path, json=request).status_code == 404


def test_an_account_sees_its_own_subscriptions(application: Application) -> None:
    vendor = ApiCaller(application.api.simulator, refresh_token="Atzr|simulator-vendor")
    (theirs,) = vendor.get(SUBSCRIPTIONS, notificationTypes=TYPE).json()["payload"]["subscriptions"]
    (ours,) = application.subscriptions(TYPE)

    assert ours["subscriptionId"] != theirs["subscriptionId"]
    # By id, the application sees the subscriptions of all accounts.
    for subscription in (ours, theirs):
        path = f"{SUBSCRIPTIONS}/{TYPE}/{subscription['subscriptionId']}"
        assert application.call("GET", path).json()["payload"] == subscription
