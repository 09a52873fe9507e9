from __future__ import annotations

import datetime as dt

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.streams.sales import OrderMetrics
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.readers import window_reader

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.timezone.utc)


def order_metrics() -> OrderMetrics:
    config = CREDENTIALS | {"marketplace_ids": ["US", "CA"]}
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["order_metrics"]
    assert isinstance(stream, OrderMetrics)
    return stream


def test_whole_days_are_requested_in_each_marketplace() -> None:
    window = Window(NOON - dt.timedelta(days=2, hours=12), NOON)

    requests = list(window_reader(order_metrics()).window_requests(window))

    assert [request["marketplaceIds"] for request in requests] == [
        ["ATVPDKIKX0DER"],
        ["A2EUQ1WTGCTBG2"],
    ]
    assert {request["interval"] for request in requests} == {
        "2026-11-18T00:00:00Z--2026-11-21T00:00:00Z"
    }


def test_a_window_that_ends_at_midnight_ends_there() -> None:
    midnight = NOON.replace(hour=0)

    times = window_reader(order_metrics()).window_times(
        "interval", Window(midnight, midnight.replace(day=21))
    )

    assert times == {"interval": "2026-11-20T00:00:00Z--2026-11-21T00:00:00Z"}


def test_no_day_is_older_than_two_years() -> None:
    stream = order_metrics()
    start, _ = window_reader(stream).span()

    times = window_reader(stream).window_times("interval", Window(start, NOON))

    assert times["interval"].startswith("2024-11-22T00:00:00Z--")


def test_both_ends_of_an_interval_become_times() -> None:
    record = order_metrics().transform({"interval": "2026-11-20T00:00Z--2026-11-21T00:00Z"})

    assert record["intervalStart"] == "2026-11-20T00:00:00Z"
    assert record["intervalEnd"] == "2026-11-21T00:00:00Z"
