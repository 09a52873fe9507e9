"""Notifications come to a real queue, and answers of the simulator never wait for it."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tap_amazon_sp.simulator import QueueError, Simulator, SimulatorSettings
from tests.fake_clock import FakeClock
from tests.queues import Queue, QueueServer, moto_server
from tests.simulator.api_caller import REPORTS, ApiCaller

StartNotifying = Callable[..., tuple[ApiCaller, Callable[[], list[dict[str, Any]]]]]

ORDERS_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"


@pytest.fixture
def start_notifying(moto: QueueServer, clock: FakeClock) -> Iterator[StartNotifying]:
    """Start a simulator with a queue; return a caller, and a function that takes all messages."""
    running: list[Simulator] = []

    def start(**settings: Any) -> tuple[ApiCaller, Callable[[], list[dict[str, Any]]]]:
        queue = moto.create()
        values: dict[str, Any] = {"orders": 50, "changes_per_minute": 0, "port": 0, "speed": 1e9}
        values |= {"notify": queue.url, "notify_pace": 0, "now": clock.now} | settings
        simulator = Simulator(SimulatorSettings(**values))
        simulator.start()
        running.append(simulator)

        def take() -> list[dict[str, Any]]:
            simulator.send_notifications()
            return queue.take()

        return ApiCaller(simulator), take

    yield start
    for simulator in running:
        simulator.stop()


def order_ids(messages: list[dict[str, Any]]) -> Counter[str]:
    """Return how often each order is in messages about whole orders."""
    contents = [message["Payload"]["OrderChangeNotification"] for message in messages]
    return Counter(
        content["AmazonOrderId"]
        for content in contents
        if content["NotificationLevel"] == "OrderLevel"
    )


def test_each_change_of_an_order_comes_once(start_notifying: StartNotifying) -> None:
    api, take = start_notifying()

    changed = api.simulator.change_orders(40)

    assert order_ids(take()) == Counter(changed)
    assert take() == []


def test_changes_are_sent_without_being_asked_for(
    start_notifying: StartNotifying, moto: QueueServer
) -> None:
    api, _ = start_notifying()

    changed = api.simulator.change_orders(3)

    url = api.simulator.settings.notify
    assert url is not None
    messages: list[dict[str, Any]] = []
    deadline = time.monotonic() + 20
    while len(order_ids(messages)) < len({*changed}) and time.monotonic() < deadline:
        messages += Queue(moto, url).take()
        time.sleep(0.05)
    assert order_ids(messages) == Counter(changed)


def test_nothing_comes_of_what_happened_before_the_start(start_notifying: StartNotifying) -> None:
    api, take = start_notifying(changes_per_minute=60)

    assert api.simulator.truth("orders")
    assert take() == []


def test_changes_in_real_time_come_as_they_happen(
    start_notifying: StartNotifying, clock: FakeClock
) -> None:
    _, take = start_notifying(changes_per_minute=60)

    clock.advance(120)

    assert sum(order_ids(take()).values()) == pytest.approx(120, abs=2)


def test_an_event_bus_sends_the_message_on_in_detail(start_notifying: StartNotifying) -> None:
    api, take = start_notifying(notify_event_bridge=True)

    changed = api.simulator.change_orders(5)

    messages = take()
    assert {message["detail-type"] for message in messages} == {"ORDER_CHANGE"}
    assert {message["source"].split("/")[1] for message in messages} == {
        "sellingpartnerapi.amazon.com"
    }
    assert order_ids([message["detail"] for message in messages]) == Counter(changed)


def test_a_finished_report_is_notified_of(start_notifying: StartNotifying) -> None:
    api, take = start_notifying()
    body = {"reportType": ORDERS_REPORT, "marketplaceIds": ["ATVPDKIKX0DER"]}
    body |= {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-20T00:00:00Z"}

    report = api.call("POST", f"{REPORTS}/reports", json=body).json()["reportId"]

    (message,) = take()
    content = message["payload"]["reportProcessingFinishedNotification"]
    shown = api.call("GET", f"{REPORTS}/reports/{report}").json()
    assert content == {
        "accountId": "amzn1.merchant.o.A1SIMULATEDSELLER",
        "sellerId": "A1SIMULATEDSELLER",
        "reportId": report,
        "reportType": ORDERS_REPORT,
        "processingStatus": "DONE",
        "reportDocumentId": shown["reportDocumentId"],
    }


def test_a_report_in_progress_is_not_notified_of(
    start_notifying: StartNotifying, clock: FakeClock
) -> None:
    api, take = start_notifying(speed=1000, processing_seconds=(60_000, 60_000))
    body = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": ["ATVPDKIKX0DER"]}
    api.call("POST", f"{REPORTS}/reports", json=body)

    assert take() == []
    clock.advance(61)
    assert len(take()) == 1


def test_made_up_notifications_come_of_the_types_that_are_asked_for(
    start_notifying: StartNotifying, clock: FakeClock
) -> None:
    _, take = start_notifying(
        notify_pace=60, notify_types=("PRICING_HEALTH", "LISTINGS_ITEM_STATUS_CHANGE")
    )

    clock.advance(180)

    messages = take()
    # Amazon sends notifications about listings through EventBridge alone.
    names = Counter(
        message.get("notificationType") or message.get("detail-type") for message in messages
    )
    # The vendor gets them, too.
    assert names.keys() == {"PRICING_HEALTH", "LISTINGS_ITEM_STATUS_CHANGE"}
    assert sum(names.values()) in range(8, 13)


def test_messages_follow_the_subscription_to_its_queue(
    start_notifying: StartNotifying, moto: QueueServer
) -> None:
    api, take = start_notifying(notify_types=())
    api.simulator.change_orders(2)
    assert take() == []
    other = moto.create()
    arn = f"arn:aws:sqs:us-east-1:123456789012:{other.name}"
    grantless = api.post_form(
        grant_type="client_credentials",
        scope="sellingpartnerapi::notifications",
        **api.client(),
    ).json()["access_token"]
    destination = api.call(
        "POST",
        "/notifications/v1/destinations",
        token=grantless,
        json={"name": "mine", "resourceSpecification": {"sqs": {"arn": arn}}},
    ).json()["payload"]["destinationId"]
    subscription = {
        "payloadVersion": "1.0",
        "destinationId": destination,
        "processingDirective": {
            "eventFilter": {
                "eventFilterType": "ORDER_CHANGE",
                "orderChangeTypes": ["OrderStatusChange"],
            }
        },
    }
    api.call("POST", "/notifications/v1/subscriptions/ORDER_CHANGE", json=subscription)

    changed = api.simulator.change_orders(40)

    assert take() == []
    messages = other.take()
    assert order_ids(messages) == Counter(changed)
    assert len(messages) == len(changed)


def test_a_queue_that_is_not_there_is_an_error_at_the_start(moto: QueueServer) -> None:
    missing = f"{moto.endpoint}/123456789012/missing"

    with (
        pytest.raises(QueueError, match="there is no queue"),
        Simulator(SimulatorSettings(notify=missing, port=0, orders=1)),
    ):
        pass


def test_answers_do_not_wait_for_a_server_that_is_gone(clock: FakeClock) -> None:
    with contextlib.ExitStack() as running:
        server = running.enter_context(moto_server())
        settings = SimulatorSettings(
            notify=server.create().url,
            port=0,
            orders=20,
            changes_per_minute=0,
            now=clock.now,
            speed=1e9,
        )
        with Simulator(settings) as simulator:
            running.close()
            simulator.change_orders(5)

            with pytest.raises(QueueError, match="could not be sent"):
                simulator.send_notifications()

            api = ApiCaller(simulator)
            assert api.get("/sellers/v1/marketplaceParticipations").status_code == 200
            sent = [notification["sent"] for notification in simulator.truth("notifications")]
            assert sent == [0] * len(sent)
