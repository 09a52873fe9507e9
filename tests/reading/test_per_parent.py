from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import NotFoundError, PageTokenRejectedError
from tap_amazon_sp.reading.inside import InsideReader
from tap_amazon_sp.reading.per_parent import PerParentReader
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
}
US = "ATVPDKIKX0DER"


def stream_of(
    name: str, monkeypatch: pytest.MonkeyPatch, amazon: StubbedAmazon | None = None
) -> PerParentReader:
    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams[name]
    assert isinstance(stream, AmazonStream)
    assert isinstance(stream.reader, PerParentReader)
    if amazon is not None:
        monkeypatch.setattr(stream.client, "answers", amazon.answers)
    return stream.reader


def test_nested_records_get_properties_of_their_parent() -> None:
    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams["order_items"]
    assert isinstance(stream, AmazonStream)
    assert isinstance(stream.reader, InsideReader)
    item = {"orderItemId": "7"}
    order = {
        "orderId": "1",
        "lastUpdatedTime": "2026-11-01T00:00:00Z",
        "createdTime": "2026-10-31T00:00:00Z",
        "fulfillment": {"fulfillmentStatus": "SHIPPED"},
        "salesChannel": {"marketplaceId": US},
        "orderItems": [item, "no object"],
    }

    assert list(stream.reader.records_of(order)) == [
        {
            "orderId": "1",
            "lastUpdatedTime": "2026-11-01T00:00:00Z",
            "marketplaceId": US,
            "createdTime": "2026-10-31T00:00:00Z",
            "fulfillmentStatus": "SHIPPED",
            "orderItemId": "7",
        }
    ]
    assert item == {"orderItemId": "7"}
    assert list(stream.reader.records_of({"orderId": "1", "orderItems": None})) == []


def test_a_list_in_the_parent_takes_a_request_for_each_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda _, parameters: [{"shipmentId": parameters["shipmentId"]}])
    reader = stream_of("inbound_shipments", monkeypatch, amazon)

    records = list(
        reader.records_of(
            {"inboundPlanId": "p", "shipments": [{"shipmentId": "a"}, {"shipmentId": "b"}]}
        )
    )

    assert [record["shipmentId"] for record in records] == ["a", "b"]
    assert {record["inboundPlanId"] for record in records} == {"p"}


SHIPMENT = {"shipmentId": "a"}


@pytest.mark.parametrize(
    ("shipments", "is_missing"),
    [
        ([SHIPMENT], False),
        (None, False),
        ([], False),
        ([SHIPMENT, {"shipmentId": None}], True),
        ([SHIPMENT, {}], True),
        ([SHIPMENT, None], True),
        ([{"shipmentId": {"a": 1}}, SHIPMENT], True),
        ([SHIPMENT, {"shipmentId": " "}], True),
        ([SHIPMENT, "text"], True),
        ("text", True),
    ],
)
def test_a_request_that_cannot_be_made_is_missing(
    monkeypatch: pytest.MonkeyPatch, shipments: Any, *, is_missing: bool
) -> None:
    amazon = StubbedAmazon(lambda _, parameters: [{"shipmentId": parameters["shipmentId"]}])
    reader = stream_of("inbound_shipments", monkeypatch, amazon)

    records = list(reader.records_of({"inboundPlanId": "p", "shipments": shipments}))

    is_there = isinstance(shipments, list) and SHIPMENT in shipments
    assert [record["shipmentId"] for record in records] == (["a"] if is_there else [])
    assert reader.stream.shortfalls.count == is_missing
    if is_missing:
        told = str(reader.stream.shortfalls.failure())
        assert "is not an id, in the record {'inboundPlanId': 'p'}" in told


def test_only_the_parents_marketplace_is_requested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = stream_of("product_type_definitions", monkeypatch)

    (parameters,) = reader.requests_for({"name": "SHIRT", "marketplaceId": US})

    assert parameters["marketplaceIds"] == US


def test_a_parent_without_the_value_takes_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = stream_of("feed_processing_reports", monkeypatch)

    assert list(reader.requests_for({"feedId": "1", "resultFeedDocumentId": None})) == []


def test_equal_requests_of_many_parents_are_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda _, parameters: [dict(parameters)])
    reader = stream_of("browse_node_return_topics", monkeypatch, amazon)
    node = {"browseNodeId": "n", "marketplaceId": US}

    first, second = list(reader.records_of(node)), list(reader.records_of(node))

    assert len(first) == 1
    assert second == []
    assert len(amazon.asked) == 1


def test_a_request_begins_again_after_a_refused_page_token(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = PageTokenRejectedError("x", message="token expired")
    tries: list[int] = []

    def pages(_: str, __: Mapping[str, Any]) -> list[Any]:
        tries.append(1)
        page = {"boxes": [{"packageId": "b"}]}
        return [page, refusal] if len(tries) == 1 else [page]

    reader = stream_of("inbound_plan_boxes", monkeypatch, StubbedAmazon(pages))

    assert [box["packageId"] for box in reader.records_of({"inboundPlanId": "p"})] == [
        "b",
        "b",
    ]


def test_not_found_gives_no_record_if_missing_is_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda *_: [NotFoundError("x", status=404)])

    tracking = stream_of("fulfillment_package_tracking", monkeypatch, amazon)
    package = {"fulfillmentShipmentPackage": [{"packageNumber": 1}]}
    assert list(tracking.records_of(package)) == []

    events = stream_of("wallet_balances", monkeypatch, amazon)
    with pytest.raises(NotFoundError):
        list(events.records_of({"accountId": "a", "marketplaceId": US}))
