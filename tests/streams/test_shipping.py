from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.streams.shipping import EasyShipPackages, ShipmentTracking
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
SALES_CHANNEL = {"marketplaceId": "A21TJRUUN4KGV"}


def easy_ship_packages(**settings: Any) -> EasyShipPackages:
    config = CREDENTIALS | {"region": "eu", "marketplace_ids": ["IN"]} | settings
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["easy_ship_packages"]
    assert isinstance(stream, EasyShipPackages)
    return stream


def test_an_easy_ship_order_takes_a_call() -> None:
    order = {"orderId": "1", "salesChannel": SALES_CHANNEL, "programs": ["AMAZON_EASY_SHIP"]}

    (request,) = easy_ship_packages().reader.requests_for(order)

    assert request == {"amazonOrderId": "1", "marketplaceId": "A21TJRUUN4KGV"}


def test_an_easy_ship_order_of_v0_takes_a_call() -> None:
    order = {
        "AmazonOrderId": "1",
        "MarketplaceId": "A21TJRUUN4KGV",
        "EasyShipShipmentStatus": "PendingSchedule",
    }

    (request,) = easy_ship_packages(orders_api="v0").reader.requests_for(order)

    assert request == {"amazonOrderId": "1", "marketplaceId": "A21TJRUUN4KGV"}


@pytest.mark.parametrize("programs", [None, [], ["PRIME"]])
def test_other_orders_take_none(programs: list[str] | None) -> None:
    order = {"orderId": "1", "salesChannel": SALES_CHANNEL, "programs": programs}

    assert not list(easy_ship_packages().reader.requests_for(order))


def test_shipments_are_tracked_by_what_their_id_says_it_is() -> None:
    ids = ["f3-9a", "containerNumber:MSKU 1", "unknown:7"]
    config = CREDENTIALS | {"stream_ids": {"shipment_tracking": ids}}
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["shipment_tracking"]
    assert isinstance(stream, ShipmentTracking)

    requests = list(stream.reader.requests())

    assert requests == [{"id": "f3-9a"}, {"containerNumber": "MSKU 1"}, {"id": "unknown:7"}]
    assert [stream.add({}, stream.pipeline.request(request, {})) for request in requests] == [
        {"identifierName": "id", "identifierValue": "f3-9a"},
        {"identifierName": "containerNumber", "identifierValue": "MSKU 1"},
        {"identifierName": "id", "identifierValue": "unknown:7"},
    ]
