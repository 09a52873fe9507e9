from __future__ import annotations

from tap_amazon_sp.amazon.catalogue import operation
from tap_amazon_sp.streams.shipping import TRACKING_ID, TRACKING_IDENTIFIERS, ShipmentTracking
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


def test_the_prefix_of_an_id_names_the_parameter() -> None:
    ids = ["f3-9a", "containerNumber:MSKU 1", "unknown:7", "proNumber:12"]
    config = CREDENTIALS | {"stream_ids": {"shipment_tracking": ids}}
    stream = TapAmazonSP(config=config, clock=FakeClock()).streams["shipment_tracking"]
    assert isinstance(stream, ShipmentTracking)

    requests = list(stream.reader.requests())

    assert requests == [
        {"id": "f3-9a"},
        {"containerNumber": "MSKU 1"},
        {"id": "unknown:7"},
        {"proNumber": "12"},
    ]
    assert [stream.add({}, stream.pipeline.request(request, {})) for request in requests] == [
        {"identifierName": "id", "identifierValue": "f3-9a"},
        {"identifierName": "containerNumber", "identifierValue": "MSKU 1"},
        {"identifierName": "id", "identifierValue": "unknown:7"},
        {"identifierName": "proNumber", "identifierValue": "12"},
    ]


def test_every_identifier_of_amazon_that_is_one_value_has_a_prefix() -> None:
    names = {parameter.name for parameter in operation(ShipmentTracking.operation_id).parameters}

    assert {TRACKING_ID, *TRACKING_IDENTIFIERS} == {
        name for name in names if not name.startswith(("carrierTracking.", "Accept-"))
    }
