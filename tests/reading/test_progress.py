from __future__ import annotations

import datetime as dt
from typing import cast

import pytest

from tap_amazon_sp.reading.progress import Left, Progress, duration, left_of
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

ORDERS = "orders_2026-01-01.searchOrders"
ITEMS = "ordersV0.getOrderItems"
CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
DAYS_100 = dt.timedelta(days=100)


def at_day(day: int, calls: int) -> Progress:
    progress = Progress()
    progress.begin_span(START, START + DAYS_100)
    progress.reach(START + dt.timedelta(days=day), {ORDERS: calls})
    return progress


def test_the_rest_takes_as_many_calls_as_what_was_read() -> None:
    progress = at_day(25, calls=10)

    assert progress.share == 0.25
    assert progress.calls_left({ORDERS: 10}) == {ORDERS: 30.0}


def test_calls_since_then_count_for_the_rest() -> None:
    assert at_day(25, calls=10).calls_left({ORDERS: 14}) == {ORDERS: 26.0}


def test_a_window_counts_before_it_is_read_to_its_end() -> None:
    progress = at_day(25, calls=10)

    progress.pass_by(START + dt.timedelta(days=50), {ORDERS: 30})

    assert progress.share == 0.5
    assert progress.calls_left({ORDERS: 31}) == {ORDERS: 29.0}
    # The bookmark is where it was.
    assert progress.read_to_minute == "2026-01-26T00:00:00Z"


def test_what_is_read_stays_read_when_a_window_is_read_again() -> None:
    progress = at_day(25, calls=10)
    progress.pass_by(START + dt.timedelta(days=50), {ORDERS: 30})

    progress.pass_by(START + dt.timedelta(days=20), {ORDERS: 31})

    assert progress.share == 0.25


def test_a_window_of_unknown_length_does_not_count() -> None:
    progress = at_day(25, calls=10)
    progress.pass_by(START + dt.timedelta(days=50), {ORDERS: 30})

    progress.lose_position()

    assert progress.share == 0.25
    assert not any(calls > 0 for calls in progress.calls_left({ORDERS: 31}).values())


def stream_at_day(name: str, day: int, calls: dict[str, int], **settings: str) -> AmazonStream:
    """Return a stream whose calls have emptied no token bucket."""
    tap = TapAmazonSP(config=CREDENTIALS | settings, clock=FakeClock())
    stream = cast("AmazonStream", tap.streams[name])
    stream.progress.begin_span(START, START + DAYS_100)
    stream.progress.reach(START + dt.timedelta(days=day), calls)
    for operation_id, count in calls.items():
        for _ in range(count):
            stream.client.metrics.count_call(operation_id)
    return stream


def test_the_time_left_is_that_of_calls_without_a_token() -> None:
    stream = stream_at_day("orders", 25, {ORDERS: 10})

    # There are 20 tokens.
    left = left_of(stream)
    assert left is not None
    assert round(left.seconds) == round(10 / 0.0056)
    assert str(left) == "at least 30 min more (searchOrders, one call in 179 s)"


def test_the_operation_that_takes_longest_bounds_the_rest() -> None:
    calls = {"ordersV0.getOrders": 3, ITEMS: 200}
    stream = stream_at_day("orders", 25, calls, orders_api="v0")
    stream.child_streams[0].metadata.root.selected = True

    left = left_of(stream)

    # 600 calls, and 30 tokens.
    assert left == Left(570 / 0.5, ITEMS, 0.5)


def test_a_short_time_is_left_out() -> None:
    assert left_of(stream_at_day("orders", 90, {ORDERS: 10})) is None


def test_nothing_is_said_of_what_is_not_known() -> None:
    unbegun = Progress()
    begun = Progress()
    begun.begin_span(START, START + DAYS_100)
    empty = Progress()
    empty.begin_span(START, START)

    assert [progress.share for progress in (unbegun, begun, empty)] == [None, 0.0, None]
    for progress in (unbegun, begun, empty, at_day(100, 10)):
        assert not any(calls >= 1 for calls in progress.calls_left({ORDERS: 10}).values())


def test_an_older_window_takes_nothing_back() -> None:
    progress = at_day(50, calls=10)

    progress.reach(START + dt.timedelta(days=20), {})

    assert progress.share == 0.5
    assert progress.calls == {ORDERS: 10}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 min"),
        (600, "10 min"),
        (31_800, "8 h 50 min"),
        (3600, "1 h 0 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_a_duration_has_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_slow_call_is_told() -> None:
    assert str(Left(31_800, ORDERS, 0.0056)) == (
        "at least 8 h 50 min more (searchOrders, one call in 179 s)"
    )
    assert str(Left(600, ORDERS, 2.0)) == "at least 10 min more (searchOrders)"
