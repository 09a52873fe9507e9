from __future__ import annotations

from typing import Any

from tap_amazon_sp.streams.notifications import NOTIFICATION_TYPES, Subscriptions
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


def asked_types(**settings: Any) -> list[str]:
    tap = TapAmazonSP(config=CREDENTIALS | settings, clock=FakeClock())
    stream = tap.streams["subscriptions"]
    assert isinstance(stream, Subscriptions)
    return [
        notification_type
        for parameters in stream.reader.requests()
        for notification_type in parameters["notificationTypes"]
    ]


def test_all_types_are_requested_one_by_one() -> None:
    assert asked_types() == list(NOTIFICATION_TYPES)


def test_types_can_be_named() -> None:
    given = {"subscriptions": ["ORDER_CHANGE", "A_NEW_TYPE"]}

    assert asked_types(stream_ids=given) == ["ORDER_CHANGE", "A_NEW_TYPE"]
