from __future__ import annotations

import datetime as dt
from typing import cast

import pytest

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.stream_end import end_of
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

ORDERS = "ordersV0.getOrders"
ITEMS = "ordersV0.getOrderItems"
SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "orders_api": "v0",
    "reports": ["GET_MERCHANT_LISTINGS_ALL_DATA"],
}
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tap(clock: FakeClock) -> TapAmazonSP:
    return TapAmazonSP(config=SETTINGS, clock=clock)


def begun(tap: TapAmazonSP, name: str) -> AmazonStream:
    stream = cast("AmazonStream", tap.streams[name])
    stream.progress.began_at = stream.connection.clock.monotonic()
    return stream


def call(stream: AmazonStream, times: int) -> None:
    """Count calls of the stream's operation, and take their tokens."""
    operation = stream.operation
    bucket = stream.client._plan(operation)
    for _ in range(times):
        bucket.acquire().answered()
        stream.client.metrics.count_call(operation.id)


def test_a_stream_that_has_not_begun_has_no_end(tap: TapAmazonSP) -> None:
    assert end_of(cast("AmazonStream", tap.streams["feeds"]), "done") is None


def test_the_end_says_what_was_read_and_what_bound_it(tap: TapAmazonSP, clock: FakeClock) -> None:
    orders = begun(tap, "orders")
    items = next(child for child in orders.family if child.name == "order_items")
    items.selected = True
    orders.written.number, items.written.number = 3000, 7210
    orders.progress.begin_span(START, START + dt.timedelta(days=9))
    orders.progress.reach(START + dt.timedelta(days=9))
    call(orders, 2)
    call(items, 430)
    clock.advance(1.0)

    end = end_of(orders, "done")

    assert str(end) == (
        "orders: done after 13 min: 3,000 records, 7,210 of order_items, "
        "read to 2026-01-10T00:00:00Z, calls: 2 of getOrders and 430 of getOrderItems, "
        "at least 13 min by the rate limit of getOrderItems"
    )
    assert end is not None
    assert end.values == {
        "stream": "orders",
        "ended": "done",
        "seconds": 801.0,
        "records": 3000,
        "records_of_children": {"order_items": 7210},
        "read_to": "2026-01-10T00:00:00Z",
        "calls": {ORDERS: 2, ITEMS: 430},
        "least_seconds": 800.0,
        "operation": ITEMS,
    }


def test_a_short_stream_has_a_short_line(tap: TapAmazonSP, clock: FakeClock) -> None:
    feeds = begun(tap, "feeds")
    feeds.written.number = 1
    call(feeds, 1)
    clock.advance(3.4)

    assert str(end_of(feeds, "failed")) == "feeds: failed after 3 s: 1 record, calls: 1 of getFeeds"


def test_the_calls_of_reports_are_those_of_all_streams_and_left_out(tap: TapAmazonSP) -> None:
    report = begun(tap, "report_merchant_listings_all")
    queue = report.connection.report_jobs
    report.progress.plan_jobs(queue, frozenset({"one", "two"}))
    queue.outcomes.note("one", "read")
    call(report, 3)

    end = end_of(report, "stopped")

    assert str(end) == "report_merchant_listings_all: stopped after 0 s: 0 records, 1 of 2 reports"
    assert end is not None
    assert (end.values["jobs_read"], end.values["jobs"]) == (1, 2)
