"""Notifications come to a real queue, and answers of the simulator never wait for it."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tap_amazon_sp.simulator import QueueError, Simulator, SimulatorSettings
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import REPORTS, ApiCaller
from tests.simulator.notifications.queues import QueueServer

StartNotifying = Callable[..., tuple[ApiCaller, Callable[[], list[dict[str, Any]]]]]

ORDERS_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def queues() -> Iterator[QueueServer]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield QueueServer(f"http://{host}:{port}")
    server.stop()


@pytest.fixture
def start_notifying(queues: QueueServer, clock: FakeClock) -> Iterator[StartNotifying]:
    """Start a simulator with a queue; return a caller, and a function that takes all messages."""
    running: list[Simulator] = []

    def start(**settings: Any) -> tuple[ApiCaller, Callable[[], list[dict[str, Any]]]]:
        url = queues.create(f"notifications-{next(_NUMBERS)}")
        values: dict[str, Any] = {"orders": 50, "changes_per_minute": 0, "port": 0, "speed": 1e9}
        values |= {"notify": url, "notify_pace": 0, "now": clock.now} | settings
        simulator = Simulator(SimulatorSettings(**values))
        simulator.start()
        running.append(simulator)

        def take() -> list[dict[str, Any]]:
            simulator.send_notifications()
            return queues.take(url)

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
    start_notifying: StartNotifying, queues: QueueServer
) -> None:
    api, _ = start_notifying()

    changed = api.simulator.change_orders(3)

    queue = api.simulator.settings.notify
    assert queue is not None
    messages: list[dict[str, Any]] = []
    deadline = time.monotonic() + 20
    while len(order_ids(messages)) < len({*changed}) and time.monotonic() < deadline:
        messages += queues.take(queue)
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
        "accountId": "A1SIMULATEDSELLER",
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
    names = Counter(
        message.get("NotificationType") or message["notificationType"] for message in messages
    )
    # The vendor gets them, too.
    assert names.keys() == {"PRICING_HEALTH", "LISTINGS_ITEM_STATUS_CHANGE"}
    assert sum(names.values()) in range(8, 13)


def test_messages_follow_the_subscription_to_its_queue(
    start_notifying: StartNotifying, queues: QueueServer
) -> None:
    api, take = start_notifying(notify_types=())
    api.simulator.change_orders(2)
    assert take() == []
    other = queues.create(f"other-{next(_NUMBERS)}")
    arn = f"arn:aws:sqs:us-east-1:123456789012:{other.rpartition('/')[2]}"
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
    messages = queues.take(other)
    assert order_ids(messages) == Counter(changed)
    assert len(messages) == len(changed)


def test_a_queue_that_is_not_there_is_an_error_at_the_start(queues: QueueServer) -> None:
    missing = f"{queues.endpoint}/123456789012/missing"

    with (
        pytest.raises(QueueError, match="there is no queue"),
        Simulator(SimulatorSettings(notify=missing, port=0, orders=1)),
    ):
        pass


def test_answers_do_not_wait_for_a_server_that_is_gone(clock: FakeClock) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = QueueServer(f"http://{host}:{port}").create("gone")
    settings = SimulatorSettings(
        notify=url, port=0, orders=20, changes_per_minute=0, now=clock.now, speed=1e9
    )
    with Simulator(settings) as simulator:
        server.stop()
        simulator.change_orders(5)

        with pytest.raises(QueueError, match="could not be sent"):
            simulator.send_notifications()

        assert ApiCaller(simulator).get("/sellers/v1/marketplaceParticipations").status_code == 200
        assert [sent["sent"] for sent in simulator.truth("notifications")] == [0] * len(
            simulator.truth("notifications")
        )
