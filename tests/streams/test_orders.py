from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.clock import Clock
from tap_amazon_sp.streams.orders import DEFAULT_DATASETS, Orders
from tap_amazon_sp.streams.windows import WindowPlan
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


def orders(clock: Clock, **settings: Any) -> Orders:
    stream = TapAmazonSP(config=CREDENTIALS | settings, clock=clock).streams["orders"]
    assert isinstance(stream, Orders)
    return stream


def windows_of(stream: Orders) -> int:
    start, end = stream._span()
    plan = WindowPlan(
        start,
        end,
        first=stream.first_window,
        shortest=stream.shortest_window,
        longest=stream.longest_window,
    )
    count = 0
    while (window := plan.current()) is not None:
        plan.finish(window, pages=1)
        count += 1
    return count


@pytest.mark.parametrize(("region", "most"), [("na", 10), ("eu", 10), ("fe", 30)])
def test_silence_is_crossed_in_few_calls(region: str, most: int) -> None:
    assert windows_of(orders(FakeClock(), region=region)) <= most


def test_a_connection_test_reads_the_latest_time_only() -> None:
    stream = orders(FakeClock(), region="fe")
    stream.ABORT_AT_RECORD_COUNT = 1

    start, end = stream._span()

    assert end - start == stream.longest_window


def test_orders_of_the_far_east_reach_back_to_2016() -> None:
    start, _ = orders(FakeClock(), region="fe")._span()

    assert start == dt.datetime(2016, 1, 1, tzinfo=dt.timezone.utc)


def test_nothing_younger_than_two_minutes_is_read() -> None:
    clock = FakeClock()

    _, end = orders(clock)._span()

    assert clock.now() - end == dt.timedelta(minutes=2)


def test_personal_data_is_not_asked_for_by_default() -> None:
    (parameters,) = orders(FakeClock()).fixed_parameters()

    assert parameters["includedData"] == list(DEFAULT_DATASETS)
    assert not {"BUYER", "RECIPIENT"} & set(DEFAULT_DATASETS)


def test_no_dataset_at_all_can_be_asked_for() -> None:
    (parameters,) = orders(FakeClock(), orders_included_data=[]).fixed_parameters()

    assert parameters["includedData"] is None
