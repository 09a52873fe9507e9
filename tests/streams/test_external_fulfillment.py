from __future__ import annotations

from tap_amazon_sp.streams.external_fulfillment import ExternalFulfillmentShipments
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


def test_each_status_takes_a_request() -> None:
    tap = TapAmazonSP(config=CREDENTIALS, clock=FakeClock())
    stream = tap.streams["external_fulfillment_shipments"]
    assert isinstance(stream, ExternalFulfillmentShipments)

    statuses = [parameters["status"] for parameters in stream.reader.requests()]

    assert len(statuses) == len(set(statuses)) == 10
    assert {"CREATED", "SHIPPED", "DELIVERED", "CANCELLED"} <= set(statuses)
