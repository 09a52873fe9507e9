"""The inbox: who gets which message, what is deleted, and what stays."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.message_queue import Message, MessageQueue, QueueFailedError
from tap_amazon_sp.amazon.queue_address import queue_address
from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.reading import inbox as module
from tap_amazon_sp.reading.inbox import OTHER, Box, Inbox, WrittenMessages
from tests.queues import KEYS, REGION, FauxqsQueue

FEED = "FEED_PROCESSING_FINISHED"
TRAFFIC = "DETAIL_PAGE_TRAFFIC_EVENT"
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.timezone.utc)
AWS = AwsSettings(REGION, *KEYS.values())
REFUSAL = QueueFailedError("sqs:SomePermission", message="refused")
NO_SELLER = f"{TRAFFIC} does not name the seller, and several accounts have this queue"


@pytest.fixture(autouse=True)
def _quick(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.WARNING, logger=module.__name__)
    # fauxqs is one server, whose receives are empty only if the queue is.
    monkeypatch.setattr(module, "SHORTEST_POLL", 0)


class CarefulQueue(MessageQueue):
    """A queue whose keys may only do some things, as AWS answers."""

    refused: tuple[str, ...] = ()
    receives = 0

    def receive(self, *, wait: int, visibility: int) -> list[Message]:
        self.receives += 1
        if "receive" in self.refused:
            raise REFUSAL
        return super().receive(wait=wait, visibility=visibility)

    def give_back(self, messages: Iterable[Message]) -> None:
        if "give_back" in self.refused:
            raise REFUSAL
        super().give_back(messages)

    def delete(self, messages: Iterable[Message]) -> list[Message]:
        if "delete" in self.refused:
            raise REFUSAL
        if "delete some" in self.refused:
            first, *others = messages
            super().delete(others)
            return [first]
        return super().delete(messages)


def careful(queue: FauxqsQueue, *refused: str) -> CarefulQueue:
    found = CarefulQueue(queue_address(queue.url, endpoint_url=queue.server.endpoint), AWS)
    found.refused = refused
    return found


def inbox_of(queue: FauxqsQueue, *refused: str, wait: float = 0) -> Inbox:
    return Inbox(careful(queue, *refused), SystemClock(), wait=wait)


def feed(seller_id: str | None, feed_id: str = "1") -> dict[str, Any]:
    payload = {"feedProcessingFinishedNotification": {"sellerId": seller_id, "feedId": feed_id}}
    return {"notificationType": FEED, "payload": payload}


def traffic(account_id: str | None) -> dict[str, Any]:
    events = [{"accountId": account_id, "asin": "B000000001"}]
    return {"notificationType": TRAFFIC, "payload": {"detailPageTrafficEvents": events}}


def ids(inbox: Inbox, box: Box) -> list[str]:
    return [one.message_id for some in inbox.arrived(box) for one in some]


def test_accounts_that_share_a_queue_get_their_own_messages(fauxqs_queue: FauxqsQueue) -> None:
    mine, yours, foreign, nobodys, also_mine = fauxqs_queue.send(
        feed("A1"), feed("A2"), feed("A3"), traffic("amzn1.vg.1"), traffic("amzn1.merchant.o.A1")
    )
    inbox = inbox_of(fauxqs_queue)
    for seller in ("A1", "A2"):
        inbox.expect((seller, FEED), [])
        inbox.expect((seller, TRAFFIC), [])

    assert ids(inbox, ("A1", FEED)) == [mine]
    assert ids(inbox, ("A2", FEED)) == [yours]
    assert ids(inbox, ("A1", TRAFFIC)) == [also_mine]
    assert ids(inbox, ("A2", TRAFFIC)) == []
    assert {foreign, nobodys} <= set(fauxqs_queue.message_ids())


def test_what_stays_in_the_queue_is_told_once_for_each_reason(
    fauxqs_queue: FauxqsQueue, caplog: pytest.LogCaptureFixture
) -> None:
    sent = fauxqs_queue.send(
        "no JSON", '{"a": 1', "[", feed("A3"), feed("A4"), traffic(None), {"hello": "world"}
    )
    inbox = inbox_of(fauxqs_queue)
    inbox.expect(("A1", FEED), [])
    inbox.expect(("A2", FEED), [])

    assert ids(inbox, ("A1", FEED)) == []

    assert [record.getMessage() for record in caplog.records] == [
        f"{count} messages of the queue {fauxqs_queue.name} are left there, the first of them with "
        f"the id {first}: {reason}"
        for count, first, reason in (
            (3, sent[0], "its body is not usable: it is not JSON, or incomplete"),
            (2, sent[3], "it is of another seller than the settings name"),
            (1, sent[5], NO_SELLER),
            (1, sent[6], "it has no `NotificationType`"),
        )
    ]
    # Other readers get them at once; messages without a notification come back later.
    assert (fauxqs_queue.visible, fauxqs_queue.in_flight) == (3, 4)


def test_a_type_that_is_no_name_is_not_in_the_log(
    fauxqs_queue: FauxqsQueue, caplog: pytest.LogCaptureFixture
) -> None:
    fauxqs_queue.send({"notificationType": "hello\nJane Doe", "payload": {}})
    inbox = inbox_of(fauxqs_queue)
    inbox.expect((None, "ORDER_CHANGE"), [])

    assert ids(inbox, (None, "ORDER_CHANGE")) == []

    assert "no stream for its type is selected" in caplog.text
    assert "Jane" not in caplog.text


def test_a_queue_that_cannot_be_read_is_asked_once(fauxqs_queue: FauxqsQueue) -> None:
    queue = careful(fauxqs_queue, "receive")
    inbox = Inbox(queue, SystemClock(), wait=0)
    boxes = [("A1", FEED), ("A1", TRAFFIC)]
    for box in boxes:
        inbox.expect(box, [])

    for box in boxes:
        with pytest.raises(QueueFailedError, match="refused"):
            ids(inbox, box)

    assert queue.receives == 1


def test_without_the_id_of_the_seller_all_messages_are_those_of_the_only_account(
    fauxqs_queue: FauxqsQueue,
) -> None:
    sent = fauxqs_queue.send(feed("A1"), feed("A2"), feed(None))
    inbox = inbox_of(fauxqs_queue)
    inbox.expect((None, FEED), [])

    assert ids(inbox, (None, FEED)) == sent


def test_types_without_a_schema_have_one_box(fauxqs_queue: FauxqsQueue) -> None:
    (sent,) = fauxqs_queue.send({"notificationType": "NEW", "payload": {"sellerId": "A1"}})
    inbox = inbox_of(fauxqs_queue)
    inbox.expect(("A1", OTHER), [])

    assert ids(inbox, ("A1", OTHER)) == [sent]


def test_known_messages_are_deleted_and_not_given_again(fauxqs_queue: FauxqsQueue) -> None:
    sent = fauxqs_queue.send(*(feed("A1", str(number)) for number in range(25)))
    inbox = inbox_of(fauxqs_queue)
    inbox.expect(("A1", FEED), sent[:21])

    assert ids(inbox, ("A1", FEED)) == sent[21:]

    assert inbox.deleted == set(sent[:21])
    assert sorted(fauxqs_queue.message_ids()) == sorted(sent[21:])


def test_a_message_that_aws_does_not_delete_stays_known(
    fauxqs_queue: FauxqsQueue, caplog: pytest.LogCaptureFixture
) -> None:
    sent = fauxqs_queue.send(feed("A1"), feed("A1"))
    inbox = inbox_of(fauxqs_queue, "delete some")
    inbox.expect(("A1", FEED), sent)

    assert ids(inbox, ("A1", FEED)) == []

    assert inbox.deleted == {sent[1]}
    assert fauxqs_queue.message_ids() == [sent[0]]
    assert "AWS did not delete 1 messages" in caplog.text


def test_what_came_before_a_refusal_is_written(fauxqs_queue: FauxqsQueue) -> None:
    sent = fauxqs_queue.send(feed("A1"), feed("A1"))
    inbox = inbox_of(fauxqs_queue, "delete")
    inbox.expect(("A1", FEED), sent[:1])

    arrived = inbox.arrived(("A1", FEED))

    assert [one.message_id for one in next(arrived)] == sent[1:]
    with pytest.raises(QueueFailedError, match="refused"):
        next(arrived)
    assert inbox.deleted == set()


def test_keys_that_may_not_give_messages_back_are_good_enough(fauxqs_queue: FauxqsQueue) -> None:
    _, mine = fauxqs_queue.send(feed("A2"), feed("A1"))
    inbox = inbox_of(fauxqs_queue, "give_back")
    inbox.expect(("A1", FEED), [])

    assert ids(inbox, ("A1", FEED)) == [mine]
    assert fauxqs_queue.in_flight == 2


def test_a_run_takes_no_more_messages_than_it_may(
    fauxqs_queue: FauxqsQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MAX_PER_RUN", 20)
    sent = fauxqs_queue.send(*(feed("A1", str(number)) for number in range(35)))
    inbox = inbox_of(fauxqs_queue)
    inbox.expect(("A1", FEED), [])

    assert ids(inbox, ("A1", FEED)) == sent[:20]
    assert "has more than 20 messages: the next run reads the rest" in caplog.text


def test_messages_for_streams_that_come_later_do_not_fill_the_memory(
    fauxqs_queue: FauxqsQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 20)
    later = fauxqs_queue.send(*(feed("A1", str(number)) for number in range(30)))
    mine = fauxqs_queue.send(*(traffic("A1") for _ in range(5)))
    inbox = inbox_of(fauxqs_queue)
    inbox.expect(("A1", FEED), [])
    inbox.expect(("A1", TRAFFIC), [])

    assert ids(inbox, ("A1", TRAFFIC)) == []
    assert "20 messages that wait for other streams: the next run reads the rest" in caplog.text
    assert ids(inbox, ("A1", FEED)) == later
    assert set(mine) <= set(fauxqs_queue.message_ids())


def test_a_run_listens_for_the_whole_time_and_gets_a_message_once(
    fauxqs_queue: FauxqsQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VISIBILITY", 2)
    monkeypatch.setattr(module, "LONG_POLL", 1)
    (first,) = fauxqs_queue.send(feed("A1"))
    inbox = inbox_of(fauxqs_queue, wait=2)
    inbox.expect(("A1", FEED), [])
    senders = [threading.Timer(1.2, fauxqs_queue.send, [feed("A1")])]
    senders[0].start()

    received = ids(inbox, ("A1", FEED))

    assert received[0] == first
    assert len(received) == 2
    # A dead-letter queue counts receives.
    assert set(fauxqs_queue.times_received().values()) == {1}


def test_a_run_ends_though_the_queue_always_gets_more(
    fauxqs_queue: FauxqsQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHORTEST_POLL", 1)
    fauxqs_queue.send(feed("A1"))
    inbox = inbox_of(fauxqs_queue)
    inbox.expect(("A1", FEED), [])
    stopped = threading.Event()

    def send() -> None:
        while not stopped.wait(0.1):
            fauxqs_queue.send(feed("A1"))

    sender = threading.Thread(target=send)
    sender.start()
    began = time.monotonic()
    try:
        received = ids(inbox, ("A1", FEED))
    finally:
        stopped.set()
        sender.join()

    assert received
    assert time.monotonic() - began < 10


def test_what_has_come_is_written_while_the_run_listens_on(
    fauxqs_queue: FauxqsQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG_POLL", 1)
    (sent,) = fauxqs_queue.send(feed("A1"))
    inbox = inbox_of(fauxqs_queue, wait=3600)
    inbox.expect(("A1", FEED), [])

    arrived = inbox.arrived(("A1", FEED))

    assert [one.message_id for one in next(arrived)] == [sent]


def test_a_stream_gets_its_messages_from_a_run_that_another_one_receives_for(
    fauxqs_queue: FauxqsQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG_POLL", 1)
    inbox = inbox_of(fauxqs_queue, wait=3)
    inbox.expect(("A1", FEED), [])
    inbox.expect(("A1", TRAFFIC), [])
    found: dict[str, tuple[str, float]] = {}

    def read(kind: str) -> None:
        for some in inbox.arrived(("A1", kind)):
            found[kind] = some[0].message_id, time.monotonic()

    readers = [threading.Thread(target=read, args=(kind,)) for kind in (FEED, TRAFFIC)]
    for reader in readers:
        reader.start()
    began = time.monotonic()
    mine, yours = fauxqs_queue.send(feed("A1"), traffic("A1"))
    for reader in readers:
        reader.join(20)

    assert {kind: message_id for kind, (message_id, _) in found.items()} == {
        FEED: mine,
        TRAFFIC: yours,
    }
    assert all(time - began < 3 for _, time in found.values())


def test_ids_leave_the_state_when_they_are_deleted_or_too_old() -> None:
    state = {"messages": {"2026-11-04": ["old"], "2026-11-05": ["a"], "2026-11-19": ["b", "c"]}}
    written = WrittenMessages(state, NOW)

    assert written.ids == ["a", "b", "c"]
    written.add(["d"], NOW)
    written.change(state, {"b"})
    assert state["messages"] == {"2026-11-05": ["a"], "2026-11-19": ["c"], "2026-11-20": ["d"]}
    written.change(state, {"a", "b", "c", "d"})
    assert state == {}


@pytest.mark.parametrize("odd", [None, [], "x", {"2026-11-19": "abc"}, {"2026-11-19": [1, None]}])
def test_an_odd_state_names_nothing(odd: Any) -> None:
    assert WrittenMessages({"messages": odd}, NOW).ids == []
