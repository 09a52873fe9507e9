"""Receives and deletes of a queue, at fauxqs; what AWS refuses, at moto's server."""

from __future__ import annotations

import datetime as dt

import pytest

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.message_queue import MAX_MESSAGES, MessageQueue, QueueFailedError
from tap_amazon_sp.amazon.queue_address import queue_address
from tests.queues import KEYS, REGION, FauxqsQueue, Queue, QueueServer

AWS = AwsSettings(REGION, *KEYS.values())


def opened(queue: Queue) -> MessageQueue:
    return MessageQueue(queue_address(queue.url, endpoint_url=queue.server.endpoint), AWS)


def test_messages_have_their_body_and_times_of_the_queue(fauxqs_queue: FauxqsQueue) -> None:
    (sent,) = fauxqs_queue.send("hello")
    queue = opened(fauxqs_queue)

    (message,) = queue.receive(wait=0, visibility=60)

    assert (message.id, message.body) == (sent, "hello")
    assert message.sent_at is not None
    assert queue.answered_at is not None
    assert abs(queue.answered_at - message.sent_at) < dt.timedelta(minutes=1)
    assert queue.receive(wait=0, visibility=60) == []


def test_more_messages_than_a_batch_are_deleted(fauxqs_queue: FauxqsQueue) -> None:
    fauxqs_queue.send(*map(str, range(MAX_MESSAGES + 3)))
    queue = opened(fauxqs_queue)
    received = [*queue.receive(wait=0, visibility=60), *queue.receive(wait=0, visibility=60)]
    assert len(received) == MAX_MESSAGES + 3

    assert queue.delete(received) == []
    assert fauxqs_queue.size == 0


def test_a_handle_of_an_earlier_receive_deletes_nothing(fauxqs_queue: FauxqsQueue) -> None:
    fauxqs_queue.send("hello")
    queue = opened(fauxqs_queue)
    early = queue.receive(wait=0, visibility=0)
    late = queue.receive(wait=0, visibility=60)

    queue.delete(early)
    assert fauxqs_queue.size == 1
    assert queue.delete(late) == []
    assert fauxqs_queue.size == 0


def test_messages_that_aws_did_not_delete_are_told(moto_queue: Queue) -> None:
    moto_queue.send("a", "b")
    queue = opened(moto_queue)
    first, second = queue.receive(wait=0, visibility=60)
    wrong = type(first)(first.id, "no-handle", first.body)

    assert queue.delete([wrong, second]) == [wrong]
    assert moto_queue.size == 1


def test_messages_given_back_can_be_received_at_once(fauxqs_queue: FauxqsQueue) -> None:
    fauxqs_queue.send("a", "b")
    queue = opened(fauxqs_queue)
    received = queue.receive(wait=0, visibility=60)
    assert fauxqs_queue.visible == 0

    queue.give_back(received)

    assert fauxqs_queue.visible == 2


def test_nothing_to_delete_makes_no_call() -> None:
    nowhere = queue_address("http://127.0.0.1:9/123456789012/orders")

    assert MessageQueue(nowhere, AWS).delete([]) == []


def test_a_queue_that_does_not_exist_is_told(fauxqs: QueueServer) -> None:
    address = queue_address(f"{fauxqs.endpoint}/000000000000/no-such", endpoint_url=fauxqs.endpoint)

    with pytest.raises(QueueFailedError, match=r"the queue no-such .* does not exist") as error:
        MessageQueue(address, AWS).receive(wait=0, visibility=60)

    assert error.value.operation_id == "sqs:ReceiveMessage"


def test_keys_that_are_missing_are_told(
    fauxqs_queue: FauxqsQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    address = queue_address(fauxqs_queue.url, endpoint_url=fauxqs_queue.server.endpoint)

    with pytest.raises(QueueFailedError, match="there are no AWS keys for the queue"):
        MessageQueue(address, None).receive(wait=0, visibility=60)
