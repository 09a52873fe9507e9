"""What a state says, and what is believed of it, for every way of reading with a bookmark."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
from contextlib import redirect_stdout
from typing import Any

import pytest

from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.common.timestamps import EPOCH, format_timestamp
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.orders_reader import OrdersReader
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "start_date": "2026-11-01",
    "marketplace_ids": ["US"],
    "reports": [
        "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    ],
}
BY_WAY = {
    "OrderWindows": "orders",
    "NewestFirst": "inbound_plans",
    "Changes": "fba_inventory_summaries",
    "SubmittedDocuments": "report_flat_file_all_orders_data_by_order_date_general",
    "ListedDocuments": "report_v2_settlement_report_data_flat_file_v2",
}
FUTURE = "2026-11-21T12:00:01Z"
"""A second later than now."""


def bookmark_of(name: str, state: dict[str, Any], **settings: Any) -> Bookmark:
    tap = TapAmazonSP(
        config=SETTINGS | settings, state={"bookmarks": {name: state}}, clock=FakeClock()
    )
    stream = tap.streams[name]
    assert isinstance(stream, AmazonStream)
    # A catalog may ask for it where it is not the default.
    stream.forced_replication_method = "INCREMENTAL"
    bookmark: Bookmark = stream.reader.bookmark  # type: ignore[attr-defined]
    return bookmark


def kept(value: str, **more: str) -> dict[str, Any]:
    return {"replication_key": "time", "replication_key_value": value} | more


def written(bookmark: Bookmark, moment: str, *, may_go_back: bool = False) -> dict[str, Any]:
    """Return the state of the stream after a bookmark was written."""
    with redirect_stdout(io.StringIO()) as stdout:
        bookmark.write(dt.datetime.fromisoformat(moment), may_go_back=may_go_back)
    (state,) = json.loads(stdout.getvalue())["value"]["bookmarks"].values()
    found: dict[str, Any] = state
    return found


@pytest.mark.parametrize("name", BY_WAY.values(), ids=BY_WAY)
def test_a_bookmark_in_the_future_is_told_and_not_believed(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    bookmark = bookmark_of(name, kept(FUTURE))

    assert type(bookmark._stream.read).__name__ == next(
        way for way, of_way in BY_WAY.items() if of_way == name
    )
    assert bookmark.value() is None
    assert bookmark.starting_point() == dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)
    (message,) = (text for text in caplog.messages if "is in the future" in text)
    assert name in message
    assert FUTURE in message
    assert written(bookmark, "2026-11-20T00:00:00+00:00")["replication_key_value"] == (
        "2026-11-20T00:00:00Z"
    )


@pytest.mark.parametrize("value", ["2026-11-21T12:00:00Z", "2026-11-21T11:59:59+00:00"])
def test_a_bookmark_of_the_present_is_believed(value: str) -> None:
    assert bookmark_of("orders", kept(value)).value() is not None


def test_a_bookmark_before_all_time_is_that_of_the_first_records() -> None:
    bookmark = bookmark_of("orders", kept("0001-01-01T00:00:00Z"), lookback="P30D")

    assert bookmark.starting_point() == EPOCH


@pytest.mark.parametrize(
    ("lookback", "start_date", "first"),
    [
        ("PT1H", "2026-11-01", "2026-11-19T23:00:00Z"),
        ("P30D", "2026-11-01", "2026-11-01T00:00:00Z"),
        # A later start date does not skip what follows the bookmark.
        ("P30D", "2026-11-21", "2026-11-20T00:00:00Z"),
        ("P30D", "2027-11-21", "2026-11-20T00:00:00Z"),
    ],
)
def test_a_start_date_limits_only_the_lookback(lookback: str, start_date: str, first: str) -> None:
    state = kept("2026-11-20T00:00:00Z")

    bookmark = bookmark_of("orders", state, lookback=lookback, start_date=start_date)

    assert format_timestamp(bookmark.starting_point()) == first
    assert bookmark.is_before_start_date() is (start_date > "2026-11-20")


def test_the_state_says_with_which_start_date_it_began() -> None:
    first = written(bookmark_of("orders", {}), "2026-11-20T00:00:00+00:00")
    later = written(
        bookmark_of("orders", first, start_date="2026-10-01"), "2026-11-21T00:00:00+00:00"
    )
    unknown = written(bookmark_of("orders", kept("2026-11-20")), "2026-11-21T00:00:00+00:00")

    assert first["start_date"] == later["start_date"] == "2026-11-01T00:00:00Z"
    assert "start_date" not in unknown


@pytest.mark.parametrize(
    ("name", "start_date", "is_told"),
    [
        ("orders", "2026-10-01", True),
        ("orders", "2026-11-02", False),
        ("orders", "2026-11-01", False),
        # Amazon keeps neither beginning.
        (BY_WAY["SubmittedDocuments"], "2020-01-01", False),
    ],
)
def test_an_earlier_start_date_is_found(name: str, start_date: str, *, is_told: bool) -> None:
    began = "2026-11-01T00:00:00Z" if name == "orders" else "2021-01-01T00:00:00Z"
    state = kept("2026-11-20T00:00:00Z", start_date=began)

    found = bookmark_of(name, state, start_date=start_date).later_beginning()

    assert (found is not None) is is_told


def test_answers_that_set_the_clock_back_hold_the_bookmark_back() -> None:
    tap = TapAmazonSP(config=SETTINGS, clock=FakeClock())
    stream = tap.streams["orders"]
    assert isinstance(stream, AmazonStream)
    assert isinstance(stream.reader, OrdersReader)
    stream.reader._count = lambda _: None  # type: ignore[method-assign,assignment]

    def answers(*_: Any, **__: Any) -> Any:
        # Four minutes earlier than this machine believes.
        stream.connection.clock._difference = dt.timedelta(minutes=-4)
        yield Answer({"orders": []}, 200, None)

    stream.client.answers = answers  # type: ignore[method-assign]
    with redirect_stdout(io.StringIO()):
        list(stream.reader.pages())

    assert stream.stream_state["replication_key_value"] == "2026-11-21T11:54:00Z"


@pytest.mark.parametrize("name", BY_WAY.values(), ids=BY_WAY)
def test_no_bookmark_in_the_future_is_written(name: str) -> None:
    # The clock was wrong when this moment was chosen.
    state = written(bookmark_of(name, {}), "2026-11-22T08:00:00+00:00")

    assert state["replication_key_value"] == "2026-11-21T12:00:00Z"
