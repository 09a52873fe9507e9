from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tap_amazon_sp.amazon.errors import NotFoundError, PageTokenRejectedError
from tap_amazon_sp.reading.children import CalledChildStream, EmbeddedStream
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
) -> CalledChildStream:
    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams[name]
    assert isinstance(stream, CalledChildStream)
    if amazon is not None:
        monkeypatch.setattr(stream.client, "answers", amazon.answers)
    return stream


def test_embedded_records_get_what_they_need_of_their_parent() -> None:
    stream = TapAmazonSP(config=SETTINGS, clock=FakeClock()).streams["order_items"]
    assert isinstance(stream, EmbeddedStream)
    item = {"orderItemId": "7"}
    order = {
        "orderId": "1",
        "lastUpdatedTime": "2026-11-01T00:00:00Z",
        "salesChannel": {"marketplaceId": US},
        "orderItems": [item, "no object"],
    }

    assert list(stream.records_of(order)) == [
        {
            "orderId": "1",
            "lastUpdatedTime": "2026-11-01T00:00:00Z",
            "marketplaceId": US,
            "orderItemId": "7",
        }
    ]
    assert item == {"orderItemId": "7"}
    assert list(stream.records_of({"orderId": "1", "orderItems": None})) == []


def test_a_list_in_the_parent_takes_a_call_for_each_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda _, parameters: [{"shipmentId": parameters["shipmentId"]}])
    stream = stream_of("inbound_shipments", monkeypatch, amazon)

    records = list(
        stream.records_of(
            {"inboundPlanId": "p", "shipments": [{"shipmentId": "a"}, {"shipmentId": "b"}]}
        )
    )

    assert [record["shipmentId"] for record in records] == ["a", "b"]
    assert {record["inboundPlanId"] for record in records} == {"p"}


def test_the_parents_marketplace_is_asked_for_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = stream_of("product_type_definitions", monkeypatch)

    (parameters,) = stream.requests_for({"name": "SHIRT", "marketplaceId": US})

    assert parameters["marketplaceIds"] == US


def test_a_parent_without_the_value_takes_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of("feed_processing_reports", monkeypatch)

    assert list(stream.requests_for({"feedId": "1", "resultFeedDocumentId": None})) == []


def test_the_same_call_is_made_once_where_many_parents_lead_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda _, parameters: [{"browseNodeId": parameters["browseNodeId"]}])
    stream = stream_of("browse_node_return_topics", monkeypatch, amazon)
    node = {"browseNodeId": "n", "marketplaceId": US}

    first, second = list(stream.records_of(node)), list(stream.records_of(node))

    assert len(first) == 1
    assert second == []
    assert len(amazon.asked) == 1


def test_a_refused_page_token_begins_the_call_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = PageTokenRejectedError("x", message="token expired")
    tries: list[int] = []

    def pages(_: str, __: Mapping[str, Any]) -> list[Any]:
        tries.append(1)
        page = {"boxes": [{"packageId": "b"}]}
        return [page, refusal] if len(tries) == 1 else [page]

    stream = stream_of("inbound_plan_boxes", monkeypatch, StubbedAmazon(pages))

    assert [box["packageId"] for box in stream.records_of({"inboundPlanId": "p"})] == ["b", "b"]


def test_what_is_not_found_is_no_record_where_that_is_how_amazon_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = StubbedAmazon(lambda *_: [NotFoundError("x", status=404)])

    tracking = stream_of("fulfillment_package_tracking", monkeypatch, amazon)
    package = {"fulfillmentShipmentPackage": [{"packageNumber": 1}]}
    assert list(tracking.records_of(package)) == []

    events = stream_of("wallet_balances", monkeypatch, amazon)
    with pytest.raises(NotFoundError):
        list(events.records_of({"accountId": "a", "marketplaceId": US}))
