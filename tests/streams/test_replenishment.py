from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.api.errors import TooManyResultsError
from tap_amazon_sp.streams.windowed import WindowedStream
from tap_amazon_sp.streams.windows import Window
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
MONDAY = dt.datetime(2026, 11, 9, tzinfo=dt.timezone.utc)
WEEK = dt.timedelta(weeks=1)


def offer_metrics(**settings: Any) -> WindowedStream:
    # FakeClock's now is a Saturday.
    config = CREDENTIALS | {"marketplace_ids": ["US"]} | settings
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["replenishment_offer_metrics"]
    assert isinstance(stream, WindowedStream)
    return stream


def test_only_whole_weeks_are_asked_for() -> None:
    start, end = offer_metrics(start_date="2026-10-28T15:00:00Z")._span()

    assert start == MONDAY - 2 * WEEK
    assert end == MONDAY + WEEK


def test_no_more_than_two_years_are_asked_for() -> None:
    start, _ = offer_metrics()._span()

    assert start.weekday() == 0
    assert FakeClock().now() - start <= dt.timedelta(days=2 * 365)


def test_a_request_is_for_one_week_from_monday_to_sunday() -> None:
    (parameters,) = offer_metrics().window_requests(Window(MONDAY, MONDAY + WEEK))

    assert parameters["filters.timeInterval.startDate"] == MONDAY
    assert parameters["filters.timeInterval.endDate"] == MONDAY + dt.timedelta(days=6)
    assert parameters["filters.marketplaceId"] == "ATVPDKIKX0DER"


def test_a_week_with_too_many_offers_is_not_asked_for_in_parts() -> None:
    stream = offer_metrics()

    with pytest.raises(TooManyResultsError):
        list(stream.window_requests(Window(MONDAY, MONDAY + WEEK / 2)))


def test_a_record_without_an_interval_belongs_to_the_week_that_was_asked_for() -> None:
    stream = offer_metrics()
    (parameters,) = stream.window_requests(Window(MONDAY, MONDAY + WEEK))

    own = stream.additions({"timeInterval": {"startDate": "2026-11-08T00:00:00Z"}}, parameters, {})
    asked = stream.additions({}, parameters, {})

    assert own["startDate"] == "2026-11-08T00:00:00Z"
    assert asked["startDate"] == "2026-11-09T00:00:00Z"
