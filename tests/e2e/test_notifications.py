"""Notifications from a queue: streams, late deletion, and orders that are read again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.amazon.notifications import payload_schemas
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.simulator.server.signatures import AwsKey
from tap_amazon_sp.streams.from_settings.notifications import stream_name
from tests.queues import KEYS, FauxqsQueue
from tests.tap_runs import TapRun, bookmarks_in, catalog_of, run_tap

GET = "orders_2026-01-01.getOrder"
SEARCH = "orders_2026-01-01.searchOrders"
TYPES = ("ORDER_CHANGE", "REPORT_PROCESSING_FINISHED")


def notifying(queue: FauxqsQueue, **settings: Any) -> Simulator:
    """Return a simulator that sends notifications to a queue, and takes requests signed for it."""
    world = SimulatorSettings(
        speed=100_000,
        changes_per_minute=0,
        port=0,
        notify=queue.url,
        aws_keys=(AwsKey(*KEYS.values()),),
        **settings,
    )
    return Simulator(world)


@pytest.fixture
def seller(fauxqs_queue: FauxqsQueue) -> Iterator[Simulator]:
    """A seller whose orders change when a test says so."""
    with notifying(fauxqs_queue, orders=60, notify_types=TYPES) as simulator:
        yield simulator


def run(
    seller: Simulator,
    queue: FauxqsQueue,
    folder: Path,
    *streams: str,
    state: dict[str, Any] | None = None,
    **settings: Any,
) -> TapRun:
    settings = seller.settings_for_tap() | queue.settings | {"notifications_wait": 0} | settings
    catalog = catalog_of(*(streams or ("orders", "order_changes")), settings=settings)
    return run_tap(folder, settings, catalog=catalog, state=state)


def changed(seller: Simulator, count: int) -> list[str]:
    """Let orders change, and send the notifications; return their ids."""
    ids = seller.change_orders(count)
    seller.send_notifications()
    return ids


def operations(seller: Simulator) -> list[str]:
    """Return the operations on orders that were called, in their order."""
    called = [request["operation"] for request in seller.requests]
    return [one for one in called if one in (GET, SEARCH)]


def named(state: dict[str, Any], stream: str = "order_changes") -> set[str]:
    """Return the ids of messages in a state."""
    days = bookmarks_in(state).get((stream, None), {}).get("messages", {})
    return {one for ids in days.values() for one in ids}


def test_a_message_is_written_once_and_deleted_when_a_state_names_it(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    changed(seller, 12)
    sent = set(fauxqs_queue.message_ids())

    first = run(seller, fauxqs_queue, tmp_path)

    assert first.exit_code == 0, first.log
    assert len(sent) == 12
    assert {record["messageId"] for record in first.records("order_changes")} == sent
    assert named(first.last_state) == sent
    # Nobody knows yet whether a target has committed anything.
    assert set(fauxqs_queue.message_ids()) == sent
    fauxqs_queue.end_visibility_timeouts()

    second = run(seller, fauxqs_queue, tmp_path, state=first.last_state)

    assert second.exit_code == 0, second.log
    assert second.records("order_changes") == []
    assert fauxqs_queue.message_ids() == []
    assert named(second.last_state) == set()


def test_messages_come_again_if_the_state_was_lost(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    changed(seller, 25)
    first = run(seller, fauxqs_queue, tmp_path)
    fauxqs_queue.end_visibility_timeouts()

    # The target was killed before it committed, so the next run has an older state.
    second = run(seller, fauxqs_queue, tmp_path)

    keys = [record["notificationId"] for record in first.records("order_changes")]
    assert len(keys) == 25
    assert sorted(keys) == sorted(
        record["notificationId"] for record in second.records("order_changes")
    )
    assert fauxqs_queue.size == 25


def test_messages_in_flight_stay_named(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    changed(seller, 5)
    first = run(seller, fauxqs_queue, tmp_path)

    # The visibility timeout is not over.
    second = run(seller, fauxqs_queue, tmp_path, state=first.last_state)

    assert second.records("order_changes") == []
    assert named(second.last_state) == named(first.last_state)
    fauxqs_queue.end_visibility_timeouts()
    third = run(seller, fauxqs_queue, tmp_path, state=second.last_state)
    assert named(third.last_state) == set()
    assert fauxqs_queue.size == 0


def test_a_changed_order_is_read_with_one_call(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    first = run(seller, fauxqs_queue, tmp_path)
    ids = changed(seller, 4) + changed(seller, 1)
    again = seller.change_orders(order_ids=ids[:2])
    seller.send_notifications()
    seller.clear_requests()

    second = run(seller, fauxqs_queue, tmp_path, state=first.last_state)

    assert second.exit_code == 0, second.log
    called = [
        request["path"].rpartition("/")[2]
        for request in seller.requests
        if request["operation"] == GET
    ]
    # So soon after the last run, searchOrders may have to wait.
    assert operations(seller) == [GET] * len(called) + [SEARCH]
    truth = {order["orderId"]: order for order in seller.truth("orders")}
    told = {
        record["payload"]["OrderChangeNotification"]["AmazonOrderId"]
        for record in second.records("order_changes")
    }
    assert sorted(called) == sorted({*called}) == sorted(told)
    assert {*ids, *again} >= told >= {*again}
    for record in second.records("orders"):
        assert record["lastUpdatedTime"] == truth[record["orderId"]]["lastUpdatedTime"]
    assert told <= {record["orderId"] for record in second.records("orders")}
    # What searchOrders has not covered moves no bookmark.
    assert str(second.bookmark("orders")) < max(
        truth[order_id]["lastUpdatedTime"] for order_id in told
    )
    assert len(named(second.last_state)) == len(second.records("order_changes"))


def test_changes_of_a_longer_time_are_searched_first(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    first = run(seller, fauxqs_queue, tmp_path)
    state = first.last_state
    state["bookmarks"]["orders"]["replication_key_value"] = "2026-01-01T00:00:00Z"
    ids = changed(seller, 3)
    seller.clear_requests()

    found = run(seller, fauxqs_queue, tmp_path, state=state)

    assert found.exit_code == 0, found.log
    # What changed in the last two minutes cannot be searched yet.
    assert operations(seller) == [SEARCH] + [GET] * len(ids)


def test_messages_whose_orders_are_not_written_come_again(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    first = run(seller, fauxqs_queue, tmp_path)
    changed(seller, 6)
    seller.inject("status", operation=GET, status=403, code="Unauthorized", count=None)
    state = first.last_state
    # A backlog beside it, which is read nevertheless.
    bookmark = state["bookmarks"]["orders"]["replication_key_value"]
    state["bookmarks"]["orders"] |= {
        "replication_key_value": "2020-01-01T00:00:00Z",
        "also_read": {
            "beside": "2020-01-01T00:00:00Z",
            "spans": [{"after": bookmark, "before": bookmark}],
        },
    }

    failed = run(seller, fauxqs_queue, tmp_path, state=state)

    assert failed.exit_code == 1
    assert "orders that notifications name cannot be read now" in failed.log
    assert failed.records("order_changes")
    assert named(failed.last_state) == set()
    assert len(failed.records("orders")) >= 54
    assert str(failed.bookmark("orders")) >= bookmark


def test_an_order_that_amazon_refuses_fails_no_other(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    first = run(seller, fauxqs_queue, tmp_path)
    ids = changed(seller, 3)
    sent = fauxqs_queue.message_ids()
    seller.inject("status", operation=GET, status=400, code="InvalidInput", count=1)

    found = run(seller, fauxqs_queue, tmp_path, state=first.last_state)

    assert found.exit_code == 0, found.log
    assert "getOrder does not give 1 orders that notifications name" in found.log
    assert len({record["orderId"] for record in found.records("orders")} & {*ids}) == 2
    assert named(found.last_state) == {*sent}


def test_changes_in_time_that_is_read_take_no_call(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    first = run(seller, fauxqs_queue, tmp_path)
    order_id = first.records("orders")[0]["orderId"]
    late = {
        "SellerId": seller.settings_for_tap()["seller_id"],
        "AmazonOrderId": order_id,
        "OrderChangeTrigger": {"TimeOfOrderChange": "2026-01-01T00:00:00Z"},
    }
    (sent,) = fauxqs_queue.send(
        {"NotificationType": "ORDER_CHANGE", "Payload": {"OrderChangeNotification": late}}
    )
    seller.clear_requests()

    found = run(seller, fauxqs_queue, tmp_path, state=first.last_state)

    assert found.exit_code == 0, found.log
    assert GET not in {request["operation"] for request in seller.requests}
    assert named(found.last_state) == {sent}


def test_other_types_have_streams_of_their_own_and_unknown_ones_are_kept(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    bodies: list[Any] = [
        {
            "version": "0",
            "id": "fcd7a8b4-7ea9-4b8a-9b0e-5d5c1f3a3f43",
            "detail-type": "SOMETHING_NEW",
            "detail": {
                "NotificationType": "SOMETHING_NEW",
                "NotificationVersion": "1.0",
                "EventTime": "2026-11-01T10:00:00.000Z",
                "Payload": {"anything": [1, 12345678901234567.89]},
                "NotificationMetadata": {
                    "NotificationId": "n-1",
                    "PublishTime": "2026-11-01T10:00:01Z",
                },
            },
        },
        {
            "notificationType": "FEED_PROCESSING_FINISHED",
            "payload": {
                "feedProcessingFinishedNotification": {
                    "feedId": "7",
                    "processingStatus": "DONE",
                }
            },
            "notificationMetadata": {"notificationId": "n-2"},
        },
        "not JSON",
        {"hello": "world"},
        {
            "notificationType": "FEED_PROCESSING_FINISHED",
            "payload": {"feedProcessingFinishedNotification": {"sellerId": "A0SOMEBODYELSE"}},
            "notificationMetadata": {"notificationId": "n-3"},
        },
        {"notificationType": "PRICING_HEALTH", "payload": {}},
    ]
    ids = fauxqs_queue.send(*bodies)

    found = run(
        seller,
        fauxqs_queue,
        tmp_path,
        "other_notifications",
        "feed_processing_finished_notifications",
    )

    assert found.exit_code == 0, found.log
    (other,) = found.records("other_notifications")
    assert other["notificationId"] == "n-1"
    assert other["notificationType"] == "SOMETHING_NEW"
    assert other["publishTime"] == "2026-11-01T10:00:01Z"
    assert '"anything": [1, 12345678901234567.89]' in found.log or other["payload"]["anything"]
    (feed,) = found.records("feed_processing_finished_notifications")
    assert feed["messageId"] == ids[1]
    assert feed["payload"]["feedProcessingFinishedNotification"]["feedId"] == "7"
    for reason in (
        "its body is not usable: it is not JSON",
        "it has no `NotificationType`",
        "it is of another seller than the settings name",
        "no stream for PRICING_HEALTH is selected",
    ):
        assert reason in found.log
    assert "SOMEBODYELSE" not in found.log
    assert fauxqs_queue.size == len(bodies)


def test_every_type_that_amazon_has_a_schema_of_fits_its_stream(
    fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    # A job has to end before Amazon tells of it.
    types = {kind for kind in payload_schemas() if not kind.endswith("_PROCESSING_FINISHED")}
    world = notifying(fauxqs_queue, orders=5, notify_types=tuple(types), notify_pace=0.5)
    with world as seller:
        changed(seller, 1)
        deadline = time.monotonic() + 30
        while fauxqs_queue.size < 4 * len(types):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        found = run(seller, fauxqs_queue, tmp_path, *map(stream_name, types))

    assert found.exit_code == 0, found.log
    for kind in types:
        records = found.records(stream_name(kind))
        assert records, kind
        for record in records:
            assert record["notificationType"] == kind
            assert not record.get("_misfits"), kind


def test_a_queue_that_is_silent_beside_changing_orders_is_told(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    first = run(seller, fauxqs_queue, tmp_path)
    state = first.last_state
    state["bookmarks"]["orders"]["replication_key_value"] = "2026-01-01T00:00:00Z"

    found = run(seller, fauxqs_queue, tmp_path, state=state)

    assert found.exit_code == 0, found.log
    assert "no message about an order came to the queue" in found.log
    assert "no message about an order came to the queue" not in first.log


def test_a_queue_with_messages_that_are_written_already_is_not_silent(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    changed(seller, 3)
    first = run(seller, fauxqs_queue, tmp_path)
    fauxqs_queue.end_visibility_timeouts()
    state = first.last_state
    state["bookmarks"]["orders"]["replication_key_value"] = "2026-01-01T00:00:00Z"

    found = run(seller, fauxqs_queue, tmp_path, state=state)

    assert found.records("orders")
    assert found.records("order_changes") == []
    assert "no message about an order came to the queue" not in found.log


def test_a_queue_that_cannot_be_read_fails_its_streams_alone(
    seller: Simulator, fauxqs_queue: FauxqsQueue, tmp_path: Path
) -> None:
    url = fauxqs_queue.url + "-gone"

    found = run(seller, fauxqs_queue, tmp_path, notifications_queue_url=url)

    assert found.exit_code == 1
    assert "Stream 'order_changes' failed: sqs:ReceiveMessage" in found.log
    assert "does not exist" in found.log
    assert len(found.records("orders")) == 60
    assert "Traceback" not in found.log
