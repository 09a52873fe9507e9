from __future__ import annotations

import datetime as dt
import logging
from typing import cast

import pytest

from tap_amazon_sp.reading.progress import (
    SECONDS_BETWEEN_LINES,
    Left,
    Progress,
    ProgressLines,
    duration,
)
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

ORDERS = "orders_2026-01-01.searchOrders"
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
    assert progress.seconds_left({ORDERS: 10}, {ORDERS: 0.01}) == Left(3000.0, ORDERS, 0.01)


def test_calls_since_then_count_for_the_rest() -> None:
    assert at_day(25, calls=10).seconds_left({ORDERS: 14}, {ORDERS: 0.01}) == Left(
        2600.0, ORDERS, 0.01
    )
    # More than expected: nobody knows how many are left.
    assert at_day(25, calls=10).seconds_left({ORDERS: 90}, {ORDERS: 0.01}) is None


def test_the_operation_that_takes_longest_bounds_the_rest() -> None:
    progress = Progress()
    progress.begin_span(START, START + DAYS_100)
    progress.reach(START + DAYS_100 / 2, {"a.list": 10, "a.items": 1000})
    rates = {"a.list": 0.1, "a.items": 0.5}

    assert progress.seconds_left({"a.list": 10, "a.items": 1000}, rates) == Left(
        2000.0, "a.items", 0.5
    )


def test_nothing_is_said_of_what_is_not_known() -> None:
    unbegun = Progress()
    begun = Progress()
    begun.begin_span(START, START + DAYS_100)
    empty = Progress()
    empty.begin_span(START, START)

    assert [progress.share for progress in (unbegun, begun, empty)] == [None, 0.0, None]
    for progress in (unbegun, begun, empty, at_day(100, 10), at_day(99, 10)):
        assert progress.seconds_left({ORDERS: 10}, {ORDERS: 0.01}) is None


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


def test_each_stream_under_way_has_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    tap = TapAmazonSP(config=CREDENTIALS, clock=clock)
    names = ("orders", "feeds", "marketplace_participations")
    streams = [cast("AmazonStream", tap.streams[name]) for name in names]
    orders, feeds, _ = streams
    orders.progress.is_under_way = feeds.progress.is_under_way = True
    orders.progress.begin_span(START, START + DAYS_100)
    orders.progress.records = 1634
    orders.client.metrics.count_call(ORDERS)
    orders.progress.reach(START + dt.timedelta(days=36), {ORDERS: 1})
    feeds.progress.records = 1
    lines = ProgressLines(streams, clock, logging.getLogger("test"))

    with caplog.at_level(logging.INFO, "test"):
        clock.advance(SECONDS_BETWEEN_LINES - 1)
        lines.tell_due()
        assert not caplog.messages
        clock.advance(1)
        lines.tell_due()
        lines.tell_due()

    assert caplog.messages == [
        (
            "orders: 1,634 records, read to 2026-02-06T00:00:00Z, about 36 %, "
            "at least 5 min more (searchOrders, one call in 179 s)"
        ),
        "feeds: 1 record",
    ]
    assert [vars(record)["progress"] for record in caplog.records] == [
        {
            "stream": "orders",
            "records": 1634,
            "read_to": "2026-02-06T00:00:00Z",
            "share": 0.36,
            "seconds_left": 317,
            "operation": ORDERS,
        },
        {"stream": "feeds", "records": 1},
    ]
