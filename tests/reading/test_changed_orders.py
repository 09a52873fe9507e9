"""Orders that notifications say have changed, between the two streams."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Generator, Sequence

import pytest

from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.reading import changed_orders as module
from tap_amazon_sp.reading.changed_orders import ChangedOrder, ChangedOrders

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.timezone.utc)


def change(message_id: str, order_id: str, minute: int | None = 0) -> ChangedOrder:
    time = None if minute is None else NOON + dt.timedelta(minutes=minute)
    return ChangedOrder(message_id, order_id, time)


def filled(*changed: ChangedOrder) -> tuple[ChangedOrders, list[str]]:
    """Return changed orders that nobody has read, and the ids of messages that will be named."""
    orders, named = ChangedOrders(), list[str]()
    orders.expect()
    orders.add(changed, on_written=named.extend)
    return orders, named


def nothing() -> None:
    """Stand for a process that nobody asked to stop."""


def taken(orders: ChangedOrders) -> list[list[str]]:
    orders.end()
    return [[one.order_id for one in some] for some in orders.taken(nothing)]


def test_an_order_comes_once_and_the_oldest_change_first() -> None:
    orders, named = filled(change("m1", "A", 5), change("m2", "B", 7), change("m3", "A", 9))

    assert taken(orders) == [["B", "A"]]
    assert sorted(named) == ["m1", "m2", "m3"]


def test_an_order_without_a_time_comes_first() -> None:
    orders, _ = filled(change("m1", "A", 5), change("m2", "B", None), change("m3", "C", None))

    assert taken(orders) == [["B", "C", "A"]]


def test_messages_are_named_as_soon_as_their_orders_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 2)
    orders, named = filled(*(change(f"m{minute}", f"O{minute}", minute) for minute in range(5)))
    orders.end()

    seen = [([one.order_id for one in some], [*named]) for some in orders.taken(nothing)]

    assert seen == [
        (["O0", "O1"], []),
        (["O2", "O3"], ["m0", "m1"]),
        (["O4"], ["m0", "m1", "m2", "m3"]),
    ]
    assert named == ["m0", "m1", "m2", "m3", "m4"]


def test_a_failure_names_no_message_of_what_was_not_written() -> None:
    orders, named = filled(change("m1", "A"))
    orders.end()
    reading = orders.taken(nothing)
    next(reading)
    assert isinstance(reading, Generator)
    reading.close()

    assert named == []


def test_after_a_stop_nothing_is_kept() -> None:
    orders, named = filled(change("m1", "A"))
    orders.stop()
    orders.add([change("m2", "B")], on_written=named.extend)

    assert taken(orders) == []
    assert named == []


def test_without_notifications_nobody_waits() -> None:
    assert list(ChangedOrders().taken(nothing)) == []


def test_orders_wait_until_all_messages_are_read() -> None:
    orders = ChangedOrders()
    orders.expect()
    found: list[Sequence[str]] = []
    reader = threading.Thread(
        target=lambda: found.extend(
            [one.order_id for one in some] for some in orders.taken(nothing)
        )
    )
    reader.start()
    orders.add([change("m1", "A", 3)], on_written=len)
    orders.add([change("m2", "B", 1)], on_written=len)
    assert found == []

    orders.end()
    reader.join(10)

    assert found == [["B", "A"]]


def test_a_request_to_stop_ends_the_wait() -> None:
    def stop() -> None:
        raise SyncInterrupted(15)

    orders, named = filled(change("m1", "A"))

    with pytest.raises(SyncInterrupted):
        next(orders.taken(stop))
    assert named == []
