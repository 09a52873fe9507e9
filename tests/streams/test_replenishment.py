from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import InvalidRequestError, TooManyResultsError
from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_reader import WindowReader
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
MONDAY = dt.datetime(2026, 11, 9, tzinfo=dt.timezone.utc)
WEEK = dt.timedelta(weeks=1)


def offer_metrics(**settings: Any) -> WindowReader:
    # FakeClock's now is a Saturday.
    config = CREDENTIALS | {"marketplace_ids": ["US"]} | settings
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["replenishment_offer_metrics"]
    assert isinstance(stream, AmazonStream)
    assert isinstance(stream.reader, WindowReader)
    return stream.reader


def test_only_whole_weeks_are_requested() -> None:
    start, end = offer_metrics(start_date="2026-10-28T15:00:00Z").span()

    assert start == MONDAY - 2 * WEEK
    assert end == MONDAY + WEEK


def test_no_more_than_two_years_are_requested() -> None:
    start, _ = offer_metrics().span()

    assert start.weekday() == 0
    assert FakeClock().now() - start <= dt.timedelta(days=2 * 365)


def test_a_request_is_for_one_week_from_monday_to_sunday() -> None:
    (parameters,) = offer_metrics().window_requests(Window(MONDAY, MONDAY + WEEK))

    assert parameters["filters.timeInterval.startDate"] == MONDAY
    assert parameters["filters.timeInterval.endDate"] == MONDAY + dt.timedelta(days=6)
    assert parameters["filters.marketplaceId"] == "ATVPDKIKX0DER"


def test_a_week_with_too_many_offers_is_not_cut() -> None:
    stream = offer_metrics()

    with pytest.raises(TooManyResultsError):
        list(stream.window_requests(Window(MONDAY, MONDAY + WEEK / 2)))


def test_a_record_without_an_interval_gets_the_requested_week() -> None:
    stream = offer_metrics()
    (parameters,) = stream.window_requests(Window(MONDAY, MONDAY + WEEK))

    request = stream.stream.pipeline.request(parameters, {})

    own = stream.stream.add({"timeInterval": {"startDate": "2026-11-08T00:00:00Z"}}, request)
    asked = stream.stream.add({}, request)

    assert own["startDate"] == "2026-11-08T00:00:00Z"
    assert asked["startDate"] == "2026-11-09T00:00:00Z"


def test_only_marketplaces_with_the_program_are_requested() -> None:
    stream = offer_metrics(region="eu", marketplace_ids=["DE", "SE", "NL"])

    asked = [request["filters.marketplaceId"] for request in stream.requests()]

    assert asked == [find_marketplace("DE").id, find_marketplace("NL").id]


def test_marketplaces_with_the_program_for_vendors_only_are_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = InvalidRequestError("x", status=400, code="InvalidInput")
    amazon = StubbedAmazon(lambda *_: [refusal])
    stream = offer_metrics()
    monkeypatch.setattr(stream.stream.client, "answers", amazon.answers)

    assert list(stream.pages_of({"filters.marketplaceId": find_marketplace("MX").id})) == []
    assert "where the program is for vendors only" in caplog.text
    with pytest.raises(InvalidRequestError):
        list(stream.pages_of({"filters.marketplaceId": find_marketplace("US").id}))
    refusal.code = None
    with pytest.raises(InvalidRequestError):
        list(stream.pages_of({"filters.marketplaceId": find_marketplace("MX").id}))
