"""Delays, duplicates, disorder and losses on the way to a queue."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tap_amazon_sp.simulator import parse_queue_address
from tap_amazon_sp.simulator.notifications.events import Event
from tap_amazon_sp.simulator.notifications.operations import FirstSubscriptions, Notifications
from tap_amazon_sp.simulator.notifications.publishing import Delivery, Published, Publisher
from tap_amazon_sp.simulator.server.accounts import SELLER
from tap_amazon_sp.simulator.server.paging import Pager

QUEUE = parse_queue_address("sqs://127.0.0.1:5000/123456789012/mine")
START = 1_800_000_000.0
COUNT = 1000


def publisher(*, seed: int = 1, queue: str = QUEUE.arn, **delivery: Any) -> Publisher:
    """Return a publisher to which a thousand events have happened, one each second."""
    notifications = Notifications(
        Pager(seed=seed, lifetime=60),
        [SELLER],
        seed=seed,
        first=FirstSubscriptions(("ORDER_CHANGE",), queue=queue),
    )
    made = Publisher(notifications, QUEUE, Delivery(**delivery), seed=seed)
    for number in range(COUNT):
        made.publish(event(number))
    return made


def event(number: int) -> Event:
    """Return an event."""
    return Event(
        account=SELLER.name,
        type="ORDER_CHANGE",
        moment=START + number,
        key=f"order-{number}",
        payload={"OrderChangeNotification": {"AmazonOrderId": f"order-{number}"}},
        about=f"order-{number}",
    )


def sent(made: Publisher) -> list[Published]:
    """Return all messages in the order in which they are sent."""
    return made.due(0, everything=True)


def test_nothing_happens_on_the_way_by_default() -> None:
    messages = sent(publisher())

    assert [message.about for message in messages] == [f"order-{n}" for n in range(COUNT)]
    assert len({message.notification_id for message in messages}) == COUNT


def test_duplicates_have_the_same_id_or_another() -> None:
    messages = sent(publisher(duplicates=0.2))

    by_event = Counter(message.about for message in messages)
    by_id = Counter(message.notification_id for message in messages)
    assert len(by_event) == COUNT
    assert sum(count == 2 for count in by_event.values()) == pytest.approx(200, abs=40)
    assert sum(count == 2 for count in by_id.values()) == pytest.approx(100, abs=30)


def test_late_messages_are_overtaken() -> None:
    messages = sent(publisher(disorder=0.2))

    moments = [message.moment for message in messages]
    late = sum(
        moment < max(moments[:position], default=0) for position, moment in enumerate(moments)
    )
    assert sorted(moments) != moments
    assert late == pytest.approx(200, abs=40)


def test_speed_divides_the_time_of_late_messages() -> None:
    late = publisher(disorder=1.0, speed=1000)

    assert len(late.due(START + COUNT + 0.2)) == COUNT


def test_lost_messages_are_not_sent_but_known() -> None:
    made = publisher(lost=0.05)

    assert COUNT - len(sent(made)) == pytest.approx(50, abs=20)
    copies = Counter(notification["copies"] for notification in made.truth(SELLER.name))
    assert copies == {1: len(sent(publisher(lost=0.05))), 0: copies[0]}
    assert sum(copies.values()) == COUNT


def test_delays_are_between_their_bounds() -> None:
    made = publisher(delay=(10.0, 20.0))

    assert made.due(START + 9.9) == []
    assert {message.about for message in made.due(START + 20)} >= {"order-0"}
    assert len(made.due(START + COUNT + 20)) + 20 >= COUNT - 20


def test_one_setting_changes_nothing_about_another() -> None:
    alone = {message.notification_id for message in sent(publisher(lost=0.1))}
    together = {message.notification_id for message in sent(publisher(lost=0.1, disorder=0.5))}

    assert alone == together


def test_the_seed_decides() -> None:
    def ids(seed: int) -> list[str]:
        return [message.about for message in sent(publisher(seed=seed, lost=0.3))]

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


def test_a_fifo_queue_gets_nothing() -> None:
    assert sent(publisher(queue=f"{QUEUE.arn}.fifo")) == []
