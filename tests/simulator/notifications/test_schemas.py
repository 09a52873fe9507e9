"""Every notification fits Amazon's schema of its type, and has no field beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema
import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings, parse_queue_address
from tap_amazon_sp.simulator.notifications.events import Event
from tap_amazon_sp.simulator.notifications.job_results import FEED, QUERY, REPORT, job_event
from tap_amazon_sp.simulator.notifications.made_up import MadeUpEvents, made_up_types
from tap_amazon_sp.simulator.notifications.operations import FirstSubscriptions, Notifications
from tap_amazon_sp.simulator.notifications.order_changes import order_change_events
from tap_amazon_sp.simulator.notifications.publishing import Delivery, Publisher
from tap_amazon_sp.simulator.notifications.schemas import SCHEMAS
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderHistory
from tap_amazon_sp.simulator.server.accounts import SELLER, VENDOR
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.world import World
from tests.simulator.conftest import START

QUEUE = parse_queue_address("sqs://127.0.0.1:5000/123456789012/mine")


def messages(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return what Amazon sends of some events, without the envelope of EventBridge."""
    found = [*events]
    notifications = Notifications(
        Pager(seed=1, lifetime=60),
        [SELLER, VENDOR],
        seed=1,
        first=FirstSubscriptions(tuple({event.type for event in found})),
    )
    publisher = Publisher(notifications, QUEUE, Delivery(), seed=1)
    for event in found:
        publisher.publish(event)
    bodies = [json.loads(sent.body) for sent in publisher.due(0, everything=True)]
    return [body.get("detail", body) for body in bodies]


def problem(message: dict[str, Any]) -> str | None:
    """Return what is wrong with a message, or None."""
    kind = message.get("NotificationType") or message["notificationType"]
    schema = _closed(SCHEMAS.all[kind])
    if kind == "FBA_INVENTORY_AVAILABILITY_CHANGES":
        # Its schema does not have what every notification has, by Amazon's page about them.
        schema["properties"]["NotificationMetadata"] = {"type": "object"}
    checker = jsonschema.Draft7Validator(schema)
    error = next(checker.iter_errors(message), None)
    return error and f"{kind}.{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        name: {inner: _closed(part) for inner, part in value.items()}
        if name in ("properties", "definitions")
        else _closed(value)
        for name, value in schema.items()
    }
    if isinstance(schema.get("properties"), dict):
        closed["additionalProperties"] = False
    return closed


@pytest.fixture(scope="module", params=["na", "eu", "fe"])
def world(request: pytest.FixtureRequest) -> World:
    return World(seed=3, region=request.param, start=START.timestamp(), days=60)


def test_order_changes(world: World) -> None:
    history = OrderHistory(world, first_id=1, count=600)
    book = OrderBook(world, history)
    steps = (
        (order.as_of(number), book.details(order))
        for order in history
        for number in range(len(order.events))
    )

    sent = messages(
        event for order, details in steps for event in order_change_events(SELLER, order, details)
    )

    assert [found for found in map(problem, sent) if found] == []
    contents = [message["Payload"]["OrderChangeNotification"] for message in sent]
    shown = Counter((one["NotificationLevel"], one["OrderChangeType"]) for one in contents)
    assert shown.keys() == {
        ("OrderLevel", "OrderStatusChange"),
        ("OrderItemLevel", "BuyerRequestedChange"),
    }
    for content in contents:
        if content["NotificationLevel"] == "OrderItemLevel":
            (item,) = content["Summary"]["OrderItems"]
            assert item["IsBuyerRequestedCancel"] is True
            assert content["Summary"]["OrderStatus"] != "Canceled"


def test_made_up_notifications(world: World) -> None:
    made_up = MadeUpEvents(world, SELLER, pace=60)

    sent = messages(made_up.take(world.start + 600, made_up_types()))

    assert [found for found in map(problem, sent) if found] == []
    kinds = Counter(
        message.get("NotificationType") or message["notificationType"] for message in sent
    )
    assert kinds.keys() == {*made_up_types()}
    assert {*kinds.values()} <= {9, 10}
    assert list(made_up.take(world.start + 600, made_up_types())) == []


def test_made_up_notifications_name_the_account(world: World) -> None:
    sent = messages(MadeUpEvents(world, SELLER, pace=60).take(world.start + 120, made_up_types()))

    ids = {
        value
        for message in sent
        for name, value in _leaves(message.get("Payload") or message["payload"])
        if name.lower() in ("accountid", "sellerid")
    }
    # Offers name other sellers, too.
    assert {f"amzn1.merchant.o.{SELLER.seller_id}", SELLER.seller_id} <= ids
    assert {one for one in ids if one.startswith("amzn1")} == {
        f"amzn1.merchant.o.{SELLER.seller_id}"
    }


def _leaves(content: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict):
        for inner, value in content.items():
            yield from _leaves(value, inner)
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(value, name)
    else:
        yield name, content


def test_made_up_notifications_do_not_depend_on_when_they_are_taken(world: World) -> None:
    one, many = (MadeUpEvents(world, SELLER, pace=60) for _ in range(2))

    at_once = [*one.take(world.start + 200, ["ANY_OFFER_CHANGED"])]

    assert at_once == [
        event
        for second in range(201)
        for event in many.take(world.start + second, ["ANY_OFFER_CHANGED"])
    ]


def test_there_are_none_without_a_pace(world: World) -> None:
    assert [*MadeUpEvents(world, SELLER, pace=0).take(world.start + 600, made_up_types())] == []


@pytest.mark.parametrize("account", [SELLER, VENDOR])
def test_finished_jobs(account: Any) -> None:
    simulator = Simulator(SimulatorSettings(orders=50, changes_per_minute=0))
    kinds = {"reports": REPORT, "feeds": FEED, "queries": QUERY}

    sent = messages(
        job_event(kind, account, record, START.timestamp())
        for domain, kind in kinds.items()
        for record in simulator.truth(domain, account.name)
    )

    assert [found for found in map(problem, sent) if found] == []
    assert len(sent) > 3
