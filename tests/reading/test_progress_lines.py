from __future__ import annotations

import datetime as dt
import logging
from typing import cast

import pytest

from tap_amazon_sp.reading.progress_lines import SECONDS_BETWEEN_LINES, ProgressLines
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

ORDERS = "orders_2026-01-01.searchOrders"
CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
DAYS_100 = dt.timedelta(days=100)


def test_each_stream_under_way_has_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    tap = TapAmazonSP(config=CREDENTIALS, clock=clock)
    names = ("orders", "feeds", "marketplace_participations")
    streams = [cast("AmazonStream", tap.streams[name]) for name in names]
    orders, feeds, _ = streams
    orders.progress.is_under_way = feeds.progress.is_under_way = True
    orders.progress.begin_span(START, START + DAYS_100)
    orders.progress.records = 1634
    for _ in range(18):
        orders.client.metrics.count_call(ORDERS)
    orders.progress.reach(START + dt.timedelta(days=36), {ORDERS: 18})
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
            "at least 36 min more (searchOrders, one call in 179 s)"
        ),
        "feeds: 1 record",
    ]
    assert [vars(record)["progress"] for record in caplog.records] == [
        {
            "stream": "orders",
            "records": 1634,
            "read_to": "2026-02-06T00:00:00Z",
            "share": 0.36,
            "seconds_left": 2143,
            "operation": ORDERS,
        },
        {"stream": "feeds", "records": 1},
    ]
