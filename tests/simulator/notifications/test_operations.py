"""Destinations and subscriptions are kept."""

from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.amazon import notification_types
from tap_amazon_sp.simulator.notifications import operations
from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import StartSimulator

DESTINATIONS = "/notifications/v1/destinations"
SUBSCRIPTIONS = "/notifications/v1/subscriptions"
QUEUE = {"sqs": {"arn": "arn:aws:sqs:us-east-1:123456789012:mine"}}
TYPE = "ORDER_CHANGE"
OTHER_TYPE = "PRICING_HEALTH"
BUS_TYPE = "BRANDED_ITEM_CONTENT_CHANGE"


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


def test_a_queue_is_a_destination_once(application: Application) -> None:
    request = {"name": "Mine", "resourceSpecification": QUEUE}
    application.call("POST", DESTINATIONS, json=request)

    refused = application.call("POST", DESTINATIONS, json=request | {"name": "Another"})

    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "StateConflict"
    assert QUEUE["sqs"]["arn"] in refused.json()["errors"][0]["details"]


def test_a_type_goes_to_queues_or_to_event_buses(application: Application) -> None:
    places = {
        next(iter(one["resource"])): one["destinationId"] for one in application.destinations()
    }

    def subscribe(name: str, kind: str) -> Any:
        request = {"payloadVersion": "1.0", "destinationId": places[kind]}
        return application.api.call("POST", f"{SUBSCRIPTIONS}/{name}", json=request)

    to_queue, to_bus = subscribe(BUS_TYPE, "sqs"), subscribe(OTHER_TYPE, "eventBridge")
    assert (to_queue.status_code, to_bus.status_code) == (400, 400)
    assert "AWS_EVENT_BRIDGE" in to_bus.json()["errors"][0]["details"]
    assert subscribe(BUS_TYPE, "eventBridge").status_code == 200
    assert subscribe(OTHER_TYPE, "sqs").status_code == 200


def test_types_for_event_buses_are_those_that_the_tap_knows() -> None:
    assert operations.EVENT_BUS_ONLY == notification_types.EVENT_BUS_ONLY


@pytest.mark.parametrize(
    ("name", "directive", "status"),
    [
        (TYPE, None, 400),
        (TYPE, {}, 400),
        (TYPE, {"eventFilter": {"eventFilterType": TYPE}}, 200),
        (
            TYPE,
            {"eventFilter": {"eventFilterType": TYPE, "orderChangeTypes": ["OrderStatusChange"]}},
            200,
        ),
        (
            TYPE,
            {"eventFilter": {"eventFilterType": TYPE, "marketplaceIds": ["ATVPDKIKX0DER"]}},
            400,
        ),
        (TYPE, {"eventFilter": {"eventFilterType": "ANY_OFFER_CHANGED"}}, 400),
        (
            "ANY_OFFER_CHANGED",
            {
                "eventFilter": {
                    "eventFilterType": "ANY_OFFER_CHANGED",
                    "marketplaceIds": ["ATVPDKIKX0DER"],
                }
            },
            200,
        ),
        (OTHER_TYPE, {"eventFilter": {"eventFilterType": TYPE}}, 400),
        (OTHER_TYPE, {"filterExpression": "x == `y`"}, 200),
        (
            "ANY_OFFER_CHANGED",
            {"eventFilter": {"eventFilterType": "ANY_OFFER_CHANGED"}, "filterExpression": "x"},
            400,
        ),
    ],
)
def test_a_directive_has_to_fit_the_type(
    start: StartSimulator, name: str, directive: Any, status: int
) -> None:
    application = Application(start(notify_types=()))
    destination = application.destinations()[0]["destinationId"]
    request: dict[str, Any] = {"payloadVersion": "1.0", "destinationId": destination}
    if directive is not None:
        request["processingDirective"] = directive

    answer = application.api.call("POST", f"{SUBSCRIPTIONS}/{name}", json=request)

    assert answer.status_code == status, answer.text


def test_an_account_sees_its_own_subscriptions(application: Application) -> None:
    vendor = ApiCaller(application.api.simulator, refresh_token="Atzr|simulator-vendor")
    (theirs,) = vendor.get(SUBSCRIPTIONS, notificationTypes=TYPE).json()["payload"]["subscriptions"]
    (ours,) = application.subscriptions(TYPE)

    assert ours["subscriptionId"] != theirs["subscriptionId"]
    # By id, the application sees the subscriptions of all accounts.
    for subscription in (ours, theirs):
        path = f"{SUBSCRIPTIONS}/{TYPE}/{subscription['subscriptionId']}"
        assert application.call("GET", path).json()["payload"] == subscription
