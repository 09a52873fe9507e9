from __future__ import annotations

from typing import Any, cast

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.single_orders import MAX_REMEMBERED, Versions
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


def versions() -> Versions:
    stream = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["orders"]
    return Versions(Bookmark(cast("AmazonStream", stream)), "orderId")


def order(order_id: str, changed: str | None) -> dict[str, Any]:
    return {"orderId": order_id, "lastUpdatedTime": changed}


EARLY, LATE = "2026-11-01T10:00:00.000Z", "2026-11-01T10:00:00.001Z"


def test_an_older_version_never_follows_a_newer_one() -> None:
    seen = versions()

    assert seen.without_older([order("1", EARLY), order("2", LATE)]) == [
        order("1", EARLY),
        order("2", LATE),
    ]
    assert seen.without_older([order("1", LATE), order("2", EARLY)]) == [order("1", LATE)]
    # The same version is not older.
    assert seen.without_older([order("1", LATE)]) == [order("1", LATE)]
    assert seen.newest("1") == parse_timestamp(LATE)
    assert seen.newest("3") is None


def test_an_order_without_a_time_is_kept() -> None:
    seen = versions()
    seen.without_older([order("1", LATE)])

    assert seen.without_older([order("1", None)]) == [order("1", None)]


def test_what_is_remembered_is_bounded() -> None:
    seen = versions()
    seen.without_older([order("first", LATE)])
    seen.without_older([order(str(number), LATE) for number in range(MAX_REMEMBERED)])

    assert seen.newest("first") is None
    assert seen.newest("0") is not None


def test_an_older_version_is_left_out_within_a_page() -> None:
    assert versions().without_older([order("1", LATE), order("1", EARLY)]) == [order("1", LATE)]


def test_orders_that_were_seen_lately_are_remembered() -> None:
    seen = versions()
    seen.without_older([order("first", LATE)])
    seen.without_older([order(str(number), LATE) for number in range(MAX_REMEMBERED - 1)])
    seen.without_older([order("first", LATE), order("further", LATE)])

    assert seen.without_older([order("first", EARLY)]) == []
    assert seen.newest("0") is None
