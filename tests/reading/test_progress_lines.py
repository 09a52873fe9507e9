from __future__ import annotations

import datetime as dt
import logging
from typing import cast

import pytest

from tap_amazon_sp.reading.progress_lines import MAX_LINES, SECONDS_BETWEEN_LINES, ProgressLines
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


def lines_of(streams: list[AmazonStream], caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of the first minute."""
    clock = FakeClock()
    lines = ProgressLines(streams, clock, logging.getLogger("test"))
    clock.advance(SECONDS_BETWEEN_LINES)
    with caplog.at_level(logging.INFO, "test"):
        lines.tell_due()
    return caplog.messages


def test_of_very_many_streams_those_that_take_longest_have_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tap = TapAmazonSP(config=CREDENTIALS, clock=FakeClock())
    streams = [cast("AmazonStream", stream) for stream in tap.streams.values()][: MAX_LINES + 2]
    streams.append(cast("AmazonStream", tap.streams["orders"]))
    for stream in streams:
        stream.progress.is_under_way = True
        stream.progress.records = 10
    orders = streams[-1]
    orders.progress.begin_span(START, START + DAYS_100)
    orders.progress.reach(START + dt.timedelta(days=1), {ORDERS: 100})

    told = lines_of(streams, caplog)

    assert len(told) == MAX_LINES + 1
    assert told[-2].startswith("orders: 10 records, read to 2026-01-02T00:00:00Z, about 1 %, at")
    assert told[-1] == "3 more streams are under way, with 30 records"


def test_reports_have_a_line_of_all_streams_together(caplog: pytest.LogCaptureFixture) -> None:
    settings = CREDENTIALS | {
        "reports": ["GET_SALES_AND_TRAFFIC_REPORT"],
        "marketplace_ids": ["US"],
    }
    tap = TapAmazonSP(config=settings, clock=FakeClock())
    names = ("report_sales_and_traffic", "report_sales_and_traffic_by_asin")
    streams = [cast("AmazonStream", tap.streams[name]) for name in names]
    queue = streams[0].connection.report_jobs
    for stream in streams:
        stream.progress.is_under_way = True
        stream.progress.begin_span(START, START + DAYS_100)
        stream.progress.plan_jobs(queue, frozenset({"first", "second", *range(98)}))
    queue.outcomes.note("first", "read")

    told = lines_of(streams, caplog)

    assert told == [
        "report_sales_and_traffic: 0 records, about 0 %, 1 of 100 reports",
        "report_sales_and_traffic_by_asin: 0 records, about 0 %, 1 of 100 reports",
        (
            "Reports: 0 of 100 read, 100 to be requested, at least 1 h 25 min more "
            "(createReport, one call in 60 s)"
        ),
    ]
    assert vars(caplog.records[0])["progress"] == {
        "stream": "report_sales_and_traffic",
        "records": 0,
        "share": 0.0,
        "jobs_read": 1,
        "jobs": 100,
    }


def test_of_very_many_accounts_those_whose_reports_take_longest_have_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    accounts = [CREDENTIALS | {"name": f"seller {number}"} for number in range(MAX_LINES + 2)]
    settings = {"accounts": accounts, "reports": ["GET_SALES_AND_TRAFFIC_REPORT"]}
    tap = TapAmazonSP(config=settings, clock=FakeClock())
    first = cast("AmazonStream", tap.streams["report_sales_and_traffic"])
    streams = [first.for_account(connection) for connection in tap.connections]
    for number, stream in enumerate(streams):
        stream.progress.is_under_way = True
        queue = stream.connection.report_jobs
        stream.progress.plan_jobs(queue, frozenset(range(100 + number)))

    told = [line for line in lines_of(streams, caplog) if "report_sales" not in line]

    assert told[0] == "2 more streams are under way, with 0 records"
    assert len(told) == MAX_LINES + 2
    assert told[1].startswith("Reports of seller 2: 0 of 102 read, 102 to be requested, at least")
    assert told[-1] == "2 more accounts have reports or queries: 0 of 201 read"
